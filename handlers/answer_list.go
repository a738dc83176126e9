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

// tellList lists the meetings that fit what was asked for. Lists that have a screen of their own are shown by it.
func (d *Desk) tellList(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	switch topic := r.Ask.Topic; {
	case topic == past:
		return d.pastMeetings(ctx, r, "")
	case r.Ask.Body != "" && len(r.Ask.Fits) == 0:
		return d.meetingsOf(ctx, r, r.Ask.Body, "")
	case topic == "" || topic == typedUpcoming:
		return d.upcomingMeetings(ctx, r, "")
	}
	visible, err := d.store.VisibleMeetings(ctx, r.Person)
	if err != nil {
		return nil, fmt.Errorf("meetings that fit: %w", err)
	}
	fits := visible
	if r.Ask.Topic != everyMeeting {
		fits = keep(visible, func(m store.Meeting) bool { return slices.Contains(r.Ask.Fits, m.ID) })
	}
	reply := bot.Say("MeetingsAll")
	switch {
	case r.Ask.Topic != everyMeeting && len(fits) == 0:
		reply = bot.Say("MeetingsFitNone", "Topic", bot.Raw(r.Ask.Topic))
	case r.Ask.Topic != everyMeeting:
		reply = bot.Say("MeetingsFit", "Topic", bot.Raw(r.Ask.Topic))
	}
	d.listed(reply, r, fits)
	return reply.Row(bot.Press("ButtonUpcoming", bot.Data("mt", upcoming, 0)), bot.Press("ButtonPast", bot.Data("mt", past, 0))), nil
}

// listed adds meetings to an answer, the nearest first, and says how many more there are. The label "past" of [facts] is
// left out of lists of the past; here it is what tells one from the other.
func (d *Desk) listed(reply *bot.Reply, r *bot.Request, all []store.Meeting) {
	var numbers []bot.Button
	for i, m := range all[:min(mostFitting, len(all))] {
		n := bot.Raw(strconv.Itoa(i + 1))
		words := facts(m, r.Now)
		if statusKey(m, r.Now) == "StatusOver" {
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
