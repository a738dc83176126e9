package locales

import (
	"strconv"
	"strings"
	"time"

	"recbot/store"
)

// nbsp keeps a number and its unit on one line.
const nbsp = "\u00a0"

// dateWords is how a language writes dates. No library gives official Uzbek dates, so the tables are ours.
type dateWords struct {
	months   [12]string // as they stand beside a day
	alone    [12]string // as they stand without a day; "" = as beside one
	short    [12]string // of the list date; "" = in digits
	weekdays [7]string  // Monday first
	joint    string     // between day and month
	before   string     // between a leading year and the rest; "" = the year stands last
	after    string     // behind a year that stands last
	clock    string     // before an hour
	onDay    string     // before a date on which something takes place
	onDays   [7]string  // a weekday with the word that says "on" it; "" = as it stands
	days     [2]string  // behind a day, and several days, on which something takes place
}

// datesOf has the dates of every language. English is written in the British order; Uzbek in the order of official
// texts, with the year first and, in Latin letters only, hyphens behind ordinals.
var datesOf = map[store.Lang]*dateWords{
	store.English: {
		months:   [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		short:    [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		weekdays: [7]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
		joint:    " ",
		onDay:    "on ",
	},
	store.Russian: {
		months:   [12]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"},
		alone:    [12]string{"январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"},
		weekdays: [7]string{"понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"},
		joint:    nbsp,
		after:    nbsp + "г.",
		onDays:   [7]string{"в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье"},
	},
	store.Uzbek: {
		months:   [12]string{"yanvar", "fevral", "mart", "aprel", "may", "iyun", "iyul", "avgust", "sentabr", "oktabr", "noyabr", "dekabr"},
		weekdays: [7]string{"dushanba", "seshanba", "chorshanba", "payshanba", "juma", "shanba", "yakshanba"},
		joint:    "-",
		before:   "-yil ",
		clock:    "soat ",
		days:     [2]string{" kuni", " kunlari"},
	},
	store.UzbekCyrl: {
		months:   [12]string{"январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"},
		weekdays: [7]string{"душанба", "сешанба", "чоршанба", "пайшанба", "жума", "шанба", "якшанба"},
		joint:    " ",
		before:   " йил ",
		clock:    "соат ",
		days:     [2]string{" куни", " кунлари"},
	},
}

// long is 27 November 2024, 3–4 March 2022, 30 April – 2 May 2025 or 30 December 2025 – 2 January 2026; last may be first.
func (w *dateWords) long(first, last time.Time) string {
	switch {
	case sameDay(first, last):
		return w.year(first, w.day(first))
	case first.Year() != last.Year():
		return w.year(first, w.day(first)) + " – " + w.year(last, w.day(last))
	case first.Month() == last.Month():
		return w.year(first, strconv.Itoa(first.Day())+"–"+w.day(last))
	}
	return w.year(first, w.day(first)+" – "+w.day(last))
}

// full is the long date with its weekday, or those of its first and its last day.
func (w *dateWords) full(first, last time.Time) string {
	switch {
	case !sameDay(first, last):
		return w.long(first, last) + ", " + w.weekday(first) + "–" + w.weekday(last)
	case w.before != "":
		return w.long(first, last) + ", " + w.weekday(first)
	}
	return w.weekday(first) + ", " + w.long(first, last)
}

// on is the date inside a sentence: on Wednesday, 27 November 2024. Of several days the weekdays are left out.
func (w *dateWords) on(first, last time.Time) string {
	if !sameDay(first, last) {
		return w.onDay + w.long(first, last) + w.days[1]
	}
	if weekday := w.onDays[(first.Weekday()+6)%7]; weekday != "" {
		return weekday + ", " + w.long(first, first)
	}
	return w.onDay + w.full(first, first) + w.days[0]
}

// hours is the full date with hours: of one day 09:00–17:00, of several each day with its own. An end that is not known
// is not shown.
func (w *dateWords) hours(first, last time.Time, ends bool) string {
	if sameDay(first, last) {
		return w.full(first, first) + ", " + w.oclock(first, last, ends)
	}
	end := ""
	if ends {
		end = ", " + w.oclock(last, last, false)
	}
	if w.before != "" {
		return w.full(first, first) + ", " + w.oclock(first, first, false) + " – " + w.dayFull(first, last) + end
	}
	return w.dayFull(last, first) + ", " + w.oclock(first, first, false) + " – " + w.full(last, last) + end
}

// dayFull is the full date of day without the year, unless that differs from the one of beside.
func (w *dateWords) dayFull(beside, day time.Time) string {
	switch {
	case beside.Year() != day.Year():
		return w.full(day, day)
	case w.before != "":
		return w.day(day) + ", " + w.weekday(day)
	}
	return w.weekday(day) + ", " + w.day(day)
}

// oclock is 09:00, or 09:00–17:00 if the end is known, with the word that the language puts before an hour.
func (w *dateWords) oclock(start, end time.Time, ends bool) string {
	s := w.clock + start.Format(hourLayout)
	if ends {
		s += "–" + end.Format(hourLayout)
	}
	return s
}

// list is the date for lists and buttons: 27.11.2024, in English 27 Nov 2024.
func (w *dateWords) list(first, last time.Time) string {
	if w.short[0] == "" {
		return listInDigits(first, last)
	}
	day := strconv.Itoa(first.Day())
	switch {
	case sameDay(first, last):
	case first.Year() != last.Year():
		return w.list(first, first) + " – " + w.list(last, last)
	case first.Month() == last.Month():
		day += "–" + strconv.Itoa(last.Day())
	default:
		day += " " + w.short[first.Month()-1] + " – " + strconv.Itoa(last.Day())
	}
	return day + " " + w.short[last.Month()-1] + " " + strconv.Itoa(last.Year())
}

// listInDigits is the list date of the languages that write it in digits; a range says the year once if it can.
func listInDigits(first, last time.Time) string {
	const whole, day = "02.01.2006", "02.01"
	switch {
	case sameDay(first, last):
		return first.Format(whole)
	case first.Year() != last.Year():
		return first.Format(whole) + "–" + last.Format(whole)
	}
	return first.Format(day) + "–" + last.Format(whole)
}

// month is November 2024.
func (w *dateWords) month(t time.Time) string {
	name := w.alone[t.Month()-1]
	if name == "" {
		name = w.months[t.Month()-1]
	}
	if w.before != "" {
		return strconv.Itoa(t.Year()) + strings.TrimRight(w.before, " ") + ", " + name
	}
	return w.year(t, name)
}

// day is a day of a month: 27 November, 27-noyabr.
func (w *dateWords) day(t time.Time) string {
	return strconv.Itoa(t.Day()) + w.joint + w.months[t.Month()-1]
}

// year puts the year to a day or a range of days, where the language has it.
func (w *dateWords) year(t time.Time, days string) string {
	if w.before != "" {
		return strconv.Itoa(t.Year()) + w.before + days
	}
	return days + " " + strconv.Itoa(t.Year()) + w.after
}

// weekday is the name of the day. Go's week begins on Sunday, ours on Monday.
func (w *dateWords) weekday(t time.Time) string { return w.weekdays[(t.Weekday()+6)%7] }

func sameDay(a, b time.Time) bool { return a.Year() == b.Year() && a.YearDay() == b.YearDay() }
