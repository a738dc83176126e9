package outbox

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/bot/metrics"
	"recbot/store"
)

func TestPace(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for _, tc := range []struct {
		name  string
		class store.Class
		chats []store.ChatID
		want  []time.Duration
	}{
		{"bulk leaves evenly", store.ClassBulk, []store.ChatID{1, 2, 3, 4}, []time.Duration{0, 101 * ms, 202 * ms, 303 * ms}},
		{"urgent letters share that pace", store.ClassUrgent, []store.ChatID{1, 2, 3}, []time.Duration{0, 101 * ms, 202 * ms}},
		{"replies to different chats leave at once", store.ClassReply, []store.ChatID{1, 2, 3, 4}, []time.Duration{0, 0, 0, 0}},
		{"a chat gets three at once, then one a second", store.ClassReply, []store.ChatID{1, 1, 1, 1, 1}, []time.Duration{0, 0, 0, 1000 * ms, 2000 * ms}},
		{"a full chat does not hold up the others", store.ClassBulk, []store.ChatID{1, 1, 1, 1, 2}, []time.Duration{0, 101 * ms, 202 * ms, 303 * ms, 1000 * ms}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSender(t, Options{Rate: 10}, &wire{})
				for i, chat := range tc.chats {
					s.send(tc.class, chat, fmt.Sprint(i))
				}
				s.receipts()
				var got []time.Duration
				for _, a := range s.wire.arrivals() {
					got = append(got, a.At)
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("times (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestTheLineIsMeasured lets three letters wait behind one at one a second: the gauges say how many, and for how long the first of them.
func TestTheLineIsMeasured(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := metrics.New()
		s := newSender(t, Options{Rate: 1, Metrics: m}, &wire{})
		reads := func(when string, want ...string) {
			t.Helper()
			page := httptest.NewRecorder()
			m.Handler().ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
			for _, line := range want {
				if !strings.Contains(page.Body.String(), line+"\n") {
					t.Errorf("%s there is no line %q in\n%s", when, line, page.Body)
				}
			}
		}
		for i := range 4 {
			s.send(store.ClassBulk, store.ChatID(i), fmt.Sprint(i))
		}
		time.Sleep(500 * time.Millisecond)
		reads("while three wait", `recbot_outbox_letters{class="bulk"} 3`, `recbot_outbox_oldest_seconds{class="bulk"} 0.5`)
		time.Sleep(2 * time.Second)
		reads("while one waits", `recbot_outbox_letters{class="bulk"} 1`, `recbot_outbox_oldest_seconds{class="bulk"} 2.5`)
		s.receipts()
		reads("when all have left", `recbot_outbox_letters{class="bulk"} 0`, `recbot_outbox_oldest_seconds{class="bulk"} 0`)
	})
}

func TestGroupsGetTwentyAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{}, &wire{})
		for i := range 45 {
			s.send(store.ClassReply, -7, fmt.Sprint(i))
		}
		s.receipts()
		got := s.wire.arrivals()
		const most = 20 // as Telegram says
		for i := most; i < len(got); i++ {
			if span := got[i].At - got[i-most].At; span < time.Minute {
				t.Fatalf("letters %d to %d left within %s", i-most, i, span)
			}
		}
	})
}

// A process that was stopped, or an hour without bulk, must not end in a burst.
func TestNothingIsMadeUpForAfterAStall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{Rate: 10}, &wire{})
		s.send(store.ClassBulk, 1, "early")
		time.Sleep(time.Hour)
		for i := range 3 {
			s.send(store.ClassBulk, store.ChatID(10+i), fmt.Sprint(i))
		}
		s.receipts()
		s.want(arrival{0, "early"}, arrival{time.Hour, "0"},
			arrival{time.Hour + 101*time.Millisecond, "1"}, arrival{time.Hour + 202*time.Millisecond, "2"})
	})
}

func TestClassesGoBeforeEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{Rate: 10}, &wire{})
		for i := range 3 {
			s.send(store.ClassBulk, store.ChatID(i), fmt.Sprint("bulk ", i))
		}
		s.send(store.ClassPrompt, 7, "prompt")
		s.send(store.ClassUrgent, 8, "urgent")
		s.send(store.ClassReply, 9, "reply")
		s.receipts()
		const ms = time.Millisecond
		s.want(arrival{0, "bulk 0"}, arrival{0, "reply"}, arrival{101 * ms, "urgent"}, arrival{202 * ms, "prompt"}, arrival{303 * ms, "bulk 1"}, arrival{404 * ms, "bulk 2"})
	})
}

func TestLettersOfOneChatFollowEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{}, &wire{takes: 5 * time.Second})
		s.send(store.ClassReply, 1, "first")
		s.send(store.ClassReply, 1, "second")
		s.send(store.ClassReply, 2, "elsewhere")
		s.receipts()
		s.want(arrival{0, "first"}, arrival{0, "elsewhere"}, arrival{5 * time.Second, "second"})
	})
}

func TestToastsAndMenusWaitForNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{}, &wire{takes: time.Second})
		for i := range 5 {
			s.send(store.ClassReply, 1, fmt.Sprint(i))
		}
		s.letter(t.Context(), &bot.Letter{Kind: bot.LetterToast, Chat: 1, Text: "toast"})
		s.letter(t.Context(), &bot.Letter{Kind: bot.LetterMenu, Chat: 1, Text: "menu"})
		s.receipts()
		if diff := cmp.Diff([]arrival{{0, "0"}, {0, "toast"}, {0, "menu"}}, s.wire.arrivals()[:3]); diff != "" {
			t.Errorf("the first letters (-want +got):\n%s", diff)
		}
	})
}

func TestImpatientSendersLeaveTheLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{}, &wire{takes: 20 * time.Second})
		s.send(store.ClassReply, 1, "slow")
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		s.letter(ctx, &bot.Letter{Chat: 1, Text: "impatient"})
		if r := s.receipts()["impatient"]; r.Fate != bot.FateLater {
			t.Errorf("%+v", r)
		}
		s.want(arrival{0, "slow"})
	})
}

func TestCallsAreCutAtTheirDeadlineOnly(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		class store.Class
		want  time.Duration
	}{{store.ClassReply, 30 * time.Second}, {store.ClassUrgent, time.Minute}, {store.ClassBulk, time.Minute}} {
		t.Run(tc.class.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSender(t, Options{}, &wire{takes: time.Hour})
				ctx, cancel := context.WithTimeout(t.Context(), time.Second) // ends long before the call
				defer cancel()
				s.letter(ctx, &bot.Letter{Class: tc.class, Chat: 1, Text: "hangs"})
				if r := s.receipts()["hangs"]; r.Fate != bot.FateUnknown || time.Since(s.wire.begun) != tc.want {
					t.Errorf("%s after %s, want unknown after %s", r.Fate, time.Since(s.wire.begun), tc.want)
				}
			})
		})
	}
}

func TestLateLettersDoNotLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{Rate: 1}, &wire{})
		for i := range 3 {
			s.letter(t.Context(), &bot.Letter{Class: store.ClassUrgent, Chat: store.ChatID(i), Text: fmt.Sprint(i), Deadline: time.Now().Add(1500 * time.Millisecond)})
		}
		if r := s.receipts()["2"]; r.Fate != bot.FateLater || r.Reason != "late" {
			t.Errorf("%+v", r)
		}
		s.want(arrival{0, "0"}, arrival{1010 * time.Millisecond, "1"})
	})
}

func TestGroupsAreFollowedToTheirNewNumber(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{}, &wire{answer: func(l *bot.Letter, n int) bot.Receipt {
			if l.Chat == -5 {
				return bot.Receipt{Fate: bot.FateLater, MovedTo: -1005}
			}
			return bot.Receipt{Fate: bot.FateSent, Message: n}
		}})
		s.send(store.ClassReply, -5, "hello")
		want := bot.Receipt{Fate: bot.FateSent, Message: 2, MovedTo: -1005}
		if diff := cmp.Diff(want, s.receipts()["hello"]); diff != "" {
			t.Errorf("receipt (-want +got):\n%s", diff)
		}
	})
}

func TestCallsAtOnceAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{Rate: 1000}, &wire{takes: 10 * time.Second})
		for i := range 300 {
			s.send(store.ClassBulk, store.ChatID(i), fmt.Sprint(i))
		}
		s.send(store.ClassReply, 9999, "reply")
		if got := s.wire.arrivals(); got[len(got)-1].Text != "reply" {
			t.Errorf("a reply waits behind %d bulk letters", len(got))
		}
		s.receipts()
		if s.wire.most > maxSlots+1 || s.wire.most <= minSlots {
			t.Errorf("%d calls were under way at once, want more than %d and at most %d", s.wire.most, minSlots, maxSlots)
		}
	})
}

func TestAPanicOfTheWireIsAnUnknownFate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{}, &wire{answer: func(*bot.Letter, int) bot.Receipt { panic("wire") }})
		s.send(store.ClassReply, 1, "a")
		if r := s.receipts()["a"]; r.Fate != bot.FateUnknown {
			t.Errorf("%+v", r)
		}
	})
}

func TestCloseFlushesReplies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{Rate: 1}, &wire{takes: time.Second})
		for i := range 4 {
			s.send(store.ClassReply, 1, fmt.Sprint("reply ", i))
			s.send(store.ClassBulk, store.ChatID(i), fmt.Sprint("bulk ", i))
		}
		if err := s.box.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if s.box.Pause() == 0 {
			t.Error("bulk is called for although the outbox is closed")
		}
		s.send(store.ClassReply, 1, "too late")
		s.letter(t.Context(), &bot.Letter{Kind: bot.LetterToast, Text: "toast too late"})
		var sent []string
		for text, r := range s.receipts() {
			if r.Fate == bot.FateSent {
				sent = append(sent, text)
			}
		}
		slices.Sort(sent)
		if diff := cmp.Diff([]string{"bulk 0", "reply 0", "reply 1", "reply 2", "reply 3"}, sent); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
	})
}

func TestCloseCutsWhatTakesTooLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{}, &wire{takes: 20 * time.Second})
		s.send(store.ClassReply, 1, "under way")
		s.send(store.ClassReply, 1, "waits")
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := s.box.Close(ctx); err == nil {
			t.Error("closed without an error although a letter was cut")
		}
		got := s.receipts()
		if got["under way"].Fate != bot.FateUnknown || got["waits"].Fate != bot.FateLater {
			t.Errorf("receipts: %+v", got)
		}
	})
}

// Chats that were written to once must not be remembered for ever.
func TestChatsAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{Rate: 100}, &wire{})
		for i := range 1000 {
			s.send(store.ClassBulk, store.ChatID(i), fmt.Sprint(i))
		}
		s.receipts()
		if n := len(s.box.chats); n > 2*sweepFirst {
			t.Errorf("%d chats are remembered", n)
		}
	})
}

// TestButtonsTakeNoPlaceOfReplies answers more buttons of one chat than replies may be under way, while each call takes long: a reply
// to another chat leaves at once, and the outbox is not idle before the last call ended.
func TestButtonsTakeNoPlaceOfReplies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{}, &wire{takes: 20 * time.Second})
		for i := range replySlots + 1 {
			s.letter(t.Context(), &bot.Letter{Kind: bot.LetterToast, Chat: 5, Text: fmt.Sprint("toast ", i)})
		}
		if s.box.Idle() {
			t.Error("idle while buttons are being answered")
		}
		s.send(store.ClassReply, 6, "reply")
		s.receipts()
		got := s.wire.arrivals()
		if diff := cmp.Diff(arrival{0, "reply"}, got[len(got)-1]); diff != "" {
			t.Errorf("the reply at the wire (-want +got):\n%s", diff)
		}
	})
}
