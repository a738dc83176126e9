package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"recbot/store"
)

// The names that tables and random batches use. A backend cannot list what it holds, so these are all that is looked at.
var (
	docs     = []string{"d1", "d2", "d 3", "п4"}
	indexes  = []string{"x1", "x1:00", "x2"}
	queues   = []string{"q1", "q2"}
	counters = []string{"c1", "c2"}
	logs     = []string{"l1", "l2"}
	leases   = []string{"e1", "e2"}
)

// forever is later than anything a test schedules.
var forever = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)

// contents is what a shard holds under the names above, revisions left out; nothing is left out of the maps.
type contents struct {
	Docs    map[string]string
	Members map[string][]string
	Due     map[string][]string // "ms id"
	Counts  map[string]int64
	Logs    map[string][]string
}

// newContents is what an empty shard holds.
func newContents() contents {
	return contents{map[string]string{}, map[string][]string{}, map[string][]string{}, map[string]int64{}, map[string][]string{}}
}

// read gives what a shard of a backend holds. Index members are sorted: their order is the backend's own affair.
func read(t *testing.T, b store.Backend, s store.Shard) contents {
	t.Helper()
	c, err := readAll(t.Context(), b, s)
	if err != nil {
		t.Fatalf("reading shard %d: %v", s, err)
	}
	return c
}

// readAll is read for whoever wants the error. It also checks that documents come in the order of the keys.
func readAll(ctx context.Context, b store.Backend, s store.Shard) (contents, error) {
	c := newContents()
	found, err := b.Get(ctx, s, docs...)
	if err != nil {
		return c, err
	}
	for i, d := range found {
		if d.Key != docs[i] {
			return c, fmt.Errorf("document %d is %q, want %q", i, d.Key, docs[i])
		}
		if d.Rev != 0 {
			c.Docs[d.Key] = string(d.Value)
		}
	}
	counts, err := b.Counters(ctx, s, counters...)
	if err != nil {
		return c, err
	}
	for i, n := range counts {
		if n != 0 {
			c.Counts[counters[i]] = n
		}
	}
	return c, readGroups(ctx, b, s, c)
}

// readGroups reads what has many entries under one name. Pages of three make most walks turn pages.
func readGroups(ctx context.Context, b store.Backend, s store.Shard, c contents) error {
	for _, name := range indexes {
		members, err := walk(ctx, b, s, name, 3)
		if err != nil {
			return err
		}
		put(c.Members, name, members)
		slices.Sort(c.Members[name])
	}
	for _, name := range queues {
		entries, err := b.Due(ctx, name, forever, 1000, s)
		if err != nil {
			return err
		}
		var lines []string
		for _, e := range entries {
			lines = append(lines, fmt.Sprintf("%d %s", e.At.UnixMilli(), e.ID))
		}
		put(c.Due, name, lines)
	}
	for _, name := range logs {
		records, err := b.Read(ctx, s, name, 0, 1000)
		if err != nil {
			return err
		}
		var lines []string
		for _, r := range records {
			lines = append(lines, string(r.Value))
		}
		put(c.Logs, name, lines)
	}
	return nil
}

// put enters lines, if there are any: an index without members is like one that never was.
func put(m map[string][]string, name string, lines []string) {
	if len(lines) > 0 {
		m[name] = lines
	}
}

// walk reads an index in pages. It tells of a member that comes twice, of a page that is too long, and of a walk that does
// not end.
func walk(ctx context.Context, b store.Backend, s store.Shard, index string, limit int) ([]string, error) {
	var all []string
	seen := map[string]bool{}
	var at store.Cursor
	for range 100_000 {
		page, next, err := b.Members(ctx, s, index, at, limit)
		if err != nil {
			return nil, err
		}
		if len(page) > limit {
			return nil, fmt.Errorf("index %q: page of %d members, limit %d", index, len(page), limit)
		}
		for _, m := range page {
			if seen[m] {
				return nil, fmt.Errorf("index %q: member %q comes twice", index, m)
			}
			seen[m] = true
		}
		all = append(all, page...)
		if next == "" {
			return all, nil
		}
		at = next
	}
	return nil, fmt.Errorf("index %q: the walk does not end", index)
}
