package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/store"
)

// slow answers after a while.
func slow(takes time.Duration, key string) bot.Handler {
	return func(ctx context.Context, _ *bot.Request) (*bot.Reply, error) {
		select {
		case <-time.After(takes):
			return bot.Say(key), nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func TestSettledOnceAnswered(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		u := b.from(5, "a")
		done := b.handle(u)
		if !settledNow(done) || !b.marked(u) {
			t.Errorf("settled %t, marked %t", settledNow(done), b.marked(u))
		}
		b.want("5 Fallback/ru")
		if done := b.handle(u); !settledNow(done) {
			t.Error("the update that came again is not settled")
		}
		b.want()
	})
}

func TestOrderInAChatAndNoWaitingForOthers(t *testing.T) {
	t.Parallel()
	inBubble(t, func(o *Options) {
		o.Fallback = func(_ context.Context, r *bot.Request) (*bot.Reply, error) {
			if r.Chat == 5 {
				time.Sleep(50 * time.Millisecond)
			}
			return bot.Say("Got", "Text", r.Text), nil
		}
	}, func(b *bench) {
		var want5, want6 []string
		for i := range 25 {
			b.handle(b.from(5, fmt.Sprint(i)))
			b.handle(b.from(6, fmt.Sprint(i)))
			want5, want6 = append(want5, fmt.Sprintf("5 Got %d/ru", i)), append(want6, fmt.Sprintf("6 Got %d/ru", i))
		}
		b.want(want6...)
		time.Sleep(2 * time.Second)
		b.want(want5...)
		if !b.Idle() || len(b.lanes) != 0 {
			t.Errorf("idle %t, %d lanes", b.Idle(), len(b.lanes))
		}
	})
}

func TestNotTakenTwiceWhileInHand(t *testing.T) {
	t.Parallel()
	inBubble(t, func(o *Options) { o.Fallback = slow(time.Second, "Slow") }, func(b *bench) {
		u := b.from(5, "a")
		first, second := b.handle(u), b.handle(u)
		if first != second {
			t.Error("the second has a channel of its own")
		}
		time.Sleep(2 * time.Second)
		b.want("5 Slow/ru")
	})
}

func TestWhatGoesWrongIsSaid(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		run    bot.Handler
		want   []string
		marked bool
		log    string
	}{
		{"a refusal is an answer", func(context.Context, *bot.Request) (*bot.Reply, error) {
			return nil, fmt.Errorf("saving: %w", bot.Refuse("RefuseThis"))
		}, []string{"5 RefuseThis/ru"}, true, ""},
		{"an error has a number", func(context.Context, *bot.Request) (*bot.Reply, error) {
			return nil, errors.New("disk on fire")
		}, []string{"5 Apology 000101/ru"}, true, `incident=000101 chat=5 update=101 err="disk on fire"`},
		{"a panic has a number", func(context.Context, *bot.Request) (*bot.Reply, error) {
			panic("at the disco")
		}, []string{"5 Apology 000101/ru"}, true, "panic: at the disco"},
		{"the store is out of reach", func(context.Context, *bot.Request) (*bot.Reply, error) {
			return nil, fmt.Errorf("agenda: %w", store.ErrUnavailable)
		}, []string{"5 TryAgainSoon/ru"}, false, "store unavailable"},
		{"the store may have done it", func(context.Context, *bot.Request) (*bot.Reply, error) {
			return nil, store.ErrUnknown
		}, []string{"5 TryAgainSoon/ru"}, false, "outcome unknown"},
		{"a handler says nothing", func(context.Context, *bot.Request) (*bot.Reply, error) { return nil, nil }, nil, true, ""},
		{"a message cannot be rendered", say("Broken"), []string{"5 Apology 000101/ru"}, true, "no such key"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(o *Options) { o.Fallback = tc.run }, func(b *bench) {
				u := b.from(5, "a")
				done := b.handle(u)
				b.want(tc.want...)
				if !settledNow(done) || b.marked(u) != tc.marked {
					t.Errorf("settled %t, marked %t", settledNow(done), b.marked(u))
				}
				if !strings.Contains(b.log.String(), tc.log) {
					t.Errorf("the log lacks %q:\n%s", tc.log, &b.log)
				}
			})
		})
	}
}

func TestStoreOutOfReach(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		p := store.Newcomer(5, store.UzbekCyrl, start)
		if _, err := b.store.Greet(b.t.Context(), p); err != nil {
			t.Fatal(err)
		}
		b.types(5, "a", "5 Fallback/uz-Cyrl")
		if err := b.backend.Close(); err != nil {
			t.Fatal(err)
		}
		done := b.handle(b.from(5, "a"))
		b.want("5 TryAgainSoon/uz-Cyrl")
		b.types(5, "[ag:1]", "toast TryAgainSoon/uz-Cyrl")
		b.types(6, "a", "6 TryAgainSoon/ru") // never seen: as the client speaks
		if !settledNow(done) {
			t.Error("not settled")
		}
	})
}

func TestLongHandlerIsKeptAndSettled(t *testing.T) {
	t.Parallel()
	inBubble(t, func(o *Options) { o.Fallback = slow(30*time.Second, "AtLast") }, func(b *bench) {
		u, behind := b.from(5, "a"), b.from(5, "/agenda")
		done, next := b.handle(u), b.handle(behind)
		time.Sleep(lateAfter - time.Millisecond)
		if settledNow(done) || settledNow(next) {
			t.Error("settled too early")
		}
		time.Sleep(2 * time.Millisecond)
		b.want("5 StillWorking/ru")
		if !settledNow(done) || !settledNow(next) || b.marked(u) {
			t.Error("after ten seconds both are settled, and not marked")
		}
		if n := b.intents(intentAfter); n != 2 {
			t.Errorf("%d updates are kept, want 2", n)
		}
		time.Sleep(30 * time.Second)
		b.want("5 AtLast/ru", "5 Agenda/ru")
		if !b.marked(u) || !b.marked(behind) || b.intents(intentAfter) != 0 {
			t.Error("what is done in the end is marked, and kept no longer")
		}
	})
}

func TestKeptUpdatesThatComeToNothingAreDropped(t *testing.T) {
	t.Parallel()
	inBubble(t, func(o *Options) { o.PerMinute, o.Fallback = 1, slow(30*time.Second, "AtLast") }, func(b *bench) {
		for range 3 {
			b.handle(b.from(5, "a"))
		}
		time.Sleep(20 * time.Second)
		if n := b.intents(intentAfter); n != 3 {
			t.Errorf("%d updates are kept, want 3", n)
		}
		time.Sleep(20 * time.Second)
		b.want("5 StillWorking/ru", "5 AtLast/ru", "5 SlowDown/ru")
		if n := b.intents(intentAfter); n != 0 {
			t.Errorf("%d updates are kept still", n)
		}
	})
}

// intents counts the updates kept in the store that are due after a while.
func (b *bench) intents(after time.Duration) int {
	b.t.Helper()
	raws, err := b.store.DueIntents(b.t.Context(), start.Add(after), 100)
	if err != nil {
		b.t.Fatal(err)
	}
	return len(raws)
}

func TestKeptUpdatesAreDoneAfterACrash(t *testing.T) {
	t.Parallel()
	inBubble(t, func(o *Options) { o.Fallback = slow(time.Minute, "AtLast") }, func(b *bench) {
		u := b.from(5, "a")
		b.handle(u)
		time.Sleep(20 * time.Second)
		b.want("5 StillWorking/ru")
		if err := b.Resume(b.t.Context()); err != nil { // nothing is due yet
			t.Error(err)
		}
		b.stop() // the handler ends as in a crash
		b.want()
		if b.marked(u) {
			t.Error("an update cut short is marked")
		}

		b.Dispatcher = New(b.options(nil))
		b.now = start.Add(intentAfter)
		if err := b.Resume(b.t.Context()); err != nil {
			t.Error(err)
		}
		b.want("5 Fallback/ru")
		if !b.marked(u) || b.intents(time.Hour) != 0 {
			t.Error("the update that was done again is not settled")
		}
		if err := b.Resume(b.t.Context()); err != nil {
			t.Error(err)
		}
		b.want()
	})
}

func TestHandlersThatNeverEndAreEnded(t *testing.T) {
	t.Parallel()
	inBubble(t, func(o *Options) { o.Fallback = slow(time.Hour, "Never") }, func(b *bench) {
		b.handle(b.from(5, "a"))
		time.Sleep(handlerLimit + time.Second)
		b.want("5 StillWorking/ru", "5 Apology 000101/ru")
	})
}

func TestCloseWaitsForTheLanes(t *testing.T) {
	t.Parallel()
	inBubble(t, func(o *Options) { o.Fallback = slow(5*time.Second, "Slow") }, func(b *bench) {
		done := b.handle(b.from(5, "a"))
		if err := b.Close(b.t.Context()); err != nil {
			t.Error(err)
		}
		if !settledNow(done) {
			t.Error("not settled")
		}
		b.want("5 Slow/ru")
		if b.Handle(b.t.Context(), b.from(5, "b"), nil) != nil {
			t.Error("an update was taken after the end")
		}
	})
}

func TestCloseCutsShort(t *testing.T) {
	t.Parallel()
	inBubble(t, func(o *Options) { o.Fallback = slow(time.Minute, "Slow") }, func(b *bench) {
		u := b.from(5, "a")
		done := b.handle(u)
		ctx, cancel := context.WithTimeout(b.t.Context(), 5*time.Second)
		defer cancel()
		if err := b.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("closing gives %v", err)
		}
		if settledNow(done) || b.marked(u) || !b.Idle() {
			t.Errorf("settled %t, marked %t, idle %t: it has to come again", settledNow(done), b.marked(u), b.Idle())
		}
		b.want()
	})
}

func TestReplyThatCannotLeaveBecomesAJob(t *testing.T) {
	t.Parallel()
	inBubble(t, func(o *Options) {
		o.Fallback = func(context.Context, *bot.Request) (*bot.Reply, error) {
			return bot.Say("First").Then(bot.Say("Second").Editing().Toasting("T").Then(bot.Say("Third"))), nil
		}
	}, func(b *bench) {
		b.answer = func(l *bot.Letter) (bot.Receipt, bool) {
			return bot.Receipt{Fate: bot.FateLater, Flood: true, After: time.Minute}, strings.HasPrefix(l.Text, "Second")
		}
		u := b.from(5, "a")
		done := b.handle(u)
		b.want("5 First/ru", "5 Second/ru")
		if !settledNow(done) || !b.marked(u) {
			t.Error("not settled")
		}
		due := start.Add(time.Minute)
		if jobs, err := b.store.DueJobs(b.t.Context(), due.Add(-time.Second), 10); err != nil || len(jobs) != 0 {
			t.Errorf("due too early: %v, %v", jobs, err)
		}
		jobs, err := b.store.DueJobs(b.t.Context(), due, 10)
		if err != nil || len(jobs) != 1 {
			t.Fatalf("jobs %v, %v", jobs, err)
		}
		var reply bot.Reply
		if err := json.Unmarshal(jobs[0].Content, &reply); err != nil {
			t.Fatal(err)
		}
		kept := bot.Say("Second").Then(bot.Say("Third"))
		kept.Lang, kept.Follow.Lang = store.Russian, store.Russian // whatever becomes of the record
		if diff := cmp.Diff(*kept, reply); diff != "" {
			t.Errorf("content (-want +got):\n%s", diff)
		}
		jobs[0].Content = nil
		want := store.Job{ID: "reply:101", Kind: store.JobReply, Audience: store.Audience{Person: 5}, Opened: start, Due: due, Deadline: due.Add(replyLives - time.Minute)}
		if diff := cmp.Diff(want, jobs[0]); diff != "" {
			t.Errorf("job (-want +got):\n%s", diff)
		}
	})
}
