package boltstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"recbot/store"
)

// view runs a read inside one transaction. Nothing of bolt's memory may leave it.
func (d *DB) view(ctx context.Context, read func(table) error) error {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	// bolt itself may be open still: see letGo.
	select {
	case <-d.closed:
		return errClosed
	default:
	}
	return guard(d.opt.Log, func() error {
		return boltError(d.bolt.View(func(tx *bolt.Tx) error { return read(d.table(tx)) }))
	})
}

// Get reads documents. An ended one is missing.
func (d *DB) Get(ctx context.Context, shard store.Shard, keys ...string) ([]store.Doc, error) {
	if err := checkShard(shard); err != nil {
		return nil, err
	}
	docs := make([]store.Doc, 0, len(keys))
	err := d.view(ctx, func(t table) error {
		for _, key := range keys {
			doc := store.Doc{Key: key}
			if c, ok := t.cell(nameKey(kindDoc, shard, key)); ok {
				doc.Rev, doc.Value = store.Rev(c.num), append([]byte{}, c.rest...)
			}
			docs = append(docs, doc)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return docs, nil
}

// Members reads a page of an index. The cursor is the last member that was read.
func (d *DB) Members(ctx context.Context, shard store.Shard, index string, after store.Cursor, limit int) ([]string, store.Cursor, error) {
	if err := checkPage(shard, index, limit); err != nil {
		return nil, "", err
	}
	var members []string
	var next store.Cursor
	err := d.view(ctx, func(t table) error {
		prefix := groupKey(kindIndex, shard, index)
		from := append(bytes.Clone(prefix), after...)
		c := t.Cursor()
		// The member of the cursor may have left meanwhile; then Seek stands at the next one already.
		k, _ := c.Seek(from)
		if after != "" && bytes.Equal(k, from) {
			k, _ = c.Next()
		}
		for ; bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			// Only a row beyond the page shows that there is one more to come.
			if len(members) == limit {
				next = store.Cursor(members[limit-1])
				return nil
			}
			members = append(members, string(k[len(prefix):]))
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	return members, next, nil
}

// Due reads the heads of a queue in several shards, all in one transaction.
func (d *DB) Due(ctx context.Context, queue string, until time.Time, limit int, shards ...store.Shard) ([]store.Entry, error) {
	for _, s := range shards {
		if err := checkPage(s, queue, limit); err != nil {
			return nil, err
		}
	}
	if until.Before(time.UnixMilli(0)) {
		return nil, nil
	}
	var entries []store.Entry
	err := d.view(ctx, func(t table) error {
		c := t.Cursor() // one for all: what it remembers of its way costs more than the way
		for _, s := range shards {
			entries = due(entries, c, s, queue, until.UnixMilli(), limit)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return entries, nil
}

// due appends the entries of one shard that are due at until, in ms. It reads one row more than it gives.
func due(entries []store.Entry, c *bolt.Cursor, s store.Shard, queue string, until int64, limit int) []store.Entry {
	prefix := groupKey(kindQueue, s, queue)
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix) && limit > 0; k, _ = c.Next() {
		ms := number(k[len(prefix):])
		if ms > until {
			break
		}
		entries = append(entries, store.Entry{Shard: s, ID: string(k[len(prefix)+8:]), At: time.UnixMilli(ms).UTC()})
		limit--
	}
	return entries
}

// Read reads a page of a log.
func (d *DB) Read(ctx context.Context, shard store.Shard, log string, after store.Rev, limit int) ([]store.Record, error) {
	if err := checkPage(shard, log, limit); err != nil {
		return nil, err
	}
	var records []store.Record
	err := d.view(ctx, func(t table) error {
		prefix := groupKey(kindLog, shard, log)
		c := t.Cursor()
		k, v := c.Seek(logKey(shard, log, max(after, 0)+1))
		for ; bytes.HasPrefix(k, prefix) && len(records) < limit; k, v = c.Next() {
			rev := store.Rev(binary.BigEndian.Uint64(k[len(prefix):]))
			records = append(records, store.Record{Rev: rev, Value: append([]byte{}, v...)})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return records, nil
}

// Counters reads counters. An ended one is 0.
func (d *DB) Counters(ctx context.Context, shard store.Shard, names ...string) ([]int64, error) {
	if err := checkShard(shard); err != nil {
		return nil, err
	}
	counts := make([]int64, len(names))
	err := d.view(ctx, func(t table) error {
		for i, name := range names {
			if c, ok := t.cell(nameKey(kindCounter, shard, name)); ok {
				counts[i] = c.num
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return counts, nil
}

// checkPage refuses a limit that would make a walk stand still.
func checkPage(s store.Shard, name string, limit int) error {
	if limit < 1 {
		return fmt.Errorf("reading %q: limit %d", name, limit)
	}
	return checkShard(s)
}
