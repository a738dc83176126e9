package handlers

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"recbot/bot"
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
	if len(fits) == 0 {
		return nil, bot.Say("MeetingsFitNone", "Topic", bot.Raw(r.Ask.Topic))
	}
	return fits, bot.Say("MeetingsFit", "Topic", bot.Raw(r.Ask.Topic))
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
