package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// clock is the clock of the demo and of the scripts: it flows, or stands, and can be stepped forward.
//
// A step visits each instant at which something falls due, in order, and waits until the bot has dealt with it; so
// a week passes in milliseconds and everything happens at its minute.
type clock struct {
	mu    sync.Mutex
	at    time.Time        // the time when since was read
	since time.Time        // of the real clock
	real  func() time.Time // nil: the clock stands between steps
}

// newClock starts a clock at a time. With a real clock it flows on, without one it stands still.
func newClock(at time.Time, real func() time.Time) *clock {
	c := &clock{at: at, real: real}
	if real != nil {
		c.since = real()
	}
	return c
}

// Now is the clock's time.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *clock) now() time.Time {
	if c.real == nil {
		return c.at
	}
	return c.at.Add(c.real().Sub(c.since))
}

// set moves the clock forward; it never goes back.
func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !t.After(c.now()) {
		return
	}
	c.at = t
	if c.real != nil {
		c.since = c.real()
	}
}

// stepper is what a step of the clock moves.
type stepper interface {
	// next gives the earliest instant after t at which something falls due.
	next(ctx context.Context, t time.Time) (time.Time, bool, error)
	// visit deals with everything that is due now, and returns when nothing is left to do.
	visit(ctx context.Context) error
}

// maxVisits bounds a step: something that is due again and again must not hang the demo.
const maxVisits = 200_000

// step moves the clock to a time and visits each due instant on the way. It stops early, at the instant it has
// visited, when stop says so.
func (c *clock) step(ctx context.Context, s stepper, to time.Time, stop func() bool) error {
	for range maxVisits {
		from := c.Now()
		at, ok, err := s.next(ctx, from)
		if err != nil {
			return fmt.Errorf("step of the clock from %s: %w", from.UTC().Format(time.RFC3339), err)
		}
		if !ok || at.After(to) {
			c.set(to)
			return s.visit(ctx)
		}
		c.set(at)
		if err := s.visit(ctx); err != nil {
			return err
		}
		if stop != nil && stop() {
			return nil
		}
	}
	return fmt.Errorf("step of the clock to %s: more than %d due instants", to.UTC().Format(time.RFC3339), maxVisits)
}
