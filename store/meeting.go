package store

import (
	"slices"
	"time"
)

// MeetingID names a meeting; see [ValidID]. It never changes.
type MeetingID string

// Status of a meeting, in the terms of iCalendar (RFC 5545, 3.8.1.11) and of schema.org's eventStatus for postponed.
type Status string

// The statuses.
const (
	Tentative Status = "tentative"
	Confirmed Status = "confirmed"
	Postponed Status = "postponed" // without a new date
	Cancelled Status = "cancelled"
)

// Attendance is how one takes part (schema.org eventAttendanceMode).
type Attendance string

// The attendance modes.
const (
	InPerson Attendance = "in_person"
	Online   Attendance = "online"
	Mixed    Attendance = "mixed"
)

// Visibility says who may know of a meeting; what is not public is denied by default.
type Visibility string

// The visibilities. Restricted goes with the bodies whose members may see it.
const (
	Public     Visibility = "public"
	Delegates  Visibility = "delegates"
	Restricted Visibility = "restricted"
)

// Meeting is a meeting of the Council. It keeps local date, optional hour and zone; instants are computed, because zones
// change (Almaty moved from +06 to +05 on 1 March 2024).
type Meeting struct {
	ID       MeetingID `json:"id"`
	UID      string    `json:"uid"`               // iCalendar UID, never changes
	Revision Rev       `json:"-"`                 // grows with every save
	Sequence int       `json:"sequence"`          // grows with every change of time, place, status or attendance
	Fixture  bool      `json:"fixture,omitempty"` // invented, for demonstrations and tests; always labelled

	Kind      string            `json:"kind"` // council_meeting, working_group_meeting, executive_committee_meeting, event
	Number    int               `json:"number,omitempty"`
	Announced bool              `json:"announced,omitempty"` // everything here was only announced in advance
	Bodies    []string          `json:"bodies"`              // ids; rec = the Council
	Name      Text              `json:"name"`
	Aliases   map[Lang][]string `json:"aliases,omitempty"`
	Summary   Text              `json:"summary,omitempty"`

	Date       string     `json:"date"`               // 2006-01-02, in Zone
	EndDate    string     `json:"end_date,omitempty"` // the last day, if there are more
	StartHour  string     `json:"start,omitempty"`    // 15:04 in Zone; "" = hour not known, the whole day
	EndHour    string     `json:"end,omitempty"`      // on the last day
	Zone       string     `json:"timezone"`           // IANA
	Attendance Attendance `json:"attendance"`
	Location   Location   `json:"location"`
	JoinURL    string     `json:"join_url,omitempty"`
	Status     Status     `json:"status"`
	StatusNote Text       `json:"status_note,omitempty"`
	Visibility Visibility `json:"visibility"`
	Bound      []string   `json:"visible_to,omitempty"` // bodies whose members may see a restricted meeting

	Organizers   []Credit     `json:"organizers,omitempty"`
	Participants []Credit     `json:"participants,omitempty"`
	Figure       *Credit      `json:"attendance_figure,omitempty"`
	Speakers     []Credit     `json:"speakers,omitempty"`
	Background   []Credit     `json:"background,omitempty"`
	Agenda       []AgendaItem `json:"agenda,omitempty"`
	Outcomes     []Credit     `json:"outcomes,omitempty"`
	Disputed     []Dispute    `json:"disputed,omitempty"`
	Documents    []Document   `json:"documents,omitempty"`
	FAQ          []FAQ        `json:"faq,omitempty"`
	Sources      []string     `json:"sources,omitempty"`

	// StartSet is when the meeting got its present start: a reminder whose instant lies before it is not sent.
	StartSet time.Time `json:"start_set,omitzero"`
	// Imported is the fingerprint of the entry as it was last imported; "" for a meeting made in chat.
	Imported string `json:"imported,omitempty"`
	// Edited tells that it was changed in chat since its last import.
	Edited bool `json:"edited,omitempty"`
}

// Location is where a meeting is held.
type Location struct {
	Online  bool `json:"online,omitempty"`
	City    Text `json:"city,omitempty"`
	Country Text `json:"country,omitempty"`
	Venue   Text `json:"venue,omitempty"`
}

// Same tells whether two locations are the same place as far as their texts share a language: a translation that was
// added moves nothing.
func (l Location) Same(o Location) bool { return samePlace(l, o) }

// Credit is something the catalogue says of a meeting, with its sources: people or organizations, words, or both.
type Credit struct {
	IDs          []string `json:"ids,omitempty"`    // organizations
	Person       string   `json:"person,omitempty"` // of the catalogue
	Text         Text     `json:"text,omitempty"`
	Contribution Text     `json:"contribution,omitempty"`
	Online       bool     `json:"online,omitempty"`
	Announced    bool     `json:"announced,omitempty"` // only announced in advance, not reported
	Sources      []string `json:"sources,omitempty"`
}

// AgendaItem is a session of a meeting.
type AgendaItem struct {
	ID       string   `json:"id"`
	Kind     string   `json:"kind"` // opening, session, breakout, presentation, discussion, break, closing
	Title    Text     `json:"title"`
	Date     string   `json:"date,omitempty"`  // "" = the meeting's first day
	Start    string   `json:"start,omitempty"` // 15:04
	End      string   `json:"end,omitempty"`
	Room     Text     `json:"room,omitempty"`
	Speakers []Credit `json:"speakers,omitempty"`
	Note     Text     `json:"note,omitempty"`
	Sources  []string `json:"sources,omitempty"`
}

// Dispute is a fact of which the sources give two versions.
type Dispute struct {
	ID                string   `json:"id"`
	Claim             Text     `json:"claim"`
	Sources           []string `json:"sources,omitempty"`
	Resolution        Text     `json:"resolution"`
	ResolutionSources []string `json:"resolution_sources,omitempty"`
}

// Document is a paper of a meeting.
type Document struct {
	ID         string `json:"id"`
	Title      Text   `json:"title"`
	Languages  []Lang `json:"languages,omitempty"`
	AgendaItem string `json:"agenda_item,omitempty"`
	URL        string `json:"url,omitempty"`
}

// VisibleTo tells whether a person may know of the meeting. It guards every read and every send. Organizers and owners
// see everything; of the rest, what is neither public, nor for delegates, nor for a body of the person, does not exist.
func (m Meeting) VisibleTo(p Person) bool { return visible(m.Visibility, m.Bound, p) }

// visible is the one rule of who may know of something.
func visible(v Visibility, bound []string, p Person) bool {
	switch {
	case v == Public || p.Role.AtLeast(Organizer):
		return true
	case v == Delegates:
		return p.Role.AtLeast(Delegate) || len(p.MemberOf) > 0
	case v == Restricted:
		return slices.ContainsFunc(bound, p.Is)
	}
	return false
}

// AllDay tells that the hour is not known.
func (m Meeting) AllDay() bool { return m.StartHour == "" }

// assumedStart is the hour that counts as the start of a meeting whose hour is not known. It is never shown.
const assumedStart = "09:00"

// Start is the instant the meeting begins, for reminders, order and lateness; a meeting without an hour counts from 09:00
// of its zone. The zero time means that date or zone cannot be read.
func (m Meeting) Start() time.Time {
	hour := m.StartHour
	if hour == "" {
		hour = assumedStart
	}
	return m.at(m.Date, hour)
}

// End is the instant after which the meeting is over: its end hour, or midnight after its last day when that is not known.
func (m Meeting) End() time.Time {
	last := m.Date
	if m.EndDate != "" {
		last = m.EndDate
	}
	if m.StartHour != "" && m.EndHour != "" {
		return m.at(last, m.EndHour)
	}
	day := m.at(last, "00:00")
	if day.IsZero() {
		return day
	}
	return day.AddDate(0, 0, 1)
}

// Over tells whether the meeting is past at now.
func (m Meeting) Over(now time.Time) bool { return !now.Before(m.End()) }

// Upcoming tells whether the meeting lies ahead or is going on, and will be held as far as is known.
func (m Meeting) Upcoming(now time.Time) bool {
	return !m.Over(now) && m.Status != Cancelled && m.Status != Postponed
}

func (m Meeting) at(date, hour string) time.Time {
	loc, err := LoadZone(m.Zone)
	if err != nil {
		return time.Time{}
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", date+" "+hour, loc)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Topics are the topics whose followers a meeting reaches, each person once.
func (m Meeting) Topics() []Topic {
	topics := []Topic{TopicAll, TopicOf(m.ID)}
	for _, b := range m.Bodies {
		topics = append(topics, Topic(b))
	}
	return topics
}
