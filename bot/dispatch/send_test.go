package dispatch

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"recbot/bot"
	"recbot/store"
)

func replying(reply *bot.Reply) func(*Options) {
	return func(o *Options) {
		o.Fallback = func(context.Context, *bot.Request) (*bot.Reply, error) { copied := *reply; return &copied, nil }
		o.Commands = []bot.Command{{Buttons: []string{"x"}, Run: o.Fallback}}
	}
}

func TestShapesOfAReply(t *testing.T) {
	t.Parallel()
	withMenu := bot.Say("A").Then(bot.Say("B"))
	withMenu.Menu = true
	for _, tc := range []struct {
		name  string
		reply *bot.Reply
		what  string
		want  []string
	}{
		{"what follows comes in order", bot.Say("A").Then(bot.Say("B").Then(bot.Say("C"))), "a", []string{"5 A/ru", "5 B/ru", "5 C/ru"}},
		{"a text is not edited", bot.Say("A").Editing(), "a", []string{"5 A/ru"}},
		{"a button's message is", bot.Say("A").Editing().Then(bot.Say("B").Editing()), "[x]", []string{"toast", "5 edit 50 A/ru", "5 B/ru"}},
		{"a word over the chat comes first", bot.Say("A").Toasting("T"), "[x]", []string{"toast T/ru", "5 A/ru"}},
		{"a word over the chat alone", bot.Toast("T"), "[x]", []string{"toast T/ru"}},
		{"a word over the chat for a text is said", bot.Toast("T"), "a", []string{"5 T/ru"}},
		{"or left out beside a message", bot.Say("A").Toasting("T"), "a", []string{"5 A/ru"}},
		{"a new menu", withMenu, "a", []string{"5 A/ru", "5 menu ru", "5 B/ru"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, replying(tc.reply), func(b *bench) { b.types(5, tc.what, tc.want...) })
		})
	}
}

func TestFates(t *testing.T) {
	t.Parallel()
	const unsettled, settledAndMarked = false, true
	for _, tc := range []struct {
		name  string
		fates []bot.Fate // in turn; then sent
		want  []string
		ends  bool
	}{
		{"what may have arrived is sent once more", []bot.Fate{bot.FateUnknown}, []string{"5 A/ru", "5 A/ru", "5 B/ru"}, settledAndMarked},
		{"and not a third time", []bot.Fate{bot.FateUnknown, bot.FateUnknown}, []string{"5 A/ru", "5 A/ru", "5 B/ru"}, settledAndMarked},
		{"a dead chat gets no more", []bot.Fate{bot.FateGone}, []string{"5 A/ru"}, settledAndMarked},
		{"what is refused is told under a number", []bot.Fate{bot.FateRejected}, []string{"5 A/ru", "5 Apology 000101/ru"}, settledAndMarked},
		{"and if that is refused too there is an end", []bot.Fate{bot.FateRejected, bot.FateRejected}, []string{"5 A/ru", "5 Apology 000101/ru"}, settledAndMarked},
		{"without a token nothing is settled", []bot.Fate{bot.FateUnauthorized}, []string{"5 A/ru"}, unsettled},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, replying(bot.Say("A").Then(bot.Say("B"))), func(b *bench) {
				fates := tc.fates
				b.answer = func(*bot.Letter) (bot.Receipt, bool) {
					if len(fates) == 0 {
						return bot.Receipt{}, false
					}
					fate := fates[0]
					fates = fates[1:]
					return bot.Receipt{Fate: fate, Reason: "why"}, true
				}
				u := b.from(5, "a")
				done := b.handle(u)
				b.want(tc.want...)
				if dead := b.person(5).Unreachable; (dead != "") != (tc.fates[0] == bot.FateGone) {
					t.Errorf("unreachable because %q", dead)
				}
				if settledNow(done) != tc.ends || b.marked(u) != tc.ends {
					t.Errorf("settled %t, marked %t, want %t", settledNow(done), b.marked(u), tc.ends)
				}
			})
		})
	}
}

func TestButtonsAreAnsweredWithinASecond(t *testing.T) {
	t.Parallel()
	inBubble(t, func(o *Options) {
		o.Commands = []bot.Command{{Buttons: []string{"x"}, Run: func(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
			_, _ = slow(3*time.Second, "")(ctx, r)
			return bot.Toast("Done"), nil
		}}}
	}, func(b *bench) {
		first, second := b.from(5, "[x]"), b.from(5, "[x]")
		b.handle(first)
		b.handle(second) // behind a slow one
		b.want()
		time.Sleep(time.Second)
		b.want("toast", "toast")
		time.Sleep(3 * time.Second)
		b.want("5 Done/ru")
		time.Sleep(3 * time.Second)
		b.want("5 Done/ru")
	})
}

func TestLiveMessagesAreEdited(t *testing.T) {
	t.Parallel()
	live := bot.Say("Progress").Editing()
	live.Live = "job"
	inBubble(t, replying(live), func(b *bench) {
		b.last = 70
		b.types(5, "a", "5 Progress/ru")
		b.types(5, "a", "5 edit 71 Progress/ru")
		b.answer = func(l *bot.Letter) (bot.Receipt, bool) { // the old one is gone: the wire sent a new one
			return bot.Receipt{Fate: bot.FateSent, Message: 99}, l.Kind == bot.LetterEdit
		}
		b.types(5, "a", "5 edit 71 Progress/ru")
		b.answer = nil
		b.types(5, "a", "5 edit 99 Progress/ru")
		b.types(6, "a", "6 Progress/ru")
		// Whoever presses a button in another message looks there, so that is where it goes on.
		b.types(5, "[x]", "toast", "5 edit 50 Progress/ru")
		b.types(5, "a", "5 edit 50 Progress/ru")
	})
}

// TestTheLastWordStays ends work while a word about how it goes is on its way: whatever comes first, the end is what stands there.
func TestTheLastWordStays(t *testing.T) {
	t.Parallel()
	under := bot.Say("Progress")
	under.Live, under.Passing = "job", true
	var last *bot.Reply
	inBubble(t, func(o *Options) {
		replying(under)(o)
		o.Last = func(_ context.Context, live string) (*bot.Reply, error) {
			if live != "job" {
				t.Errorf("asked for the last word about %q", live)
			}
			return last, nil
		}
	}, func(b *bench) {
		b.last = 70
		b.types(5, "a", "5 Progress/ru")
		last = bot.Say("Done")
		last.Live, last.Passing = "job", true // were it passing too, it would be asked for without end
		b.types(5, "a", "5 edit 71 Progress/ru", "5 edit 71 Done/ru")
	})
}

func TestRepliesAreInTheNewLanguage(t *testing.T) {
	t.Parallel()
	inBubble(t, func(o *Options) {
		o.Fallback = func(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
			_, err := o.Store.ChangePerson(ctx, r.From, r.Cause("lang"), func(p *store.Person) error {
				p.Language = store.Uzbek
				return nil
			})
			reply := bot.Say("Changed")
			reply.Menu = true
			return reply, err
		}
	}, func(b *bench) {
		b.types(5, "a", "5 Changed/uz", "5 menu uz")
	})
}

// slowSend is a wire that takes its time for messages, not for what is said over a chat.
func slowSend(takes time.Duration) func(*Options) {
	return func(o *Options) {
		send := o.Send
		o.Send = func(ctx context.Context, l *bot.Letter) bot.Receipt {
			if l.Kind == bot.LetterSend {
				time.Sleep(takes)
				ctx = context.WithoutCancel(ctx) // which limits the wait for a turn, not the call
			}
			return send(ctx, l)
		}
	}
}

// Telegram is told after ten seconds that the update is taken, whatever its reply is about: left waiting, it would bring
// the update to another process, which would do it again while this one still sends.
func TestASlowSendingIsKeptAndSettled(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		fates []bot.Fate // in turn; then sent
		lasts time.Duration
		want  []string
	}{
		{"a call that takes half a minute", nil, 31 * time.Second, []string{"5 Agenda/ru"}},
		{"and once more when nobody knows what came of it", []bot.Fate{bot.FateUnknown}, 61 * time.Second, []string{"5 Agenda/ru", "5 Agenda/ru"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, slowSend(30*time.Second), func(b *bench) {
				fates := tc.fates
				b.answer = func(*bot.Letter) (bot.Receipt, bool) {
					if len(fates) == 0 {
						return bot.Receipt{}, false
					}
					fate := fates[0]
					fates = fates[1:]
					return bot.Receipt{Fate: fate}, true
				}
				u := b.from(5, "/agenda")
				done := b.handle(u)
				time.Sleep(lateAfter + time.Millisecond)
				if !settledNow(done) || b.marked(u) || b.intents(intentAfter) != 1 {
					t.Errorf("after ten seconds: settled %t, marked %t, %d kept; want it settled, kept, not marked",
						settledNow(done), b.marked(u), b.intents(intentAfter))
				}
				time.Sleep(tc.lasts - lateAfter)
				b.want(tc.want...) // nor is anything said of work that goes on
				if !b.marked(u) || b.intents(time.Hour) != 0 {
					t.Errorf("in the end: marked %t, %d kept", b.marked(u), b.intents(time.Hour))
				}
			})
		})
	}
}

// slowMark is a store that takes its time to answer that an update is marked.
type slowMark struct{ store.Backend }

func (s slowMark) Apply(ctx context.Context, shard store.Shard, b store.Batch) (store.Result, error) {
	result, err := s.Backend.Apply(ctx, shard, b)
	if slices.ContainsFunc(b.Do, func(m store.Mutation) bool { return strings.HasPrefix(m.Key, "settled:") }) {
		time.Sleep(2 * time.Second)
	}
	return result, err
}

// An update whose ten seconds are over while it is being marked is not kept behind its mark, where nobody would take it out.
func TestNothingIsKeptBehindTheMark(t *testing.T) {
	t.Parallel()
	inBubble(t, func(o *Options) {
		o.Store = store.New(slowMark{o.Store.Backend()}, o.Now)
		slowSend(lateAfter - time.Second)(o)
	}, func(b *bench) {
		done := b.handle(b.from(5, "/agenda"))
		time.Sleep(lateAfter + 5*time.Second)
		b.want("5 Agenda/ru")
		if !settledNow(done) || b.intents(time.Hour) != 0 {
			t.Errorf("settled %t, %d kept", settledNow(done), b.intents(time.Hour))
		}
	})
}
