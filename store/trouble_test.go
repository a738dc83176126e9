package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// TestTheLatestTroubleOfAll keeps the newest, whichever process tells of its own last one and when.
func TestTheLatestTroubleOfAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := w.Now().Add(-time.Minute)
	for _, tc := range []struct {
		name string
		tell store.Trouble
		want string
	}{
		{"nothing went wrong", store.Trouble{}, ""},
		{"the first one", store.Trouble{What: "a", At: at}, "a"},
		{"another process knows a later one", store.Trouble{What: "b", At: at.Add(time.Second)}, "b"},
		{"the first process tells its own again", store.Trouble{What: "a", At: at}, "b"},
		{"who has none asks", store.Trouble{}, "b"},
	} {
		if got, err := w.NoteTrouble(t.Context(), tc.tell); err != nil || got.What != tc.want {
			t.Errorf("%s: %+v, %v, want %q", tc.name, got, err, tc.want)
		}
	}
}

// TestTroublesOfOtherTimes tells neither of what is long over nor, for ever, of what a clock noted that was ahead.
func TestTroublesOfOtherTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begin := w.Now()
	const day = 24 * time.Hour
	for _, tc := range []struct {
		name string
		now  time.Duration // after the beginning
		what string        // "" only asks
		at   time.Duration // after the beginning
		want store.Trouble
	}{
		{"a process had a trouble", 0, "a", 0, store.Trouble{What: "a", At: begin}},
		{"it tells it for seven days", 7 * day, "a", 0, store.Trouble{What: "a", At: begin}},
		{"then it is over, though the process lives on", 7*day + time.Second, "a", 0, store.Trouble{}},
		{"also for who asks", 7*day + time.Minute, "", 0, store.Trouble{}},
		{"one of a clock that is ahead counts as of now", 8 * day, "b", 10 * day, store.Trouble{What: "b", At: begin.Add(8 * day)}},
		{"and hides no later one", 8*day + time.Hour, "c", 8*day + time.Hour, store.Trouble{What: "c", At: begin.Add(8*day + time.Hour)}},
		{"one that was noted before the clock was set back counts as of now", 2 * day, "", 0, store.Trouble{What: "c", At: begin.Add(2 * day)}},
		{"and stays there", 3 * day, "", 0, store.Trouble{What: "c", At: begin.Add(2 * day)}},
		{"so that a later one is told", 4 * day, "d", 3 * day, store.Trouble{What: "d", At: begin.Add(3 * day)}},
	} {
		w.mu.Lock()
		w.now = begin.Add(tc.now)
		w.mu.Unlock()
		tell := store.Trouble{}
		if tc.what != "" {
			tell = store.Trouble{What: tc.what, At: begin.Add(tc.at)}
		}
		got, err := w.NoteTrouble(t.Context(), tell)
		if diff := cmp.Diff(tc.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", tc.name, err, diff)
		}
	}
}
