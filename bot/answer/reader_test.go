package answer

import (
	"strings"
	"testing"
	"unicode/utf8"

	"recbot/store"
)

func testReader() *Reader {
	return New([]Example{
		{store.English, "next_meeting", "when is the next meeting"},
		{store.English, "meeting_agenda", "what is on the agenda"},
		{store.English, "group_about", "what does {group} do"},
		{store.English, "meeting_when", "when is {meeting}"},
		{store.Russian, "next_meeting", "когда следующее заседание"},
		{store.Russian, "meeting_agenda", "повестка следующего заседания"},
		{store.Russian, "group_about", "чем занимается {group}"},
		{store.Uzbek, "next_meeting", "keyingi yigilish qachon"},
		{store.Russian, "meeting_when", "когда wg-b"},
		{store.English, "group_about", "{group}"},
		{store.Russian, "group_about", "{group}"},
	}, []Name{
		{Text: "group b", Body: "wg-b"},
		{Text: "health", Body: "wg-b"},
		{Text: "группа б", Body: "wg-b"},
		{Text: "first meeting", Meeting: "rec-1"},
	}, strings.ToLower)
}

func TestRead(t *testing.T) {
	t.Parallel()
	r := testReader()
	for _, tc := range []struct {
		name, text string
		want       Understood // Score is not compared
		ok         bool
	}{
		{"an example itself", "When is the next meeting?", Understood{Intent: "next_meeting", Lang: store.English}, true},
		{"a letter mistyped", "when is the next meetng", Understood{Intent: "next_meeting", Lang: store.English}, true},
		{"another ending", "повестка следующего заседание", Understood{Intent: "meeting_agenda", Lang: store.Russian}, true},
		{"a group is a slot", "what does Group B do?", Understood{Intent: "group_about", Body: "wg-b", Lang: store.English}, true},
		{"by its subject too", "what does health do", Understood{Intent: "group_about", Body: "wg-b", Lang: store.English}, true},
		{"a meeting is a slot", "when is the first meeting", Understood{Intent: "meeting_when", Meeting: "rec-1", Lang: store.English}, true},
		{"in which language a name alone is meant nobody knows", "health", Understood{Intent: "group_about", Body: "wg-b"}, true},
		{"nor in which a word of all languages is", "wg-b", Understood{Intent: "meeting_when"}, true},
		{"Uzbek", "keyingi yigilish qachon?", Understood{Intent: "next_meeting", Lang: store.Uzbek}, true},
		{"off topic", "what does a kilo of tomatoes cost", Understood{}, false},
		{"nothing but signs", "?!…", Understood{}, false},
		{"empty", "", Understood{}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, ok := r.Read(tc.text)
			if ok != tc.ok {
				t.Fatalf("%q: understood %v (%+v)", tc.text, ok, got)
			}
			got.Score = 0
			if ok && got != tc.want {
				t.Errorf("%q: got %+v, want %+v", tc.text, got, tc.want)
			}
		})
	}
}

// FuzzRead: no text makes the reader panic, or understand something it cannot name.
func FuzzRead(f *testing.F) {
	f.Add("when is {group} {{{")
	f.Add("повестка\x00\xff")
	r := testReader()
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := r.Read(text)
		if ok && (got.Intent == "" || got.Score > 1.0001) {
			t.Errorf("%q: %+v", text, got)
		}
		if !utf8.ValidString(string(got.Lang)) {
			t.Errorf("%q: language %q", text, got.Lang)
		}
	})
}
