package handlers

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"recbot/bot"
	"recbot/store"
)

// sn: a reminder comes again, when the person asks for it under the one they got.
var _ = command(spec{Buttons: []string{"sn"}, Press: (*Desk).pressSnooze})

// snooze is an offer to be reminded again.
type snooze struct {
	word  string // in button data
	label string
	day   bool                                              // worth offering of a meeting whose hour is not known
	at    func(now time.Time, loc *time.Location) time.Time // the morning is when digests come
}

// snoozes are all offers, by the time they mean at any hour at which people are awake.
var snoozes = []snooze{
	{"10m", "ButtonSnoozeMinutes", false, func(now time.Time, _ *time.Location) time.Time { return now.Add(10 * time.Minute) }},
	{"1h", "ButtonSnoozeHour", true, func(now time.Time, _ *time.Location) time.Time { return now.Add(time.Hour) }},
	{"am", "ButtonSnoozeMorning", true, func(now time.Time, loc *time.Location) time.Time {
		y, m, d := now.In(loc).Date()
		return time.Date(y, m, d+1, store.DigestHour, 0, 0, 0, loc)
	}},
}

// snoozeAt gives the instant that an offer means at now, to the minute. ok is false when the meeting has begun by then: no
// reminder comes after the start.
func (s snooze) snoozeAt(m store.Meeting, zone string, now time.Time) (at time.Time, ok bool) {
	loc, err := store.LoadZone(zone)
	if err != nil {
		loc = time.UTC
	}
	at = s.at(now, loc).Truncate(time.Minute)
	return at, at.Before(m.Start())
}

// snoozeButtons adds the offers that lie before the start, the short ones side by side, and lists their words.
func snoozeButtons(reply *bot.Reply, m store.Meeting, zone string, now time.Time) string {
	var words []string
	var row []bot.Button
	for _, s := range snoozes {
		if _, ok := s.snoozeAt(m, zone, now); !ok || m.AllDay() && !s.day {
			continue
		}
		words = append(words, s.word)
		row = append(row, bot.Press(s.label, bot.Data("sn", m.ID, startMark(m), s.word)))
		if len(row) == 2 {
			reply.Row(row...)
			row = nil
		}
	}
	reply.Row(row...)
	return strings.Join(words, "+")
}

// startMark is the start of a meeting in as few letters as its minutes take: button data is short.
func startMark(m store.Meeting) string { return strconv.FormatInt(m.Start().Unix()/60, 36) }

// unsnooze stands in place of an offer: the reminder that was asked for is not wanted any more.
const unsnooze = "no"

// pressSnooze handles sn:<meeting>:<start>:<10m|1h|am|no>. The reminder stays where it was, with the time of the next one in
// place of the offers, and the way back to them.
func (d *Desk) pressSnooze(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	m, err := d.store.Meeting(ctx, store.MeetingID(r.Arg(0)), r.Person)
	if errors.Is(err, store.ErrNotFound) {
		return meetingNone().Editing(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("snoozing meeting %q: %w", r.Arg(0), err)
	}
	if refused := d.snoozeRefused(r, m); refused != nil {
		return refused, nil
	}
	zone := d.zoneOf(r.Person)
	reply, _ := d.remind(m, zone, r.Now)
	if r.Arg(2) == unsnooze {
		return d.takeSnoozeBack(ctx, r, m, reply)
	}
	at, ok := chosenSnooze(r.Arg(2), m, zone, r.Now)
	if !ok { // when the button was made there was time enough; what is left of the offers is shown
		return reply.Editing().Toasting("SnoozeTooLate"), nil
	}
	due, err := d.store.Snooze(ctx, store.Job{
		ID: store.SnoozeID(m.ID, m.Start(), r.Person.ID, r.Message), Kind: store.JobSnooze,
		Meeting: m.ID, Start: m.Start(), Sequence: m.Sequence, Audience: store.Audience{Person: r.Person.ID},
		Opened: r.Now.UTC(), Due: at.UTC(), Deadline: m.Start(),
	})
	if err != nil {
		return nil, fmt.Errorf("snoozing meeting %q: %w", m.ID, err)
	}
	reply.Rows = unsnoozed(reply.Rows)
	if !due.After(r.Now) { // an old picture of the message was pressed, and its reminder has come
		return reply.Editing().Toasting("SnoozeCame"), nil
	}
	when := dayClock(due, zone, r.Now)
	undo := bot.Press("ButtonSnoozeUndo", bot.Data("sn", m.ID, startMark(m), unsnooze))
	reply.Rows = append([][]bot.Button{{undo}}, reply.Rows...)
	return reply.Say("SnoozeSet", "At", when).Editing().Toasting("SnoozeSet", "At", when), nil
}

// takeSnoozeBack shows the offers again in place of what was asked for, which does not come; in its last moment it does.
func (d *Desk) takeSnoozeBack(ctx context.Context, r *bot.Request, m store.Meeting, reply *bot.Reply) (*bot.Reply, error) {
	came, err := d.store.Unsnooze(ctx, store.SnoozeID(m.ID, m.Start(), r.Person.ID, r.Message), r.Person.ID, r.Now.Add(breath))
	switch {
	case err != nil:
		return nil, fmt.Errorf("snoozing meeting %q: %w", m.ID, err)
	case came:
		reply.Rows = unsnoozed(reply.Rows)
		return reply.Editing().Toasting("SnoozeCame"), nil
	}
	return reply.Editing().Toasting("SnoozeUndone"), nil
}

// snoozeRefused answers who cannot be reminded again: because the meeting is not what it was, which its card shows, or
// because of their own settings; nil = they can.
func (d *Desk) snoozeRefused(r *bot.Request, m store.Meeting) *bot.Reply {
	why := r.Person.SkipSnooze(m, m.Start(), r.Now)
	if why == "" && r.Arg(1) != startMark(m) {
		why = "moved"
	}
	switch why {
	case "":
		return nil
	case "stopped":
		return bot.Toast("SilentStopped")
	case "muted":
		return bot.Toast("SilentMuted")
	case "not followed", "meeting muted":
		return bot.Toast("SnoozeSilent")
	}
	return d.card(r, m).Toasting("SnoozeOutdated")
}

// chosenSnooze gives the instant of the offer of that word; ok is false when there is none, or it comes too late.
func chosenSnooze(word string, m store.Meeting, zone string, now time.Time) (at time.Time, ok bool) {
	for _, s := range snoozes {
		if s.word == word {
			return s.snoozeAt(m, zone, now)
		}
	}
	return at, false
}

// unsnoozed gives rows of buttons without the offers.
func unsnoozed(rows [][]bot.Button) (rest [][]bot.Button) {
	for _, row := range rows {
		if !strings.HasPrefix(row[0].Data, "sn:") {
			rest = append(rest, row)
		}
	}
	return rest
}

// dayClock says an instant of today or tomorrow, by the clock of a zone.
func dayClock(at time.Time, zone string, now time.Time) bot.Value {
	key := "TomorrowAt"
	if dayIn(at, zone) == dayIn(now, zone) {
		key = "TodayAt"
	}
	return phrase(key, "Clock", bot.At{Time: at, Style: bot.AtClock})
}

// snoozed reminds again, with the time that really remains. A reminder of the person's own that falls on the same minute is
// enough, unless it has to wait for the morning.
func (d *Desk) snoozed(job store.Job, m store.Meeting, p store.Person) (*bot.Reply, string) {
	now := d.now()
	if why := p.SkipSnooze(m, job.Start, now); why != "" {
		return nil, why
	}
	lead := store.Job{Kind: store.JobReminder, Meeting: m.ID, Start: m.Start()}
	if p.RemindedBetween(m, job.Due.Add(-time.Minute), now) && d.hold(lead, p, d.zone, now).IsZero() {
		return nil, "nearer"
	}
	return d.remind(m, d.zoneOf(p), now)
}
