package answer

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DateWords are the words in which people write days and hours, of all languages together. They are compared folded.
type DateWords struct {
	Months     [12][]string // January first; whole names, and short ones that are no beginning of them
	Weekdays   [7][]string  // Monday first; likewise
	Days       [3][]string  // today, tomorrow, the day after
	Yesterday  []string
	Tonight    []string        // today, in the evening
	Next       []string        // stands before a weekday
	Clock      []string        // "at", "soat": the number behind it is an hour
	ClockHours []string        // "час": an hour of the clock, and one that passes
	Parts      [Parts][]string // of the day; see [Part]
	After      []string        // "in", "keyin": before or behind a time that passes first
	Hours      []string        // such a time in hours, where ClockHours does not name it
	Minutes    []string
	HalfHour   []string // "in half an hour": the whole of it
	OneHour    []string // "in an hour", likewise
	Fill       []string // "of", "yil": says nothing
}

// Moment is a day, or an instant of it, as somebody typed it.
type Moment struct {
	At    time.Time // in the zone of now; midnight without an hour
	Clock bool      // an hour was typed, or only an hour
}

// Slip is what is wrong with a moment that somebody typed; "" = nothing.
type Slip string

// The slips.
const (
	SlipUnclear Slip = "unclear" // no moment was understood, or there is more in the text than one
	SlipNoDate  Slip = "no date" // 31 February
	SlipNoHour  Slip = "no hour" // 25:00
	SlipWeekday Slip = "weekday" // that date is another day of the week
	SlipPast    Slip = "past"
)

// Dates reads moments. It is safe for use by several goroutines.
type Dates struct {
	fold     func(string) string
	months   [12][]string
	weekdays [7][]string
	words    map[string]item // of one word each
	phrases  []phrase        // of several, the longest first
}

// phrase is what several words mean together.
type phrase struct {
	text string
	item item
}

// kind is what a piece of a text stands for.
type kind uint8

const (
	aNumber   kind = iota + 1 // n
	aMonth                    // n = 1-12
	aWeekday                  // n = 0-6, Monday first
	aDay                      // n = days from today; perhaps with a part of that day
	yesterday                 // whatever the hour, it has passed
	aNext                     // a word before a weekday
	aDate                     // n, month, year; year 0 = not typed
	aClock                    // n = minutes since midnight, -1 = no such hour
	theHour                   // a word before an hour; n = minutes, where it is one that passes, too
	aPart                     // of the day
	theAfter                  // a word beside a time that passes first
	aUnit                     // n = minutes that a number in front of it counts
	aDelay                    // n = minutes from now
	aFill
)

// item is a piece of a text.
type item struct {
	kind           kind
	n, month, year int
	digits         int  // of a number
	part           Part // of the day
	used           bool // read as a part of another piece
}

// longestMoment is how many bytes of a text are looked at: a moment is short.
const longestMoment = 200

// NewDates returns a reader of moments. fold gives the form in which words are compared; see package script.
func NewDates(w DateWords, fold func(string) string) *Dates {
	d := &Dates{fold: fold, words: map[string]item{}}
	for i := range w.Months {
		d.months[i] = folded(fold, w.Months[i])
	}
	for i := range w.Weekdays {
		d.weekdays[i] = folded(fold, w.Weekdays[i])
	}
	for days, words := range w.Days {
		d.learn(words, item{kind: aDay, n: days})
	}
	d.learn(w.Yesterday, item{kind: yesterday})
	d.learn(w.Tonight, item{kind: aDay, part: Evening})
	d.learn(w.Next, item{kind: aNext})
	d.learn(w.Clock, item{kind: theHour})
	d.learn(w.ClockHours, item{kind: theHour, n: 60})
	for part, words := range w.Parts {
		d.learn(words, item{kind: aPart, part: Part(part)})
	}
	d.learn(w.After, item{kind: theAfter})
	d.learn(w.Hours, item{kind: aUnit, n: 60})
	d.learn(w.Minutes, item{kind: aUnit, n: 1})
	d.learn(w.HalfHour, item{kind: aDelay, n: 30})
	d.learn(w.OneHour, item{kind: aDelay, n: 60})
	d.learn(w.Fill, item{kind: aFill})
	// "the day after tomorrow" must not be read as tomorrow.
	slices.SortStableFunc(d.phrases, func(a, b phrase) int { return len(b.text) - len(a.text) })
	return d
}

func folded(fold func(string) string, words []string) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = fold(w)
	}
	return all
}

func (d *Dates) learn(words []string, it item) {
	for _, w := range folded(d.fold, words) {
		if strings.Contains(w, " ") {
			d.phrases = append(d.phrases, phrase{w, it})
		} else if _, known := d.words[w]; !known {
			d.words[w] = it
		}
	}
}

// Read understands a day or an instant: "tomorrow 9:00", "завтра в 9", "9 декабря 15:00", "9-dek 15:00", "в среду в 10",
// "24.12 09:00", "2026-12-09 15:00", "18:30", "tonight at 8", "через 2 часа". now is the present in the zone of whoever typed it.
//
// What is left open means the next one: an hour that has passed today is tomorrow's, a day without a year that has passed is
// next year's. A day that was named fully and has passed is a slip, and so is anything in the text that is no part of a
// moment. With a slip the moment says nothing.
func (d *Dates) Read(text string, now time.Time) (Moment, Slip) {
	items, ok := d.items(text)
	if !ok {
		return Moment{}, SlipUnclear
	}
	if minutes, is := delay(items); is {
		return after(minutes, now)
	}
	t, slip := gather(slices.DeleteFunc(items, func(it item) bool { return it.kind == aFill }))
	if slip != "" {
		return Moment{}, slip
	}
	return t.moment(now)
}

// piece is a number with what belongs to it, or a word.
var piece = regexp.MustCompile(`\d+(?:[:./-]\d+)*|\p{L}+`)

// items takes a text apart; ok is false when it holds a word that is no part of a moment.
func (d *Dates) items(text string) (items []item, ok bool) {
	if len(text) > longestMoment {
		return nil, false
	}
	text = d.fold(strings.ReplaceAll(text, "\x00", ""))
	for i, p := range d.phrases { // in the place of a phrase stands its number, between signs that no word has
		text = strings.ReplaceAll(text, p.text, " \x00"+strconv.Itoa(i)+" ")
	}
	for _, at := range piece.FindAllStringIndex(text, -1) {
		word := text[at[0]:at[1]]
		it, known := item{}, false
		switch {
		case at[0] > 0 && text[at[0]-1] == 0:
			i, err := strconv.Atoi(word)
			if known = err == nil && i < len(d.phrases); known {
				it = d.phrases[i].item
			}
		case word[0] >= '0' && word[0] <= '9':
			it, known = number(word)
		default:
			it, known = d.word(word)
		}
		if !known {
			return nil, false
		}
		items = append(items, it)
	}
	return items, len(items) > 0
}

// word knows what a word stands for. Words of one meaning go before names: "may" is a month in all languages.
func (d *Dates) word(w string) (item, bool) {
	if it, known := d.words[w]; known {
		return it, true
	}
	if i, ok := named(d.months[:], w); ok {
		return item{kind: aMonth, n: i + 1}, true
	}
	if i, ok := named(d.weekdays[:], w); ok {
		return item{kind: aWeekday, n: i}, true
	}
	return item{}, false
}

const (
	shortName = 3 // letters of a name that are enough
	longEnd   = 4 // letters that a case may add: dekabrning
)

// named finds the name that a word is, begins ("dek", "среду" of среда but for its end), or is a case of ("декабря",
// "dekabrda"). ok is false when several fit: "iyu" is June as well as July.
func named(names [][]string, w string) (which int, ok bool) {
	length, found := len([]rune(w)), 0
	for i, some := range names {
		fits := false
		for _, name := range some {
			if w == name {
				return i, true
			}
			runes := []rune(name)
			// Russian and Uzbek cases change the last letter at most: среда, среду; декабрь, декабря.
			stem := string(runes[:max(len(runes)-1, min(len(runes), shortName+1))])
			fits = fits || length >= shortName && strings.HasPrefix(name, w) ||
				len(runes) >= shortName && strings.HasPrefix(w, stem) && length <= len(runes)+longEnd
		}
		if fits {
			which = i
			found++
		}
	}
	return which, found == 1
}

// number reads a piece that begins with a digit.
func number(s string) (item, bool) {
	sep := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if sep < 0 {
		n, err := strconv.Atoi(s)
		return item{kind: aNumber, n: n, digits: len(s)}, err == nil && len(s) <= 4
	}
	parts := strings.Split(s, s[sep:sep+1])
	var n [3]int
	if len(parts) > len(n) {
		return item{}, false
	}
	for i, p := range parts {
		v, err := strconv.Atoi(p) // fails where signs are mixed
		if err != nil || len(p) > 4 {
			return item{}, false
		}
		n[i] = v
	}
	switch {
	case len(parts) == 3 && s[sep] != ':':
		return fullDate(parts, n)
	case len(parts) == 3, len(parts[0]) > 2 || len(parts[1]) > 2:
		return item{}, false
	case s[sep] == ':':
		return clockItem(parts[1], n[0], n[1]), len(parts[1]) == 2
	// 15-00 is an hour, and 9-12 might be anything.
	case s[sep] == '-':
		return clockItem(parts[1], n[0], n[1]), len(parts[1]) == 2 && (n[1] == 0 || n[1] > 12)
	// 15.30 is no date, so it is an hour; 9.12 is read as one when the date is known, see gather.
	case n[1] == 0 || n[1] > 12 && n[0] <= 24:
		return clockItem(parts[1], n[0], n[1]), len(parts[1]) == 2
	}
	return item{kind: aDate, n: n[0], month: n[1], digits: len(parts[1])}, true
}

// fullDate reads 9.12.2026, 9/12/26 and 2026-12-09.
func fullDate(parts []string, n [3]int) (item, bool) {
	switch {
	case len(parts[0]) == 4 && len(parts[2]) <= 2:
		return item{kind: aDate, n: n[2], month: n[1], year: n[0]}, true
	case len(parts[0]) <= 2 && len(parts[2]) == 4:
		return item{kind: aDate, n: n[0], month: n[1], year: n[2]}, true
	case len(parts[0]) <= 2 && len(parts[2]) == 2:
		return item{kind: aDate, n: n[0], month: n[1], year: 2000 + n[2]}, true
	}
	return item{}, false
}

// clockItem is an hour; one that no clock shows is kept as such, to be told of.
func clockItem(minutes string, hour, minute int) item {
	if hour > 23 || minute > 59 || len(minutes) > 2 {
		return item{kind: aClock, n: -1}
	}
	return item{kind: aClock, n: hour*60 + minute}
}
