package handlers_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/store"
)

// again reads a person's record.
func (s *stage) again(p store.Person) store.Person {
	s.t.Helper()
	now, err := s.store.Person(s.t.Context(), p.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return now
}

// TestWishesToFollow holds that a wish in words does what a tick does, says so, and can be taken back.
func TestWishesToFollow(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		before []store.Topic
		now    string
		q      bot.Question
		want   string
		after  []store.Topic
		undone []store.Topic // by the first button; nil = that is no undo
	}{
		{"a group", nil, aWeekAhead, bot.Question{Intent: "subscribe", Body: "wg-c"}, "Done. You now follow: Working Group (c)|[Unfollow]", []store.Topic{"wg-c"}, []store.Topic{}},
		{"one that is followed already", []store.Topic{"wg-c"}, aWeekAhead, bot.Question{Intent: "subscribe", Body: "wg-c"}, "You follow this already: Working Group (c)|[Unfollow]", []store.Topic{"wg-c"}, []store.Topic{}},
		{"a meeting by name", nil, aWeekAhead, bot.Question{Intent: "subscribe", Meeting: "rec-2", Named: true}, "Done. You now follow: Second Meeting", []store.Topic{"m.rec-2"}, []store.Topic{}},
		{"the next meeting is not meant by who names none", nil, aWeekAhead, bot.Question{Intent: "subscribe", Meeting: "rec-2"}, "Tick what you would like|What you follow|[☐ The Council", nil, nil},
		{"nothing comes of a meeting that is over", nil, after, bot.Question{Intent: "subscribe", Meeting: "rec-2", Named: true}, "Tick what you would like", nil, nil},
		{"a meeting that is not there", nil, aWeekAhead, bot.Question{Intent: "subscribe", Meeting: "none", Named: true}, "Tick what you would like", nil, nil},
		{"no group any more", []store.Topic{"wg-a", "wg-c"}, aWeekAhead, bot.Question{Intent: "unsubscribe", Body: "wg-c"}, "Done. You no longer follow: Working Group (c)|[Follow]", []store.Topic{"wg-a"}, []store.Topic{"wg-a", "wg-c"}},
		{"one that was not followed", []store.Topic{"wg-a"}, aWeekAhead, bot.Question{Intent: "unsubscribe", Body: "wg-c"}, "You do not follow this: Working Group (c)", []store.Topic{"wg-a"}, nil},
		{"everything is a choice", []store.Topic{"rec"}, aWeekAhead, bot.Question{Intent: "unsubscribe"}, "Untick what you no longer need|[☑ The Council|[Stop everything]", []store.Topic{"rec"}, nil},
		{"what is followed", []store.Topic{"rec", "wg-a"}, aWeekAhead, bot.Question{Intent: "my_subscriptions"}, "You follow: Regional Expert Council, Working Group (a).|Reminders: 1 day, 1 hour|Next meeting: Second", []store.Topic{"rec", "wg-a"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := answering(t)
			p := s.person(1, store.English, func(p *store.Person) { p.Topics = tc.before })
			s.now = clock(t, tc.now)
			reply := s.ask(p, tc.q)
			if got := s.read(p, reply); follow(got, strings.Split(tc.want, "|")) != "" || reply.Lacks {
				t.Errorf("%q is missing:\n%s", follow(got, strings.Split(tc.want, "|")), got)
			}
			p = s.again(p)
			if !slices.Equal(p.Topics, tc.after) {
				t.Errorf("follows %v, want %v", p.Topics, tc.after)
			}
			if tc.undone == nil {
				return
			}
			s.press(p, reply.Rows[0][0].Data)
			if p = s.again(p); !slices.Equal(p.Topics, tc.undone) {
				t.Errorf("after the undo follows %v, want %v", p.Topics, tc.undone)
			}
		})
	}
}

// TestWishesToBeReminded holds that a lead in words is set, and that reminders of the meeting that was named will come.
func TestWishesToBeReminded(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		now    string
		q      bot.Question
		want   string
		leads  []store.Lead
		topics []store.Topic
	}{
		{"a week before a meeting that is not followed", aWeekAhead, bot.Question{Intent: "reminders", Meeting: "rec-2", Named: true, Lead: store.LeadWeek},
			"Saved: 1 week before.|I will remind you of: Second Meeting of the Regional Expert Council (Wednesday, 27 November 2024).|Reminders", []store.Lead{store.LeadWeek, store.LeadDay}, []store.Topic{"m.rec-2", "wg-a"}},
		{"hours before a meeting without an hour", aWeekAhead, bot.Question{Intent: "reminders", Meeting: "rec-2", Named: true, Lead: store.LeadHour},
			"Saved: 1 hour before.|I will remind you of: Second|Its hour has not been published.", []store.Lead{store.LeadDay, store.LeadHour}, []store.Topic{"m.rec-2", "wg-a"}},
		{"of a meeting, as set", aWeekAhead, bot.Question{Intent: "reminders", Meeting: "rec-2", Named: true},
			"I will remind you of: Second|Reminders: 1 day before", []store.Lead{store.LeadDay}, []store.Topic{"m.rec-2", "wg-a"}},
		{"too late for the last one", "2024-11-26 20:00", bot.Question{Intent: "reminders", Meeting: "rec-2", Named: true},
			"I will remind you of: Second|No reminder will come: it starts tomorrow.", []store.Lead{store.LeadDay}, []store.Topic{"m.rec-2", "wg-a"}},
		{"of what is over", after, bot.Question{Intent: "reminders", Meeting: "rec-2", Named: true, Lead: store.LeadWeek},
			"Its date has passed|Reminders", []store.Lead{store.LeadDay}, []store.Topic{"wg-a"}},
		{"a lead for all", aWeekAhead, bot.Question{Intent: "reminders", Meeting: "rec-2", Lead: store.LeadHour}, "Saved: 1 hour before.|Reminders", []store.Lead{store.LeadDay, store.LeadHour}, []store.Topic{"wg-a"}},
		{"how it works", aWeekAhead, bot.Question{Intent: "reminders", Aspect: "info"}, "Reminders|Reminders: 1 day before", []store.Lead{store.LeadDay}, []store.Topic{"wg-a"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := answering(t)
			p := s.person(1, store.English, func(p *store.Person) {
				p.Topics, p.Leads = []store.Topic{"wg-a"}, []store.Lead{store.LeadDay}
			})
			s.now = clock(t, tc.now)
			got := s.read(p, s.ask(p, tc.q))
			if missing := follow(got, strings.Split(tc.want, "|")); missing != "" {
				t.Errorf("%q is missing:\n%s", missing, got)
			}
			p = s.again(p)
			if !slices.Equal(p.Leads, tc.leads) || !slices.Equal(p.Topics, tc.topics) {
				t.Errorf("leads %v, follows %v; want %v, %v", p.Leads, p.Topics, tc.leads, tc.topics)
			}
		})
	}
}

// TestLanguageInWords holds that the change is confirmed in the new language, whatever the question's was.
func TestLanguageInWords(t *testing.T) {
	t.Parallel()
	s := answering(t)
	p := s.person(1, store.English, nil)
	reply := s.ask(p, bot.Question{Intent: "language", Switch: store.Russian, Lang: store.Uzbek})
	if p = s.again(p); p.Language != store.Russian || reply.Lang != store.Russian || !reply.Menu {
		t.Errorf("language %q, the reply speaks %q, menu %v", p.Language, reply.Lang, reply.Menu)
	}
	got := s.read(p, s.ask(p, bot.Question{Intent: "language"}))
	if diff := cmp.Diff("Язык: Русский. Можно выбрать другой.", strings.SplitN(got, "\n", 2)[0]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestDaysLeftAreTheReaders holds that the days are counted by the calendar of who asks.
func TestDaysLeftAreTheReaders(t *testing.T) {
	t.Parallel()
	s := answering(t)
	s.now = time.Date(2024, 11, 24, 20, 0, 0, 0, time.UTC) // Monday in Tashkent, Sunday in New York
	for zone, want := range map[string]string{"": "2 days left.", "America/New_York": "3 days left."} {
		p := s.person(store.PersonID(len(zone)+1), store.English, func(p *store.Person) { p.Zone = zone })
		if got := s.read(p, s.ask(p, bot.Question{Intent: "meeting_when", Aspect: "left", Meeting: "rec-2"})); follow(got, []string{want}) != "" {
			t.Errorf("in %q: want %q\n%s", zone, want, got)
		}
	}
}
