package store

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// A wish is to be told, once, when the agenda of a meeting is published that has none so far. It stands in the person's own
// record and in an index of their shard: whatever erases or silences the person does it to their wishes in the same batch.
//
//	set        by a press, together with its index entry
//	carried    by a job that is opened in the batch that saves the meeting with its first agenda, see tellWish
//	fulfilled  in the batch that notes that the letter was sent: so who was told is not told again, and who was not still may be

// MaxWishes is how many agendas a person may wait for. Those of meetings that are over do not count.
const MaxWishes = 15

// WishIndex names the index of those who wait for the agenda of a meeting.
func WishIndex(m MeetingID) string { return "wish:" + string(m) }

// WishID is the id of the job that tells that a meeting got its agenda. after is the meeting's revision before that save:
// an agenda that was taken back and comes again is another one.
func WishID(m MeetingID, after Rev) JobID { return JobID(fmt.Sprintf("wish:%s:%d", m, after)) }

// Wishes tells whether the person waits for the agenda of a meeting.
func (p Person) Wishes(m MeetingID) bool { return slices.Contains(p.Wished, m) }

// AgendaAwaited tells whether the agenda of a meeting may still come and be of use. A postponed meeting may get a new date,
// and its agenda with it.
func (m Meeting) AgendaAwaited(now time.Time) bool {
	return len(m.Agenda) == 0 && m.Status != Cancelled && !m.Over(now)
}

// agendaOut tells whether a meeting that lies ahead has an agenda. Of one that was called off nobody is told.
func (m Meeting) agendaOut(now time.Time) bool { return len(m.Agenda) > 0 && m.Upcoming(now) }

// WishAgenda notes that a person waits for the agenda of a meeting, or that they do so no longer, and gives their record.
//
// Wishing twice is wishing once, and the same cause has its effect once. Wishes of meetings that are over, or that are not
// there any more, are dropped on the occasion. One more than [MaxWishes] is refused with [ErrTooMany]. Whether the person may
// see the meeting is for the caller to ask.
func (s *Store) WishAgenda(ctx context.Context, id PersonID, m MeetingID, on bool, by Cause) (Person, error) {
	all, err := s.meetings(ctx)
	if err != nil {
		return Person{}, fmt.Errorf("wish of person %d: %w", id, err)
	}
	now := s.now()
	p, err := s.ChangePerson(ctx, id, by, func(p *Person) error {
		p.Wished = slices.DeleteFunc(set(p.Wished, m, on), func(id MeetingID) bool {
			i, found := all.at[id]
			return !found || all.list[i].Over(now)
		})
		return nil
	})
	if err != nil {
		return p, fmt.Errorf("wish of person %d: %w", id, err)
	}
	return p, nil
}

// tellWish makes the job that tells those who wait for it that a meeting has an agenda; nil unless it had none before. That
// a meeting is on again whose agenda came out while it was called off counts as much: nobody was told then.
func tellWish(old, m Meeting, now time.Time) *Job {
	// Nobody can wait for the agenda of a meeting that was not there.
	if old.Revision == 0 || old.agendaOut(now) || !m.agendaOut(now) {
		return nil
	}
	return &Job{
		ID: WishID(m.ID, old.Revision), Kind: JobWish, Meeting: m.ID, Start: m.Start(), Sequence: m.Sequence,
		Audience: Audience{Wish: m.ID}, Opened: now, Due: now, Deadline: m.End(),
	}
}

// wishesMet gives what takes from the records of some persons of one shard the wishes that were fulfilled. Somebody who is
// forgotten meanwhile, or whose record cannot be read, has none that could be taken: their letters are noted all the same.
func (s *Store) wishesMet(ctx context.Context, shard Shard, met map[PersonID][]MeetingID) (b Batch, err error) {
	if len(met) == 0 {
		return b, nil
	}
	ids := make([]PersonID, 0, len(met))
	keys := make([]string, 0, len(met))
	for id := range met {
		ids, keys = append(ids, id), append(keys, personKey(id))
	}
	docs, err := s.b.Get(ctx, shard, keys...)
	if err != nil {
		return b, err
	}
	for i, d := range docs {
		old, err := readPerson(d)
		if err != nil || !slices.ContainsFunc(met[ids[i]], old.Wishes) {
			continue
		}
		p := old.clone()
		p.Wished = slices.DeleteFunc(p.Wished, func(m MeetingID) bool { return slices.Contains(met[ids[i]], m) })
		b.If = append(b.If, RevIs(personKey(p.ID), old.Rev))
		b.Do = append(b.Do, moveIndexes(p.ID, indexesOf(old), indexesOf(p))...)
		b.Do = append(b.Do, Put(personKey(p.ID), encodePerson(p), 0))
	}
	return b, nil
}
