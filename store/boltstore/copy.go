package boltstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// The names of hot copies sort by time.
const (
	copyName = "recbot-20060102T150405Z.db"
	copyGlob = "recbot-*T*Z.db"
)

// HotCopy writes a copy of the whole store into dir while it is in use, as of one moment, and deletes all but the newest
// keep copies there. A copy has its name only when it is whole and on the disk. It is a store file: [Open] opens it.
func (d *DB) HotCopy(dir string, keep int) error {
	if keep < 1 {
		return fmt.Errorf("copying the store: %d copies are to be kept", keep)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("folder of the store's copies: %w", err)
	}
	name := filepath.Join(dir, d.opt.Now().UTC().Format(copyName))
	if err := d.copyTo(name); err != nil {
		return fmt.Errorf("copying the store to %q: %w", name, err)
	}
	if err := prune(dir, keep); err != nil {
		return fmt.Errorf("deleting old copies of the store: %w", err)
	}
	return nil
}

// copyTo writes under another name first, so that a copy that was cut short is never taken for a whole one.
func (d *DB) copyTo(name string) error {
	part := name + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(part) // when it was not renamed; else there is nothing to remove
	err = guard(d.opt.Log, func() error {
		return boltError(d.bolt.View(func(tx *bolt.Tx) error {
			_, err := tx.WriteTo(f)
			return err
		}))
	})
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(part, name); err != nil {
		return err
	}
	return syncDir(filepath.Dir(name))
}

// syncDir makes a new name in a folder survive a power cut.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// prune deletes the oldest copies. It looks at nothing that is not named like one.
func prune(dir string, keep int) error {
	copies, err := filepath.Glob(filepath.Join(dir, copyGlob))
	if err != nil {
		return err
	}
	slices.Sort(copies)
	for len(copies) > keep {
		if err := os.Remove(copies[0]); err != nil {
			return err
		}
		copies = copies[1:]
	}
	return nil
}
