// Package outbox is the only door out: every letter waits here for its turn and leaves by the wire.
//
// What it promises: replies go before urgent letters, these before prompt ones, these before bulk; letters of one class to
// one chat leave in the order in which they came, one after the other; a chat gets at most one letter a second (three at
// once after a silence, a group 20 a minute); all letters but replies together keep a pace that is never made up for after
// a stall. What is called bulk here, a pace, a pause or a number of calls, is that of all these together. When
// Telegram asks to slow down (429) the chat is closed for that long. When it looks as if everybody is meant, so are all
// letters but replies, and their pace is halved and comes back within some minutes. Answers to pressed buttons and
// command menus wait for nothing.
//
// What it does not: keep letters. Whoever hands one over waits for its [bot.Receipt] and keeps a ledger if the letter
// must survive a crash. Nothing is sent a second time here unless it certainly was not executed.
package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"recbot/bot"
	"recbot/bot/metrics"
	"recbot/store"
)

// Wire carries one letter to Telegram and tells its fate. It never tries twice what may have been executed.
type Wire interface {
	Send(ctx context.Context, l *bot.Letter) bot.Receipt
}

// Options of an [Outbox]; the zero value is good.
type Options struct {
	// Rate is how many letters but replies together leave in any second at most; 0 = 25. They leave evenly, one percent
	// below it, and slower for some minutes after Telegram has asked to slow down.
	Rate float64
	// Now is the clock by which letters are late and chats closed; nil = time.Now. A closure also ends when that much real
	// time has passed, so that a clock that stands locks nobody out.
	Now func() time.Time
	// Jitter is added to every wait that Telegram asks for; nil = 100 to 500 ms by chance.
	Jitter  func() time.Duration
	Log     *slog.Logger     // nil = none
	Metrics *metrics.Metrics // nil = none
}

const (
	defaultRate = 25

	replyTimeout = 30 * time.Second // of one call; Telegram holds requests for up to 15 s before it refuses them
	bulkTimeout  = 60 * time.Second

	replySlots = 64 // calls at once, beside those of other letters and of what waits for nothing
	minSlots   = 8
	maxSlots   = 128

	maxReplyTries = 5 // at a reply that did not get through although nobody asked to slow down
)

// Outbox is the door. Its methods may be called from several goroutines.
type Outbox struct {
	wire  Wire
	o     Options
	calls context.Context // ends when calls under way are given up
	stop  context.CancelFunc

	mu       sync.Mutex
	line     line
	chats    map[store.ChatID]*chat
	swept    int // chats that were left by the last sweep
	bulk     gate
	closures time.Time // real time from which on nothing is closed that is now
	flood    flood     // the last one
	pace     pace
	flying   [classes]int
	directs  int     // calls under way of what waits for nothing
	slots    float64 // calls of letters but replies that may be under way at once
	latency  time.Duration
	timer    *time.Timer
	shut     bool          // takes replies only
	dead     bool          // takes nothing
	changed  chan struct{} // closed and made anew at each change, once shut
	reported [classes]queued
}

// flood remembers a 429.
type flood struct {
	chat store.ChatID
	at   time.Time
}

// New returns an outbox in front of a wire. It runs no goroutine of its own.
func New(w Wire, o Options) *Outbox {
	if o.Rate <= 0 {
		o.Rate = defaultRate
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Jitter == nil {
		o.Jitter = func() time.Duration { return 100*time.Millisecond + rand.N(400*time.Millisecond) }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	b := &Outbox{wire: w, o: o, chats: map[store.ChatID]*chat{}, changed: make(chan struct{}),
		pace: pace{full: o.Rate, rate: o.Rate}, slots: enough(o.Rate, 0)}
	b.calls, b.stop = context.WithCancel(context.Background())
	o.Metrics.BulkRate(b.Rate)
	return b
}

// Send waits for the letter's turn, sends it and tells its fate. ctx limits the wait, not the call: a call that has begun
// takes up to 30 s for a reply and 60 s for others, because to cut it would make its fate unknown.
//
// A letter of another class than reply never waits for a closed chat or for closed bulk: it comes back as FateLater. A reply
// waits for its chat, and is tried again when it was certainly not executed, as long as ctx allows; then it comes back as FateLater, at
// once if the wait that is asked for is longer. FateLater is also what happens to a letter past its deadline, or after
// [Outbox.Close]. A group that became a supergroup is sent the letter there; the receipt tells.
func (b *Outbox) Send(ctx context.Context, l *bot.Letter) bot.Receipt {
	if l.Kind == bot.LetterToast || l.Kind == bot.LetterMenu {
		return b.direct(ctx, l)
	}
	w := &waiter{letter: l, class: min(l.Class, store.ClassBulk), since: time.Now()}
	if refused := b.join(ctx, w); refused != nil {
		return *refused
	}
	for {
		if refused := b.await(ctx, w); refused != nil {
			refused.MovedTo = w.moved
			return *refused
		}
		if r, again := b.deliver(ctx, w); !again {
			r.MovedTo = w.moved
			return r
		}
	}
}

// direct sends what waits for nothing. It takes no place of a reply: all buttons that wait on one chat's lane may be answered in
// one moment, and while Telegram is slow they would hold up the replies to everybody.
func (b *Outbox) direct(ctx context.Context, l *bot.Letter) bot.Receipt {
	b.mu.Lock()
	if b.dead {
		b.mu.Unlock()
		return closing
	}
	b.directs++
	b.mu.Unlock()
	r := b.call(ctx, l, store.ClassReply)

	b.mu.Lock()
	defer b.mu.Unlock()
	b.directs--
	if r.Flood {
		r.After = b.slowDown(l.Chat, r.After)
	}
	b.pump()
	return r
}

// deliver sends a letter whose turn has come and notes what came of it. again tells that it is back in the line.
func (b *Outbox) deliver(ctx context.Context, w *waiter) (r bot.Receipt, again bool) {
	begun := time.Now()
	r = b.call(ctx, w.letter, w.class)
	again = b.settle(ctx, w, &r, time.Since(begun))
	return r, again
}

// call makes one call to the wire. A panic there is a letter of unknown fate, not the end of the bot.
func (b *Outbox) call(ctx context.Context, l *bot.Letter, class store.Class) (r bot.Receipt) {
	limit := bulkTimeout
	if class == store.ClassReply {
		limit = replyTimeout
	}
	// A sender who waits no longer must not make a letter's fate unknown that is on its way.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	defer context.AfterFunc(b.calls, cancel)()
	defer func() {
		if p := recover(); p != nil {
			b.o.Log.Error("wire panicked", "chat", l.Chat, "err", fmt.Sprintf("%v\n%s", p, debug.Stack()))
			r = bot.Receipt{Fate: bot.FateUnknown, Reason: "panic"}
		}
		b.o.Metrics.Letter(class, r.Fate.String())
	}()
	return b.wire.Send(ctx, l)
}

// settle notes a receipt and lets the next letters go. A letter that is tried again is back in the line before any other
// for its chat can leave.
func (b *Outbox) settle(ctx context.Context, w *waiter, r *bot.Receipt, took time.Duration) (again bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	chat := w.letter.Chat
	b.flying[w.class]--
	b.chat(chat).busy[w.class] = false
	switch {
	case r.Flood:
		r.After = b.slowDown(chat, r.After)
	case r.Fate == bot.FateSent && w.class != store.ClassReply:
		b.adapt(took)
	}
	if again = w.follow(*r) || w.again(ctx, *r); again {
		b.enter(w, 0)
	}
	b.sweep()
	b.pump()
	return again
}

// adapt lets as many calls be under way as the pace needs at the present latency. It grows slowly.
func (b *Outbox) adapt(took time.Duration) {
	// The mean over the last handful of letters: by Little's law as many are under way as rate times latency.
	b.latency += (took - b.latency) / 8
	b.slots = min(enough(b.pace.at(time.Now()), b.latency), b.slots+0.25)
}

// enough gives how many calls must be under way at once to keep a pace. It reckons with an answer time of a second at least:
// Telegram is much quicker, but holds a few letters for fifteen seconds, and these must not use up the room of the others.
func enough(rate float64, latency time.Duration) float64 {
	return min(max(rate*max(latency, time.Second).Seconds(), minSlots), maxSlots)
}

// Limits of what a 429 closes.
const (
	shortFlood  = time.Minute     // below this, everybody may be meant
	floodWindow = 5 * time.Second // two chats within it: everybody is meant
)

// slowDown closes a chat that was answered with 429, and all letters but replies too where everybody may be meant.
// Telegram does not say which it is. It gives how long the chat is closed.
func (b *Outbox) slowDown(chat store.ChatID, after time.Duration) time.Duration {
	b.o.Metrics.Flood()
	wait := after + b.o.Jitter()
	real, now := time.Now(), b.o.Now()
	b.chat(chat).closed.shut(wait, now, real)
	b.closures = latest(b.closures, real.Add(wait))
	// A long wait of one chat is that chat's own trouble: ten thousand seconds for one group have been seen.
	second := !b.flood.at.IsZero() && b.flood.chat != chat && real.Sub(b.flood.at) <= floodWindow
	if after < shortFlood || second {
		b.slowAll(wait, now, real)
	}
	b.flood = flood{chat, real}
	b.o.Log.Warn("telegram asks to slow down", "chat", chat, "seconds", wait.Seconds())
	return wait
}

// slowAll lets nothing but replies leave for a time, and then fewer letters than before.
func (b *Outbox) slowAll(wait time.Duration, now, real time.Time) {
	// Letters that were under way when the door closed are refused too. That is one refusal, and slows down once.
	if b.bulk.left(now, real) <= 0 {
		b.pace.slow(real, real.Add(wait))
		b.o.Log.Info("letters leave more slowly for a while", "per_second", b.pace.rate)
	}
	b.bulk.shut(wait, now, real)
}

// Rate gives how many letters but replies may leave in a second at present; 0 while none may, see [Outbox.Pause].
func (b *Outbox) Rate() float64 {
	if b.Pause() > 0 {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pace.at(time.Now())
}

// Pause tells for how long nothing but replies leaves; 0 = it does. After [Outbox.Close] that is always another second.
func (b *Outbox) Pause() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.shut {
		return time.Second
	}
	return max(0, b.bulk.left(b.o.Now(), time.Now()))
}

// Idle tells that no letter waits and none is under way.
func (b *Outbox) Idle() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.idle()
}

func (b *Outbox) idle() bool {
	n := b.directs
	for class := range classes {
		n += b.flying[class] + len(b.line[class])
	}
	return n == 0
}

// Close takes replies only from now on, gives other letters that wait back as FateLater, and waits until the last
// letter has left. When ctx ends first, what waits comes back as FateLater and calls under way are cut: their fate is
// unknown, and the error is that of ctx.
func (b *Outbox) Close(ctx context.Context) error {
	defer b.stop()
	b.mu.Lock()
	b.shut = true
	b.pump()
	for !b.idle() {
		changed := b.changed
		b.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			b.mu.Lock()
			b.dead = true
			b.pump()
			b.mu.Unlock()
			return ctx.Err()
		}
		b.mu.Lock()
	}
	b.dead = true
	b.mu.Unlock()
	return nil
}
