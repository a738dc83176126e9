package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"recbot/store"
	"recbot/store/storetest"
)

func TestFolderThatMayNotBeWritten(t *testing.T) {
	t.Parallel()
	path := written(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(path)
	for p, mode := range map[string]fs.FileMode{path: 0o444, dir: 0o555, filepath.Dir(dir): 0o755} {
		if err := os.Chmod(p, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) }) // so that the folder can be removed
	storetest.AsNobody(t, func() {
		for _, p := range []string{path, filepath.Join(dir, "new.db"), filepath.Join(dir, "new", "recbot.db")} {
			_, err := Open(p, Options{})
			if !errors.Is(err, fs.ErrPermission) || errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrUnknown) {
				t.Errorf("%s: got %v, want that it may not be written", p, err)
			}
		}
	})
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was touched: %v", err)
	}
}

// The system refuses to let the file of a child grow, as it would on a full disk, in the middle of a commit.
func TestDiskFillsUp(t *testing.T) {
	t.Parallel()
	path := written(t)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDisk+"="+path)
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("child: %v: %s", err, out)
	}
	d := reopened(t, path, Options{})
	if got := value(t, d, "d") + " " + value(t, d, "last"); got != "v v" {
		t.Errorf("got %q", got)
	}
}

// fillDisk writes until there is no room, checks that nothing was harmed, and goes on when there is room again.
func fillDisk(path string) error {
	signal.Ignore(syscall.SIGXFSZ)
	d, err := Open(path, Options{})
	if err != nil {
		return err
	}
	ctx := context.Background()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	stat, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(stat.Size()) + 100_000, Max: limit.Max}); err != nil {
		return err
	}
	kept := 0
	for err == nil && kept < 1000 {
		if _, err = d.Apply(ctx, 1, put(fmt.Sprint(kept), strings.Repeat("x", 20_000))); err == nil {
			kept++
		}
	}
	if !errors.Is(err, store.ErrFull) {
		return fmt.Errorf("without room after %d documents: got %v, want ErrFull", kept, err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	if _, err := d.Apply(ctx, 1, put("last", "v")); err != nil {
		return fmt.Errorf("with room again: %w", err)
	}
	docs, err := d.Get(ctx, 1, "d", fmt.Sprint(kept))
	if err != nil || string(docs[0].Value) != "v" || docs[1].Rev != 0 {
		return fmt.Errorf("what was there, and what was refused: %v, %w", docs, err)
	}
	return d.Close()
}
