package handlers

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"recbot/bot"
	"recbot/store"
)

// aw: to be told of an agenda, once, when there is one.
var _ = command(spec{Buttons: []string{"aw"}, Press: (*Desk).pressWish})

// onWord stands behind the buttons of the short message that confirms a wish, aw:<id>:<1|0>:w: they change it.
const onWord = "w"

// wishButton offers to be told of an agenda that is not there yet, or to take that back.
func wishButton(r *bot.Request, m store.Meeting, where ...any) bot.Button {
	on := !r.Person.Wishes(m.ID)
	key := "ButtonWish"
	if !on {
		key = "ButtonUnwish"
	}
	return bot.Press(key, bot.Data("aw", append([]any{m.ID, on}, where...)...))
}

// sayWish adds to a page without an agenda that the person will be told of it, and what they can do; nothing when none will
// come.
func sayWish(reply *bot.Reply, r *bot.Request, m store.Meeting) *bot.Reply {
	if !m.AgendaAwaited(r.Now) {
		return reply
	}
	if r.Person.Wishes(m.ID) {
		promise(reply, r.Person)
	}
	// An answer in words offers to send the question to the organizers. That offer would go if the answer were changed.
	if r.Kind == bot.UpdateText && r.Command == "" {
		return reply.Row(wishButton(r, m, fresh))
	}
	return reply.Row(wishButton(r, m)).Button("ButtonAsk", askButton)
}

// promise says that the agenda will be told. To whom nothing is sent it says that too, with the button that ends it.
func promise(reply *bot.Reply, p store.Person) {
	reply.Say("AgendaWished")
	if p.Stopped {
		reply.Line("SilentStopped").Row(wakeButton(p)...)
	}
}

// pressWish handles aw:<id>:<1|0> on the page of an agenda, which is shown anew; aw:<id>:<1|0>:n under an answer, which stays
// as it is; and aw:<id>:<1|0>:w under the short message that is said then.
func (d *Desk) pressWish(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	id, on, where := store.MeetingID(r.Arg(0)), r.Arg(1) == "1", r.Arg(2)
	show := func(reply *bot.Reply) *bot.Reply {
		if where != fresh {
			reply.Editing()
		}
		return reply
	}
	m, err := d.store.Meeting(ctx, id, r.Person)
	if errors.Is(err, store.ErrNotFound) {
		return show(meetingNone()), nil
	}
	if err != nil {
		return nil, fmt.Errorf("wish for the agenda of meeting %q: %w", id, err)
	}
	if on && !m.AgendaAwaited(r.Now) {
		// The button is from before: by now the agenda is there, or none will come. The page says which.
		return show(d.agendaOf(r, m, "")).Toasting("WishOutdated"), nil
	}
	p, err := d.store.WishAgenda(ctx, r.Person.ID, id, on, r.Cause("wish"))
	if errors.Is(err, store.ErrTooMany) {
		return bot.Toast("ToastTooManyWishes", "N", strconv.Itoa(store.MaxWishes)), nil
	}
	if err != nil {
		return nil, err
	}
	r.Person = p
	if where == "" {
		reply := show(d.agendaOf(r, m, ""))
		if on {
			return reply.Toasting("AgendaWished"), nil
		}
		return reply.Toasting("AgendaUnwished"), nil
	}
	return show(wishWord(r, m)), nil
}

// wishWord confirms a wish, or that it was taken back, in a message of its own. In a chat with several meetings the name says
// which one was meant.
func wishWord(r *bot.Request, m store.Meeting) *bot.Reply {
	reply := titled(m)
	if r.Person.Wishes(m.ID) {
		promise(reply, r.Person)
	} else {
		reply.Say("AgendaUnwished")
	}
	if !m.AgendaAwaited(r.Now) { // taken back when there was nothing to wait for any more
		return reply
	}
	return reply.Row(wishButton(r, m, onWord))
}

// wishMet tells who waited for it that a meeting has an agenda, as long as it still has one that will be followed. Like
// a change it comes without a sound to who muted the bot: they asked for this very message.
func (d *Desk) wishMet(m store.Meeting, p store.Person) (*bot.Reply, string) {
	now := d.now()
	switch {
	case !p.Wishes(m.ID):
		return nil, "not wished"
	case m.Status == store.Cancelled:
		return nil, "cancelled"
	case m.Status == store.Postponed:
		return nil, "postponed"
	case m.Over(now):
		return nil, "over"
	case len(m.Agenda) == 0:
		return nil, "no agenda"
	}
	reply := bot.Say("AgendaPublished")
	reply.Silent = p.Muted
	noticeBody(reply, m)
	if m.Status == store.Tentative {
		reply.Line("CardStatus", "Status", phrase(statusKey(m, now)))
	}
	return reply.Row(bot.Press("ButtonAgenda", bot.Data("ag", m.ID, fresh))), "wish"
}
