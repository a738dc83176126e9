package storetest_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
	"recbot/store/boltstore"
	"recbot/store/storetest"
)

func backend(t *testing.T) store.Backend {
	t.Helper()
	d, err := boltstore.Open(filepath.Join(t.TempDir(), "recbot.db"), boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// calls makes every call of a backend once and gives their errors.
func calls(t *testing.T, b store.Backend) map[string]error {
	ctx := t.Context()
	errs := map[string]error{}
	_, errs["Apply"] = b.Apply(ctx, 1, store.Batch{Do: []store.Mutation{store.Incr("c", 1, 0)}})
	_, errs["Get"] = b.Get(ctx, 1, "d")
	_, _, errs["Members"] = b.Members(ctx, 1, "x", "", 1)
	_, errs["Due"] = b.Due(ctx, "q", time.UnixMilli(1), 1, 1)
	_, errs["Read"] = b.Read(ctx, 1, "l", 0, 1)
	_, errs["Counters"] = b.Counters(ctx, 1, "c")
	return errs
}

func TestFlaky(t *testing.T) {
	t.Parallel()
	f := storetest.NewFlaky(backend(t))
	for _, tc := range []struct {
		name    string
		fail    error
		failing []string
		counter int64 // afterwards
	}{
		{"works at first", nil, nil, 1},
		{"out of reach, nothing happens", store.ErrUnavailable, []string{"Apply", "Counters", "Due", "Get", "Members", "Read"}, 1},
		{"works again", nil, nil, 2},
		{"the answers are lost, the batches are not", store.ErrUnknown, []string{"Apply"}, 3},
		{"full", store.ErrFull, []string{"Apply", "Counters", "Due", "Get", "Members", "Read"}, 3},
	} {
		f.Fail(tc.fail)
		failing := map[string]bool{}
		for name, err := range calls(t, f) {
			if err != nil {
				failing[name] = errors.Is(err, tc.fail)
			}
		}
		want := map[string]bool{}
		for _, name := range tc.failing {
			want[name] = true
		}
		if diff := cmp.Diff(want, failing); diff != "" {
			t.Errorf("%s: what fails (-want +got):\n%s", tc.name, diff)
		}
		counts, err := f.Backend.Counters(t.Context(), 1, "c")
		if err != nil || counts[0] != tc.counter {
			t.Errorf("%s: counter %v, %v, want %d", tc.name, counts, err, tc.counter)
		}
	}
}

func TestCounting(t *testing.T) {
	t.Parallel()
	c := storetest.NewCounting(backend(t))
	for name, err := range calls(t, c) {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	got := c.Take()
	if diff := cmp.Diff(storetest.Calls{Apply: 1, Get: 1, Members: 1, Due: 1, Read: 1, Counters: 1}, got); diff != "" || got.Total() != 6 {
		t.Errorf("total %d (-want +got):\n%s", got.Total(), diff)
	}
	if again := c.Take(); again.Total() != 0 {
		t.Errorf("counted twice: %+v", again)
	}
}
