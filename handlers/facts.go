package handlers

import (
	"slices"
	"strings"
	"time"

	"recbot/bot"
	"recbot/store"
)

// near is how far ahead a meeting may lie for its countdown to be shown.
const near = 7 * 24 * time.Hour

// byClock is how near a meeting has to be for the hours until it to be counted. Further ahead people think in days and in
// the hour on the clock: nobody who reads "in 22 hours" at noon knows when that is.
const byClock = 12 * time.Hour

// statusKey names the message that says how a meeting stands at now. Nothing is said that is not known: a meeting whose
// day has passed is over, not held; one without an end hour has begun, not "is going on".
func statusKey(m store.Meeting, now time.Time) string {
	switch {
	case m.Status == store.Cancelled:
		return "StatusCancelled"
	case m.Status == store.Postponed:
		return "StatusPostponed"
	case m.Over(now) && m.Announced:
		return "StatusOverAnnounced"
	case m.Over(now):
		return "StatusOver"
	case begun(m, now) && !m.AllDay() && m.EndHour == "":
		return "StatusBegun"
	case begun(m, now):
		return "StatusGoingOn"
	case m.Status == store.Tentative:
		return "StatusTentative"
	}
	return "StatusConfirmed"
}

// begun tells whether a meeting is known to have begun. On the first day of one without an hour that is not known.
func begun(m store.Meeting, now time.Time) bool {
	if !m.AllDay() {
		return !now.Before(m.Start())
	}
	return dayIn(now, m.Zone) > m.Date
}

// dayIn gives the date of an instant in a zone, as meetings write it; "" if the zone cannot be read.
func dayIn(t time.Time, zone string) string {
	loc, err := store.LoadZone(zone)
	if err != nil {
		return ""
	}
	return t.In(loc).Format(time.DateOnly)
}

// remaining says how long it is until a meeting begins: "in 2 hours"; beyond byClock, and where no hour is known, "tomorrow
// at 10:00", "tomorrow", "in 7 days" by the calendar of the reader's zone. ok is false once it has begun, or when it will
// not be held.
func remaining(m store.Meeting, zone string, now time.Time) (in bot.Value, ok bool) {
	if !m.Upcoming(now) || begun(m, now) {
		return in, false
	}
	left := m.Start().Sub(now)
	if !m.AllDay() && left <= byClock {
		return bot.V(bot.Span{Length: rounded(left), Style: bot.SpanIn}), true
	}
	days, clock := daysUntil(m, zone, now), bot.At{Time: m.Start(), Style: bot.AtClock}
	switch {
	case days > 1:
		return bot.V(bot.Span{Length: time.Duration(days) * 24 * time.Hour, Style: bot.SpanIn}), true
	case days == 1 && m.AllDay():
		return phrase("Tomorrow"), true
	case days == 1:
		return phrase("TomorrowAt", "Clock", clock), true
	case m.AllDay():
		return phrase("Today"), true
	}
	return phrase("TodayAt", "Clock", clock), true
}

// daysUntil counts the calendar days from today in a zone to the first day of a meeting, never less than 0: for a reader
// east of the meeting its day may be yesterday already. A meeting with an hour falls on the day that the reader's calendar
// shows then; one without stays on the day that was announced.
func daysUntil(m store.Meeting, zone string, now time.Time) int {
	first := m.Date
	if !m.AllDay() {
		first = dayIn(m.Start(), zone)
	}
	today, err := time.Parse(time.DateOnly, dayIn(now, zone))
	if err != nil {
		return 0
	}
	day, err := time.Parse(time.DateOnly, first)
	if err != nil {
		return 0
	}
	return max(0, int(day.Sub(today).Hours()/24))
}

// rounded makes a length of time one that people say: exact to the minute when it is short, to ten minutes beyond. A letter
// that leaves some seconds late thus says "in 1 hour" and not "in 59 minutes".
func rounded(d time.Duration) time.Duration {
	unit := time.Minute
	if d > 3*time.Hour {
		unit = 10 * time.Minute
	}
	return max(time.Minute, d.Round(unit))
}

// place says where a meeting is held, as exactly as is known, and whether one may join from elsewhere.
func place(m store.Meeting) bot.Value {
	if m.Attendance == store.Mixed {
		return phrase("PlaceAndOnline", "Place", venue(m))
	}
	return venue(m)
}

// venue is the place alone.
func venue(m store.Meeting) bot.Value {
	words := texts(m.Location.Venue, m.Location.City, m.Location.Country)
	switch {
	case m.Attendance == store.Online || len(words) == 0 && m.Location.Online:
		return phrase("PlaceOnline")
	case len(words) == 0:
		return phrase("PlaceUnknown")
	}
	return bot.V(words)
}

// town is the short form of place, for lists.
func town(m store.Meeting) bot.Value {
	if m.Attendance == store.Online || m.Location.City.Empty() {
		return place(m)
	}
	return bot.V(m.Location.City)
}

// bodies names the bodies of a meeting in a few words; several working groups by their letters.
func (d *Desk) bodies(ids []string) (names []bot.Value) {
	var letters []string
	for _, id := range ids {
		if b, ok := d.council.Body(id); ok && b.Letter != "" {
			letters = append(letters, "("+b.Letter+")")
		}
	}
	for _, id := range ids {
		name, ok := d.bodyName(id)
		if b, _ := d.council.Body(id); ok && (b.Letter == "" || len(letters) == 1) {
			names = append(names, name)
		}
	}
	if len(letters) > 1 {
		names = append(names, phrase("BodyGroups", "Letters", bot.Raw(strings.Join(letters, ", "))))
	}
	return names
}

// bodyName names a body, or the Council, in a few words; ok is false for one that the catalogue does not know.
func (d *Desk) bodyName(id string) (name bot.Value, ok bool) {
	if id == string(store.TopicCouncil) {
		return bot.V(d.council.Council.ShortName), true
	}
	b, ok := d.council.Body(id)
	switch {
	case !ok:
		return name, false
	case b.Letter != "":
		return phrase("BodyGroup", "Letter", bot.Raw(b.Letter)), true
	}
	return bot.V(b.Name), true
}

// zoneOf gives the zone in which a person's days are counted.
func (d *Desk) zoneOf(p store.Person) string {
	if p.Zone == "" {
		return d.zone
	}
	return p.Zone
}

// missedReminders is what somebody has to be told who begins to follow a meeting after the instant of their last reminder
// of it: no reminder will come, and how soon the meeting begins.
func (d *Desk) missedReminders(p store.Person, m store.Meeting, now time.Time) (say bot.Part, ok bool) {
	in, ahead := remaining(m, d.zoneOf(p), now)
	comes := slices.ContainsFunc(p.Leads, func(l store.Lead) bool { return now.Before(m.RemindAt(l)) })
	if !ahead || comes || len(p.Leads) == 0 {
		return say, false
	}
	return bot.NewPart("FollowedLate", "Title", m.Name, "In", in), true
}
