package outbox

import (
	"context"
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

// arrival is a letter that came to the wire.
type arrival struct {
	At   time.Duration // since the test began
	Text string
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
