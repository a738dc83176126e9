// Package boltstore is the store's Backend embedded in the process: one file on disk, nothing to install.
//
// It promises what [store.Backend] does, and more: an acknowledged batch is on the disk (fsync), an Apply never ends with
// ErrUnknown unless the disk itself failed in the middle of a write, and only one process at a time has the file. Since that
// lock proves that nobody else lives, opening the file ends every lease of whoever had it before; tokens keep growing.
//
// One goroutine makes all writes. It takes every batch that waits, up to a limit, into one transaction with one fsync, so
// that many writers share its cost. Reads run beside it and see only whole transactions.
//
// It does not promise to shrink the file, to work on network file systems, or to save a file that the disk has garbled: such a
// file is told from a good one where that is cheap, and it is never written to, moved or deleted.
package boltstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"recbot/store"
)

// lockTimeout is how long Open waits for a file that another process has: long enough for one that is just closing.
const lockTimeout = time.Second

// Options say how a file is used. The zero Options are right for a real one.
type Options struct {
	// Now is the clock of revisions, times to live and leases; nil means time.Now.
	Now func() time.Time
	// NoSync leaves out the fsync of each commit. Tests and temporary stores use it: a power cut may garble the file.
	NoSync bool
	// MaxSize is the number of bytes that the file may grow to, 0 for no limit. What would need more is refused with ErrFull.
	MaxSize int64
	// Log gets what no caller can be told; nil discards it.
	Log *slog.Logger
}

// DB is an open file. Its methods may be called from several goroutines.
type DB struct {
	path string
	opt  Options
	bolt *bolt.DB
	file *os.File // the same that bolt has, to let go of it when bolt cannot

	queue  chan *request
	closed chan struct{} // closed by Close: no more requests
	gone   chan struct{} // closed when the committer has returned
	close  sync.Once
	broken error // why the committer writes no more; it alone touches this, others after gone
}

// Open opens the file at path, and makes it and its folder (for the owner's eyes only) if they are not there.
//
// The error is [store.ErrLocked] when another process has the file, [store.ErrSchema] when it is not a store of recbot's
// or one of a newer layout, and [store.ErrCorrupt] when it was one and is damaged; in all these cases it stays untouched.
// Anything else is what the operating system said about the path.
func Open(path string, o Options) (*DB, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("store file %q: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("folder of the store: %w", err)
	}
	d := &DB{path: path, opt: o, queue: make(chan *request), closed: make(chan struct{}), gone: make(chan struct{})}
	if err := d.open(); err != nil {
		return nil, fmt.Errorf("store file %q: %w", path, err)
	}
	go d.commitLoop()
	return d, nil
}

// open lets go of the file in every case in which it fails, also when bolt panics with the lock in its hands.
func (d *DB) open() error {
	options := *bolt.DefaultOptions
	options.Timeout = lockTimeout
	options.NoSync, options.NoGrowSync = d.opt.NoSync, d.opt.NoSync
	options.FreelistType = bolt.FreelistMapType // the array gets slow in large files
	options.MaxSize = int(d.opt.MaxSize)
	options.OpenFile = func(name string, flag int, mode os.FileMode) (f *os.File, err error) {
		d.file, err = os.OpenFile(name, flag, mode)
		return d.file, err
	}
	err := guard(d.opt.Log, func() (err error) {
		if d.bolt, err = bolt.Open(d.path, 0o600, &options); err != nil {
			return d.openError(err)
		}
		return d.openError(d.adopt())
	})
	if err != nil {
		_ = d.letGo(err) // bolt may have closed it already
	}
	return err
}

// letGo closes the file. A panic inside bolt may have left its locks taken, and its own Close would wait for them for ever;
// then only the file itself is closed, which ends the lock that keeps other processes out.
func (d *DB) letGo(why error) error {
	switch {
	case d.bolt != nil && !errors.Is(why, store.ErrCorrupt):
		return d.bolt.Close()
	case d.file != nil:
		return closeFile(d.file)
	}
	return nil
}

// Info describes the file. It never fails.
func (d *DB) Info(context.Context) (store.Info, error) {
	info := store.Info{
		Kind:    "embedded file",
		Place:   d.path,
		Durable: "every acknowledged write is on disk",
	}
	if d.opt.NoSync {
		info.Durable = "writes survive the end of the process, not a power cut"
		info.Warnings = []string{"writing without fsync: a power cut may destroy the file"}
	}
	d.tellRoom(&info)
	return info, nil
}

// Close ends the committer after what it has in hand and lets go of the file. Closing twice is closing once.
func (d *DB) Close() error {
	var err error
	d.close.Do(func() {
		close(d.closed)
		<-d.gone
		err = d.letGo(d.broken)
	})
	if err != nil {
		return fmt.Errorf("closing the store: %w", err)
	}
	return nil
}
