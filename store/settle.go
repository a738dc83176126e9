package store

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// MaxSettlements is the most that one batch settles: each takes a condition, two mutations, and at worst two counters.
const MaxSettlements = 50

// maxMet is the most that one batch settles of letters that fulfil wishes: each takes a record and an index entry besides.
const maxMet = 30

// Settlement is what came of one try at a letter.
type Settlement struct {
	Kind    JobKind   // of the letter's job
	Letter  Recipient // as it was taken up for this try
	Outcome Outcome
}

// SettleLetter notes what came of a try. It is conditional only on the recipient's state in this try, so that results may
// come in any order and late; one that has nothing to say any more changes nothing. The entry is given as it stands then.
func (s *Store) SettleLetter(ctx context.Context, kind JobKind, r Recipient, o Outcome) (now Recipient, err error) {
	all, err := s.SettleLetters(ctx, Settlement{kind, r, o})
	if err != nil {
		return r, fmt.Errorf("settle letter of job %q to person %d: %w", r.Job, r.Person, err)
	}
	return all[0], nil
}

// SettleLetters settles some letters to persons of one shard as [Store.SettleLetter] does each of them, in one batch, or two
// where wishes are fulfilled: to write them together costs little more than to write one. It takes at most [MaxSettlements].
// The entries are given in the same order. After an error nothing was noted, or perhaps some with [ErrUnknown] or in the first
// of two batches; to settle again does no harm.
//
// None depends on another. When one of them cannot be noted, for its letterbox cannot be read, say, the error is about all:
// the caller then settles each alone.
func (s *Store) SettleLetters(ctx context.Context, settled ...Settlement) (now []Recipient, err error) {
	if len(settled) == 0 || len(settled) > MaxSettlements {
		return nil, fmt.Errorf("settle %d letters at once: not 1 to %d", len(settled), MaxSettlements)
	}
	most := MaxSettlements
	if slices.ContainsFunc(settled, func(one Settlement) bool { return one.Kind == JobWish }) {
		most = maxMet
	}
	for some := range slices.Chunk(settled, most) {
		var entries []Recipient
		err = attempt(ctx, func() error {
			entries, err = s.trySettle(ctx, some)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("settle %d letters: %w", len(settled), err)
		}
		now = append(now, entries...)
	}
	return now, nil
}

func (s *Store) trySettle(ctx context.Context, settled []Settlement) ([]Recipient, error) {
	shard := settled[0].Letter.Person.shard()
	ids := make([]PersonID, 0, len(settled))
	for _, one := range settled {
		if one.Letter.Person.shard() != shard {
			return nil, fmt.Errorf("person %d is not of shard %d", one.Letter.Person, shard)
		}
		// Two jobs may reach a person in the same moment. Their entries stand in one letterbox.
		if !slices.Contains(ids, one.Letter.Person) {
			ids = append(ids, one.Letter.Person)
		}
	}
	boxes, err := s.letterboxes(ctx, shard, ids)
	if err != nil {
		return nil, err
	}
	var c entryChanges
	met := map[PersonID][]MeetingID{}
	entries := make([]Recipient, len(settled))
	for i, one := range settled {
		box := &boxes[slices.Index(ids, one.Letter.Person)]
		if box.odd != nil {
			return nil, box.odd
		}
		old, found := box.of(one.Letter.Job)
		entries[i] = old
		if !found {
			continue
		}
		if next, said := old.settle(one.Letter.Try, one.Outcome, one.Kind, s.now()); said {
			c.change(box, old, next, s.now())
			entries[i] = next
			// Only what is known to have arrived fulfils a wish.
			if _, about := next.Job.About(); one.Kind == JobWish && next.State == Sent {
				met[next.Person] = append(met[next.Person], about)
			}
		}
	}
	if len(c.boxes) == 0 {
		return entries, nil
	}
	// No operation id, which would be rows of its own to write and to sweep: if the answer is lost and the batch meets its own
	// work, the next look at the letterboxes finds that the outcomes have nothing to say any more.
	b, err := s.wishesMet(ctx, shard, met)
	if err != nil {
		return nil, err
	}
	letters := c.batch()
	b.If, b.Do = append(b.If, letters.If...), append(b.Do, letters.Do...)
	_, err = s.insist(ctx, shard, b)
	return entries, err
}

// entryChanges gathers changes of the ledger's entries in one shard for one batch: letterboxes, queue and counters. The zero
// value is without any.
type entryChanges struct {
	boxes  []*letterbox
	queue  []Mutation
	counts []count
}

// count is by how much a counter changes.
type count struct {
	key string
	n   int64
}

// change replaces an entry in its letterbox. The box must not be copied until the batch is made.
func (c *entryChanges) change(box *letterbox, old, next Recipient, now time.Time) {
	box.set(next, now)
	if !slices.Contains(c.boxes, box) {
		c.boxes = append(c.boxes, box)
	}
	c.queue = append(c.queue, next.queue(old.State)...)
	// Sending and Later count as one, so a letter that goes to and fro between them touches no counter.
	if from, to := old.State.counter(), next.State.counter(); from != to {
		c.count(counterKey(next.Job, from), -1)
		c.count(counterKey(next.Job, to), 1)
	}
}

// count adds to a counter, which is written once for all entries.
func (c *entryChanges) count(key string, n int64) {
	for i := range c.counts {
		if c.counts[i].key == key {
			c.counts[i].n += n
			return
		}
	}
	c.counts = append(c.counts, count{key, n})
}

// batch makes the batch. It holds only while nobody else has written one of the letterboxes.
func (c *entryChanges) batch() (b Batch) {
	b.Do = c.queue
	for _, box := range c.boxes {
		unchanged, put := box.put()
		b.If, b.Do = append(b.If, unchanged), append(b.Do, put)
	}
	for _, n := range c.counts {
		b.Do = append(b.Do, Incr(n.key, n.n, countTTL))
	}
	return b
}
