package handlers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/bot/council"
	"recbot/store"
)

func TestAgenda(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	p := s.person(1, store.English, func(p *store.Person) { p.Zone = "Asia/Bishkek" })
	const want = `An invented example, not a real meeting.

Example: two-day meeting of the Council in Astana

Agenda
Wednesday, 20 January, 10:00 – Thursday, 21 January 2027, 13:00 (Astana time, UTC+5)
Wednesday, 20 January, 11:00 – Thursday, 21 January 2027, 14:00 your time (Bishkek, UTC+6)

The hours of the sessions are local time at the meeting.

Wednesday, 20 January 2027

10:00–10:30 Opening
Representative of the host country

10:30–17:00 Session 1. Exchange of experience
Moderator

Thursday, 21 January 2027

09:00–12:30 Session 2. Next steps
Moderator

12:30–13:00 Closing
[Mute this meeting]
[About the meeting]`
	reply := s.press(p, "ag:ex-two-days:0")
	if diff := cmp.Diff(want, s.read(p, reply)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if fresh := s.press(p, "ag:ex-two-days:n"); fresh.Edit || !reply.Edit {
		t.Errorf("under a notice it edits: %v; on a card it edits: %v", fresh.Edit, reply.Edit)
	}
}

func TestAgendaIsTheSavedOne(t *testing.T) {
	t.Parallel()
	all := council.ExampleMeetings()
	s := newStage(t, all...)
	p := s.person(1, store.English, nil)
	before := s.read(p, s.press(p, "ag:ex-two-days"))
	for i := range all {
		all[i].Sequence++
		for j := range all[i].Agenda {
			all[i].Agenda[j].Title = store.Text{store.English: "Another session"}
		}
	}
	s.load(all...)
	after := s.read(p, s.press(p, "ag:ex-two-days"))
	if strings.Contains(before, "Another session") || strings.Count(after, "Another session") != 4 {
		t.Errorf("before the meeting was saved:\n%s\n\nafter:\n%s", before, after)
	}
}

func TestAgendaChooses(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	p := s.person(1, store.English, nil)
	first := func(reply *bot.Reply) string {
		for line := range strings.Lines(s.read(p, reply)) {
			if !strings.HasPrefix(line, "An invented") && line != "\n" {
				return strings.TrimSpace(line)
			}
		}
		return ""
	}
	for _, tc := range []struct{ name, args, want string }{
		{"the next one", "", "Example: joint meeting of the working groups"},
		{"a meeting by its id", " EX-New-York ", "Example: briefing on the Council in New York"},
		{"a past one", "rec-1", "First Meeting of the Regional Expert Council"},
		{"the next one of a body", "rec", "Example: two-day meeting of the Council in Astana"},
		{"a body without a meeting says so itself", "Executive-Committee", "Executive Committee"},
		{"no other meeting answers for one that does not exist", "tomorrow", "I found no such meeting for you."},
		{"nor for a restricted one", "ex-online", "I found no such meeting for you."},
	} {
		if got := first(s.command(p, "agenda", tc.args)); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
	bare := newStage(t)
	reply := bare.command(bare.person(1, store.English, nil), "agenda", "wg-b")
	if reply.Parts[0].Values["Title"].Text["en"] != "First Meeting of the Working Groups of the Regional Expert Council" {
		t.Errorf("a body with nothing ahead: %+v", reply.Parts[0])
	}
}

func TestAgendaOfTwo(t *testing.T) {
	t.Parallel()
	twin := council.ExampleMeetings()[0]
	twin.ID, twin.UID, twin.Name = "twin", "twin@recbot", store.Text{store.English: "The other one"}
	s := newStage(t, append(council.ExampleMeetings(), twin)...)
	p := s.person(1, store.English, nil)
	got := s.command(p, "agenda", "")
	if diff := cmp.Diff("Which meeting do you mean?\n[Example: joint meeting of the working groups]\n[The other one]", s.read(p, got)); diff != "" {
		t.Errorf("two meetings at one time (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"ag:ex-workshop", "ag:twin"}, data(got)); diff != "" {
		t.Errorf("buttons (-want +got):\n%s", diff)
	}
}

func TestAgendaNotPublished(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	p := s.person(1, store.English, func(p *store.Person) { p.Role, p.Topics = store.Organizer, nil })
	got := s.read(p, s.press(p, "ag:ex-tentative:0"))
	want := "When: Wednesday, 10 February 2027, time to be announced\nStatus: to be confirmed\n\n" +
		"The agenda has not been published.\n[Tell me when it is]\n[Ask the organizers]\n[Follow this meeting]\n[About the meeting]"
	if !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s\nwant it to end\n%s", got, want)
	}
}

func TestLongAgendaHasPages(t *testing.T) {
	t.Parallel()
	m := council.ExampleMeetings()[2]
	m.ID, m.UID = "long", "long@recbot"
	m.Agenda = nil
	for i := range 40 {
		m.Agenda = append(m.Agenda, store.AgendaItem{
			ID: fmt.Sprint("s", i), Date: []string{"2027-01-20", "2027-01-21"}[i/20], Start: "10:00", End: "11:00",
			Title: store.Text{store.English: fmt.Sprintf("Session %02d. %s", i+1, strings.Repeat("word ", 20))},
		})
	}
	s := newStage(t, m)
	p := s.person(1, store.English, nil)
	seen, pages := "", 0
	for door := "ag:long:0"; door != ""; pages++ {
		reply := s.press(p, door)
		text := s.read(p, reply)
		if !strings.Contains(text, " January 2027\n\n10:00–11:00 Session") {
			t.Errorf("page %d does not begin with its day:\n%s", pages, text)
		}
		seen, door = seen+text, ""
		for _, b := range reply.Rows[0] {
			if b.Key == "ButtonPageMore" {
				door = b.Data
			}
		}
	}
	for i := range 40 {
		if n := strings.Count(seen, fmt.Sprintf("Session %02d.", i+1)); n != 1 {
			t.Errorf("session %d stands on %d pages", i+1, n)
		}
	}
	if pages < 3 {
		t.Errorf("%d pages", pages)
	}
}
