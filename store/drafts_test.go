package store

import (
	"testing"
	"time"
)

// TestDraftsAreKeptAsLongAsTheyAreNeeded looks at how long the document of a draft lives.
func TestDraftsAreKeptAsLongAsTheyAreNeeded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	const week, month = 7 * 24 * time.Hour, 30 * 24 * time.Hour
	for _, tc := range []struct {
		name  string
		draft Draft
		want  time.Duration // 0 = for good
	}{
		{"one that is composed, for a week", Draft{}, week},
		{"one with a job, until that is over", Draft{State: DraftSending, Due: now.Add(month)}, 0},
		{"one that is over, for a week", Draft{State: DraftDone, Due: now.Add(-time.Hour)}, week},
		{"one that waits for a second organizer beyond its time", Draft{State: DraftAsking, Due: now.Add(-time.Hour)}, week},
		{"one that waits for a second organizer, and is planned for later", Draft{State: DraftAsking, Due: now.Add(month)}, month + week},
	} {
		if got := tc.draft.ttl(now); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}
