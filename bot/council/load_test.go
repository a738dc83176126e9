package council

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// head is a catalogue without a mistake, 9 lines long; tests add to it from line 10 on.
const head = `schema: 1
timezone: Asia/Tashkent
sources: [{id: s1, kind: report, name: {en: A report}}]
council:
  {id: rec, name: {en: The Council}, short_name: {en: Council},
  about: {text: {en: It meets.}, sources: [s1]}}
bodies:
  - {id: wg-a, letter: a, name: {en: Group A}, short_name: {en: A}}
  - {id: wg-b, letter: b, name: {en: Group B}, short_name: {en: B}}
`

// meeting is the beginning of a meeting, up to line 13; what follows stands in four columns.
const meeting = head + `meetings:
  - {id: other, kind: event, bodies: [rec], name: {en: Other}, date: "2026-12-01", attendance: online, status: confirmed, visibility: public}
  - {id: m1, kind: event, bodies: [wg-a], name: {en: Meeting}, attendance: online,
    status: confirmed,
    `

func TestLoadMistakes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		file string
		want []string
	}{
		{"no mistake in the shortest catalogue", head, nil},
		{"no mistake in a meeting", meeting + `visibility: public, date: "2026-12-09"}`, nil},
		{"a day without quotation marks is a day all the same", meeting + `visibility: public, date: 2026-12-09, start: 09:00}`, nil},
		{"nothing at all", "", []string{"1:1: the file is empty"}},
		{"something that is no YAML", "schema: 1\n  a: [", []string{"2:1: this is no YAML: mapping values are not allowed in this context"}},
		{"a list instead of fields", "- a\n", []string{"1:1: fields, one a line expected here"}},
		{"a newer schema", strings.Replace(head, "schema: 1", "schema: 2", 1), []string{"1:9: schema 2; this recbot reads schema 1"}},
		{"a second document", head + "---\nschema: 1\n", []string{"10:1: a second document begins here; one file holds one"}},
		{"a field that nobody knows", head + "contacts: [{name: {en: A}, fax: 1}]",
			[]string{`10:28: unknown field "fax"; known here: email, name, phone, telegram, url`}},
		{"a field twice", head + "faq: []\nfaq: []", []string{`11:1: field "faq" stands here twice`}},
		{"an id twice", head + "people:\n  - {id: x, name: {en: A}}\n  - {id: x, name: {en: B}}",
			[]string{`12:10: the id "x" of a person is taken already in line 11`}},
		{"an id with a capital", head + "people: [{id: Wg-A, name: {en: A}}]",
			[]string{`10:15: "Wg-A" is no id: write 1 to 32 of the letters a-z, digits and -`}},
		{"a body that cannot be told from a topic", strings.Replace(head, "{id: wg-b", "{id: all", 1), []string{`9:10: the id "all" is not free for a body`}},
		{"an id that names nothing", head + "people: [{id: x, name: {en: A}, organization: nato, sources: [s1, s9]}]",
			[]string{`10:47: there is no organization "nato"`, `10:67: there is no source "s9"`}},
		{"a name that is missing", head + "people: [{id: x}]", []string{`10:10: field "name" is missing`}},
		{"a name without any language", head + "people: [{id: x, name: {}}]",
			[]string{"10:24: the text is missing in every language; leave the field out if it is not known"}},
		{"a name in a language that is not spoken", head + "people: [{id: x, name: {fr: A}}]",
			[]string{`10:25: unknown field "fr"; known here: en, ru, uz, uz-Cyrl`}},
		{"an empty name", head + "people: [{id: x, name: {en: ~}}]",
			[]string{"10:29: the value is missing; leave the field out if it is not known"}},
		{"a name that is longer than a screen", head + "people: [{id: x, name: {en: " + strings.Repeat("я", 301) + "}}]",
			[]string{"10:29: the text is longer than 300 characters"}},
		{"a character that turns the text around", head + "people: [{id: x, name: {en: \"A\\u202eB\"}}]",
			[]string{"10:29: the value holds a control character (U+202E)"}},
		{"references inside YAML", head + "people: [&a {id: x, name: {en: A}}, *a]",
			[]string{"10:10: references (& and *) are not supported; write the value out",
				"10:37: references (& and *) are not supported; write the value out"}},
		{"a day that does not exist", meeting + `visibility: public, date: "2026-02-31"}`,
			[]string{`14:31: "2026-02-31" is no date; write it like 2026-12-09`}},
		{"an hour that does not exist", meeting + `visibility: public, date: "2026-12-09", start: "9:00"}`,
			[]string{`14:52: "9:00" is no hour; write it like 09:30`}},
		{"an hour that the clocks skip", meeting + `visibility: public, date: "2027-03-14", start: "02:30", timezone: America/New_York}`,
			[]string{"14:52: the clocks of America/New_York skip 02:30 on that day"}},
		{"a bare offset for a zone", meeting + `visibility: public, date: "2026-12-09", timezone: "+05:00"}`,
			[]string{`14:55: "+05:00" is no time zone; write it like Asia/Tashkent`}},
		{"an end before the start", meeting + `visibility: public, date: "2026-12-09", start: "10:00", end: "09:00"}`,
			[]string{"14:66: the meeting ends before it begins"}},
		{"a last day before the first", meeting + `visibility: public, date: "2026-12-09", end_date: "2026-12-08"}`,
			[]string{"14:55: the meeting ends before it begins"}},
		{"an end without a start", meeting + `visibility: public, date: "2026-12-09", end: "09:00"}`,
			[]string{"14:50: an end without a start"}},
		{"a word that is no visibility", meeting + `visibility: secret, date: "2026-12-09"}`,
			[]string{`14:17: "secret" is none of public, delegates, restricted`}},
		{"restricted to nobody", meeting + `visibility: restricted, date: "2026-12-09"}`,
			[]string{"14:17: visibility: restricted and visible_to go together"}},
		{"restricted to the Council, which has no members of its own", meeting + `visibility: restricted, visible_to: [rec], date: "2026-12-09"}`,
			[]string{`14:42: there is no body of members "rec"`}},
		{"a link that is none", meeting + `visibility: public, date: "2026-12-09", join_url: "javascript:x"}`,
			[]string{`14:55: "javascript:x" is no web address; write it like https://example.org/page`}},
		{"a uid twice", meeting + `visibility: public, date: "2026-12-09", uid: other@recbot}`,
			[]string{`14:50: the uid "other@recbot" is taken already in line 11`}},
		{"a session outside the meeting", meeting + `visibility: public, date: "2026-12-09", agenda: [{id: a, title: {en: A}, date: "2026-12-10"}]}`,
			[]string{`14:54: the session "a" is on 2026-12-10, the meeting is from 2026-12-09 to 2026-12-09`}},
		{"a document of no session", meeting + `visibility: public, date: "2026-12-09", documents: [{id: a, title: {en: A}, agenda_item: x}]}`,
			[]string{`14:57: agenda_item "x" is no session of this meeting`}},
		{"an entry that says nothing", meeting + `visibility: public, date: "2026-12-09", speakers: [{online: true}]}`,
			[]string{"14:56: an entry says something with ids, person or text"}},
		{"a number below zero", meeting + `visibility: public, date: "2026-12-09", sequence: -1}`,
			[]string{`14:55: "-1" is no whole number from 0`}},
		{"yes is not true", meeting + `visibility: public, date: "2026-12-09", announced: yes}`,
			[]string{`14:56: "yes" is neither true nor false`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c, err := Load(strings.NewReader(tc.file))
			if diff := cmp.Diff(tc.want, lines(err)); diff != "" {
				t.Errorf("mistakes (-want +got):\n%s", diff)
			}
			if (c == nil) != (err != nil) {
				t.Errorf("catalogue %v with the error %v", c, err)
			}
		})
	}
}

func lines(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

func TestLoadBounds(t *testing.T) {
	t.Parallel()
	_, err := Load(strings.NewReader(head + "people:\n" + strings.Repeat("  - {}\n", 40)))
	got := lines(err)
	if len(got) != maxProblems+1 || got[maxProblems] != "and 30 more mistakes" {
		t.Errorf("%d lines, the last %q", len(got), got[len(got)-1])
	}
	if _, err = Load(strings.NewReader(strings.Repeat("#", MaxFile+1))); err == nil || err.Error() != "the file is larger than 4 MB" {
		t.Errorf("a file that is too large: %v", err)
	}
	long := strings.Repeat("x", maxNote)
	var items strings.Builder
	for i := range store.MaxValue / maxNote {
		fmt.Fprintf(&items, "{id: a%d, title: {en: A}, note: {en: %s}},", i, long)
	}
	_, err = Load(strings.NewReader(meeting + `visibility: public, date: "2026-12-09", agenda: [` + items.String() + `]}`))
	if got := lines(err); len(got) != 1 || !strings.HasPrefix(got[0], "12:5: the meeting takes ") {
		t.Errorf("a meeting that fits into no document: %.200v", got)
	}
}

func TestLoadFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rec.yaml")
	if err := os.WriteFile(path, []byte("schema: 1\nx: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := LoadFile(path)
	if got := lines(err); len(got) == 0 || !strings.HasPrefix(got[len(got)-1], "rec.yaml:2:1: unknown field") {
		t.Errorf("mistakes of a file: %q", got)
	}
	if _, err := LoadFile(path + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestLoadWarns(t *testing.T) {
	t.Parallel()
	c, err := Load(strings.NewReader(head + "people: [{id: x, name: {uz: \"O'zbekiston\", ru: \"Д'Артаньян\"}}]"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Problem{{10, 29, "uz: an apostrophe is not the Uzbek one (U+02BB in oʻ and gʻ, U+02BC elsewhere): O'zbekiston"}}
	if diff := cmp.Diff(want, c.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestParseMeetings(t *testing.T) {
	t.Parallel()
	const file = `schema: 1
timezone: Asia/Almaty
meetings:
  - {id: m1, kind: event, bodies: [rec, BODY], name: {en: A}, date: "2026-12-09", attendance: mixed, status: confirmed, visibility: public}
`
	got, err := ParseMeetings(strings.NewReader(strings.Replace(file, "BODY", "wg-a", 1)), Embedded())
	if err != nil {
		t.Fatal(err)
	}
	if m := got.Meetings[0]; m.Zone != "Asia/Almaty" || m.UID != "m1@recbot" || m.Fixture {
		t.Errorf("meeting with the file's zone: %+v", m)
	}
	_, err = ParseMeetings(strings.NewReader(strings.Replace(file, "BODY", "wg-x", 1)), Embedded())
	if diff := cmp.Diff([]string{`4:41: there is no body "wg-x"`}, lines(err)); diff != "" {
		t.Errorf("a body that the catalogue does not know (-want +got):\n%s", diff)
	}
	whole, err := ParseMeetings(strings.NewReader(string(shipped)), nil)
	if err != nil || len(whole.Meetings) != 3 {
		t.Errorf("meetings of a whole catalogue: %v, %v", whole, err)
	}
	invented := strings.NewReplacer("BODY", "wg-a", "meetings:", "fixture: true\nmeetings:").Replace(file)
	if got, err = ParseMeetings(strings.NewReader(invented), Embedded()); err != nil || !got.Meetings[0].Fixture {
		t.Errorf("a meeting of a file of fixtures: %+v, %v", got, err)
	}
}

// FuzzLoad holds whatever is read to what the rest of the program relies on.
func FuzzLoad(f *testing.F) {
	f.Add(string(shipped))
	f.Add(string(examples))
	f.Add(meeting + `visibility: public, date: "2026-12-09"}`)
	f.Add("a: &a [*a]\n")
	f.Add("schema: 1\n---\n")
	f.Fuzz(func(t *testing.T, file string) {
		got, err := ParseMeetings(strings.NewReader(file), Embedded())
		if (got == nil) != (err != nil) {
			t.Fatalf("half loaded: %v with %v", got, err)
		}
		if err != nil {
			if p := (*Problems)(nil); errors.As(err, &p) && (len(p.List) == 0 || len(p.List) > maxProblems) {
				t.Fatalf("%d mistakes are told", len(p.List))
			}
			return
		}
		for _, m := range got.Meetings {
			raw, err := json.Marshal(m)
			if err != nil || len(raw) > store.MaxValue || !store.ValidID(string(m.ID)) || m.Start().IsZero() || !m.End().After(m.Start()) ||
				m.Visibility == "" || m.Name.Empty() || len(m.Bodies) == 0 {
				t.Fatalf("a meeting that nobody can use: %+v (%v)", m, err)
			}
		}
	})
}
