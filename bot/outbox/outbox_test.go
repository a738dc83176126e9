package outbox

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/store"
)

// wire is a Telegram that notes what came when. Its zero value sends everything at once.
type wire struct {
	mu     sync.Mutex
	begun  time.Time
	got    []arrival
	answer func(l *bot.Letter, n int) bot.Receipt // n counts from 1; nil = sent
	takes  time.Duration
	flying int
	most   int // letters that were under way at once
}

// arrival is a letter that came to the wire.
type arrival struct {
	At   time.Duration // since the test began
	Text string
}

func (w *wire) Send(ctx context.Context, l *bot.Letter) bot.Receipt {
	w.mu.Lock()
	w.got = append(w.got, arrival{time.Since(w.begun), l.Text})
	n := len(w.got)
	w.flying++
	w.most = max(w.most, w.flying)
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		w.flying--
		w.mu.Unlock()
	}()
	select {
	case <-time.After(w.takes):
	case <-ctx.Done():
		return bot.Receipt{Fate: bot.FateUnknown, Reason: "cut"}
	}
	if w.answer != nil {
		return w.answer(l, n)
	}
	return bot.Receipt{Fate: bot.FateSent, Message: n}
}

func (w *wire) arrivals() []arrival {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.got)
}

// sender hands letters over in a known order, each from a goroutine of its own.
type sender struct {
	t    *testing.T
	box  *Outbox
	wire *wire
	wg   sync.WaitGroup
	mu   sync.Mutex
	got  map[string]bot.Receipt
}

func newSender(t *testing.T, o Options, w *wire) *sender {
	w.begun = time.Now()
	if o.Jitter == nil {
		o.Jitter = func() time.Duration { return 0 }
	}
	return &sender{t: t, box: New(w, o), wire: w, got: map[string]bot.Receipt{}}
}

func (s *sender) send(class store.Class, chat store.ChatID, text string) {
	s.letter(context.Background(), &bot.Letter{Class: class, Chat: chat, Text: text})
}

func (s *sender) letter(ctx context.Context, l *bot.Letter) {
	s.wg.Go(func() {
		r := s.box.Send(ctx, l)
		s.mu.Lock()
		s.got[l.Text] = r
		s.mu.Unlock()
	})
	synctest.Wait() // it stands in the line before the next one comes
}

// receipts waits for all letters and gives their receipts.
func (s *sender) receipts() map[string]bot.Receipt {
	s.wg.Wait()
	if !s.box.Idle() {
		s.t.Error("every letter came back and the outbox is not idle")
	}
	return s.got
}

func (s *sender) want(want ...arrival) {
	s.t.Helper()
	if diff := cmp.Diff(want, s.wire.arrivals()); diff != "" {
		s.t.Errorf("letters at the wire (-want +got):\n%s", diff)
	}
}

func TestPace(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for _, tc := range []struct {
		name  string
		class store.Class
		chats []store.ChatID
		want  []time.Duration
	}{
		{"bulk leaves evenly", store.ClassBulk, []store.ChatID{1, 2, 3, 4}, []time.Duration{0, 100 * ms, 200 * ms, 300 * ms}},
		{"urgent letters share that pace", store.ClassUrgent, []store.ChatID{1, 2, 3}, []time.Duration{0, 100 * ms, 200 * ms}},
		{"replies to different chats leave at once", store.ClassReply, []store.ChatID{1, 2, 3, 4}, []time.Duration{0, 0, 0, 0}},
		{"a chat gets three at once, then one a second", store.ClassReply, []store.ChatID{1, 1, 1, 1, 1}, []time.Duration{0, 0, 0, 1000 * ms, 2000 * ms}},
		{"a full chat does not hold up the others", store.ClassBulk, []store.ChatID{1, 1, 1, 1, 2}, []time.Duration{0, 100 * ms, 200 * ms, 300 * ms, 1000 * ms}},
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

func TestGroupsGetTwentyAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{}, &wire{})
		for i := range 45 {
			s.send(store.ClassReply, -7, fmt.Sprint(i))
		}
		s.receipts()
		got := s.wire.arrivals()
		for i := groupMax; i < len(got); i++ {
			if span := got[i].At - got[i-groupMax].At; span < time.Minute {
				t.Fatalf("letters %d to %d left within %s", i-groupMax, i, span)
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
			arrival{time.Hour + 100*time.Millisecond, "1"}, arrival{time.Hour + 200*time.Millisecond, "2"})
	})
}

func TestClassesGoBeforeEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{Rate: 10}, &wire{})
		for i := range 3 {
			s.send(store.ClassBulk, store.ChatID(i), fmt.Sprint("bulk ", i))
		}
		s.send(store.ClassUrgent, 8, "urgent")
		s.send(store.ClassReply, 9, "reply")
		s.receipts()
		const ms = time.Millisecond
		s.want(arrival{0, "bulk 0"}, arrival{0, "reply"}, arrival{100 * ms, "urgent"}, arrival{200 * ms, "bulk 1"}, arrival{300 * ms, "bulk 2"})
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
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{Rate: 10}, &wire{answer: flooding(10072)})
		s.send(store.ClassBulk, 1, "1")
		s.send(store.ClassBulk, 2, "2")
		s.send(store.ClassBulk, 1, "1 again")
		got := s.receipts()
		if got["2"].Fate != bot.FateSent || got["1 again"].Fate != bot.FateLater {
			t.Errorf("receipts: %+v", got)
		}
		s.want(arrival{0, "1"}, arrival{100 * time.Millisecond, "2"})
	})
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
		s.want(arrival{0, "0"}, arrival{time.Second, "1"})
	})
}

func TestDeadChatsAreToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told []store.ChatID
		gone := func(_ context.Context, chat store.ChatID, _ string) { told = append(told, chat) }
		alive := false
		s := newSender(t, Options{Gone: gone}, &wire{answer: func(*bot.Letter, int) bot.Receipt {
			if alive {
				return bot.Receipt{Fate: bot.FateSent}
			}
			return bot.Receipt{Fate: bot.FateGone, Reason: "bot was blocked by the user"}
		}})
		s.send(store.ClassBulk, 1, "a")
		s.send(store.ClassReply, 1, "b")
		alive = true
		s.send(store.ClassReply, 1, "c")
		alive = false
		s.wg.Wait()
		time.Sleep(time.Second)
		s.send(store.ClassReply, 1, "d")
		s.receipts()
		if diff := cmp.Diff([]store.ChatID{1, 1}, told); diff != "" {
			t.Errorf("told of (-want +got):\n%s", diff)
		}
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
