package store_test

import (
	"testing"
	"time"

	"recbot/store"
)

// TestTheLatestTroubleOfAll keeps the newest, whichever process tells of its own last one and when.
func TestTheLatestTroubleOfAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := w.Now()
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
