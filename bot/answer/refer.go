package answer

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"recbot/store"
)

// Meeting is what the reader knows of a meeting.
type Meeting struct {
	ID          store.MeetingID
	Number      int
	Groups      bool     // of the working groups
	Bodies      []string // ids
	Names       []string // that are said of no other: the longer ones
	First, Last string   // days, 2006-01-02
	Places      []string // names of its city
	Online      bool
	// Ends is when it is over.
	Ends time.Time
	// Off tells that it will not be held: it is never the next one.
	Off bool

	place string // id of the city
}

// clues are what a text says of the meeting it is about.
type clues struct {
	ordinals   []int // in the order of the text
	last, next bool
	days       []day
	months     []day // without a day
	years      []int
	from, to   string // a span of days: this week, next month
	places     []string
	online     bool
	groups     bool
	body       string
	past       bool
	future     bool
	names      []store.MeetingID
}

// day is a date with parts that may be missing, as 0.
type day struct{ year, month, day int }

// any tells whether the text points at a meeting at all.
func (c *clues) any() bool {
	return len(c.ordinals)+len(c.days)+len(c.months)+len(c.years)+len(c.places)+len(c.names) > 0 || c.last || c.from != "" || c.online
}

// mark is a stretch of tokens that points at a meeting.
type mark struct {
	from, to int
	slot     string
}

// refer collects the clues, and marks the tokens that they stand in.
func (s *scan) refer(now time.Time) (c clues, marks []mark) {
	c = clues{past: s.says("past_tense"), future: s.says("future_tense"), groups: s.says("groups")}
	for i := range s.tokens {
		if to, slot := s.clue(&c, i, now); to > i {
			marks = append(marks, mark{i, to, slot})
		}
	}
	for _, sp := range s.spans {
		switch sp.slot {
		case SlotPlace:
			c.places = append(c.places, sp.id)
		case SlotMeeting:
			c.names = append(c.names, store.MeetingID(sp.id))
		case SlotGroup:
			c.body = cmp.Or(c.body, sp.id)
		}
	}
	c.online = s.says("online") && !s.says("in_person") || c.online
	return c, marks
}

// clue reads what token i says, and to where.
func (s *scan) clue(c *clues, i int, now time.Time) (to int, slot string) {
	if sp, named := s.in(i); named && sp.slot != SlotCouncil {
		return i, ""
	}
	if d, to := s.dayAt(i); to > i {
		c.days = append(c.days, d)
		return to + s.list(to, "day_end"), "{date}" // 27-noyabr kuni
	}
	if m := s.monthAt(i); m > 0 {
		if !s.dayBefore(i) {
			c.months = append(c.months, day{s.yearNear(i), m, 0})
		}
		return i + s.lists[i][keyOf("month_", m)], "{date}"
	}
	if y := s.tokens[i].num; y >= 2000 && y < 2100 {
		c.years = append(c.years, y)
		return i + 1, "{date}"
	}
	if n := s.ordinalAt(i); n > 0 {
		c.ordinals = append(c.ordinals, n)
		return i + 1, "{ordinal}"
	}
	for _, p := range periods {
		if n := s.lists[i][p.key]; n > 0 {
			c.from, c.to = p.days(now)
			return i + n, "{date}"
		}
	}
	switch {
	case s.is(i, "last_ordinal"):
		c.last = true
		return i + s.lists[i]["last_ordinal"], "{ordinal}"
	case s.is(i, "next_ordinal"):
		c.next = true
	}
	return i, ""
}

// ordinalAt gives the number by which token i counts meetings, 0 if it does not.
func (s *scan) ordinalAt(i int) int {
	n := s.numbered(i, "ordinal_", 6)
	if n == 0 && s.tokens[i].end != "" && s.tokens[i].num < 20 && !s.monthNear(i) {
		n = s.counting(i)
	}
	if n == 0 && i+1 < len(s.tokens) && s.tokens[i].num < 20 && !s.monthNear(i) {
		if s.is(i+1, "meeting") || s.is(i+2, "meeting") && s.is(i+1, "ordinal_end") {
			n = max(0, s.tokens[i].num)
		}
	}
	return n
}

// counting reads 1st, 2nd, 3rd and their like.
func (s *scan) counting(i int) int {
	if slices.Contains([]string{"st", "nd", "rd", "th"}, s.tokens[i].end) && i+1 < len(s.tokens) {
		for k := i + 1; k < min(len(s.tokens), i+4); k++ {
			if s.is(k, "meeting") {
				return s.tokens[i].num
			}
		}
	}
	return 0
}

// dayAt reads a date that begins at token i.
func (s *scan) dayAt(i int) (d day, to int) {
	t := s.tokens[i]
	if m := s.monthAt(i); m > 0 { // November 27, 27th of November
		next := i + s.lists[i][keyOf("month_", m)]
		if next < len(s.tokens) && isDay(s.tokens[next]) && !s.dayBefore(i) {
			return day{s.yearNear(next), m, s.tokens[next].num}, next + 1
		}
		return d, i
	}
	if !isDay(t) {
		if t.num >= 2000 && i+2 < len(s.tokens) && s.joined(i+1, "-") && s.joined(i+2, "-") && s.tokens[i+1].num <= 12 && isDay(s.tokens[i+2]) {
			return day{t.num, s.tokens[i+1].num, s.tokens[i+2].num}, i + 3
		}
		return d, i
	}
	for k := i + 1; k < min(len(s.tokens), i+3); k++ { // 27 ноября, 27-noyabr, 27 of November, 27-го ноября
		if m := s.monthAt(k); m > 0 {
			return day{s.yearNear(k), m, t.num}, k + s.lists[k][keyOf("month_", m)]
		}
		if s.tokens[k].num >= 0 {
			break
		}
	}
	if s.joined(i+1, "./") && s.tokens[i+1].num >= 1 && s.tokens[i+1].num <= 12 && len(s.tokens[i+1].text) == 2 {
		d = day{0, s.tokens[i+1].num, t.num}
		if s.joined(i+2, "./") && s.tokens[i+2].num >= 2000 {
			d.year = s.tokens[i+2].num
			return d, i + 3
		}
		return d, i + 2
	}
	if s.is(i+1, "day_end") && s.joined(i+1, "-") || (t.end == "th" || t.end == "st" || t.end == "nd" || t.end == "rd") && s.counting(i) == 0 && s.numberedGroupNear(i) {
		return day{0, 0, t.num}, i + 1
	}
	return d, i
}

// numberedGroupNear tells that no word for a group follows soon, which the number would count.
func (s *scan) numberedGroupNear(i int) bool {
	for k := i + 1; k < min(len(s.tokens), i+4); k++ {
		if s.is(k, "group") {
			return false
		}
	}
	return true
}

// joined tells whether token i hangs on the one before with one of the signs.
func (s *scan) joined(i int, signs string) bool {
	return i < len(s.tokens) && len(s.tokens[i].after) == 1 && strings.Contains(signs, s.tokens[i].after)
}

func isDay(t token) bool { return t.num >= 1 && t.num <= 31 }

// dayBefore tells whether the month at i belongs to a day that stands before it.
func (s *scan) dayBefore(i int) bool {
	for k := i - 1; k >= max(0, i-2); k-- {
		if isDay(s.tokens[k]) {
			return true
		}
	}
	return false
}

// monthAt gives the month that token i names. May is also a verb: it is a month beside a number, a year or in, of, for.
func (s *scan) monthAt(i int) int {
	m := s.numbered(i, "month_", 12)
	if m == 0 || s.tokens[i].text != "may" && s.tokens[i].text != "march" && s.tokens[i].text != "mart" {
		return m
	}
	beside := func(k int) bool {
		return k >= 0 && k < len(s.tokens) && (s.tokens[k].num > 0 || s.is(k, "meeting") || s.is(k, "month_before"))
	}
	if beside(i-1) || beside(i+1) || s.is(i+1, "month_word") || beside(i-2) && s.tokens[i-2].num > 0 {
		return m
	}
	return 0
}

// yearNear gives the year within two tokens of i, or 0.
func (s *scan) yearNear(i int) int {
	for k := max(0, i-3); k < min(len(s.tokens), i+3); k++ {
		if y := s.tokens[k].num; y >= 2000 && y < 2100 {
			return y
		}
	}
	return 0
}

// periods are the lists that name a span of days beside today.
var periods = []struct {
	key  string
	days func(now time.Time) (from, to string)
}{
	{"after_tomorrow", ahead(2)}, {"tomorrow", ahead(1)}, {"today", ahead(0)}, {"yesterday", ahead(-1)},
	{"this_week", week(0)}, {"next_week", week(1)}, {"last_week", week(-1)},
	{"this_month", month(0)}, {"next_month", month(1)}, {"last_month", month(-1)},
	{"this_year", year(0)}, {"next_year", year(1)}, {"last_year", year(-1)},
}

func ahead(days int) func(time.Time) (string, string) {
	return func(now time.Time) (string, string) {
		d := now.AddDate(0, 0, days).Format(time.DateOnly)
		return d, d
	}
}

// week is the calendar week, Monday to Sunday, so many weeks from now.
func week(n int) func(time.Time) (string, string) {
	return func(now time.Time) (string, string) {
		monday := now.AddDate(0, 0, 7*n-(int(now.Weekday())+6)%7)
		return monday.Format(time.DateOnly), monday.AddDate(0, 0, 6).Format(time.DateOnly)
	}
}

func month(n int) func(time.Time) (string, string) {
	return func(now time.Time) (string, string) {
		first := time.Date(now.Year(), now.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
		return first.Format(time.DateOnly), first.AddDate(0, 1, -1).Format(time.DateOnly)
	}
}

func year(n int) func(time.Time) (string, string) {
	return func(now time.Time) (string, string) {
		y := time.Date(now.Year()+n, 1, 1, 0, 0, 0, 0, time.UTC)
		return y.Format(time.DateOnly), y.AddDate(1, 0, -1).Format(time.DateOnly)
	}
}
