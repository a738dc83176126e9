package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// goneQueue holds, in their shards, persons who cannot be reached, by when they are erased.
	goneQueue = "gone"
	// GoneKept is for how long a person is kept who cannot be reached: they blocked the bot, or their account is no more. Who
	// comes back before that has everything as it was.
	GoneKept = 365 * 24 * time.Hour
)

// goneUntil is when a person is erased who cannot be reached; zero = they can.
func (p Person) goneUntil() time.Time {
	if p.Unreachable == "" || p.GoneSince.IsZero() {
		return time.Time{}
	}
	return p.GoneSince.Add(GoneKept)
}

// PersonGone notes why a person cannot be reached any more, in a few plain words, so that nothing is written to them until
// they return. The first note stays, and the year until they are erased counts from it. Of who has no record, because
// they have just asked to be forgotten, say, there is nothing to note, and that is no error.
func (s *Store) PersonGone(ctx context.Context, id PersonID, why string) error {
	_, err := s.ChangePerson(ctx, id, Cause{}, func(p *Person) error {
		if p.Unreachable == "" {
			p.Unreachable, p.GoneSince = why, s.now().UTC()
		}
		return nil
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("person %d is gone: %w", id, err)
	}
	return nil
}

// moveGone lists what keeps the queue of those who cannot be reached right when a record changes.
func moveGone(old, p Person) []Mutation {
	was, is := old.goneUntil(), p.goneUntil()
	switch {
	case was.Equal(is):
		return nil
	case is.IsZero():
		return []Mutation{Unschedule(goneQueue, p.ID.member())}
	}
	return []Mutation{Schedule(goneQueue, p.ID.member(), is)}
}

// SweepGone erases, as [Store.Forget] does, who could not be reached for [GoneKept]. It costs what there is to erase.
func (s *Store) SweepGone(ctx context.Context) error {
	entries, err := s.b.Due(ctx, goneQueue, s.now(), MaxOperations, personShards()...)
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	for _, e := range entries {
		id, odd := personOf(e.ID)
		if odd == nil {
			err = s.forgetGone(ctx, id)
		}
		// Last of all: who was erased by half before a crash is found here again.
		if err == nil {
			err = s.unschedule(ctx, e.Shard, goneQueue, e.ID)
		}
		if err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
	}
	return nil
}

// forgetGone erases a person unless they have come back.
func (s *Store) forgetGone(ctx context.Context, id PersonID) error {
	back := false
	err := attempt(ctx, func() error {
		p, err := s.Person(ctx, id)
		if errors.Is(err, ErrNotFound) {
			return nil // the rest of them is left, it may be
		}
		if back = err == nil && (p.goneUntil().IsZero() || p.goneUntil().After(s.now())); err != nil || back {
			return err
		}
		return s.eraseRecord(ctx, id, p)
	})
	if err != nil || back {
		return err
	}
	return s.Forget(ctx, id)
}
