package dispatch

import (
	"context"
	"errors"
	"fmt"

	"recbot/bot"
	"recbot/store"
)

// group stops what comes from a group. A command is answered with the way to the private chat, in the language of who gave
// it if that is known, and where the group is now; where the bot was put out nothing is said.
func (d *Dispatcher) group(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	switch {
	case r.Kind == bot.UpdateMigrated:
		return nil, d.moved(ctx, r)
	case r.Private:
		return nil, nil
	case r.Kind == bot.UpdateMember:
		return nil, d.standing(ctx, r)
	case r.Command == "" || d.throttle.over(r.Chat, r.Now) > 0:
		return nil, errDone
	}
	chat, gone, err := d.o.Store.Group(ctx, r.Chat)
	switch {
	case err != nil:
		return nil, err
	case gone:
		return nil, errDone
	}
	r.Chat = chat // of the answer only: the update is settled where it came from
	p, err := d.o.Store.Person(ctx, r.From)
	if err == nil {
		r.Person = p
	} else if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return bot.Say("GroupPrivateOnly", "Link", bot.Link{URL: d.o.Link()}), nil
}

// moved notes that a group became a supergroup.
func (d *Dispatcher) moved(ctx context.Context, r *bot.Request) error {
	d.o.Log.Info("a group became a supergroup", "chat", r.Chat, "to", r.MovedTo)
	if err := d.o.Store.MoveGroup(ctx, r.Chat, r.MovedTo); err != nil {
		return err
	}
	return errDone
}

// standing notes that the bot was put out of a group, or let in.
func (d *Dispatcher) standing(ctx context.Context, r *bot.Request) error {
	err := errDone
	switch r.Member {
	case bot.MemberOut:
		err = d.o.Store.GroupGone(ctx, r.Chat, "put out")
	case bot.MemberIn:
		err = d.o.Store.GroupBack(ctx, r.Chat)
	}
	if err != nil && !errors.Is(err, errDone) {
		return fmt.Errorf("standing in a group: %w", err)
	}
	return errDone
}

// learn notes what the fate of an answer tells of a group: that it has another id, or that nothing may be written there. It is
// learned again by the next answer if it cannot be noted.
func (d *Dispatcher) learn(ctx context.Context, r *bot.Request, receipt bot.Receipt) {
	if r.Private {
		return
	}
	chat := r.Chat
	var err error
	if receipt.MovedTo != 0 {
		chat, err = receipt.MovedTo, d.o.Store.MoveGroup(ctx, r.Chat, receipt.MovedTo)
	}
	if err == nil && receipt.Fate == bot.FateGone {
		err = d.o.Store.GroupGone(ctx, chat, receipt.Reason)
	}
	if err != nil {
		d.o.Log.Warn("what became of a group is not noted", "chat", r.Chat, "err", err)
	}
}
