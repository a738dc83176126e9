package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// TestImportKilled dies behind each batch in turn: importing again ends in the same state, and the followers are told once.
func TestImportKilled(t *testing.T) {
	t.Parallel()
	for dies := range 6 {
		t.Run(fmt.Sprintf("after %d batches", dies), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.greet(t, 7, nil)
			w.fill(t, on("a", 9), on("b", 10))
			entries := []store.Meeting{on("a", 9, seq(1), moved("15:00")), on("b", 10, seq(1), moved("16:00")), on("c", 11)}
			w.b.fail(dieAfter(dies))
			_, _ = w.Import(t.Context(), entries, store.ImportOptions{})
			w.b.fail(loseAnswers(2))
			if _, err := w.Import(t.Context(), entries, store.ImportOptions{}); err != nil {
				t.Fatal(err)
			}
			w.b.fail(nil)
			for _, want := range entries {
				if diff := cmp.Diff(want, w.stored(t, want.ID), ownFields); diff != "" {
					t.Errorf("meeting (-want +got):\n%s", diff)
				}
			}
			want := []store.JobID{"change:a:0-1", "change:b:0-1", "new:c"}
			if diff := cmp.Diff(want, jobIDs(w.jobs(t))); diff != "" {
				t.Errorf("jobs (-want +got):\n%s", diff)
			}
		})
	}
}

// TestImportTwiceAtOnce lets two processes import one file: each meeting is saved and told once.
func TestImportTwiceAtOnce(t *testing.T) {
	t.Parallel()
	importTwiceAtOnce(t, newWorld(t))
}

func importTwiceAtOnce(t *testing.T, w *world) {
	var entries []store.Meeting
	for i := range 10 {
		entries = append(entries, on(fmt.Sprintf("m-%d", i), 9))
	}
	added := make([]int, 2)
	var wg sync.WaitGroup
	for i := range added {
		wg.Go(func() {
			report, err := w.again().Import(context.Background(), entries, store.ImportOptions{})
			if err != nil {
				t.Errorf("import %d: %v", i, err)
			}
			added[i] = len(report.Added)
		})
	}
	wg.Wait()
	if added[0]+added[1] != len(entries) {
		t.Errorf("added %d and %d, want %d together", added[0], added[1], len(entries))
	}
	if got := len(w.jobs(t)); got != len(entries) {
		t.Errorf("%d jobs, want %d", got, len(entries))
	}
}
