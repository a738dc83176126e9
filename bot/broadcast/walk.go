package broadcast

import (
	"context"
	"errors"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"recbot/store"
)

// walk goes through a job's shards, some at once, each window by window.
func (t *term) walk(ctx context.Context, k *track) {
	if t.behind(k.job) { // it came in hand since the look
		return
	}
	switch err := t.mayBegin(ctx, k); {
	case errors.Is(err, store.ErrCorrupt): // which time does not heal; it must not be asked each second
		t.postpone(ctx, k.job, oddAgain)
		return
	case err != nil:
		return // the job stays due
	}
	// Several shards at once hide the time that a window takes; more would only wait for the outbox together.
	shards := make(chan store.Shard)
	var ends [heldUp + 1]atomic.Bool // that came up
	var walkers sync.WaitGroup
	for range min(shardsOnce, len(store.JobShards(k.job))) {
		walkers.Add(1)
		t.spawn(func() {
			defer walkers.Done()
			for shard := range shards {
				ends[t.walkShard(ctx, k, shard)].Store(true)
			}
		})
	}
	for _, shard := range store.JobShards(k.job) {
		select {
		case shards <- shard:
		case <-ctx.Done(): // the walkers may be gone
		}
	}
	close(shards)
	walkers.Wait()
	switch {
	case ends[pausedHere].Load():
		t.postpone(ctx, k.job, max(t.out.Pause(), time.Second))
	case ends[heldUp].Load(): // the job stays due
	case ends[oddHere].Load():
		t.postpone(ctx, k.job, oddAgain)
	}
}

// mayBegin asks whether a job may go on at present; with an error it may not. What Begin does not want to leave it withdraws, which
// ends each letter when it is taken up.
func (t *term) mayBegin(ctx context.Context, k *track) error {
	if t.o.Begin == nil || k.job.Audience.Person != 0 {
		return nil
	}
	err := t.o.Begin(ctx, k.job)
	if err != nil {
		t.complain(ctx, "begin", err)
	}
	return err
}

// walked is how the walk through a shard ended.
type walked uint8

const (
	walkedOut  walked = iota // at its end, or with that of the term
	pausedHere               // nothing but replies leaves at present
	oddHere                  // at what cannot be read, or at a mistake of ours
	heldUp                   // the store is out of reach
)

// oddAgain is when something is tried again that time does not heal.
const oddAgain = time.Hour

// walkShard takes windows until the end, and as long as the leader is one. A panic ends the walk of this shard alone.
func (t *term) walkShard(ctx context.Context, k *track, shard store.Shard) (end walked) {
	end = oddHere
	defer t.recovered()
	return t.windows(ctx, k, shard)
}

func (t *term) windows(ctx context.Context, k *track, shard store.Shard) walked {
	for ctx.Err() == nil {
		if k.job.Class() != store.ClassReply && t.out.Pause() > 0 {
			return pausedHere
		}
		call, done := whole(ctx)
		w, err := t.store.TakeWindow(call, k.job, shard, t.token, t.o.Window)
		done()
		if errors.Is(err, store.ErrCorrupt) {
			t.o.Log.Error("a shard cannot be walked and is put off", "job", k.job.ID, "shard", int(shard), "err", err)
			return oddHere
		}
		if err != nil {
			t.complain(ctx, "window", err)
			// The job stays due, and whoever looks next begins at once: on a full disk that would be a loop without rest.
			select {
			case <-ctx.Done():
			case <-time.After(lookEvery):
			}
			return heldUp
		}
		if w.Odd != nil {
			t.o.Log.Error("some persons cannot be read and are left out", "job", k.job.ID, "shard", int(shard), "err", w.Odd)
		}
		t.send(ctx, k, shard, w.Recipients)
		if w.End {
			return walkedOut
		}
	}
	return walkedOut
}

// whole gives the context of a call that changes where letters stand. The end of the term does not cut it short: the change may
// be made all the same, and letters would stand as sending of which nobody knows, until they count as unknown.
func whole(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), replyPatience)
}

// postpone puts the walk off, until bulk letters leave again, say. That is a due time in the store like any other, so a
// clock that is stepped comes by.
func (t *term) postpone(ctx context.Context, j store.Job, wait time.Duration) {
	if err := t.store.PostponeJob(ctx, j, t.o.Now().Add(wait)); err != nil {
		t.complain(ctx, "postpone", err)
	}
}

// send takes a window's recipients in hand.
func (t *term) send(ctx context.Context, k *track, shard store.Shard, recipients []store.Recipient) {
	if len(recipients) == 0 {
		return
	}
	ids := make([]store.PersonID, len(recipients))
	for i, l := range recipients {
		ids[i] = l.Person
	}
	people, err := t.people(ctx, shard, ids)
	for _, l := range recipients {
		p, known := people[l.Person]
		t.deliver(ctx, k, l, func() (store.Recipient, store.Outcome, bool) {
			if err != nil {
				return l, t.notNow(), true
			}
			return l, t.attempt(ctx, k, l, p, known), true
		})
	}
}

// people reads records, as often as it takes while the term lasts: the window is taken, and its letters want to leave.
func (t *term) people(ctx context.Context, shard store.Shard, ids []store.PersonID) (map[store.PersonID]store.Person, error) {
	for {
		people, err := t.store.PeopleOf(ctx, shard, ids...)
		switch {
		case err == nil:
			return people, nil
		case !errors.Is(err, store.ErrCorrupt):
		case len(ids) > 1:
			return t.readable(ctx, shard, ids)
		default:
			t.o.Log.Error("a record cannot be read, nothing is sent", "person", ids[0], "err", err)
			return nil, nil
		}
		t.complain(ctx, "people", err)
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(lookEvery):
		}
	}
}

// readable reads records one by one and leaves out those that cannot be read: time does not heal them.
func (t *term) readable(ctx context.Context, shard store.Shard, ids []store.PersonID) (map[store.PersonID]store.Person, error) {
	all := make(map[store.PersonID]store.Person, len(ids))
	for _, id := range ids {
		one, err := t.people(ctx, shard, []store.PersonID{id})
		if err != nil {
			return nil, err
		}
		maps.Copy(all, one)
	}
	return all, nil
}

// resume takes up one letter whose time has come.
func (t *term) resume(ctx context.Context, k *track, l store.Recipient) {
	t.deliver(ctx, k, l, func() (store.Recipient, store.Outcome, bool) {
		if ctx.Err() != nil {
			return l, store.Outcome{}, false
		}
		call, done := whole(ctx)
		l, err := t.store.Claim(call, l, t.token)
		done()
		if errors.Is(err, store.ErrCorrupt) {
			t.putOff(ctx, l, err)
			return l, store.Outcome{}, false
		}
		if err != nil {
			t.complain(ctx, "claim", err)
			return l, store.Outcome{}, false
		}
		// It may have been settled instead: the job was withdrawn, or it was its last try.
		if l.State != store.Sending || l.Token != t.token {
			return l, store.Outcome{}, false
		}
		people, err := t.people(ctx, store.ShardOf(store.ChatID(l.Person)), []store.PersonID{l.Person})
		if err != nil {
			return l, t.notNow(), true
		}
		p, known := people[l.Person]
		return l, t.attempt(ctx, k, l, p, known), true
	})
}
