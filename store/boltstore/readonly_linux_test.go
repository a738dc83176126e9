package boltstore

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"recbot/store"
)

// asNobody runs something without the rights of root, which may write everywhere. The thread is not given back, so that
// no other goroutine gets it.
func asNobody(t *testing.T, run func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if err := syscall.Setfsuid(65534); os.Geteuid() == 0 && err != nil {
			t.Errorf("becoming nobody: %v", err)
			return
		}
		run()
	}()
	<-done
}

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
	asNobody(t, func() {
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
