package handlers_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/store"
)

// bare is the workshop of the examples without its agenda.
func bare(t *testing.T, change func(*store.Meeting)) store.Meeting {
	t.Helper()
	return example(t, "ex-workshop", func(m *store.Meeting) {
		m.Agenda = nil
		if change != nil {
			change(m)
		}
	})
}

// wished reads whose agendas a person waits for.
func (s *stage) wished(id store.PersonID) []store.MeetingID {
	s.t.Helper()
	p, err := s.store.Person(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return p.Wished
}

// TestPressWish presses a button that may be older than what it is about.
func TestPressWish(t *testing.T) {
	t.Parallel()
	const id = store.MeetingID("ex-workshop")
	waits := func(p *store.Person) { p.Wished = []store.MeetingID{id} }
	many := func(p *store.Person) {
		for i := range store.MaxWishes {
			p.Wished = append(p.Wished, store.MeetingID("ex-two-days"+strings.Repeat("x", i)))
		}
	}
	for i, tc := range []struct {
		name    string
		meeting func(*store.Meeting)
		person  func(*store.Person)
		press   string
		toast   string
		says    []string // keys, of the parts and buttons that matter
		edit    bool
		waits   bool
	}{
		{"a wish is noted, and can be taken back", nil, nil, "aw:ex-workshop:1",
			"AgendaWished", []string{"AgendaWished", "ButtonUnwish", "ButtonAsk"}, true, true},
		{"a second press changes nothing", nil, waits, "aw:ex-workshop:1",
			"AgendaWished", []string{"AgendaWished", "ButtonUnwish"}, true, true},
		{"it is taken back", nil, waits, "aw:ex-workshop:0",
			"AgendaUnwished", []string{"ButtonWish"}, true, false},
		{"under an answer the word is a message of its own", nil, nil, "aw:ex-workshop:1:n",
			"", []string{"AgendaWished", "ButtonUnwish"}, false, true},
		{"whose button changes it", nil, waits, "aw:ex-workshop:0:w",
			"", []string{"AgendaUnwished", "ButtonWish"}, true, false},
		{"who stopped everything is told that it will not come", nil, func(p *store.Person) { p.Stopped = true }, "aw:ex-workshop:1",
			"AgendaWished", []string{"SilentStopped", "ButtonResume"}, true, true},
		{"the agenda is there by now", func(m *store.Meeting) { m.Agenda = example(t, id, nil).Agenda }, nil, "aw:ex-workshop:1",
			"WishOutdated", []string{"AgendaHeading"}, true, false},
		{"the meeting was cancelled", func(m *store.Meeting) { m.Status = store.Cancelled }, nil, "aw:ex-workshop:1",
			"WishOutdated", []string{"CardStatus", "AgendaNotPublished"}, true, false},
		{"a postponed one may be held yet", func(m *store.Meeting) { m.Status = store.Postponed }, nil, "aw:ex-workshop:1",
			"AgendaWished", []string{"CardStatus", "ButtonUnwish"}, true, true},
		{"the meeting is over", func(m *store.Meeting) { m.Date = "2026-11-20" }, nil, "aw:ex-workshop:1:n",
			"WishOutdated", []string{"CardStatus"}, false, false},
		{"one that was closed to them is as one that never was", func(m *store.Meeting) { m.Visibility = store.Delegates }, nil, "aw:ex-workshop:1",
			"", []string{"MeetingNone"}, true, false},
		{"nor can they take it back, for that would tell that it is there", func(m *store.Meeting) { m.Visibility = store.Delegates }, waits, "aw:ex-workshop:0",
			"", []string{"MeetingNone"}, true, true},
		{"sixteen are too many", nil, many, "aw:ex-workshop:1", "ToastTooManyWishes", nil, false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			others := []store.Meeting{bare(t, tc.meeting)}
			who := store.PersonID(i + 1)
			for j := range store.MaxWishes {
				m := bare(t, nil)
				m.ID = store.MeetingID("ex-two-days" + strings.Repeat("x", j))
				others = append(others, m)
			}
			s := newStage(t, others...)
			p := s.person(who, store.English, tc.person)
			reply := s.press(p, tc.press)
			s.read(p, reply) // it can be said
			if toast := reply.Toast; tc.toast != "" && (toast == nil || toast.Key != tc.toast) || tc.toast == "" && toast != nil {
				t.Errorf("toast %+v, want %q", toast, tc.toast)
			}
			if said := keysOf(reply); !subset(tc.says, said) {
				t.Errorf("says %q, want %q among it", said, tc.says)
			}
			if reply.Edit != tc.edit {
				t.Errorf("edits: %v, want %v", reply.Edit, tc.edit)
			}
			if got := slices.Contains(s.wished(who), id); got != tc.waits {
				t.Errorf("waits: %v, want %v", got, tc.waits)
			}
		})
	}
}

// keysOf lists the keys of parts and buttons.
func keysOf(reply *bot.Reply) (keys []string) {
	for _, part := range reply.Parts {
		keys = append(keys, part.Key)
	}
	for _, b := range slices.Concat(reply.Rows...) {
		keys = append(keys, b.Key)
	}
	return keys
}

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// TestComposeWish tells of an agenda as things are when the letter leaves.
func TestComposeWish(t *testing.T) {
	t.Parallel()
	const want = `The agenda has been published

An invented example, not a real meeting.

Example: joint meeting of the working groups

When: Wednesday, 9 December 2026, 09:00–17:00 (Tashkent time, UTC+5)
Where: Example conference centre, Tashkent, Uzbekistan, and online
[Agenda]`
	job := store.Job{ID: store.WishID("ex-workshop", 17), Kind: store.JobWish, Meeting: "ex-workshop", Audience: store.Audience{Wish: "ex-workshop"}}
	for i, tc := range []struct {
		name    string
		meeting func(*store.Meeting)
		person  func(*store.Person)
		now     string
		why     string // "" = told
		silent  bool
	}{
		{name: "who waits is told"},
		{name: "without a sound while everything is muted", person: func(p *store.Person) { p.Muted = true }, silent: true},
		{name: "who took it back is not", person: func(p *store.Person) { p.Wished = nil }, why: "not wished"},
		{name: "nor who may not see the meeting any more", meeting: func(m *store.Meeting) { m.Visibility = store.Delegates }, why: "not visible"},
		{name: "the meeting was cancelled since", meeting: func(m *store.Meeting) { m.Status = store.Cancelled }, why: "cancelled"},
		{name: "or postponed", meeting: func(m *store.Meeting) { m.Status = store.Postponed }, why: "postponed"},
		{name: "the agenda was taken back", meeting: func(m *store.Meeting) { m.Agenda = nil }, why: "no agenda"},
		{name: "the meeting is over", now: "2026-12-10 09:00", why: "over"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, example(t, "ex-workshop", tc.meeting))
			if tc.now != "" {
				s.now = clock(t, tc.now)
			}
			p := s.person(store.PersonID(i+1), store.English, func(p *store.Person) {
				p.Wished = []store.MeetingID{"ex-workshop"}
				if tc.person != nil {
					tc.person(p)
				}
			})
			reply, key := s.compose(job, p)
			if tc.why != "" {
				if reply != nil || key != tc.why {
					t.Errorf("got %q and %+v, want it skipped as %q", key, reply, tc.why)
				}
				return
			}
			if diff := cmp.Diff(want, s.read(p, reply)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if reply.Silent != tc.silent {
				t.Errorf("silent: %v", reply.Silent)
			}
			if diff := cmp.Diff([]string{"ag:ex-workshop:n"}, data(reply)); diff != "" {
				t.Errorf("buttons (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWishIsOffered looks at the pages from which one can wish: each of them has the button, none of a past meeting has.
func TestWishIsOffered(t *testing.T) {
	t.Parallel()
	s := newStage(t, bare(t, nil))
	p := s.person(1, store.English, nil)
	question := bot.Question{Intent: "meeting_agenda", Meeting: "ex-workshop"}
	for name, tc := range map[string]struct {
		reply *bot.Reply
		want  []string
	}{
		"the command":     {s.command(p, "agenda", "ex-workshop"), []string{"aw:ex-workshop:1", "qa"}},
		"the card's page": {s.press(p, "ag:ex-workshop:0"), []string{"aw:ex-workshop:1", "qa"}},
		"an answer":       {s.ask(p, question), []string{"qa", "aw:ex-workshop:1:n"}},
		"a past meeting":  {s.press(p, "ag:rec-3:0"), nil},
	} {
		var got []string
		for _, d := range data(tc.reply) {
			if strings.HasPrefix(d, "aw:") || d == "qa" {
				got = append(got, d)
			}
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
