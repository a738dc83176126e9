package storetest

import (
	"context"
	"sync"
	"time"

	"recbot/store"
)

// Calls says how often a backend was asked for what.
type Calls struct {
	Apply, Get, Members, Due, Read, Counters int
}

// Total is the number of all calls.
func (c Calls) Total() int { return c.Apply + c.Get + c.Members + c.Due + c.Read + c.Counters }

// Counting is a backend that counts the calls it gets; Info and Close are not counted.
type Counting struct {
	store.Backend // what it wraps

	mu    sync.Mutex
	calls Calls
}

// NewCounting wraps a backend.
func NewCounting(b store.Backend) *Counting { return &Counting{Backend: b} }

// Take gives the calls since the beginning, or since it was called last.
func (c *Counting) Take() Calls {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls := c.calls
	c.calls = Calls{}
	return calls
}

func (c *Counting) count(which func(*Calls) *int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*which(&c.calls)++
}

// Apply is counted.
func (c *Counting) Apply(ctx context.Context, s store.Shard, b store.Batch) (store.Result, error) {
	c.count(func(n *Calls) *int { return &n.Apply })
	return c.Backend.Apply(ctx, s, b)
}

// Get is counted.
func (c *Counting) Get(ctx context.Context, s store.Shard, keys ...string) ([]store.Doc, error) {
	c.count(func(n *Calls) *int { return &n.Get })
	return c.Backend.Get(ctx, s, keys...)
}

// Members is counted.
func (c *Counting) Members(ctx context.Context, s store.Shard, index string, after store.Cursor, limit int) ([]string, store.Cursor, error) {
	c.count(func(n *Calls) *int { return &n.Members })
	return c.Backend.Members(ctx, s, index, after, limit)
}

// Due is counted.
func (c *Counting) Due(ctx context.Context, queue string, until time.Time, limit int, shards ...store.Shard) ([]store.Entry, error) {
	c.count(func(n *Calls) *int { return &n.Due })
	return c.Backend.Due(ctx, queue, until, limit, shards...)
}

// Read is counted.
func (c *Counting) Read(ctx context.Context, s store.Shard, log string, after store.Rev, limit int) ([]store.Record, error) {
	c.count(func(n *Calls) *int { return &n.Read })
	return c.Backend.Read(ctx, s, log, after, limit)
}

// Counters is counted.
func (c *Counting) Counters(ctx context.Context, s store.Shard, names ...string) ([]int64, error) {
	c.count(func(n *Calls) *int { return &n.Counters })
	return c.Backend.Counters(ctx, s, names...)
}
