package handlers

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"recbot/bot"
	"recbot/bot/answer"
	"recbot/store"
)

// Questions for several meetings: of a month, a year, a place, or all there are.
var _ = command(spec{Intents: []string{"list_meetings"}, Run: (*Desk).tellList})

// everyMeeting is the topic of who wants all of them.
const everyMeeting = "all"

// mostFitting is how many meetings one answer lists. What was typed does not fit into a button, so there are no pages.
const mostFitting = 10

// tellList lists the meetings that fit what was asked for. What lies ahead has a screen that says all of it.
func (d *Desk) tellList(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	switch topic := r.Ask.Topic; {
	case r.Ask.Body != "" && len(r.Ask.Fits) == 0:
		return d.meetingsOf(ctx, r, r.Ask.Body, "")
	case topic == "" || topic == typedUpcoming:
		return d.upcomingMeetings(ctx, r, "")
	}
	visible, err := d.store.VisibleMeetings(ctx, r.Person)
	if err != nil {
		return nil, fmt.Errorf("meetings that fit: %w", err)
	}
	fits, reply := d.fitting(r, visible)
	d.listed(reply, r, fits)
	return reply.Row(bot.Press("ButtonUpcoming", bot.Data("mt", upcoming, 0)), bot.Press("ButtonPast", bot.Data("mt", past, 0))), nil
}

// fitting chooses the meetings of a list, and begins the reply with what they are.
func (d *Desk) fitting(r *bot.Request, visible []store.Meeting) (fits []store.Meeting, reply *bot.Reply) {
	switch r.Ask.Topic {
	case everyMeeting:
		return visible, bot.Say("MeetingsAll")
	case past:
		fits = keep(visible, func(m store.Meeting) bool { return m.Over(r.Now) })
		slices.Reverse(fits)
		if len(fits) == 0 {
			return nil, bot.Say("MeetingsPastNone")
		}
		return fits, bot.Say("MeetingsPast")
	}
	fits = keep(visible, func(m store.Meeting) bool { return slices.Contains(r.Ask.Fits, m.ID) })
	what, known := d.fitWhat(r, fits)
	switch {
	case len(fits) == 0 && known:
		return nil, bot.Say("MeetingsFitNone", "What", what)
	case len(fits) == 0:
		return nil, bot.Say("MeetingsFoundNone")
	case known:
		return fits, bot.Say("MeetingsFit", "What", what)
	}
	return fits, bot.Say("MeetingsFound")
}

// longestYear is how many digits a year has.
const longestYear = 4

// fitWhat says as a heading does of which time or place the meetings are that were asked for: what was typed is in any case,
// in any letters. known is false for what is none of these.
func (d *Desk) fitWhat(r *bot.Request, fits []store.Meeting) (what bot.Value, known bool) {
	topic := r.Ask.Topic
	if _, err := strconv.Atoi(topic); err == nil && len(topic) == longestYear {
		return bot.V(bot.Raw(topic)), true
	}
	if d.namesDay(r) {
		// Which year is meant the reader knows; where nothing fits nobody does.
		if len(fits) == 0 || fits[len(fits)-1].Date != fits[0].Date {
			return what, false
		}
		return bot.V(bot.When{Date: fits[0].Date, Zone: d.zone, Style: bot.WhenDate}), true
	}
	if month, ok := d.monthOf(r, fits); ok {
		return bot.V(bot.When{Date: month, Zone: d.zone, Style: bot.WhenMonth}), true
	}
	// The reader has found a place in it; here only its name is looked for, in whatever case it stands.
	if found := d.findPlace(topic); len(found.Places) == 1 && !found.Places[0].Name.Empty() {
		return placeName(found.Places[0]), true
	}
	return what, false
}

// monthOf reads the month that was asked for, as its first day. Without a year it is the one of the meetings that fit, for the
// reader has chosen it; where none fits it is not known.
func (d *Desk) monthOf(r *bot.Request, fits []store.Meeting) (month string, ok bool) {
	// Seen from the first year of all, no month has passed, and one without a year is in that year.
	dawn := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	first, slip := d.readDate("1 "+r.Ask.Topic, dawn)
	switch {
	case slip != "":
		return "", false
	case first.At.Year() > dawn.Year()+1:
		return first.At.Format(time.DateOnly), true
	case len(fits) > 0:
		return fits[0].Date, strings.HasPrefix(fits[len(fits)-1].Date, fits[0].Date[:len("2006-01")])
	}
	return "", false
}

// namesDay tells whether a day was asked for: a date, one of the days around today, a weekday.
func (d *Desk) namesDay(r *bot.Request) bool {
	_, slip := d.readDate(r.Ask.Topic, r.Now)
	return slip == "" || slip == answer.SlipPast
}

// listed adds meetings to an answer, and says how many more there are. A date without an hour stands in full: who asks
// wants to read it.
func (d *Desk) listed(reply *bot.Reply, r *bot.Request, all []store.Meeting) {
	var numbers []bot.Button
	for i, m := range all[:min(mostFitting, len(all))] {
		n := bot.Raw(strconv.Itoa(i + 1))
		words := facts(m, r.Now)
		if m.AllDay() || m.Over(r.Now) { // of what is over nobody needs the hour
			words[0] = bot.V(bot.WhenOf(m, bot.WhenDate))
		}
		// Among others it is said which ones are over; [facts] leaves it to the heading.
		if statusKey(m, r.Now) == "StatusOver" && r.Ask.Topic != past {
			words = append(words, phrase("StatusOver"))
		}
		reply.Say("MeetingsItem", "N", n, "Title", m.Name, "Facts", words)
		numbers = append(numbers, bot.Press("ButtonNumber", bot.Data("mc", m.ID), "N", n))
	}
	if more := len(all) - mostFitting; more > 0 {
		reply.Say("DigestMore", "Meetings", bot.Count{N: more, Of: "CountMeetings"})
	}
	for row := range slices.Chunk(numbers, perPage) {
		reply.Row(row...)
	}
}
