package handlers

import (
	"context"
	"fmt"
	"slices"

	"recbot/bot"
	"recbot/bot/council"
	"recbot/store"
)

var (
	_ = command(spec{Name: "groups", Order: 40, Buttons: []string{"gr"}, Intents: []string{"group_list"},
		Run: (*Desk).groupsOrOne, Press: (*Desk).pressGroups})
	_ = command(spec{Buttons: []string{"gc"}, Press: (*Desk).pressGroup})
)

// groupsOrOne answers /groups, and "/groups b" with that one at once.
func (d *Desk) groupsOrOne(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	said := behind(r)
	if said == "" {
		return d.groups(ctx, r)
	}
	if body, ok := d.bodyNamed(said); ok {
		return d.bodyCard(ctx, r, body)
	}
	reply, err := d.groups(ctx, r)
	return unclear(reply, d.bodyWords()), err
}

// groups lists the bodies of the Council.
func (d *Desk) groups(context.Context, *bot.Request) (*bot.Reply, error) {
	reply := bot.Say("GroupsHeading")
	for _, b := range d.council.Bodies {
		reply.Line("GroupsItem", "Name", b.Name)
		reply.Row(d.bodyButton(b, bot.Data("gc", b.ID)))
	}
	return reply.Button("ButtonAbout", bot.Data("ab")), nil
}

// pressGroups handles gr.
func (d *Desk) pressGroups(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	return editing(d.groups(ctx, r))
}

// askedGroup answers a question about a body.
func (d *Desk) askedGroup(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	if r.Ask.Body == "" {
		return d.groups(ctx, r)
	}
	return d.bodyCard(ctx, r, r.Ask.Body)
}

// bodyCard shows a body; the Council as a whole is no body and belongs to /about.
func (d *Desk) bodyCard(ctx context.Context, r *bot.Request, id string) (*bot.Reply, error) {
	if id == string(store.TopicCouncil) {
		return d.about(ctx, r)
	}
	return d.groupCard(ctx, r, id)
}

// pressGroup handles gc:<body>.
func (d *Desk) pressGroup(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	return editing(d.groupCard(ctx, r, r.Arg(0)))
}

// groupCard shows what a body is for and when it meets.
func (d *Desk) groupCard(ctx context.Context, r *bot.Request, id string) (*bot.Reply, error) {
	b, ok := d.council.Body(id)
	if !ok {
		return bot.Say("BodyNone").Button("ButtonGroups", bot.Data("gr")), nil
	}
	all, err := d.store.VisibleMeetings(ctx, r.Person)
	if err != nil {
		return nil, fmt.Errorf("card of body %q: %w", id, err)
	}
	own := keep(all, func(m store.Meeting) bool { return slices.Contains(m.Bodies, id) })

	reply := bot.Say("GroupTitle", "Name", b.Name)
	if !b.Scope.Empty() {
		reply.Say("GroupScope", "Text", b.Scope)
	}
	// People take following for membership; who is a member is told so.
	if r.Person.Is(id) {
		reply.Say("GroupMember")
	}
	d.groupMeetings(reply, r, own)
	cites := d.citations()
	cites.mark(b.Sources)
	cites.show(reply, []block{{cites: b.Sources}})
	reply.Row(bodyFollow(r.Person, id))
	if len(own) > 0 { // no button that leads to "none"
		reply.Button("ButtonGroupMeetings", bot.Data("mt", ofBody, id, 0))
	}
	return reply.Button("ButtonGroups", bot.Data("gr")), nil
}

// groupMeetings adds the next meeting of a body, or says that there is none and which one was the last.
func (d *Desk) groupMeetings(reply *bot.Reply, r *bot.Request, own []store.Meeting) {
	ahead := keep(own, func(m store.Meeting) bool { return m.Upcoming(r.Now) })
	if len(ahead) > 0 {
		next := ahead[0]
		reply.Say("GroupNext", "Title", next.Name, "Facts", facts(next, r.Now))
		reply.Button("ButtonNextMeeting", bot.Data("mc", next.ID))
		return
	}
	reply.Say("MeetingsOfNone")
	if last, ok := lastMeeting(own, r.Now); ok {
		reply.Say("MeetingsLast", "Title", last.Name, "When", bot.WhenOf(last, bot.WhenDate), "Place", town(last))
		reply.Button("ButtonLastMeeting", bot.Data("mc", last.ID))
	}
}

// bodyFollow is the button that follows a body, or ends that.
func bodyFollow(p store.Person, id string) bot.Button {
	if p.Covers(store.Topic(id)) {
		return bot.Press("ButtonUnfollowBody", bot.Data("fo", id, false))
	}
	return bot.Press("ButtonFollowBody", bot.Data("fo", id, true))
}

// bodyButton is a button that names a body, by its letter if it has one.
func (d *Desk) bodyButton(b council.Body, data string) bot.Button {
	if b.Letter != "" {
		return bot.Press("ButtonGroup", data, "Letter", bot.Raw(b.Letter), "Body", b.ShortName)
	}
	return bot.Press("ButtonBody", data, "Body", b.ShortName)
}
