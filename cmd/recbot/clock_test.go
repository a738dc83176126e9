package main

import (
	"context"
	"slices"
	"testing"
	"time"
)

// fakeDue is due at fixed instants and remembers when it was visited.
type fakeDue struct {
	clock   *clock
	due     []time.Duration // since the start
	visited []time.Duration
	start   time.Time
}

func (f *fakeDue) next(_ context.Context, t time.Time) (time.Time, bool, error) {
	for _, d := range f.due {
		if at := f.start.Add(d); at.After(t) {
			return at, true, nil
		}
	}
	return time.Time{}, false, nil
}

func (f *fakeDue) visit(context.Context) error {
	f.visited = append(f.visited, f.clock.Now().Sub(f.start))
	return nil
}

func TestStepVisitsEachDueInstant(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name string
		to   time.Duration
		stop int // after so many visits; 0 = never
		want []time.Duration
	}{
		{"nothing due before the end, only the end", time.Minute, 0, []time.Duration{time.Minute}},
		{"every instant in order, then the end", 3 * time.Hour, 0, []time.Duration{time.Hour, 2 * time.Hour, 3 * time.Hour}},
		{"an instant at the end is visited before it, not twice over", 2 * time.Hour, 0, []time.Duration{time.Hour, 2 * time.Hour, 2 * time.Hour}},
		{"stopped at the first that matters", 3 * time.Hour, 1, []time.Duration{time.Hour}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newClock(start, nil)
			f := &fakeDue{clock: c, due: []time.Duration{time.Hour, 2 * time.Hour}, start: start}
			stop := func() bool { return tc.stop > 0 && len(f.visited) >= tc.stop }
			if err := c.step(t.Context(), f, start.Add(tc.to), stop); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(f.visited, tc.want) {
				t.Errorf("visited %v, want %v", f.visited, tc.want)
			}
		})
	}
}

func TestClockFlowsAndNeverGoesBack(t *testing.T) {
	t.Parallel()
	real := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	start := time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC)
	c := newClock(start, func() time.Time { return real })
	real = real.Add(time.Minute)
	if got := c.Now().Sub(start); got != time.Minute {
		t.Errorf("after a minute of real time the clock went %v", got)
	}
	c.set(start.Add(time.Hour))
	real = real.Add(time.Second)
	c.set(start)
	if got := c.Now().Sub(start); got != time.Hour+time.Second {
		t.Errorf("after a step of an hour and a second the clock is at %v", got)
	}
}
