package answer

import (
	"slices"
	"strings"
	"testing"

	"recbot/store"
)

// plainFold is a folding of letters that is enough for the tests.
func plainFold(s string) string {
	return strings.NewReplacer("ʻ", "", "ʼ", "", "'", "", "‘", "", "ё", "е").Replace(strings.ToLower(s))
}

func somePlaces() *Places {
	return NewPlaces([]City{
		{ID: "tashkent", Zone: "Asia/Tashkent", Name: store.Text{"en": "Tashkent", "ru": "Ташкент", "uz": "Toshkent", "uz-Cyrl": "Тошкент"}, Other: []string{"Uzbekistan"}},
		{ID: "bishkek", Zone: "Asia/Bishkek", Name: store.Text{"en": "Bishkek", "ru": "Бишкек", "uz": "Bishkek"}, Other: []string{"Frunze"}},
		{ID: "dushanbe", Zone: "Asia/Dushanbe", Name: store.Text{"en": "Dushanbe", "ru": "Душанбе", "uz": "Dushanbe"}},
		{ID: "new-york", Zone: "America/New_York", Name: store.Text{"en": "New York", "ru": "Нью-Йорк", "uz": "Nyu-York"}},
		{ID: "york", Zone: "Europe/London", Name: store.Text{"en": "York"}},
		{ID: "osh", Zone: "Asia/Bishkek", Name: store.Text{"en": "Osh", "ru": "Ош"}},
		{ID: "fargona", Zone: "Asia/Tashkent", Name: store.Text{"en": "Fergana", "ru": "Фергана", "uz": "Fargʻona"}},
		{ID: "termez", Zone: "Asia/Tashkent", Name: store.Text{"en": "Termez"}},
		{ID: "termit", Zone: "Asia/Almaty", Name: store.Text{"en": "Terme"}},
	}, plainFold)
}

func TestFind(t *testing.T) {
	t.Parallel()
	places := somePlaces()
	for _, tc := range []struct {
		name, text string
		want       string // cities or zones; "?" in front = to be asked
	}{
		{"English", "Dushanbe", "dushanbe"},
		{"Russian", "Душанбе", "dushanbe"},
		{"Uzbek in Cyrillic letters", "тошкент", "tashkent"},
		{"another name", "uzbekistan", "tashkent"},
		{"an apostrophe of another kind", "farg'ona", "fargona"},
		{"two words", "new york", "new-york"},
		{"a hyphen", "Нью Йорк", "new-york"},
		{"with the country", "Dushanbe, Tajikistan", "dushanbe"},
		{"in a sentence it may mean something else", "я сейчас в Душанбе", "? dushanbe"},
		{"a letter missing", "Душнбе", "? dushanbe"},
		{"letters swapped", "Tahskent", "? tashkent"},
		{"two slips in a long name", "Dushanpee", "? dushanbe"},
		{"Russian case", "в Ташкенте", "? tashkent"},
		{"Uzbek ending", "Toshkentdaman", "? tashkent"},
		{"a beginning", "Dush", "? dushanbe"},
		{"a short name with a slip is not guessed", "osg", ""},
		{"two candidates", "termes", "? termez termit"},
		{"nothing of the kind", "xyz", ""},
		{"a long sentence", "what is the weather like in Tashkent today", ""},
		{"empty", "  ", ""},
		{"plus five", "+5", "+05:00"},
		{"UTC", "UTC+5", "+05:00"},
		{"GMT with minutes", "GMT+05:30", "+05:30"},
		{"spaces", "utc + 6", "+06:00"},
		{"behind Greenwich", "UTC-5", "-05:00"},
		{"with a real minus", "−03:30", "-03:30"},
		{"as digits", "+0545", "+05:45"},
		{"UTC itself", "UTC", "+00:00"},
		{"from Moscow's time", "МСК+2", "+05:00"},
		{"a number alone", "5", "? +05:00"},
		{"beyond the earth", "+15", ""},
		{"odd minutes", "+05:07", ""},
		{"IANA", "Asia/Dushanbe", "Asia/Dushanbe"},
		{"IANA in small letters", "america/new_york", "America/New_York"},
		{"no such zone", "Asia/Atlantis", ""},
		{"not a way out of the zone data", "../etc/passwd", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found := places.Find(tc.text)
			var got []string
			if !found.Sure && len(found.Places) > 0 {
				got = append(got, "?")
			}
			for _, p := range found.Places {
				if p.City != "" {
					got = append(got, p.City)
				} else {
					got = append(got, p.Zone)
				}
				if _, err := store.LoadZone(p.Zone); err != nil {
					t.Errorf("Find(%q) gives a zone that cannot be loaded: %v", tc.text, err)
				}
			}
			if s := strings.Join(got, " "); s != tc.want {
				t.Errorf("Find(%q) = %q, want %q", tc.text, s, tc.want)
			}
		})
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"osh", "osh", 0}, {"osh", "oh", 1}, {"osh", "ohs", 1}, {"душнбе", "душанбе", 1}, {"abc", "xbz", 2}, {"a", "abcdef", 3},
	} {
		if got := distance([]rune(tc.a), []rune(tc.b)); got != tc.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tc.a, tc.b, got, tc.want)
		}
		if got := distance([]rune(tc.b), []rune(tc.a)); got != tc.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tc.b, tc.a, got, tc.want)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"Душнбе", "UTC+5", "asia/dushanbe", "+05:30", "я в Ташкенте"} {
		f.Add(s)
	}
	places := somePlaces()
	f.Fuzz(func(t *testing.T, text string) {
		found := places.Find(text)
		if len(found.Places) > mostPlaces || found.Sure && len(found.Places) != 1 {
			t.Errorf("Find(%q) = %v", text, found)
		}
		if slices.ContainsFunc(found.Places, func(p Place) bool { _, err := store.LoadZone(p.Zone); return err != nil }) {
			t.Errorf("Find(%q) gives a zone that cannot be loaded: %v", text, found.Places)
		}
	})
}
