package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The rules of testdata/questions/score.py, so that the gate stands in the tests and needs no Python. `make score` prints
// the table of the script itself. Where the two differ the script is right.

// keyed is a question of the development set with its key.
type keyed struct {
	ID         string   `json:"id"`
	Lang       string   `json:"lang"`
	Now        string   `json:"now"`
	Text       string   `json:"text"`
	Intent     string   `json:"intent"`
	Meeting    *string  `json:"meeting"`
	Group      *string  `json:"group"`
	Topic      *string  `json:"topic"`
	Answerable bool     `json:"answerable"`
	Must       []string `json:"must_contain"`
	MustNot    []string `json:"must_not_contain"`
}

// predicted is what recbot said to one.
type predicted struct {
	ID       string  `json:"id"`
	Intent   string  `json:"intent"`
	Meeting  *string `json:"meeting"`
	Group    *string `json:"group"`
	Topic    *string `json:"topic"`
	Answered bool    `json:"answered"`
	Text     string  `json:"text"`
	Language string  `json:"language"`
}

// hardSlots must be as in the key; softSlots only where the key has them.
var (
	hardSlots = map[string][]string{
		"next_meeting": {"meeting"}, "list_meetings": {"topic"}, "meeting_practical": {"topic"},
		"group_about": {"group"}, "group_next_meeting": {"group", "meeting"}, "subscribe": {"group"}, "unsubscribe": {"group"},
		"meeting_when": {"meeting"}, "meeting_where": {"meeting"}, "meeting_agenda": {"meeting"}, "meeting_participants": {"meeting"},
		"meeting_organizers": {"meeting"}, "meeting_outcome": {"meeting"}, "meeting_documents": {"meeting"}, "meeting_about": {"meeting"},
		"meeting_join": {"meeting"},
	}
	softSlots = map[string][]string{"person": {"meeting"}, "reminders": {"meeting"}, "calendar_export": {"meeting"}}
)

// monthStems and placeStems begin the words that mean one month, or one place, in any language.
var (
	monthStems = []string{
		"jan январ yanvar", "feb феврал fevral", "mar март mart", "apr апрел aprel", "may май мая мае", "jun июн iyun",
		"jul июл iyul", "aug август avgust", "sep сентябр sent", "oct октябр okt", "nov ноябр noyabr", "dec декабр dekabr",
	}
	placeStems = map[string]string{
		"tashkent": "tashkent toshkent ташкент тошкент", "astana": "astana ostona астан остона", "online": "online onlayn онлайн",
	}
)

var (
	apostrophes = regexp.MustCompile("[\u02bb\u02bc\u2018\u2019\u201b\u0060\u00b4\u2032]")
	dashes      = regexp.MustCompile("[\u2010-\u2015\u2212]")
	yearMonth   = regexp.MustCompile(`\b(20\d\d)-(\d\d)\b`)
	years       = regexp.MustCompile(`\d+`)
	wholeWords  = regexp.MustCompile(`\p{L}+`)
)

// folded makes two spellings of one text equal: case, kinds of apostrophe, dash and space, ё and е.
func folded(s string) string {
	s = apostrophes.ReplaceAllString(s, "'")
	s = strings.ReplaceAll(strings.ToLower(norm.NFKC.String(s)), "ё", "е")
	return strings.Join(strings.Fields(dashes.ReplaceAllString(s, "-")), " ")
}

// has tells whether a folded text has the words, beginning where a word begins; a number never inside a longer one.
func has(text, alternative string) bool {
	a := folded(alternative)
	if a == "" {
		return false
	}
	for at := 0; ; {
		i := strings.Index(text[at:], a)
		if i < 0 {
			return false
		}
		at += i
		if bordered(text, a, at) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
}

// bordered tells whether a stands in text at a place where it is a word, or a number, of its own.
func bordered(text, a string, at int) bool {
	before, size := utf8.DecodeLastRuneInString(text[:at])
	first, _ := utf8.DecodeRuneInString(a)
	last, _ := utf8.DecodeLastRuneInString(a)
	after, _ := utf8.DecodeRuneInString(text[at+len(a):])
	switch {
	case unicode.IsDigit(last) && unicode.IsDigit(after):
		return false
	case unicode.IsLetter(first):
		return !unicode.IsLetter(before)
	case unicode.IsDigit(first):
		separated, _ := utf8.DecodeLastRuneInString(text[:at-size])
		return !unicode.IsDigit(before) && !((before == '.' || before == ',') && unicode.IsDigit(separated))
	}
	return true
}

// topicKey makes "May", "в мае" and "2024-05" comparable; what is neither time nor place is its folded text.
func topicKey(t *string) string {
	if t == nil {
		return ""
	}
	s, set := folded(*t), map[string]bool{}
	for _, m := range yearMonth.FindAllStringSubmatch(s, -1) {
		set["y"+m[1]], set["m"+strings.TrimPrefix(m[2], "0")] = true, true
	}
	for _, y := range years.FindAllString(s, -1) {
		if len(y) == 4 && strings.HasPrefix(y, "20") {
			set["y"+y] = true
		}
	}
	for _, w := range wholeWords.FindAllString(s, -1) {
		for i, stems := range monthStems {
			if begins(w, stems) {
				set[fmt.Sprintf("m%d", i+1)] = true
			}
		}
		for place, stems := range placeStems {
			if begins(w, stems) {
				set[place] = true
			}
		}
	}
	if len(set) == 0 {
		return "=" + s
	}
	var keys []string
	for k := range set {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return strings.Join(keys, " ")
}

func begins(word, stems string) bool {
	return slices.ContainsFunc(strings.Fields(stems), func(stem string) bool { return strings.HasPrefix(word, stem) })
}

// slotsRight compares those slots that count for the intent.
func slotsRight(k keyed, p predicted) bool {
	of := func(slot string) (want, got *string) {
		switch slot {
		case "meeting":
			return k.Meeting, p.Meeting
		case "group":
			return k.Group, p.Group
		}
		return k.Topic, p.Topic
	}
	for _, slot := range hardSlots[k.Intent] {
		if want, got := of(slot); !sameSlot(slot, want, got) {
			return false
		}
	}
	for _, slot := range softSlots[k.Intent] {
		if want, got := of(slot); want != nil && !sameSlot(slot, want, got) {
			return false
		}
	}
	return true
}

func sameSlot(slot string, want, got *string) bool {
	if got != nil && *got == "" {
		got = nil
	}
	if slot == "topic" {
		return topicKey(want) == topicKey(got)
	}
	if want == nil || got == nil {
		return want == nil && got == nil
	}
	return strings.EqualFold(*want, *got)
}

// answerRight tells why an answer is wrong; "" = it is right.
func answerRight(k keyed, p predicted) (why string) {
	text := folded(p.Text)
	switch {
	case p.Answered && !k.Answerable:
		return "false answer"
	case !p.Answered && k.Answerable:
		return "false refusal"
	case text == "":
		return "empty text"
	}
	for _, must := range k.Must {
		if !slices.ContainsFunc(strings.Split(must, "|"), func(a string) bool { return has(text, a) }) {
			return "lacks " + must
		}
	}
	for _, not := range k.MustNot {
		if has(text, not) {
			return "contains " + not
		}
	}
	return ""
}

func TestHas(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text, words string
		want              bool
	}{
		{"a word", "it is in tashkent", "Tashkent", true},
		{"with an ending", "в ташкенте", "Ташкент", true},
		{"not inside another one", "unastana", "Astana", false},
		{"a later place counts too", "unastana, astana", "Astana", true},
		{"another apostrophe", "to'rt", "toʻrt", true},
		{"a dash and a space", "27-noyabr kuni", "27‑noyabr  kuni", true},
		{"a number", "about 40 people", "40", true},
		{"not inside a longer one", "400 people", "40", false},
		{"nor at its end", "140 people", "40", false},
		{"nor behind a separator", "1,40", "40", false},
		{"a separator is no number", "yes, 40", "40", true},
		{"ё", "ещё", "еще", true},
		{"nothing", "text", "", false},
	} {
		if got := has(folded(tc.text), tc.words); got != tc.want {
			t.Errorf("%s: %q in %q: %v", tc.name, tc.words, tc.text, got)
		}
	}
}

func TestTopicKey(t *testing.T) {
	t.Parallel()
	some := func(s string) *string { return &s }
	for _, tc := range []struct {
		name string
		a, b *string
		want bool
	}{
		{"a month in two languages", some("May"), some("в мае"), true},
		{"with and without its year", some("May"), some("2024-05"), false},
		{"with its year", some("December 2026"), some("2026-12"), true},
		{"a place in two scripts", some("Toshkentda"), some("Ташкент"), true},
		{"a word", some("upcoming"), some("Upcoming"), true},
		{"two words", some("upcoming"), some("past"), false},
		{"none", nil, nil, true},
		{"none and one", nil, some("all"), false},
		{"a year alone", some("2024"), some("за 2024 год"), true},
		{"a long number is no year", some("20245"), some("2024"), false},
	} {
		if got := topicKey(tc.a) == topicKey(tc.b); got != tc.want {
			t.Errorf("%s: %q and %q: %v", tc.name, topicKey(tc.a), topicKey(tc.b), got)
		}
	}
}

func TestScoringRules(t *testing.T) {
	t.Parallel()
	some := func(s string) *string { return &s }
	key := keyed{Intent: "meeting_when", Meeting: some("rec-2"), Answerable: true, Must: []string{"27 Nov|27.11"}, MustNot: []string{"2026"}}
	person := keyed{Intent: "person", Meeting: some("rec-1")}
	for _, tc := range []struct {
		name  string
		k     keyed
		p     predicted
		slots bool
		why   string
	}{
		{"all right", key, predicted{Meeting: some("REC-2"), Answered: true, Text: "on 27 November"}, true, ""},
		{"another meeting", key, predicted{Meeting: some("rec-1"), Answered: true, Text: "27.11"}, false, ""},
		{"no meeting", key, predicted{Answered: true, Text: "27.11"}, false, ""},
		{"an empty one is none", key, predicted{Meeting: some(""), Answered: true, Text: "27.11"}, false, ""},
		{"it refuses", key, predicted{Meeting: some("rec-2"), Text: "27.11"}, true, "false refusal"},
		{"it invents", keyed{Intent: "contact"}, predicted{Answered: true, Text: "x"}, true, "false answer"},
		{"it says nothing", key, predicted{Meeting: some("rec-2"), Answered: true, Text: " "}, true, "empty text"},
		{"it lacks the date", key, predicted{Meeting: some("rec-2"), Answered: true, Text: "soon"}, true, "lacks 27 Nov|27.11"},
		{"it says what it must not", key, predicted{Meeting: some("rec-2"), Answered: true, Text: "27.11 2026"}, true, "contains 2026"},
		{"a soft slot that the key has", person, predicted{Text: "x"}, false, ""},
		{"a soft slot that it has not", keyed{Intent: "person"}, predicted{Meeting: some("rec-1"), Text: "x"}, true, ""},
	} {
		if got := slotsRight(tc.k, tc.p); got != tc.slots {
			t.Errorf("%s: slots %v", tc.name, got)
		}
		if got := answerRight(tc.k, tc.p); got != tc.why {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.why)
		}
	}
}
