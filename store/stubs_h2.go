package store

// STUBS: the owner of the store's operations replaces this file by people.go, meetings.go, import.go, flows.go, updates.go, invites.go, schema.go.

import (
	"context"
	"encoding/json"
	"time"
)

// Cause is the update to which an effect is due. The batch that makes the effect writes it down for 25 h, so that the same
// update makes the same step's effect once. The zero Cause writes nothing down.
type Cause struct {
	Update UpdateID
	Step   string // short name of the effect, a-z
}

type meetingSet struct{}

// Person reads a record. ErrNotFound when they have never spoken to the bot.
func (s *Store) Person(ctx context.Context, id PersonID) (Person, error) { panic("stub") }

// ChangePerson applies change to a person's record and moves their index entries, in one batch. It repeats on a conflict.
// When the cause made this effect before, nothing changes and the present record is given. change may be called several times; an
// error from it is returned as it is and nothing is stored. A person not yet stored is created from Newcomer by [Store.Greet].
func (s *Store) ChangePerson(ctx context.Context, id PersonID, by Cause, change func(*Person) error) (Person, error) {
	panic("stub")
}

// Greet stores a newcomer; if they are there already their record is given.
func (s *Store) Greet(ctx context.Context, p Person) (Person, error) { panic("stub") }

// Forget erases everything about a person, queues and open jobs for them included.
func (s *Store) Forget(ctx context.Context, id PersonID) error { panic("stub") }

// PeopleOf reads records of one shard; who is not there is left out.
func (s *Store) PeopleOf(ctx context.Context, shard Shard, ids ...PersonID) (map[PersonID]Person, error) {
	panic("stub")
}

// LeadsInUse lists every lead that somebody has, longest first.
func (s *Store) LeadsInUse(ctx context.Context) ([]Lead, error) { panic("stub") }

// Revision is the revision of meetings and FAQ entries; it grows with every save.
func (s *Store) Revision(ctx context.Context) (Rev, error) { panic("stub") }

// Meetings lists every meeting, by start. Callers must pass them through Meeting.VisibleTo. The slice must not be changed.
func (s *Store) Meetings(ctx context.Context) ([]Meeting, error) { panic("stub") }

// VisibleMeetings lists the meetings that a person may see, by start.
func (s *Store) VisibleMeetings(ctx context.Context, p Person) ([]Meeting, error) { panic("stub") }

// Meeting gives a meeting that the person may see, else ErrNotFound.
func (s *Store) Meeting(ctx context.Context, id MeetingID, p Person) (Meeting, error) { panic("stub") }

// NextMeeting gives the nearest upcoming meeting the person may see (Meeting.Upcoming), else ErrNotFound.
func (s *Store) NextMeeting(ctx context.Context, p Person, now time.Time) (Meeting, error) {
	panic("stub")
}

// ImportOptions say how meetings are imported.
type ImportOptions struct {
	DryRun bool   // report only
	Silent string // a reason: nobody is told; "" = followers are told
}

// ImportReport says what an import did, or would do.
type ImportReport struct {
	Added     []MeetingID      `json:"added,omitempty"`
	Changed   []MeetingID      `json:"changed,omitempty"` // followers are told
	Updated   []MeetingID      `json:"updated,omitempty"` // texts, agenda, documents; silently
	Unchanged []MeetingID      `json:"unchanged,omitempty"`
	Ignored   []MeetingID      `json:"ignored,omitempty"` // an older sequence
	Conflicts []ImportConflict `json:"conflicts,omitempty"`
}

// ImportConflict is an entry that was not applied, with the reason in plain English.
type ImportConflict struct {
	ID     MeetingID `json:"id"`
	Reason string    `json:"reason"`
}

// Import upserts meetings by id with the rules of the design, section 5, and opens the jobs that tell the followers.
func (s *Store) Import(ctx context.Context, meetings []Meeting, opt ImportOptions) (ImportReport, error) {
	panic("stub")
}

// Flow is an open conversation of several steps.
type Flow struct {
	Name    string            `json:"name"`
	Step    string            `json:"step"`
	Answers map[string]string `json:"answers,omitempty"`
	Path    []string          `json:"path,omitempty"` // steps answered so far, for going back
	Opened  time.Time         `json:"opened"`
	Expires time.Time         `json:"expires"`
	Last    UpdateID          `json:"last,omitempty"`  // the update that moved it here
	Under   *Flow             `json:"under,omitempty"` // put aside while this one is open
}

// Flow gives the open flow of a chat, else ErrNotFound. An expired one is given too; the caller compares Expires.
func (s *Store) Flow(ctx context.Context, chat ChatID) (Flow, error) { panic("stub") }

// SaveFlow opens a flow or remembers its next step.
func (s *Store) SaveFlow(ctx context.Context, chat ChatID, f Flow) error { panic("stub") }

// EndFlow forgets the open flow, if there is one.
func (s *Store) EndFlow(ctx context.Context, chat ChatID) error { panic("stub") }

// Settled tells whether an update was settled in the last 25 h.
func (s *Store) Settled(ctx context.Context, chat ChatID, u UpdateID) (bool, error) { panic("stub") }

// Settle marks an update as settled and drops its intent.
func (s *Store) SettleUpdate(ctx context.Context, chat ChatID, u UpdateID) error { panic("stub") }

// SaveIntent keeps an update whose handler runs long, so that it is done after a crash; raw is the update as the wire got it.
func (s *Store) SaveIntent(ctx context.Context, chat ChatID, u UpdateID, raw json.RawMessage, due time.Time) error {
	panic("stub")
}

// DueIntents lists kept updates that nobody finished by now.
func (s *Store) DueIntents(ctx context.Context, now time.Time, limit int) ([]json.RawMessage, error) {
	panic("stub")
}

// SaveLive remembers the message that a live name of a chat stands for.
func (s *Store) SaveLive(ctx context.Context, chat ChatID, name string, message int) error {
	panic("stub")
}

// Live gives the message of a live name, or 0.
func (s *Store) Live(ctx context.Context, chat ChatID, name string) (int, error) { panic("stub") }

// Tick gives the last tick of the scheduler; the zero time before the first.
func (s *Store) Tick(ctx context.Context) (time.Time, error) { panic("stub") }

// SaveTick remembers the last tick.
func (s *Store) SaveTick(ctx context.Context, t time.Time) error { panic("stub") }

// Invite makes a one-use secret that gives a role; it can be a start parameter of t.me links.
func (s *Store) Invite(ctx context.Context, role Role, bodies []string, expires time.Time) (secret string, err error) {
	panic("stub")
}

// UseInvite takes an invite and gives the person its role, at most once. ErrNotFound when it is unknown, used or expired.
func (s *Store) UseInvite(ctx context.Context, secret string, who PersonID, by Cause) (Person, error) {
	panic("stub")
}

// HasOwner tells whether some person has the role of an owner.
func (s *Store) HasOwner(ctx context.Context) (bool, error) { panic("stub") }

// Open checks schema version and shard count of the data, migrates older data, and must be called before anything else. It
// returns ErrSchema, untouched data, for a newer schema or data that are not recbot's.
func (s *Store) Open(ctx context.Context) error { panic("stub") }
