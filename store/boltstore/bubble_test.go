package boltstore

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"recbot/store"
)

// In a bubble time stands still until all goroutines are blocked for good; the committer must be among them, and end with
// Close, or this test hangs.
func TestInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, err := Open(filepath.Join(t.TempDir(), "recbot.db"), Options{NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		mustApply(t, d, store.Batch{Do: []store.Mutation{store.Put("d", []byte("v"), time.Hour)}})
		time.Sleep(time.Hour - time.Millisecond)
		if got := value(t, d, "d"); got != "v" {
			t.Errorf("before its end: got %q", got)
		}
		time.Sleep(time.Millisecond)
		if got := value(t, d, "d"); got != "" {
			t.Errorf("at its end: got %q", got)
		}
		synctest.Wait()
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
}

// The committer does not come to a batch while it is busy; whoever gives up meanwhile gets their batch back.
func TestGivingUpInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &DB{queue: make(chan *request), closed: make(chan struct{})}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := d.Apply(ctx, 1, put("d", "v")); !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("nobody takes the batch: got %v", err)
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		received := make(chan *request, 1)
		go func() { received <- <-d.queue }()
		if _, err := d.Apply(ctx, 1, put("d", "v")); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("the batch waits for its group: got %v", err)
		}
		if group := d.group(<-received); len(group) != 0 {
			t.Errorf("what was taken back is written: %d batches", len(group))
		}
	})
}
