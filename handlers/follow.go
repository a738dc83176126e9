package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"recbot/bot"
	"recbot/store"
)

// /follow, /follows and fo: what one is told about. Following is not membership: it opens nothing that is restricted.
var _ = command(spec{Name: "follow", Aliases: []string{"follows"}, Order: 50, Buttons: []string{"fo"},
	Run: (*Desk).followOrShow, Press: (*Desk).pressFollow})

// onScreen stands in the boxes of the follow screen, fo:<topic>:<1|0>:s. Without it the button belongs to the card of a
// meeting or a body.
const onScreen = "s"

// errNoTopic means that a button names a topic that is not there for the person.
var errNoTopic = errors.New("no such topic")

// followOrShow answers /follow, and "/follow b" by following at once. Following is undone by the box that is ticked then.
func (d *Desk) followOrShow(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	said := behind(r)
	body, named := d.bodyNamed(said)
	all := said == string(store.TopicAll)
	var first []bot.Part
	if all || named {
		topic, name := store.Topic(body), phrase("TopicAll")
		if all {
			topic = store.TopicAll
		} else {
			name, _ = d.bodyName(body)
		}
		soon, err := d.follow(ctx, r, topic, true)
		if err != nil {
			return nil, err
		}
		first = append(first, bot.NewPart("FollowedNow", "Topic", name))
		if soon != nil {
			first = append(first, *soon)
		}
	}
	reply, err := d.follows(ctx, r)
	switch {
	case err != nil:
		return nil, err
	case said != "" && first == nil:
		return unclear(reply, d.bodyWords(string(store.TopicAll))), nil
	}
	return above(reply, first...), nil
}

// follows is the one screen for everything the person follows.
func (d *Desk) follows(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	singles, err := d.followedMeetings(ctx, r)
	if err != nil {
		return nil, err
	}
	reply := bot.Say("FollowHeading")
	switch {
	case r.Person.Follows(store.TopicAll):
		reply.Say("FollowAllNote")
	case len(r.Person.Topics) == 0:
		reply.Say("FollowNothing")
	}
	silence(reply, r.Person)
	screen := func(t store.Topic, on bool) string { return bot.Data("fo", t, on, onScreen) }
	reply.Rows = d.followBoxes(r.Person, screen)
	for _, m := range singles {
		t := store.TopicOf(m.ID)
		// The hour is left out: a label is short, and the title says more.
		day := bot.When{Date: m.Date, EndDate: m.EndDate, Zone: m.Zone, Style: bot.WhenShort}
		reply.Row(bot.Box("BoxMeeting", screen(t, false), true, "When", day, "Title", m.Name))
	}
	return reply.Row(wakeButton(r.Person)...).Row(bot.Press("ButtonMeetings", bot.Data("mt")), bot.Press("ButtonReminders", bot.Data("re"))).Row(menuButton()), nil
}

// followBoxes are the boxes of the Council, its bodies and All. Each carries the state it leads to, so that a second press
// changes nothing.
func (d *Desk) followBoxes(p store.Person, data func(t store.Topic, on bool) string) (rows [][]bot.Button) {
	box := func(key string, t store.Topic, pairs ...any) {
		rows = append(rows, []bot.Button{bot.Box(key, data(t, !p.Covers(t)), p.Covers(t), pairs...)})
	}
	box("BoxCouncil", store.TopicCouncil)
	for _, b := range d.council.Bodies {
		if b.Letter != "" {
			box("BoxGroup", store.Topic(b.ID), "Letter", b.Letter, "Name", b.ShortName)
		} else {
			box("BoxBody", store.Topic(b.ID), "Name", b.Name)
		}
	}
	box("BoxAll", store.TopicAll)
	return rows
}

// pressFollow handles fo, fo:<topic>:<1|0> from cards, and fo:<topic>:<1|0>:s from the follow screen.
func (d *Desk) pressFollow(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	topic, on := store.Topic(r.Arg(0)), r.Arg(1) == "1"
	if topic == "" {
		return editing(d.follows(ctx, r))
	}
	soon, err := d.follow(ctx, r, topic, on)
	switch {
	case errors.Is(err, errNoTopic): // the meeting is gone, or closed to this person: the screen shows what there is
		reply, err := editing(d.follows(ctx, r))
		return toasted(reply, "ToastOldList"), err
	case errors.Is(err, store.ErrTooMany):
		return bot.Toast("ToastTooManyMeetings", "N", strconv.Itoa(store.MaxMeetingTopics)), nil
	case err != nil:
		return nil, err
	}
	// The toast says what became of the press also where the redrawn message looks as before.
	reply, err := editing(d.afterFollow(ctx, r, topic))
	switch {
	case err != nil:
		return nil, err
	case soon != nil:
		reply.Toast = soon
		return reply, nil
	case on:
		return toasted(reply, "ToastFollowed"), nil
	}
	return toasted(reply, "ToastUnfollowed"), nil
}

// afterFollow redraws what the button stood on.
func (d *Desk) afterFollow(ctx context.Context, r *bot.Request, topic store.Topic) (*bot.Reply, error) {
	id, single := topic.Meeting()
	_, body := d.council.Body(string(topic))
	switch {
	case r.Arg(2) != onScreen && single:
		return d.meetingCard(ctx, r, id)
	case r.Arg(2) != onScreen && body:
		return d.groupCard(ctx, r, string(topic))
	}
	return d.follows(ctx, r)
}

// toasted adds a short word to a reply, if there is one.
func toasted(reply *bot.Reply, key string, pairs ...any) *bot.Reply {
	if reply == nil {
		return nil
	}
	return reply.Toasting(key, pairs...)
}

// follow ticks or unticks a topic. When it brings in a meeting whose last reminder is over, soon says when that begins. The
// error is errNoTopic for what is not there for the person, and [store.ErrTooMany] for one single meeting too many.
func (d *Desk) follow(ctx context.Context, r *bot.Request, t store.Topic, on bool) (soon *bot.Part, err error) {
	all, err := d.store.VisibleMeetings(ctx, r.Person)
	if err != nil {
		return nil, fmt.Errorf("following %q: %w", t, err)
	}
	// Data of buttons can be forged: an answer must not tell that there is something this person may not see.
	if on && !d.knows(t, all) {
		return nil, errNoTopic
	}
	// All is replaced by the bodies there are when one of them is unticked.
	var bodies []string
	for _, b := range d.council.Bodies {
		bodies = append(bodies, b.ID)
	}
	err = d.amend(ctx, r, "follow", func(p *store.Person) error { return p.Follow(t, on, bodies) })
	if err != nil || !on {
		return nil, err
	}
	return d.soon(r, t, all), nil
}

// knows tells whether a topic is there to be followed. Taking away what is gone is always possible.
func (d *Desk) knows(t store.Topic, visible []store.Meeting) bool {
	if id, single := t.Meeting(); single {
		return slices.ContainsFunc(visible, func(m store.Meeting) bool { return m.ID == id })
	}
	return t == store.TopicAll || slices.Contains(d.bodyTopics(), t)
}

// soon tells of the first meeting of a topic that is too near for any of the person's reminders.
func (d *Desk) soon(r *bot.Request, t store.Topic, all []store.Meeting) *bot.Part {
	for _, m := range all {
		if !slices.Contains(m.Topics(), t) {
			continue
		}
		if late, ok := d.missedReminders(r.Person, m, r.Now); ok {
			late.Values["Title"] = bot.V(m.Name)
			return &late
		}
	}
	return nil
}
