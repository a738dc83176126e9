package handlers_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/bot/council"
	"recbot/store"
)

func TestWordsBehindACommand(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	for i, tc := range []struct{ says, want, not string }{
		{"/meetings", "Upcoming meetings", "Behind this command"},
		{"/meetings upcoming", "Upcoming meetings", "Behind this command"},
		{"/meetings Past", "Past meetings", "Upcoming meetings"},
		{"/meetings wg-c", "Meetings: Working Group (c)", "Behind this command"},
		{"/meetings (C)", "Meetings: Working Group (c)", "Behind this command"},
		{"/meetings rec", "Meetings: Regional Expert Council", "Behind this command"},
		{"/meetings yesterday", "Behind this command I take: upcoming, past, rec, executive-committee, a, b, c, d.", "Past meetings"},
		{"/groups", "Executive Committee and working groups", "Behind this command"},
		{"/groups b", "Working Group (b) on", "Working Group (c)"},
		{"/groups группа б", "Working Group (b) on", "Working Group (c)"},
		{"/groups В", "Working Group (c) on", "Working Group (b)"}, // the third letter in Russian
		{"/groups б гуруҳи", "Working Group (b) on", "Working Group (c)"},
		{"/groups narrativlar", "Working Group (c) on", "Working Group (b)"},
		{"/groups rec", "Regional Expert Council", "Behind this command"},
		{"/groups z", "Behind this command I take: rec, executive-committee, a, b, c, d.", "I know of no such body"},
		{"/agenda b", "Example: joint meeting of the working groups", "I know of no such meeting"},
		{"/reminders", "Reminders: 1 day, 1 hour before", "Behind this command"},
		{"/reminders 15", "Behind this command I take: 5–45 min, 1–23 hours, 1–30 days.", "Saved"}, // of what?
		{"/reminders 90 min", "Behind this command I take: 5–45 min", "Saved"},
		{"/reminders 45 min", "Saved: 45 minutes before", "Behind this command"},
		{"/reminders 3 kun", "[☑ 3 days]", "Behind this command"},
	} {
		k := s.known(store.PersonID(i+1), store.English)
		got := k.says(tc.says)
		hears(t, got, tc.want)
		misses(t, got, tc.not)
	}
}

// Each letter and number of a group means one group, in every language.
func TestLettersOfGroups(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for i, tc := range []struct {
		id    string
		names []string
	}{
		{"wg-a", []string{"a", "A", "а", "1"}},
		{"wg-b", []string{"b", "б", "2"}},
		{"wg-c", []string{"c", "с", "в", "3"}},
		{"wg-d", []string{"d", "д", "г", "4"}},
	} {
		k := s.known(store.PersonID(i+1), store.English)
		body, _ := council.Embedded().Body(tc.id)
		for _, name := range tc.names {
			if got := k.says("/groups " + name); !cmp.Equal(k.last.Parts[0].Values["Name"].Text, body.Name) {
				t.Errorf("/groups %s shows another group than %s:\n%s", name, tc.id, got)
			}
		}
	}
}

func TestFollowByName(t *testing.T) {
	t.Parallel()
	k := newStage(t, council.ExampleMeetings()...).known(1, store.English)
	for _, tc := range []struct{ says, hears, topics string }{
		{"/follow wg-b", "You follow now: Working Group (b).", "rec wg-b"},
		{"/follow b", "[☑ (b)", "rec wg-b"}, // once more is not to end it
		{"/follow everybody", "Behind this command I take: all, rec, executive-committee, a, b, c, d.", "rec wg-b"},
		{"/follow исполком", "You follow now: Executive Committee.", "executive-committee rec wg-b"},
		{"/follows all", "You follow now: everything, future groups too.", "all executive-committee rec wg-b"},
	} {
		hears(t, k.says(tc.says), tc.hears)
		if got := k.topics(); got != tc.topics {
			t.Errorf("%s: topics %q, want %q", tc.says, got, tc.topics)
		}
	}
}

// The first conversation goes on behind a command with words.
func TestWordsLeaveAConversationOpen(t *testing.T) {
	t.Parallel()
	k := newStage(t).talk(1, store.English)
	k.says("/start")
	for _, command := range []string{"/reminders 45 min", "/reminders soon", "/follow b", "/groups b"} {
		hears(t, k.says(command), "[Continue: first settings]")
	}
	k.set(func(p *store.Person) { p.Leads = []store.Lead{10080, 1440, 60, 15} })
	hears(t, k.says("/reminders 45 min"), "Up to 4 reminders are possible.")
}
