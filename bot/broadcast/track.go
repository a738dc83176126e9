package broadcast

import (
	"context"
	"errors"
	"sync"
	"time"

	"recbot/bot"
	"recbot/store"
)

// track is a job that is being worked on: walked, or with letters in hand. When the last of them lets go, the job is looked
// at whether it is done.
type track struct {
	job store.Job
	// Guarded by Runner.mu.
	holds int
	turns int // how often it was taken hold of
	fails int // how often it could not be concluded, one after the other

	mu     sync.Mutex
	render map[rendering]*bot.Letter

	telling sync.Mutex // one report at a time
	told    time.Time  // of the machine's clock, guarded by telling
}

// course is a job at one of its turns: one that was stopped and goes on may say something else, and letters of both are in hand.
type course struct {
	job  store.JobID
	turn int
}

func courseOf(j store.Job) course { return course{j.ID, j.Turn} }

// hand is a letter that is in hand.
type hand struct {
	person store.PersonID
	job    store.JobID
}

// queue is the letters to one person of one class: they go one after the other, and wait for none of another class. Corrections of
// one message are in one queue, that of their kind, though those marked urgent leave as prompt ones.
type queue struct {
	person store.PersonID
	class  store.Class
}

// rendering is what letters must have in common to share one text.
type rendering struct {
	key    string
	lang   store.Lang
	zone   string
	silent bool
	minute int64 // texts name the time that remains
}

// track takes hold of a job; release lets go.
func (r *Runner) track(j store.Job) *track {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.tracks[courseOf(j)]
	if k == nil {
		k = &track{job: j, told: time.Now()}
		r.tracks[courseOf(j)] = k
	}
	k.holds++
	k.turns++
	return k
}

// tracked tells whether a job is being worked on. It stays due in the store until it is done or has to wait.
func (r *Runner) tracked(j store.Job) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tracks[courseOf(j)] != nil
}

// holds tells whether a letter is in hand, so that it is not taken for one that a crash has left.
func (r *Runner) holds(l store.Recipient) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hands[hand{l.Person, l.Job}] != nil
}

// release lets go of a job. The last one finishes it if it is done, while still holding it, so that it does not count as
// idle before. When that fails it is held on to and tried again: the job may have been put off for an hour because a letter of it
// waited, and nobody would come by before.
func (t *term) release(ctx context.Context, k *track) {
	t.mu.Lock()
	for k.holds == 1 && ctx.Err() == nil {
		turns := k.turns
		t.mu.Unlock()
		err := t.conclude(ctx, k)
		if err != nil && !errors.Is(err, store.ErrCorrupt) { // which time does not heal
			t.releaseLater(ctx, k)
			return
		}
		t.mu.Lock()
		k.fails = 0
		if k.turns == turns { // else somebody held it meanwhile, and what they settled was not counted
			break
		}
	}
	k.holds--
	last := k.holds == 0
	if last {
		delete(t.tracks, courseOf(k.job))
	}
	t.mu.Unlock()
	if last && ctx.Err() != nil {
		t.handOver(ctx, k.job)
	}
	if last { // a look costs what is due, and while letters of the job are in hand there may be much that only waits for them
		t.Wake()
	}
}

// releaseLater lets go of a job in a second, and at growing distances when that fails again: it may be our own mistake, which
// does not go away.
func (t *term) releaseLater(ctx context.Context, k *track) {
	t.mu.Lock()
	k.fails++
	wait := backoff(k.fails)
	t.mu.Unlock()
	t.spawn(func() {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
		t.release(ctx, k)
	})
}

// conclude finishes a job if it is done, behind the last word about it.
func (t *term) conclude(ctx context.Context, k *track) error {
	err := t.report(ctx, k)
	if err == nil {
		_, err = t.store.FinishJob(ctx, k.job)
	}
	if err != nil {
		t.complain(ctx, "finish", err)
	}
	return err
}

// handOver makes a job due at the end of a term, for whoever leads now. It may be put off until later because letters were in
// hand here, and with them settled nothing else would bring anybody to end it, and to report.
func (t *term) handOver(ctx context.Context, j store.Job) {
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), handOverTime)
	defer cancel()
	if err := t.store.HandOverJob(call, j, t.o.Now()); err != nil {
		t.o.Log.Warn("a job could not be handed over; it is looked at within an hour", "job", j.ID, "err", err)
	}
}

// handOverTime bounds the last word about a job: the end of a term must not wait for a store that is away.
const handOverTime = 2 * time.Second

// report tells how a job stands that somebody waits for, and whether it is over.
func (t *term) report(ctx context.Context, k *track) error {
	if t.o.Progress == nil || !k.job.Kind.Reported() {
		return nil
	}
	k.telling.Lock()
	defer k.telling.Unlock()
	c, over, err := t.store.JobProgress(ctx, k.job)
	if err == nil {
		err = t.o.Progress(ctx, k.job, c, over)
	}
	k.told = time.Now()
	return err
}

// reportNow and then tells how an announcement that is under way stands. Whoever finds somebody else telling goes on.
func (t *term) reportNow(ctx context.Context, k *track) {
	if t.o.Progress == nil || k.job.Kind != store.JobAnnounce || !k.telling.TryLock() {
		return
	}
	late := time.Since(k.told) >= tellEvery
	if late {
		k.told = time.Now()
	}
	k.telling.Unlock()
	if !late {
		return
	}
	if err := t.report(ctx, k); err != nil {
		t.complain(ctx, "progress", err)
	}
}

// take takes a letter in hand, behind the person's letters of the class that are in hand already. before is closed when it may go on (nil
// = at once), done is to be called when it is settled.
func (t *term) take(ctx context.Context, k *track, l store.Recipient) (before <-chan struct{}, done func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k.holds++
	k.turns++
	h, q, mine := hand{l.Person, l.Job}, queue{l.Person, k.job.Class()}, make(chan struct{})
	if len(k.job.Replaces) > 0 { // corrections of one message go one after the other, urgent or not
		q.class = k.job.Kind.Class()
	}
	before = t.last[q]
	t.hands[h], t.last[q] = k, mine
	return before, func() {
		t.mu.Lock()
		delete(t.hands, h)
		if t.last[q] == mine {
			delete(t.last, q)
		}
		close(mine)
		t.mu.Unlock()
		t.release(ctx, k)
	}
}

// behind tells whether a letter about an older state of a change's meeting is in hand. The change waits for it, so that news do
// not overtake what they correct; it stays due, and is looked at again when the letter is settled.
func (r *Runner) behind(j store.Job) bool {
	if j.Kind != store.JobChange {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.hands {
		if k.job.Meeting == j.Meeting && k.job.Sequence < j.Sequence {
			return true
		}
	}
	return false
}

// letter gives the letter that says a reply to a person, from those rendered before if the key promises that it is the same.
func (t *term) letter(k *track, r *bot.Reply, key string, p store.Person, now time.Time) (*bot.Letter, error) {
	if key == "" {
		return t.o.Render(r, p, now)
	}
	// Several ask for one rendering at the same time, and wait for the first: to render costs more than to wait.
	same := rendering{key, p.Language, p.Zone, r.Silent, now.Unix() / 60}
	k.mu.Lock()
	defer k.mu.Unlock()
	if l, ok := k.render[same]; ok {
		return l, nil
	}
	l, err := t.o.Render(r, p, now)
	if err != nil {
		return nil, err
	}
	if k.render == nil || len(k.render) >= maxRenderings {
		k.render = make(map[rendering]*bot.Letter)
	}
	k.render[same] = l
	return l, nil
}

// maxRenderings of one job are kept: all that are in use at one time.
const maxRenderings = 1000
