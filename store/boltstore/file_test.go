package boltstore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
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

// Whatever happens to a file, opening, writing and closing it end, with an error of ours or none.
func TestRandomDamage(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile(written(t))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 1))
	path := filepath.Join(t.TempDir(), "recbot.db")
	page := os.Getpagesize()
	for i := range 300 {
		damaged := bytes.Clone(whole)
		for range 1 + random.IntN(6) {
			// The heads of pages are where damage does most.
			damaged[random.IntN(len(whole)/page)*page+random.IntN(64)] = byte(random.IntN(256))
		}
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := Open(path, Options{NoSync: true})
		if err != nil {
			if !errors.Is(err, store.ErrCorrupt) && !errors.Is(err, store.ErrSchema) {
				t.Errorf("file %d: open: %v", i, err)
			}
			continue
		}
		if _, err := d.Apply(t.Context(), 1, put("new", "v")); err != nil && !ours(err) {
			t.Errorf("file %d: apply: %v", i, err)
		}
		if err := d.Close(); err != nil {
			t.Errorf("file %d: close: %v", i, err)
		}
	}
}

// ours tells whether an error says what became of a batch. A garbled count of pages looks like a full disk, or like a failed one.
func ours(err error) bool {
	return errors.Is(err, store.ErrCorrupt) || errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrUnknown)
}

// A large file is not read whole at opening, so its length has to tell.
func TestCutFileIsToldByItsLength(t *testing.T) {
	t.Parallel()
	path := written(t)
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	var used int64
	if err := errors.Join(db.View(func(tx *bolt.Tx) error { used = tx.Size(); return nil }), db.Close()); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, used-1); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{}); !errors.Is(err, store.ErrCorrupt) || !strings.Contains(err.Error(), "cut off: ") {
		t.Errorf("got %v, want that it is cut off", err)
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
