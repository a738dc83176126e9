package boltstore

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"

	"recbot/store"
)

// rowsOf counts rows of each kind.
func rowsOf(t *testing.T, d *DB) map[string]int {
	t.Helper()
	counts := map[string]int{}
	err := d.bolt.View(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketName).ForEach(func(k, _ []byte) error {
			counts[string(k[:1])]++
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

func TestWhatEndedIsSwept(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1_700_000_000_000)
	d := opened(t, Options{NoSync: true, Now: func() time.Time { return now }})
	for i := range 30 {
		mustApply(t, d, store.Batch{Op: fmt.Sprint(i), Do: []store.Mutation{
			store.Put(fmt.Sprint(i), nil, time.Minute), store.Incr(fmt.Sprint(i), 1, time.Minute), store.Acquire(fmt.Sprint(i), "me", time.Minute),
		}})
	}
	mustApply(t, d, store.Batch{Do: []store.Mutation{store.Put("0", nil, 0), store.Incr("1", 1, time.Hour), store.Delete("2")}})
	before := map[string]int{"m": 1, "s": 1, "d": 29, "c": 30, "e": 30, "i": 30, "t": 28 + 30 + 30 + 30}
	if diff := cmp.Diff(before, rowsOf(t, d)); diff != "" {
		t.Errorf("before (-want +got):\n%s", diff)
	}
	now = now.Add(store.OpTTL)
	for range 10 {
		mustApply(t, d, store.Batch{})
	}
	after := map[string]int{"m": 1, "s": 1, "d": 1, "c": 1, "t": 1}
	if diff := cmp.Diff(after, rowsOf(t, d)); diff != "" {
		t.Errorf("after (-want +got):\n%s", diff)
	}
}

func TestTheClock(t *testing.T) {
	t.Parallel()
	start := time.UnixMilli(1_700_000_000_000)
	now := start
	d := opened(t, Options{NoSync: true, Now: func() time.Time { return now }})
	first := mustApply(t, d, store.Batch{Op: "op", Do: []store.Mutation{store.Put("d", []byte("v"), time.Second)}})
	if first.Rev != store.Rev(start.UnixMicro()) {
		t.Errorf("revision %d, want the time %d", first.Rev, start.UnixMicro())
	}
	now = start.Add(time.Second - time.Millisecond)
	if got := value(t, d, "d"); got != "v" {
		t.Errorf("a millisecond before its end: got %q", got)
	}
	now = start.Add(time.Second)
	if got := value(t, d, "d"); got != "" {
		t.Errorf("at its end: got %q", got)
	}
	now = start.Add(-time.Hour)
	if back := mustApply(t, d, store.Batch{}); back.Rev != first.Rev+1 {
		t.Errorf("the clock went back: revision %d after %d", back.Rev, first.Rev)
	}
	now = start.Add(store.OpTTL - time.Millisecond)
	if again := mustApply(t, d, store.Batch{Op: "op"}); again.Rev != first.Rev {
		t.Errorf("just before ten minutes: revision %d, want the first %d", again.Rev, first.Rev)
	}
	now = start.Add(store.OpTTL)
	if anew := mustApply(t, d, store.Batch{Op: "op"}); anew.Rev == first.Rev {
		t.Error("after ten minutes the operation id is still known")
	}
}
