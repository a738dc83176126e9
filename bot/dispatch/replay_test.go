package dispatch

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/store"
	"recbot/store/storetest"
)

// Killed before Telegram was told that they are settled, both updates come again, and in their order.
func TestBlockedAndBackTwice(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		b.types(5, "a", "5 Fallback/ru")
		out, in := member(b, 5, bot.MemberOut), member(b, 5, bot.MemberIn)
		for range 2 {
			b.handle(out)
			b.handle(in)
			b.heard()
		}
		if p := b.person(5); p.Unreachable != "" {
			t.Errorf("who came back is %q", p.Unreachable)
		}
	})
}

// What breaks behind the handler breaks for one update: the intake has to go on behind it.
func TestPanicsBehindTheHandler(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		breaks func(*Options)
		want   []string
	}{
		{"a reply cannot be rendered", func(o *Options) {
			o.Render = func(r *bot.Reply, to store.Person, now time.Time) (*bot.Letter, error) {
				if r.Parts[0].Key == "Fallback" {
					panic("no such page")
				}
				return render(r, to, now)
			}
		}, []string{"5 Apology 000101/ru"}},
		{"nothing can be rendered", func(o *Options) {
			o.Render = func(*bot.Reply, store.Person, time.Time) (*bot.Letter, error) { panic("no such page") }
		}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inBubble(t, tc.breaks, func(b *bench) {
				u := b.from(5, "a")
				done := b.handle(u)
				b.want(tc.want...)
				if !settledNow(done) || !b.marked(u) {
					t.Errorf("settled %t, marked %t", settledNow(done), b.marked(u))
				}
			})
		})
	}
}

// What nobody would be answered for is not answered without a store either: in a group the bot may hear every word.
func TestStoreOutOfReachSilence(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		if err := b.backend.Close(); err != nil {
			t.Fatal(err)
		}
		if done := b.handle(inGroup(b.from(5, "words among people"))); !settledNow(done) {
			t.Error("words in a group are not settled")
		}
		// Nobody waits, so these may wait for the store; but not for ever, for others stand behind them.
		out, in := b.handle(member(b, 5, bot.MemberOut)), b.handle(member(b, 5, bot.MemberIn))
		if settledNow(out) || settledNow(in) {
			t.Error("that a person blocked the bot, or came back, is given up at once")
		}
		time.Sleep(3 * memberPatience)
		if !settledNow(out) || !settledNow(in) {
			t.Error("that a person blocked the bot, or came back, holds up the others for ever")
		}
		b.want()
		b.handle(inGroup(b.from(5, "/agenda")))
		b.want("-7 TryAgainSoon/ru")
	})
}

// What Telegram tells of a person once only is not lost because the store was away for a moment.
func TestStandingOutlastsAnOutage(t *testing.T) {
	t.Parallel()
	var flaky *storetest.Flaky
	inBubble(t, func(o *Options) {
		flaky = storetest.NewFlaky(o.Store.Backend())
		o.Store = store.New(flaky, o.Now)
	}, func(b *bench) {
		b.types(5, "a", "5 Fallback/ru")
		flaky.Fail(store.ErrUnavailable)
		u := member(b, 5, bot.MemberOut)
		done := b.handle(u)
		if settledNow(done) {
			t.Error("settled although nothing was noted")
		}
		time.Sleep(20 * time.Second)
		flaky.Fail(nil)
		time.Sleep(memberRetry)
		b.want()
		if p := b.person(5); p.Unreachable == "" || !settledNow(done) || !b.marked(u) {
			t.Errorf("unreachable %q, settled %t, marked %t", p.Unreachable, settledNow(done), b.marked(u))
		}
	})
}

// A crash cuts off what takes long. When it would be done again the person has gone on: their newest wish counts.
func TestKeptUpdatesDoNotUndoWhatCameLater(t *testing.T) {
	t.Parallel()
	inBubble(t, func(o *Options) { o.Fallback = slow(time.Minute, "Followed") }, func(b *bench) {
		b.handle(b.from(5, "follow"))
		b.handle(b.from(6, "follow"))
		left := b.handle(member(b, 5, bot.MemberOut)) // stands behind on the lane
		time.Sleep(20 * time.Second)
		b.heard()
		b.stop() // the handlers end as in a crash
		b.heard()
		if !settledNow(left) {
			t.Fatal("what stands behind a long handler is not kept")
		}

		b.Dispatcher = New(b.options(nil))
		b.types(5, "unfollow", "5 Fallback/ru")
		b.now = start.Add(intentAfter)
		if err := b.Resume(b.t.Context()); err != nil {
			t.Error(err)
		}
		said := b.heard()
		slices.Sort(said)
		if diff := cmp.Diff([]string{"5 NotCarriedOut/ru", "6 Fallback/ru"}, said); diff != "" {
			t.Errorf("said (-want +got):\n%s", diff)
		}
		if p := b.person(5); p.Unreachable != "" {
			t.Error("who has written since counts as gone")
		}
		if n := b.intents(time.Hour); n != 0 {
			t.Errorf("%d updates are kept still", n)
		}
	})
}

func TestKeptUpdatesThatNobodyCanReadAreDropped(t *testing.T) {
	t.Parallel()
	inBubble(t, func(o *Options) {
		decode := o.Decode
		o.Decode = func(raw json.RawMessage) (*bot.Update, error) {
			if string(raw) == `"panic"` {
				panic("no such update")
			}
			return decode(raw)
		}
	}, func(b *bench) {
		for i, raw := range []string{`"panic"`, `{`} {
			if err := b.store.SaveIntent(b.t.Context(), 5, store.UpdateID(i+1), json.RawMessage(raw), start); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if err := b.Resume(b.t.Context()); err != nil {
				t.Error(err)
			}
		}
		b.want()
		if n := strings.Count(b.log.String(), "cannot be read"); n != 2 || b.intents(time.Hour) != 0 {
			t.Errorf("2 kept updates are told of %d times, and %d are kept still", n, b.intents(time.Hour))
		}
	})
}

// noQueue is a store one of whose queues cannot be read, for good.
type noQueue struct{ store.Backend }

// Due fails with what no retry helps against.
func (noQueue) Due(context.Context, string, time.Time, int, ...store.Shard) ([]store.Entry, error) {
	return nil, store.ErrCorrupt
}

// TestAnAnswerIsMarkedThoughOthersCannotBeNoted answers an update that was kept meanwhile, while nobody can tell which older ones are
// kept: it must not be left to be done a second time.
func TestAnAnswerIsMarkedThoughOthersCannotBeNoted(t *testing.T) {
	t.Parallel()
	inBubble(t, func(o *Options) {
		o.Fallback = slow(20*time.Second, "Followed")
		o.Store = store.New(noQueue{o.Store.Backend()}, o.Now)
	}, func(b *bench) {
		u := b.from(5, "follow")
		done := b.handle(u)
		time.Sleep(15 * time.Second)
		if !settledNow(done) || b.intents(time.Hour) != 1 {
			t.Fatalf("settled %t, and %d updates are kept, want this one", settledNow(done), b.intents(time.Hour))
		}
		time.Sleep(15 * time.Second)
		b.want("5 StillWorking/ru", "5 Followed/ru")
		if !b.marked(u) || b.intents(time.Hour) != 0 {
			t.Errorf("marked %t, and %d updates are still kept", b.marked(u), b.intents(time.Hour))
		}
		if !strings.Contains(b.log.String(), "not noted as overtaken") {
			t.Errorf("the log does not say so:\n%s", &b.log)
		}
	})
}
