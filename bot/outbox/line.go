package outbox

import (
	"context"
	"slices"
	"time"

	"recbot/bot"
	"recbot/store"
)

const classes = int(store.ClassBulk) + 1

// line is the letters that wait, by class, oldest first.
type line [classes][]*waiter

// waiter is a letter in the line.
type waiter struct {
	letter *bot.Letter
	class  store.Class
	turn   chan *bot.Receipt // nil on it: go; else the letter is refused
	since  time.Time         // real time when it joined the line
	tries  int
	after  time.Time    // real time before which it is not tried again
	moved  store.ChatID // where its group went
}

var closing = bot.Receipt{Fate: bot.FateLater, Reason: "the bot is stopping"}

// follow redirects a letter to where its group went, once.
func (w *waiter) follow(r bot.Receipt) bool {
	if r.MovedTo == 0 || w.moved != 0 {
		return false
	}
	l := *w.letter
	l.Chat, w.moved = r.MovedTo, r.MovedTo
	w.letter = &l
	return true
}

// again prepares another try at a reply that was certainly not executed; false when that is not worth while, or ctx ends
// before.
func (w *waiter) again(ctx context.Context, r bot.Receipt) bool {
	if w.class != store.ClassReply || r.Fate != bot.FateLater {
		return false
	}
	wait := r.After
	if !r.Flood {
		wait = max(wait, time.Second<<w.tries)
		w.tries++
	}
	w.after = time.Now().Add(wait)
	return w.tries < maxReplyTries && w.fits(ctx, wait)
}

// fits tells whether a wait is shorter than the sender's patience.
func (w *waiter) fits(ctx context.Context, wait time.Duration) bool {
	end, limited := ctx.Deadline()
	return ctx.Err() == nil && (!limited || time.Until(end) > wait)
}

// join puts a letter at the end of the line. A receipt means that waiting is of no use.
func (b *Outbox) join(ctx context.Context, w *waiter) *bot.Receipt {
	b.mu.Lock()
	defer b.mu.Unlock()
	if left := b.chat(w.letter.Chat).closed.left(b.o.Now(), time.Now()); left > 0 && !w.fits(ctx, left) {
		return slowly(left)
	}
	b.enter(w, len(b.line[w.class]))
	b.pump()
	return nil
}

// enter puts a letter into the line with a turn of its own to wait for.
func (b *Outbox) enter(w *waiter, at int) {
	w.turn = make(chan *bot.Receipt, 1)
	b.line[w.class] = slices.Insert(b.line[w.class], at, w)
}

// await waits for a letter's turn. A receipt means that it does not leave.
func (b *Outbox) await(ctx context.Context, w *waiter) *bot.Receipt {
	select {
	case refused := <-w.turn:
		return refused
	case <-ctx.Done():
		return b.leave(w)
	}
}

// leave takes a letter out of the line because its sender waits no longer. It may have got its turn in the same moment.
func (b *Outbox) leave(w *waiter) *bot.Receipt {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.Index(b.line[w.class], w)
	if i < 0 {
		return <-w.turn
	}
	b.line[w.class] = slices.Delete(b.line[w.class], i, i+1)
	c := b.chat(w.letter.Chat)
	b.pump() // it may have held up others
	if left := c.closed.left(b.o.Now(), time.Now()); left > 0 {
		return slowly(left)
	}
	return &bot.Receipt{Fate: bot.FateLater, Reason: "no turn in time"}
}

// pump lets every letter go whose turn has come and sets the timer for the next one. The caller holds the lock.
func (b *Outbox) pump() {
	// The whole line is looked at each time. It is short, because its senders wait: they are a bounded number. In a broadcast
	// that is some hundred letters some thousand times a second all the same, so those that cannot leave cost next to nothing.
	p := round{now: b.o.Now(), real: time.Now()}
	p.refuses = b.dead || b.shut || b.closures.After(p.real)
	for class := range b.line {
		p.held = nil
		b.spend(store.Class(class), &p)
		// Higher classes are looked at first and take slots and pace, which is all that it means to go before others.
		b.line[class] = slices.DeleteFunc(b.line[class], func(w *waiter) bool { return b.tryTurn(w, &p) })
		b.report(class)
	}
	b.wakeAt(p.wake, p.real)
	if b.shut {
		close(b.changed)
		b.changed = make(chan struct{})
	}
}

// report tells the metrics how long the line of a class is and since when its first letter waits, when that is different
// from what was told before.
func (b *Outbox) report(class int) {
	now := queued{letters: len(b.line[class])}
	if now.letters > 0 {
		now.oldest = b.line[class][0].since
	}
	if now != b.reported[class] {
		b.reported[class] = now
		b.o.Metrics.Queue(store.Class(class), now.letters, now.oldest)
	}
}

// queued is what the metrics know of the line of a class.
type queued struct {
	letters int
	oldest  time.Time
}

// round is one look at the whole line.
type round struct {
	now, real time.Time
	held      map[store.ChatID]bool // chats of which an older letter of the class waits
	wake      time.Time             // the earliest instant at which something changes by itself
	refuses   bool                  // some letters may have to be refused for another reason than that they are late

	spent bool      // no letter of the class leaves any more
	next  time.Time // when the next one of it may, if time alone decides
}

// spend notes whether any letter of a class may leave now.
func (b *Outbox) spend(class store.Class, p *round) {
	p.spent, p.next = b.full(class), time.Time{}
	if p.spent || class == store.ClassReply {
		return
	}
	if next := b.pace.next(); next.After(p.real) {
		p.spent, p.next = true, next
	}
}

// until has the line looked at again at an instant at the latest; the zero time is none.
func (p *round) until(at time.Time) {
	if !at.IsZero() && (p.wake.IsZero() || at.Before(p.wake)) {
		p.wake = at
	}
}

// late tells that a letter is past its deadline.
func (p *round) late(w *waiter) bool {
	return !w.letter.Deadline.IsZero() && p.now.After(w.letter.Deadline)
}

// hold leaves a letter in the line, and with it what comes behind it for the same chat.
func (p *round) hold(chat store.ChatID, until time.Time) {
	if p.held == nil {
		p.held = map[store.ChatID]bool{}
	}
	p.held[chat] = true
	p.until(until)
}

// tryTurn decides about one letter and tells whether it has left the line, sent or refused.
func (b *Outbox) tryTurn(w *waiter, p *round) bool {
	if p.spent && !p.refuses && !p.late(w) {
		p.until(p.next)
		return false
	}
	chat := w.letter.Chat
	c := b.chat(chat)
	if refused := b.refuse(w, c, p); refused != nil {
		w.turn <- refused
		return true
	}
	if p.held[chat] || c.busy[w.class] || b.full(w.class) {
		p.hold(chat, time.Time{})
		return false
	}
	at := w.after
	if left := c.closed.left(p.now, p.real); left > 0 {
		at = latest(at, p.real.Add(left))
	}
	at = latest(at, c.ready(chat, p.real))
	if w.class != store.ClassReply {
		at = latest(at, b.pace.next())
	}
	if at.After(p.real) {
		p.hold(chat, at)
		return false
	}
	b.start(w, c, p.real)
	b.spend(w.class, p)
	return true
}

// refuse tells why a letter does not wait any longer; nil while it does.
func (b *Outbox) refuse(w *waiter, c *chat, p *round) *bot.Receipt {
	bulk := w.class != store.ClassReply
	switch {
	case b.dead || b.shut && bulk:
		r := closing
		return &r
	case p.late(w):
		return &bot.Receipt{Fate: bot.FateLater, Reason: "late"}
	}
	if !bulk {
		return nil
	}
	if left := max(c.closed.left(p.now, p.real), b.bulk.left(p.now, p.real)); left > 0 {
		return slowly(left)
	}
	return nil
}

// full tells that as many calls of the class are under way as may be. All but replies share theirs.
func (b *Outbox) full(class store.Class) bool {
	if class == store.ClassReply {
		return b.flying[class] >= replySlots
	}
	return b.flying[store.ClassUrgent]+b.flying[store.ClassPrompt]+b.flying[store.ClassBulk] >= int(b.slots)
}

// start gives a letter its turn.
func (b *Outbox) start(w *waiter, c *chat, real time.Time) {
	c.busy[w.class] = true
	c.take(w.letter.Chat, real)
	b.flying[w.class]++
	if w.class != store.ClassReply {
		b.pace.take(real)
	}
	w.turn <- nil
}

// wakeAt sets the timer that looks at the line again; the zero time needs none.
func (b *Outbox) wakeAt(at, real time.Time) {
	if at.IsZero() {
		if b.timer != nil {
			b.timer.Stop()
		}
		return
	}
	if b.timer != nil {
		b.timer.Reset(at.Sub(real))
		return
	}
	b.timer = time.AfterFunc(at.Sub(real), func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.pump()
	})
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
