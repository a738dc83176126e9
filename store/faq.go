package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// FAQ is a question that the organizers have answered for everybody who asks the same.
//
// Entries come from three places: those made in chat stand in the store, those of a meeting stand in the meeting, those of
// the Council in the catalogue. They are told apart by nothing but their id.
type FAQ struct {
	ID       string `json:"id"`    // see [ValidID]
	Topic    string `json:"topic"` // registration, accommodation, visa ... other; see package council
	Question Text   `json:"question"`
	Answer   Text   `json:"answer"`

	// The rest stands in entries made in chat; of a meeting's entries Meeting and who may see them follow from the meeting.
	Formatted  bool       `json:"formatted,omitempty"` // the answer is HTML as Telegram reads it
	Intent     string     `json:"intent,omitempty"`    // what the first one who asked it was understood as
	Meeting    MeetingID  `json:"meeting,omitempty"`   // who may not see it does not see the entry either
	Body       string     `json:"body,omitempty"`
	Visibility Visibility `json:"visibility,omitempty"`
	Bound      []string   `json:"visible_to,omitempty"` // bodies whose members may see a restricted entry
	At         time.Time  `json:"at,omitzero"`          // when it was answered; zero = not known
	From       int        `json:"from,omitempty"`       // the number of the question it was made of; 0 = of none
	Rev        Rev        `json:"-"`                    // 0 = it does not stand in the store
}

// VisibleTo tells whether a person may know of the entry by itself. Of one with a meeting they must be able to see that, too:
// [Store.VisibleEntries] and [Store.Entry] ask both. What has no visibility is denied.
func (f FAQ) VisibleTo(p Person) bool { return visible(f.Visibility, f.Bound, p) }

const (
	faqIndex = "faq" // of the global shard: ids of the entries made in chat
	// faqRevisionKey is a document that is written with every change of an entry. It stands apart from that of the meetings,
	// so that a saved meeting does not cost the reading of all entries.
	faqRevisionKey = "faq revision"
	// maxEntry bounds an entry as it is stored, in bytes.
	maxEntry = 60 << 10
)

func faqKey(id string) string { return "faq:" + id }

var entries = kind[FAQ]{faqKey, func(f *FAQ) *Rev { return &f.Rev }}

// entrySet is all entries made in chat as they were at a revision. It is shared and never changed.
type entrySet struct {
	rev  Rev
	list []FAQ // by id
}

// Entries lists every entry of store and meetings, visible or not. Callers must pass them through the check that
// [Store.VisibleEntries] makes. The slice is the caller's. It costs one small read while nothing was saved.
//
// Names for the reading of questions are made of it, anew when [Store.Revision] has grown, which it does with every change of
// an entry as with that of a meeting.
func (s *Store) Entries(ctx context.Context) ([]FAQ, error) {
	set, err := s.entries(ctx)
	if err != nil {
		return nil, err
	}
	meetings, err := s.Meetings(ctx)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(set.list)
	for _, m := range meetings {
		for _, f := range m.FAQ {
			f.Meeting, f.Visibility, f.Bound = m.ID, m.Visibility, m.Bound
			all = append(all, f)
		}
	}
	return all, nil
}

// VisibleEntries lists the entries of store and meetings that a person may see: those made in chat by id, then those of the
// meetings by start. The slice is the caller's.
func (s *Store) VisibleEntries(ctx context.Context, p Person) ([]FAQ, error) {
	all, err := s.Entries(ctx)
	if err != nil {
		return nil, err
	}
	meetings, err := s.meetings(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(f FAQ) bool {
		if !f.VisibleTo(p) || f.Meeting == "" || p.Role.AtLeast(Organizer) {
			return !f.VisibleTo(p)
		}
		// A meeting that is not there may have been anything.
		i, known := meetings.at[f.Meeting]
		return !known || !meetings.list[i].VisibleTo(p)
	}), nil
}

// Entry gives an entry of store or meetings that the person may see, else ErrNotFound.
func (s *Store) Entry(ctx context.Context, id string, p Person) (FAQ, error) {
	all, err := s.VisibleEntries(ctx, p)
	if err != nil {
		return FAQ{}, err
	}
	i := slices.IndexFunc(all, func(f FAQ) bool { return f.ID == id })
	if i < 0 {
		return FAQ{}, fmt.Errorf("entry %q: %w", id, ErrNotFound)
	}
	return all[i], nil
}

// entries gives the set of the present revision, read anew if something was saved since. See [Store.meetings].
func (s *Store) entries(ctx context.Context) (*entrySet, error) {
	docs, err := s.b.Get(ctx, Global, faqRevisionKey)
	if err != nil {
		return nil, fmt.Errorf("revision of the answered questions: %w", err)
	}
	rev := docs[0].Rev
	s.mu.Lock()
	set := s.answered
	s.mu.Unlock()
	if set != nil && set.rev == rev {
		return set, nil
	}
	list, err := entries.listed(ctx, s, faqIndex)
	if err != nil {
		return nil, fmt.Errorf("answered questions: %w", err)
	}
	slices.SortFunc(list, func(a, b FAQ) int { return cmp.Compare(a.ID, b.ID) })
	set = &entrySet{rev, list}
	s.mu.Lock()
	s.answered = set
	s.mu.Unlock()
	return set, nil
}

// SaveEntry writes an entry, unless somebody else wrote it since it was read (ErrConflict): with Rev 0 it must be new. It
// gives the entry as it stands then. ErrTooMany when its texts are longer than a document may be.
func (s *Store) SaveEntry(ctx context.Context, f FAQ) (FAQ, error) {
	value := encode(f)
	if !ValidID(f.ID) || len(value) > maxEntry {
		return f, fmt.Errorf("entry %q of %d bytes: %w", f.ID, len(value), ErrTooMany)
	}
	result, err := s.apply(ctx, Global, Batch{
		If: []Condition{RevIs(faqKey(f.ID), f.Rev)},
		Do: append([]Mutation{Put(faqKey(f.ID), value, 0), Add(faqIndex, f.ID)}, raiseEntries(f.ID)...),
	})
	if err != nil {
		return f, fmt.Errorf("save entry %q: %w", f.ID, err)
	}
	f.Rev = result.Rev
	return f, nil
}

// DropEntry removes an entry. One that is not there is no error.
func (s *Store) DropEntry(ctx context.Context, id string) error {
	_, err := s.apply(ctx, Global, Batch{
		Do: append([]Mutation{Delete(faqKey(id)), Remove(faqIndex, id)}, raiseEntries(id)...),
	})
	if err != nil {
		return fmt.Errorf("drop entry %q: %w", id, err)
	}
	return nil
}

// raiseEntries makes every process read the entries anew, and rebuild what it has made of them.
func raiseEntries(id string) []Mutation {
	return []Mutation{Put(faqRevisionKey, []byte(id), 0), Put(revisionKey, []byte(id), 0)}
}

// ChangeEntry applies change to an entry made in chat and gives it as it stands then. It repeats on a conflict; an error from
// change is returned as it is, and nothing is stored. ErrNotFound when there is no such entry.
func (s *Store) ChangeEntry(ctx context.Context, id string, change func(*FAQ) error) (f FAQ, err error) {
	err = attempt(ctx, func() error {
		docs, err := s.b.Get(ctx, Global, faqKey(id))
		if err != nil {
			return err
		}
		if docs[0].Rev == 0 {
			return fmt.Errorf("entry %q: %w", id, ErrNotFound)
		}
		if f, err = decode[FAQ](docs[0]); err != nil {
			return err
		}
		f.Rev = docs[0].Rev
		if err := change(&f); err != nil {
			return err
		}
		f, err = s.SaveEntry(ctx, f)
		return err
	})
	return f, err
}

// EntryOf gives the entry that was made of a question; ErrNotFound when none was.
func (s *Store) EntryOf(ctx context.Context, n int) (FAQ, error) {
	set, err := s.entries(ctx)
	if err != nil {
		return FAQ{}, err
	}
	i := slices.IndexFunc(set.list, func(f FAQ) bool { return f.From == n })
	if i < 0 {
		return FAQ{}, fmt.Errorf("entry of question No. %d: %w", n, ErrNotFound)
	}
	return set.list[i], nil
}
