package storetest_test

import (
	"errors"
	"path/filepath"
	"strconv"
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

// What is gathered is there after Flush as if each batch had been applied by itself, also where it makes several batches.
func TestBulk(t *testing.T) {
	t.Parallel()
	const many = 1000
	var told [2][]string
	for i, gather := range []bool{true, false} {
		b := backend(t)
		bulk := storetest.NewBulk(b)
		to := b
		if gather {
			to = bulk
		}
		for n := range many {
			id := strconv.Itoa(n)
			_, err := to.Apply(t.Context(), store.Shard(n%2), store.Batch{If: []store.Condition{store.Absent(id)},
				Do: []store.Mutation{store.Put(id, []byte(id), 0), store.Add("i", id)}})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := bulk.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		for s := range store.Shard(2) {
			members, _, err := b.Members(t.Context(), s, "i", "", many)
			if err != nil {
				t.Fatal(err)
			}
			docs, err := b.Get(t.Context(), s, members...)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range docs {
				told[i] = append(told[i], d.Key+"="+string(d.Value))
			}
		}
	}
	if diff := cmp.Diff(told[1], told[0]); diff != "" || len(told[0]) != many {
		t.Errorf("%d people (-one by one +gathered):\n%s", len(told[0]), diff)
	}
	bulk := storetest.NewBulk(backend(t))
	if result, err := bulk.Apply(t.Context(), store.Global, store.Batch{Do: []store.Mutation{store.Put("d", nil, 0)}}); err != nil || result.Rev <= 1 {
		t.Errorf("in the global shard: revision %d, %v, want one that the backend gave", result.Rev, err)
	}
	if _, err := bulk.Apply(t.Context(), 1, store.Batch{If: []store.Condition{store.RevIs("d", 7)}}); err != nil {
		t.Errorf("a conflict is told too early: %v", err)
	}
	if err := bulk.Flush(t.Context()); !errors.Is(err, store.ErrConflict) {
		t.Errorf("got %v, want the conflict of what was gathered", err)
	}
}
