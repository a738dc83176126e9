package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrLastOwner means that nobody would be an owner any more.
var ErrLastOwner = errors.New("the last owner")

const (
	// demotedKey is a document of the global shard: who is being made an organizer at the moment, and since when. Owners stand in
	// shards of their own; this is what two of them who take each other's role in the same moment meet at.
	demotedKey = "demoted"
	// demotedFor is how long such a note counts. It is far longer than to write a record takes.
	demotedFor = 10 * time.Minute
)

// DemoteOwner makes an owner an organizer. It is refused with [ErrLastOwner] when nobody else is an owner, or everybody else
// who is one is just being made an organizer. ErrNotFound when there is no such owner, unless the cause made them an organizer
// before.
func (s *Store) DemoteOwner(ctx context.Context, id PersonID, by Cause) (Person, error) {
	p, err := s.Person(ctx, id)
	if err == nil && p.Role == Owner {
		err = s.claimDemotion(ctx, id)
	}
	if err != nil {
		return Person{}, fmt.Errorf("demote person %d: %w", id, err)
	}
	return s.ChangePerson(ctx, id, by, func(p *Person) error {
		if p.Role != Owner {
			return ErrNotFound
		}
		p.Role = Organizer
		return nil
	})
}

// claimDemotion notes that an owner is being made an organizer, if there is another one.
func (s *Store) claimDemotion(ctx context.Context, id PersonID) error {
	return attempt(ctx, func() error {
		claims, rev, err := readDoc[map[PersonID]time.Time](ctx, s, Global, demotedKey)
		if err != nil {
			return err
		}
		// Behind the claims: whoever is not among them any more has the new role, or has it not for other reasons.
		owners, err := s.Owners(ctx)
		if err != nil {
			return err
		}
		now, next, others := s.now().UTC(), map[PersonID]time.Time{id: s.now().UTC()}, 0
		for who, at := range claims {
			if now.Sub(at) < demotedFor {
				next[who] = at
			}
		}
		for _, o := range owners {
			if _, leaving := next[o]; !leaving {
				others++
			}
		}
		if others == 0 {
			return ErrLastOwner
		}
		next[id] = now
		_, err = s.apply(ctx, Global, Batch{
			If: []Condition{RevIs(demotedKey, rev)},
			Do: []Mutation{Put(demotedKey, encode(next), demotedFor)},
		})
		return err
	})
}
