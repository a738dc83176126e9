package handlers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"recbot/bot/council"
	"recbot/store"
)

// publish brings meetings in as an import does that tells their followers.
func (s *stage) publish(meetings ...store.Meeting) {
	s.t.Helper()
	if _, err := s.store.Import(s.t.Context(), meetings, store.ImportOptions{}); err != nil {
		s.t.Fatal(err)
	}
}

// numbered gives so many meetings that begin on one day.
func numbered(t *testing.T, n int, change func(*store.Meeting)) (list []store.Meeting) {
	t.Helper()
	for i := range n {
		list = append(list, example(t, "ex-workshop", func(m *store.Meeting) {
			m.ID, m.UID = store.MeetingID(fmt.Sprint("new-", i)), fmt.Sprint("new-", i)
			if change != nil {
				change(m)
			}
		}))
	}
	return list
}

func TestMissed(t *testing.T) {
	t.Parallel()
	restricted := func(m *store.Meeting) { m.Visibility, m.Bound = store.Restricted, []string{"wg-b"} }
	for _, tc := range []struct {
		name     string
		meetings []store.Meeting
		later    time.Duration
		line     string // of the greeting; "" = no word of it
		messages int    // behind its button
		last     string // of them begins with
	}{
		{"nothing was told", nil, time.Hour, "", 1, "Nothing of it is left to tell"},
		{"one new meeting", numbered(t, 1, nil), time.Hour, "Missed while you were away: 1 new meeting.", 1, "A new meeting is announced"},
		{"more than anybody reads at once", numbered(t, 11, nil), time.Hour, "Missed while you were away: 11 new meetings.", 9, "There were 3 more notices."},
		{"what they may not see is not counted", numbered(t, 2, restricted), time.Hour, "", 1, "Nothing of it is left to tell"},
		{"what is over is not counted", numbered(t, 2, nil), 30 * 24 * time.Hour, "", 1, "Nothing of it is left to tell"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, council.ExampleMeetings()...)
			p := s.person(1, store.English, func(p *store.Person) { p.Welcomed, p.Topics = true, []store.Topic{"wg-b"} })
			gone := s.now
			s.now = s.now.Add(time.Minute)
			s.publish(tc.meetings...)
			s.now = s.now.Add(tc.later)
			r := s.request(p)
			r.Away = gone
			text := s.read(p, s.must(s.desk.Returned(t.Context(), r)))
			line := ""
			for l := range strings.Lines(text) {
				if strings.HasPrefix(l, "Missed") {
					line = strings.TrimSpace(l)
				}
			}
			if line != tc.line {
				t.Errorf("greeted with %q, want %q:\n%s", line, tc.line, text)
			}
			n, last := 0, ""
			for reply := s.press(p, fmt.Sprintf("mi:%d", gone.Unix())); reply != nil; reply = reply.Follow {
				n, last = n+1, s.read(p, reply)
			}
			if n != tc.messages || !strings.HasPrefix(last, tc.last) {
				t.Errorf("%d messages, want %d; the last one:\n%s\nwant %q", n, tc.messages, last, tc.last)
			}
		})
	}
}

// TestMissedAgenda names on return an agenda that somebody waited for, as long as it is of use to them.
func TestMissedAgenda(t *testing.T) {
	t.Parallel()
	const id = store.MeetingID("new-0")
	for _, tc := range []struct {
		name   string
		wished []store.MeetingID
		change func(*store.Meeting)
		line   string
	}{
		{"it came", []store.MeetingID{id}, nil, "Missed while you were away: 1 agenda you waited for."},
		{"it was not waited for, or was told", nil, nil, ""},
		{"it has not come", []store.MeetingID{id}, func(m *store.Meeting) { m.Agenda = nil }, ""},
		{"its meeting is off", []store.MeetingID{id}, func(m *store.Meeting) { m.Status = store.Cancelled }, ""},
		{"its meeting was closed to them", []store.MeetingID{id}, func(m *store.Meeting) { m.Visibility, m.Bound = store.Restricted, []string{"wg-b"} }, ""},
		{"its meeting is there no more", []store.MeetingID{"gone"}, nil, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, numbered(t, 1, tc.change)...)
			p := s.person(1, store.English, func(p *store.Person) { p.Welcomed, p.Wished = true, tc.wished })
			r := s.request(p)
			r.Away = s.now.Add(-time.Hour)
			text := s.read(p, s.must(s.desk.Returned(t.Context(), r)))
			shown := s.read(p, s.press(p, fmt.Sprintf("mi:%d", r.Away.Unix())))
			if tc.line == "" {
				misses(t, text, "Missed while")
				hears(t, shown, "Nothing of it is left to tell")
				return
			}
			hears(t, text, tc.line)
			hears(t, shown, "The agenda", "[Agenda]")
		})
	}
}

// TestMissedAnswer: an answer that found nobody is told of until it was shown, and the same press shows it as often as it
// comes.
func TestMissedAnswer(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.person(7, store.English, func(p *store.Person) { p.Welcomed = true })
	s.press(p, s.wonders(p, ""))
	for i, fate := range []store.State{store.Gone, store.Sent, store.Gone} {
		if _, _, err := s.store.AnswerQuestion(t.Context(), 1, store.Given{By: 8, HTML: fmt.Sprint("answer ", i), Update: store.UpdateID(90 + i)}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.store.NoteFate(t.Context(), 1, i, fate); err != nil {
			t.Fatal(err)
		}
	}
	back := func() string {
		r := s.request(p)
		r.Away = s.now.Add(-time.Hour)
		return s.read(p, s.must(s.desk.Returned(t.Context(), r)))
	}
	if got := back(); !strings.Contains(got, "2 answers to your questions") {
		t.Errorf("greeted with:\n%s", got)
	}
	show := func() (all string) {
		for reply := s.press(p, "mi:0"); reply != nil; reply = reply.Follow {
			all += s.read(p, reply) + "\n"
		}
		return all
	}
	first := show()
	s.count-- // the update comes again, as after a crash
	if again := show(); again != first || !strings.Contains(first, "answer 0") || !strings.Contains(first, "answer 2") || strings.Contains(first, "answer 1") {
		t.Errorf("shown:\n%s\nand when the update comes again:\n%s", first, again)
	}
	if got := show(); !strings.Contains(got, "Nothing of it is left") {
		t.Errorf("pressed once more:\n%s", got)
	}
	if got := back(); strings.Contains(got, "answer") {
		t.Errorf("greeted the next time with:\n%s", got)
	}
}
