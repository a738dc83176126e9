package main

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"recbot/bot"
	"recbot/bot/outbox"
	"recbot/handlers"
)

// day is how far back letters are counted for the owner.
const day = 24 * time.Hour

// status is what /stats tells of this process.
func (a *app) status(ctx context.Context) handlers.Status {
	s := handlers.Status{Leads: a.state.leading.Load()}
	if at := a.state.vigil.tick.Load(); at != nil {
		s.Tick = *at
	}
	s.Since, s.Letters = a.fates.lastDay()
	s.Store, s.StoreErr = a.backend.Info(ctx)
	if t := a.troubles.last.Load(); t != nil {
		s.Trouble, s.TroubleAt = t.what, t.at
	}
	return s
}

// fates is the wire, with a count of what became of letters by the hour. Answers to pressed buttons and menus are not
// letters.
type fates struct {
	outbox.Wire
	now   func() time.Time
	since time.Time

	mu    sync.Mutex
	hours map[int64]map[bot.Fate]int // by the hour of Unix time
}

func newFates(w outbox.Wire, now func() time.Time) *fates {
	return &fates{Wire: w, now: now, since: now(), hours: map[int64]map[bot.Fate]int{}}
}

func (f *fates) Send(ctx context.Context, l *bot.Letter) bot.Receipt {
	r := f.Wire.Send(ctx, l)
	if l.Kind == bot.LetterSend || l.Kind == bot.LetterEdit {
		f.count(r.Fate)
	}
	return r
}

func (f *fates) count(fate bot.Fate) {
	hour := hourOf(f.now())
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hours[hour] == nil {
		f.hours[hour] = map[bot.Fate]int{}
		f.drop(hour)
	}
	f.hours[hour][fate]++
}

// drop forgets the hours that are more than a day back.
func (f *fates) drop(now int64) {
	for hour := range f.hours {
		if hour <= now-int64(day/time.Hour) {
			delete(f.hours, hour)
		}
	}
}

// lastDay adds up what became of the letters of the last 24 hours, the present one included, and tells from when on.
func (f *fates) lastDay() (since time.Time, sum map[bot.Fate]int) {
	now := hourOf(f.now())
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(now)
	sum = map[bot.Fate]int{}
	for _, counts := range f.hours {
		for fate, n := range counts {
			sum[fate] += n
		}
	}
	since = time.Unix((now+1)*int64(time.Hour/time.Second), 0).Add(-day)
	if since.Before(f.since) {
		since = f.since
	}
	return since, sum
}

func hourOf(t time.Time) int64 { return t.Unix() / int64(time.Hour/time.Second) }

// troubles passes a log on and remembers the last error of it: its message, which is a constant of the program and tells
// nothing of anybody.
type troubles struct {
	slog.Handler
	now  func() time.Time
	last *atomic.Pointer[trouble] // of all loggers made of one
}

type trouble struct {
	what string
	at   time.Time
}

func newTroubles(log *slog.Logger, now func() time.Time) troubles {
	next := slog.DiscardHandler
	if log != nil {
		next = log.Handler()
	}
	return troubles{next, now, &atomic.Pointer[trouble]{}}
}

// Enabled lets errors through to be remembered also where they are not logged.
func (t troubles) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelError || t.Handler.Enabled(ctx, level)
}

func (t troubles) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelError {
		t.last.Store(&trouble{r.Message, t.now()})
	}
	if !t.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return t.Handler.Handle(ctx, r)
}

func (t troubles) WithAttrs(attrs []slog.Attr) slog.Handler {
	t.Handler = t.Handler.WithAttrs(attrs)
	return t
}

func (t troubles) WithGroup(name string) slog.Handler {
	t.Handler = t.Handler.WithGroup(name)
	return t
}
