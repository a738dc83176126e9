package handlers_test

import (
	"slices"
	"strings"
	"testing"

	"recbot/bot/council"
	"recbot/store"
)

func TestSnoozeOffers(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	all := func(p *store.Person) {
		p.Role, p.Topics, p.Leads = store.Organizer, []store.Topic{store.TopicAll}, []store.Lead{store.LeadWeek, day, hour, 15}
	}
	here := s.person(1, store.English, all)
	west := s.person(2, store.English, func(p *store.Person) { all(p); p.Zone = "America/New_York" })
	workshop, tentative := example(t, "ex-workshop", nil), example(t, "ex-tentative", nil)
	for _, tc := range []struct {
		name string
		p    store.Person
		job  store.Job
		now  string
		want string
	}{
		{"A day before there is time for everything", here, reminder(workshop, day), "2026-12-08 09:00", "10m 1h am"},
		{"Far in the west the next morning comes after the start", west, reminder(workshop, day), "2026-12-08 11:00", "10m 1h"},
		{"An hour before an hour is too long", here, reminder(workshop, hour), "2026-12-09 08:00", "10m"},
		{"Some seconds later too", here, reminder(workshop, hour), "2026-12-09 08:00:20", "10m"},
		{"A quarter of an hour before", here, reminder(workshop, 15), "2026-12-09 08:45", "10m"},
		{"Nine minutes before there is no time", here, reminder(workshop, 15), "2026-12-09 08:51", ""},
		{"Without an hour minutes mean nothing", here, reminder(tentative, day), "2027-02-09 09:00", "1h am"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s.now = clock(t, tc.now)
			reply, key := s.compose(tc.job, tc.p)
			if reply == nil {
				t.Fatalf("skipped: %s", key)
			}
			var got []string
			for _, d := range data(reply) {
				if words := strings.Split(d, ":"); words[0] == "sn" {
					got = append(got, words[3])
				}
			}
			if strings.Join(got, " ") != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// TestSnoozeLateInTheDay presses shortly before midnight: what is said to be tomorrow is tomorrow.
func TestSnoozeLateInTheDay(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	p := s.person(1, store.English, func(p *store.Person) { p.Topics = []store.Topic{store.TopicAll} })
	s.now = clock(t, "2026-12-08 23:55")
	m := example(t, "ex-workshop", nil)
	reply, _ := s.compose(reminder(m, day), p)
	press := func(word string) string {
		all := data(reply)
		i := slices.IndexFunc(all, func(d string) bool { return strings.HasSuffix(d, ":"+word) })
		if i < 0 {
			t.Fatalf("no button %q among %q", word, all)
		}
		return s.read(p, s.press(p, all[i]))
	}
	if got := press("10m"); !strings.Contains(got, "(I will remind you again tomorrow at 00:05.)") || strings.Contains(got, "[Again") {
		t.Errorf("ten minutes: got\n%s", got)
	}
	// Under the same message, by an old picture of it: what was said stands.
	if got := press("am"); !strings.Contains(got, "(I will remind you again tomorrow at 00:05.)") {
		t.Errorf("the morning, after that: got\n%s", got)
	}
	s.now = clock(t, "2026-12-09 00:30")
	if got := press("1h"); !strings.Contains(got, "(I have already reminded you again.)") {
		t.Errorf("after it came: got\n%s", got)
	}
	if got := s.read(p, s.press(p, "sn:ex-workshop:0:10m")); !strings.Contains(got, "out of date") {
		t.Errorf("of another start: got\n%s", got)
	}
	if got := s.read(p, s.press(p, "sn:nothing:0:10m")); !strings.Contains(got, "I found no such meeting") {
		t.Errorf("of no meeting: got\n%s", got)
	}
}
