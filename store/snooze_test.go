package store_test

import (
	"testing"
	"time"

	"recbot/store"
)

func TestSkipSnooze(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		person  func(*store.Person)
		meeting func(*store.Meeting)
		now     string
		want    string
	}{
		{"Whoever asked is reminded", nil, nil, "2026-12-09 09:50", ""},
		{"Leads do not matter", func(p *store.Person) { p.Leads = nil }, nil, "2026-12-09 09:50", ""},
		{"Who stopped gets nothing", func(p *store.Person) { p.Stopped = true }, nil, "2026-12-09 09:50", "stopped"},
		{"Who muted everything since gets nothing", func(p *store.Person) { p.Muted = true }, nil, "2026-12-09 09:50", "muted"},
		{"Nor who muted the meeting", func(p *store.Person) { p.MutedOnes = []store.MeetingID{"wg-b-3"} }, nil, "2026-12-09 09:50", "meeting muted"},
		{"Nor who unfollowed it", func(p *store.Person) { p.Topics = nil }, nil, "2026-12-09 09:50", "not followed"},
		{"Nor who may not see it any more", nil, func(m *store.Meeting) { m.Visibility = store.Restricted }, "2026-12-09 09:50", "not visible"},
		{"It was cancelled", nil, func(m *store.Meeting) { m.Status = store.Cancelled }, "2026-12-09 09:50", "cancelled"},
		{"It was postponed", nil, func(m *store.Meeting) { m.Status = store.Postponed }, "2026-12-09 09:50", "postponed"},
		{"It begins later now", nil, func(m *store.Meeting) { m.StartHour = "11:00" }, "2026-12-09 09:50", "moved"},
		{"It begins on another day", nil, func(m *store.Meeting) { m.Date = "2026-12-10" }, "2026-12-09 09:50", "moved"},
		{"Another place is no other start", nil, func(m *store.Meeting) { m.Sequence, m.Attendance = 7, store.Mixed }, "2026-12-09 09:50", ""},
		{"At the start it is too late", nil, nil, "2026-12-09 10:00", "began"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := store.Newcomer(7, store.English, clock("2026-12-01 09:00"))
			p.Topics = []store.Topic{"wg-b"}
			if tc.person != nil {
				tc.person(&p)
			}
			m := meeting()
			start := m.Start()
			if tc.meeting != nil {
				tc.meeting(&m)
			}
			if got := p.SkipSnooze(m, start, clock(tc.now)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestRemindedBetween(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		person   func(*store.Person)
		from, to string
		want     bool
	}{
		{"The lead of an hour, to the minute", nil, "2026-12-09 08:59", "2026-12-09 09:00", true},
		{"A minute early", nil, "2026-12-09 08:58", "2026-12-09 08:59", false},
		{"It came before", nil, "2026-12-09 09:00", "2026-12-09 09:30", false},
		{"A lead that the person does not have", nil, "2026-12-09 09:44", "2026-12-09 09:45", false},
		{"Who muted the meeting is not reminded by leads", func(p *store.Person) { p.Muted = true }, "2026-12-09 08:59", "2026-12-09 09:00", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := store.Newcomer(7, store.English, clock("2026-12-01 09:00"))
			p.Topics = []store.Topic{"wg-b"}
			if tc.person != nil {
				tc.person(&p)
			}
			if got := p.RemindedBetween(meeting(), clock(tc.from), clock(tc.to)); got != tc.want {
				t.Errorf("got %t, want %t", got, tc.want)
			}
		})
	}
}

// TestSnoozeOnce presses twice under one message, a minute apart: there is one job, and both are told its time.
func TestSnoozeOnce(t *testing.T) {
	t.Parallel()
	snoozeOnce(t, newWorld(t))
}

func snoozeOnce(t *testing.T, w *world) {
	m := meeting()
	job := func(due string) store.Job {
		return store.Job{
			ID: store.SnoozeID(m.ID, m.Start(), 7, 42), Kind: store.JobSnooze, Meeting: m.ID, Start: m.Start(),
			Audience: store.Audience{Person: 7}, Due: clock(due), Deadline: m.Start(),
		}
	}
	for _, due := range []string{"2026-12-09 09:10", "2026-12-09 09:11"} {
		got, err := w.Snooze(t.Context(), job(due))
		if err != nil || !got.Equal(clock("2026-12-09 09:10")) {
			t.Fatalf("pressed for %s: got %s, %v, want that of the first press", due, got, err)
		}
	}
	w.greet(t, 7, nil)
	if jobs, err := w.DueJobs(t.Context(), m.Start(), 10); err != nil || len(jobs) != 1 {
		t.Errorf("got %d jobs, %v, want one", len(jobs), err)
	}
	if err := w.Forget(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	if jobs, err := w.DueJobs(t.Context(), m.Start().Add(time.Hour), 10); err != nil || len(jobs) != 0 {
		t.Errorf("after the person was forgotten: got %d jobs, %v, want none", len(jobs), err)
	}
}

// TestUnsnooze takes back what has not come yet, once or twice, after which it can be asked for anew.
func TestUnsnooze(t *testing.T) {
	t.Parallel()
	w, m := newWorld(t), meeting()
	id := store.SnoozeID(m.ID, m.Start(), 7, 42)
	for _, due := range []string{"2026-12-09 09:10", "2026-12-09 09:20"} {
		got, err := w.Snooze(t.Context(), store.Job{
			ID: id, Kind: store.JobSnooze, Meeting: m.ID, Start: m.Start(),
			Audience: store.Audience{Person: 7}, Due: clock(due), Deadline: m.Start(),
		})
		if err != nil || !got.Equal(clock(due)) {
			t.Fatalf("asked for %s: got %s, %v", due, got, err)
		}
		if came, err := w.Unsnooze(t.Context(), id, 7, clock(due)); err != nil || !came {
			t.Errorf("taken back at %s, when it is due: %v, %v, want that it came", due, came, err)
		}
		if jobs, err := w.DueJobs(t.Context(), m.Start(), 10); err != nil || len(jobs) != 1 {
			t.Errorf("what is due was taken back: got %d jobs, %v", len(jobs), err)
		}
		for range 2 {
			if came, err := w.Unsnooze(t.Context(), id, 7, clock("2026-12-09 09:09")); err != nil || came {
				t.Errorf("taken back before it is due: %v, %v", came, err)
			}
		}
		if jobs, err := w.DueJobs(t.Context(), m.Start(), 10); err != nil || len(jobs) != 0 {
			t.Errorf("after it was taken back: got %d jobs, %v, want none", len(jobs), err)
		}
	}
}

// TestSnoozed finds what one person asked for of one start of a meeting, the next of it, and nothing of anybody else's.
func TestSnoozed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := meeting()
	open := func(id store.MeetingID, who store.PersonID, message int, due time.Time) {
		t.Helper()
		_, err := w.Snooze(t.Context(), store.Job{
			ID: store.SnoozeID(id, m.Start(), who, message), Kind: store.JobSnooze, Meeting: id, Start: m.Start(),
			Audience: store.Audience{Person: who}, Opened: w.now, Due: due,
		})
		must(t, err)
	}
	later, sooner := w.now.Add(2*time.Hour), w.now.Add(time.Hour)
	open(m.ID, 7, 2, later)
	open(m.ID, 7, 1, sooner)
	open(m.ID, 71, 1, sooner)
	open("wg-b-4", 7, 1, sooner)
	for _, tc := range []struct {
		name  string
		who   store.PersonID
		start time.Time
		at    time.Time
		found bool
	}{
		{"the next of two", 7, m.Start(), sooner, true},
		{"of another start", 7, m.Start().Add(time.Hour), time.Time{}, false},
		{"of somebody else", 8, m.Start(), time.Time{}, false},
	} {
		at, found, err := w.Snoozed(t.Context(), tc.who, m.ID, tc.start)
		if err != nil || found != tc.found || !at.Equal(tc.at) {
			t.Errorf("%s: got %v, %v, %v, want %v, %v", tc.name, at, found, err, tc.at, tc.found)
		}
	}
	w.now = sooner
	if at, found, err := w.Snoozed(t.Context(), 7, m.ID, m.Start()); err != nil || !found || !at.Equal(later) {
		t.Errorf("when the first one is due the next is %v, %v, %v, want %v", at, found, err, later)
	}
}
