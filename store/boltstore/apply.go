package boltstore

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"recbot/store"
)

// errCounter refuses a batch that would count beyond what Redis can count exactly.
var errCounter = fmt.Errorf("counter beyond %d: %w", int64(store.MaxCount), store.ErrFull)

// nextRev is the revision of a batch that follows one with revision last. It grows when the clock goes back, and when the
// tail of the writes was lost its revisions do not come again.
func nextRev(last store.Rev, now time.Time) store.Rev {
	return max(last+1, store.Rev(now.UnixMicro()))
}

// apply checks the conditions of a batch and then makes its mutations. An error that is no [refusal] means that the whole
// transaction has to be given up.
func (t table) apply(s store.Shard, b store.Batch) (store.Result, error) {
	// Before the conditions: they may well not hold any more because the batch was applied.
	op := nameKey(kindOp, s, b.Op)
	if b.Op != "" {
		if c, ok := t.cell(op); ok {
			return opResult(c), nil
		}
	}
	if err := t.check(s, b); err != nil {
		return store.Result{}, err
	}
	seq := nameKey(kindSeq, s, "")
	var last store.Rev
	if raw := t.Get(seq); raw != nil {
		last = store.Rev(number(raw))
	}
	result := store.Result{Rev: nextRev(last, t.now)}
	if err := t.Put(seq, binary.BigEndian.AppendUint64(nil, uint64(result.Rev))); err != nil {
		return result, err
	}
	for _, m := range b.Do {
		if err := t.mutate(s, m, &result); err != nil {
			return result, err
		}
	}
	if b.Op != "" {
		return result, t.setCell(op, opCell(result, t.ends(store.OpTTL)))
	}
	return result, nil
}

// check finds the first condition that does not hold, in the order of the batch, the leases' own after the others.
func (t table) check(s store.Shard, b store.Batch) error {
	for i, c := range b.If {
		kind := byte(kindDoc)
		if c.Kind == store.CondHolds {
			kind = kindLease
		}
		if rev := t.revOf(nameKey(kind, s, c.Key)); rev != c.Rev {
			return &store.ConflictError{Index: i, Current: rev}
		}
	}
	for i, m := range b.Do {
		if err := t.checkMutation(s, m, len(b.If)+i); err != nil {
			return err
		}
	}
	return nil
}

// revOf gives the revision of a document or the token of a lease, 0 for none.
func (t table) revOf(key []byte) store.Rev {
	if c, ok := t.cell(key); ok {
		return store.Rev(c.num)
	}
	return 0
}

// checkMutation looks at what a mutation asks for by itself.
func (t table) checkMutation(s store.Shard, m store.Mutation, index int) error {
	switch m.Kind {
	case store.MutAcquire, store.MutRenew:
		// An Acquire carries token 0, which is what it must find.
		if token := t.revOf(nameKey(kindLease, s, m.Key)); token != m.Rev {
			return &store.ConflictError{Index: index, Current: token}
		}
	case store.MutIncr:
		c, _ := t.cell(nameKey(kindCounter, s, m.Key))
		if n := c.num + m.N; n > store.MaxCount || n < -store.MaxCount {
			return errCounter
		}
	}
	return nil
}

// mutate makes one change. The conditions hold, so an error here is bolt's, and ends the whole transaction.
func (t table) mutate(s store.Shard, m store.Mutation, result *store.Result) error {
	switch m.Kind {
	case store.MutPut:
		return t.setCell(nameKey(kindDoc, s, m.Key), cell{int64(result.Rev), t.ends(m.TTL), m.Value})
	case store.MutDelete:
		return t.dropCell(nameKey(kindDoc, s, m.Key))
	case store.MutAdd:
		return t.Put(memberKey(kindIndex, s, m.Key, m.Member), nil)
	case store.MutRemove:
		return t.Delete(memberKey(kindIndex, s, m.Key, m.Member))
	case store.MutSchedule:
		return t.schedule(s, m)
	case store.MutUnschedule:
		return t.unschedule(s, m)
	case store.MutIncr:
		return t.incr(s, m, result)
	case store.MutAppend:
		return t.Put(logKey(s, m.Key, result.Rev), m.Value)
	case store.MutTrim:
		return t.trim(s, m)
	}
	return t.lease(nameKey(kindLease, s, m.Key), m, result.Rev)
}

// schedule moves an id that stands in the queue already: two rows of one id would make it due twice.
func (t table) schedule(s store.Shard, m store.Mutation) error {
	if err := t.unschedule(s, m); err != nil {
		return err
	}
	ms := m.At.UnixMilli()
	if err := t.Put(queueKey(s, m.Key, ms, m.Member), nil); err != nil {
		return err
	}
	return t.Put(memberKey(kindReverse, s, m.Key, m.Member), binary.BigEndian.AppendUint64(nil, uint64(ms)))
}

// unschedule finds the row by its id. Queues are ordered by time, so without the reverse row it would have to read them whole.
func (t table) unschedule(s store.Shard, m store.Mutation) error {
	reverse := memberKey(kindReverse, s, m.Key, m.Member)
	raw := t.Get(reverse)
	if raw == nil {
		return nil
	}
	if err := t.Delete(queueKey(s, m.Key, number(raw), m.Member)); err != nil {
		return err
	}
	return t.Delete(reverse)
}

// incr counts, and notes the new value for the result. Without a ttl of its own the counter ends when it was going to end.
func (t table) incr(s store.Shard, m store.Mutation, result *store.Result) error {
	key := nameKey(kindCounter, s, m.Key)
	c, _ := t.cell(key) // what is missing or has ended begins at 0
	c.num += m.N
	if m.TTL != 0 {
		c.ends = t.ends(m.TTL)
	}
	result.Counts = append(result.Counts, c.num)
	return t.setCell(key, c)
}

// trim gathers the keys before it deletes any: a cursor of bolt's loses its place when rows go from under it.
func (t table) trim(s store.Shard, m store.Mutation) error {
	old := rows(t.Bucket, logKey(s, m.Key, 0), logKey(s, m.Key, m.Rev), math.MaxInt)
	for _, key := range old {
		if err := t.Delete(key); err != nil {
			return err
		}
	}
	return nil
}

// lease carries out what [table.checkMutation] has allowed. A Release of what is not held does nothing.
func (t table) lease(key []byte, m store.Mutation, rev store.Rev) error {
	switch m.Kind {
	case store.MutAcquire:
		return t.setCell(key, cell{int64(rev), t.ends(m.TTL), []byte(m.Member)})
	case store.MutRenew:
		c, _ := t.cell(key)
		// The holder is copied, for it lies in a page that the row is about to be taken from.
		return t.setCell(key, cell{c.num, t.ends(m.TTL), append([]byte(nil), c.rest...)})
	case store.MutRelease:
		if t.revOf(key) == m.Rev {
			return t.dropCell(key)
		}
	}
	return nil
}

// opCell packs what a batch did, for the next one with its operation id.
func opCell(r store.Result, ends int64) cell {
	c := cell{num: int64(r.Rev), ends: ends}
	for _, n := range r.Counts {
		c.rest = binary.BigEndian.AppendUint64(c.rest, uint64(n))
	}
	return c
}

// opResult unpacks what [opCell] packed.
func opResult(c cell) store.Result {
	r := store.Result{Rev: store.Rev(c.num)}
	for rest := c.rest; len(rest) > 0; rest = rest[8:] {
		r.Counts = append(r.Counts, number(rest))
	}
	return r
}
