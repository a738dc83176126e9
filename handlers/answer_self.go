package handlers

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"recbot/bot"
	"recbot/store"
)

// Questions and wishes about what the bot does for the asker.
var (
	_ = command(spec{Intents: []string{"subscribe"}, Run: (*Desk).subscribe})
	_ = command(spec{Intents: []string{"unsubscribe"}, Run: (*Desk).unsubscribe})
	_ = command(spec{Intents: []string{"my_subscriptions"}, Run: (*Desk).mySubscriptions})
	_ = command(spec{Intents: []string{"reminders"}, Run: (*Desk).askedReminders})
	_ = command(spec{Intents: []string{"calendar_export"}, Run: (*Desk).calendarExport})
	_ = command(spec{Intents: []string{"language"}, Run: (*Desk).askedLanguage})
	_ = command(spec{Intents: []string{"thanks"}, Run: (*Desk).thanks})
)

// subscribe follows what was named, and says how to take it back; what was not named is chosen on the screen for it.
func (d *Desk) subscribe(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	topic, name, ok := d.askedTopic(ctx, r)
	if !ok {
		reply, err := d.follows(ctx, r)
		return headed(reply, err, bot.NewPart("SubscribeHow"))
	}
	had := r.Person.Covers(topic) // asked before it is changed: to say "done" for what was so already would confuse
	soon, err := d.follow(ctx, r, topic, true)
	switch {
	case errors.Is(err, errNoTopic):
		return declined(meetingNone()), nil
	case errors.Is(err, store.ErrTooMany):
		return bot.Say("ToastTooManyMeetings", "N", strconv.Itoa(store.MaxMeetingTopics)).Row(followsButton()), nil
	case err != nil:
		return nil, err
	}
	key := "Subscribed"
	if had {
		key = "SubscribedAlready"
	}
	reply := bot.Say(key, "Topic", name)
	if soon != nil {
		reply.Parts = append(reply.Parts, *soon)
	}
	silence(reply, r.Person)
	reply.Row(wakeButton(r.Person)...)
	return reply.Button("ButtonUnfollowBody", bot.Data("fo", topic, false)).Row(followsButton()), nil
}

// unsubscribe ends following what was named; where nothing was, it shows the ways to less, the quickest first.
func (d *Desk) unsubscribe(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	topic, name, ok := d.askedTopic(ctx, r)
	if !ok {
		reply, err := d.follows(ctx, r)
		if err != nil {
			return nil, err
		}
		above(reply, bot.NewPart("UnsubscribeHow"))
		if !r.Person.Stopped {
			reply.Rows = slices.Insert(reply.Rows, len(reply.Rows)-1, []bot.Button{bot.Press("ButtonStop", bot.Data("so", true))})
		}
		return reply, nil
	}
	if !r.Person.Covers(topic) {
		return bot.Say("UnsubscribedAlready", "Topic", name).Row(followsButton()), nil
	}
	if _, err := d.follow(ctx, r, topic, false); err != nil {
		return nil, err
	}
	return bot.Say("Unsubscribed", "Topic", name).Button("ButtonFollowBody", bot.Data("fo", topic, true)).Row(followsButton()), nil
}

// askedTopic is what a wish to follow, or to follow no more, is about: a body or a meeting that the text names.
func (d *Desk) askedTopic(ctx context.Context, r *bot.Request) (t store.Topic, name bot.Value, ok bool) {
	if full, known := d.bodyTitle(r.Ask.Body); known {
		return store.Topic(r.Ask.Body), bot.V(full), true
	}
	// The next meeting, which the reader gives where none is named, is not what "subscribe me" means.
	if !r.Ask.Named || r.Ask.Meeting == "" {
		return "", name, false
	}
	m, err := d.store.Meeting(ctx, r.Ask.Meeting, r.Person)
	if err != nil || m.Over(r.Now) { // nothing more will come of it: the screen shows what does come
		return "", name, false
	}
	return store.TopicOf(m.ID), bot.V(m.Name), true
}

// followsButton leads to the screen of everything that one follows.
func followsButton() bot.Button { return bot.Press("ButtonFollows", bot.Data("fo")) }

// headed puts something at the head of a reply, if there is one.
func headed(reply *bot.Reply, err error, first bot.Part) (*bot.Reply, error) {
	if err != nil {
		return nil, err
	}
	return above(reply, first), nil
}

// mySubscriptions says what the person follows, when reminders come, and what comes next.
func (d *Desk) mySubscriptions(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	return d.summary(ctx, r, &bot.Reply{})
}

// askedReminders sets the lead that was named, of the meeting that was named if there was one, or explains how reminders
// come, with the boxes to change it.
func (d *Desk) askedReminders(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	m, named, err := d.toRemind(ctx, r)
	if err != nil {
		return nil, err
	}
	var first []bot.Part
	if named && m.Over(r.Now) {
		first = append(first, bot.NewPart("RemindOver", "Title", m.Name))
	}
	if r.Ask.Lead.Valid() && len(first) == 0 {
		err := d.setLead(ctx, r, r.Ask.Lead, true)
		switch {
		case errors.Is(err, store.ErrTooMany):
			first = append(first, bot.NewPart("LeadsFull", "N", strconv.Itoa(store.MaxLeads)))
		case err != nil:
			return nil, err
		default:
			first = append(first, bot.NewPart("LeadSet", "Lead", bot.Span{Length: r.Ask.Lead.Duration(), Style: bot.SpanBefore}))
		}
	}
	if named && !m.Over(r.Now) {
		said, err := d.remindOf(ctx, r, m)
		if err != nil {
			return nil, err
		}
		first = append(first, said...)
	}
	reply, err := d.reminders(ctx, r)
	if err != nil {
		return nil, err
	}
	return above(reply, first...), nil
}

// toRemind finds the meeting that a wish for a reminder names.
func (d *Desk) toRemind(ctx context.Context, r *bot.Request) (m store.Meeting, named bool, err error) {
	if !r.Ask.Named || r.Ask.Meeting == "" {
		return m, false, nil
	}
	m, err = d.store.Meeting(ctx, r.Ask.Meeting, r.Person)
	if errors.Is(err, store.ErrNotFound) {
		return m, false, nil
	}
	return m, err == nil, err
}

// remindOf makes sure that reminders of a meeting come: who follows none of its bodies follows it from now on.
func (d *Desk) remindOf(ctx context.Context, r *bot.Request, m store.Meeting) (said []bot.Part, err error) {
	if !r.Person.FollowsMeeting(m) {
		_, err := d.follow(ctx, r, store.TopicOf(m.ID), true)
		if errors.Is(err, store.ErrTooMany) {
			return []bot.Part{bot.NewPart("ToastTooManyMeetings", "N", strconv.Itoa(store.MaxMeetingTopics))}, nil
		}
		if err != nil {
			return nil, err
		}
	}
	if slices.Contains(r.Person.MutedOnes, m.ID) {
		err := d.amend(ctx, r, "unmute", func(p *store.Person) error {
			p.MuteMeeting(m.ID, false)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	said = append(said, bot.NewPart("RemindOf", "Title", m.Name, "When", bot.WhenOf(m, bot.WhenDate)))
	// Without an hour there is nothing to count hours from; see remind.
	if m.AllDay() && r.Ask.Lead.Valid() && r.Ask.Lead < store.LeadDay {
		said = append(said, bot.NewPart("RemindAllDay"))
	}
	if late, ok := d.missedReminders(r.Person, m, r.Now); ok {
		said = append(said, late)
	}
	return said, nil
}

// calendarExport says that there is no calendar file, and what there is instead.
func (d *Desk) calendarExport(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	// Why no meeting was found does not matter here: the date is only an extra.
	reply := bot.Say("CalendarNone")
	m, reason, err := d.askedOne(ctx, r)
	if err != nil {
		return nil, err
	}
	if reason == nil {
		reply.Parts = append(reply.Parts, titled(m).Parts...)
		d.sayDate(reply, r, m, "")
		d.sayHour(reply, r, m)
		reply.Line("CardWhere", "Place", place(m))
		tellRows(reply, r, m)
	}
	return reply.Row(bot.Press("ButtonReminders", bot.Data("re")), menuButton()), nil
}

// askedLanguage changes the language, and says so in the new one; where none was named, it shows them all.
func (d *Desk) askedLanguage(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	if !slices.Contains(store.Langs, r.Ask.Switch) {
		r.Args = ""
		return d.language(ctx, r)
	}
	reply, err := d.setLanguage(ctx, r, r.Ask.Switch)
	if err != nil {
		return nil, err
	}
	reply.Lang = r.Ask.Switch // not that of the question
	return reply, nil
}

// thanks takes thanks.
func (d *Desk) thanks(context.Context, *bot.Request) (*bot.Reply, error) {
	return bot.Say("Welcome").Row(menuButton()), nil
}
