package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

const (
	// meetingsIndex lists the ids of all meetings, in the global shard, where their documents are too.
	meetingsIndex = "meetings"
	// revisionKey is a document of the global shard that is written with every save: its revision tells whether what was
	// read before is still true.
	revisionKey = "revision"

	page = 200 // members or documents read at a time
)

func meetingKey(id MeetingID) string { return "meeting:" + string(id) }

var meetings = kind[Meeting]{func(id string) string { return meetingKey(MeetingID(id)) }, func(m *Meeting) *Rev { return &m.Revision }}

// meetingSet is all meetings as they were at a revision. It is shared and never changed.
type meetingSet struct {
	rev  Rev
	list []Meeting // by start
	at   map[MeetingID]int
}

// Revision is the revision of the meetings; it grows with every save, in whatever process.
func (s *Store) Revision(ctx context.Context) (Rev, error) {
	docs, err := s.b.Get(ctx, Global, revisionKey)
	if err != nil {
		return 0, fmt.Errorf("revision of the meetings: %w", err)
	}
	return docs[0].Rev, nil
}

// Meetings lists every meeting, by start. Callers must pass them through Meeting.VisibleTo. The slice is shared and must
// not be changed. While nothing was saved it costs one read of a small document.
func (s *Store) Meetings(ctx context.Context) ([]Meeting, error) {
	set, err := s.meetings(ctx)
	if err != nil {
		return nil, err
	}
	return set.list, nil
}

// VisibleMeetings lists the meetings that a person may see, by start. The slice is the caller's.
func (s *Store) VisibleMeetings(ctx context.Context, p Person) ([]Meeting, error) {
	set, err := s.meetings(ctx)
	if err != nil {
		return nil, err
	}
	visible := make([]Meeting, 0, len(set.list))
	for _, m := range set.list {
		if m.VisibleTo(p) {
			visible = append(visible, m)
		}
	}
	return visible, nil
}

// Meeting gives a meeting that the person may see, else ErrNotFound. The store is asked the same, whatever exists.
func (s *Store) Meeting(ctx context.Context, id MeetingID, p Person) (Meeting, error) {
	set, err := s.meetings(ctx)
	if err != nil {
		return Meeting{}, err
	}
	if i, ok := set.at[id]; ok && set.list[i].VisibleTo(p) {
		return set.list[i], nil
	}
	return Meeting{}, fmt.Errorf("meeting %q: %w", id, ErrNotFound)
}

// NextMeeting gives the nearest upcoming meeting the person may see (Meeting.Upcoming), else ErrNotFound. A meeting that
// is going on is the answer until it is over.
func (s *Store) NextMeeting(ctx context.Context, p Person, now time.Time) (Meeting, error) {
	set, err := s.meetings(ctx)
	if err != nil {
		return Meeting{}, err
	}
	for _, m := range set.list {
		if m.Upcoming(now) && m.VisibleTo(p) {
			return m, nil
		}
	}
	return Meeting{}, fmt.Errorf("next meeting: %w", ErrNotFound)
}

// meetings gives the set of the present revision, read anew if there was a save since. The revision is read before the
// meetings: a save in between makes the next call read again.
func (s *Store) meetings(ctx context.Context) (*meetingSet, error) {
	rev, err := s.Revision(ctx)
	if err != nil {
		return nil, err
	}
	// The lock is not held while the store is asked: two who find the set old both read it, and either result is right.
	s.mu.Lock()
	set := s.cached
	s.mu.Unlock()
	if set != nil && set.rev == rev {
		return set, nil
	}
	list, err := meetings.listed(ctx, s, meetingsIndex)
	if err != nil {
		return nil, fmt.Errorf("meetings: %w", err)
	}
	set = newMeetingSet(rev, list)
	s.mu.Lock()
	s.cached = set
	s.mu.Unlock()
	return set, nil
}

// newMeetingSet puts meetings into the order of their starts, those of one instant by id, so that every list of them is the
// same in every process.
func newMeetingSet(rev Rev, list []Meeting) *meetingSet {
	slices.SortFunc(list, func(a, b Meeting) int {
		return cmp.Or(a.Start().Compare(b.Start()), cmp.Compare(a.ID, b.ID))
	})
	set := &meetingSet{rev: rev, list: list, at: make(map[MeetingID]int, len(list))}
	for i, m := range list {
		set.at[m.ID] = i
	}
	return set
}

// saveMeeting gives what saves a meeting unless somebody else saved it since it was read. Further mutations of the global
// shard may join the batch.
func saveMeeting(m Meeting) Batch {
	return Batch{
		If: []Condition{RevIs(meetingKey(m.ID), m.Revision)},
		Do: []Mutation{
			Put(meetingKey(m.ID), encode(m), 0),
			Add(meetingsIndex, string(m.ID)),
			Put(revisionKey, []byte(m.ID), 0),
		},
	}
}
