package dispatch

import (
	"context"

	"recbot/bot"
)

// lane is the queue of one chat. It has a goroutine as long as something is on it.
type lane struct {
	queue chan *turn
	// pending counts what is on the lane, in work, or about to be put there. Dispatcher.mu guards it.
	pending int
}

// enqueue puts a turn on its lane, waiting for room among all. On a lane that is full it is settled without being dealt
// with. It gives the turn that now stands for the update, which is an earlier one if the update is in hand already, or nil
// when it was not taken.
func (d *Dispatcher) enqueue(ctx context.Context, t *turn) *turn {
	select {
	case d.room <- struct{}{}:
	case <-ctx.Done():
		return nil
	}
	l, earlier := d.enter(t)
	if l == nil {
		<-d.room
		return earlier
	}
	// The time counts from here: an update that stands behind others is late as well.
	d.watch(t)
	select {
	case l.queue <- t:
	default:
		// More than anybody is answered in a minute: to wait for a place would hold up all other chats.
		d.o.Log.Info("a chat sends too much, an update is passed over", "chat", t.u.Chat, "update", t.u.ID)
		t.unwatch()
		t.settle()
		d.leave(t, l)
	}
	return t
}

// enter finds the lane of a turn, opening it if need be. There is none for an update that is in hand already.
func (d *Dispatcher) enter(t *turn) (l *lane, earlier *turn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if earlier = d.hand[t.u.ID]; earlier != nil || d.closed {
		return nil, earlier
	}
	if len(d.hand) == 0 {
		d.quiet = make(chan struct{})
	}
	d.hand[t.u.ID] = t
	// A lane's goroutine ends with its last turn. Both happen under the lock, so none is put on a lane that has ended.
	if l = d.lanes[t.u.Chat]; l == nil {
		l = &lane{queue: make(chan *turn, laneDepth)}
		d.lanes[t.u.Chat] = l
		go d.run(l)
	}
	l.pending++
	return l, nil
}

// leave ends a turn's stay. The lane that is empty then is closed.
func (d *Dispatcher) leave(t *turn, l *lane) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.hand, t.u.ID)
	if l.pending--; l.pending == 0 {
		delete(d.lanes, t.u.Chat)
		close(l.queue)
	}
	if len(d.hand) == 0 {
		close(d.quiet)
	}
	<-d.room
}

// run deals with a lane's turns, one after another, until it is closed.
func (d *Dispatcher) run(l *lane) {
	for t := range l.queue {
		d.serve(t)
		d.leave(t, l)
	}
}

// serve deals with one turn. A panic outside of the handler, which has a guard of its own, leaves the update unsettled.
func (d *Dispatcher) serve(t *turn) {
	defer d.recovered("dealing with an update", t)
	defer t.unwatch()
	d.o.Metrics.Update(kindOf(t.u))
	d.finish(t, d.process(d.work, t))
}

// kindOf names what a person did, for the metrics.
func kindOf(u *bot.Update) string {
	switch {
	case u.Command != "":
		return "command"
	case u.Kind == bot.UpdateText:
		return "text"
	case u.Kind == bot.UpdateButton:
		return "button"
	case u.Kind == bot.UpdateOther:
		return "unreadable"
	}
	return "membership"
}
