package remind_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot/remind"
	"recbot/store"
)

// TestTicked is what a scheduler says of its ticks: the span of time, what it opened, and what came too late.
func TestTicked(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(t, []store.Lead{hour, quarter}, on("a", "2026-12-01 11:00"), on("b", "2026-12-01 10:30"),
		on("c", "2026-12-01 10:30", status(store.Cancelled)), on("d", "2026-12-01 10:40"))
	var said []string
	start := func() *remind.Scheduler {
		return remind.New(w.Store, remind.Options{Now: func() time.Time { return w.now }, Ticked: func(_ context.Context, t remind.Tick) {
			from := "the beginning"
			if !t.From.IsZero() {
				from = t.From.In(w.now.Location()).Format("15:04")
			}
			said = append(said, fmt.Sprintf("%s to %s: %d opened, lost %v", from, t.To.In(w.now.Location()).Format("15:04"), len(t.Opened), names(t.Lost)))
		}})
	}
	tick := func(s *remind.Scheduler, now string) {
		w.now = at("2026-12-01 " + now)
		if err := s.Tick(t.Context(), w.now); err != nil {
			t.Fatal(err)
		}
	}
	first := start()
	tick(first, "09:00")
	tick(first, "09:01")
	tick(first, "09:01")
	tick(start(), "10:40") // another process, which knows what stands in the store
	tick(first, "10:41")
	want := []string{
		"the beginning to 09:00: 0 opened, lost []",
		"09:00 to 09:01: 0 opened, lost []",
		"09:01 to 09:01: 0 opened, lost []",
		"09:00 to 10:40: 1 opened, lost [b 60 b 15 d 60 d 15]",
		"10:40 to 10:41: 0 opened, lost []",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	w.b.broken = store.ErrUnavailable
	w.now = at("2026-12-01 10:51")
	if err := first.Tick(t.Context(), w.now); err == nil || len(said) != len(want) {
		t.Errorf("a tick that did not succeed: %v, told %v", err, said[len(want):])
	}
}

// names lists notices by meeting and lead.
func names(notices []remind.Notice) []string {
	var all []string
	for _, n := range notices {
		all = append(all, fmt.Sprintf("%s %d", n.Meeting.ID, n.Lead))
	}
	return all
}
