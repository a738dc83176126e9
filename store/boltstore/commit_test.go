package boltstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"recbot/store"
)

// asGroup writes batches as the committer would if they had waited together. The committer is idle in the tests that use it,
// so that they may take its place. It gives how many transactions that took.
func asGroup(t *testing.T, d *DB, batches ...store.Batch) (group []*request, transactions int) {
	t.Helper()
	for _, b := range batches {
		group = append(group, &request{shard: 1, batch: b, done: make(chan struct{})})
	}
	before := transaction(t, d)
	d.commit(group)
	for _, r := range group {
		<-r.done
	}
	return group, transaction(t, d) - before
}

func transaction(t *testing.T, d *DB) (id int) {
	t.Helper()
	if err := d.bolt.View(func(tx *bolt.Tx) error { id = tx.ID(); return nil }); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestGroupSharesATransaction(t *testing.T) {
	t.Parallel()
	d := opened(t, Options{NoSync: true})
	absent := put("d", "second")
	absent.If = []store.Condition{store.Absent("d")}
	group, transactions := asGroup(t, d, put("d", "first"), absent, put("e", "third"))
	if group[0].err != nil || !errors.Is(group[1].err, store.ErrConflict) || group[2].err != nil {
		t.Errorf("got %v, %v, %v, want that only the second is refused, by what the first did", group[0].err, group[1].err, group[2].err)
	}
	if transactions != 1 || group[2].result.Rev <= group[0].result.Rev {
		t.Errorf("%d transactions, revisions %d and %d", transactions, group[0].result.Rev, group[2].result.Rev)
	}
	if got := value(t, d, "d") + " " + value(t, d, "e"); got != "first third" {
		t.Errorf("got %q", got)
	}
}

func TestRoomRunsOut(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "recbot.db")
	d := reopened(t, path, Options{NoSync: true, MaxSize: 1 << 20})
	mustApply(t, d, put("small", "v"))
	var err error
	kept := 0
	for i := 0; err == nil && i < 1000; i++ {
		if _, err = d.Apply(t.Context(), 1, put(fmt.Sprint("large ", i), strings.Repeat("x", 30_000))); err == nil {
			kept++
		}
	}
	if !errors.Is(err, store.ErrFull) {
		t.Fatalf("after %d large documents: got %v, want ErrFull", kept, err)
	}
	if got := value(t, d, "small"); got != "v" {
		t.Errorf("what was there: got %q", got)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = reopened(t, path, Options{NoSync: true})
	docs, err := d.Get(t.Context(), 1, fmt.Sprint("large ", kept-1), fmt.Sprint("large ", kept))
	if err != nil || docs[0].Rev == 0 || docs[1].Rev != 0 {
		t.Errorf("the last that was kept and the first that was not: %v", err)
	}
	mustApply(t, d, put("more", strings.Repeat("x", 60_000)))
}

func TestOneLargeBatchDoesNotTakeOthersDown(t *testing.T) {
	t.Parallel()
	d := opened(t, Options{NoSync: true, MaxSize: 1 << 20})
	large := store.Batch{}
	for i := range 40 {
		large.Do = append(large.Do, store.Put(fmt.Sprint("large ", i), make([]byte, 60_000), 0))
	}
	group, _ := asGroup(t, d, put("before", "v"), large, put("behind", "v"))
	var full []bool
	for _, r := range group {
		full = append(full, errors.Is(r.err, store.ErrFull))
	}
	if diff := cmp.Diff([]bool{false, true, false}, full); diff != "" {
		t.Errorf("who found no room (-want +got):\n%s", diff)
	}
	if value(t, d, "before") != "v" || value(t, d, "behind") != "v" || value(t, d, "large 0") != "" {
		t.Error("not what was acknowledged is there")
	}
}

func TestWhatTheDiskSays(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		err  error
		want error
	}{
		{"no space", &os.PathError{Op: "write", Path: "f", Err: syscall.ENOSPC}, store.ErrFull},
		{"no space, told by bolt as a text", fmt.Errorf("file resize error: %s", syscall.ENOSPC), store.ErrFull},
		{"quota used up", syscall.EDQUOT, store.ErrFull},
		{"file too large", syscall.EFBIG, store.ErrFull},
		{"own limit", berrors.ErrMaxSizeReached, store.ErrFull},
		{"closed", berrors.ErrDatabaseNotOpen, store.ErrUnavailable},
		{"anything else", syscall.EIO, store.ErrUnknown},
	} {
		if got := boltError(tc.err); !errors.Is(got, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
		}
	}
}

// After a write that failed halfway nobody knows what the disk holds, so nothing more is written.
func TestNoWritesAfterAnUnknownOne(t *testing.T) {
	t.Parallel()
	d := opened(t, Options{NoSync: true})
	mustApply(t, d, put("d", "v"))
	// Writing through a file that is closed fails as a disk does that is gone.
	if err := d.file.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Apply(t.Context(), 1, put("d", "w")); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("the write that failed: got %v, want ErrUnknown", err)
	}
	if _, err := d.Apply(t.Context(), 1, put("d", "w")); !errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrUnknown) {
		t.Errorf("the next one: got %v, want ErrUnavailable", err)
	}
	if got := value(t, d, "d"); got != "v" {
		t.Errorf("reading goes on: got %q", got)
	}
	_ = d.bolt.Close() // complains of the file
}
