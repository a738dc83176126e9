package handlers_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/bot/council"
	"recbot/store"
)

// reads are the prefixes of buttons that only show something.
var reads = []string{"mt", "mc", "ag", "gr", "gc", "ab"}

// wander presses every button that shows something, and every one that appears then, and gives what was seen by the data
// of the button.
func (s *stage) wander(p store.Person, from ...string) map[string]string {
	s.t.Helper()
	seen := map[string]string{}
	for len(from) > 0 {
		next := from[0]
		from = from[1:]
		if _, done := seen[next]; done {
			continue
		}
		reply := s.press(p, next)
		seen[next] = s.read(p, reply)
		for _, d := range data(reply) {
			if prefix, _, _ := strings.Cut(d, ":"); slices.Contains(reads, prefix) {
				from = append(from, d)
			}
		}
	}
	return seen
}

// doors are where one comes in: menu buttons, and buttons of meetings that may be old or forwarded by somebody else.
func doors() []string {
	all := []string{"mt", "ag", "gr", "ab"}
	for _, m := range council.ExampleMeetings() {
		id := string(m.ID)
		all = append(all, "mc:"+id, "mc:"+id+":0", "mc:"+id+":n", "ag:"+id+":0", "ag:"+id+":n", "mu:"+id+":1")
	}
	return all
}

func TestEveryScreenInEveryLanguage(t *testing.T) {
	t.Parallel()
	full, bare := newStage(t, council.ExampleMeetings()...), newStage(t)
	for i, lang := range store.Langs {
		for name, s := range map[string]*stage{"with examples": full, "with nothing ahead": bare} {
			p := s.person(store.PersonID(i+1), lang, func(p *store.Person) {
				p.Role, p.Zone = store.Organizer, "Asia/Bishkek"
			})
			seen := s.wander(p, doors()...)
			if len(seen) < 25 {
				t.Errorf("%s, %s: only %d screens", lang, name, len(seen))
			}
			for door, text := range seen {
				for _, other := range []string{"original in", "оригинал на", "{{", "<no value>", "  "} {
					if strings.Contains(text, other) {
						t.Errorf("%s, %s, %s: %q in\n%s", lang, name, door, other, text)
					}
				}
			}
		}
	}
}

// Whoever may not see a meeting sees exactly what they would see if it did not exist.
func TestRestrictedMeetingsDoNotExist(t *testing.T) {
	t.Parallel()
	public := slices.DeleteFunc(council.ExampleMeetings(), func(m store.Meeting) bool { return m.Visibility != store.Public })
	with, without := newStage(t, council.ExampleMeetings()...), newStage(t, public...)
	outsider := func(s *stage) store.Person { return s.person(1, store.English, nil) }
	a, b := with.wander(outsider(with), doors()...), without.wander(outsider(without), doors()...)
	if diff := cmp.Diff(b, a); diff != "" {
		t.Errorf("an outsider can tell (-without restricted meetings +with them):\n%s", diff)
	}
	for _, args := range []string{"ex-online", "ex-tentative", "wg-b", "executive-committee", "no-such-meeting"} {
		got := with.read(outsider(with), with.command(outsider(with), "agenda", args))
		want := without.read(outsider(without), without.command(outsider(without), "agenda", args))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("/agenda %s tells an outsider (-without +with):\n%s", args, diff)
		}
	}
	if got := with.press(outsider(with), "mc:ex-online"); !cmp.Equal(with.press(outsider(with), "mc:no-such-meeting"), got) {
		t.Errorf("a restricted meeting is answered unlike one that does not exist: %+v", got)
	}
}

func TestWhoSeesWhat(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	for i, tc := range []struct {
		name   string
		change func(*store.Person)
		want   []string
	}{
		{"a guest sees what is public", nil, []string{"ex-workshop", "ex-two-days", "ex-cancelled", "ex-new-york"}},
		{"following a body is not membership", func(p *store.Person) { p.Topics = []store.Topic{"wg-b"} },
			[]string{"ex-workshop", "ex-two-days", "ex-cancelled", "ex-new-york"}},
		{"a member of group b sees its consultation", func(p *store.Person) { p.MemberOf = []string{"wg-b"} },
			[]string{"ex-workshop", "ex-online", "ex-two-days", "ex-cancelled", "ex-new-york"}},
		{"an organizer sees everything", func(p *store.Person) { p.Role = store.Organizer },
			[]string{"ex-workshop", "ex-online", "ex-two-days", "ex-tentative", "ex-cancelled", "ex-new-york"}},
	} {
		p := s.person(store.PersonID(i+1), store.English, tc.change)
		var got []string
		for door := range s.wander(p, "mt") {
			if id, ok := strings.CutPrefix(door, "mc:ex-"); ok && !strings.Contains(id, ":") {
				got = append(got, "ex-"+id)
			}
		}
		slices.Sort(got)
		slices.Sort(tc.want)
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestNothingAhead(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	follower := s.person(1, store.English, nil)
	nobody := s.person(2, store.English, func(p *store.Person) { p.Topics = nil })
	const last = "No upcoming meetings are announced at the moment.\n\n" +
		"The latest one I know of: Second Meeting of the Regional Expert Council, Wednesday, 27 November 2024, Tashkent.\n\n"
	for _, tc := range []struct {
		name string
		p    store.Person
		show func(p store.Person) *bot.Reply
		want string
	}{
		{"/meetings, to a follower", follower, func(p store.Person) *bot.Reply { return s.command(p, "meetings", "") },
			last + "As soon as a meeting that you follow is announced, I will write to you.\n[The last meeting]\n[Past][By group]"},
		{"/agenda, to somebody who follows nothing", nobody, func(p store.Person) *bot.Reply { return s.command(p, "agenda", "") },
			last + "Choose what to follow, and I will write to you as soon as a meeting is announced.\n" +
				"[The last meeting]\n[Choose what to follow]\n[Meetings]"},
		{"the question for the next meeting", follower, func(p store.Person) *bot.Reply { return s.ask(p, bot.Question{Intent: "next_meeting"}) },
			last + "As soon as a meeting that you follow is announced, I will write to you.\n[The last meeting]\n[Meetings]"},
		{"a body that never met", nobody, func(p store.Person) *bot.Reply { return s.press(p, "gc:executive-committee") },
			"Executive Committee\n\nPart of the structure of the Council, together with the four working groups.\n\n" +
				"No upcoming meeting is announced at the moment.\n\nSources:\n[1] Announcement of the second meeting of the Council, undated\n" +
				"[2] Report on the first meeting of the working groups, UzDaily.com, 26 Jul 2024\n[Follow]\n[Committee and groups]"},
	} {
		if diff := cmp.Diff(tc.want, s.read(tc.p, tc.show(tc.p))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

// What lies ahead but was called off is shown, and is not taken for a meeting that will be held.
func TestOnlyCalledOffAhead(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()[4])
	p := s.person(1, store.English, nil)
	got := s.read(p, s.command(p, "meetings", ""))
	for _, want := range []string{"No upcoming meetings are announced", "Example: meeting of Working Group (c)\n24 Feb 2027, 14:00, Tashkent, cancelled, example"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if got := s.read(p, s.press(p, "gc:wg-c")); strings.Contains(got, "Next meeting") {
		t.Errorf("a cancelled meeting is the next one:\n%s", got)
	}
}

func TestAsked(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	p := s.person(1, store.English, nil)
	for _, tc := range []struct {
		name string
		ask  bot.Question
		want string // how the answer begins
	}{
		{"the next meeting", bot.Question{Intent: "next_meeting"}, "An invented example, not a real meeting.\n\nExample: joint meeting"},
		{"when a certain meeting was", bot.Question{Intent: "meeting_when", Meeting: "wg-1"}, "First Meeting of the Working Groups"},
		{"where the next meeting of a body is", bot.Question{Intent: "meeting_where", Body: "rec"}, "An invented example, not a real meeting.\n\nExample: two-day meeting"},
		{"the agenda of the next meeting of a body", bot.Question{Intent: "meeting_agenda", Body: "wg-c"}, "An invented example, not a real meeting.\n\nExample: joint meeting"},
		{"the next meeting of a body that has none", bot.Question{Intent: "next_meeting", Body: "executive-committee"}, "Executive Committee\n\n"},
		{"past meetings", bot.Question{Intent: "list_meetings", Topic: "past"}, "Past meetings"},
		{"meetings of a body", bot.Question{Intent: "list_meetings", Body: "wg-b"}, "Meetings: Working Group (b)"},
		{"a group", bot.Question{Intent: "group_about", Body: "wg-d"}, "Working Group (d) on civil society"},
		{"the Council as if it were a group", bot.Question{Intent: "group_about", Body: "rec"}, "Central Asia Regional Expert Council"},
		{"which groups there are", bot.Question{Intent: "group_list"}, "Executive Committee and working groups\n• Executive Committee"},
		{"the Council", bot.Question{Intent: "council_about"}, "Central Asia Regional Expert Council"},
	} {
		if got := s.read(p, s.ask(p, tc.ask)); !strings.HasPrefix(got, tc.want) {
			t.Errorf("%s: want %q..., got\n%s", tc.name, tc.want, got)
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	p := s.person(1, store.English, func(p *store.Person) { p.Role = store.Owner })
	first, second := s.press(p, "mt:up:0"), s.press(p, "mt:up:1")
	if !first.Edit || !second.Edit {
		t.Error("a page does not replace the one before")
	}
	if diff := cmp.Diff([]string{"mc:ex-workshop", "mc:ex-online", "mc:ex-two-days", "mc:ex-tentative", "mc:ex-cancelled", "mt:up:1", "mt:past:0", "mt:by"}, data(first)); diff != "" {
		t.Errorf("first page (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"mc:ex-new-york", "mt:up:0", "mt:past:0", "mt:by"}, data(second)); diff != "" {
		t.Errorf("second page (-want +got):\n%s", diff)
	}
	for _, beyond := range []string{"mt:up:7", "mt:up:99999999999999999999"} {
		if !cmp.Equal(data(first), data(s.press(p, beyond))) && !cmp.Equal(data(second), data(s.press(p, beyond))) {
			t.Errorf("%s leads to %v", beyond, data(s.press(p, beyond)))
		}
	}
}
