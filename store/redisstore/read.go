package redisstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"recbot/store"
)

// Get reads documents, all in one round trip.
func (d *DB) Get(ctx context.Context, shard store.Shard, keys ...string) ([]store.Doc, error) {
	docs := make([]store.Doc, len(keys))
	err := d.strings(ctx, shard, "d", keys, func(i int, s string) (err error) {
		docs[i].Rev, docs[i].Value, err = parseDoc(s)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, key := range keys {
		docs[i].Key = key
	}
	return docs, nil
}

// Counters reads counters, all in one round trip.
func (d *DB) Counters(ctx context.Context, shard store.Shard, names ...string) ([]int64, error) {
	counts := make([]int64, len(names))
	err := d.strings(ctx, shard, "c", names, func(i int, s string) (err error) {
		if counts[i], err = strconv.ParseInt(s, 10, 64); err != nil {
			return fmt.Errorf("no number: %w", store.ErrCorrupt)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return counts, nil
}

// strings reads strings and hands over those that are there. It asks for each by itself, for MGET takes a key of another
// type for none.
func (d *DB) strings(ctx context.Context, shard store.Shard, kind string, names []string, found func(i int, s string) error) error {
	if err := checkShard(shard); err != nil || len(names) == 0 {
		return err
	}
	cmds := make([]*redis.StringCmd, len(names))
	err := d.pipeline(ctx, func(pipe redis.Pipeliner) {
		for i, name := range names {
			cmds[i] = pipe.Get(ctx, d.keys.key(shard, kind, name))
		}
	})
	if err != nil {
		return fmt.Errorf("reading %q: %w", names[0], err)
	}
	for i, cmd := range cmds {
		if errors.Is(cmd.Err(), redis.Nil) {
			continue
		}
		if err := found(i, cmd.Val()); err != nil {
			return fmt.Errorf("%q: %w", names[i], err)
		}
	}
	return nil
}

// Members reads a page of an index: which buckets hold anything, then as many of them, in one round trip, as make a page.
// An index that is empty in the shard costs one read.
func (d *DB) Members(ctx context.Context, shard store.Shard, index string, after store.Cursor, limit int) ([]string, store.Cursor, error) {
	if err := checkPage(shard, index, limit); err != nil {
		return nil, "", err
	}
	bucket, member, err := parseCursor(after)
	if err != nil {
		return nil, "", err
	}
	counts, err := d.bucketCounts(ctx, shard, index)
	if err != nil {
		return nil, "", err
	}
	p := page{limit: limit, bucket: bucket, member: member}
	// Buckets before the one of the cursor were read by earlier pages.
	rest := slices.DeleteFunc(slices.Sorted(maps.Keys(counts)), func(b string) bool { return b < bucket })
	for len(rest) > 0 && !p.full() {
		n := p.enough(rest, counts)
		if err := d.readBuckets(ctx, shard, index, rest[:n], &p); err != nil {
			return nil, "", err
		}
		rest = rest[n:]
	}
	return p.cut(len(rest) > 0)
}

// bucketCounts gives the buckets that are not empty. They are read before the buckets themselves: the bucket of a member that is
// there during the whole walk cannot be empty, so the member is seen.
func (d *DB) bucketCounts(ctx context.Context, shard store.Shard, index string) (counts map[string]string, err error) {
	err = d.read(ctx, func() (err error) {
		counts, err = d.client.HGetAll(ctx, d.keys.key(shard, "x", index)).Result()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("members of %q: %w", index, err)
	}
	return counts, nil
}

// page gathers members, in the order of buckets and then of members, behind a place.
type page struct {
	limit          int
	bucket, member string // the place
	members        []string
	buckets        []string // of each member
}

// full tells whether more was gathered than fits, which shows that there is more.
func (p *page) full() bool { return len(p.members) > p.limit }

// enough is the number of buckets that fill the page, by their counts. What is left behind the place in the first bucket
// is not known, so that one counts as empty.
func (p *page) enough(rest []string, counts map[string]string) int {
	have := len(p.members)
	for i, b := range rest {
		if n, err := strconv.Atoi(counts[b]); err == nil && b != p.bucket {
			have += n
		}
		if have > p.limit {
			return i + 1
		}
	}
	return len(rest)
}

// readBuckets adds the members of some buckets to the page. One more than fits is asked for, to see whether there is more.
func (d *DB) readBuckets(ctx context.Context, shard store.Shard, index string, names []string, p *page) error {
	cmds := make([]*redis.StringSliceCmd, len(names))
	err := d.pipeline(ctx, func(pipe redis.Pipeliner) {
		for i, b := range names {
			from := "-"
			if b == p.bucket {
				from = "(" + p.member
			}
			cmds[i] = pipe.ZRangeArgs(ctx, redis.ZRangeArgs{
				Key: d.keys.bucketKey(shard, index, b), Start: from, Stop: "+", ByLex: true, Count: int64(p.limit) + 1,
			})
		}
	})
	if err != nil {
		return fmt.Errorf("members of %q: %w", index, err)
	}
	for i, cmd := range cmds {
		for _, m := range cmd.Val() {
			p.members, p.buckets = append(p.members, m), append(p.buckets, names[i])
		}
	}
	return nil
}

// cut gives what fits and where to go on; more tells whether there are buckets that were not read.
func (p *page) cut(more bool) ([]string, store.Cursor, error) {
	n := min(len(p.members), p.limit)
	if n == 0 || n == len(p.members) && !more {
		return p.members, "", nil
	}
	return p.members[:n:n], cursor(p.buckets[n-1], p.members[n-1]), nil
}

// Due reads the heads of a queue in several shards, in one round trip.
func (d *DB) Due(ctx context.Context, queue string, until time.Time, limit int, shards ...store.Shard) ([]store.Entry, error) {
	for _, s := range shards {
		if err := checkPage(s, queue, limit); err != nil {
			return nil, err
		}
	}
	if len(shards) == 0 || until.Before(time.UnixMilli(0)) {
		return nil, nil
	}
	cmds := make([]*redis.ZSliceCmd, len(shards))
	err := d.pipeline(ctx, func(pipe redis.Pipeliner) {
		for i, s := range shards {
			cmds[i] = pipe.ZRangeArgsWithScores(ctx, redis.ZRangeArgs{
				Key: d.keys.key(s, "q", queue), Start: "-inf", Stop: until.UnixMilli(), ByScore: true, Count: int64(limit),
			})
		}
	})
	if err != nil {
		return nil, fmt.Errorf("queue %q: %w", queue, err)
	}
	var entries []store.Entry
	for i, cmd := range cmds {
		for _, z := range cmd.Val() {
			id, _ := z.Member.(string)
			entries = append(entries, store.Entry{Shard: shards[i], ID: id, At: time.UnixMilli(int64(z.Score)).UTC()})
		}
	}
	return entries, nil
}

// Read reads a page of a log.
func (d *DB) Read(ctx context.Context, shard store.Shard, log string, after store.Rev, limit int) ([]store.Record, error) {
	if err := checkPage(shard, log, limit); err != nil {
		return nil, err
	}
	var lines []string
	err := d.read(ctx, func() (err error) {
		lines, err = d.client.ZRangeArgs(ctx, redis.ZRangeArgs{
			Key: d.keys.key(shard, "l", log), Start: "(" + revText(max(after, 0)), Stop: "+inf", ByScore: true, Count: int64(limit),
		}).Result()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("log %q: %w", log, err)
	}
	records := make([]store.Record, len(lines))
	for i, line := range lines {
		if records[i].Rev, records[i].Value, err = parseDoc(line); err != nil {
			return nil, fmt.Errorf("log %q: %w", log, err)
		}
	}
	return records, nil
}
