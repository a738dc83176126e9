package answer

import (
	"slices"
	"time"
)

// typed is what a text says of a moment.
type typed struct {
	day, month, year int  // 0 = not said
	ahead            int  // days from today, -1 = not said
	weekday          int  // Monday first, -1 = not said
	minute           int  // since midnight, -1 = not said
	next, gone       bool // "next" of a weekday; yesterday
}

// gather puts together what the pieces of a text say. Each of them must have its place in it, and nothing may be said twice.
func gather(items []item) (t typed, slip Slip) {
	t = typed{ahead: -1, weekday: -1, minute: -1}
	joinMonths(items)
	for i := range items {
		slip := SlipUnclear
		switch it := items[i]; it.kind {
		case aDate:
			slip = t.date(it)
		case aDay:
			slip = once(&t.ahead, it.n)
		case aWeekday:
			slip = once(&t.weekday, it.n)
		case yesterday:
			slip, t.gone = once(&t.ahead, 0), true
		case aNext:
			if i+1 < len(items) && items[i+1].kind == aWeekday {
				slip, t.next = "", true
			}
		case aClock:
			slip = t.clock(it.n)
		case aNumber, theHour, aPart: // when all else is known
			slip = ""
		}
		if slip != "" && !items[i].used {
			return t, slip
		}
	}
	if slip := t.hour(items); slip != "" {
		return t, slip
	}
	if slip := t.partly(items); slip != "" {
		return t, slip
	}
	if slices.ContainsFunc(items, func(it item) bool { return it.kind == aNumber && !it.used }) {
		return t, SlipUnclear
	}
	if t.ahead >= 0 && (t.day > 0 || t.weekday >= 0) || t.day > 0 && t.next {
		return t, SlipUnclear
	}
	return t, ""
}

// joinMonths makes dates of months with the numbers beside them: 9 December, December 9; and with a year, where there is one.
func joinMonths(items []item) {
	for i := range items {
		if items[i].kind != aMonth {
			continue
		}
		for _, j := range []int{i - 1, i + 1} {
			if j >= 0 && j < len(items) && items[j].kind == aNumber && items[j].digits <= 2 && !items[j].used {
				items[j].used = true
				items[i] = item{kind: aDate, n: items[j].n, month: items[i].n}
				break
			}
		}
		if items[i].kind != aDate {
			continue
		}
		for j := range items { // there is only one number of four digits in a moment
			if items[j].kind == aNumber && items[j].digits == 4 && !items[j].used {
				items[j].used, items[i].year = true, items[j].n
				break
			}
		}
	}
}

// once keeps a value that may be said once.
func once(place *int, n int) Slip {
	if *place >= 0 {
		return SlipUnclear
	}
	*place = n
	return ""
}

// date keeps a date. A second one of two numbers is an hour, as in 24.12 9.10.
func (t *typed) date(it item) Slip {
	switch {
	case t.day > 0 && it.year == 0 && it.digits == 2:
		return t.clock(clockItem("00", it.n, it.month).n)
	case t.day > 0:
		return SlipUnclear
	case it.n < 1 || it.n > 31 || it.month < 1 || it.month > 12:
		return SlipNoDate
	}
	t.day, t.month, t.year = it.n, it.month, it.year
	return ""
}

// clock keeps an hour, in minutes since midnight; -1 = no clock shows it.
func (t *typed) clock(minute int) Slip {
	if minute < 0 {
		return SlipNoHour
	}
	return once(&t.minute, minute)
}

// hour reads an hour that was typed as a bare number.
func (t *typed) hour(items []item) Slip {
	dated := t.day > 0 || t.ahead >= 0 || t.weekday >= 0
	for i := range items {
		if items[i].kind != aNumber || items[i].used || items[i].digits > 2 {
			continue
		}
		called := i > 0 && (items[i-1].kind == theHour || items[i-1].kind == aPart) ||
			i+1 < len(items) && (items[i+1].kind == aPart || items[i+1].kind == theHour)
		if !called && !dated {
			return SlipUnclear
		}
		items[i].used = true
		minute := 0
		if i+1 < len(items) && items[i+1].kind == aNumber && items[i+1].digits == 2 && !items[i+1].used {
			items[i+1].used, minute = true, items[i+1].n
		}
		if slip := t.clock(clockItem("00", items[i].n, minute).n); slip != "" {
			return slip
		}
	}
	return ""
}

// moment is the instant that was meant, seen from now.
func (t typed) moment(now time.Time) (Moment, Slip) {
	dated := t.day > 0 || t.ahead >= 0 || t.weekday >= 0
	switch {
	case !dated && t.minute < 0:
		return Moment{}, SlipUnclear
	case t.gone:
		return Moment{}, SlipPast
	case t.day > 0:
		return t.onDate(now)
	case t.next:
		return t.nextWeek(now)
	case t.weekday >= 0:
		ahead := (t.weekday - weekdayOf(now) + 7) % 7
		m := t.at(now, now.Year(), now.Month(), now.Day()+ahead)
		if t.over(m, now) {
			m = t.at(now, now.Year(), now.Month(), now.Day()+ahead+7)
		}
		return m, ""
	}
	m := t.at(now, now.Year(), now.Month(), now.Day()+max(t.ahead, 0))
	if t.over(m, now) {
		if t.ahead >= 0 {
			return Moment{}, SlipPast
		}
		m = t.at(now, now.Year(), now.Month(), now.Day()+1)
	}
	return m, ""
}

// nextWeek finds "next Monday". Some say it of the first one from tomorrow on and some of the one in the week after this; where
// these are two days, nobody can tell which.
func (t typed) nextWeek(now time.Time) (Moment, Slip) {
	today := weekdayOf(now)
	if t.weekday > today {
		return Moment{}, SlipUnclear
	}
	return t.at(now, now.Year(), now.Month(), now.Day()+t.weekday-today+7), ""
}

// justOver is for how long a date without a year that has passed is a slip. Of one that is longer ago the next year's is meant.
const justOver = 60 * 24 * time.Hour

// onDate finds the year of a date without one: this year, or the next if it has passed long since.
func (t typed) onDate(now time.Time) (Moment, Slip) {
	years := []int{now.Year(), now.Year() + 1}
	if t.year > 0 {
		years = []int{t.year}
	}
	slip := SlipNoDate
	for _, year := range years {
		m := t.at(now, year, time.Month(t.month), t.day)
		switch {
		case m.At.Day() != t.day || m.At.Month() != time.Month(t.month): // 31 February is in March
		case t.over(m, now):
			if slip = SlipPast; now.Sub(m.At) < justOver {
				return Moment{}, slip
			}
		case t.weekday >= 0 && t.weekday != weekdayOf(m.At):
			return Moment{}, SlipWeekday
		default:
			return m, ""
		}
	}
	return Moment{}, slip
}

// at makes the moment of a day.
func (t typed) at(now time.Time, year int, month time.Month, day int) Moment {
	minute := max(t.minute, 0)
	return Moment{time.Date(year, month, day, minute/60, minute%60, 0, 0, now.Location()), t.minute >= 0}
}

// over tells that a moment has passed; a day without an hour has when it is over.
func (t typed) over(m Moment, now time.Time) bool {
	if !m.Clock {
		return !m.At.AddDate(0, 0, 1).After(now)
	}
	return !m.At.After(now)
}

// weekdayOf counts from Monday.
func weekdayOf(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }
