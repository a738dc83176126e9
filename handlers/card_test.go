package handlers_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot/council"
	"recbot/store"
)

// clock reads a time of Tashkent.
func clock(t *testing.T, s string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation(tashkent)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04:05", s, zone)
	if err != nil {
		at, err = time.ParseInLocation("2006-01-02 15:04", s, zone)
	}
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

// lines gives those lines of a text that begin with one of the words.
func lines(text string, words ...string) (found []string) {
	for line := range strings.Lines(text) {
		if slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(line, w) }) {
			found = append(found, strings.TrimSuffix(line, "\n"))
		}
	}
	return found
}

func TestCardAsTimePasses(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	member := s.person(1, store.English, func(p *store.Person) { p.MemberOf = []string{"executive-committee", "wg-b"} })
	western := s.person(2, store.English, func(p *store.Person) { p.Zone, p.MemberOf = "America/New_York", member.MemberOf })
	for _, tc := range []struct {
		name    string
		p       store.Person
		now     string
		meeting string
		want    []string
	}{
		{"a month ahead there is no countdown", member, "2026-11-01 09:00", "ex-online", []string{"[Join online]"}},
		{"a week ahead there is", member, "2026-12-10 15:00", "ex-online", []string{"Starts in 1 week", "[Join online]"}},
		{"days ahead they are the calendar's", member, "2026-12-15 23:59", "ex-online", []string{"Starts in 2 days", "[Join online]"}},
		{"the day before it is the clock", member, "2026-12-16 09:00", "ex-online", []string{"Starts tomorrow at 15:00", "[Join online]"}},
		{"the reader's clock", western, "2026-12-16 13:00", "ex-online", []string{"Starts tomorrow at 05:00", "[Join online]"}},
		{"and the reader's day", western, "2026-12-16 09:59", "ex-online", []string{"Starts in 2 days", "[Join online]"}},
		{"after midnight it is today", member, "2026-12-17 00:01", "ex-online", []string{"Starts today at 15:00", "[Join online]"}},
		{"half a day ahead hours begin to count", member, "2026-12-17 03:00", "ex-online", []string{"Starts in 12 hours", "[Join online]"}},
		{"hours ahead", member, "2026-12-17 12:40", "ex-online", []string{"Starts in 2 hours 20 minutes", "[Join online]"}},
		{"seconds late is no minute less", member, "2026-12-17 14:00:10", "ex-online", []string{"Starts in 1 hour", "[Join online]"}},
		{"it goes on", member, "2026-12-17 15:00", "ex-online", []string{"Status: in progress", "[Join online]"}},
		{"it is over, and so is the link", member, "2026-12-17 16:30", "ex-online", []string{"Status: over"}},
		{"without an hour the days are counted, not the hours", member, "2027-02-08 23:59", "ex-tentative", []string{"Status: to be confirmed", "Starts in 2 days"}},
		{"they are the reader's days", western, "2027-02-08 23:59", "ex-tentative", []string{"Status: to be confirmed", "Starts in 2 days"}},
		{"also where it is another day", western, "2027-02-09 10:01", "ex-tentative", []string{"Status: to be confirmed", "Starts tomorrow"}},
		{"on the day", member, "2027-02-10 00:00", "ex-tentative", []string{"Status: to be confirmed", "Starts today"}},
		{"nobody knows whether it has begun", member, "2027-02-10 20:00", "ex-tentative", []string{"Status: to be confirmed", "Starts today"}},
		{"the day is over", member, "2027-02-11 00:00", "ex-tentative", []string{"Status: over"}},
		{"a cancelled one is not counted down to", member, "2027-02-24 12:00", "ex-cancelled", []string{"Status: cancelled"}},
		{"what was only announced is not said to have been held", member, "2024-11-28 00:00", "rec-2", []string{"Status: the announced date has passed"}},
		{"nor is it on the day itself", member, "2024-11-27 12:00", "rec-2", []string{"Starts today"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s.now = clock(t, tc.now)
			got := lines(s.read(tc.p, s.press(tc.p, "mc:"+tc.meeting)), "Status:", "Starts", "[Join")
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestCardTellsWhatIsKnown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.person(1, store.English, nil)
	s.now = clock(t, "2024-11-20 09:00")
	const want = `Second Meeting of the Regional Expert Council

When: Wednesday, 27 November 2024, time to be announced
Starts in 1 week
Where: Tashkent, Uzbekistan
Format: in person
Who meets: Regional Expert Council

The second meeting of the Council was announced as the next step in strengthening international and regional cooperation. It was planned to consider best practices in rehabilitation and reintegration programmes, including initiatives led by civil society, and to develop recommendations for cooperation between civil structures, governments and international organizations.

As announced in advance; there is no report on the meeting itself.

Organizers
• Institute for Strategic and Regional Studies under the President of the Republic of Uzbekistan, Organization for Security and Cooperation in Europe, United Nations Office of Counter-Terrorism, United Nations Regional Centre for Preventive Diplomacy for Central Asia [1]

The sources differ
• The first meeting decided that the second one would be held in Astana (Kazakhstan). [2]
— The announcement of the second meeting names Tashkent, 27 November 2024. The texts do not say why the place changed. [1]

Sources:
[1] Announcement of the second meeting of the Council, undated
[2] Report on the participation of the CICA Secretary General in the first meeting of the Council, undated
[Mute this meeting]
[Agenda][Details]
[Meetings]`
	if diff := cmp.Diff(want, s.read(p, s.press(p, "mc:rec-2"))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestCardButtons(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	for i, tc := range []struct {
		name   string
		change func(*store.Person)
		want   []string
	}{
		{"who does not follow it can", func(p *store.Person) { p.Topics = nil }, []string{"fo:m.ex-workshop:1"}},
		{"who follows one of its groups can silence it", func(p *store.Person) { p.Topics = []store.Topic{"wg-b"} }, []string{"mu:ex-workshop:1"}},
		{"who follows the meeting itself can also end that", func(p *store.Person) { p.Topics = []store.Topic{"m.ex-workshop"} },
			[]string{"fo:m.ex-workshop:0", "mu:ex-workshop:1"}},
		{"who silenced it can have it back", func(p *store.Person) {
			p.Topics, p.MutedOnes = []store.Topic{store.TopicAll}, []store.MeetingID{"ex-workshop"}
		}, []string{"mu:ex-workshop:0"}},
	} {
		p := s.person(store.PersonID(i+1), store.English, tc.change)
		want := append([]string{"https://example.org/join/ex-workshop"}, tc.want...)
		want = append(want, "ag:ex-workshop:0", "mc:ex-workshop:0", "mt:up:0")
		if diff := cmp.Diff(want, data(s.press(p, "mc:ex-workshop"))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestMuteMeeting(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	p := s.person(1, store.English, func(p *store.Person) { p.Topics = []store.Topic{"wg-b"} })
	muted := func() []store.MeetingID {
		now, err := s.store.Person(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		return now.MutedOnes
	}
	reply := s.press(p, "mu:ex-workshop:1")
	if !reply.Edit || !slices.Contains(data(reply), "mu:ex-workshop:0") || !cmp.Equal(muted(), []store.MeetingID{"ex-workshop"}) {
		t.Errorf("muted on the card: %v, %v", data(reply), muted())
	}
	reply = s.press(p, "mu:ex-workshop:1:n")
	if reply.Edit || !cmp.Equal(data(reply), []string{"mu:ex-workshop:0:n"}) || len(muted()) != 1 {
		t.Errorf("muted again under a reminder: %v, %v", data(reply), muted())
	}
	if s.press(p, "mu:ex-workshop:0:n"); len(muted()) != 0 {
		t.Errorf("still muted: %v", muted())
	}
	if s.press(p, "mu:ex-online:1"); len(muted()) != 0 {
		t.Errorf("muted what they may not see: %v", muted())
	}
}

func TestDetailsCiteSources(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.person(1, store.English, nil)
	got := lines(s.read(p, s.press(p, "mc:rec-1:1")), "Participants", "Speakers", "• Vladimir", "[")
	want := []string{
		"Participants", "Speakers",
		"• Vladimir Voronkov, UN Under-Secretary-General, Head of the UN Office of Counter-Terrorism — Inaugurated the Regional Expert Council. [2, 3]",
		"[2] Report on the participation of the CICA Secretary General in the first meeting of the Council, undated",
		"[3] Announcement of the first meeting of the Council, EGF, 10 May 2024",
		"[‹ Back][More ›]", "[About the meeting]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the second page of the details (-want +got):\n%s", diff)
	}
}
