package remind

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/robfig/cron/v3"

	"recbot/store"
)

// saveEvery is how often a tick is remembered at which nothing fell due. Looking at that time again does no harm.
const saveEvery = 10 * time.Minute

// Options of a [Scheduler]. Now is required.
type Options struct {
	Now    func() time.Time
	Zone   string       // the council's, for the digests of those who have none of their own; "" = they get none
	Log    *slog.Logger // nil = discard
	Opened func()       // called after jobs were opened, for instance to wake their runner; nil = nothing
	// Ticked is called after each tick that succeeded, and holds up the next one; nil = nothing.
	Ticked func(context.Context, Tick)
}

// Tick is what a tick did.
type Tick struct {
	// From and To are the span of time it looked at. From is the zero time at the first tick ever. At a scheduler's own first
	// tick From is as it stands in the store, which may be up to ten minutes before the last tick of whoever ticked before.
	From, To time.Time
	Opened   []store.JobID // the reminders and digests that fell due
	Lost     []Notice      // what fell due and is of no use any more, for the meeting has begun
}

// Scheduler opens the jobs of reminders and digests, and reminds the organizers of questions that wait for an answer.
// Only the leader runs it; should two, nothing is opened twice.
type Scheduler struct {
	store *store.Store
	o     Options
	turn  chan struct{} // holds a token while nobody ticks
	seen  time.Time     // up to here this scheduler found nothing to open that is not open
}

// New returns a scheduler over s.
func New(s *store.Store, o Options) *Scheduler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Opened == nil {
		o.Opened = func() {}
	}
	if o.Ticked == nil {
		o.Ticked = func(context.Context, Tick) {}
	}
	sched := &Scheduler{store: s, o: o, turn: make(chan struct{}, 1)}
	sched.turn <- struct{}{}
	return sched
}

// Tick opens a job for every reminder and digest that fell due since the last tick, up to now. The first tick ever opens
// nothing: it is where time begins. After an error the next tick does again what this one did not. A tick before the last
// one opens nothing, and time goes on from there.
func (s *Scheduler) Tick(ctx context.Context, now time.Time) error {
	select {
	case <-s.turn:
		defer func() { s.turn <- struct{}{} }()
	case <-ctx.Done():
		return ctx.Err()
	}
	now = now.Round(0) // the wall's time alone: that is what meetings go by
	saved, err := s.store.Tick(ctx)
	if err != nil {
		return fmt.Errorf("tick: %w", err)
	}
	if saved.IsZero() {
		return s.save(ctx, Tick{To: now})
	}
	// What this scheduler has looked at since is not looked at again: a lead that somebody chose meanwhile would be found to
	// have fallen due before they chose it.
	from := saved
	if s.seen.After(from) {
		from = s.seen
	}
	if now.Equal(from) {
		s.o.Ticked(ctx, Tick{From: from, To: now})
		return nil
	}
	// A clock that was ahead has been set right. What falls due from here on must not wait until it is as late again.
	if now.Before(from) {
		s.o.Log.Warn("the clock went back", "seconds", from.Sub(now).Seconds())
		return s.save(ctx, Tick{From: from, To: now})
	}
	t, err := s.open(ctx, from, now)
	if err != nil {
		return fmt.Errorf("tick: %w", err)
	}
	// A tick is saved after its jobs are open, never before: killed in between, the next one opens them, and the ids keep it
	// from opening any twice.
	s.seen = now
	if len(t.Opened) == 0 && now.Sub(saved) < saveEvery {
		s.o.Ticked(ctx, t)
		return nil
	}
	return s.save(ctx, t)
}

// save remembers that everything up to a tick is open, in the store and here.
func (s *Scheduler) save(ctx context.Context, t Tick) error {
	if err := s.store.SaveTick(ctx, t.To); err != nil {
		return fmt.Errorf("tick: %w", err)
	}
	s.seen = t.To
	s.o.Ticked(ctx, t)
	return nil
}

// open opens the jobs of what fell due in (from, now].
func (s *Scheduler) open(ctx context.Context, from, now time.Time) (t Tick, err error) {
	t = Tick{From: from, To: now}
	meetings, err := s.store.Meetings(ctx)
	if err != nil {
		return t, err
	}
	leads, err := s.store.LeadsInUse(ctx)
	if err != nil {
		return t, err
	}
	for _, n := range Due(meetings, leads, from, now) {
		job := jobOf(n, now)
		err := s.store.OpenJob(ctx, job)
		if errors.Is(err, store.ErrCorrupt) { // time does not heal it, and the other reminders do not wait for it
			s.o.Log.Error("a reminder cannot be opened and is left out", "job", job.ID, "err", err)
			continue
		}
		if err != nil {
			return t, err
		}
		t.Opened = append(t.Opened, job.ID)
		s.o.Log.Info("reminder opened", "job", job.ID, "meeting", job.Meeting)
	}
	t.Lost = Lost(meetings, leads, from, now)
	digests, err := s.openDigests(ctx, from, now)
	if err != nil {
		return t, err
	}
	t.Opened = append(t.Opened, digests...)
	waiting, err := s.remindQuestions(ctx, now)
	if err != nil {
		return t, err
	}
	if len(t.Opened)+waiting > 0 {
		s.o.Opened()
	}
	return t, nil
}

// remindQuestions opens the jobs that remind the organizers of questions that wait for an answer, and counts them. They are due
// by a queue in the store: what fell due while nobody ticked is found there. It is not among what a tick opened, which is
// counted when reminders are late.
func (s *Scheduler) remindQuestions(ctx context.Context, now time.Time) (int, error) {
	opened, err := s.store.RemindQuestions(ctx, now)
	if errors.Is(err, store.ErrCorrupt) { // see open
		s.o.Log.Error("a question that waits cannot be read and is put off", "err", err)
		err = nil
	}
	return len(opened), err
}

// jobOf gives the job of a notice. It may run until the meeting begins. Being late does not show in it: whoever composes the
// letter looks at the clock and says how much time is left.
func jobOf(n Notice, now time.Time) store.Job {
	m := n.Meeting
	return store.Job{
		ID: m.ReminderID(n.Lead), Kind: store.JobReminder,
		Meeting: m.ID, Start: m.Start(), Lead: n.Lead, Sequence: m.Sequence,
		Audience: store.Audience{Topics: m.Topics(), Lead: n.Lead},
		Opened:   now.UTC(), Due: n.At.UTC(), Deadline: m.Start(),
	}
}

// Run ticks at once and then each minute, until ctx ends; then it returns nil, after the tick under way. A tick that does
// not succeed is logged and made up for by the next.
func (s *Scheduler) Run(ctx context.Context) error {
	tick := func() {
		if err := s.Tick(ctx, s.o.Now()); err != nil && ctx.Err() == nil {
			s.o.Log.Error("tick did not succeed", "err", err)
		}
	}
	// cron counts the minutes by the clock of the machine, which is what paces the work; which instants have come is for Now to
	// say.
	log := cronLog{s.o.Log}
	c := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(log), cron.WithChain(cron.Recover(log), cron.SkipIfStillRunning(log)))
	if _, err := c.AddFunc("* * * * *", tick); err != nil {
		return fmt.Errorf("schedule the tick: %w", err)
	}
	tick()
	c.Start()
	<-ctx.Done()
	<-c.Stop().Done()
	return nil
}

// cronLog passes on what cron reports of broken jobs and nothing of its daily round.
type cronLog struct{ log *slog.Logger }

func (cronLog) Info(string, ...any) {}

func (l cronLog) Error(err error, _ string, _ ...any) { l.log.Error("tick broke off", "err", err) }
