package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// verdict is what an import does with an entry.
type verdict uint8

const (
	entryUnchanged verdict = iota
	entryAdded
	entryChanged  // by a higher sequence
	entryUpdated  // texts, agenda, documents
	entryIgnored  // by a lower sequence
	entryConflict // not applied
)

// maxMeeting is the most bytes of a meeting as it is stored, with room for what the store notes beside the entry.
const maxMeeting = MaxValue - 1024

// plan is what is to be done with one entry of an import. It depends on the entry, the stored meeting and the clock
// alone.
type plan struct {
	verdict verdict
	reason  string  // of a conflict
	save    bool    // whether meeting is to be written
	meeting Meeting // as it will stand in the store
	notice  *Job    // for followers; nil = there is nothing to tell them
	tell    []Job   // who is told: followers, and who waits for the agenda
	drop    bool    // the reminders of the old start are withdrawn
}

// planImport plans what is to be done with a file's entry, and who is told of it; old has revision 0 when there is no stored
// meeting of its id.
func planImport(old, entry Meeting, now time.Time) plan {
	p := planEntry(old, entry, now)
	if !p.save {
		return p
	}
	for _, j := range []*Job{p.notice, tellWish(old, p.meeting, now)} {
		if j != nil {
			p.tell = append(p.tell, *j)
		}
	}
	return p
}

// planEntry applies the rules by which an entry meets the stored meeting.
func planEntry(old, entry Meeting, now time.Time) plan {
	entry.Revision, entry.StartSet, entry.Edited, entry.Imported = old.Revision, old.StartSet, false, fingerprint(entry)
	switch {
	case old.Revision == 0:
		// Leads that lie before its being known are no reminders: the notice of the new meeting is.
		entry.StartSet = now
		return plan{verdict: entryAdded, save: true, meeting: entry, notice: tellNew(entry, now)}
	case old.Imported == entry.Imported, fingerprint(old) == entry.Imported:
		return plan{}
	case entry.Sequence < old.Sequence:
		return plan{verdict: entryIgnored}
	case entry.Sequence > old.Sequence:
		return planChange(old, entry, now)
	}
	if reason := whyConflict(old, entry); reason != "" {
		// The fingerprint is kept, so that the same entry is reported once.
		old.Imported = entry.Imported
		return plan{verdict: entryConflict, reason: reason, save: true, meeting: old}
	}
	return plan{verdict: entryUpdated, save: true, meeting: entry}
}

// planChange replaces a meeting by an entry of a higher sequence. Only a new start touches reminders: any other change lets
// them run, for they are composed of the meeting as it is when they are sent. That the hour became known is a new start too,
// also when it is the one that was assumed.
func planChange(old, entry Meeting, now time.Time) plan {
	p := plan{verdict: entryChanged, save: true, notice: tellChange(old, entry, now)}
	if !entry.Start().Equal(old.Start()) || entry.AllDay() != old.AllDay() {
		entry.StartSet, p.drop = now, true
	}
	p.meeting = entry
	return p
}

// whyConflict tells why an entry of the stored sequence cannot be applied; "" = it can. What people plan by may differ only
// with a higher sequence: else a typing error in a file would move a meeting without anybody's being told.
func whyConflict(old, entry Meeting) string {
	switch was, is := ChangeOf(old), ChangeOf(entry); {
	case old.Edited || old.Imported == "":
		return "it was edited in chat since its last import"
	case was.Date != is.Date || was.EndDate != is.EndDate:
		return notRaised("date")
	case was.StartHour != is.StartHour || was.EndHour != is.EndHour:
		return notRaised("time")
	case was.Zone != is.Zone:
		return notRaised("time zone")
	case !samePlace(was.Location, is.Location):
		return notRaised("place")
	case was.Status != is.Status:
		return notRaised("status")
	case was.Attendance != is.Attendance:
		return notRaised("attendance")
	}
	return ""
}

// notRaised is the reason that names what somebody changed in the file without raising the sequence.
func notRaised(what string) string { return "its " + what + " differs, but its sequence is the same" }

// tellNew makes the job that tells of a new meeting; nil when it is of no use to anybody, because the meeting is over or will
// not be held.
func tellNew(m Meeting, now time.Time) *Job {
	if !m.Upcoming(now) {
		return nil
	}
	return &Job{
		ID: NewID(m.ID), Kind: JobNew, Meeting: m.ID, Start: m.Start(), Sequence: m.Sequence,
		Audience: Audience{Topics: m.Topics()}, Opened: now, Due: now, Deadline: m.End(),
	}
}

// tellChange makes the job that tells of a change to whoever follows the meeting as it was or as it is. Nobody is told of
// a meeting that is over, nor when nothing they plan by is different.
func tellChange(old, m Meeting, now time.Time) *Job {
	was, is := ChangeOf(old), ChangeOf(m)
	if m.Over(now) || was.same(is) {
		return nil
	}
	// A move is worth knowing until the meeting is over; that it is off, until one would have set out for it.
	deadline := m.End()
	if m.Status == Cancelled || m.Status == Postponed {
		deadline = old.End()
		if start := old.Start(); start.After(now) {
			deadline = start
		}
	}
	return &Job{
		ID: ChangeID(m.ID, old.Sequence, m.Sequence), Kind: JobChange, Meeting: m.ID, Start: m.Start(), Sequence: m.Sequence,
		Audience: Audience{Topics: sorted(append(old.Topics(), m.Topics()...))},
		Content:  encode(was), Opened: now, Due: now, Deadline: deadline,
	}
}

// same tells whether two states of a meeting differ in nothing that people plan by.
func (c Change) same(d Change) bool {
	if !samePlace(c.Location, d.Location) {
		return false
	}
	c.Location, d.Location = Location{}, Location{}
	return bytes.Equal(encode(c), encode(d))
}

// samePlace tells whether two locations are one for somebody who has to get there.
func samePlace(a, b Location) bool {
	return a.Online == b.Online && sameText(a.City, b.City) && sameText(a.Country, b.Country) && sameText(a.Venue, b.Venue)
}

// sameText tells whether two texts say the same as far as they share a language: a translation that was added is no other
// place.
func sameText(a, b Text) bool {
	shared := false
	for lang, text := range a {
		if other := b[lang]; text != "" && other != "" {
			if text != other {
				return false
			}
			shared = true
		}
	}
	return shared || a.Empty() && b.Empty()
}

// fingerprint tells entries apart by what an import reads of them: everything but what the store notes by itself.
func fingerprint(m Meeting) string {
	m.Imported, m.Edited, m.StartSet = "", false, time.Time{}
	sum := sha256.Sum256(encode(m))
	return hex.EncodeToString(sum[:])
}

// checkEntries names everything that keeps meetings from being imported, all at once.
func checkEntries(meetings []Meeting) error {
	var problems []error
	seen := map[MeetingID]bool{}
	for _, m := range meetings {
		switch {
		case !ValidID(string(m.ID)):
			problems = append(problems, fmt.Errorf("meeting %q: not an id", m.ID))
		case seen[m.ID]:
			problems = append(problems, fmt.Errorf("meeting %q: stands there twice", m.ID))
		case m.Start().IsZero() || m.End().IsZero():
			problems = append(problems, fmt.Errorf("meeting %q: date, hours or time zone cannot be read", m.ID))
		case len(encode(m)) > maxMeeting:
			problems = append(problems, fmt.Errorf("meeting %q: %d bytes are more than the %d that can be kept", m.ID, len(encode(m)), maxMeeting))
		case m.End().Before(m.Start()):
			problems = append(problems, fmt.Errorf("meeting %q: ends before it begins", m.ID))
		}
		seen[m.ID] = true
	}
	return errors.Join(problems...)
}
