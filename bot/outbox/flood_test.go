package outbox

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/store"
)

// flooding answers the first letter to chat 1 with 429.
func flooding(seconds int) func(*bot.Letter, int) bot.Receipt {
	first := true
	return func(l *bot.Letter, n int) bot.Receipt {
		if l.Chat == 1 && first {
			first = false
			return bot.Receipt{Fate: bot.FateLater, Flood: true, After: time.Duration(seconds) * time.Second}
		}
		return bot.Receipt{Fate: bot.FateSent, Message: n}
	}
}

func TestFloodClosesChatAndBulk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		jitter := func() time.Duration { return 200 * time.Millisecond }
		s := newSender(t, Options{Rate: 10, Jitter: jitter}, &wire{answer: flooding(30)})
		for i := range 3 {
			s.send(store.ClassBulk, store.ChatID(1+i), fmt.Sprint("bulk ", 1+i))
		}
		s.send(store.ClassUrgent, 5, "urgent")
		s.send(store.ClassReply, 6, "reply elsewhere")
		if got, want := s.box.Pause(), 30200*time.Millisecond; got != want {
			t.Errorf("bulk pauses for %s, want %s", got, want)
		}
		for text, r := range s.receipts() {
			if later := r.Fate == bot.FateLater && r.After > 30*time.Second && r.Flood; later != (text != "reply elsewhere") {
				t.Errorf("%s: %+v", text, r)
			}
		}
		s.want(arrival{0, "bulk 1"}, arrival{0, "reply elsewhere"})
		time.Sleep(31 * time.Second)
		if s.send(store.ClassBulk, 1, "again"); s.receipts()["again"].Fate != bot.FateSent {
			t.Errorf("after the wait the chat is still closed: %+v", s.got["again"])
		}
	})
}

func TestLongFloodClosesTheChatAlone(t *testing.T) {
	t.Parallel()
	for _, seconds := range []int{60, 10072} {
		synctest.Test(t, func(t *testing.T) {
			s := newSender(t, Options{Rate: 10}, &wire{answer: flooding(seconds)})
			s.send(store.ClassBulk, 1, "1")
			s.send(store.ClassBulk, 2, "2")
			s.send(store.ClassBulk, 1, "1 again")
			got := s.receipts()
			if got["2"].Fate != bot.FateSent || got["1 again"].Fate != bot.FateLater {
				t.Errorf("receipts after a wait of %d s: %+v", seconds, got)
			}
			s.want(arrival{0, "1"}, arrival{101 * time.Millisecond, "2"})
		})
	}
}

func TestTwoChatsFloodingCloseBulkHoweverLong(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		apart time.Duration
		want  bool
	}{
		{"within five seconds everybody is meant", 5 * time.Second, true},
		{"six seconds apart they are two chats", 6 * time.Second, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSender(t, Options{}, &wire{answer: func(*bot.Letter, int) bot.Receipt {
					return bot.Receipt{Fate: bot.FateLater, Flood: true, After: 2 * time.Hour}
				}})
				s.send(store.ClassBulk, 1, "1")
				time.Sleep(tc.apart)
				s.send(store.ClassBulk, 2, "2")
				s.receipts()
				if closed := s.box.Pause() > 0; closed != tc.want {
					t.Errorf("bulk closed: %v, want %v", closed, tc.want)
				}
			})
		})
	}
}

// A clock that stands, as in a script, must not lock a chat for ever; one that is moved opens it.
func TestClosuresEndByEitherClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
		s := newSender(t, Options{Now: func() time.Time { return now }}, &wire{answer: flooding(30)})
		s.send(store.ClassBulk, 1, "flood")
		now = now.Add(30 * time.Second)
		if left := s.box.Pause(); left != 0 {
			t.Errorf("the clock was moved and bulk is closed for %s", left)
		}
		s.wire.answer = flooding(30)
		s.send(store.ClassBulk, 1, "flood again")
		time.Sleep(31 * time.Second)
		if left := s.box.Pause(); left != 0 {
			t.Errorf("real time has passed and bulk is closed for %s", left)
		}
		s.receipts()
	})
}

func TestRepliesWaitAndAreTriedAgain(t *testing.T) {
	t.Parallel()
	refused := func(*bot.Letter, int) bot.Receipt {
		return bot.Receipt{Fate: bot.FateLater, After: time.Second, Reason: "connection refused"}
	}
	for _, tc := range []struct {
		name   string
		answer func(*bot.Letter, int) bot.Receipt
		fate   bot.Fate
		tries  int
		took   time.Duration
	}{
		{"a short wait is waited out", flooding(4), bot.FateSent, 2, 4 * time.Second},
		{"a wait longer than the caller's patience comes back at once", flooding(11), bot.FateLater, 1, 0},
		{"a connection that does not come about is tried with growing pauses", refused, bot.FateLater, 4, 7 * time.Second},
		{"what may have arrived is not tried again", func(*bot.Letter, int) bot.Receipt { return bot.Receipt{Fate: bot.FateUnknown} }, bot.FateUnknown, 1, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSender(t, Options{}, &wire{answer: tc.answer})
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				s.letter(ctx, &bot.Letter{Chat: 1, Text: "reply"})
				r := s.receipts()["reply"]
				took := time.Since(s.wire.begun)
				if r.Fate != tc.fate || len(s.wire.arrivals()) != tc.tries || took != tc.took {
					t.Errorf("%s after %d tries and %s, want %s after %d and %s", r.Fate, len(s.wire.arrivals()), took, tc.fate, tc.tries, tc.took)
				}
			})
		})
	}
}

// A reply that is tried again must not be overtaken by the next one to the chat.
func TestATriedAgainReplyKeepsItsPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{}, &wire{takes: time.Second, answer: func(_ *bot.Letter, n int) bot.Receipt {
			if n <= 2 {
				return bot.Receipt{Fate: bot.FateLater, Reason: "connection refused"}
			}
			return bot.Receipt{Fate: bot.FateSent}
		}})
		s.send(store.ClassReply, 1, "first")
		s.send(store.ClassReply, 1, "second")
		s.receipts()
		s.want(arrival{0, "first"}, arrival{2 * time.Second, "first"}, arrival{5 * time.Second, "first"}, arrival{6 * time.Second, "second"})
	})
}

// Letters that cannot leave because the pace is spent are hardly looked at. Those that need not wait any longer come back all
// the same, and not only when their turn has come.
func TestNobodyWaitsInVainBehindThePace(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		late   bool // its deadline passes in half a second, and it stands last of four in the line, at one a second
		closes bool // a reply to its chat is refused for an hour meanwhile
		want   bot.Receipt
		within time.Duration
	}{
		{"past its deadline it comes back at the next look",
			true, false, bot.Receipt{Fate: bot.FateLater, Reason: "late"}, 1100 * time.Millisecond},
		{"and so it does at once when its chat is closed",
			false, true, bot.Receipt{Fate: bot.FateLater, Reason: "too many requests", Flood: true, After: time.Hour}, 500 * time.Millisecond},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSender(t, Options{Rate: 1}, &wire{answer: func(l *bot.Letter, n int) bot.Receipt {
					if l.Class == store.ClassReply {
						return bot.Receipt{Fate: bot.FateLater, Flood: true, After: time.Hour}
					}
					return bot.Receipt{Fate: bot.FateSent, Message: n}
				}})
				for chat := range 3 {
					s.send(store.ClassBulk, store.ChatID(chat+1), fmt.Sprint("before", chat))
				}
				vain := bot.Letter{Class: store.ClassBulk, Chat: 7, Text: "in vain"}
				if tc.late {
					vain.Deadline = time.Now().Add(500 * time.Millisecond)
				}
				begun := time.Now()
				var took time.Duration
				var got bot.Receipt
				s.wg.Go(func() {
					got = s.box.Send(t.Context(), &vain)
					took = time.Since(begun)
				})
				synctest.Wait()
				if tc.closes {
					time.Sleep(400 * time.Millisecond)
					ctx, end := context.WithTimeout(t.Context(), time.Second)
					defer end()
					s.box.Send(ctx, &bot.Letter{Class: store.ClassReply, Chat: 7, Text: "reply"})
				}
				s.receipts()
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("receipt (-want +got):\n%s", diff)
				}
				if took > tc.within {
					t.Errorf("it came back after %s, want within %s", took, tc.within)
				}
			})
		})
	}
}
