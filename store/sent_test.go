package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestSentLastDay adds up what several processes counted, by the hour, and lets it go after a day.
func TestSentLastDay(t *testing.T) {
	t.Parallel()
	sentLastDay(t, newWorld(t))
}

func sentLastDay(t *testing.T, w *world) {
	begin := w.now.Truncate(time.Hour)
	count := func(after time.Duration, fates map[string]int) {
		t.Helper()
		if err := w.CountSent(t.Context(), begin.Add(after), fates); err != nil {
			t.Fatal(err)
		}
	}
	count(0, map[string]int{"sent": 2, "gone": 1})
	count(30*time.Minute, map[string]int{"sent": 3})
	count(20*time.Hour, map[string]int{"sent": 10})
	count(0, nil)
	for _, tc := range []struct {
		after time.Duration
		want  map[string]int
	}{
		{0, map[string]int{"sent": 5, "gone": 1}},
		{20 * time.Hour, map[string]int{"sent": 15, "gone": 1}},
		{23*time.Hour + 59*time.Minute, map[string]int{"sent": 15, "gone": 1}},
		{24 * time.Hour, map[string]int{"sent": 10, "gone": 0}},
		{44 * time.Hour, map[string]int{"sent": 0, "gone": 0}},
	} {
		w.now = begin.Add(tc.after)
		got, err := w.SentLastDay(t.Context(), "sent", "gone")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("after %s (-want +got):\n%s", tc.after, diff)
		}
	}
}
