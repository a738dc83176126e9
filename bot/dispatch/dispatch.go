// Package dispatch takes an update from the wire to its answer: a lane for each chat, the gates, the choice of who answers,
// and the sending of the answer.
//
// What it promises. Updates of one chat are dealt with one after another in the order of [Dispatcher.Handle], those of
// different chats side by side; one chat's trouble does not hold up another's. Whoever writes in a private chat gets an
// answer: what fails becomes an apology with an incident number that also stands in the log. An update is settled when
// its answer was sent or refused for good, or was kept in the store as a job, or when the update itself was kept there
// because its handler, or the sending of its answer, takes long. Then, and only then, the channel of Handle is closed,
// after the update was marked or kept.
//
// What it does not promise: killed in between, an update comes again, so handlers must be harmless when run twice.
package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"recbot/bot"
	"recbot/bot/dialog"
	"recbot/bot/metrics"
	"recbot/store"
)

// Bounds of what is in hand. A poller never has more than a hundred updates that are not settled, so the first is reached
// only when many handlers run for longer than lateAfter.
const (
	maxInHand = 1024 // updates
	laneDepth = 64   // that wait of one chat: twice what is answered in a minute, and less than a poller holds
)

// Paces of the conversation. They are waits for machines, not for the calendar, so Go's timers measure them.
const (
	// memberPatience is how long the news that somebody blocked the bot, or came back, waits for the store. It is bounded
	// because a poller takes nothing in that is a hundred updates further.
	memberPatience = time.Minute
	memberRetry    = 2 * time.Second
	// lateAfter is how long after its arrival an update is settled even though its answer has not left.
	lateAfter = 10 * time.Second
	// leastPatience is what the reply of a handler that took long has to leave.
	leastPatience = 3 * time.Second
	// quickAnswer is how long a pressed button waits for its handler before its query is answered without a word.
	quickAnswer = 700 * time.Millisecond
	// handlerLimit ends a handler that does not come to an end.
	handlerLimit = 2 * time.Minute
	// cutShort is how long a handler may take to notice that it has to end.
	cutShort = time.Second
	// intentAfter is when a kept update is due to be done again: not before its handler has certainly ended, and its reply
	// had the time of two calls to leave, of half a minute each.
	intentAfter = handlerLimit + time.Minute
)

// Options are what a Dispatcher works with. Fields without a remark are needed.
type Options struct {
	Store *store.Store
	Now   func() time.Time
	Log   *slog.Logger // nil = discard
	// Metrics may be nil.
	Metrics *metrics.Metrics

	Commands []bot.Command
	Flows    *dialog.Runner
	// Understand names what a text asks for; an empty intent when it is no question that the bot knows.
	Understand func(ctx context.Context, text string, p store.Person, now time.Time) (bot.Question, error)

	// Render writes a reply for a person. The letter is nil for a reply without parts.
	Render func(r *bot.Reply, to store.Person, now time.Time) (*bot.Letter, error)
	// Toast writes what is shown over the chat when a button was pressed.
	Toast func(p bot.Part, to store.Person, now time.Time) (string, error)
	// Menu is a person's command menu.
	Menu func(p store.Person) []bot.MenuItem
	// Send is the outbox's: ctx limits how long a letter waits for its turn, not the call that sends it.
	Send func(ctx context.Context, l *bot.Letter) bot.Receipt
	// Decode reads a kept update again. Nil is an update that nobody answers.
	Decode func(raw json.RawMessage) (*bot.Update, error)

	// Last gives the last word about the work that a live name stands for, once that is over; nil while it is not. Nil = there is
	// never one.
	Last func(ctx context.Context, live string) (*bot.Reply, error)

	// Reply takes a message that replies to one of the bot's own, whatever else is open; a nil reply leaves it to be read like
	// any other. Nil = there are none to take.
	Reply bot.Handler

	Which      bot.Handler // a question with two readings; nil = the first one is taken
	Fallback   bot.Handler // a text that nothing else answers
	Unknown    bot.Handler // a command that there is not, or not for this person
	Unreadable bot.Handler // a sticker, a voice message, a photo
	Stale      bot.Handler // a button that there is not any more, or not for this person
	Returned   bot.Handler // a person unblocked the bot; nil = say nothing

	Owners []store.PersonID
	// Guess names the language of a newcomer by the IETF tag of their client.
	Guess func(ietf string) store.Lang
	// Link gives the address of the private chat with the bot, for groups.
	Link func() string
	// PerMinute bounds the updates of a chat that are answered in a minute; 0 = 30.
	PerMinute int
}

// Dispatcher deals with updates. Its methods may be called from several goroutines.
type Dispatcher struct {
	o        Options
	table    table
	known    known
	throttle throttle

	// work is the context of everything done for updates: it outlives the Handle that brought them, and ends in Close.
	work context.Context
	stop context.CancelFunc
	room chan struct{} // one element for each update in hand

	mu     sync.Mutex // guards what follows, and what is in the lanes
	lanes  map[store.ChatID]*lane
	hand   map[store.UpdateID]*turn
	asides int           // passed-over buttons that are being told so, at most one of each lane; their updates are not in hand
	quiet  chan struct{} // closed while nothing is in hand and nothing told aside
	closed bool
}

// New returns a dispatcher. It panics when two commands answer to the same name, button or intent: that is a mistake of
// the program.
func New(o Options) *Dispatcher {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.PerMinute == 0 {
		o.PerMinute = 30
	}
	d := &Dispatcher{
		o: o, table: newTable(o.Commands), throttle: throttle{limit: o.PerMinute},
		room: make(chan struct{}, maxInHand), lanes: make(map[store.ChatID]*lane), hand: make(map[store.UpdateID]*turn),
	}
	d.work, d.stop = context.WithCancel(context.Background())
	return d
}

// Handle puts an update on its chat's lane and gives a channel that is closed when the update is settled, which is at
// once when the chat sends more than it is ever answered; only that somebody blocked the bot or came back is never passed
// over. It waits while there is no room, until ctx ends. Nil means that the update was not taken, because ctx ended or
// the dispatcher was closed: it has to come again. An update that is in hand already is not taken twice.
func (d *Dispatcher) Handle(ctx context.Context, u *bot.Update, raw json.RawMessage) <-chan struct{} {
	t := newTurn(u, raw)
	if known := d.enqueue(ctx, t); known != nil {
		return known.settled
	}
	return nil
}

// Resume does again what was kept in the store because it took long and was not finished, after a crash say. Call it at
// the start and now and then: an update comes up some minutes after it was kept. When the chat has gone on meanwhile the
// person is told to repeat it instead: done now, it might undo what they did since.
func (d *Dispatcher) Resume(ctx context.Context) error {
	due, err := d.o.Store.DueIntents(ctx, d.o.Now(), laneDepth)
	if err != nil {
		return fmt.Errorf("resuming: %w", err)
	}
	for _, intent := range due {
		u, err := d.decode(intent.Raw)
		if err != nil || u == nil {
			// It would be as unreadable in a minute.
			d.o.Log.Error("a kept update cannot be read, it is dropped", "chat", intent.Chat, "update", intent.Update, "err", err)
			if err := d.o.Store.SettleUpdate(ctx, intent.Chat, intent.Update); err != nil {
				return fmt.Errorf("resuming: %w", err)
			}
			continue
		}
		// It was confirmed to Telegram when it was kept: nobody waits for it, and only the store knows of it.
		t := newTurn(u, intent.Raw)
		t.kept, t.redone = true, true
		t.settle()
		if d.enqueue(ctx, t) == nil {
			return fmt.Errorf("resuming: %w", errStopping)
		}
	}
	return nil
}

// decode reads a kept update. One that nobody can read must not end whoever looks for them.
func (d *Dispatcher) decode(raw json.RawMessage) (u *bot.Update, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{p, debug.Stack()}
		}
	}()
	return d.o.Decode(raw)
}

var errStopping = errors.New("the dispatcher takes no more updates")

// Idle tells whether nothing is in hand and no button is being told that it was passed over.
func (d *Dispatcher) Idle() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.busy()
}

// Close takes no more updates and waits until the lanes are empty and passed-over buttons were told so. When ctx ends
// before, what is still in hand is cut short: it is not settled, and the error tells how many updates that were. A button
// whose word did not arrive is no error: its update was settled before.
func (d *Dispatcher) Close(ctx context.Context) error {
	d.mu.Lock()
	d.closed = true
	busy, quiet := d.busy(), d.quiet
	d.mu.Unlock()
	defer d.stop()
	if !busy {
		return nil
	}
	select {
	case <-quiet:
		return nil
	case <-ctx.Done():
	}
	d.mu.Lock()
	n := len(d.hand)
	d.mu.Unlock()
	d.stop()
	select { // so that the store is not closed under them
	case <-quiet:
	case <-time.After(cutShort):
	}
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%d updates cut short: %w", n, ctx.Err())
}
