package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"recbot/bot"
	"recbot/bot/outbox"
	"recbot/handlers"
	"recbot/store"
)

// status is what /stats tells of this process.
func (a *app) status(ctx context.Context) handlers.Status {
	s := handlers.Status{Leads: a.state.leading.Load()}
	if at := a.state.vigil.tick.Load(); at != nil {
		s.Tick = *at
	}
	s.Letters, s.LettersErr = a.fates.lastDay(ctx, a.store)
	s.Lag, s.LagOf, s.LagSince = a.lags.p99()
	s.Store, s.StoreErr = a.backend.Info(ctx)
	last := a.lastTrouble(ctx)
	s.Trouble, s.TroubleAt = last.What, last.At
	return s
}

// lastTrouble tells all processes what went wrong last in this one, and gives the latest of all; with the store out of reach, its own.
func (a *app) lastTrouble(ctx context.Context) store.Trouble {
	own := a.troubles.lately()
	if last, err := a.store.NoteTrouble(ctx, own); err == nil {
		return last
	}
	return own
}

// fates is the wire, with a count of what became of letters. Answers to pressed buttons and menus are not letters. What it has
// counted goes to the store now and then, where the counts of all processes are added up; a crash costs those of a minute.
type fates struct {
	outbox.Wire
	now func() time.Time

	mu    sync.Mutex
	fresh map[bot.Fate]int // not in the store yet
}

func newFates(w outbox.Wire, now func() time.Time) *fates {
	return &fates{Wire: w, now: now, fresh: map[bot.Fate]int{}}
}

func (f *fates) Send(ctx context.Context, l *bot.Letter) bot.Receipt {
	r := f.Wire.Send(ctx, l)
	if l.Kind == bot.LetterSend || l.Kind == bot.LetterEdit {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.fresh[r.Fate]++
	}
	return r
}

// letterFates are the fates that are counted: those at which a letter's way ends.
var letterFates = []bot.Fate{bot.FateSent, bot.FateGone, bot.FateRejected, bot.FateUnknown}

// save brings what was counted to the store, into the present hour. What certainly did not get there is kept for the next time.
func (f *fates) save(ctx context.Context, s *store.Store) error {
	f.mu.Lock()
	fresh := f.fresh
	f.fresh = map[bot.Fate]int{}
	f.mu.Unlock()
	counts := map[string]int{}
	for _, fate := range letterFates {
		if n := fresh[fate]; n > 0 {
			counts[fate.String()] = n
		}
	}
	err := s.CountSent(ctx, f.now(), counts)
	if err == nil || errors.Is(err, store.ErrUnknown) { // to count some twice is worse than to leave them out
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for fate, n := range fresh {
		f.fresh[fate] += n
	}
	return err
}

// lastDay adds up what became of the letters of all processes in the last 24 hours.
func (f *fates) lastDay(ctx context.Context, s *store.Store) (map[bot.Fate]int, error) {
	if err := f.save(ctx, s); err != nil {
		return nil, err
	}
	names := make([]string, len(letterFates))
	for i, fate := range letterFates {
		names[i] = fate.String()
	}
	counts, err := s.SentLastDay(ctx, names...)
	if err != nil {
		return nil, err
	}
	sum := make(map[bot.Fate]int, len(letterFates))
	for _, fate := range letterFates {
		sum[fate] = counts[fate.String()]
	}
	return sum, nil
}

// saveEvery is how often the counts go to the store.
const saveEvery = time.Minute

// keepUp brings to the store now and then what waits for it here, until ctx ends: the counts, and alerts that it did not take.
// A process that does not lead any more does so too.
func (a *app) keepUp(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(saveEvery):
		}
		if a.state.opened.Load() {
			_ = a.fates.save(ctx, a.store) // the next time, or a little less is counted
			a.lastTrouble(ctx)
			a.alertAgain(ctx)
		}
	}
}

// lags is by how much the latest letters left behind their time: of reminders and notices, which have one to the minute.
type lags struct {
	mu   sync.Mutex
	ring [1000]lag
	n    int // of all that were ever noted
}

type lag struct {
	at   time.Time
	late time.Duration
}

// note keeps the lag of one letter, in place of the oldest if need be.
func (l *lags) note(at time.Time, late time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ring[l.n%len(l.ring)] = lag{at, late}
	l.n++
}

// p99 gives the lag that 99 of 100 of the kept letters do not exceed, how many they are, and when the oldest of them left.
func (l *lags) p99() (late time.Duration, n int, since time.Time) {
	l.mu.Lock()
	kept := slices.Clone(l.ring[:min(l.n, len(l.ring))])
	l.mu.Unlock()
	if len(kept) == 0 {
		return 0, 0, since
	}
	since = slices.MinFunc(kept, func(a, b lag) int { return a.at.Compare(b.at) }).at
	slices.SortFunc(kept, func(a, b lag) int { return cmp.Compare(a.late, b.late) })
	return kept[(len(kept)*99+99)/100-1].late, len(kept), since
}

// left notes of a letter of a job by how much it left behind its time.
func (a *app) left(j store.Job, late time.Duration) {
	a.metrics.LetterLag(j.Class(), late)
	if j.Class() == store.ClassUrgent {
		a.lags.note(a.now(), late)
	}
}

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

// lately gives the last trouble of this process, unless it is too old to be told. One that a clock noted which has been set back since
// is given the present date for good, or it would be the latest of all processes at each look, until the clock is there again.
func (t troubles) lately() store.Trouble {
	kept := t.last.Load()
	if kept == nil {
		return store.Trouble{}
	}
	now := t.now()
	if kept.at.After(now) {
		dated := &trouble{kept.what, now}
		t.last.CompareAndSwap(kept, dated) // a newer one that came meanwhile stays
		kept = dated
	}
	return store.Trouble{What: kept.what, At: kept.at}.AsOf(now)
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
