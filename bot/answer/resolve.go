package answer

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"recbot/store"
)

// resolve finds the meeting that the clues point at. Named tells that they point at one; the id is "" when there is none
// like that, for another meeting than the one that was named is no answer. Without clues it is the next one.
func (c *clues) resolve(all []Meeting, now time.Time, outcome bool) (id store.MeetingID, named bool) {
	if len(c.names) > 0 {
		return c.names[0], true
	}
	if !c.any() {
		if c.groups || c.body != "" {
			return c.ofGroups(all, now)
		}
		return next(all, now), false
	}
	fit := keepIf(all, func(m Meeting) bool { return c.fits(m, outcome) })
	if c.last {
		fit = keepIf(fit, func(m Meeting) bool { return !m.Ends.After(now) })
	}
	if len(fit) == 0 && len(c.ordinals) == 0 {
		// A place, a tense or a kind that fits nothing may be a mistake about a meeting that is named otherwise.
		loose := *c
		loose.places, loose.online = nil, false
		if loose.any() {
			fit = keepIf(all, func(m Meeting) bool { return loose.fits(m, outcome) })
		}
	}
	return c.likeliest(fit, now), true
}

// ofGroups picks a meeting of the working groups, or of one of them, when nothing else is said of it.
func (c *clues) ofGroups(all []Meeting, now time.Time) (id store.MeetingID, named bool) {
	fit := keepIf(all, func(m Meeting) bool {
		return c.body == "" && m.Groups || c.body != "" && slices.Contains(m.Bodies, c.body)
	})
	if c.next || c.body != "" && !c.past {
		return next(fit, now), c.groups
	}
	return c.likeliest(fit, now), true
}

// next is the nearest meeting ahead.
func next(all []Meeting, now time.Time) store.MeetingID {
	for _, m := range all {
		if m.Ends.After(now) && !m.Off {
			return m.ID
		}
	}
	return ""
}

// fits tells whether a meeting can be the one the clues point at.
func (c *clues) fits(m Meeting, outcome bool) bool {
	if len(c.days) > 0 && !slices.ContainsFunc(c.days, m.on) {
		return false
	}
	// A number counts the meetings of the Council, or of the groups where they are spoken of. A date says it better.
	if n := c.ordinal(outcome); n > 0 && len(c.days) == 0 && (m.Number != n || m.Groups != (c.groups || c.body != "")) {
		return false
	}
	if len(c.ordinals) > 0 {
		return true
	}
	if len(c.days) == 0 && len(c.months) > 0 && !slices.ContainsFunc(c.months, m.on) {
		return false
	}
	if len(c.years) > 0 && len(c.days) == 0 && !slices.ContainsFunc(c.years, func(y int) bool { return m.on(day{year: y}) }) {
		return false
	}
	if c.from != "" && (m.Last < c.from || m.First > c.to) {
		return false
	}
	if dated := len(c.days)+len(c.months) > 0 || c.from != ""; dated {
		return true
	}
	return (c.groups == m.Groups || !c.groups) && (len(c.places) == 0 || slices.Contains(c.places, m.place)) && (!c.online || m.Online)
}

// ordinal is the number asked about. What a meeting decided is decided about a later one, so of two it is the first.
func (c *clues) ordinal(outcome bool) int {
	switch {
	case len(c.ordinals) == 0:
		return 0
	case outcome:
		return slices.Min(c.ordinals)
	}
	return c.ordinals[0]
}

// on tells whether a meeting is on a day, or in a month or year.
func (m Meeting) on(d day) bool {
	for t, err := time.Parse(time.DateOnly, m.First); err == nil && t.Format(time.DateOnly) <= m.Last; t = t.AddDate(0, 0, 1) {
		if (d.year == 0 || d.year == t.Year()) && (d.month == 0 || d.month == int(t.Month())) && (d.day == 0 || d.day == t.Day()) {
			return true
		}
	}
	return false
}

// likeliest picks among meetings that fit: of those ahead the nearest, unless the text speaks of what is over; else the
// latest. The online one is asked for more often where one meeting only was online, and so on: what is said counts.
func (c *clues) likeliest(fit []Meeting, now time.Time) store.MeetingID {
	ahead := keepIf(fit, func(m Meeting) bool { return m.Ends.After(now) && !m.Off })
	over := keepIf(fit, func(m Meeting) bool { return !m.Ends.After(now) })
	switch {
	case len(ahead) > 0 && (len(over) == 0 || !c.past || c.future) && !c.last:
		return ahead[0].ID
	case len(over) > 0:
		return over[len(over)-1].ID
	case len(fit) > 0:
		return fit[0].ID
	}
	return ""
}

// list gives the meetings of a list that was asked for, and how it is called: upcoming, past, all, or as typed.
func (c *clues) list(aspect string, all []Meeting, now time.Time, typed string) (topic string, fit []store.MeetingID) {
	limited := len(c.days)+len(c.months)+len(c.years)+len(c.places) > 0 || c.online || c.from != ""
	keep := func(m Meeting) bool { return true }
	switch {
	case limited:
		topic = typed
		keep = func(m Meeting) bool {
			return c.fits(m, false) && (!c.online || m.Online) && (len(c.places) == 0 || slices.Contains(c.places, m.place))
		}
	case aspect == "past", aspect == "all" && (c.last && !c.next || c.past && !c.future):
		topic = "past"
		keep = func(m Meeting) bool { return !m.Ends.After(now) }
	case aspect == "upcoming", aspect == "all" && (c.next && !c.last || c.future && !c.past):
		topic = "upcoming"
		keep = func(m Meeting) bool { return m.Ends.After(now) }
	default:
		topic = "all"
	}
	if c.groups && !limited {
		kept := keep
		keep = func(m Meeting) bool { return m.Groups && kept(m) }
	}
	for _, m := range all {
		if keep(m) {
			fit = append(fit, m.ID)
		}
	}
	return topic, fit
}

// typed gives the words of a month, a year or a place as they stand in a text.
func (s *scan) typed(marks []mark) string {
	var words []string
	for i, t := range s.tokens {
		sp, named := s.in(i)
		inDate := slices.ContainsFunc(marks, func(m mark) bool { return m.slot == "{date}" && m.from <= i && i < m.to })
		if named && sp.slot == SlotPlace || inDate || s.is(i, "online") {
			words = append(words, t.text)
		}
	}
	return strings.Join(words, " ")
}

func keepIf(all []Meeting, yes func(Meeting) bool) (kept []Meeting) {
	for _, m := range all {
		if yes(m) {
			kept = append(kept, m)
		}
	}
	return kept
}

// byTime puts meetings in the order in which they are held.
func byTime(all []Meeting) {
	slices.SortStableFunc(all, func(a, b Meeting) int { return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.ID, b.ID)) })
}
