package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"recbot/bot"
	"recbot/store"
)

// standing adds to a reply how everything is set, with the buttons to change it.
func (d *Desk) standing(ctx context.Context, r *bot.Request, reply *bot.Reply) (*bot.Reply, error) {
	// The clock says more than the zone: a wrong one is seen at once.
	zone := d.zoneOf(r.Person)
	reply.Say("SettingsLanguage", "Name", ownName(r.Person.Language))
	reply.Line("SettingsZone", "Zone", bot.ZoneName(zone), "Clock", clockIn(zone, r.Now))
	return d.summary(ctx, r, reply)
}

// summary adds to a reply what the person follows, when reminders come, and what comes next.
func (d *Desk) summary(ctx context.Context, r *bot.Request, reply *bot.Reply) (*bot.Reply, error) {
	names, err := d.followed(ctx, r)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		reply.Say("FollowsNone")
	} else {
		reply.Say("FollowsLine", "Topics", names)
	}
	reply.Line(leadsKey(r.Person), "Leads", leadNames(r.Person))
	silence(reply, r.Person)
	if err := d.sayNext(ctx, r, reply); err != nil {
		return nil, err
	}
	return reply.Row(wakeButton(r.Person)...).Row(bot.Press("ButtonFollows", bot.Data("fo")), bot.Press("ButtonReminders", bot.Data("re"))).Row(menuButton()), nil
}

// silence says that less comes than the settings let expect, and why. Of who did both, both is said: else they would find
// themselves muted only after they have resumed.
func silence(reply *bot.Reply, p store.Person) {
	switch {
	case p.Stopped && p.Muted:
		reply.Say("SilentStopped").Line("SilentMutedToo")
	case p.Stopped:
		reply.Say("SilentStopped")
	case p.Muted:
		reply.Say("SilentMuted")
	}
}

// wakeButton undoes what [silence] speaks of.
func wakeButton(p store.Person) []bot.Button {
	switch {
	case p.Stopped:
		return []bot.Button{bot.Press("ButtonResume", bot.Data("so", false))}
	case p.Muted:
		return []bot.Button{bot.Press("ButtonUnmute", bot.Data("si", false))}
	}
	return nil
}

// sayNext adds the nearest meeting that the person may see, followed or not, or says that there is none.
func (d *Desk) sayNext(ctx context.Context, r *bot.Request, reply *bot.Reply) error {
	m, err := d.store.NextMeeting(ctx, r.Person, r.Now)
	if errors.Is(err, store.ErrNotFound) {
		// Nothing is promised to who has asked for nothing.
		if r.Person.Stopped || len(r.Person.Topics) == 0 {
			reply.Say("NextNone")
		} else {
			reply.Say("NextNoneWillWrite")
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("the next meeting: %w", err)
	}
	reply.Say("NextMeeting", "Title", m.Name, "Facts", facts(m, r.Now))
	reply.Row(bot.Press("ButtonNextMeeting", bot.Data("mc", m.ID)))
	// Below the lines on follows and reminders a meeting looks as if they were about it; where they are not, that is said.
	switch {
	case len(r.Person.Topics) > 0 && !r.Person.FollowsMeeting(m):
		reply.Line("NextNotFollowed")
		reply.Row(bot.Press("ButtonFollowMeeting", bot.Data("fo", store.TopicOf(m.ID), true)))
	case slices.Contains(r.Person.MutedOnes, m.ID):
		reply.Line("NextMuted")
		reply.Row(muteButton(r.Person, m))
	}
	return nil
}

// followed names what the person follows: the Council and its bodies, several groups by their letters, then single meetings.
// A meeting that is not there for them any more is left out: its name alone would tell that it exists.
func (d *Desk) followed(ctx context.Context, r *bot.Request) (names []bot.Value, err error) {
	if r.Person.Follows(store.TopicAll) {
		names = append(names, phrase("TopicAll"))
	} else {
		var ids []string
		for _, t := range d.bodyTopics() {
			if r.Person.Follows(t) {
				ids = append(ids, string(t))
			}
		}
		names = d.bodies(ids)
	}
	singles, err := d.followedMeetings(ctx, r)
	for _, m := range singles {
		names = append(names, bot.V(m.Name))
	}
	return names, err
}

// followedMeetings lists the single meetings that the person follows and may see, by start.
func (d *Desk) followedMeetings(ctx context.Context, r *bot.Request) ([]store.Meeting, error) {
	// Most people follow bodies only, and are spared the reading of all meetings.
	single := func(t store.Topic) bool { _, ok := t.Meeting(); return ok }
	if !slices.ContainsFunc(r.Person.Topics, single) {
		return nil, nil
	}
	all, err := d.store.VisibleMeetings(ctx, r.Person)
	if err != nil {
		return nil, fmt.Errorf("meetings followed: %w", err)
	}
	var own []store.Meeting
	for _, m := range all {
		if r.Person.Follows(store.TopicOf(m.ID)) {
			own = append(own, m)
		}
	}
	return own, nil
}

// bodyTopics are the Council and its bodies, in the order in which they are shown.
func (d *Desk) bodyTopics() []store.Topic {
	topics := []store.Topic{store.TopicCouncil}
	for _, b := range d.council.Bodies {
		topics = append(topics, store.Topic(b.ID))
	}
	return topics
}

// leadsKey names the message about the leads: without any the reminders are off.
func leadsKey(p store.Person) string {
	if len(p.Leads) == 0 {
		return "LeadsNone"
	}
	return "LeadsLine"
}

// leadNames lists the leads, longest first: 1 day, 1 hour.
func leadNames(p store.Person) []bot.Value {
	names := make([]bot.Value, 0, len(p.Leads))
	for _, l := range p.Leads {
		names = append(names, bot.V(bot.Span{Length: l.Duration(), Style: bot.SpanPlain}))
	}
	return names
}

// nextReminder finds the reminder that comes first and when it leaves, quiet hours counted; ok is false when none is ahead.
func (d *Desk) nextReminder(ctx context.Context, r *bot.Request) (m store.Meeting, at time.Time, ok bool, err error) {
	all, err := d.store.VisibleMeetings(ctx, r.Person)
	if err != nil {
		return m, at, false, fmt.Errorf("the next reminder: %w", err)
	}
	for _, candidate := range all {
		for _, l := range r.Person.Leads {
			due := candidate.RemindAt(l)
			// Asked as of then: as of now, none of them is due.
			if !due.After(r.Now) || r.Person.SkipReminder(candidate, l, due) != "" {
				continue
			}
			// The hour at which it leaves is told, not the one at which it falls due in the night.
			job := store.Job{Kind: store.JobReminder, Meeting: candidate.ID, Start: candidate.Start(), Lead: l}
			if until := d.hold(job, r.Person, d.zone, due); !until.IsZero() {
				due = until
			}
			if !ok || due.Before(at) {
				m, at, ok = candidate, due, true
			}
		}
	}
	return m, at, ok, nil
}

// roleOf gives the role of a person; who was never given one is a guest.
func roleOf(p store.Person) store.Role { return cmp.Or(p.Role, store.Guest) }
