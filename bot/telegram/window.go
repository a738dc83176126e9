package telegram

import (
	"context"
	"time"
)

// window is the updates that were taken and are not confirmed to Telegram: from the lowest that is not settled to the
// newest. Between them there may be settled ones; Telegram gives them again with each answer.
type window struct {
	open []heldUpdate // in the order in which Telegram gave them
	last int64        // the newest that was taken; 0 = none yet
}

type heldUpdate struct {
	id   int64
	done <-chan struct{}
}

// settled is the state of an update with which nothing is to be done.
var settled = func() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}()

func (w *window) add(id int64, done <-chan struct{}) {
	w.open = append(w.open, heldUpdate{id, done})
	w.last = id
}

func (w *window) has(id int64) bool {
	for _, h := range w.open {
		if h.id == id {
			return true
		}
	}
	return false
}

// offset is the lowest update that is not settled, and forgets all before it: asking from there confirms them, and nothing
// that is forgotten comes again. 0 = nothing was taken yet.
func (w *window) offset() int64 {
	for len(w.open) > 0 && isClosed(w.open[0].done) {
		w.open = w.open[1:]
	}
	switch {
	case len(w.open) > 0:
		return w.open[0].id
	case w.last != 0:
		return w.last + 1
	}
	return 0
}

func isClosed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// wait returns when all is settled, and otherwise when it is time to look for newer updates: after [askEvery], but never
// before there is room for one.
func (w *window) wait(ctx context.Context) {
	again := time.NewTimer(askEvery)
	defer again.Stop()
	// Waiting for one after the other comes to the same as waiting for all.
	for _, h := range w.open {
		select {
		case <-h.done:
			continue
		case <-ctx.Done():
			return
		case <-again.C:
		}
		// A full window is the first hundred of what Telegram has: asking again would give the same hundred.
		if len(w.open) >= maxHeld {
			select {
			case <-w.open[0].done:
			case <-ctx.Done():
			}
		}
		return
	}
}
