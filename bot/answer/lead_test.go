package answer

import (
	"testing"

	"recbot/store"
)

func TestLead(t *testing.T) {
	t.Parallel()
	const hour, day, week = store.LeadHour, store.LeadDay, store.LeadWeek
	for _, tc := range []struct {
		name, text string
		want       store.Lead // 0 = not understood
	}{
		{"English, short", "45 min", 45},
		{"glued", "2h", 2 * hour},
		{"English, whole words", "3 days before", 3 * day},
		{"a week by name", "a week", week},
		{"half an hour", "half an hour", 30},
		{"parts are added up", "1 day 2 hours", day + 2*hour},
		{"Russian", "за 2 часа", 2 * hour},
		{"Russian, genitive", "15 минут до начала", 15},
		{"Russian, glued", "20мин", 20},
		{"Russian, a unit alone", "час", hour},
		{"Russian half", "полчаса", 30},
		{"Russian number in words", "три дня", 3 * day},
		{"Russian days and nights", "двое суток", 2 * day},
		{"Russian week", "за неделю", week},
		{"Uzbek", "3 kun", 3 * day},
		{"Uzbek, a whole phrase", "boshlanishidan 45 daqiqa oldin", 45},
		{"Uzbek half", "yarim soat", 30},
		{"Uzbek week", "1 hafta oldin", week},
		{"Uzbek in Cyrillic letters", "2 соат", 2 * hour},
		{"Uzbek minutes in Cyrillic letters", "45 дақиқа", 45},
		{"without the letter қ", "45 дакика", 45},
		{"Uzbek week in Cyrillic letters", "икки ҳафта", 2 * week},
		{"a fraction", "1,5 часа", 90},
		{"a second unit without a number says when, not how long", "2 hours before the day", 2 * hour},
		{"capitals", "2 ЧАСА", 2 * hour},
		{"a number alone could be anything", "45", 0},
		{"a number left over", "2 hours 5", 0},
		{"no length of time", "hello", 0},
		{"nothing", "", 0},
		{"half a minute is no whole minute", "0.5 min", 0},
		{"zero", "0 min", 0},
		{"far too much", "99999999999999999999 days", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, ok := Lead(tc.text)
			if got != tc.want || ok != (tc.want != 0) {
				t.Errorf("Lead(%q) = %d, %t, want %d", tc.text, got, ok, tc.want)
			}
		})
	}
}

func FuzzLead(f *testing.F) {
	f.Add("1 day 2 hours")
	f.Add("за 1,5 часа до")
	f.Fuzz(func(t *testing.T, text string) {
		lead, ok := Lead(text)
		if ok != (lead > 0) || lead > longest {
			t.Errorf("Lead(%q) = %d, %t", text, lead, ok)
		}
	})
}
