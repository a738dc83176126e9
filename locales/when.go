package locales

import (
	"fmt"
	"strconv"
	"time"

	"recbot/bot"
)

const (
	dateLayout = "2006-01-02"
	hourLayout = "15:04"
)

// moment is a [bot.When] that was read: its first and last instant in the host's zone. Without hours they are midnights.
type moment struct {
	first, last time.Time
	hours, ends bool
	zone        string // the host's, as it was named
}

// in gives the same instants on the clock of another zone.
func (m moment) in(zone *time.Location) moment {
	m.first, m.last = m.first.In(zone), m.last.In(zone)
	return m
}

// moment reads a date. What stands in the store was checked when it was saved, so an error here is a mistake of the
// program and not a person's.
func (p *page) moment(w bot.When) (moment, error) {
	zone, err := p.c.zone(w.Zone)
	if err != nil {
		return moment{}, fmt.Errorf("date %q: %w", w.Date, err)
	}
	m := moment{hours: w.Start != "", ends: w.Start != "" && w.End != "", zone: w.Zone}
	end := w.EndDate
	if end == "" {
		end = w.Date
	}
	if m.first, err = instant(w.Date, w.Start, zone); err != nil {
		return moment{}, err
	}
	hour := w.Start
	if m.ends {
		hour = w.End
	}
	m.last, err = instant(end, hour, zone)
	return m, err
}

// instant reads a local date and hour; no hour is midnight. An hour that a change of the clocks skips is moved as Go does.
func instant(date, hour string, zone *time.Location) (time.Time, error) {
	if hour == "" {
		hour = "00:00"
	}
	t, err := time.ParseInLocation(dateLayout+" "+hourLayout, date+" "+hour, zone)
	if err != nil {
		return t, fmt.Errorf("date %q %q: %w", date, hour, err)
	}
	return t, nil
}

// when writes the date of something in the style that is asked for. Without an hour none is shown in any style.
func (p *page) when(w bot.When) (string, error) {
	m, err := p.moment(w)
	if err != nil {
		return "", err
	}
	d := p.t.dates
	switch w.Style {
	case bot.WhenShort:
		return p.short(m)
	case bot.WhenDate:
		return d.full(m.first, m.last), nil
	case bot.WhenHours:
		return spread(m), nil
	case bot.WhenMonth:
		return d.month(m.first), nil
	case bot.WhenOn:
		return d.on(m.first, m.last), nil
	case bot.WhenClock:
		return p.clocks(m)
	}
	if !m.hours {
		return p.allDay(m)
	}
	if w.Style == bot.WhenReader {
		return p.readerTime(m)
	}
	return p.bothTimes(m)
}

// spread is 09:30–10:00 of the host, "" if the hour is not known.
func spread(m moment) string {
	switch {
	case !m.hours:
		return ""
	case m.ends:
		var text [len("00:00–00:00")]byte // an agenda has one for each session
		hours := append(m.first.AppendFormat(text[:0], hourLayout), "–"...)
		return string(m.last.AppendFormat(hours, hourLayout))
	}
	return m.first.Format(hourLayout)
}

// short is the list date; with an hour, both on the reader's clock, and said so if the host's is another.
func (p *page) short(m moment) (string, error) {
	if !m.hours {
		return p.t.dates.list(m.first, m.last), nil
	}
	here := m.in(p.zone)
	text := p.t.dates.list(here.first, here.last) + ", " + here.first.Format(hourLayout)
	if offset(m.first) == offset(here.first) {
		return text, nil
	}
	return p.say("WhenShortYours", bot.Values{"Time": bot.V(text)})
}

// allDay is a date whose hour is not known. Before it is over, the reader may hope for one.
func (p *page) allDay(m moment) (string, error) {
	date := p.t.dates.full(m.first, m.last)
	if !p.now.Before(m.last.AddDate(0, 0, 1)) { // nobody will announce an hour any more
		return date, nil
	}
	return p.say("WhenHourUnknown", bot.Values{"Date": bot.V(date)})
}

// readerTime is date and hours on the reader's clock alone. Where that is the host's clock too it is named after the host's
// city, as everywhere else: "your time" would make the reader wonder whose time differs.
func (p *page) readerTime(m moment) (string, error) {
	here := m.in(p.zone)
	if sameClock(m, here) {
		return p.hostTime(m)
	}
	return p.say("WhenReader", bot.Values{
		"Time":   bot.V(p.t.dates.hours(here.first, here.last, here.ends)),
		"Offset": bot.V(offset(here.first)),
	})
}

// sameClock tells whether two zones show the same hours from the first to the last instant.
func sameClock(a, b moment) bool {
	return offset(a.first) == offset(b.first) && offset(a.last) == offset(b.last)
}

// bothTimes is date and hours of the host, and on a second line those of the reader if the clocks differ at that instant.
// The second line names the day only where it is another one.
func (p *page) bothTimes(m moment) (string, error) {
	host, err := p.hostTime(m)
	if err != nil {
		return "", err
	}
	return p.withYours(m, host)
}

// withYours adds the reader's hours to the host's where they differ.
func (p *page) withYours(m moment, host string) (string, error) {
	d, here := p.t.dates, m.in(p.zone)
	if sameClock(m, here) {
		return host, nil
	}
	text := d.hours(here.first, here.last, m.ends)
	if sameDay(m.first, m.last) && sameDay(here.first, here.last) && sameDay(m.first, here.first) {
		text = d.oclock(here.first, here.last, m.ends)
	}
	// The city stands in the second line too: a traveller sees at once that the bot still counts by home.
	place := p.zoneAt(p.zone.String(), here.first)
	own, err := p.say("WhenYours", bot.Values{"Time": bot.V(text), "Place": bot.V(place)})
	return host + "\n" + own, err
}

// clocks is what [page.bothTimes] says without the date. The hours of several days mean nothing without their dates.
func (p *page) clocks(m moment) (string, error) {
	switch {
	case !m.hours:
		return "", nil
	case !sameDay(m.first, m.last):
		return p.bothTimes(m)
	}
	host, err := p.named(m, p.t.dates.oclock(m.first, m.last, m.ends))
	if err != nil {
		return "", err
	}
	return p.withYours(m, host)
}

// hostTime is date and hours with the name of the host's zone.
func (p *page) hostTime(m moment) (string, error) {
	return p.named(m, p.t.dates.hours(m.first, m.last, m.ends))
}

// named puts the name of the host's zone behind its hours.
func (p *page) named(m moment, hours string) (string, error) {
	text := escape(hours)
	place, ok := p.c.byZone[m.zone]
	if !ok {
		return text + " (" + offset(m.first) + ")", nil
	}
	clock, err := p.clockOf(place)
	return text + " (" + clock + ", " + offset(m.first) + ")", err
}

// offset is how far the clock of t is from UTC: UTC+5, UTC+5:30, UTC.
func offset(t time.Time) string {
	_, seconds := t.Zone()
	if seconds == 0 {
		return "UTC"
	}
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	s := "UTC" + sign + strconv.Itoa(seconds/3600)
	if minutes := seconds / 60 % 60; minutes != 0 {
		s += fmt.Sprintf(":%02d", minutes)
	}
	return s
}

// at writes an instant on the reader's clock.
func (p *page) at(a bot.At) (string, error) {
	t := a.Time.In(p.zone)
	switch a.Style {
	case bot.AtDate:
		return p.t.dates.long(t, t), nil
	case bot.AtFull:
		return p.t.dates.long(t, t) + ", " + p.t.dates.oclock(t, t, false), nil
	}
	return t.Format(hourLayout), nil
}
