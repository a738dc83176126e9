package handlers

import (
	"context"
	"fmt"
	"slices"

	"recbot/bot"
	"recbot/store"
)

// Questions about the bodies of the Council. The name of the body, with its letter, stands first in every answer, so that
// a letter that was read wrongly is seen.
var (
	_ = command(spec{Intents: []string{"group_about"}, Run: (*Desk).askedGroup})
	_ = command(spec{Intents: []string{"group_next_meeting"}, Run: (*Desk).tellGroupNext})
)

// tellGroupNext says when a body meets next, or that nothing is announced and which meeting was its last.
func (d *Desk) tellGroupNext(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	body := r.Ask.Body
	name, ok := d.bodyTitle(body)
	if !ok {
		return d.groups(ctx, r)
	}
	all, err := d.store.VisibleMeetings(ctx, r.Person)
	if err != nil {
		return nil, fmt.Errorf("next meeting of %q: %w", body, err)
	}
	own := keep(all, func(m store.Meeting) bool { return slices.Contains(m.Bodies, body) })
	ahead := keep(own, func(m store.Meeting) bool { return m.Upcoming(r.Now) })
	reply, cites := bot.Say("GroupTitle", "Name", name), d.citations()
	if len(ahead) > 0 {
		m := ahead[0] // the visible ones stand in the order of their starts
		marks, named := cites.brief(r, m)
		reply.Line("AnswerGroupNext", "Title", m.Name)
		d.sayDate(reply, r, m, marks)
		d.sayLeft(reply, r, m)
		d.sayHour(reply, r, m)
		reply.Line("CardWhere", "Place", place(m))
		cites.list(reply, named)
		return d.ways(reply, r, m), nil
	}
	// That nothing is announced is an answer; the last meeting and the button make it a useful one.
	reply.Line("MeetingsOfNone")
	if last, ok := lastMeeting(own, r.Now); ok {
		reply.Say("MeetingsLast", "Title", last.Name, "When", bot.WhenOf(last, bot.WhenDate), "Place", town(last))
		reply.Button("ButtonLastMeeting", bot.Data("mc", last.ID))
	}
	if !r.Person.Covers(store.Topic(body)) {
		reply.Say("AnswerGroupFollow").Row(bodyFollow(r.Person, body))
	} else {
		reply.Say("MeetingsNoneFollowing")
	}
	return reply.Button("ButtonGroups", bot.Data("gr")), nil
}
