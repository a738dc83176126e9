package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// letterbox is the document that holds all ledger entries of a person.
//
// One document for all jobs, and not one for each: then who is forgotten, or wants to see what is kept, costs one read,
// and old entries go when new ones are written. Its price is that two jobs that reach a person in the same moment may have to
// write twice.
type letterbox struct {
	Letters []Recipient `json:"letters"`
	person  PersonID
	rev     Rev
	odd     error // why it cannot be read, see letterboxes
}

// letterboxKey is read by eye too: `GET {s17}d:letters:4711` shows everything that was sent to somebody.
func letterboxKey(id PersonID) string { return "letters:" + id.member() }

func readLetterbox(id PersonID, d Doc) (letterbox, error) {
	b := letterbox{person: id, rev: d.Rev}
	if d.Rev == 0 {
		return b, nil
	}
	read, err := decode[letterbox](d)
	b.Letters = read.Letters
	for i := range b.Letters {
		b.Letters[i].Person = id
	}
	return b, err
}

// of gives the entry of a job. There are few in a letterbox, so it is searched from end to end.
func (b *letterbox) of(job JobID) (r Recipient, ok bool) {
	i := slices.IndexFunc(b.Letters, func(r Recipient) bool { return r.Job == job })
	if i < 0 {
		return Recipient{}, false
	}
	return b.Letters[i], true
}

// lastOf gives the last word of some jobs about the letter of one announcement.
func (b *letterbox) lastOf(ids []JobID) (last Recipient, found bool) {
	for _, id := range ids {
		if r, ok := b.of(id); ok && (!found || r.State != Skipped) {
			last, found = r, true
		}
	}
	return last, found
}

// set replaces the entry of r's job, or adds it, and drops what was settled long ago.
func (b *letterbox) set(r Recipient, now time.Time) {
	kept := make([]Recipient, 0, len(b.Letters)+1)
	for _, l := range b.Letters {
		if l.Job != r.Job && (l.State.waiting() || now.Sub(l.At) < lettersKept) {
			kept = append(kept, l)
		}
	}
	// With r there are len(kept)+1. Only what is dropped counts: a letter that waits stays and makes no room.
	over := len(kept) + 1 - maxLetters
	kept = slices.DeleteFunc(kept, func(l Recipient) bool {
		if over <= 0 || l.State.waiting() {
			return false
		}
		over--
		return true
	})
	b.Letters = append(kept, r)
}

// put writes the letterbox back. It has a TTL only while nobody waits: garbage may go, letters may not.
func (b *letterbox) put() (Condition, Mutation) {
	ttl := lettersKept
	if slices.ContainsFunc(b.Letters, func(r Recipient) bool { return r.State.waiting() }) {
		ttl = 0
	}
	key := letterboxKey(b.person)
	return RevIs(key, b.rev), Put(key, encode(b), ttl)
}

// queue lists what keeps the queue of letters right when an entry changes from old to r.
func (r Recipient) queue(old State) []Mutation {
	id := letterID(r.Person, r.Job)
	switch {
	case r.State.waiting():
		return []Mutation{Schedule(letterQueue, id, r.At)}
	case old.waiting():
		return []Mutation{Unschedule(letterQueue, id)}
	}
	return nil
}

// LettersOf lists the letters of jobs to a person: those that wait, and those settled in the last 48 h.
func (s *Store) LettersOf(ctx context.Context, id PersonID) ([]Recipient, error) {
	b, err := s.letterbox(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("letters of person %d: %w", id, err)
	}
	now := s.now()
	return slices.DeleteFunc(b.Letters, func(r Recipient) bool { return !r.State.waiting() && now.Sub(r.At) >= lettersKept }), nil
}

// letterbox reads that of one person; an empty one when there is none.
func (s *Store) letterbox(ctx context.Context, id PersonID) (letterbox, error) {
	docs, err := s.b.Get(ctx, id.shard(), letterboxKey(id))
	if err != nil {
		return letterbox{}, err
	}
	return readLetterbox(id, docs[0])
}

// letterboxes reads those of several persons of one shard. One that cannot be read is marked so: it is one person's
// trouble, and the others are not to wait for it.
func (s *Store) letterboxes(ctx context.Context, shard Shard, ids []PersonID) ([]letterbox, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = letterboxKey(id)
	}
	docs, err := s.b.Get(ctx, shard, keys...)
	if err != nil {
		return nil, err
	}
	boxes := make([]letterbox, len(docs))
	for i, d := range docs {
		boxes[i], boxes[i].odd = readLetterbox(ids[i], d)
	}
	return boxes, nil
}

// letterID is a recipient's entry in the queue of letters.
func letterID(p PersonID, j JobID) string { return p.member() + ":" + string(j) }

// readLetterID reads what letterID wrote. A person's name holds no colon, so all behind the first one is the job's.
func readLetterID(id string) (PersonID, JobID, error) {
	who, job, _ := strings.Cut(id, ":")
	p, err := personOf(who)
	return p, JobID(job), err
}

// forgetLetters erases what the ledger holds of a person: their letterbox with the queue's entries, and the jobs for them
// alone. What is under way to them at this moment finds no entry when it is settled, and that is all right.
func (s *Store) forgetLetters(ctx context.Context, id PersonID) error {
	jobs, err := s.personsJobs(ctx, id)
	if err != nil {
		return err
	}
	var drop []Mutation
	for _, j := range jobs {
		drop = append(drop, Delete(jobKey(j.ID)), Unschedule(jobQueue, string(j.ID)), Delete(walkKey(j.ID)))
	}
	if err := s.applyAll(ctx, id.shard(), drop); err != nil {
		return err
	}
	return attempt(ctx, func() error {
		box, err := s.letterbox(ctx, id)
		if errors.Is(err, ErrCorrupt) {
			box.Letters, err = nil, nil // what nobody can read is erased like the rest
		}
		if err != nil || box.rev == 0 {
			return err
		}
		// The indexes of announcements go before the letterbox, for only it knows which they are.
		var told []Mutation
		for _, r := range box.Letters {
			told = append(told, Remove(OfIndex(r.Job), id.member()))
		}
		if err := s.applyAll(ctx, id.shard(), told); err != nil {
			return err
		}
		key := letterboxKey(id)
		b := Batch{If: []Condition{RevIs(key, box.rev)}, Do: []Mutation{Delete(key)}}
		for _, r := range box.Letters {
			if r.State.waiting() {
				b.Do = append(b.Do, Unschedule(letterQueue, letterID(id, r.Job)), Incr(counterKey(r.Job, counted[0]), -1, countTTL))
			}
		}
		_, err = s.apply(ctx, id.shard(), b)
		return err
	})
}

// personsJobs lists the jobs in a person's shard that are for them alone and still stand in its queue.
func (s *Store) personsJobs(ctx context.Context, id PersonID) ([]jobRecord, error) {
	entries, err := s.b.Due(ctx, jobQueue, lastDue, maxQueue, id.shard())
	if err != nil {
		return nil, err
	}
	var own []jobRecord
	for _, e := range entries {
		r, err := s.readJob(ctx, id.shard(), JobID(e.ID))
		if err != nil && !errors.Is(err, ErrCorrupt) {
			return nil, err
		}
		if err == nil && r.Audience.Person == id {
			own = append(own, r)
		}
	}
	return own, nil
}
