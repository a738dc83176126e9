package boltstore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"recbot/store"
)

// The layout. One bucket holds everything, ordered by key:
//
//	m                                     format of the file
//	s shard                               last revision
//	d shard name                          document, a cell with its revision
//	x shard index 00 member               nothing: the key says it
//	q shard queue 00 be64(ms) id          nothing
//	Q shard queue 00 id                   be64(ms), to find the row above
//	c shard name                          counter, a cell with its value
//	l shard log 00 be64(revision)         record
//	e shard name                          lease, a cell with token and holder
//	i shard operation                     result of an operation id, a cell with the revision and the counters
//	t be64(ms) key of a cell              nothing: what ends when, so that sweeping costs what is swept
//
// A name holds no 00 (Batch.Validate), so that no name is mistaken for the beginning of another.
const (
	kindMeta     = 'm'
	kindSeq      = 's'
	kindDoc      = 'd'
	kindIndex    = 'x'
	kindQueue    = 'q'
	kindReverse  = 'Q'
	kindCounter  = 'c'
	kindLog      = 'l'
	kindLease    = 'e'
	kindOp       = 'i'
	kindDeadline = 't'

	kinds = "msdxqQcleit"
)

var (
	bucketName = []byte("recbot")
	metaKey    = []byte{kindMeta}
)

// format is the version of this layout, in the file's first row.
const format = 1

// nameKey is the key of a document, a counter, a lease or an operation, or of a shard's sequence.
func nameKey(kind byte, s store.Shard, name string) []byte {
	return append([]byte{kind, byte(s)}, name...)
}

// groupKey begins all rows of one index, queue or log.
func groupKey(kind byte, s store.Shard, name string) []byte {
	return append(nameKey(kind, s, name), 0)
}

// memberKey is a row of an index, or of a queue by id.
func memberKey(kind byte, s store.Shard, name, member string) []byte {
	return append(groupKey(kind, s, name), member...)
}

// queueKey is a row of a queue by time; times are not negative, so their bytes sort as they do.
func queueKey(s store.Shard, queue string, ms int64, id string) []byte {
	return append(binary.BigEndian.AppendUint64(groupKey(kindQueue, s, queue), uint64(ms)), id...)
}

// logKey is a record of a log.
func logKey(s store.Shard, log string, rev store.Rev) []byte {
	return binary.BigEndian.AppendUint64(groupKey(kindLog, s, log), uint64(rev))
}

// deadlineKey notes that the row of a key ends at a time.
func deadlineKey(ms int64, key []byte) []byte {
	return append(binary.BigEndian.AppendUint64([]byte{kindDeadline}, uint64(ms)), key...)
}

// number reads be64 from the beginning of b. What is too short was not written by us.
func number(b []byte) int64 {
	if len(b) < 8 {
		panic(fmt.Sprintf("row of %d bytes where a number should be", len(b)))
	}
	return int64(binary.BigEndian.Uint64(b))
}

// cell is a row that may end: a number, the time of its end (ms, 0 for none), and bytes. The bytes are bolt's: copy them.
type cell struct {
	num  int64
	ends int64
	rest []byte
}

// table is the bucket of one transaction, with the time that holds for all of it.
type table struct {
	*bolt.Bucket
	now time.Time
}

// table gives the bucket. It was there when the file was opened, so without it the file is damaged.
func (d *DB) table(tx *bolt.Tx) table {
	b := tx.Bucket(bucketName)
	if b == nil {
		panic("the bucket is gone")
	}
	return table{b, d.opt.Now()}
}

// cell gives a row, unless it is missing or has ended.
func (t table) cell(key []byte) (cell, bool) {
	raw := t.Get(key)
	if raw == nil {
		return cell{}, false
	}
	c := cell{num: number(raw), ends: number(raw[8:]), rest: raw[16:]}
	if c.ends != 0 && c.ends <= t.now.UnixMilli() {
		return cell{}, false
	}
	return c, true
}

// setCell writes a row, with its deadline beside it.
func (t table) setCell(key []byte, c cell) error {
	if err := t.dropCell(key); err != nil {
		return err
	}
	if c.ends != 0 {
		if err := t.Put(deadlineKey(c.ends, key), nil); err != nil {
			return err
		}
	}
	raw := make([]byte, 16, 16+len(c.rest))
	binary.BigEndian.PutUint64(raw, uint64(c.num))
	binary.BigEndian.PutUint64(raw[8:], uint64(c.ends))
	return t.Put(key, append(raw, c.rest...))
}

// dropCell deletes a row and its deadline, if they are there; an ended row too.
func (t table) dropCell(key []byte) error {
	raw := t.Get(key)
	if raw == nil {
		return nil
	}
	if ends := number(raw[8:]); ends != 0 {
		if err := t.Delete(deadlineKey(ends, key)); err != nil {
			return err
		}
	}
	return t.Delete(key)
}

// ends gives the end of a row that is written now; 0 for a ttl of 0. Parts of a millisecond count as a whole one.
func (t table) ends(ttl time.Duration) int64 {
	if ttl == 0 {
		return 0
	}
	return t.now.UnixMilli() + int64((ttl+time.Millisecond-1)/time.Millisecond)
}

// sweep deletes rows that have ended, the oldest first, at most limit.
func (t table) sweep(limit int) error {
	first, behind := []byte{kindDeadline}, deadlineKey(t.now.UnixMilli()+1, nil)
	for _, deadline := range rows(t.Bucket, first, behind, limit) {
		if err := t.dropCell(deadline[9:]); err != nil {
			return err
		}
	}
	return nil
}

// rows copies at most limit keys from one on, up to another that does not belong to them.
func rows(b *bolt.Bucket, from, to []byte, limit int) (keys [][]byte) {
	c := b.Cursor()
	for k, _ := c.Seek(from); k != nil && bytes.Compare(k, to) < 0 && len(keys) < limit; k, _ = c.Next() {
		keys = append(keys, bytes.Clone(k))
	}
	return keys
}
