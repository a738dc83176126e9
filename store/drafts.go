package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"
)

// DraftID names a draft of an announcement. It is made of the update that began it, so beginning twice is beginning once.
type DraftID string

// DraftState is how far an announcement is.
type DraftState string

// The states. A draft that is sending has a job; before Due nothing of it has left.
const (
	DraftComposing DraftState = ""
	DraftAsking    DraftState = "asking" // another organizer is to approve it
	DraftSending   DraftState = "sending"
	DraftStopped   DraftState = "stopped"
	DraftDone      DraftState = "done"
)

// Draft is an announcement from its first word to its report.
type Draft struct {
	ID       DraftID      `json:"id"`
	By       PersonID     `json:"by"`
	Texts    Text         `json:"texts,omitempty"` // HTML as Telegram reads it
	Units    map[Lang]int `json:"units,omitempty"` // length of each text in UTF-16 units, without its tags
	File     *DraftFile   `json:"file,omitempty"`
	Audience Audience     `json:"audience"`
	Meeting  MeetingID    `json:"meeting,omitempty"` // whose followers are meant: only who may see it is told
	// Who reads none of the Texts is left out, or gets another one with a note. Neither is not decided yet.
	LeaveOut bool `json:"leave_out,omitempty"`
	Note     bool `json:"note,omitempty"`

	Urgent   bool       `json:"urgent,omitempty"`
	State    DraftState `json:"state,omitempty"`
	Due      time.Time  `json:"due,omitzero"`       // when it leaves
	Planned  bool       `json:"planned,omitempty"`  // for a time that somebody chose
	Asked    time.Time  `json:"asked,omitzero"`     // when another one was asked to approve it
	Approved PersonID   `json:"approved,omitempty"` // by whom, where it takes two
	N        int        `json:"n,omitempty"`        // whom it would have reached when it was given in
	Round    int        `json:"round,omitempty"`    // of its jobs; grows with each retry
	Turn     int        `json:"turn,omitempty"`     // how often it began to be sent, see [Job]
	Ended    UpdateID   `json:"ended,omitempty"`    // the press that took it back or stopped it, which may come again
	Counts   *Counts    `json:"counts,omitempty"`   // of the last round, once it is over
	Before   *Counts    `json:"before,omitempty"`   // of the rounds before the last one
	Left     time.Time  `json:"left,omitzero"`      // of a retry: when its first round was due
	Replaces []JobID    `json:"replaces,omitempty"` // of a correction or a recall: the jobs whose messages it changes
	Recall   bool       `json:"recall,omitempty"`
	Wide     bool       `json:"wide,omitempty"` // of a correction: what it corrects went to everybody
	Rev      Rev        `json:"-"`
}

// DraftFile is a photo or a document that somebody sent to the bot and that goes along with an announcement.
type DraftFile struct {
	ID    string `json:"id"` // Telegram's file_id
	Photo bool   `json:"photo,omitempty"`
	Name  string `json:"name,omitempty"`
}

const (
	draftIndex = "drafts" // in the global shard: the ids of all drafts
	// draftKept is how long a draft is kept that nobody goes on with, and one that is over.
	draftKept = 7 * 24 * time.Hour
	// saidFor is how long it is known that a text went to an audience.
	saidFor = 10 * time.Minute
)

func draftKey(id DraftID) string { return "draft:" + string(id) }

// ttl lets drafts go that nobody needs any more. One with a job stays, and one that waits for another organizer stays until
// the time for which it is planned, however far ahead that is.
func (d Draft) ttl(now time.Time) time.Duration {
	switch d.State {
	case DraftSending:
		return 0
	case DraftAsking:
		return draftKept + max(0, d.Due.Sub(now))
	}
	return draftKept
}

// NewDraft keeps a new draft; one of that id that is there already is given as it is.
func (s *Store) NewDraft(ctx context.Context, d Draft) (Draft, error) {
	key := draftKey(d.ID)
	result, err := s.apply(ctx, Global, Batch{
		If: []Condition{Absent(key)},
		Do: []Mutation{Put(key, encode(d), d.ttl(s.now())), Add(draftIndex, string(d.ID))},
	})
	if errors.Is(err, ErrConflict) {
		return s.Draft(ctx, d.ID)
	}
	if err != nil {
		return Draft{}, fmt.Errorf("new draft: %w", err)
	}
	d.Rev = result.Rev
	return d, nil
}

// Draft reads a draft. ErrNotFound when it is not there (any more).
func (s *Store) Draft(ctx context.Context, id DraftID) (Draft, error) {
	d, rev, err := readDoc[Draft](ctx, s, Global, draftKey(id))
	if err == nil && rev == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Draft{}, fmt.Errorf("draft %q: %w", id, err)
	}
	d.Rev = rev
	return d, nil
}

// ChangeDraft applies change to a draft and gives it as it stands then. It repeats on a conflict; an error from change is
// returned as it is, and nothing is stored. ErrNotFound when there is no such draft.
func (s *Store) ChangeDraft(ctx context.Context, id DraftID, change func(*Draft) error) (d Draft, err error) {
	err = attempt(ctx, func() error {
		if d, err = s.Draft(ctx, id); err != nil {
			return err
		}
		if err := change(&d); err != nil {
			return err
		}
		result, err := s.apply(ctx, Global, Batch{
			If: []Condition{RevIs(draftKey(id), d.Rev)},
			Do: []Mutation{Put(draftKey(id), encode(d), d.ttl(s.now()))},
		})
		if err == nil {
			d.Rev = result.Rev
		}
		return err
	})
	return d, err
}

// Drafts lists all drafts, those that leave first at the head. An id whose draft has gone is taken out of their index.
func (s *Store) Drafts(ctx context.Context) ([]Draft, error) {
	ids, err := s.draftIDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("drafts: %w", err)
	}
	var all []Draft
	for _, id := range ids {
		d, err := s.Draft(ctx, DraftID(id))
		if errors.Is(err, ErrNotFound) {
			_, err = s.apply(ctx, Global, Batch{
				If: []Condition{Absent(draftKey(DraftID(id)))}, Do: []Mutation{Remove(draftIndex, id)},
			})
			if errors.Is(err, ErrConflict) {
				err = nil // it came back in this moment
			}
		} else if err == nil {
			all = append(all, d)
		}
		if err != nil {
			return nil, fmt.Errorf("drafts: %w", err)
		}
	}
	slices.SortStableFunc(all, func(a, b Draft) int { return a.Due.Compare(b.Due) })
	return all, nil
}

// draftIDs lists the ids in the index of drafts, also of some whose draft has gone.
func (s *Store) draftIDs(ctx context.Context) (ids []string, err error) {
	for after := Cursor(""); ; {
		some, next, err := s.b.Members(ctx, Global, draftIndex, after, MaxOperations)
		if err != nil {
			return nil, err
		}
		ids = append(ids, some...)
		if after = next; next == "" {
			return ids, nil
		}
	}
}

// Successors lists the corrections and recalls of an announcement that were given in, the latest last: those that are under
// way, done, or were stopped.
func (s *Store) Successors(ctx context.Context, id DraftID) ([]Draft, error) {
	all, err := s.Drafts(ctx)
	if err != nil {
		return nil, fmt.Errorf("successors of draft %q: %w", id, err)
	}
	first := AnnounceID(id, 1)
	return slices.DeleteFunc(all, func(d Draft) bool {
		return !slices.Contains(d.Replaces, first) || d.State == DraftComposing || d.State == DraftAsking
	}), nil
}

// DropDraft erases a draft. Its job, if it has one, has to be withdrawn before.
func (s *Store) DropDraft(ctx context.Context, id DraftID) error {
	_, err := s.apply(ctx, Global, Batch{Do: []Mutation{Delete(draftKey(id)), Remove(draftIndex, string(id))}})
	if err != nil {
		return fmt.Errorf("drop draft %q: %w", id, err)
	}
	return nil
}

// forgetDrafts erases what a person composed. What is on its way finds no draft when it begins, and does not leave.
func (s *Store) forgetDrafts(ctx context.Context, id PersonID) error {
	all, err := s.Drafts(ctx)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.By == id {
			err = s.DropDraft(ctx, d.ID)
		} else if d.Approved == id {
			_, err = s.ChangeDraft(ctx, d.ID, func(d *Draft) error {
				d.Approved = -1 // a former organizer
				return nil
			})
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return nil
}

// said notes that a draft's text was given in for an audience.
type said struct {
	Draft DraftID   `json:"draft"`
	At    time.Time `json:"at"`
}

// SaidBefore tells whether the same text was given in for the same audience by another draft within the last 10 minutes,
// and when.
func (s *Store) SaidBefore(ctx context.Context, d Draft) (at time.Time, yes bool, err error) {
	last, _, err := readDoc[said](ctx, s, Global, d.saidKey())
	if err != nil {
		return at, false, fmt.Errorf("draft %q: %w", d.ID, err)
	}
	yes = last.Draft != "" && last.Draft != d.ID && s.now().Sub(last.At) < saidFor
	return last.At, yes, nil
}

// NoteSaid remembers for 10 minutes that a draft was given in.
func (s *Store) NoteSaid(ctx context.Context, d Draft) error {
	_, err := s.apply(ctx, Global, Batch{Do: []Mutation{Put(d.saidKey(), encode(said{d.ID, s.now().UTC()}), saidFor)}})
	if err != nil {
		return fmt.Errorf("draft %q: %w", d.ID, err)
	}
	return nil
}

// Unsay forgets that a draft was given in: it was taken back before anything of it left.
func (s *Store) Unsay(ctx context.Context, d Draft) error {
	last, rev, err := readDoc[said](ctx, s, Global, d.saidKey())
	if err == nil && last.Draft == d.ID {
		_, err = s.apply(ctx, Global, Batch{If: []Condition{RevIs(d.saidKey(), rev)}, Do: []Mutation{Delete(d.saidKey())}})
	}
	if err != nil && !errors.Is(err, ErrConflict) { // else somebody has said it in this moment, and that stands
		return fmt.Errorf("draft %q: %w", d.ID, err)
	}
	return nil
}

// saidKey names what is said to whom by its digest. The followers of a meeting are no part of the Audience. A file counts by its
// name and kind: sent to the bot anew, the same one has another number.
func (d Draft) saidKey() string {
	var file DraftFile
	if d.File != nil {
		file = *d.File
		file.ID = ""
	}
	sum := sha256.Sum256(encode([]any{d.Texts, file, d.Audience, d.Meeting}))
	return "said:" + hex.EncodeToString(sum[:16])
}
