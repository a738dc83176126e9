package boltstore

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	bolt "go.etcd.io/bbolt"

	"recbot/store"
)

// maxGroup is how many batches share a transaction at most. More would save little and make the first ones wait.
const maxGroup = 512

// request is a batch on its way to the committer. Whoever wins the flag decides: the committer takes the request, or a
// caller whose time is over takes it back.
type request struct {
	shard  store.Shard
	batch  store.Batch
	taken  atomic.Bool
	result store.Result
	err    error
	done   chan struct{} // closed when result and err are set
}

// Apply hands the batch to the committer and waits. A ctx that ends in time takes the batch back (ErrUnavailable, nothing
// applied); once the batch is in a transaction, its result is waited for.
func (d *DB) Apply(ctx context.Context, shard store.Shard, batch store.Batch) (store.Result, error) {
	if err := checkShard(shard); err != nil {
		return store.Result{}, err
	}
	if err := batch.Validate(); err != nil {
		return store.Result{}, err
	}
	if ctx.Err() != nil {
		return store.Result{}, ended(ctx)
	}
	// The channel has no room: a batch that nobody has taken yet stays with its caller, who may leave.
	r := &request{shard: shard, batch: batch, done: make(chan struct{})}
	select {
	case d.queue <- r:
	case <-d.closed:
		return store.Result{}, errClosed
	case <-ctx.Done():
		return store.Result{}, ended(ctx)
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		if r.taken.CompareAndSwap(false, true) {
			return store.Result{}, ended(ctx)
		}
		<-r.done
	}
	return r.result, r.err
}

// commitLoop is the only writer of the file. It returns when the store is closed. Whatever in it can panic runs inside guard:
// a panic that ended it would leave every writer waiting for ever.
func (d *DB) commitLoop() {
	defer close(d.gone)
	for {
		select {
		case r := <-d.queue:
			d.commit(d.group(r))
		case <-d.closed:
			return
		}
	}
}

// group takes whoever waits beside the first. It does not wait for more: while a group is being written the next one
// gathers by itself.
func (d *DB) group(first *request) []*request {
	group := make([]*request, 0, 8)
	for r := first; ; {
		if r.taken.CompareAndSwap(false, true) {
			group = append(group, r)
		}
		if len(group) == maxGroup {
			return group
		}
		select {
		case r = <-d.queue:
		default:
			return group
		}
	}
}

// commit writes a group and tells everybody in it. When there is no room for all, each is tried alone, so that a large
// batch does not take small ones down.
func (d *DB) commit(group []*request) {
	err := d.write(group)
	if errors.Is(err, store.ErrFull) && len(group) > 1 {
		for _, r := range group {
			d.commit([]*request{r})
		}
		return
	}
	for _, r := range group {
		// When the transaction failed, it failed for those too who were told nothing else so far.
		if err != nil {
			r.result, r.err = store.Result{}, err
		}
		close(r.done)
	}
}

// write makes one transaction of a group. After a write whose outcome is not known it writes no more, for what is in memory
// and what is on the disk may differ: only opening the file anew tells.
func (d *DB) write(group []*request) error {
	if len(group) == 0 {
		return nil
	}
	if d.broken != nil {
		return fmt.Errorf("the store needs to be opened anew: %w", d.broken)
	}
	err := guard(d.opt.Log, func() error {
		return boltError(d.bolt.Update(func(tx *bolt.Tx) error {
			t := d.table(tx)
			for _, r := range group {
				if r.result, r.err = t.apply(r.shard, r.batch); r.err != nil && !refusal(r.err) {
					return r.err
				}
			}
			// More is swept than a group can leave behind, so that garbage does not grow, and never much at once.
			return t.sweep(16 + 2*len(group))
		}))
	})
	switch {
	case errors.Is(err, store.ErrCorrupt):
		d.broken = err
	case errors.Is(err, store.ErrUnknown):
		d.broken = fmt.Errorf("an earlier write failed: %w", store.ErrUnavailable)
	}
	return err
}

// refusal tells whether an error is about one batch alone and was found before its first write.
func refusal(err error) bool {
	return errors.Is(err, store.ErrConflict) || errors.Is(err, errCounter)
}

// ended is the error of a call whose context was over before anything was done.
func ended(ctx context.Context) error {
	return fmt.Errorf("waiting for the store: %w: %w", context.Cause(ctx), store.ErrUnavailable)
}

// checkShard refuses a shard that there is none of: its rows would be found by nobody.
func checkShard(s store.Shard) error {
	if !s.Valid() {
		return fmt.Errorf("shard %d: there are %d and the global one", s, store.Shards)
	}
	return nil
}
