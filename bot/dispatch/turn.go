package dispatch

import (
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"recbot/bot"
)

// turn is one update on its way through the lane.
type turn struct {
	u        *bot.Update
	raw      json.RawMessage
	settled  chan struct{}
	once     sync.Once   // closes settled
	patience time.Time   // of the real clock: until then the reply may wait for its turn to leave
	kept     bool        // stands in the store as an intent
	redone   bool        // was kept by somebody who did not finish it
	asked    atomic.Bool // the pressed button's query was answered

	// gate guards phase and kept. It is a channel because it is held while a letter is sent.
	gate   chan struct{}
	phase  phase
	timers []*time.Timer
	extra  sync.WaitGroup // timers that have yet to run, or are running
}

// phase is how far a turn has come.
type phase uint8

const (
	waiting phase = iota // on the lane, or at the gates
	working              // in its handler
	sending              // its reply is on its way
	ending               // what becomes of it is known, and is being noted
)

func newTurn(u *bot.Update, raw json.RawMessage) *turn {
	return &turn{u: u, raw: raw, settled: make(chan struct{}), patience: time.Now().Add(lateAfter), gate: make(chan struct{}, 1)}
}

func (t *turn) settle() { t.once.Do(func() { close(t.settled) }) }

// enter notes that the turn has come to a phase. It waits for what overdue may be doing.
func (t *turn) enter(p phase) {
	t.gate <- struct{}{}
	t.phase = p
	<-t.gate
}

// watch sees to it that a button's query is answered in time and that the update does not wait longer than lateAfter to be
// settled, whatever lies before it on the lane.
func (d *Dispatcher) watch(t *turn) {
	t.after(lateAfter, func() { d.overdue(t) })
	if t.u.Query != "" {
		t.after(quickAnswer, func() { d.answerQuery(d.work, t, "") })
	}
}

// after calls f later, unless unwatch comes first.
func (t *turn) after(wait time.Duration, f func()) {
	t.extra.Add(1)
	t.timers = append(t.timers, time.AfterFunc(wait, func() {
		defer t.extra.Done()
		f()
	}))
}

// unwatch ends what watch began, and waits for what is under way of it.
func (t *turn) unwatch() {
	for _, timer := range t.timers {
		if timer.Stop() {
			t.extra.Done()
		}
	}
	t.extra.Wait()
}

// overdue keeps an update in the store that is not dealt with in time, and so settles it. Its turn goes on: a crash is
// what the kept update is for. So nothing but a store out of reach keeps Telegram waiting for longer.
func (d *Dispatcher) overdue(t *turn) {
	defer d.recovered("keeping an update", t)
	// The gate is held to the end, so that "still working" is not said behind the answer.
	t.gate <- struct{}{}
	defer func() { <-t.gate }()
	// Also a reply that is on its way does not excuse from keeping the update: the call may take half a minute, and as long
	// again when nobody knows what came of the first, by which time a webhook would have brought the update to another
	// process, which knows nothing of this one and would do it again.
	if t.phase == ending {
		return
	}
	if !t.kept {
		if err := d.o.Store.SaveIntent(d.work, t.u.Chat, t.u.ID, t.raw, d.o.Now().Add(intentAfter)); err != nil {
			d.o.Log.Warn("an update that takes long is not kept", "update", t.u.ID, "err", err)
			return // and not settled: Telegram keeps it
		}
		t.kept = true
		t.settle()
	}
	if t.phase == working && t.u.Private {
		d.sayAside(d.work, t, bot.Say("StillWorking"))
	}
}
