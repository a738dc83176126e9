package boltstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

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
