package store_test

import (
	"testing"
	"time"
)

// TestLasting: each has a beginning of its own, until it is over.
func TestLasting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lasts := func(name string, want time.Time) {
		t.Helper()
		since, err := w.LastsSince(t.Context(), name)
		must(t, err)
		if !since.Equal(want) {
			t.Errorf("%s lasts since %s, want %s", name, since, want)
		}
	}
	lasts("room", time.Time{})
	must(t, w.SetLasting(t.Context(), "room", w.now))
	lasts("room", w.now)
	lasts("skew", time.Time{})
	must(t, w.SetLasting(t.Context(), "room", time.Time{}))
	must(t, w.SetLasting(t.Context(), "room", time.Time{})) // nothing to end is no error
	lasts("room", time.Time{})
}
