package store

import (
	"context"
	"fmt"
	"time"
)

// tickKey is a document of the global shard: up to when the scheduler has opened what fell due.
const tickKey = "tick"

// Tick gives the last tick of the scheduler; the zero time before the first.
func (s *Store) Tick(ctx context.Context) (time.Time, error) {
	t, _, err := readDoc[time.Time](ctx, s, Global, tickKey)
	if err != nil {
		return time.Time{}, fmt.Errorf("last tick: %w", err)
	}
	return t, nil
}

// SaveTick remembers the last tick. It is not guarded against an older one: looking at a span of time twice opens nothing
// twice.
func (s *Store) SaveTick(ctx context.Context, t time.Time) error {
	_, err := s.apply(ctx, Global, Batch{Do: []Mutation{Put(tickKey, encode(t.UTC()), 0)}})
	if err != nil {
		return fmt.Errorf("save tick: %w", err)
	}
	return nil
}
