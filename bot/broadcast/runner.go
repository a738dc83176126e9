// Package broadcast carries jobs to their recipients: it walks a job's audience, asks what each person is to be told,
// hands letters to the outbox, and notes in the ledger what became of each.
//
// It promises, together with the ledger in package store: nobody of an audience is passed over in silence; a crash makes
// no announcement reach anybody twice, and a reminder at most twice, and only if it was in flight; who unfollows, mutes,
// stops or loses sight of a meeting before their turn is not told; quiet hours are kept. What is due stands in the
// store: a runner keeps nothing that another could not go on with. It does not promise an order among persons; one
// person gets their letters of a class in the order in which they fell due.
//
// Letters that a window took when a job was withdrawn may still leave: it is a matter of seconds.
package broadcast

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"recbot/bot"
	"recbot/bot/metrics"
	"recbot/store"
)

// Outbox is the door through which letters leave.
type Outbox interface {
	Send(ctx context.Context, l *bot.Letter) bot.Receipt
	// Pause tells for how long nothing but replies leaves; 0 = it does.
	Pause() time.Duration
}

// Options of a [Runner]. Now, Compose and Render are needed.
type Options struct {
	Now     func() time.Time
	Log     *slog.Logger     // nil = none
	Metrics *metrics.Metrics // nil = none
	// Zone is the council's time zone, for the quiet hours of who has none of their own; "" = UTC.
	Zone string
	// Compose says what a job tells a person. A nil Reply skips them, and the key is the reason. Else an equal key that is
	// not "" promises an equal message for everybody of the same language, zone and sound. A Reply that has a Sequence and says
	// nothing skips them as well, and the ledger notes that they know the meeting as it is. A [bot.Wait] puts the letter off.
	Compose func(ctx context.Context, j store.Job, p store.Person) (reply *bot.Reply, key string, err error)
	// Render makes a letter of a reply. The runner sets chat, class and deadline. A nil letter skips the person.
	Render func(r *bot.Reply, p store.Person, now time.Time) (*bot.Letter, error)
	// Menu is a person's command menu, for replies that set it anew; nil = it is left as it is.
	Menu func(p store.Person) []bot.MenuItem
	// Begin is asked before a job for an audience is walked, and each time the walk, or letters of it that had to wait, go on after
	// a break. It may withdraw the job; after an error it is asked again in a second. Nil = nobody is asked.
	Begin func(ctx context.Context, j store.Job) error
	// Progress is told what has become of the letters of a job that is reported: of an announcement's some seconds
	// after it changed, and of each once with over when nothing comes of it any more, before the job is finished. An
	// error then puts off the finishing. Nil = nobody is told.
	Progress func(ctx context.Context, j store.Job, c store.Counts, over bool) error

	// Left is told of each letter that was sent by how much that was behind its time: when the job fell due, or the person's
	// quiet hours were over. Nil = nobody is told.
	Left func(j store.Job, late time.Duration)

	Window int // recipients of one window; 0 = 25, at most [store.MaxWindow]
	// Rate is how many letters leave in a second, as the outbox was told; 0 = 25. As many as leave in three seconds are in
	// hand: composed, waiting in the outbox, under way or being settled, though never fewer than 64. More would not leave
	// sooner, and of those a crash leaves open what became of them. At a low rate, or where urgent letters go before, they may
	// wait for longer than [store.LetterTimeout]: who has them in hand goes by that, and not by the ledger's time.
	Rate float64
}

// inHand is how many letters of one class are in hand at most. The bounds are what a window or two need, and twice what the
// outbox has under way at once.
func (o Options) inHand() int { return int(min(max(3*o.Rate, 64), 256)) }

const (
	lookEvery  = time.Second
	sweepEvery = time.Hour
	tellEvery  = 3 * time.Second // of progress; Telegram counts edits too
	dueJobs    = 16              // read of one shard at a look
	dueLetters = 25              // read of one shard at a look
	shardsOnce = 4               // shards of one job that are walked at once
	classes    = int(store.ClassBulk) + 1
)

// Runner carries jobs while it leads. Its methods may be called from several goroutines, Run by one at a time.
type Runner struct {
	store *store.Store
	out   Outbox
	o     Options
	wake  chan struct{}

	mu     sync.Mutex
	busy   [classes]bool // a pass over what is due of the class is going on
	tracks map[course]*track
	hands  map[hand]*track
	last   map[queue]chan struct{} // closed when the person's latest letter of the class is settled

	complaints complaints
}

// New returns a runner on a store. It does nothing before [Runner.Run].
func New(s *store.Store, out Outbox, o Options) *Runner {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Window == 0 {
		o.Window = 25
	}
	if o.Rate == 0 {
		o.Rate = 25
	}
	return &Runner{
		store: s, out: out, o: o, wake: make(chan struct{}, 1),
		tracks: map[course]*track{}, hands: map[hand]*track{}, last: map[queue]chan struct{}{},
	}
}

// Wake makes the runner look at once at what is due, instead of within a second.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// Idle tells that no letter is in hand and nothing of jobs is due now. It asks the store; false when that is out of reach.
func (r *Runner) Idle() bool {
	r.mu.Lock()
	// Letters in hand stand in the store as due later, so this is asked before the store is: between the two, work can
	// end, but none can begin that is not due.
	working := r.busy != [classes]bool{} || len(r.tracks)+len(r.hands) > 0
	r.mu.Unlock()
	if working {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	at, due, err := r.store.NextDue(ctx)
	return err == nil && !(due && !at.After(r.o.Now()))
}

// term is one time of leading.
type term struct {
	*Runner
	token  store.Rev
	depose context.CancelCauseFunc
	slots  [classes]chan struct{}
	ledger ledger
	wg     sync.WaitGroup
}

// Run leads with a token until ctx ends; then it takes nothing more, waits until the letters in hand are settled (those
// that wait in the outbox come back at once) and returns nil. A store out of reach is waited for. The error is
// [store.ErrFenced] when a newer leader has taken over, and [ErrUnauthorized] when Telegram does not know the token any more.
func (r *Runner) Run(ctx context.Context, token store.Rev) error {
	leading, depose := context.WithCancelCause(ctx)
	t := &term{Runner: r, token: token, depose: depose}
	for class := range t.slots {
		t.slots[class] = make(chan struct{}, t.o.inHand())
	}
	defer depose(nil)
	defer t.wg.Wait()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for swept := (time.Time{}); leading.Err() == nil; {
		if time.Since(swept) >= sweepEvery { // garbage only: whose clock says so does not matter
			swept = time.Now()
			if err := errors.Join(t.store.SweepTold(leading), t.store.SweepGone(leading)); err != nil {
				t.complain(leading, "sweep", err)
			}
		}
		t.look(leading)
		select {
		case <-leading.Done():
		case <-tick.C:
		case <-r.wake:
		}
	}
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("broadcast: %w", context.Cause(leading))
}

// item is something due: the walk of a job, or one letter of it.
type item struct {
	at     time.Time
	job    store.Job
	letter *store.Recipient // nil = the walk
}

// look reads what is due and starts a pass over it for each class that has none going on.
func (t *term) look(ctx context.Context) {
	due, err := t.due(ctx)
	if err != nil {
		t.complain(ctx, "look", err)
		return
	}
	for class, items := range due {
		// One pass of a class at a time keeps the order of what fell due. What comes meanwhile is found by the next look.
		if len(items) == 0 || !t.begin(class) {
			continue
		}
		slices.SortStableFunc(items, inOrder)
		t.spawn(func() {
			defer t.end(class)
			t.pass(ctx, items)
		})
	}
}

// inOrder is by the instant, then as the jobs fell due: at the end of the quiet hours a meeting is new before it is moved. Of
// changes that fell due together the older one goes first, which their ids do not tell: 9-10 stands behind 10-11.
func inOrder(a, b item) int {
	return cmp.Or(a.at.Compare(b.at), a.job.Due.Compare(b.job.Due), cmp.Compare(a.job.Sequence, b.job.Sequence), cmp.Compare(a.job.ID, b.job.ID))
}

// begin tells whether a pass of a class may begin, and notes that it has.
func (t *term) begin(class int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	was := t.busy[class]
	t.busy[class] = true
	return !was
}

// end notes that a pass is over. What came in the meantime is looked at right away.
func (t *term) end(class int) {
	t.mu.Lock()
	t.busy[class] = false
	t.mu.Unlock()
	t.Wake()
}

// due lists by class what is due and not in hand already.
func (t *term) due(ctx context.Context) (due [classes][]item, err error) {
	now := t.o.Now()
	jobs, err := t.store.DueJobs(ctx, now, dueJobs)
	if err = t.unread(err); err != nil {
		return due, err
	}
	for _, j := range jobs {
		if class := j.Class(); !t.tracked(j) && !t.behind(j) {
			due[class] = append(due[class], item{at: j.Due, job: j})
		}
	}
	letters, err := t.store.DueLetters(ctx, now, dueLetters)
	if err = t.unread(err); err != nil {
		return due, err
	}
	known := make(map[store.JobID]store.Job)
	for _, l := range letters {
		if t.holds(l) {
			continue
		}
		j, ok := known[l.Job]
		if !ok {
			j, err = t.store.JobOf(ctx, l)
			switch {
			case errors.Is(err, store.ErrNotFound):
				j = store.Job{ID: l.Job} // to be taken up all the same, for the ledger ends it then
			case errors.Is(err, store.ErrCorrupt):
				t.putOff(ctx, l, err)
				continue
			case err != nil:
				return due, err
			}
			known[l.Job] = j
		}
		due[j.Class()] = append(due[j.Class()], item{at: l.At, job: j, letter: &l})
	}
	return due, nil
}

// unread logs what the store could not read and has put off; what else went wrong it gives back.
func (t *term) unread(err error) error {
	if errors.Is(err, store.ErrCorrupt) {
		t.o.Log.Error("some of what is due cannot be read and is put off", "err", err)
		return nil
	}
	return err
}

// putOff moves a letter out of the way that cannot be taken up, for its job or what else belongs to it cannot be read.
func (t *term) putOff(ctx context.Context, l store.Recipient, why error) {
	t.o.Log.Error("a letter cannot be taken up and is put off", "job", l.Job, "person", l.Person, "err", why)
	if err := t.store.PostponeLetter(ctx, l, t.o.Now().Add(oddAgain)); err != nil {
		t.complain(ctx, "put off", err)
	}
}

// pass goes through what is due of a class, in order. It ends when all is in hand, which is before all is settled.
func (t *term) pass(ctx context.Context, items []item) {
	// All jobs are held until the pass is over, so that each is looked at once whether it is done, and not after each letter.
	tracks := make([]*track, len(items))
	for i, it := range items {
		tracks[i] = t.track(it.job)
	}
	asked := map[*track]error{}
	for i, it := range items {
		k := tracks[i]
		if it.letter == nil {
			t.walk(ctx, k)
			continue
		}
		err, known := asked[k]
		if !known {
			err = t.mayBegin(ctx, k)
			asked[k] = err
		}
		switch {
		case err == nil:
			t.resume(ctx, k, *it.letter)
		case errors.Is(err, store.ErrCorrupt): // it stands in the way of others
			t.putOff(ctx, *it.letter, err)
		}
	}
	for _, k := range tracks {
		t.release(ctx, k)
	}
}

// spawn starts a goroutine of the term. A panic is logged; the letters it leaves are taken up when their time has come.
func (t *term) spawn(f func()) {
	t.wg.Go(func() {
		defer t.recovered()
		f()
	})
}

// recovered is deferred where a panic must cost no more than what caused it.
func (t *term) recovered() {
	if p := recover(); p != nil {
		t.o.Log.Error("broadcast panicked", "err", fmt.Sprintf("%v\n%s", p, debug.Stack()))
	}
}
