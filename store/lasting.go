package store

import (
	"context"
	"fmt"
	"time"
)

func lastingKey(name string) string { return "lasting:" + name }

// LastsSince tells since when a trouble of this name lasts, as [Store.SetLasting] noted it; the zero time when there is none.
func (s *Store) LastsSince(ctx context.Context, name string) (since time.Time, err error) {
	since, _, err = readDoc[time.Time](ctx, s, Global, lastingKey(name))
	if err != nil {
		return time.Time{}, fmt.Errorf("lasting trouble %q: %w", name, err)
	}
	return since, nil
}

// SetLasting notes since when a trouble lasts, for whoever leads next; the zero time means that it is over. It does not look at
// what stood there: only the leader watches over troubles.
func (s *Store) SetLasting(ctx context.Context, name string, since time.Time) error {
	do := Put(lastingKey(name), encode(since.UTC()), 0)
	if since.IsZero() {
		do = Delete(lastingKey(name))
	}
	if _, err := s.apply(ctx, Global, Batch{Do: []Mutation{do}}); err != nil {
		return fmt.Errorf("set lasting trouble %q: %w", name, err)
	}
	return nil
}
