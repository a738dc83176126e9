package answer

import (
	"regexp"
	"strconv"
	"strings"

	"recbot/store"
)

// unit is a length of time that people count in, with the beginnings of its names in all languages. A name of one letter
// must stand alone.
type unit struct {
	length store.Lead
	names  []string
}

// Longer units come first: "minut" must not be found in a word that only begins alike.
var units = []unit{
	{store.LeadWeek, []string{"w", "wk", "week", "нед", "hafta", "ҳафта", "хафта"}},
	{store.LeadDay, []string{"d", "day", "д", "дн", "день", "сут", "kun", "кун"}},
	{store.LeadHour, []string{"h", "hr", "hour", "ч", "час", "soat", "соат"}},
	{1, []string{"m", "min", "м", "мин", "daq", "дақ", "дак"}},
}

// half stands before a unit without a space: полчаса, полдня.
const half = "пол"

// numbers are those that people write in words before a unit of time.
var numbers = map[string]float64{
	"half": 0.5, "yarim": 0.5, "ярим": 0.5, "полтора": 1.5, "полторы": 1.5,
	"one": 1, "один": 1, "одну": 1, "одна": 1, "bir": 1, "бир": 1,
	"two": 2, "два": 2, "две": 2, "двое": 2, "ikki": 2, "икки": 2,
	"three": 3, "три": 3, "трое": 3, "uch": 3, "уч": 3,
	"four": 4, "четыре": 4, "tort": 4, "toʻrt": 4, "тўрт": 4,
	"five": 5, "пять": 5, "besh": 5, "беш": 5,
	"ten": 10, "десять": 10, "ўн": 10, "oʻn": 10,
}

var leadToken = regexp.MustCompile(`\d+(?:[.,]\d+)?|[^\s\d.,;:!?()"«»-]+`)

// Lead reads a length of time before a meeting: "45 min", "2 часа", "3 kun", "за 1 неделю", "half an hour", "2h". Parts
// are added up: "1 day 2 hours".
//
// ok tells that the text was understood; whether a person may have such a lead is for [store.Lead.Valid] to say. A number
// alone is not understood: it could be anything.
func Lead(text string) (lead store.Lead, ok bool) {
	number, total, counted := none, 0.0, false
	for _, token := range leadToken.FindAllString(strings.ToLower(text), 12) {
		if n, is := numeral(token); is {
			number = n
			continue
		}
		length, is := unitOf(token)
		switch {
		case !is, number == none && counted:
			// "45 minutes before the day": a second unit counts only with a number of its own.
			continue
		case strings.HasPrefix(token, half):
			number = 0.5
		case number == none:
			number = 1
		}
		total, number, counted = total+number*float64(length), none, true
	}
	if !counted || number != none || total <= 0 || total > longest || total != float64(int(total)) {
		return 0, false
	}
	return store.Lead(total), true
}

// none is the number that has not been typed yet.
const none = -1.0

// longest is far more than anybody may have, in minutes, and far from the end of an int.
const longest = 1000 * 24 * 60

// numeral reads a number in digits or words, with a point or a comma.
func numeral(token string) (float64, bool) {
	if n, ok := numbers[token]; ok {
		return n, true
	}
	n, err := strconv.ParseFloat(strings.ReplaceAll(token, ",", "."), 64)
	return n, err == nil
}

// unitOf reads a unit in any of its forms and cases.
func unitOf(token string) (store.Lead, bool) {
	token = strings.TrimPrefix(token, half)
	for _, u := range units {
		for _, name := range u.names {
			if token == name || len([]rune(name)) > 1 && strings.HasPrefix(token, name) {
				return u.length, true
			}
		}
	}
	return 0, false
}
