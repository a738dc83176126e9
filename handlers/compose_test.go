package handlers_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/bot/council"
	"recbot/store"
)

// example gives one of the invented meetings, changed.
func example(t *testing.T, id store.MeetingID, change func(*store.Meeting)) store.Meeting {
	t.Helper()
	for _, m := range council.ExampleMeetings() {
		if m.ID == id {
			if change != nil {
				change(&m)
			}
			return m
		}
	}
	t.Fatalf("no example %q", id)
	return store.Meeting{}
}

func reminder(m store.Meeting, l store.Lead) store.Job {
	return store.Job{ID: m.ReminderID(l), Kind: store.JobReminder, Meeting: m.ID, Start: m.Start(), Lead: l,
		Audience: store.Audience{Topics: m.Topics(), Lead: l}}
}

const (
	day  = store.LeadDay
	hour = store.LeadHour
)

func TestComposeReminder(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	english := s.person(1, store.English, func(p *store.Person) { p.Topics = []store.Topic{store.TopicAll} })
	russian := s.person(2, store.Russian, func(p *store.Person) { p.Topics, p.Zone = []store.Topic{"wg-b"}, "Asia/Bishkek" })
	uzbek := s.person(3, store.Uzbek, func(p *store.Person) {
		p.Topics, p.MemberOf = []store.Topic{"executive-committee"}, []string{"executive-committee"}
	})
	western := s.person(4, store.English, func(p *store.Person) { p.Topics, p.Zone = []store.Topic{"rec"}, "America/New_York" })
	workshop, tentative := example(t, "ex-workshop", nil), example(t, "ex-tentative", nil)
	newYork := example(t, "ex-new-york", nil)
	for _, tc := range []struct {
		name string
		p    store.Person
		job  store.Job
		now  string
		want []string // of the heading and the date
	}{
		{"an hour ahead", english, reminder(workshop, hour), "2026-12-09 08:00",
			[]string{"Reminder: starts in 1 hour", "When: Wednesday, 9 December 2026, 09:00–17:00 (Tashkent time, UTC+5)"}},
		{"it left some seconds late", english, reminder(workshop, hour), "2026-12-09 08:00:20",
			[]string{"Reminder: starts in 1 hour", "When: Wednesday, 9 December 2026, 09:00–17:00 (Tashkent time, UTC+5)"}},
		{"the bot was away for 40 minutes", english, reminder(workshop, hour), "2026-12-09 08:40",
			[]string{"Reminder: starts in 20 minutes", "When: Wednesday, 9 December 2026, 09:00–17:00 (Tashkent time, UTC+5)"}},
		{"a day ahead, in another zone", russian, reminder(workshop, day), "2026-12-08 09:00",
			[]string{"Напоминание: начало завтра в 10:00", "Когда: среда, 9 декабря 2026 г., 09:00–17:00 (по ташкентскому времени, UTC+5)", "10:00–18:00 по вашему времени (Бишкек, UTC+6)"}},
		{"held over night", russian, reminder(workshop, day), "2026-12-08 19:02",
			[]string{"Напоминание: начало завтра в 10:00", "Когда: среда, 9 декабря 2026 г., 09:00–17:00 (по ташкентскому времени, UTC+5)", "10:00–18:00 по вашему времени (Бишкек, UTC+6)"}},
		{"without an hour it is tomorrow, and no hour is shown", uzbek, reminder(tentative, day), "2027-02-09 09:00",
			[]string{"Eslatma: ertaga boshlanadi", "Qachon: 2027-yil 10-fevral, chorshanba, vaqti aniqlashtirilmoqda"}},
		{"late in the evening it is still tomorrow", uzbek, reminder(tentative, day), "2027-02-09 23:30",
			[]string{"Eslatma: ertaga boshlanadi", "Qachon: 2027-yil 10-fevral, chorshanba, vaqti aniqlashtirilmoqda"}},
		{"in the night it is today", uzbek, reminder(tentative, day), "2027-02-10 00:30",
			[]string{"Eslatma: bugun boshlanadi", "Qachon: 2027-yil 10-fevral, chorshanba, vaqti aniqlashtirilmoqda"}},
		{"across an ocean and a change of the clocks", western, reminder(newYork, day), "2027-03-15 18:00",
			[]string{"Reminder: starts tomorrow at 09:00", "When: Tuesday, 16 March 2027, 09:00–11:00 (New York time, UTC-4)"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s.now = clock(t, tc.now)
			reply, key := s.compose(tc.job, tc.p)
			if reply == nil {
				t.Fatalf("skipped: %s", key)
			}
			got := lines(s.read(tc.p, reply), "Reminder", "Напоминание:", "Eslatma:", "When:", "Когда:", "Qachon:", "10:00–18:00")
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestReminderWhole(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	p := s.person(1, store.English, func(p *store.Person) { p.Topics = []store.Topic{"wg-b"} })
	s.now = clock(t, "2026-12-09 08:00")
	reply, key := s.compose(reminder(example(t, "ex-workshop", nil), hour), p)
	const want = `Reminder: starts in 1 hour

An invented example, not a real meeting.

Example: joint meeting of the working groups

When: Wednesday, 9 December 2026, 09:00–17:00 (Tashkent time, UTC+5)
Where: Example conference centre, Tashkent, Uzbekistan, and online
[Join online]
[Again in 10 min]
[Agenda]
[Mute this meeting]`
	if diff := cmp.Diff(want, s.read(p, reply)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"https://example.org/join/ex-workshop", "sn:ex-workshop:htuuo:10m", "ag:ex-workshop:n", "mu:ex-workshop:1:n"}, data(reply)); diff != "" {
		t.Errorf("buttons (-want +got):\n%s", diff)
	}
	s.now = s.now.Add(time.Minute)
	if _, later := s.compose(reminder(example(t, "ex-workshop", nil), hour), p); later == key {
		t.Errorf("%q stands for an hour and for 59 minutes", key)
	}
}

func TestComposeSkips(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	workshop, online, cancelled := example(t, "ex-workshop", nil), example(t, "ex-online", nil), example(t, "ex-cancelled", nil)
	elsewhere := example(t, "ex-workshop", func(m *store.Meeting) { m.StartHour = "08:30" })
	told := func(job store.Job) store.Job {
		job.Content, _ = json.Marshal(store.ChangeOf(elsewhere))
		job.Kind = store.JobChange
		return job
	}
	same := told(reminder(workshop, hour))
	same.Content, _ = json.Marshal(store.ChangeOf(workshop))
	news := func(m store.Meeting) store.Job {
		return store.Job{ID: store.NewID(m.ID), Kind: store.JobNew, Meeting: m.ID, Audience: store.Audience{Topics: m.Topics()}}
	}
	for i, tc := range []struct {
		name   string
		job    store.Job
		now    string
		change func(*store.Person)
		want   string
	}{
		{"a meeting that they may not see", reminder(online, hour), "2026-12-17 14:00", nil, "not visible"},
		{"a meeting that is gone", store.Job{ID: "remind:x:1:60", Kind: store.JobReminder, Meeting: "x"}, "2026-12-17 14:00", nil, "not visible"},
		{"a reminder of an older start", reminder(elsewhere, hour), "2026-12-09 08:00", nil, "moved"},
		{"it has begun", reminder(workshop, hour), "2026-12-09 09:00", nil, "began"},
		{"a nearer one is due too", reminder(workshop, day), "2026-12-09 08:10", nil, "nearer"},
		{"reminders are muted", reminder(workshop, hour), "2026-12-09 08:00", func(p *store.Person) { p.Muted = true }, "muted"},
		{"this meeting is muted", reminder(workshop, hour), "2026-12-09 08:00",
			func(p *store.Person) { p.MutedOnes = []store.MeetingID{"ex-workshop"} }, "meeting muted"},
		{"everything is stopped", told(reminder(workshop, hour)), "2026-12-09 08:00", func(p *store.Person) { p.Stopped = true }, "stopped"},
		{"nothing is different any more", same, "2026-12-09 08:00", nil, "no net change"},
		{"a change of what they do not follow", told(reminder(workshop, hour)), "2026-12-09 08:00", func(p *store.Person) { p.Topics = nil }, "not followed"},
		{"a change of what is over", told(reminder(workshop, hour)), "2026-12-10 08:00", nil, "over"},
		{"a new meeting that was cancelled since", news(cancelled), "2026-12-09 08:00", nil, "cancelled"},
		{"a new meeting that has begun", news(workshop), "2026-12-09 09:00", nil, "began"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s.now = clock(t, tc.now)
			p := s.person(store.PersonID(i+1), store.English, func(p *store.Person) {
				p.Topics = []store.Topic{store.TopicAll}
				if tc.change != nil {
					tc.change(p)
				}
			})
			if reply, key := s.compose(tc.job, p); reply != nil || key != tc.want {
				t.Errorf("got %q and %+v, want it skipped as %q", key, reply, tc.want)
			}
		})
	}
}

func TestComposeChange(t *testing.T) {
	t.Parallel()
	at := func(date, start, end string) func(*store.Meeting) {
		return func(m *store.Meeting) { m.Date, m.StartHour, m.EndHour = date, start, end }
	}
	online := func(m *store.Meeting) { m.Attendance, m.Location = store.Online, store.Location{Online: true} }
	hall := func(m *store.Meeting) {
		m.Location.Venue = store.Text{store.English: "Hall 7", store.Russian: "Зал 7", store.Uzbek: "7-zal"}
	}
	status := func(st store.Status, note string) func(*store.Meeting) {
		return func(m *store.Meeting) { m.Status, m.StatusNote = st, store.Text{store.English: note} }
	}
	both := func(changes ...func(*store.Meeting)) func(*store.Meeting) {
		return func(m *store.Meeting) {
			for _, c := range changes {
				c(m)
			}
		}
	}
	const (
		was   = "Was: Wednesday, 9 December 2026, 10:00–18:00 (your time, UTC+6)"
		when  = "When: Wednesday, 9 December 2026, 10:00–18:00 (your time, UTC+6)"
		now   = "Now: Thursday, 10 December 2026, 15:00–17:00 (your time, UTC+6)"
		off   = "Was planned for: Wednesday, 9 December 2026, 10:00–18:00 (your time, UTC+6)"
		where = "Where: Example conference centre, Tashkent, Uzbekistan, and online"
		there = "Previous place: Example conference centre, Tashkent, Uzbekistan, and online"
	)
	for _, tc := range []struct {
		name     string
		was, now func(*store.Meeting)
		want     []string // the paragraphs' lines behind the name
	}{
		{"moved", nil, at("2026-12-10", "14:00", "16:00"), []string{"The meeting has been moved", was, now, where}},
		{"the hour became known", at("2026-12-09", "", ""), nil,
			[]string{"The hour of the meeting is now known", "Was: Wednesday, 9 December 2026", "Now: Wednesday, 9 December 2026, 10:00–18:00 (your time, UTC+6)", where}},
		{"only the end", at("2026-12-09", "09:00", "16:00"), nil, []string{"The meeting will end at another time",
			"Was: Wednesday, 9 December 2026, 10:00–17:00 (your time, UTC+6)", "Now: Wednesday, 9 December 2026, 10:00–18:00 (your time, UTC+6)", where}},
		{"a new place", nil, hall, []string{"The meeting has a new place", when, there, "New place: Hall 7, Tashkent, Uzbekistan, and online"}},
		{"a translation is no new place", nil, func(m *store.Meeting) { m.Location.Venue = store.Text{store.English: m.Location.Venue["en"]} }, nil},
		{"moved and a new place", nil, both(at("2026-12-10", "14:00", "16:00"), hall),
			[]string{"The meeting has been moved: new time and place", was, now, there, "New place: Hall 7, Tashkent, Uzbekistan, and online"}},
		{"moved online", nil, online, []string{"The meeting has been moved online", when, there, "New place: online"}},
		{"moved online at a new time", nil, both(online, at("2026-12-10", "14:00", "16:00")),
			[]string{"The meeting has been moved online, at a new time", was, now, there, "New place: online"}},
		{"another format", nil, func(m *store.Meeting) { m.Attendance = store.InPerson },
			[]string{"The meeting has a new format", when, there, "New place: Example conference centre, Tashkent, Uzbekistan"}},
		{"cancelled, with a reason", nil, status(store.Cancelled, "The hall is closed."),
			[]string{"The meeting has been cancelled", off, "The hall is closed."}},
		{"cancelled together with another time: what they had in mind is told", nil, both(status(store.Cancelled, ""), at("2026-12-10", "14:00", "16:00")),
			[]string{"The meeting has been cancelled", off}},
		{"postponed", nil, status(store.Postponed, ""), []string{"The meeting has been postponed; there is no new date yet", off}},
		{"moved while it is cancelled: nobody has to know", status(store.Cancelled, ""), both(status(store.Cancelled, ""), hall), nil},
		{"back on", status(store.Cancelled, ""), nil, []string{"Back on: the meeting will take place", when, where}},
		{"back on at another time", status(store.Postponed, ""), at("2026-12-10", "14:00", "16:00"),
			[]string{"Back on: the meeting will take place", was, now, where}},
		{"confirmed", status(store.Tentative, ""), nil, []string{"The meeting is confirmed", when, where}},
		{"no longer sure", nil, status(store.Tentative, "We ask the hall."),
			[]string{"The date of the meeting is to be confirmed", when, where, "We ask the hall."}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			before := example(t, "ex-workshop", tc.was)
			after := example(t, "ex-workshop", tc.now)
			after.Sequence = 1
			s := newStage(t, after)
			p := s.person(1, store.English, func(p *store.Person) { p.Topics, p.Zone = []store.Topic{"wg-b"}, "Asia/Bishkek" })
			content, err := json.Marshal(store.ChangeOf(before))
			if err != nil {
				t.Fatal(err)
			}
			job := store.Job{ID: store.ChangeID(after.ID, 0, 1), Kind: store.JobChange, Meeting: after.ID, Sequence: 1,
				Audience: store.Audience{Topics: after.Topics()}, Content: content}
			reply, key := s.compose(job, p)
			if (reply == nil) != (tc.want == nil) {
				t.Fatalf("key %q, want %q", key, tc.want)
			}
			var got []string
			for line := range strings.Lines(s.read(p, reply)) {
				line = strings.TrimSpace(line)
				if line != "" && line[0] != '[' && !strings.Contains(line, "xample, not") && line != "Example: joint meeting of the working groups" {
					got = append(got, line)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestComposeSilently(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	m := example(t, "ex-workshop", nil)
	content, err := json.Marshal(store.ChangeOf(example(t, "ex-workshop", func(m *store.Meeting) { m.StartHour = "08:00" })))
	if err != nil {
		t.Fatal(err)
	}
	change := store.Job{ID: "c", Kind: store.JobChange, Meeting: m.ID, Audience: store.Audience{Topics: m.Topics()}, Content: content}
	published := store.Job{ID: "n", Kind: store.JobNew, Meeting: m.ID, Audience: store.Audience{Topics: m.Topics()}}
	loud := s.person(1, store.English, func(p *store.Person) { p.Topics = []store.Topic{"wg-a"} })
	muted := s.person(2, store.English, func(p *store.Person) { p.Topics, p.Muted = []store.Topic{"wg-a"}, true })
	one := s.person(3, store.English, func(p *store.Person) {
		p.Topics, p.MutedOnes = []store.Topic{"wg-a"}, []store.MeetingID{m.ID}
	})
	for _, tc := range []struct {
		name   string
		job    store.Job
		p      store.Person
		silent bool
	}{
		{"a change makes a sound", change, loud, false},
		{"not for who muted everything", change, muted, true},
		{"nor for who muted the meeting", change, one, true},
		{"a new meeting makes a sound", published, loud, false},
		{"not for who muted everything", published, muted, true},
	} {
		reply, key := s.compose(tc.job, tc.p)
		_, audible := s.compose(tc.job, loud)
		if reply == nil || reply.Silent != tc.silent || (key == audible) == tc.silent {
			t.Errorf("%s: %+v with the key %q", tc.name, reply, key)
		}
	}
}

func TestComposeNew(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	p := s.person(1, store.English, func(p *store.Person) { p.Role, p.Topics = store.Organizer, []store.Topic{store.TopicAll} })
	m := example(t, "ex-tentative", nil)
	reply, _ := s.compose(store.Job{ID: store.NewID(m.ID), Kind: store.JobNew, Meeting: m.ID, Audience: store.Audience{Topics: m.Topics()}}, p)
	const want = `A new meeting is announced

An invented example, not a real meeting.

Example: meeting of the Executive Committee

When: Wednesday, 10 February 2027, time to be announced
Where: Tashkent, Uzbekistan
Status: to be confirmed
[About the meeting]
[Mute this meeting]`
	if diff := cmp.Diff(want, s.read(p, reply)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestComposeLetter(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.person(1, store.English, func(p *store.Person) { p.Stopped = true })
	kept := bot.Say("MeetingNone").Button("ButtonMeetings", "mt:up:0")
	content, err := json.Marshal(kept)
	if err != nil {
		t.Fatal(err)
	}
	reply, key := s.compose(store.Job{ID: "reply:1", Kind: store.JobReply, Audience: store.Audience{Person: 1}, Content: content}, p)
	if diff := cmp.Diff(kept, reply); diff != "" || key != "" {
		t.Errorf("key %q, reply (-want +got):\n%s", key, diff)
	}
	for _, bad := range []store.Job{{ID: "a", Kind: store.JobReply, Content: []byte("{")}, {ID: "b", Kind: "digest"}} {
		if _, _, err := s.desk.Compose(t.Context(), bad, p); err == nil {
			t.Errorf("job %q was composed", bad.ID)
		}
	}
}
