package store

import (
	"context"
	"fmt"
	"time"
)

func leaseKey(name string) string { return "leader:" + name }

// AcquireLease takes a lease for a holder. The token it gives is higher than that of every holder before. While somebody
// has it, the error is ErrConflict; after ErrUnknown the lease may be held by nobody until its ttl has passed.
func (s *Store) AcquireLease(ctx context.Context, name, holder string, ttl time.Duration) (token Rev, err error) {
	result, err := s.apply(ctx, Global, Batch{Do: []Mutation{Acquire(leaseKey(name), holder, ttl)}})
	if err != nil {
		return 0, fmt.Errorf("acquire lease %q: %w", name, err)
	}
	return result.Rev, nil
}

// RenewLease makes a lease last for another ttl from now. ErrConflict means that it is lost.
func (s *Store) RenewLease(ctx context.Context, name string, token Rev, ttl time.Duration) error {
	_, err := s.apply(ctx, Global, Batch{Do: []Mutation{Renew(leaseKey(name), token, ttl)}})
	if err != nil {
		return fmt.Errorf("renew lease %q: %w", name, err)
	}
	return nil
}

// ReleaseLease gives a lease up, so that somebody else can take it at once. One that is lost already is no error.
func (s *Store) ReleaseLease(ctx context.Context, name string, token Rev) error {
	_, err := s.apply(ctx, Global, Batch{Do: []Mutation{Release(leaseKey(name), token)}})
	if err != nil {
		return fmt.Errorf("release lease %q: %w", name, err)
	}
	return nil
}
