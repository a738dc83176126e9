package storetest

import (
	"context"
	"fmt"
	"sync"

	"recbot/store"
)

// Bulk is a backend that fills a store quickly: it gathers the batches of a shard and applies many of them as one. What is
// stored in the end is what the batches would have stored one by one, so the program's own operations can be used to fill it.
//
// It is for batches that do not build on each other: the result is given before anything is applied, with revision 1 and
// without counters, and a conflict is an error of a later call. Those of the global shard go through at once. Reads see what was
// flushed. Its methods may be called from several goroutines.
type Bulk struct {
	store.Backend
	parts [store.Shards]part
}

// part is what waits in one shard.
type part struct {
	mu    sync.Mutex
	batch store.Batch
}

// NewBulk gathers batches for b.
func NewBulk(b store.Backend) *Bulk { return &Bulk{Backend: b} }

// Apply keeps the batch for later, unless its shard is the global one. It applies what waits when there is no room beside it.
func (b *Bulk) Apply(ctx context.Context, s store.Shard, batch store.Batch) (store.Result, error) {
	if s == store.Global {
		return b.Backend.Apply(ctx, s, batch)
	}
	p := &b.parts[s]
	p.mu.Lock()
	defer p.mu.Unlock()
	waiting := len(p.batch.If) + len(p.batch.Do)
	if waiting+len(batch.If)+len(batch.Do) > store.MaxOperations {
		if err := p.flush(ctx, b.Backend, s); err != nil {
			return store.Result{}, err
		}
	}
	p.batch.If = append(p.batch.If, batch.If...)
	p.batch.Do = append(p.batch.Do, batch.Do...)
	return store.Result{Rev: 1}, nil
}

// Flush applies what waits in all shards.
func (b *Bulk) Flush(ctx context.Context) error {
	for i := range b.parts {
		p := &b.parts[i]
		p.mu.Lock()
		err := p.flush(ctx, b.Backend, store.Shard(i))
		p.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

// flush applies what waits. The slices are used again, for no backend keeps them.
func (p *part) flush(ctx context.Context, b store.Backend, s store.Shard) error {
	if len(p.batch.If)+len(p.batch.Do) == 0 {
		return nil
	}
	_, err := b.Apply(ctx, s, p.batch)
	p.batch.If, p.batch.Do = p.batch.If[:0], p.batch.Do[:0]
	if err != nil {
		return fmt.Errorf("what was gathered for shard %d: %w", s, err)
	}
	return nil
}
