package answer

import "time"

// Part is a part of the day, by which an hour is told from the one twelve hours later.
type Part int

// The parts. Allday is none.
const (
	Allday Part = iota
	AM
	PM
	Morning
	Daytime
	Afternoon
	Evening
	Night
	Parts // how many
)

// hoursOf are the hours at which each part of the day begins and how many it has. They leave out what is said in different ways:
// 2 in the evening, 12 in the morning.
var hoursOf = [Parts]struct{ from, long int }{
	AM: {0, 12}, PM: {12, 12}, Morning: {1, 11}, Daytime: {10, 9}, Afternoon: {12, 7}, Evening: {16, 8}, Night: {21, 8},
}

// hour gives the hour of the day that is meant by one of a clock: 9 in the evening is 21, 12 at night is 0, 21 in the evening
// is 21 all the same. ok is false when that part of the day has no such hour.
func (p Part) hour(typed int) (hour int, ok bool) {
	for _, hour := range []int{typed, (typed + 12) % 24} {
		if (hour-hoursOf[p].from+24)%24 < hoursOf[p].long {
			return hour, true
		}
		if typed < 1 || typed > 12 { // a clock of 24 hours
			break
		}
	}
	return 0, false
}

// partly moves the hour into the part of the day that was named. Two parts must agree on it, and a part needs an hour; but of
// tonight the day is known.
func (t *typed) partly(items []item) Slip {
	moved := -1
	for _, it := range items {
		switch {
		case it.part == Allday, it.kind == aDay && t.minute < 0:
			continue
		case t.minute < 0:
			return SlipUnclear
		}
		hour, ok := it.part.hour(t.minute / 60)
		if !ok || moved >= 0 && moved != hour {
			return SlipUnclear
		}
		moved = hour
	}
	if moved >= 0 {
		t.minute = moved*60 + t.minute%60
	}
	return ""
}

// delay reads a time that passes before the moment: in 2 hours, через 30 минут, 2 soatdan keyin. It says all that there is to say,
// so nothing may stand beside it, not even what fills: "on" is ten in Uzbek. is tells that the text speaks of such a time;
// minutes 0, that it is not clear of which.
func delay(items []item) (minutes int, is bool) {
	if len(items) == 1 && items[0].kind == aDelay {
		return items[0].n, true
	}
	for _, it := range items {
		is = is || it.kind == theAfter || it.kind == aUnit || it.kind == aDelay
	}
	switch last := len(items) - 1; {
	case !is || last < 2:
		return 0, is
	case items[0].kind == theAfter:
		items = items[1:]
	case items[last].kind == theAfter:
		items = items[:last]
	default:
		return 0, is // so many hours: for that long, or an hour of the clock
	}
	return length(items), is
}

// length adds up 2 hours, 30 minutes, or 1 hour 30 minutes; 0 = it is none of these.
func length(items []item) (minutes int) {
	before := 24 * 60 // the units get smaller
	for ; len(items) > 1; items = items[2:] {
		unit := items[1].n
		counts := items[1].kind == aUnit || items[1].kind == theHour && unit > 0
		if !counts || items[0].kind != aNumber || unit >= before {
			return 0
		}
		minutes, before = minutes+items[0].n*unit, unit
	}
	if len(items) > 0 {
		return 0
	}
	return minutes
}

// after is the moment so many minutes from now, by a clock without seconds: what it shows is what people add to.
func after(minutes int, now time.Time) (Moment, Slip) {
	if minutes <= 0 {
		return Moment{}, SlipUnclear
	}
	return Moment{At: now.Add(time.Duration(minutes) * time.Minute).Truncate(time.Minute), Clock: true}, ""
}
