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

// TestReadings holds that each of two readings is offered by a button which gives the answer that the question would have
// got.
func TestReadings(t *testing.T) {
	t.Parallel()
	s := answering(t)
	p := s.person(1, store.English, nil)
	s.now = clock(t, aWeekAhead)
	for _, tc := range []struct {
		name       string
		one, other bot.Question
		labels     []string
	}{
		{"two meetings", bot.Question{Intent: "meeting_when", Meeting: "rec-1", Named: true}, bot.Question{Intent: "meeting_when", Meeting: "rec-2", Named: true},
			[]string{"[First Meeting of the Regional Expert Council]", "[Second Meeting of the Regional Expert Council]"}},
		{"a group and its meeting", bot.Question{Intent: "group_about", Body: "wg-b"}, bot.Question{Intent: "group_next_meeting", Body: "wg-b"},
			[]string{"[What it does, Working Group (b)]", "[When it meets, Working Group (b)]"}},
		{"two topics", bot.Question{Intent: "meeting_practical", Topic: "interpretation", Meeting: "rec-2"}, bot.Question{Intent: "meeting_practical", Topic: "visa", Meeting: "rec-2"},
			[]string{"[Practical matters]", "[Practical matters]"}},
		{"a list and the Council", bot.Question{Intent: "list_meetings", Topic: "May: all", Fits: []store.MeetingID{"rec-1"}}, bot.Question{Intent: "council_history"},
			[]string{"[List of meetings]", "[History]"}},
		{"two people", bot.Question{Intent: "person", Person: "karttunen"}, bot.Question{Intent: "person", Aspect: "role", Org: "cica"},
			[]string{"[Antti Karttunen]", "[Conference on Interaction and Confidence Building Measures in…]"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := s.request(p)
			r.Kind, r.Ask = bot.UpdateText, tc.one
			r.Ask.Or = &tc.other
			which := s.must(s.desk.Which(t.Context(), r))
			if !which.Lacks {
				t.Error("a question in return counts as an answer")
			}
			if diff := cmp.Diff(append([]string{"Which of these did you mean?"}, append(tc.labels, "[Menu]")...), strings.Split(s.read(p, which), "\n")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for i, q := range []bot.Question{tc.one, tc.other} {
				pressed := s.press(p, which.Rows[i][0].Data)
				want, got := s.read(p, s.ask(p, q)), s.read(p, pressed)
				// A list that fits loses nothing but the sign that parts of a button are parted with.
				if got != strings.ReplaceAll(want, "May:", "May ") || !pressed.Edit {
					t.Errorf("the button %q gives\n%s\nand the question\n%s", which.Rows[i][0].Data, got, want)
				}
			}
		})
	}
}

// TestReadingOfAnotherLanguage holds that the answer behind a button speaks the language of the question.
func TestReadingOfAnotherLanguage(t *testing.T) {
	t.Parallel()
	s := answering(t)
	p := s.person(1, store.English, nil)
	s.now = clock(t, aWeekAhead)
	r := s.request(p)
	r.Ask = bot.Question{Intent: "meeting_when", Meeting: "rec-1", Named: true, Lang: store.UzbekCyrl}
	r.Ask.Or = &bot.Question{Intent: "meeting_where", Meeting: "rec-1", Named: true, Lang: store.UzbekCyrl}
	which := s.must(s.desk.Which(t.Context(), r))
	if got := s.press(p, which.Rows[0][0].Data).Lang; got != store.UzbekCyrl {
		t.Errorf("the answer speaks %q", got)
	}
	for _, forged := range []string{"qw", "qw:none:x:y:z", "qw:h:::+", "qw:l:all:", "qw:s::nothing", "qw:z::xx:tr"} {
		if s.read(p, s.press(p, forged)) == "" {
			t.Errorf("%s: silence", forged)
		}
	}
}

// TestTiedMeetings holds that the bot asks where the next meeting could be either of two, and only then.
func TestTiedMeetings(t *testing.T) {
	t.Parallel()
	examples := council.ExampleMeetings()
	i := slices.IndexFunc(examples, func(m store.Meeting) bool { return m.ID == "ex-workshop" })
	twin := examples[i]
	twin.ID, twin.UID, twin.Name = "twin", "twin@recbot", store.Text{store.English: "Twin"}
	s := answering(t, examples[i], twin)
	p := s.person(1, store.English, nil)
	s.now = clock(t, "2026-12-01 10:00")
	asked := s.ask(p, bot.Question{Intent: "meeting_where", Meeting: "ex-workshop"})
	if got := s.read(p, asked); follow(got, []string{"Which meeting do you mean?", "[Example: joint", "[Twin]"}) != "" {
		t.Errorf("one of two:\n%s", got)
	}
	named := s.read(p, s.ask(p, bot.Question{Intent: "meeting_where", Meeting: "twin", Named: true}))
	if got := s.read(p, s.press(p, asked.Rows[1][0].Data)); got != named || follow(got, []string{"Twin", "It will be held in"}) != "" {
		t.Errorf("the button gives\n%s\nand the named one\n%s", got, named)
	}
}
