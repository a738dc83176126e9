package store

import (
	"slices"
	"strings"
	"time"
)

// PersonID is a Telegram user id. Their private chat has the same number.
type PersonID int64

// ChatID is a Telegram chat id; groups are negative.
type ChatID int64

// UpdateID is the number of a Telegram update; 0 where no update is the cause.
type UpdateID int64

// Role is what a person is in the Council.
type Role string

// The roles, from least to most. A coordinator coordinates the bodies in Person.Coordinates.
const (
	Guest       Role = "guest"
	Delegate    Role = "delegate"
	Coordinator Role = "coordinator"
	Organizer   Role = "organizer"
	Owner       Role = "owner"
)

// AtLeast tells whether r includes the rights of other. An unknown role has those of a guest.
func (r Role) AtLeast(other Role) bool { return r.rank() >= other.rank() }

// MayGive tells whether somebody of this role may invite others to a role. Owners give every role below their own,
// organizers make delegates; nobody gives their own level.
func (r Role) MayGive(other Role) bool {
	return r == Owner && !other.AtLeast(Owner) || r == Organizer && !other.AtLeast(Coordinator)
}

func (r Role) rank() int {
	return max(0, slices.Index([]Role{Guest, Delegate, Coordinator, Organizer, Owner}, r))
}

// Topic is what one can follow: all, rec, a body, or a single meeting.
type Topic string

// The topics that are no body's. [TopicAll] covers bodies that are added later; [TopicCouncil] is the meetings for everybody.
const (
	TopicAll     Topic = "all"
	TopicCouncil Topic = "rec"
)

const meetingTopic = "m."

// TopicOf is the topic of a single meeting.
func TopicOf(m MeetingID) Topic { return Topic(meetingTopic + string(m)) }

// Meeting gives the meeting of a topic that is a single meeting's.
func (t Topic) Meeting() (MeetingID, bool) {
	id, ok := strings.CutPrefix(string(t), meetingTopic)
	return MeetingID(id), ok
}

// Limits of a person's own settings.
const (
	MaxLeads         = 4
	MaxMeetingTopics = 15 // single meetings followed
)

// Lead is how long before the start a reminder comes, in whole minutes.
type Lead int

// The leads that are offered by button.
const (
	Lead15Min Lead = 15
	LeadHour  Lead = 60
	LeadDay   Lead = 24 * 60
	LeadWeek  Lead = 7 * 24 * 60
)

// DefaultLeads are those of a person who chose none.
var DefaultLeads = []Lead{LeadDay, LeadHour}

// Duration is the lead as a duration.
func (l Lead) Duration() time.Duration { return time.Duration(l) * time.Minute }

// Valid tells whether the lead is one a person may have: 5-45 minutes, 1-23 hours, 1-30 days.
func (l Lead) Valid() bool {
	switch {
	case l%LeadDay == 0:
		return l >= LeadDay && l <= 30*LeadDay
	case l%LeadHour == 0:
		return l >= LeadHour && l <= 23*LeadHour
	}
	return l >= 5 && l <= 45
}

// Quiet is a daily span in which reminders wait, in minutes after midnight of the person's zone. From may lie after To.
type Quiet struct {
	Off  bool `json:"off,omitempty"`
	From int  `json:"from"`
	To   int  `json:"to"`
}

// DefaultQuiet is 22:00-07:00.
var DefaultQuiet = Quiet{From: 22 * 60, To: 7 * 60}

// Person is all that is kept of somebody beside follows' indexes, an open flow and letters under way.
type Person struct {
	ID          PersonID     `json:"id"`
	Rev         Rev          `json:"-"`              // 0: never stored
	Name        string       `json:"name,omitempty"` // of coordinators and above, as they gave it, for their colleagues; "" = none
	Language    Lang         `json:"lang"`
	Zone        string       `json:"zone,omitempty"` // IANA name or ±hh:mm, see [LoadZone]; "" = the council's
	Role        Role         `json:"role,omitempty"` // "" = guest
	MemberOf    []string     `json:"member_of,omitempty"`
	Coordinates []string     `json:"coordinates,omitempty"`
	Topics      []Topic      `json:"topics,omitempty"`
	MutedOnes   []MeetingID  `json:"muted_meetings,omitempty"`
	Wished      []MeetingID  `json:"agenda_wishes,omitempty"` // whose agenda they wait for
	Leads       []Lead       `json:"leads"`                   // sorted, longest first; empty = no reminders
	Digests     []DigestKind `json:"digests,omitempty"`
	Quiet       Quiet        `json:"quiet"`
	Muted       bool         `json:"muted,omitempty"`       // /mute: no reminders, digests, announcements
	Stopped     bool         `json:"stopped,omitempty"`     // /stop: nothing comes
	Unreachable string       `json:"unreachable,omitempty"` // why, since they blocked the bot; "" = reachable
	GoneSince   time.Time    `json:"gone_since,omitzero"`
	Back        time.Time    `json:"back,omitzero"`      // when they last unblocked the bot, and were greeted for it
	Welcomed    bool         `json:"welcomed,omitempty"` // the first /start was finished
	Since       time.Time    `json:"since"`
	LastLook    time.Time    `json:"last_look,omitzero"`
}

// Newcomer is the record of a person who has never spoken to the bot.
func Newcomer(id PersonID, lang Lang, now time.Time) Person {
	return Person{ID: id, Language: lang, Topics: []Topic{TopicCouncil}, Leads: slices.Clone(DefaultLeads), Quiet: DefaultQuiet, Since: now.UTC()}
}

// Follows tells whether the person chose this very topic.
func (p Person) Follows(t Topic) bool { return slices.Contains(p.Topics, t) }

// Is tells whether the person is a member of a body.
func (p Person) Is(body string) bool { return slices.Contains(p.MemberOf, body) }
