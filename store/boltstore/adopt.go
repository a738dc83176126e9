package boltstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"recbot/store"
)

// maxWalk is the size up to which a file is read whole at opening, to find damage before anything is written. It is read
// in a fraction of a second; a larger file would delay the start.
const maxWalk = 64 << 20

// adopt makes a new file ours, or checks that an old one is, and ends the leases of whoever had it before.
func (d *DB) adopt() error {
	fresh, leases, err := d.inspect()
	if err != nil || !fresh && len(leases) == 0 {
		return err
	}
	return d.bolt.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(bucketName)
		if err != nil {
			return err
		}
		t := table{b, d.opt.Now()}
		for _, key := range leases {
			if err := t.dropCell(key); err != nil {
				return err
			}
		}
		return b.Put(metaKey, binary.BigEndian.AppendUint64(nil, format))
	})
}

// inspect reads without writing. A bolt file without any bucket is as good as a new one: its maker died young.
func (d *DB) inspect() (fresh bool, leases [][]byte, err error) {
	err = d.bolt.View(func(tx *bolt.Tx) error {
		stat, err := os.Stat(d.path)
		if err != nil {
			return err
		}
		if tx.Size() > stat.Size() {
			return fmt.Errorf("cut off: %d bytes of %d are left: %w", stat.Size(), tx.Size(), store.ErrCorrupt)
		}
		if first, _ := tx.Cursor().First(); first == nil {
			fresh = true
			return nil
		}
		b := tx.Bucket(bucketName)
		if b == nil {
			return errForeign
		}
		if raw := b.Get(metaKey); raw == nil || number(raw) != format {
			return fmt.Errorf("of another layout than %d, perhaps a newer recbot's: %w", format, store.ErrSchema)
		}
		leases = rows(b, []byte{kindLease}, []byte{kindLease + 1}, math.MaxInt)
		if tx.Size() > maxWalk {
			return nil
		}
		return walk(b)
	})
	return fresh, leases, err
}

// walk reads every row. bolt panics on a page that is none; what a page holds has to be in order and of a known kind.
func walk(b *bolt.Bucket) error {
	var last []byte
	c := b.Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		if bytes.Compare(last, k) >= 0 || strings.IndexByte(kinds, k[0]) < 0 {
			return fmt.Errorf("row %.20q out of place: %w", k, store.ErrCorrupt)
		}
		last = k
	}
	return nil
}

// errForeign refuses a file of some other program.
var errForeign = fmt.Errorf("not a store of recbot: %w", store.ErrSchema)

// openError tells apart what bolt says about a file.
func (d *DB) openError(err error) error {
	switch {
	case err == nil, errors.Is(err, store.ErrCorrupt), errors.Is(err, store.ErrSchema):
		return err
	case errors.Is(err, berrors.ErrTimeout):
		return store.ErrLocked
	case errors.Is(err, berrors.ErrVersionMismatch):
		return errForeign
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), strings.HasPrefix(err.Error(), "file size too small"):
		if !wasBolt(d.path) {
			return errForeign
		}
		return fmt.Errorf("%w: %w", err, store.ErrCorrupt)
	case full(err):
		return fmt.Errorf("%w: %w", err, store.ErrFull)
	}
	return err
}

// wasBolt looks for the mark of bolt's first pages in a file that bolt does not know for its own. Where it is found,
// something of value was damaged; where it is not, the file was never ours.
func wasBolt(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 128<<10))
	return err == nil && bytes.Contains(head, binary.NativeEndian.AppendUint32(nil, 0xED0CDAED))
}
