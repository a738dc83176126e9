package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"recbot/store"
)

// tight is a store that is nearly full.
type tight struct{ store.Backend }

func (b tight) Info(ctx context.Context) (store.Info, error) {
	info, err := b.Backend.Info(ctx)
	info.Tight, info.Free = true, 10<<20
	return info, err
}

// The leader looks at the room of the store, and tells the owner of it.
func TestTheLeaderWatches(t *testing.T) {
	t.Parallel()
	alarmed(t, func(w *world, told func() string) {
		w.settle()
		w.life.store.Backend = tight{w.life.store.Backend}
		time.Sleep(lookEvery + watchEvery)
		if got := told(); !strings.Contains(got, "10 MB are free") {
			w.t.Errorf("of a store that is nearly full the owner is told %q", got)
		}
	})
}
