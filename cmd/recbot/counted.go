package main

import (
	"context"
	"errors"
	"time"

	"recbot/store"
)

// counted is a backend whose failures are counted by operation. That somebody else got ahead is none: it is how writers
// meet. Nor is a call that was given up because whoever asked has gone.
type counted struct {
	store.Backend
	failed func(operation string)
}

// note counts a failure and gives it back.
func (c counted) note(ctx context.Context, operation string, err error) error {
	if err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrConflict) {
		c.failed(operation)
	}
	return err
}

func (c counted) Apply(ctx context.Context, shard store.Shard, b store.Batch) (store.Result, error) {
	r, err := c.Backend.Apply(ctx, shard, b)
	return r, c.note(ctx, "apply", err)
}

func (c counted) Get(ctx context.Context, shard store.Shard, keys ...string) ([]store.Doc, error) {
	docs, err := c.Backend.Get(ctx, shard, keys...)
	return docs, c.note(ctx, "get", err)
}

func (c counted) Members(ctx context.Context, shard store.Shard, index string, after store.Cursor, limit int) ([]string, store.Cursor, error) {
	members, next, err := c.Backend.Members(ctx, shard, index, after, limit)
	return members, next, c.note(ctx, "members", err)
}

func (c counted) Due(ctx context.Context, queue string, until time.Time, limit int, shards ...store.Shard) ([]store.Entry, error) {
	due, err := c.Backend.Due(ctx, queue, until, limit, shards...)
	return due, c.note(ctx, "due", err)
}

func (c counted) Read(ctx context.Context, shard store.Shard, log string, after store.Rev, limit int) ([]store.Record, error) {
	records, err := c.Backend.Read(ctx, shard, log, after, limit)
	return records, c.note(ctx, "read", err)
}

func (c counted) Counters(ctx context.Context, shard store.Shard, names ...string) ([]int64, error) {
	counts, err := c.Backend.Counters(ctx, shard, names...)
	return counts, c.note(ctx, "counters", err)
}

func (c counted) Info(ctx context.Context) (store.Info, error) {
	info, err := c.Backend.Info(ctx)
	return info, c.note(ctx, "info", err)
}
