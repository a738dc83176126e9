package handlers

import (
	"context"
	"slices"

	"recbot/bot"
	"recbot/store"
)

// announceRoles are the roles that can be written to.
var announceRoles = []store.Role{store.Delegate, store.Coordinator, store.Organizer, store.Owner}

// maxPicked is how many meetings are offered: those that come next, and the last one.
const maxPicked = 8

// pickAudience handles an:<draft>:pick:<kind>: the choice within one kind of audience, with the count as it is now.
func (d *Desk) pickAudience(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	kind := r.Arg(2)
	var reply *bot.Reply
	a := draft.Audience
	switch kind {
	case "mem":
		reply = bot.Say("AnnounceToMembers")
		d.bodyBoxes(reply, draft, kind, func(body string) bool { return slices.Contains(a.Members, body) })
	case "fol":
		reply = bot.Say("AnnounceToFollowers")
		d.bodyBoxes(reply, draft, kind, func(body string) bool { return slices.Contains(a.Topics, store.Topic(body)) })
	case "rol":
		reply = bot.Say("AnnounceToRole")
		for _, role := range announceRoles {
			on := slices.Contains(a.Roles, role)
			reply.Row(bot.Box("ButtonRole", an(draft, "tick", kind, string(role), !on), on, "Role", bot.NewPart("Role_"+string(role))))
		}
	case "lan":
		reply = bot.Say("AnnounceToLanguage")
		for _, lang := range store.Langs {
			on := slices.Contains(a.Languages, lang)
			reply.Row(bot.Box("ButtonLanguageName", an(draft, "tick", kind, string(lang), !on), on, "Language", ownName(lang)))
		}
	case "met":
		return d.pickMeeting(ctx, r, draft)
	default:
		return d.askAudience(ctx, r, draft)
	}
	if err := d.sayAudience(ctx, reply, draft); err != nil {
		return nil, err
	}
	return audienceEnd(reply.Button("ButtonBack", an(draft, "to")), draft), nil
}

// bodyBoxes are the boxes of the Council's bodies; the Council as a whole can be followed but has no members.
func (d *Desk) bodyBoxes(reply *bot.Reply, draft store.Draft, kind string, on func(body string) bool) {
	if kind == "fol" {
		id := string(store.TopicCouncil)
		reply.Row(bot.Box("ButtonBody", an(draft, "tick", kind, id, !on(id)), on(id), "Body", d.council.Council.ShortName))
	}
	for _, b := range d.council.Bodies {
		button := d.bodyButton(b, an(draft, "tick", kind, b.ID, !on(b.ID)))
		button.Tick = 1
		if on(b.ID) {
			button.Tick = 2
		}
		reply.Row(button)
	}
}

// tickAudience handles an:<draft>:tick:<kind>:<what>:<1|0>.
func (d *Desk) tickAudience(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	kind, what, on := r.Arg(2), r.Arg(3), r.Arg(4) == "1"
	draft, err := d.changeDraft(ctx, draft.ID, store.DraftComposing, func(draft *store.Draft) {
		draft.Meeting, draft.LeaveOut, draft.Note = "", false, false
		a := &draft.Audience
		switch kind {
		case "all":
			*a = store.Audience{Everybody: on, Languages: a.Languages}
		case "mem":
			a.Members = ticked(a.Members, what, on)
		case "fol":
			a.Topics = ticked(a.Topics, store.Topic(what), on)
		case "rol":
			a.Roles = ticked(a.Roles, store.Role(what), on)
		case "lan":
			a.Languages = ticked(a.Languages, store.Lang(what), on)
		}
		// Everybody and a part of them is everybody; a language alone is everybody who reads it.
		part := len(a.Members)+len(a.Topics)+len(a.Roles) > 0
		switch {
		case part:
			a.Everybody = false
		case kind == "lan" && on:
			a.Everybody = true
		}
	})
	if err != nil {
		return nil, err
	}
	if kind == "all" {
		return d.askAudience(ctx, r, draft)
	}
	return d.pickAudience(ctx, r, draft)
}

// ticked gives a copy of a list, in order, with v in it or without.
func ticked[T ~string](list []T, v T, on bool) []T {
	list = slices.DeleteFunc(slices.Clone(list), func(x T) bool { return x == v })
	if on {
		list = append(list, v)
	}
	slices.Sort(list)
	return list
}

// pickMeeting offers the meetings whose followers can be written to.
func (d *Desk) pickMeeting(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	all, err := d.store.VisibleMeetings(ctx, r.Person)
	if err != nil {
		return nil, err
	}
	offered := keep(all, func(m store.Meeting) bool { return m.Upcoming(r.Now) })
	offered = offered[:min(len(offered), maxPicked)]
	if last, ok := lastMeeting(all, r.Now); ok {
		offered = append(offered, last)
	}
	reply := bot.Say("AnnounceToMeeting")
	for _, m := range offered {
		on := draft.Meeting == m.ID
		reply.Row(bot.Box("ButtonMeeting", an(draft, "met", m.ID, !on), on, "Title", m.Name))
	}
	if err := d.sayAudience(ctx, reply, draft); err != nil {
		return nil, err
	}
	return audienceEnd(reply.Button("ButtonBack", an(draft, "to")), draft), nil
}

// tickMeeting handles an:<draft>:met:<meeting>:<1|0>. The followers of a meeting are an audience of their own: who may not see
// the meeting is never told, which could not be said of a mixture.
func (d *Desk) tickMeeting(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	m, err := d.store.Meeting(ctx, store.MeetingID(r.Arg(2)), r.Person)
	if err != nil {
		return nil, err
	}
	on := r.Arg(3) == "1"
	draft, err = d.changeDraft(ctx, draft.ID, store.DraftComposing, func(draft *store.Draft) {
		draft.Audience, draft.Meeting = store.Audience{}, ""
		draft.LeaveOut, draft.Note = false, false
		if on {
			draft.Meeting = m.ID
		}
	})
	if err != nil {
		return nil, err
	}
	return d.pickMeeting(ctx, r, draft)
}
