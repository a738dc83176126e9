package main

import (
	"strings"
	"testing"
	"time"
)

// The leader looks at the room of the store, and tells the owner of it.
func TestTheLeaderWatches(t *testing.T) {
	t.Parallel()
	alarmed(t, func(w *world, told func() string) {
		w.settle()
		w.life.store.Fill(10 << 20)
		time.Sleep(lookEvery + watchEvery)
		if got := told(); !strings.Contains(got, "10 MB are free") {
			w.t.Errorf("of a store that is nearly full the owner is told %q", got)
		}
	})
}
