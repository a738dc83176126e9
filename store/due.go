package store

import (
	"context"
	"fmt"
	"time"
)

// putOff moves what cannot be read to a later place in its queue, so that it holds nothing up. Time does not heal it, but
// somebody may; to drop it would lose it for good.
func (s *Store) putOff(ctx context.Context, shard Shard, queue, id string) error {
	_, err := s.apply(ctx, shard, Batch{Do: []Mutation{Schedule(queue, id, s.now().Add(lookAgain))}})
	return err
}

// unschedule takes out what stands in a queue without a document: nothing else would ever end it.
func (s *Store) unschedule(ctx context.Context, shard Shard, queue, id string) error {
	_, err := s.apply(ctx, shard, Batch{Do: []Mutation{Unschedule(queue, id)}})
	return err
}

func byShard(entries []Entry) map[Shard][]Entry {
	m := make(map[Shard][]Entry)
	for _, e := range entries {
		m[e.Shard] = append(m[e.Shard], e)
	}
	return m
}

// NextDue gives the earliest instant at which something of jobs and letters is due, which may lie in the past; ok is false
// when there is nothing. Other queues have their own questions.
func (s *Store) NextDue(ctx context.Context) (at time.Time, ok bool, err error) {
	for _, queue := range []string{jobQueue, letterQueue} {
		entries, err := s.b.Due(ctx, queue, lastDue, 1, allShards()...)
		if err != nil {
			return time.Time{}, false, fmt.Errorf("next instant of %s: %w", queue, err)
		}
		for _, e := range entries {
			if !ok || e.At.Before(at) {
				at, ok = e.At, true
			}
		}
	}
	return at, ok, nil
}
