package outbox

import (
	"time"

	"recbot/bot"
	"recbot/store"
)

// The pace of one chat.
const (
	chatEvery  = time.Second
	chatBurst  = 3
	groupMax   = 20 // letters a minute, edits counted too
	groupSpan  = time.Minute
	sweepFirst = 256 // chats that are remembered before the first sweep
)

// chat is what has to be known of a chat so that not too much is sent there.
type chat struct {
	busy   [classes]bool // a letter of the class is under way
	due    time.Time     // when the next letter would be due at an even pace (real time)
	sent   []time.Time   // of a group: the letters of the last minute
	closed gate
}

// chat gives the state of a chat. The caller holds the lock.
func (b *Outbox) chat(id store.ChatID) *chat {
	c := b.chats[id]
	if c == nil {
		c = &chat{}
		b.chats[id] = c
	}
	return c
}

// sweep forgets chats that are as good as new, now and then: the cost is shared by the letters in between.
func (b *Outbox) sweep() {
	if len(b.chats) < max(sweepFirst, 2*b.swept) {
		return
	}
	now, real := b.o.Now(), time.Now()
	for id, c := range b.chats {
		if c.fresh(now, real) {
			delete(b.chats, id)
		}
	}
	b.swept = len(b.chats)
}

func (c *chat) fresh(now, real time.Time) bool {
	return c.busy == [classes]bool{} && !c.due.After(real) && c.closed.left(now, real) <= 0 &&
		(len(c.sent) == 0 || real.Sub(c.sent[len(c.sent)-1]) >= groupSpan)
}

// ready gives the real time from which the chat may get its next letter.
func (c *chat) ready(id store.ChatID, real time.Time) time.Time {
	// At an even pace the next letter would be due at c.due. A burst is the right to be that many letters early.
	at := c.due.Add(-(chatBurst - 1) * chatEvery)
	if id < 0 && len(c.sent) >= groupMax {
		at = latest(at, c.sent[len(c.sent)-groupMax].Add(groupSpan))
	}
	return latest(at, real)
}

// take counts a letter that leaves now.
func (c *chat) take(id store.ChatID, real time.Time) {
	c.due = latest(c.due, real).Add(chatEvery)
	if id < 0 {
		// Of the last minute only the times of the last twenty letters matter.
		if len(c.sent) >= groupMax {
			c.sent = c.sent[len(c.sent)-groupMax+1:]
		}
		c.sent = append(c.sent, real)
	}
}

// slowly is the receipt of a letter that found its chat, or all bulk, closed.
func slowly(left time.Duration) *bot.Receipt {
	return &bot.Receipt{Fate: bot.FateLater, After: left, Flood: true, Reason: "too many requests"}
}

// gate is what a 429 closes. It is closed for a while, by the bot's clock and by the real one; whichever passes first opens it.
type gate struct{ now, real time.Time }

// shut closes the gate for a time, if it is not closed for longer already.
func (g *gate) shut(wait time.Duration, now, real time.Time) {
	if wait > g.left(now, real) {
		*g = gate{now.Add(wait), real.Add(wait)}
	}
}

// left tells how long the gate is closed still; 0 or less = it is open.
func (g gate) left(now, real time.Time) time.Duration {
	return min(g.now.Sub(now), g.real.Sub(real))
}
