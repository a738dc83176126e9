package dispatch

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"recbot/bot"
	"recbot/store"
)

// outcome is what is to be done with an update in the end.
type outcome uint8

const (
	marked  outcome = iota // settled, and marked so in the store
	bare                   // settled without the mark: nothing was done that must not be done twice
	refused                // not settled: it comes again
)

// process deals with an update.
func (d *Dispatcher) process(ctx context.Context, t *turn) outcome {
	r := &bot.Request{Update: *t.u, Person: d.stranger(t.u), Now: d.o.Now()}
	reply, err := d.patiently(ctx, t, r)
	// What failed because the bot is ending is no failure: the update comes again.
	if err != nil && ctx.Err() != nil {
		return refused
	}
	t.enter(sending)
	if errors.Is(err, errDone) {
		d.answerQuery(ctx, t, "")
		// That a person left must not be noted again behind their coming back, which is marked.
		if r.Kind == bot.UpdateMember {
			return marked
		}
		return bare
	}
	reply, end := d.explain(r, reply, err)
	end = max(end, d.speak(ctx, t, r, reply))
	if end == marked { // else the store is away, or the update comes again
		d.looked(ctx, r)
	}
	return end
}

// patiently deals with an update that nobody waits for again while the store is out of reach: to be told to try again is
// of no use to them, and if it is lost, a person counts as reachable who is not, or the other way round.
func (d *Dispatcher) patiently(ctx context.Context, t *turn, r *bot.Request) (reply *bot.Reply, err error) {
	for end := time.Now().Add(memberPatience); ; {
		reply, err = d.guarded(ctx, t, r)
		if r.Kind != bot.UpdateMember || !outage(err) || time.Now().After(end) {
			return reply, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(memberRetry):
		}
	}
}

// outage tells that an error is of a store that cannot be used at present.
func outage(err error) bool {
	return errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrUnknown) || errors.Is(err, store.ErrFull)
}

// speak sends a reply. A panic on the way is answered with an apology; whatever comes of that, the update is dealt with:
// left unsettled it would hold up those behind it for ever.
func (d *Dispatcher) speak(ctx context.Context, t *turn, r *bot.Request, reply *bot.Reply) (end outcome) {
	defer func() {
		if p := recover(); p != nil {
			defer d.recovered("apologizing", t)
			end = marked
			end = d.sorry(ctx, t, r, &panicError{p, debug.Stack()})
		}
	}()
	return d.send(ctx, t, r, reply)
}

// errDone ends the way through the gates: there is nothing to do or to say.
var errDone = errors.New("done")

// guarded lets the update through the gates and to its handler. A panic becomes an error.
func (d *Dispatcher) guarded(ctx context.Context, t *turn, r *bot.Request) (reply *bot.Reply, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{p, debug.Stack()}
		}
	}()
	late, err := d.overtaken(ctx, t, r)
	if err != nil {
		return nil, err
	}
	// The order matters: the mark costs least and saves most, and a group never gets as far as being remembered.
	var a arrival
	for _, gate := range []gate{d.unseen(&a), d.group, d.member, d.who(&a), d.pace} {
		if reply, err = gate(ctx, r); reply != nil || err != nil {
			return reply, err
		}
	}
	if late {
		return bot.Say("NotCarriedOut"), nil
	}
	t.enter(working)
	ctx, cancel := context.WithTimeout(ctx, handlerLimit)
	defer cancel()
	return d.answer(ctx, r)
}

// overtaken tells whether an update that is done again comes too late. What became of a person since is known anyway.
func (d *Dispatcher) overtaken(ctx context.Context, t *turn, r *bot.Request) (bool, error) {
	if !t.redone {
		return false, nil
	}
	late, err := d.o.Store.Overtaken(ctx, r.Chat, r.ID)
	if late && r.Kind == bot.UpdateMember {
		err = errDone
	}
	return late, err
}

// panicError is only ever logged.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", e.value, e.stack) }

// explain makes a reply of an error.
func (d *Dispatcher) explain(r *bot.Request, reply *bot.Reply, err error) (*bot.Reply, outcome) {
	var refusal *bot.Refusal
	switch {
	case err == nil:
		return reply, marked
	case errors.As(err, &refusal):
		return refusal.Reply, marked
	case outage(err):
		// Without the mark: with the store away it could not be written, and nothing says that anything was done.
		d.o.Log.Warn("an update came while the store was out of reach", "chat", r.Chat, "update", r.ID, "err", err)
		reply = bot.Say("TryAgainSoon")
		if r.Kind == bot.UpdateButton {
			reply = bot.Toast("TryAgainSoon")
		}
		return awaited(r, reply), bare
	}
	return awaited(r, d.apologize(r, err)), marked
}

// awaited is the reply, if somebody waits for one. In a group nobody does who gave no command, and nobody does who blocked
// the bot or came back.
func awaited(r *bot.Request, reply *bot.Reply) *bot.Reply {
	if r.Kind == bot.UpdateMember || (!r.Private && r.Kind != bot.UpdateButton && r.Command == "") {
		return nil
	}
	return reply
}

// apologize logs what went wrong under a number, and tells the person the number.
func (d *Dispatcher) apologize(r *bot.Request, err error) *bot.Reply {
	d.o.Log.Error("an update could not be answered", "incident", incident(r.ID), "chat", r.Chat, "update", r.ID, "err", err)
	reply := bot.Say("Apology", "Incident", bot.Raw(incident(r.ID)))
	reply.Lacks = true
	return reply
}

// incident is short enough to be read out. It is made of the update, so that one that comes again has the same.
func incident(u store.UpdateID) string { return fmt.Sprintf("%06d", int64(u)%1_000_000) }

// finish settles an update, first in the store, then for whoever waits for it.
func (d *Dispatcher) finish(t *turn, end outcome) {
	// From here on overdue keeps nothing any more: it would stay behind the mark. What it has kept is known then.
	t.enter(ending)
	if end == refused {
		return
	}
	// A kept update has to be taken out of the store even if nothing was done for it.
	if end == marked || t.kept {
		if err := d.mark(t, end == marked && t.u.Private && !t.redone); err != nil {
			d.o.Log.Warn("an update is settled without its mark", "update", t.u.ID, "err", err)
		}
	}
	t.settle()
}

// mark settles an update in the store, ahead of older ones that are kept if that is told.
//
// Where these cannot be noted although the store can be used, as when their queue cannot be read, waiting helps nobody: the
// update gets its mark alone. Without it one that was kept, and has its answer, would be done again in some minutes. The lesser
// harm is that an older one, if there is any, is done behind it.
func (d *Dispatcher) mark(t *turn, ahead bool) error {
	if ahead {
		err := d.o.Store.SettleAhead(d.work, t.u.Chat, t.u.ID)
		if err == nil || outage(err) {
			return err
		}
		d.o.Log.Error("older updates of a chat are not noted as overtaken", "chat", t.u.Chat, "update", t.u.ID, "err", err)
	}
	return d.o.Store.SettleUpdate(d.work, t.u.Chat, t.u.ID)
}

// recovered is deferred in goroutines that timers start.
func (d *Dispatcher) recovered(doing string, t *turn) {
	if p := recover(); p != nil {
		d.o.Log.Error("panic while "+doing, "update", t.u.ID, "err", &panicError{p, debug.Stack()})
	}
}
