package store

import (
	"context"
	"errors"
	"fmt"
)

// walk is the cursor of a job in one shard. Whoever writes it has put their fencing token into it, and a batch that takes
// recipients is conditional on its revision: a leader of the past cannot take any.
type walk struct {
	Token Rev    `json:"token"`
	Round int    `json:"round,omitempty"`
	Index int    `json:"index,omitempty"` // of the audience's indexes
	After Cursor `json:"after,omitempty"` // in that index
	End   bool   `json:"end,omitempty"`
	rev   Rev
}

func walkKey(id JobID) string { return "walk:" + string(id) }

// readWalk reads a cursor; that of an earlier round stands at the beginning again.
func (s *Store) readWalk(ctx context.Context, shard Shard, r jobRecord) (walk, error) {
	w, rev, err := readDoc[walk](ctx, s, shard, walkKey(r.ID))
	if w.Round < r.Round {
		w = walk{Token: w.Token, Round: r.Round}
	}
	w.rev = rev
	return w, err
}

// fresh tells that nobody of the shard was taken yet in this round.
func (w walk) fresh() bool { return !w.End && w.Index == 0 && w.After == "" }

// Window is what one step of the walk of a job through a shard took.
type Window struct {
	Recipients []Recipient // now Sending, for the caller to send
	End        bool        // nothing is left in this shard
	Odd        error       // who was left out because what is noted of them cannot be read; nil = nobody
}

// TakeWindow takes the next recipients of a job in a shard, at most n (and at most [MaxWindow]): one atomic batch notes
// them as Sending and moves the cursor. Who is in the job's ledger already is left out, so whoever stands in two indexes
// is taken once. Nobody is taken of a job that is not open any more. Whose letterbox cannot be read is left out, see
// [Window].
//
// ErrFenced means that a leader with a higher token has been here. The indexes are read as they are now; a person who
// joins behind the cursor is not taken, nor is one who left before it came.
func (s *Store) TakeWindow(ctx context.Context, j Job, shard Shard, token Rev, n int) (w Window, err error) {
	err = attempt(ctx, func() error {
		w, err = s.tryWindow(ctx, j, shard, token, min(n, MaxWindow))
		return err
	})
	if err != nil {
		return Window{}, fmt.Errorf("window of job %q in shard %d: %w", j.ID, shard, err)
	}
	return w, nil
}

func (s *Store) tryWindow(ctx context.Context, j Job, shard Shard, token Rev, n int) (Window, error) {
	// The job is read anew for each window, so that one that was withdrawn stops within one.
	job, err := s.readJob(ctx, jobShard(j), j.ID)
	if err != nil || job.closed() != "" || job.Turn != j.Turn { // what it says now, whoever works on the later turn says
		return Window{End: true}, err
	}
	at, err := s.readWalk(ctx, shard, job)
	switch {
	case err != nil:
		return Window{}, err
	case at.Token > token:
		return Window{}, ErrFenced
	case at.End:
		return Window{End: true}, nil
	}
	at.Token = token
	boxes, odd, err := s.step(ctx, job, shard, &at, n)
	if err != nil {
		return Window{}, err
	}
	w, err := s.take(ctx, job, shard, at, boxes)
	w.Odd = odd
	return w, err
}

// step moves the cursor over the members that come next and gives the letterboxes of those to take, each once; odd tells
// who is passed over because they cannot be read.
func (s *Store) step(ctx context.Context, job jobRecord, shard Shard, at *walk, n int) (taken []letterbox, odd, err error) {
	seen := make(map[PersonID]bool)
	// Pages full of people who were taken by another topic are passed over in one go: their cursor moves with this batch.
	for !at.End && len(taken) < n {
		ids, strange, err := s.members(ctx, job.Audience, shard, at, n-len(taken))
		if err != nil {
			return nil, nil, err
		}
		boxes, err := s.letterboxes(ctx, shard, ids)
		if err != nil {
			return nil, nil, err
		}
		odd = errors.Join(odd, strange)
		for _, box := range boxes {
			switch {
			case seen[box.person]:
			case box.odd != nil:
				odd = errors.Join(odd, box.odd)
			case box.free(job.ID):
				taken = append(taken, box)
			}
			seen[box.person] = true
		}
	}
	return taken, odd, nil
}

// free tells whether a person may be taken: they have no entry, or were only passed over while the job was withdrawn.
func (b *letterbox) free(id JobID) bool {
	r, ok := b.of(id)
	return !ok || r.State == Skipped && r.Reason == reasonWithdrawn
}

// members reads the next persons of an audience in a shard and moves the cursor behind them. odd tells what stands among
// them and is no person.
func (s *Store) members(ctx context.Context, a Audience, shard Shard, at *walk, limit int) (ids []PersonID, odd, err error) {
	if a.Person != 0 {
		at.End = true
		return []PersonID{a.Person}, nil, nil
	}
	indexes := a.Indexes()
	if at.Index >= len(indexes) {
		at.End = true
		return nil, nil, nil
	}
	names, next, err := s.b.Members(ctx, shard, indexes[at.Index], at.After, limit)
	if err != nil {
		return nil, nil, err
	}
	if at.After = next; next == "" {
		at.Index++
		at.End = at.Index == len(indexes)
	}
	for _, name := range names {
		id, strange := personOf(name)
		if strange != nil {
			odd = errors.Join(odd, strange)
			continue
		}
		ids = append(ids, id)
	}
	return ids, odd, nil
}

// take makes the batch of a window.
func (s *Store) take(ctx context.Context, job jobRecord, shard Shard, at walk, boxes []letterbox) (Window, error) {
	key, now := walkKey(job.ID), s.now()
	// Every letterbox is a condition as well: a letter of another job that is settled in the same moment would be lost.
	b := Batch{If: []Condition{RevIs(key, at.rev)}, Do: []Mutation{Put(key, encode(at), 0)}}
	w := Window{End: at.End}
	again := 0
	for i := range boxes {
		// An entry that was passed over while the job was withdrawn goes on counting its tries.
		r := Recipient{Job: job.ID, Person: boxes[i].person, Own: job.Audience.Person != 0, Changes: len(job.Replaces) > 0}
		if old, ok := boxes[i].of(job.ID); ok {
			r, again = old, again+1
		}
		r.State, r.Reason, r.Token, r.At = Sending, "", at.Token, now.Add(LetterTimeout).UTC()
		r.Try++
		boxes[i].set(r, now)
		unchanged, put := boxes[i].put()
		b.If, b.Do = append(b.If, unchanged), append(b.Do, put)
		b.Do = append(b.Do, r.queue(Later)...)
		if job.Kind == JobAnnounce {
			b.Do = append(b.Do, Add(OfIndex(job.ID), r.Person.member()))
		}
		w.Recipients = append(w.Recipients, r)
	}
	if len(boxes) > 0 {
		b.Do = append(b.Do, Incr(counterKey(job.ID, counted[0]), int64(len(boxes)), countTTL))
	}
	if again > 0 {
		b.Do = append(b.Do, Incr(counterKey(job.ID, Skipped), -int64(again), countTTL))
	}
	_, err := s.apply(ctx, shard, b)
	return w, err
}
