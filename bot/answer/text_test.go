package answer

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// TestSkeleton: one word has one skeleton, however it is written, and words that differ keep differing.
func TestSkeleton(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		same []string // folded
	}{
		{"Uzbek in both scripts", []string{"yigilish", "йиғилиш", "йигилиш"}},
		{"with and without its own letters", []string{"qachon", "қачон", "качон"}},
		{"yo and ё, which folding writes as е", []string{"yordam", "ёрдам", "ердам"}},
		{"words that languages share", []string{"reabilitatsiya", "реабилитация"}},
		{"Russian in Latin letters", []string{"sleduyuschee", "следующее", "sleduyushchee"}},
		{"a letter twice", []string{"meeting", "meetting"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			want := skeleton(tc.same[0])
			for _, w := range tc.same[1:] {
				if got := skeleton(w); got != want {
					t.Errorf("%s sounds %q, and %s %q", tc.same[0], want, w, got)
				}
			}
		})
	}
	if skeleton("kiyim") == skeleton("kim") {
		t.Error("clothes sound like who")
	}
}

func TestNear(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"voronkov", "varonkov", true}, {"perove", "pervoe", true}, {"chevert", "chetvert", true},
		{"kim", "kun", false}, {"perv", "pere", false}, {"agenda", "legenda", false}, {"organization", "organisasion", true},
	} {
		if got := near(tc.a, tc.b); got != tc.want {
			t.Errorf("near(%q, %q) = %v, want %v", tc.a, tc.b, got, tc.want)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	var got []string
	for _, tok := range tokens("27-го, {meeting}ning (в) 2nd") {
		got = append(got, tok.text)
	}
	if diff := cmp.Diff([]string{"27", "го", "{meeting}", "в", "2nd"}, got); diff != "" {
		t.Errorf("tokens: -want +got\n%s", diff)
	}
}

// TestResolve: which of three meetings a text can mean, from what it says of it.
func TestResolve(t *testing.T) {
	t.Parallel()
	at := func(day string) time.Time {
		d, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	all := []Meeting{
		{ID: "c1", Number: 1, Bodies: []string{"rec"}, First: "2024-05-14", Last: "2024-05-14", Ends: at("2024-05-15"), place: "tashkent"},
		{ID: "g1", Number: 1, Groups: true, Bodies: []string{"a", "b"}, First: "2024-07-26", Last: "2024-07-26", Ends: at("2024-07-27"), Online: true},
		{ID: "c2", Number: 2, Bodies: []string{"rec"}, First: "2024-11-27", Last: "2024-11-28", Ends: at("2024-11-29"), place: "tashkent"},
	}
	for _, tc := range []struct {
		name  string
		clues clues
		now   string
		want  store.MeetingID
	}{
		{"nothing said: the next one", clues{}, "2024-11-20", "c2"},
		{"nothing said and nothing ahead", clues{}, "2025-01-01", ""},
		{"a number counts the Council's", clues{ordinals: []int{1}}, "2024-11-20", "c1"},
		{"or the groups', where they are spoken of", clues{ordinals: []int{1}, groups: true}, "2024-11-20", "g1"},
		{"a number that there is not", clues{ordinals: []int{3}}, "2024-11-20", ""},
		{"the second day of two", clues{days: []day{{month: 11, day: 28}}}, "2024-11-20", "c2"},
		{"a day in another year", clues{days: []day{{year: 2023, month: 11, day: 27}}}, "2024-11-20", ""},
		{"a month", clues{months: []day{{month: 7}}}, "2024-11-20", "g1"},
		{"a city: the one ahead", clues{places: []string{"tashkent"}}, "2024-11-20", "c2"},
		{"a city, of what is over", clues{places: []string{"tashkent"}, past: true}, "2024-11-20", "c1"},
		{"a number, and a city that is a mistake", clues{ordinals: []int{2}, places: []string{"astana"}}, "2024-11-20", "c2"},
		{"the last one", clues{last: true}, "2024-11-20", "g1"},
		{"the last one of the Council's city", clues{last: true, places: []string{"tashkent"}}, "2024-12-20", "c2"},
		{"the online one", clues{online: true}, "2024-11-20", "g1"},
		{"a span of days", clues{from: "2024-11-25", to: "2024-12-01"}, "2024-11-20", "c2"},
		{"of a group that has none ahead", clues{body: "a"}, "2024-11-20", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got, _ := tc.clues.resolve(all, at(tc.now), false); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
