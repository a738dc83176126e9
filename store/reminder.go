package store

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// RemindAt is the instant at which a lead of the meeting falls due. Minutes and hours before a meeting whose hour is not
// known mean nothing: such leads fall due one day before. The zero time means that date or zone cannot be read.
func (m Meeting) RemindAt(l Lead) time.Time {
	start := m.Start()
	if start.IsZero() {
		return start
	}
	if m.AllDay() {
		l = max(l, LeadDay)
	}
	return start.Add(-l.Duration())
}

// ReminderID is the id of the job that reminds of the meeting at its present start. When the hour becomes known that is
// another start, also when it turns out to be the one that was assumed: so a day without an hour counts from midnight.
func (m Meeting) ReminderID(l Lead) JobID { return ReminderID(m.ID, m.startMark(), l) }

// startMark is the start that stands in the ids of reminders.
func (m Meeting) startMark() time.Time {
	if m.AllDay() {
		return m.at(m.Date, "00:00")
	}
	return m.Start()
}

// RemindedBy tells whether a job reminded of the meeting at its present start: by a lead, or again because somebody asked
// for it.
func (m Meeting) RemindedBy(job JobID) bool {
	lead := fmt.Sprintf("remind:%s:%d:", m.ID, m.startMark().Unix())
	again := fmt.Sprintf("snooze:%s:%d:", m.ID, m.Start().Unix())
	return strings.HasPrefix(string(job), lead) || strings.HasPrefix(string(job), again)
}

// SkipReminder tells why a person is not to be reminded of a meeting by one of the leads at now; "" = they are.
//
// The reasons: stopped, unreachable, not visible, not followed, muted, meeting muted, cancelled, postponed, began, moved
// (the lead fell due before the meeting got its present start, or does so only later), lead dropped, all-day (another lead
// of theirs speaks for it), nearer (a nearer lead of theirs fell due too). Whoever holds a job compares its Start with the
// meeting's as well.
func (p Person) SkipReminder(m Meeting, l Lead, now time.Time) string {
	if why := p.deaf(m); why != "" {
		return why
	}
	// Reasons that concern the person come first and say the same of every meeting; what they may not see stands before what
	// they muted, so that no count of reasons tells of its existence.
	due := m.RemindAt(l)
	switch speaking := p.speaking(m); {
	case m.Status == Cancelled:
		return "cancelled"
	case m.Status == Postponed:
		return "postponed"
	case !now.Before(m.Start()):
		return "began"
	case due.Before(m.StartSet), now.Before(due):
		return "moved"
	case !slices.Contains(p.Leads, l):
		return "lead dropped"
	case !slices.Contains(speaking, l):
		return "all-day"
	case slices.ContainsFunc(speaking, func(o Lead) bool { return o < l && !now.Before(m.RemindAt(o)) }):
		return "nearer"
	}
	return ""
}

// deaf tells why no reminder of a meeting reaches a person at all.
func (p Person) deaf(m Meeting) string {
	switch {
	case p.Stopped:
		return "stopped"
	case p.Unreachable != "":
		return "unreachable"
	case !m.VisibleTo(p):
		return "not visible"
	case !p.FollowsMeeting(m):
		return "not followed"
	case p.Muted:
		return "muted"
	case slices.Contains(p.MutedOnes, m.ID):
		return "meeting muted"
	}
	return ""
}

// speaking lists those of a person's leads that bring a reminder of a meeting. Of a meeting without an hour the leads of
// whole days do, or else the smallest one alone.
func (p Person) speaking(m Meeting) []Lead {
	if !m.AllDay() || len(p.Leads) == 0 {
		return p.Leads
	}
	var days []Lead
	for _, l := range p.Leads {
		if l >= LeadDay {
			days = append(days, l)
		}
	}
	if len(days) == 0 {
		return []Lead{slices.Min(p.Leads)}
	}
	return days
}
