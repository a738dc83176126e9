// Package remind turns passing time into jobs: what of the meetings' reminders and of the digests fell due since the
// last tick is opened as jobs, whose ids are their meaning, so that none is ever opened twice. [Due], [NextInstant] and their
// like for digests are pure and know the rules of time; [Scheduler] asks the store and the clock.
//
// It does not know who wants a reminder: a job walks the index of those who have its lead, and whoever does not want it
// after all is left out when it is sent (store.Person.SkipReminder). What a tick costs does not depend on how many persons
// are stored.
package remind

import (
	"cmp"
	"slices"
	"time"

	"recbot/store"
)

// Notice is a lead of a meeting that fell due.
type Notice struct {
	Meeting store.Meeting
	Lead    store.Lead
	At      time.Time // when it fell due
}

// Due lists what fell due after from, at to or before, in the order of the instants: every lead, also several of one
// meeting. Left out are meetings that have begun at to or will not be held, and leads that fell due before their meeting
// got its present start. A meeting whose hour is not known counts as beginning at 09:00 of its zone, and is announced at
// least a day before.
func Due(meetings []store.Meeting, leads []store.Lead, from, to time.Time) []Notice {
	var due []Notice
	for _, m := range meetings {
		if !m.Upcoming(to) || !to.Before(m.Start()) {
			continue
		}
		for _, l := range leads {
			if at := m.RemindAt(l); at.After(from) && !at.After(to) && !at.Before(m.StartSet) {
				due = append(due, Notice{m, l, at})
			}
		}
	}
	slices.SortStableFunc(due, func(a, b Notice) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Meeting.ID, b.Meeting.ID), cmp.Compare(b.Lead, a.Lead))
	})
	return due
}

// Lost lists what fell due after from, at to or before, and is of no use at to any more because the meeting has begun: what
// [Due] leaves out for that reason.
func Lost(meetings []store.Meeting, leads []store.Lead, from, to time.Time) []Notice {
	var lost []Notice
	for _, m := range meetings {
		start := m.Start()
		if start.IsZero() || to.Before(start) || !m.Upcoming(start) {
			continue
		}
		for _, l := range leads {
			if at := m.RemindAt(l); at.After(from) && !at.After(to) && !at.Before(m.StartSet) {
				lost = append(lost, Notice{m, l, at})
			}
		}
	}
	return lost
}

// NextInstant gives the earliest instant after `after` at which something falls due; false when nothing ever does.
func NextInstant(meetings []store.Meeting, leads []store.Lead, after time.Time) (next time.Time, ok bool) {
	for _, m := range meetings {
		for _, l := range leads {
			at := m.RemindAt(l)
			if !at.After(after) || at.Before(m.StartSet) || !m.Upcoming(at) {
				continue
			}
			if !ok || at.Before(next) {
				next, ok = at, true
			}
		}
	}
	return next, ok
}
