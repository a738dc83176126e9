package store

import (
	"context"
	"fmt"
)

// FinishJob shrinks a job to its counts when it is done: all cursors are at the end and nobody waits. A withdrawn one is
// done when nobody waits and its deadline has passed. Otherwise it arranges that a walked job is looked at again, and says
// so with false; the letters that wait stand in their own queue.
func (s *Store) FinishJob(ctx context.Context, j Job) (done bool, err error) {
	err = attempt(ctx, func() error {
		done, err = s.tryFinish(ctx, j)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("finish job %q: %w", j.ID, err)
	}
	return done, nil
}

func (s *Store) tryFinish(ctx context.Context, j Job) (bool, error) {
	shard := jobShard(j)
	r, err := s.readJob(ctx, shard, j.ID)
	// What is read below may change meanwhile, but not back: a cursor stays at its end, and nobody comes to wait once the
	// walk is over and nobody waits. Only opening the job again could undo that, and it writes the job itself. So does an older
	// leader who settled what waits here and hands the job over: putting it off then fails, and this begins again.
	if err != nil || r.rev == 0 {
		return true, err
	}
	if r.State == jobDone {
		return true, s.sweep(ctx, r.ID)
	}
	if r.Turn != j.Turn { // it has given way: whoever works on the later turn reports that, and ends it
		at := s.now()
		if r.Due.After(at) {
			at = r.Due
		}
		return false, s.lookAt(ctx, r, at)
	}
	if r.State == jobWithdrawn && s.now().Before(r.Until) { // it may have been handed over
		return false, s.lookAt(ctx, r, r.Until)
	}
	if r.State == jobOpen {
		if walked, err := s.walked(ctx, r); err != nil || !walked {
			return false, err
		}
	}
	if r.Counts, err = s.countJob(ctx, r.Job); err != nil {
		return false, err
	}
	if r.Counts.Waiting > 0 {
		return false, s.lookAt(ctx, r, s.now().Add(lookAgain))
	}
	if r.State == jobWithdrawn && *r.Counts == (Counts{}) {
		return true, s.erase(ctx, r)
	}
	return true, s.bury(ctx, shard, r)
}

// erase removes a withdrawn job that reached nobody, so that it can be opened again as if it had never been: an announcement that
// was taken back may be sent days later. The cursors go first, for a new job must not find one at its end.
func (s *Store) erase(ctx context.Context, r jobRecord) error {
	if err := s.dropCursors(ctx, r.ID); err != nil {
		return err
	}
	_, err := s.apply(ctx, Global, Batch{
		If: []Condition{RevIs(jobKey(r.ID), r.rev)},
		Do: []Mutation{Delete(jobKey(r.ID)), Unschedule(jobQueue, string(r.ID))},
	})
	return err
}

// bury leaves a tombstone of a job. The cursors of an audience stand in other shards: the id stays in the queue until they
// are gone, so that a crash in between leaves nothing behind.
func (s *Store) bury(ctx context.Context, shard Shard, r jobRecord) error {
	tomb := jobRecord{Job: Job{ID: r.ID, Kind: r.Kind, Opened: r.Opened, Due: r.Due}, State: jobDone, Counts: r.Counts}
	b := Batch{
		If: []Condition{RevIs(jobKey(r.ID), r.rev)},
		Do: []Mutation{Put(jobKey(r.ID), encode(tomb), doneTTL)},
	}
	if r.Kind == JobAnnounce {
		b.Do = append(b.Do, Schedule(toldQueue, string(r.ID), s.now().Add(lettersKept)))
	}
	if shard != Global {
		b.Do = append(b.Do, Unschedule(jobQueue, string(r.ID)), Delete(walkKey(r.ID)))
		_, err := s.apply(ctx, shard, b)
		return err
	}
	if _, err := s.apply(ctx, shard, b); err != nil {
		return err
	}
	return s.sweep(ctx, r.ID)
}

// sweep removes the cursors of a finished job for an audience, then its place in the queue.
func (s *Store) sweep(ctx context.Context, id JobID) error {
	if err := s.dropCursors(ctx, id); err != nil {
		return err
	}
	return s.unschedule(ctx, Global, jobQueue, string(id))
}

func (s *Store) dropCursors(ctx context.Context, id JobID) error {
	for _, shard := range personShards() {
		if _, err := s.apply(ctx, shard, Batch{Do: []Mutation{Delete(walkKey(id))}}); err != nil {
			return err
		}
	}
	return nil
}

// SweepTold forgets whom announcements went to that ended 48 h ago or longer. It costs what there is to forget.
func (s *Store) SweepTold(ctx context.Context) error {
	old, err := s.b.Due(ctx, toldQueue, s.now(), MaxOperations, Global)
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	for _, e := range old {
		for _, shard := range personShards() {
			if err := s.clearIndex(ctx, shard, OfIndex(JobID(e.ID))); err != nil {
				return fmt.Errorf("sweep: %w", err)
			}
		}
		if err := s.unschedule(ctx, Global, toldQueue, e.ID); err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
	}
	return nil
}

// clearIndex takes everybody out of an index of one shard.
func (s *Store) clearIndex(ctx context.Context, shard Shard, index string) error {
	for {
		members, _, err := s.b.Members(ctx, shard, index, "", MaxOperations)
		if err != nil || len(members) == 0 {
			return err
		}
		drop := make([]Mutation, len(members))
		for i, m := range members {
			drop[i] = Remove(index, m)
		}
		if err := s.applyAll(ctx, shard, drop); err != nil {
			return err
		}
	}
}
