package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Holders reads everybody who has one of the roles: the highest role first, then by name.
//
// It asks every shard for each role, and is meant for the few who run things; not for guests and delegates.
func (s *Store) Holders(ctx context.Context, roles ...Role) ([]Person, error) {
	var holders []Person
	for _, shard := range personShards() {
		for _, role := range roles {
			some, err := s.standing(ctx, shard, RoleIndex(role))
			if err != nil {
				return nil, fmt.Errorf("holders of role %q: %w", role, err)
			}
			holders = append(holders, some...)
		}
	}
	slices.SortFunc(holders, func(a, b Person) int {
		return cmp.Or(cmp.Compare(b.Role.rank(), a.Role.rank()), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return holders, nil
}

// holdersPage is how many persons of an index are read at once.
const holdersPage = 100

// standing reads everybody who stands in an index of a shard.
func (s *Store) standing(ctx context.Context, shard Shard, index string) (all []Person, err error) {
	for after := Cursor(""); ; {
		var members []string
		if members, after, err = s.b.Members(ctx, shard, index, after, holdersPage); err != nil {
			return nil, err
		}
		ids := make([]PersonID, len(members))
		for i, m := range members {
			if ids[i], err = personOf(m); err != nil {
				return nil, err
			}
		}
		people, err := s.PeopleOf(ctx, shard, ids...)
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			all = append(all, p)
		}
		if after == "" {
			return all, nil
		}
	}
}

// Dismiss takes the role of a coordinator or organizer back: a member of a body stays a delegate, anybody else is a guest. The
// name goes with the role it was given for. It does nothing, and says so with false, to owners and to who has no such role.
func (p *Person) Dismiss() bool {
	if p.Role == Owner || !p.Role.AtLeast(Coordinator) {
		return false
	}
	p.Role, p.Coordinates, p.Name = Guest, nil, ""
	if len(p.MemberOf) > 0 {
		p.Role = Delegate
	}
	return true
}
