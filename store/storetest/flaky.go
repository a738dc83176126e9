package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"recbot/store"
)

// Flaky is a backend that can be made to fail. Its own methods may be called at any time.
type Flaky struct {
	store.Backend // what it wraps

	mu   sync.Mutex
	err  error
	free int64 // told by Info when it is not 0
}

// NewFlaky wraps a backend, which works until [Flaky.Fail] says otherwise.
func NewFlaky(b store.Backend) *Flaky { return &Flaky{Backend: b} }

// Fail makes every call but Close fail from now on; nil makes them work again. With [store.ErrUnknown] batches are applied
// and only their answers are lost, while reads work; with any other error nothing is done.
func (f *Flaky) Fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// Fill makes Info tell that the store is nearly full, with so many bytes left.
func (f *Flaky) Fill(free int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.free = free
}

// failing gives what Fail was told last.
func (f *Flaky) failing() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		return nil
	}
	return fmt.Errorf("made to fail: %w", f.err)
}

// refuses is failing for reads, which do not fail for a lost answer.
func (f *Flaky) refuses() error {
	if err := f.failing(); !errors.Is(err, store.ErrUnknown) {
		return err
	}
	return nil
}

// Apply fails if it was made to.
func (f *Flaky) Apply(ctx context.Context, s store.Shard, b store.Batch) (store.Result, error) {
	err := f.failing()
	if err != nil && !errors.Is(err, store.ErrUnknown) {
		return store.Result{}, err
	}
	result, applied := f.Backend.Apply(ctx, s, b)
	if applied == nil && err != nil {
		return store.Result{}, err
	}
	return result, applied
}

// Get fails if it was made to.
func (f *Flaky) Get(ctx context.Context, s store.Shard, keys ...string) ([]store.Doc, error) {
	if err := f.refuses(); err != nil {
		return nil, err
	}
	return f.Backend.Get(ctx, s, keys...)
}

// Members fails if it was made to.
func (f *Flaky) Members(ctx context.Context, s store.Shard, index string, after store.Cursor, limit int) ([]string, store.Cursor, error) {
	if err := f.refuses(); err != nil {
		return nil, "", err
	}
	return f.Backend.Members(ctx, s, index, after, limit)
}

// Due fails if it was made to.
func (f *Flaky) Due(ctx context.Context, queue string, until time.Time, limit int, shards ...store.Shard) ([]store.Entry, error) {
	if err := f.refuses(); err != nil {
		return nil, err
	}
	return f.Backend.Due(ctx, queue, until, limit, shards...)
}

// Read fails if it was made to.
func (f *Flaky) Read(ctx context.Context, s store.Shard, log string, after store.Rev, limit int) ([]store.Record, error) {
	if err := f.refuses(); err != nil {
		return nil, err
	}
	return f.Backend.Read(ctx, s, log, after, limit)
}

// Counters fails if it was made to.
func (f *Flaky) Counters(ctx context.Context, s store.Shard, names ...string) ([]int64, error) {
	if err := f.refuses(); err != nil {
		return nil, err
	}
	return f.Backend.Counters(ctx, s, names...)
}

// Info fails if it was made to.
func (f *Flaky) Info(ctx context.Context) (store.Info, error) {
	if err := f.refuses(); err != nil {
		return store.Info{}, err
	}
	info, err := f.Backend.Info(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.free > 0 {
		info.Tight, info.Free = true, f.free
	}
	return info, err
}
