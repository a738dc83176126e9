package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// JobID is the meaning of a job, so that opening it twice changes nothing.
type JobID string

// JobKind is what a job is about; it decides class, quiet hours and what happens to letters of unknown fate.
type JobKind string

// The kinds of jobs.
const (
	JobReminder JobKind = "remind"
	JobSnooze   JobKind = "snooze" // a reminder that one person asked to get again
	JobChange   JobKind = "change"
	JobNew      JobKind = "new" // a meeting was published
	// JobWish tells of an agenda that was published those who waited for it. Beside a change that came in the same save its id
	// goes second: the agenda is read with the new date in mind.
	JobWish     JobKind = "wish"
	JobAnnounce JobKind = "announce"
	JobDigest   JobKind = "digest" // a summary for those who chose it
	JobReply    JobKind = "reply"  // a late answer to one person
	JobLetter   JobKind = "letter" // something one person has to be told
	JobAsk      JobKind = "ask"    // a question, for the organizers
	JobAnswer   JobKind = "answer" // what they answered, for who asked
)

// Class is a lane of the outbox. A lower one goes first.
type Class uint8

// The classes.
const (
	ClassReply  Class = iota
	ClassUrgent       // reminders and changes
	ClassPrompt       // announcements that were marked urgent: behind every reminder, before every other announcement
	ClassBulk
)

// String names the class, for the log and for metrics.
func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return "class " + strconv.Itoa(int(c))
}

var classNames = [...]string{"reply", "urgent", "prompt", "bulk"}

// Job is a message for an audience, with a deadline. A job does not copy its audience, it walks it.
type Job struct {
	ID       JobID           `json:"id"`
	Kind     JobKind         `json:"kind"`
	Meeting  MeetingID       `json:"meeting,omitempty"`
	Start    time.Time       `json:"start,omitzero"`     // of the meeting, when the job was opened
	Lead     Lead            `json:"lead,omitempty"`     // of a reminder
	Sequence int             `json:"sequence,omitempty"` // of the meeting, after the change
	Audience Audience        `json:"audience"`
	Content  json.RawMessage `json:"content,omitempty"` // what Compose needs beside the meeting as it is now
	Opened   time.Time       `json:"opened"`
	Due      time.Time       `json:"due"`                // when the walk begins
	Deadline time.Time       `json:"deadline,omitzero"`  // letters that have not left by then are skipped; zero = none
	Urgent   bool            `json:"urgent,omitempty"`   // of an announcement: it does not wait for quiet hours, nor behind others
	Replaces []JobID         `json:"replaces,omitempty"` // it changes the messages that these jobs sent, and sends none
	Recalls  bool            `json:"recalls,omitempty"`  // it deletes them instead
	// Turn counts how often what the job is of was sent off: an announcement that was undone or stopped can be. A job that stands
	// in the store gives way to one of a later turn only, so that nothing that was taken back leaves by mistake; 0 = it has none.
	Turn int `json:"turn,omitempty"`
}

// TopicIndex names the index of a topic's followers.
func TopicIndex(t Topic) string { return "topic:" + string(t) }

// LeadIndex names the index of those followers of a topic who have a lead.
func LeadIndex(t Topic, l Lead) string { return "lead:" + string(t) + ":" + strconv.Itoa(int(l)) }

// ReminderID is the id of the job of one reminder.
func ReminderID(m MeetingID, start time.Time, l Lead) JobID {
	return JobID(fmt.Sprintf("remind:%s:%d:%d", m, start.Unix(), l))
}

// ChangeID is the id of the job that tells of a change between two sequences.
func ChangeID(m MeetingID, from, to int) JobID {
	return JobID(fmt.Sprintf("change:%s:%d-%d", m, from, to))
}

// NewID is the id of the job that tells of a new meeting.
func NewID(m MeetingID) JobID { return JobID("new:" + string(m)) }

// Draft is the id of the draft of an announcement's job.
func (j Job) Draft() DraftID {
	id, _, _ := strings.Cut(strings.TrimPrefix(string(j.ID), "announce:"), ":")
	return DraftID(id)
}

// AnnounceID is the id of the job that carries an announcement. The first round is 1; each retry is one more.
func AnnounceID(d DraftID, round int) JobID {
	if round <= 1 {
		return JobID("announce:" + string(d))
	}
	return JobID("announce:" + string(d) + ":" + strconv.Itoa(round))
}

// ReplyID is the id of the job that carries the late answer to an update.
func ReplyID(u UpdateID) JobID { return JobID("reply:" + strconv.FormatInt(int64(u), 10)) }

// LetterID is the id of the job that tells one person of something, once.
func LetterID(about string) JobID { return JobID("letter:" + about) }

// About reads off an id what kind of message the job brings, and of which meeting; "" = of none. The id says it also when
// the job has shrunk to its counts or is gone, while the letters it sent are still in their recipients' letterboxes.
func (id JobID) About() (JobKind, MeetingID) {
	kind, rest, _ := strings.Cut(string(id), ":")
	switch k := JobKind(kind); k {
	case JobReminder, JobSnooze, JobChange, JobNew, JobWish:
		meeting, _, _ := strings.Cut(rest, ":")
		return k, MeetingID(meeting)
	}
	return JobKind(kind), ""
}

// Reported tells whether somebody is told in the end what became of the letters of the kind's jobs.
func (k JobKind) Reported() bool { return k == JobAnnounce || k == JobAnswer }

// Class is the outbox lane of the job's letters. An urgent announcement has one of its own: what closes a hall must not wait until
// a long announcement is over, and a reminder must not wait until the urgent one is.
func (j Job) Class() Class {
	if j.Kind == JobAnnounce && j.Urgent {
		return ClassPrompt
	}
	return j.Kind.Class()
}

// Class is the outbox lane of letters of the kind, as long as nobody marked their job as urgent. Letters go out in the lane of
// [Job.Class]; this one is for what must not depend on that mark, such as the order of corrections of one message.
func (k JobKind) Class() Class {
	switch k {
	case JobReply, JobLetter, JobAsk, JobAnswer:
		return ClassReply
	case JobReminder, JobSnooze, JobChange, JobNew, JobWish:
		return ClassUrgent
	}
	return ClassBulk
}

// Change is the content of a job that tells of a changed meeting: the parts of it that were different before.
type Change struct {
	Date       string     `json:"date"`
	EndDate    string     `json:"end_date,omitempty"`
	StartHour  string     `json:"start,omitempty"`
	EndHour    string     `json:"end,omitempty"`
	Zone       string     `json:"timezone"`
	Attendance Attendance `json:"attendance"`
	Location   Location   `json:"location"`
	Status     Status     `json:"status"`
}

// ChangeOf takes from a meeting what a later notice calls "was".
func ChangeOf(m Meeting) Change {
	return Change{m.Date, m.EndDate, m.StartHour, m.EndHour, m.Zone, m.Attendance, m.Location, m.Status}
}

// Before gives the meeting as it was before the change, as far as that was kept.
func (c Change) Before(m Meeting) Meeting {
	m.Date, m.EndDate, m.StartHour, m.EndHour = c.Date, c.EndDate, c.StartHour, c.EndHour
	m.Zone, m.Attendance, m.Location, m.Status = c.Zone, c.Attendance, c.Location, c.Status
	return m
}
