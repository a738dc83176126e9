package store_test

import (
	"testing"
	"time"

	"recbot/store"
)

// clock reads a time of Tashkent (+05:00).
func clock(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, time.FixedZone("+05", 5*60*60))
	if err != nil {
		panic(err)
	}
	return t
}

// meeting is a public one of group B on 9 December 2026 at 10:00 in Tashkent.
func meeting(change ...func(*store.Meeting)) store.Meeting {
	m := store.Meeting{
		ID: "wg-b-3", UID: "wg-b-3@recbot", Kind: "working_group_meeting", Bodies: []string{"wg-b"},
		Name: store.Text{store.English: "Third meeting"},
		Date: "2026-12-09", StartHour: "10:00", EndHour: "12:00", Zone: "Asia/Tashkent",
		Attendance: store.Online, Location: store.Location{Online: true}, Status: store.Confirmed, Visibility: store.Public,
	}
	for _, c := range change {
		c(&m)
	}
	return m
}

func allDay(m *store.Meeting) { m.StartHour, m.EndHour = "", "" }

func TestSkipReminder(t *testing.T) {
	t.Parallel()
	const day, hour, quarter, week = store.LeadDay, store.LeadHour, store.Lead15Min, store.LeadWeek
	leads := func(l ...store.Lead) func(*store.Person) { return func(p *store.Person) { p.Leads = l } }
	for _, tc := range []struct {
		name    string
		person  func(*store.Person)
		meeting func(*store.Meeting)
		lead    store.Lead
		now     string
		want    string
	}{
		{"A follower gets the lead that is due", nil, nil, day, "2026-12-08 10:00", ""},
		{"A follower gets the nearer lead in its turn", nil, nil, hour, "2026-12-09 09:00", ""},
		{"Who stopped gets nothing", func(p *store.Person) { p.Stopped = true }, nil, day, "2026-12-08 10:00", "stopped"},
		{"Who blocked the bot gets nothing", func(p *store.Person) { p.Unreachable = "blocked" }, nil, day, "2026-12-08 10:00", "unreachable"},
		{"Who is muted gets no reminder", func(p *store.Person) { p.Muted = true }, nil, day, "2026-12-08 10:00", "muted"},
		{"A muted meeting is silent", func(p *store.Person) { p.MutedOnes = []store.MeetingID{"wg-b-3"} }, nil, day, "2026-12-08 10:00", "meeting muted"},
		{"Another muted meeting does not matter", func(p *store.Person) { p.MutedOnes = []store.MeetingID{"wg-b-2"} }, nil, day, "2026-12-08 10:00", ""},
		{"Who left the group is not told", func(p *store.Person) { p.Topics = []store.Topic{"rec"} }, nil, day, "2026-12-08 10:00", "not followed"},
		{"All reaches every meeting", func(p *store.Person) { p.Topics = []store.Topic{"all"} }, nil, day, "2026-12-08 10:00", ""},
		{"The meeting itself is enough", func(p *store.Person) { p.Topics = []store.Topic{"m.wg-b-3"} }, nil, day, "2026-12-08 10:00", ""},
		{"What one may not see does not exist", nil, func(m *store.Meeting) { m.Visibility = store.Delegates }, day, "2026-12-08 10:00", "not visible"},
		{"Invisible comes before muted, so that a count says nothing", func(p *store.Person) { p.Muted = true }, func(m *store.Meeting) { m.Visibility = "" }, day, "2026-12-08 10:00", "not visible"},
		{"A cancelled meeting is not announced", nil, func(m *store.Meeting) { m.Status = store.Cancelled }, day, "2026-12-08 10:00", "cancelled"},
		{"A postponed meeting is not announced", nil, func(m *store.Meeting) { m.Status = store.Postponed }, day, "2026-12-08 10:00", "postponed"},
		{"A tentative meeting is", nil, func(m *store.Meeting) { m.Status = store.Tentative }, day, "2026-12-08 10:00", ""},
		{"Nothing comes at the start", nil, nil, hour, "2026-12-09 10:00", "began"},
		{"A minute before it still comes", nil, nil, hour, "2026-12-09 09:59", ""},
		{"A lead that was dropped is silent", leads(day), nil, hour, "2026-12-09 09:00", "lead dropped"},
		{"Nobody without leads is reminded", leads(), nil, hour, "2026-12-09 09:00", "lead dropped"},
		{"Of two that fell due the farther yields", leads(day, hour), nil, day, "2026-12-09 09:00", "nearer"},
		{"Of two that fell due the nearer comes", leads(day, hour), nil, hour, "2026-12-09 09:30", ""},
		{"Of three only the nearest comes", leads(week, day, quarter), nil, day, "2026-12-09 09:50", "nearer"},
		{"A nearer lead that is not due does not matter", leads(day, hour, quarter), nil, hour, "2026-12-09 09:44", ""},
		{"A lead that passed before the meeting was moved is silent", nil, func(m *store.Meeting) { m.StartSet = clock("2026-12-08 10:01") }, day, "2026-12-08 10:02", "moved"},
		{"A lead that passes after the move comes", nil, func(m *store.Meeting) { m.StartSet = clock("2026-12-08 10:00") }, day, "2026-12-08 10:02", ""},
		{"A lead of an old start is too early for the new one", nil, nil, hour, "2026-12-09 08:00", "moved"},

		{"Of a whole day the day lead speaks", leads(day, hour), allDay, day, "2026-12-08 09:00", ""},
		{"Of a whole day an hour lead yields to the day lead", leads(day, hour), allDay, hour, "2026-12-08 09:00", "all-day"},
		{"Of a whole day an hour lead yields to a week lead", leads(week, hour), allDay, hour, "2026-12-08 09:00", "all-day"},
		{"Of a whole day an hour lead alone speaks a day before", leads(hour), allDay, hour, "2026-12-08 09:00", ""},
		{"Of a whole day the smallest of the hour leads speaks", leads(hour, quarter), allDay, quarter, "2026-12-08 09:00", ""},
		{"Of a whole day the other hour leads yield", leads(hour, quarter), allDay, hour, "2026-12-08 09:00", "all-day"},
		{"Of a whole day nothing comes early", leads(hour), allDay, hour, "2026-12-08 08:59", "moved"},
		{"A whole day begins at nine", leads(hour), allDay, hour, "2026-12-09 09:00", "began"},
		{"Before nine it has not begun", leads(hour), allDay, hour, "2026-12-09 08:59", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := store.Person{ID: 1, Topics: []store.Topic{"wg-b"}, Leads: []store.Lead{day, hour}}
			if tc.person != nil {
				tc.person(&p)
			}
			m := meeting()
			if tc.meeting != nil {
				tc.meeting(&m)
			}
			if got := p.SkipReminder(m, tc.lead, clock(tc.now)); got != tc.want {
				t.Errorf("skipped for %q, want %q", got, tc.want)
			}
		})
	}
}

func TestRemindAt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		meeting store.Meeting
		lead    store.Lead
		want    string
	}{
		{"An hour before", meeting(), store.LeadHour, "2026-12-09 09:00"},
		{"A week before", meeting(), store.LeadWeek, "2026-12-02 10:00"},
		{"Of a whole day an hour is a day before nine", meeting(allDay), store.LeadHour, "2026-12-08 09:00"},
		{"Of a whole day a week is a week before nine", meeting(allDay), store.LeadWeek, "2026-12-02 09:00"},
		{"Almaty was at +06 in February 2024", meeting(func(m *store.Meeting) { m.Zone, m.Date = "Asia/Almaty", "2024-02-01" }), store.LeadHour, "2024-02-01 08:00"},
		{"Almaty has been at +05 since March 2024", meeting(func(m *store.Meeting) { m.Zone, m.Date = "Asia/Almaty", "2024-11-27" }), store.LeadHour, "2024-11-27 09:00"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.meeting.RemindAt(tc.lead); !got.Equal(clock(tc.want)) {
				t.Errorf("got %s, want %s", got, clock(tc.want))
			}
		})
	}
	if got := meeting(func(m *store.Meeting) { m.Zone = "Nowhere" }).RemindAt(60); !got.IsZero() {
		t.Errorf("without a zone: got %s, want the zero time", got)
	}
}

// What every id of a job says also when the job is gone.
func TestAbout(t *testing.T) {
	t.Parallel()
	start := clock("2026-12-09 09:00")
	for _, tc := range []struct {
		id      store.JobID
		kind    store.JobKind
		meeting store.MeetingID
	}{
		{store.ReminderID("wg-b-3", start, 60), store.JobReminder, "wg-b-3"},
		{store.SnoozeID("wg-b-3", start, 1, 2), store.JobSnooze, "wg-b-3"},
		{store.ChangeID("wg-b-3", 1, 2), store.JobChange, "wg-b-3"},
		{store.NewID("wg-b-3"), store.JobNew, "wg-b-3"},
		{store.WishID("wg-b-3", 17), store.JobWish, "wg-b-3"},
		{store.AnnounceID("x7", 2), store.JobAnnounce, ""},
		{store.ReplyID(17), store.JobReply, ""},
		{store.LetterID("role:1"), store.JobLetter, ""},
	} {
		if kind, meeting := tc.id.About(); kind != tc.kind || meeting != tc.meeting {
			t.Errorf("%s: %q of meeting %q, want %q of %q", tc.id, kind, meeting, tc.kind, tc.meeting)
		}
	}
}

func TestReminderID(t *testing.T) {
	t.Parallel()
	timed, whole := meeting(func(m *store.Meeting) { m.StartHour = "09:00" }), meeting(allDay)
	if timed.ReminderID(60) == whole.ReminderID(60) {
		t.Error("when the hour becomes known to be nine it is another reminder; got the same id")
	}
	if got, want := timed.ReminderID(60), store.ReminderID("wg-b-3", clock("2026-12-09 09:00"), 60); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRemindedBy(t *testing.T) {
	t.Parallel()
	m, bare := meeting(), meeting(allDay)
	for _, tc := range []struct {
		name string
		m    store.Meeting
		job  store.JobID
		want bool
	}{
		{"A lead of this start", m, m.ReminderID(store.LeadHour), true},
		{"Another lead of it", m, m.ReminderID(store.LeadWeek), true},
		{"What somebody asked for again", m, store.SnoozeID(m.ID, m.Start(), 7, 1), true},
		{"A lead of another start", m, store.ReminderID(m.ID, m.Start().Add(time.Hour), store.LeadHour), false},
		{"A meeting whose id goes on", m, store.ReminderID("wg-b-31", m.Start(), store.LeadHour), false},
		{"A change is no reminder", m, store.ChangeID(m.ID, 1, 2), false},
		{"A day without an hour", bare, bare.ReminderID(store.LeadDay), true},
		{"The same day once its hour is known", m, bare.ReminderID(store.LeadDay), false},
	} {
		if got := tc.m.RemindedBy(tc.job); got != tc.want {
			t.Errorf("%s: got %v for %q, want %v", tc.name, got, tc.job, tc.want)
		}
	}
}
