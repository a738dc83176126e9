package council

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

func TestEmbedded(t *testing.T) {
	t.Parallel()
	c := Embedded()
	if len(c.Warnings) > 0 {
		t.Errorf("warnings: %v", c.Warnings)
	}
	var bodies []string
	for _, b := range c.Bodies {
		bodies = append(bodies, b.ID)
	}
	if diff := cmp.Diff([]string{"executive-committee", "wg-a", "wg-b", "wg-c", "wg-d"}, bodies); diff != "" {
		t.Errorf("bodies (-want +got):\n%s", diff)
	}
	var meetings []store.MeetingID
	for _, m := range c.Meetings {
		meetings = append(meetings, m.ID)
		if m.Fixture || !m.AllDay() {
			t.Errorf("%s: fixture %v, all day %v; want a real one without an hour", m.ID, m.Fixture, m.AllDay())
		}
	}
	if diff := cmp.Diff([]store.MeetingID{"rec-1", "wg-1", "rec-2"}, meetings); diff != "" {
		t.Errorf("meetings (-want +got):\n%s", diff)
	}
	if c.Timezone != "Asia/Tashkent" || len(c.Organizations) != 31 || len(c.People) != 8 || len(c.Sources) != 5 || len(c.Figures) != 2 {
		t.Errorf("zone %s, %d organizations, %d people, %d sources, %d figures", c.Timezone,
			len(c.Organizations), len(c.People), len(c.Sources), len(c.Figures))
	}
	if len(c.Council.History) != 3 || len(c.Council.Partners.IDs) != 4 || c.Council.Structure.Text.Empty() {
		t.Errorf("council: %+v", c.Council)
	}
}

func TestEmbeddedMeeting(t *testing.T) {
	t.Parallel()
	m := Embedded().Meetings[0]
	got := map[string]int{
		"organizers": len(m.Organizers), "participants": len(m.Participants), "speakers": len(m.Speakers),
		"background": len(m.Background), "agenda": len(m.Agenda), "outcomes": len(m.Outcomes), "disputed": len(m.Disputed),
	}
	want := map[string]int{
		"organizers": 2, "participants": 7, "speakers": 7, "background": 1, "agenda": 5, "outcomes": 2, "disputed": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rec-1 (-want +got):\n%s", diff)
	}
	if s := m.Speakers[1]; s.Person != "sarybay" || !s.Online || s.Contribution.Empty() {
		t.Errorf("second speaker: %+v", s)
	}
}

func TestExampleMeetings(t *testing.T) {
	t.Parallel()
	all := ExampleMeetings()
	if len(all) != 6 {
		t.Fatalf("%d examples, want 6", len(all))
	}
	for _, m := range all {
		if !m.Fixture {
			t.Errorf("%s is not marked as a fixture", m.ID)
		}
	}
	online := all[1]
	if online.Visibility != store.Restricted || !slices.Equal(online.Bound, []string{"wg-b"}) {
		t.Errorf("%s: visible to %v of %v", online.ID, online.Visibility, online.Bound)
	}
	all[0].ID = "changed"
	if ExampleMeetings()[0].ID != "ex-workshop" {
		t.Error("a caller changed the examples of the next one")
	}
}

// What is shown or searched of the shipped files must be there in the three languages that people write.
func TestEmbeddedLanguages(t *testing.T) {
	t.Parallel()
	c := *Embedded()
	c.Meetings = append(slices.Clone(c.Meetings), ExampleMeetings()...)
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	eachText(tree, func(text map[string]any) {
		for _, l := range []string{"en", "ru", "uz"} {
			if text[l] == nil {
				t.Errorf("no %s in %v", l, text)
			}
		}
	})
}

// eachText walks a JSON tree and calls f for what is a text: an object of strings with a language for a key.
func eachText(v any, f func(map[string]any)) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			eachText(item, f)
		}
	case map[string]any:
		for _, l := range []string{"en", "ru", "uz"} {
			if _, text := v[l].(string); text {
				f(v)
				return
			}
		}
		for _, item := range v {
			eachText(item, f)
		}
	}
}

func TestLookups(t *testing.T) {
	t.Parallel()
	c := Embedded()
	if b, ok := c.Body("wg-b"); !ok || b.Letter != "b" {
		t.Errorf("body wg-b: %v %v", b, ok)
	}
	if o, ok := c.Organization("isrs"); !ok || o.Abbreviation["uz"] != "SMTI" {
		t.Errorf("organization isrs: %v %v", o, ok)
	}
	if p, ok := c.Person("sarybay"); !ok || p.Organization != "cica" {
		t.Errorf("person sarybay: %v %v", p, ok)
	}
	if s, ok := c.Source("seed-003"); !ok || s.Publisher != "UzDaily.com" {
		t.Errorf("source seed-003: %v %v", s, ok)
	}
	if _, ok := c.Body("rec"); ok {
		t.Error("the Council was found among its bodies")
	}
}
