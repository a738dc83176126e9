package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// SnoozeID is the id of the job that reminds one person again, because they asked for it under a message. One message
// brings one such job, however often its buttons are pressed.
func SnoozeID(m MeetingID, start time.Time, p PersonID, message int) JobID {
	return JobID(snoozePrefix(m, start, p) + strconv.Itoa(message))
}

// snoozePrefix is what the ids begin with of all that a person asked for of one start of a meeting.
func snoozePrefix(m MeetingID, start time.Time, p PersonID) string {
	return fmt.Sprintf("snooze:%s:%d:%d:", m, start.Unix(), p)
}

// Snoozed gives the next instant at which a person is to be reminded again of a meeting that begins at start, because they
// asked for it; found is false when they did not. It costs one read of what waits in their shard for single persons.
func (s *Store) Snoozed(ctx context.Context, who PersonID, m MeetingID, start time.Time) (at time.Time, found bool, err error) {
	waiting, err := s.b.Due(ctx, jobQueue, lastDue, maxQueue, who.shard())
	if err != nil {
		return at, false, fmt.Errorf("snoozed reminders of person %d: %w", who, err)
	}
	now, prefix := s.now(), snoozePrefix(m, start, who)
	for _, e := range waiting { // the earliest stands first
		if e.At.After(now) && strings.HasPrefix(e.ID, prefix) {
			return e.At, true, nil
		}
	}
	return at, false, nil
}

// Snooze opens a job that reminds one person again, and gives the instant at which the one of that id falls due, which was
// perhaps opened before: whoever presses twice is told the same time twice.
func (s *Store) Snooze(ctx context.Context, j Job) (due time.Time, err error) {
	if err := s.OpenJob(ctx, j); err != nil {
		return due, err
	}
	r, err := s.readJob(ctx, jobShard(j), j.ID)
	if err != nil {
		return due, fmt.Errorf("snooze %q: %w", j.ID, err)
	}
	return r.Due, nil
}

// Unsnooze removes the job of that id that would remind a person again, unless it is due by then or has come: that is said with
// came. One that is not there is no error.
func (s *Store) Unsnooze(ctx context.Context, id JobID, who PersonID, then time.Time) (came bool, err error) {
	err = attempt(ctx, func() error {
		r, err := s.readJob(ctx, who.shard(), id)
		if came = err == nil && r.rev != 0 && (r.State != jobOpen || !r.Due.After(then)); err != nil || came || r.rev == 0 {
			return err
		}
		_, err = s.apply(ctx, who.shard(), Batch{
			If: []Condition{RevIs(jobKey(id), r.rev)},
			Do: []Mutation{Delete(jobKey(id)), Unschedule(jobQueue, string(id))},
		})
		return err
	})
	if err != nil {
		return false, fmt.Errorf("snooze %q taken back: %w", id, err)
	}
	return came, nil
}

// SkipSnooze tells why a person is not to be reminded again, at now, of a meeting that they were reminded of when it had the
// given start; "" = they are. The reasons are those of [Person.SkipReminder] that have nothing to do with leads; moved means
// another start: that was told by a notice of its own.
func (p Person) SkipSnooze(m Meeting, start, now time.Time) string {
	if why := p.deaf(m); why != "" {
		return why
	}
	switch {
	case m.Status == Cancelled:
		return "cancelled"
	case m.Status == Postponed:
		return "postponed"
	case !start.Equal(m.Start()):
		return "moved"
	case !now.Before(m.Start()):
		return "began"
	}
	return ""
}

// RemindedBetween tells whether one of the person's leads brings a reminder of a meeting in (from, to].
func (p Person) RemindedBetween(m Meeting, from, to time.Time) bool {
	for _, l := range p.speaking(m) {
		if at := m.RemindAt(l); at.After(from) && !at.After(to) && p.SkipReminder(m, l, at) == "" {
			return true
		}
	}
	return false
}
