package broadcast

import (
	"encoding/json"
	"time"

	"recbot/store"
)

const (
	// sleepOver is how long before the start a letter comes at the latest that was held for the night.
	sleepOver = 2 * time.Hour
	// pressing is how near the old or the new start must be for a change to be told at night.
	pressing = 24 * time.Hour
)

// Hold gives the instant until which a letter of a job waits for the sake of the person's quiet hours; the zero time means
// that it leaves at now. zone is the council's, for who has none of their own.
//
// Reminders, and agendas that somebody waited for, wait until the quiet hours end or two hours before the start,
// whichever is first, and do not wait at all once less than two hours are left. A new meeting and a change are told at
// once when the old or the new start is within 24 hours. Answers, letters to one person, urgent announcements and what
// somebody asked to be reminded of at that very time never wait; anything else waits until the quiet hours end. What is
// due outside the quiet hours leaves, and nothing ever leaves early.
func Hold(j store.Job, p store.Person, zone string, now time.Time) time.Time {
	end := quietEnd(p.Quiet, location(p.Zone, zone), now)
	if end.IsZero() {
		return end
	}
	switch j.Kind {
	case store.JobReply, store.JobLetter, store.JobAnswer, store.JobSnooze:
		return time.Time{}
	case store.JobAsk:
		if len(j.Replaces) > 0 { // a change of a message makes no sound
			return time.Time{}
		}
	case store.JobAnnounce:
		if j.Urgent || len(j.Replaces) > 0 { // a change of a message makes no sound
			return time.Time{}
		}
	case store.JobReminder:
		return beforeStart(j.Start, end, now)
	case store.JobWish:
		// An agenda is for the way there. On the evening of a meeting that has begun it waits for the next day of it.
		if now.Before(j.Start) {
			return beforeStart(j.Start, end, now)
		}
	case store.JobNew:
		// As soon as a change of the meeting would be told: else "moved" came at night and "new" in the morning.
		if near(j.Start, now) {
			return time.Time{}
		}
	case store.JobChange:
		if near(j.Start, now) || near(oldStart(j), now) {
			return time.Time{}
		}
	}
	return end
}

// beforeStart is the end of the quiet hours, or two hours before the start if that is earlier.
func beforeStart(start, end, now time.Time) time.Time {
	last := start.Add(-sleepOver)
	switch {
	case start.IsZero() || end.Before(last):
		return end
	case last.After(now):
		return last.UTC()
	}
	return time.Time{}
}

// near tells whether a start is within a day, on either side: who was to be there an hour ago wants to know too.
func near(start, now time.Time) bool {
	return !start.IsZero() && start.Sub(now).Abs() <= pressing
}

// oldStart is the start before the change of which the job tells; zero if it cannot be read.
func oldStart(j store.Job) time.Time {
	var c store.Change
	if json.Unmarshal(j.Content, &c) != nil {
		return time.Time{}
	}
	return c.Before(store.Meeting{}).Start()
}

// quietEnd is when the quiet hours end in which now lies; zero = it lies in none. The end is the first minute that is not
// quiet.
func quietEnd(q store.Quiet, loc *time.Location, now time.Time) time.Time {
	// Minutes of the clock on the wall, so that the night is as long as the person set it, also when the clocks change.
	local := now.In(loc)
	minute := local.Hour()*60 + local.Minute()
	days := 0
	switch {
	case q.Off || q.From == q.To:
		return time.Time{}
	case q.From < q.To && (minute < q.From || minute >= q.To):
		return time.Time{}
	case q.From > q.To && minute >= q.From:
		days = 1
	case q.From > q.To && minute >= q.To:
		return time.Time{}
	}
	end := time.Date(local.Year(), local.Month(), local.Day()+days, 0, q.To, 0, 0, loc)
	if !end.After(now) { // the clocks were put forward over it
		return time.Time{}
	}
	return end.UTC()
}

// location is the first zone that can be read, else UTC.
func location(zones ...string) *time.Location {
	for _, name := range zones {
		if loc, err := store.LoadZone(name); err == nil {
			return loc
		}
	}
	return time.UTC
}
