package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"recbot/bot"
	"recbot/store"
)

// /team and tm: who runs things, for owners, and the way to take a role back.
var _ = command(spec{Name: "team", For: store.Owner, Order: 170, Buttons: []string{"tm"}, Run: (*Desk).team, Press: (*Desk).pressTeam})

// teamPage is how many people stand on a page.
const teamPage = 20

// dismissLasts is how long a confirmation is good for: an old message must not take a role when it is touched by mistake.
const dismissLasts = time.Hour

// errNoRole means that a person has no role, or none that can be taken.
var errNoRole = errors.New("no role to take back")

// team lists coordinators, organizers and owners.
func (d *Desk) team(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	people, err := d.store.Holders(ctx, store.Coordinator, store.Organizer, store.Owner)
	if err != nil {
		return nil, fmt.Errorf("the team: %w", err)
	}
	pages := max(1, (len(people)+teamPage-1)/teamPage)
	page := 0
	if r.Arg(0) == "page" {
		page = pageOf(r.Arg(1), pages)
	}
	reply := bot.Say("TeamHeading")
	for n := page * teamPage; n < min(len(people), (page+1)*teamPage); n++ {
		p, number := people[n], bot.Raw(strconv.Itoa(n+1))
		line := "TeamLine"
		if d.configured(p.ID) {
			line = "TeamLineConfigured"
		}
		reply.Line(line, "N", number, "Who", nameOf(p), "Role", d.standingAs(p.Role, p.Coordinates))
		switch {
		case p.Role != store.Owner:
			reply.Button("ButtonDismiss", bot.Data("tm", "rm", personArg(p.ID)), "N", number)
		case p.ID != r.Person.ID && !d.configured(p.ID):
			reply.Button("ButtonDemote", bot.Data("tm", "rm", personArg(p.ID)), "N", number)
		}
	}
	reply.Row(pager(page, pages, func(to int) string { return bot.Data("tm", "page", to) })...)
	return reply.Row(bot.Press("ButtonInviteNew", bot.Data("iv", "new"))).Row(menuButton()), nil
}

// nameOf is what colleagues call a person.
func nameOf(p store.Person) bot.Value {
	if p.Name == "" {
		return phrase("Nameless", "ID", personArg(p.ID))
	}
	return bot.V(bot.Raw(p.Name))
}

// personArg writes a person into the data of a button.
func personArg(id store.PersonID) string { return strconv.FormatInt(int64(id), 10) }

// pressTeam handles tm, tm:page:<n>, tm:rm:<id>, tm:yes:<id>:<when it was asked> and tm:dem:<id>:<when>.
func (d *Desk) pressTeam(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	n, err := strconv.ParseInt(r.Arg(1), 10, 64)
	id := store.PersonID(n)
	asked, odd := strconv.ParseInt(r.Arg(2), 36, 64)
	switch {
	case err != nil || r.Arg(0) == "page":
		return editing(d.team(ctx, r))
	case r.Arg(0) == "yes" && odd == nil && r.Now.Sub(time.Unix(asked, 0)) <= dismissLasts:
		return d.dismiss(ctx, r, id)
	case r.Arg(0) == "dem" && odd == nil && r.Now.Sub(time.Unix(asked, 0)) <= dismissLasts:
		return d.demote(ctx, r, id)
	}
	return d.askDismiss(ctx, r, id)
}

// askDismiss asks before a role is taken.
func (d *Desk) askDismiss(ctx context.Context, r *bot.Request, id store.PersonID) (*bot.Reply, error) {
	p, err := d.store.Person(ctx, id)
	after := p
	demotes := err == nil && p.Role == store.Owner
	switch {
	case demotes && (id == r.Person.ID || d.configured(id)):
		return d.teamNow(ctx, r, "ToastOldList")
	case errors.Is(err, store.ErrNotFound), err == nil && !demotes && !after.Dismiss():
		return d.teamNow(ctx, r, "ToastOldList")
	case err != nil:
		return nil, fmt.Errorf("taking a role back: %w", err)
	}
	question, yes := "DismissQuestion", "yes"
	if demotes {
		question, yes = "DemoteQuestion", "dem"
	}
	return bot.Say(question, "Who", nameOf(p), "Role", d.standingAs(p.Role, p.Coordinates)).
		Button("ButtonDismissYes", bot.Data("tm", yes, personArg(id), strconv.FormatInt(r.Now.Unix(), 36))).
		Button("ButtonDismissNo", bot.Data("tm")).Editing(), nil
}

// configured tells whether a person is an owner by the configuration of the bot: what is taken from them there they have
// again with their next message.
func (d *Desk) configured(id store.PersonID) bool { return slices.Contains(d.owners, id) }

// dismiss takes a role back, together with the links that were made by it, and tells the person, whose menu changes.
func (d *Desk) dismiss(ctx context.Context, r *bot.Request, id store.PersonID) (*bot.Reply, error) {
	p, err := d.store.ChangePerson(ctx, id, r.Cause("dismiss"), func(p *store.Person) error {
		if !p.Dismiss() {
			return errNoRole
		}
		return nil
	})
	return d.dismissed(ctx, r, p, err)
}

// demote makes another owner an organizer. The button says so: whoever presses it twice takes nothing more from them.
func (d *Desk) demote(ctx context.Context, r *bot.Request, id store.PersonID) (*bot.Reply, error) {
	if id == r.Person.ID || d.configured(id) {
		return d.teamNow(ctx, r, "ToastOldList")
	}
	p, err := d.store.DemoteOwner(ctx, id, r.Cause("dismiss"))
	return d.dismissed(ctx, r, p, err)
}

// dismissed ends what took a role from a person, who is told, and shows the team as it is now.
func (d *Desk) dismissed(ctx context.Context, r *bot.Request, p store.Person, err error) (*bot.Reply, error) {
	switch {
	case errors.Is(err, errNoRole), errors.Is(err, store.ErrNotFound):
		return d.teamNow(ctx, r, "ToastOldList")
	case errors.Is(err, store.ErrLastOwner):
		return d.teamNow(ctx, r, "ToastLastOwner")
	}
	if err == nil {
		err = d.store.WithdrawInvites(ctx, p.ID)
	}
	if err != nil {
		return nil, fmt.Errorf("taking a role back: %w", err)
	}
	note := bot.Say("RoleTaken", "Role", phrase("Role_"+string(roleOf(p))))
	note.Menu = true
	if err := d.notify(ctx, r, p.ID, fmt.Sprintf("role:%d", r.ID), note); err != nil {
		return nil, err
	}
	return d.teamNow(ctx, r, "ToastDismissed")
}

// teamNow shows the list as it is now, with a word about what happened.
func (d *Desk) teamNow(ctx context.Context, r *bot.Request, said string) (*bot.Reply, error) {
	reply, err := editing(d.team(ctx, r))
	return toasted(reply, said), err
}
