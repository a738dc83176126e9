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
	room := handlers.Alert{Kind: handlers.AlertRoom, Free: 12 << 20}
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
		{"little room twice a day", []handlers.Alert{room, room}, []string{"12 MB are free"}},
		{"the clock went forward", []handlers.Alert{{Kind: handlers.AlertClock, Jump: 90 * time.Second}}, []string{"jumped forward by 90 s"}},
		{"the clock went back", []handlers.Alert{{Kind: handlers.AlertClock, Jump: -time.Hour}}, []string{"jumped back by 3,600 s"}},
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
