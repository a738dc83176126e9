package dispatch

import (
	"context"

	"recbot/bot"
)

// lane is the queue of one chat. It has a goroutine as long as something is on it.
type lane struct {
	// Dispatcher.mu guards both.
	queue []*turn // what waits behind the turn in work
	aside bool    // a button that was passed over is being told so
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
	stands, full := d.enter(t)
	switch {
	case full:
		d.passOver(t)
	case stands != t:
		<-d.room
	}
	return stands
}

// enter takes a turn in hand and puts it on its lane, opening that if need be. It gives the turn that stands for the update
// now, which is not this one when the update is in hand already, and nil after the end. full tells that there was no place
// on the lane: the turn is in hand, and that is all.
func (d *Dispatcher) enter(t *turn) (stands *turn, full bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if earlier := d.hand[t.u.ID]; earlier != nil || d.closed {
		return earlier, false
	}
	if !d.busy() {
		d.quiet = make(chan struct{})
	}
	d.hand[t.u.ID] = t
	l := d.lanes[t.u.Chat]
	// That somebody blocked the bot, or came back, is told once only, and is nothing that a person does often.
	if l != nil && len(l.queue) >= laneDepth && t.u.Kind != bot.UpdateMember {
		return t, true
	}
	// The time counts from here: an update that stands behind others is late as well.
	d.watch(t)
	if l != nil {
		l.queue = append(l.queue, t)
		return t, false
	}
	// A lane's goroutine ends with its last turn. Both happen under the lock, so none is put on a lane that has ended.
	l = &lane{}
	d.lanes[t.u.Chat] = l
	go d.run(l, t)
	return t, false
}

// passOver settles an update of a chat whose lane is full: it is more than anybody is answered in a minute, and to wait for a
// place would hold up all other chats. It leaves no mark, for nothing was done that must not be done twice. A button stops
// waiting, with a word over the chat, if no other of the chat is being told so: such a word is a call that goes on for as long
// as Telegram takes, and one chat must not have any number of them. Nor does the update keep its place among those in hand.
func (d *Dispatcher) passOver(t *turn) {
	d.o.Log.Info("a chat sends too much, an update is passed over", "chat", t.u.Chat, "update", t.u.ID)
	d.o.Metrics.PassedOver()
	t.settle()
	l := d.leave(t)
	if l == nil {
		return
	}
	go func() {
		defer d.backFrom(l)
		defer d.recovered("passing a button over", t)
		text, err := d.o.Toast(*bot.Toast("SlowDown").Toast, d.stranger(t.u), d.o.Now())
		if err != nil {
			d.o.Log.Error("a toast cannot be rendered", "update", t.u.ID, "err", err)
		}
		d.answerQuery(d.work, t, text)
	}()
}

// leave ends the stay of a turn that is passed over. It gives the turn's lane when its button is to be told so, which
// [Dispatcher.backFrom] has to end; nil = nothing is to be said.
func (d *Dispatcher) leave(t *turn) *lane {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.lanes[t.u.Chat]
	// A lane that is gone since was emptied: its person has answers enough to look at.
	if t.u.Query == "" || l == nil || l.aside {
		l = nil
	} else {
		// Before the turn is dropped, so that Close does not find everything quiet in between.
		l.aside = true
		d.asides++
	}
	d.drop(t)
	return l
}

// backFrom ends what leave began.
func (d *Dispatcher) backFrom(l *lane) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l.aside = false
	d.asides--
	d.hush()
}

// drop ends a turn's stay. The lock is held.
func (d *Dispatcher) drop(t *turn) {
	delete(d.hand, t.u.ID)
	d.hush()
	<-d.room
}

// hush wakes who waits for quiet, if that has come. The lock is held.
func (d *Dispatcher) hush() {
	if !d.busy() {
		close(d.quiet)
	}
}

// busy tells that an update is in hand or a passed-over button is being told so. The lock is held.
func (d *Dispatcher) busy() bool { return len(d.hand) > 0 || d.asides > 0 }

// run deals with a lane's turns, one after another, until it is empty.
func (d *Dispatcher) run(l *lane, t *turn) {
	for t != nil {
		d.serve(t)
		t = d.next(l, t)
	}
}

// next ends the stay of the turn in work and gives the one behind it. The lane that is empty then is closed, and gives nil.
func (d *Dispatcher) next(l *lane, done *turn) (t *turn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(l.queue) == 0 {
		delete(d.lanes, done.u.Chat)
	} else {
		t, l.queue = l.queue[0], l.queue[1:]
	}
	d.drop(done)
	return t
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
