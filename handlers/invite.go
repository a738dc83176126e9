package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"recbot/bot"
	"recbot/bot/dialog"
	"recbot/store"
)

// /invite and iv: links that give a role, each to one person. Owners make organizers, coordinators and delegates, organizers
// make delegates. The right to do so is asked at every press, and by the store once more when the link is used.
var _ = command(spec{Name: "invite", For: store.Organizer, Order: 160, Buttons: []string{"iv"}, Run: (*Desk).invite, Press: (*Desk).pressInvite})

const (
	inviteFlow = "invite"
	stepRole   = "role"
	stepBody   = "body"

	// inviteLasts is long enough for somebody on a journey, and short enough for a link to be forgotten in a chat.
	inviteLasts = 7 * 24 * time.Hour
	// invitesShown keeps the list inside one message.
	invitesShown = 30
)

// offer is something one can invite to.
type offer struct {
	word   string // in button data
	key    string // of its button
	role   store.Role
	ofBody bool
}

var offers = []offer{
	{"org", "ButtonInviteOrganizer", store.Organizer, false},
	{"coord", "ButtonInviteCoordinator", store.Coordinator, true},
	{"member", "ButtonInviteMember", store.Delegate, true},
	{"del", "ButtonInviteDelegate", store.Delegate, false},
}

// invite asks for whom the link is.
func (d *Desk) invite(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	return d.talks.Start(ctx, r, inviteFlow)
}

// pressInvite handles iv:new, iv:ls, iv:ls:n and iv:wd:<id>.
func (d *Desk) pressInvite(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	switch r.Arg(0) {
	case "new":
		return editing(d.invite(ctx, r))
	case "wd":
		return d.withdraw(ctx, r)
	}
	if r.Arg(1) == fresh { // the message above holds a link that cannot be shown again
		return d.invites(ctx, r)
	}
	return editing(d.invites(ctx, r))
}

// inviteFlow asks for the role, for a body where it needs one, and gives the link.
func (d *Desk) inviteFlow() dialog.Flow {
	return dialog.Flow{Name: inviteFlow, Title: "FlowInvite", Steps: []dialog.Step{
		{Name: stepRole, Ask: d.askRole, Take: d.takeRole},
		{Name: stepBody, Ask: d.askBody, Take: d.takeBody},
	}}
}

// askRole offers what the person may give.
func (d *Desk) askRole(ctx context.Context, t *dialog.Talk) (*bot.Reply, error) {
	// A flow outlives a role. To who lost it the bot speaks as to anybody else who has none.
	if !t.Person.Role.AtLeast(store.Organizer) {
		return d.Unknown(ctx, t.Request)
	}
	reply := bot.Say("InviteQuestion", "Lasts", bot.Span{Length: inviteLasts, Style: bot.SpanPlain})
	for _, o := range offers {
		if t.Person.Role.MayGive(o.role) {
			reply.Button(o.key, dialog.Data(inviteFlow, stepRole, o.word))
		}
	}
	return reply.Button("ButtonInvites", bot.Data("iv", "ls")).Row(dialog.Cancel(inviteFlow)), nil
}

// takeRole goes on to the body, or makes the link.
func (d *Desk) takeRole(ctx context.Context, t *dialog.Talk) (dialog.Move, error) {
	o, ok := offerOf(t.Person, t.Value)
	switch {
	case t.Typed, !ok:
		return d.askAgain(ctx, t, d.askRole)
	case o.ofBody:
		t.Keep(stepRole, o.word)
		return dialog.To(stepBody), nil
	}
	return d.makeInvite(ctx, t, o)
}

// offerOf finds what the person may give under the word of a button.
func offerOf(p store.Person, word string) (offer, bool) {
	i := slices.IndexFunc(offers, func(o offer) bool { return o.word == word && p.Role.MayGive(o.role) })
	if i < 0 {
		return offer{}, false
	}
	return offers[i], true
}

// askBody offers the bodies of the catalogue.
func (d *Desk) askBody(ctx context.Context, t *dialog.Talk) (*bot.Reply, error) {
	if _, ok := offerOf(t.Person, t.Answer(stepRole)); !ok {
		return d.Unknown(ctx, t.Request)
	}
	reply := bot.Say("InviteWhichBody")
	for _, b := range d.council.Bodies {
		reply.Row(d.bodyButton(b, dialog.Data(inviteFlow, stepBody, b.ID)))
	}
	return reply.Row(dialog.Back(inviteFlow), dialog.Cancel(inviteFlow)), nil
}

// takeBody makes the link.
func (d *Desk) takeBody(ctx context.Context, t *dialog.Talk) (dialog.Move, error) {
	o, ok := offerOf(t.Person, t.Answer(stepRole))
	if _, known := d.council.Body(t.Value); t.Typed || !ok || !known {
		return d.askAgain(ctx, t, d.askBody)
	}
	return d.makeInvite(ctx, t, o, t.Value)
}

// askAgain asks once more. With the press of somebody who may invite nobody any more, the flow is over.
func (d *Desk) askAgain(ctx context.Context, t *dialog.Talk, ask func(context.Context, *dialog.Talk) (*bot.Reply, error)) (dialog.Move, error) {
	reply, err := ask(ctx, t)
	if !t.Typed && !t.Person.Role.AtLeast(store.Organizer) {
		return dialog.End(reply), err
	}
	return dialog.Unclear(reply), err
}

// makeInvite ends the flow with a link. It is shown this once: the store keeps only what it takes to recognise it.
func (d *Desk) makeInvite(ctx context.Context, t *dialog.Talk, o offer, bodies ...string) (dialog.Move, error) {
	i := store.Invite{Role: o.role, Bodies: bodies, By: t.Person.ID, Expires: t.Now.Add(inviteLasts)}
	secret, err := d.store.MakeInvite(ctx, i, t.ID)
	if errors.Is(err, store.ErrTooMany) {
		return dialog.End(bot.Say("InviteTooMany", "N", strconv.Itoa(store.MaxInvites)).Button("ButtonInvites", bot.Data("iv", "ls"))), nil
	}
	if err != nil {
		return dialog.Move{}, fmt.Errorf("inviting: %w", err)
	}
	reply := bot.Say("InviteLink", "For", d.standingAs(i.Role, i.Bodies), "Link", bot.Link{URL: d.link() + "?start=" + secret}).
		Say("InviteLasts", "Until", bot.At{Time: i.Expires, Style: bot.AtFull})
	return dialog.End(reply.Button("ButtonInvites", bot.Data("iv", "ls", fresh)).Row(menuButton())), nil
}

// standingAs names a role with the bodies it is for.
func (d *Desk) standingAs(role store.Role, bodies []string) bot.Value {
	name := phrase("Role_" + string(role))
	if len(bodies) == 0 {
		return name
	}
	return phrase("RoleOfBodies", "Role", name, "Bodies", d.bodies(bodies))
}

// invites lists what is open: to an owner everything, to an organizer what is theirs.
func (d *Desk) invites(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	open, err := d.openInvites(ctx, r.Person)
	if err != nil {
		return nil, err
	}
	if len(open) == 0 {
		return bot.Say("InvitesNone").Button("ButtonInviteNew", bot.Data("iv", "new")).Row(menuButton()), nil
	}
	reply := bot.Say("InvitesHeading")
	var buttons []bot.Button
	for n, i := range open[:min(len(open), invitesShown)] {
		number := bot.Raw(strconv.Itoa(n + 1))
		reply.Line("InviteLine", "N", number, "For", d.standingAs(i.Role, i.Bodies), "Until", bot.At{Time: i.Expires, Style: bot.AtFull})
		buttons = append(buttons, bot.Press("ButtonInviteWithdraw", bot.Data("iv", "wd", i.ID), "N", number))
	}
	for row := range slices.Chunk(buttons, 2) {
		reply.Row(row...)
	}
	return reply.Button("ButtonInviteNew", bot.Data("iv", "new")).Row(menuButton()), nil
}

func (d *Desk) openInvites(ctx context.Context, p store.Person) ([]store.Invite, error) {
	open, err := d.store.OpenInvites(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing invites: %w", err)
	}
	return slices.DeleteFunc(open, func(i store.Invite) bool { return p.Role != store.Owner && i.By != p.ID }), nil
}

// withdraw ends an invite, one's own or, for an owner, anybody's. One that is gone already leads to the list as it is now.
func (d *Desk) withdraw(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	whose := r.Person.ID
	if r.Person.Role == store.Owner {
		whose = 0
	}
	said := "ToastInviteWithdrawn"
	err := d.store.WithdrawInvite(ctx, r.Arg(1), whose)
	if errors.Is(err, store.ErrNotFound) {
		said = "ToastOldList"
	} else if err != nil {
		return nil, fmt.Errorf("withdrawing an invite: %w", err)
	}
	reply, err := editing(d.invites(ctx, r))
	return toasted(reply, said), err
}

// accepted is what came of the link by which a person came.
type accepted struct {
	reply *bot.Reply
	taken bool
	by    store.PersonID // who made it
}

// invited takes an invite, and says which role it gave. A parameter that is no invite and nothing else says so: the person
// expected something of the link.
func (d *Desk) invited(ctx context.Context, r *bot.Request, param string) (accepted, error) {
	// Whether it is one is for the store to say: a secret does not look like anything in particular.
	p, invite, err := d.store.UseInvite(ctx, param, r.Person.ID, r.Cause("invite"))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return accepted{reply: bot.Say("InviteUnknown")}, nil
	case errors.Is(err, store.ErrExists):
		return accepted{reply: bot.Say("InviteForOthers")}, nil
	case err != nil:
		return accepted{}, fmt.Errorf("taking an invite: %w", err)
	}
	r.Person = p
	note := bot.Say("InviteUsed", "For", d.standingAs(invite.Role, invite.Bodies))
	if err := d.notify(ctx, r, invite.By, "invite:"+invite.ID, note); err != nil {
		return accepted{}, err
	}
	reply := bot.Say("InviteTaken", "Role", phrase("Role_"+string(roleOf(p))))
	if member := d.bodies(p.MemberOf); len(member) > 0 {
		reply.Line("MyDataMember", "Bodies", member)
	}
	// Membership makes nobody a follower: that is for each to choose, for newcomers a little later.
	if len(invite.Bodies) == 1 && p.Welcomed && !p.Covers(store.Topic(invite.Bodies[0])) {
		reply.Row(bodyFollow(p, invite.Bodies[0]))
	}
	reply.Menu = true // a role may have commands of its own
	return accepted{reply, true, invite.By}, nil
}

// notify opens a letter to somebody else, once for what it is about, and without a sound: none of them is urgent. To nobody,
// who is behind links of the command line, it tells nothing.
func (d *Desk) notify(ctx context.Context, r *bot.Request, to store.PersonID, about string, reply *bot.Reply) error {
	if to == 0 {
		return nil
	}
	reply.Silent = true
	content, err := json.Marshal(reply)
	if err == nil {
		err = d.store.OpenJob(ctx, store.Job{
			ID: store.LetterID(about), Kind: store.JobLetter, Audience: store.Audience{Person: to}, Content: content, Opened: r.Now, Due: r.Now,
		})
	}
	if err != nil {
		return fmt.Errorf("telling somebody else: %w", err)
	}
	return nil
}
