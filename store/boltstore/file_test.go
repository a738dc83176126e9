package boltstore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"

	"recbot/store"
)

func put(key, value string) store.Batch {
	return store.Batch{Do: []store.Mutation{store.Put(key, []byte(value), 0)}}
}

func mustApply(t *testing.T, d *DB, batch store.Batch) store.Result {
	t.Helper()
	result, err := d.Apply(t.Context(), 1, batch)
	if err != nil {
		t.Fatalf("apply: %v", err)
	}
	return result
}

// value reads a document; "" for none.
func value(t *testing.T, d *DB, key string) string {
	t.Helper()
	docs, err := d.Get(t.Context(), 1, key)
	if err != nil {
		t.Fatalf("reading %q: %v", key, err)
	}
	return string(docs[0].Value)
}

// written gives the path of a file that holds something and that nobody has open. It is larger than one allocation of pages.
func written(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recbot.db")
	d, err := Open(path, Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	mustApply(t, d, put("d", "v"))
	for i := range 40 {
		mustApply(t, d, put(fmt.Sprintf("large %d", i), strings.Repeat("x", 5000)))
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// foreign writes a bolt file of some other program.
func foreign(t *testing.T, path string, fill func(tx *bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(fill), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedAndForeignFiles(t *testing.T) {
	t.Parallel()
	garble := func(from, to int) func(*testing.T, []byte) []byte {
		return func(_ *testing.T, b []byte) []byte {
			for i := from; i < min(to, len(b)); i++ {
				b[i] = byte(i*7 + 13)
			}
			return b
		}
	}
	cut := func(n int) func(*testing.T, []byte) []byte {
		return func(_ *testing.T, b []byte) []byte { return b[:n] }
	}
	page := os.Getpagesize()
	for _, tc := range []struct {
		name   string
		damage func(t *testing.T, whole []byte) []byte
		want   error
	}{
		{"cut off in the middle of a page", cut(10*page + 100), store.ErrCorrupt},
		{"cut off behind a page", cut(10 * page), store.ErrCorrupt},
		{"cut off behind the first pages", cut(2 * page), store.ErrCorrupt},
		{"cut off within the first pages", cut(page + 100), store.ErrCorrupt},
		{"both first pages garbled, but for their marks", garble(24, page+page/2), store.ErrCorrupt},
		{"all other pages garbled", garble(2*page, 1<<30), store.ErrCorrupt},
		{"everything garbled", garble(0, 1<<30), store.ErrSchema},
		{"a text", func(*testing.T, []byte) []byte { return []byte("dear diary\n") }, store.ErrSchema},
		{"a long text", func(*testing.T, []byte) []byte { return bytes.Repeat([]byte("dear diary\n"), 9000) }, store.ErrSchema},
		{"another program's bolt file", another(func(tx *bolt.Tx) error { _, err := tx.CreateBucket([]byte("theirs")); return err }), store.ErrSchema},
		{"another program's bolt file with a bucket called like ours", another(func(tx *bolt.Tx) error {
			b, err := tx.CreateBucket(bucketName)
			return errors.Join(err, b.Put([]byte("k"), nil))
		}), store.ErrSchema},
		{"a newer recbot's file", another(func(tx *bolt.Tx) error {
			b, err := tx.CreateBucket(bucketName)
			return errors.Join(err, b.Put(metaKey, []byte{0, 0, 0, 0, 0, 0, 0, format + 1}))
		}), store.ErrSchema},
		{"a row of no kind that we write", another(func(tx *bolt.Tx) error {
			b, err := tx.CreateBucket(bucketName)
			return errors.Join(err, b.Put(metaKey, []byte{0, 0, 0, 0, 0, 0, 0, format}), b.Put([]byte("?"), nil))
		}), store.ErrCorrupt},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := written(t)
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			damaged := tc.damage(t, whole)
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			for range 2 { // a second time, for the first must have let go of the file
				d, err := Open(path, Options{})
				if err == nil {
					_ = d.Close()
				}
				if !errors.Is(err, tc.want) || !strings.Contains(fmt.Sprint(err), path) {
					t.Errorf("got %v, want %v and the path", err, tc.want)
				}
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(damaged, after) {
				t.Errorf("the file was touched: %v", err)
			}
		})
	}
}

// another makes a bolt file beside and gives its bytes.
func another(fill func(tx *bolt.Tx) error) func(*testing.T, []byte) []byte {
	return func(t *testing.T, _ []byte) []byte {
		path := filepath.Join(t.TempDir(), "other.db")
		foreign(t, path, fill)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

func TestFilesAsGoodAsNew(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		make func(t *testing.T, path string)
	}{
		{"none", func(*testing.T, string) {}},
		{"an empty one", func(t *testing.T, path string) {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		{"one whose maker died before the first row", func(t *testing.T, path string) { foreign(t, path, func(*bolt.Tx) error { return nil }) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "recbot.db")
			tc.make(t, path)
			d := reopened(t, path, Options{})
			mustApply(t, d, put("d", "v"))
		})
	}
}

func TestOneProcessHasTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "recbot.db")
	d := reopened(t, path, Options{})
	if _, err := Open(path, Options{}); !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), "held by another recbot") {
		t.Errorf("got %v, want ErrLocked", err)
	}
	mustApply(t, d, put("d", "v"))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	reopened(t, path, Options{})
}

func TestOpenedAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "recbot.db")
	d := reopened(t, path, Options{})
	held := mustApply(t, d, store.Batch{Op: "op", Do: []store.Mutation{
		store.Put("d", []byte("v"), 0), store.Acquire("leader", "me", time.Hour), store.Add("x", "m"),
	}})
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = reopened(t, path, Options{})
	if got := value(t, d, "d"); got != "v" {
		t.Errorf("document: got %q", got)
	}
	if again := mustApply(t, d, store.Batch{Op: "op"}); !cmp.Equal(held, again) {
		t.Errorf("operation: got %v, want %v", again, held)
	}
	// The file's lock proves that the holder is dead, so its lease is over at once.
	if next := mustApply(t, d, store.Batch{Do: []store.Mutation{store.Acquire("leader", "you", time.Hour)}}); next.Rev <= held.Rev {
		t.Errorf("token %d after %d", next.Rev, held.Rev)
	}
}

func TestFilesAreTheirOwnersAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data", "deeper")
	d := reopened(t, filepath.Join(dir, "recbot.db"), Options{})
	if err := d.HotCopy(filepath.Join(dir, "copies"), 1); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(filepath.Dir(dir), func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if e.IsDir() {
			want = 0o700
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: mode %o, want %o", path, got, want)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestPathsThatCannotBe(t *testing.T) {
	t.Parallel()
	path := written(t)
	for _, p := range []string{filepath.Join(path, "recbot.db"), filepath.Dir(path)} {
		if _, err := Open(p, Options{}); err == nil || !strings.Contains(err.Error(), path[:len(path)-len("/recbot.db")]) {
			t.Errorf("%s: got %v, want an error with the path", p, err)
		}
	}
}

func TestHotCopies(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "copies")
	now := time.Date(2027, 3, 1, 2, 0, 0, 0, time.FixedZone("", 5*3600))
	d := opened(t, Options{Now: func() time.Time { return now }})
	for night := range 9 {
		mustApply(t, d, put("night", fmt.Sprint(night)))
		if err := d.HotCopy(dir, 7); err != nil {
			t.Fatal(err)
		}
		now = now.AddDate(0, 0, 1)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	want := []string{
		"recbot-20270302T210000Z.db", "recbot-20270303T210000Z.db", "recbot-20270304T210000Z.db", "recbot-20270305T210000Z.db",
		"recbot-20270306T210000Z.db", "recbot-20270307T210000Z.db", "recbot-20270308T210000Z.db",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("copies (-want +got):\n%s", diff)
	}
	for i, name := range names {
		if got := value(t, reopened(t, filepath.Join(dir, name), Options{}), "night"); got != fmt.Sprint(i+2) {
			t.Errorf("%s holds night %q, want %d", name, got, i+2)
		}
	}
}

// A copy is of one moment, whatever is written meanwhile.
func TestHotCopyOfABusyStore(t *testing.T) {
	t.Parallel()
	d := opened(t, Options{NoSync: true})
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			batch := store.Batch{Do: []store.Mutation{store.Put("a", []byte(fmt.Sprint(i)), 0), store.Put("b", []byte(fmt.Sprint(i)), 0)}}
			if _, err := d.Apply(t.Context(), 1, batch); err != nil {
				stopped <- err
				return
			}
		}
	}()
	for i := range 5 {
		dir := filepath.Join(t.TempDir(), fmt.Sprint(i))
		if err := d.HotCopy(dir, 1); err != nil {
			t.Fatal(err)
		}
		names, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(names) != 1 {
			t.Fatalf("got %v, %v", names, err)
		}
		c := reopened(t, names[0], Options{})
		if a, b := value(t, c, "a"), value(t, c, "b"); a != b {
			t.Errorf("torn copy: a is %q, b is %q", a, b)
		}
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestHotCopyThatFails(t *testing.T) {
	t.Parallel()
	d := opened(t, Options{})
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.HotCopy(file, 1); err == nil {
		t.Error("a file is taken for a folder")
	}
	if err := d.HotCopy(t.TempDir(), 0); err == nil {
		t.Error("no copy is to be kept, and that is taken")
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := d.HotCopy(dir, 1); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("after Close: got %v, want ErrUnavailable", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
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
	group := []*request{
		{shard: 1, batch: put("before", "v"), done: make(chan struct{})},
		{shard: 1, batch: large, done: make(chan struct{})},
		{shard: 1, batch: put("behind", "v"), done: make(chan struct{})},
	}
	// The committer is idle, and nobody else writes: the test may take its place.
	d.commit(group)
	var full []bool
	for _, r := range group {
		<-r.done
		full = append(full, errors.Is(r.err, store.ErrFull))
	}
	if diff := cmp.Diff([]bool{false, true, false}, full); diff != "" {
		t.Errorf("who found no room (-want +got):\n%s", diff)
	}
	if value(t, d, "before") != "v" || value(t, d, "behind") != "v" || value(t, d, "large 0") != "" {
		t.Error("not what was acknowledged is there")
	}
}

// Damage that shows only later, in a page that nobody had read yet, must not hang or crash the process.
func TestDamageInUse(t *testing.T) {
	t.Parallel()
	path := written(t)
	d, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	stat, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	first := int64(2 * os.Getpagesize())
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xee}, int(stat.Size()-first)), first); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Get(t.Context(), 1, "d"); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("Get: got %v, want ErrCorrupt", err)
	}
	for range 2 {
		if _, err := d.Apply(t.Context(), 1, put("d", "w")); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("Apply: got %v, want ErrCorrupt", err)
		}
	}
	if err := d.HotCopy(t.TempDir(), 1); err != nil && !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("HotCopy: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if _, err := Open(path, Options{}); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("opened again: got %v, want ErrCorrupt", err)
	}
}

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
