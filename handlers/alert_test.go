package handlers_test

import (
	"strings"
	"testing"
	"time"

	"recbot/handlers"
	"recbot/store"
)

// letters composes what waits for a person alone, oldest first.
func (s *stage) letters(p store.Person) (texts []string) {
	s.t.Helper()
	jobs, err := s.store.DueJobs(s.t.Context(), s.now.Add(time.Hour), 100)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, j := range jobs {
		if j.Audience.Person == p.ID {
			reply, _ := s.compose(j, p)
			texts = append(texts, s.read(p, reply))
		}
	}
	return texts
}

func TestAlert(t *testing.T) {
	t.Parallel()
	stall := func(from int) handlers.Alert {
		return handlers.Alert{Kind: handlers.AlertStall, From: demoDay.Add(time.Duration(from) * time.Hour), To: demoDay.Add(7 * time.Hour), Lost: 3}
	}
	lasting := func(kind handlers.AlertKind, from, jump int) handlers.Alert {
		return handlers.Alert{Kind: kind, From: demoDay.Add(time.Duration(from) * time.Hour), Free: 12 << 20, Jump: time.Duration(jump) * time.Second}
	}
	room := lasting(handlers.AlertRoom, 0, 0)
	for _, tc := range []struct {
		name string
		tell []handlers.Alert
		want []string // each letter has this
	}{
		{"a stall", []handlers.Alert{stall(0)}, []string{"I was not working for about 7 hours"}},
		{"what was lost by it", []handlers.Alert{stall(0)}, []string{"without a reminder: 3"}},
		{"the same stall again", []handlers.Alert{stall(0), stall(0)}, []string{"7 hours"}},
		{"another stall", []handlers.Alert{stall(0), stall(5)}, []string{"7 hours", "2 hours"}},
		{"little room", []handlers.Alert{room}, []string{"12 MB are free"}},
		{"it is still little", []handlers.Alert{room, room}, []string{"12 MB are free"}},
		{"it was enough, and is little again", []handlers.Alert{room, lasting(handlers.AlertRoom, 3, 0)}, []string{"12 MB are free", "12 MB are free"}},
		{"the clock went forward", []handlers.Alert{lasting(handlers.AlertClock, 0, 90)}, []string{"jumped forward by 90 s"}},
		{"the clock went back", []handlers.Alert{lasting(handlers.AlertClock, 0, -3600)}, []string{"jumped back by 3,600 s"}},
		{"it jumped twice in an hour", []handlers.Alert{lasting(handlers.AlertClock, 0, 90), lasting(handlers.AlertClock, 0, -90)}, []string{"forward by 90 s"}},
		{"it jumped twice on one day", []handlers.Alert{lasting(handlers.AlertClock, 0, 90), lasting(handlers.AlertClock, 2, -90)},
			[]string{"forward by 90 s", "back by 90 s"}},
		{"the clock is ahead", []handlers.Alert{lasting(handlers.AlertSkew, 0, 300)}, []string{"300 s ahead of that of Telegram"}},
		{"the clock is behind", []handlers.Alert{lasting(handlers.AlertSkew, 0, -300)}, []string{"300 s behind that of Telegram"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			owner := s.person(1, store.English, func(p *store.Person) { p.Role = store.Owner })
			organizer := s.person(2, store.English, func(p *store.Person) { p.Role = store.Organizer })
			for _, a := range tc.tell {
				if err := s.desk.Alert(t.Context(), a); err != nil {
					t.Fatal(err)
				}
			}
			got := s.letters(owner)
			if len(got) != len(tc.want) {
				t.Fatalf("%d letters, want %d:\n%s", len(got), len(tc.want), strings.Join(got, "\n---\n"))
			}
			for _, want := range tc.want {
				if !strings.Contains(strings.Join(got, "\n"), want) {
					t.Errorf("no letter says %q:\n%s", want, strings.Join(got, "\n---\n"))
				}
			}
			if others := s.letters(organizer); len(others) > 0 {
				t.Errorf("told somebody who is no owner: %v", others)
			}
		})
	}
}

// A reminder of an outage waits for the end of somebody's quiet hours, or for Telegram: it fell due all the same.
func TestAStallInWhichSomethingFellDue(t *testing.T) {
	t.Parallel()
	for _, due := range []bool{true, false} {
		s := newStage(t)
		owner := s.person(1, store.English, func(p *store.Person) { p.Role = store.Owner })
		a := handlers.Alert{Kind: handlers.AlertStall, From: s.now.Add(-time.Hour), To: s.now}
		if due {
			job := store.Job{ID: "reminder:x", Kind: store.JobReminder, Meeting: "m", Audience: store.Audience{Members: []string{"wg-b"}}, Opened: s.now, Due: s.now}
			if err := s.store.OpenJob(t.Context(), job); err != nil {
				t.Fatal(err)
			}
			a.Jobs = []store.JobID{job.ID}
		}
		if err := s.desk.Alert(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		s.now = s.now.Add(20 * time.Minute) // for so long it is waited for
		got := strings.Join(s.letters(owner), "\n")
		if strings.Contains(got, "No reminder fell due") == due || !strings.Contains(got, "I was not working") {
			t.Errorf("due %v: %s", due, got)
		}
	}
}
