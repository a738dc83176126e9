package store

import (
	"context"
	"fmt"
	"slices"
)

// leadsKey is a document of the global shard: the leads that somebody has, or had. A lead is entered before the first
// person gets it, so that no reminder is missed by a crash in between.
const leadsKey = "leads"

// ownersKey is a document of the global shard: the persons who may be owners. Their own records decide.
const ownersKey = "owners"

// LeadsInUse lists every lead that somebody has, longest first. It may list one that nobody has any more.
func (s *Store) LeadsInUse(ctx context.Context) ([]Lead, error) {
	leads, _, err := readDoc[[]Lead](ctx, s, Global, leadsKey)
	if err != nil {
		return nil, fmt.Errorf("leads in use: %w", err)
	}
	return leads, nil
}

// enterLeads makes sure that leads stand among those in use. What is known to stand there is not looked up again, for
// nothing takes a lead out while the bot runs.
func (s *Store) enterLeads(ctx context.Context, leads []Lead) error {
	if s.knowsLeads(leads) {
		return nil
	}
	var inUse []Lead
	err := changeDoc(ctx, s, Global, leadsKey, 0, func(l *[]Lead) bool {
		before := len(*l)
		*l = sorted(append(*l, leads...))
		slices.Reverse(*l)
		inUse = *l
		return len(*l) > before
	})
	if err != nil {
		return fmt.Errorf("enter leads: %w", err)
	}
	// Two who come here at once may leave the shorter list: that costs one more look, no lead.
	s.mu.Lock()
	s.leads = inUse
	s.mu.Unlock()
	return nil
}

// knowsLeads tells whether all of these are known to be among those in use. Almost always they are: people choose from four.
func (s *Store) knowsLeads(leads []Lead) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !slices.ContainsFunc(leads, func(l Lead) bool { return !slices.Contains(s.leads, l) })
}

// HasOwner tells whether some person has the role of an owner. It costs as much as there are owners.
func (s *Store) HasOwner(ctx context.Context) (bool, error) {
	owners, err := s.Owners(ctx)
	return len(owners) > 0, err
}

// Owners lists the persons who have the role of an owner. It costs as much as there are owners.
func (s *Store) Owners(ctx context.Context) (owners []PersonID, err error) {
	ids, _, err := readDoc[[]PersonID](ctx, s, Global, ownersKey)
	if err != nil {
		return nil, fmt.Errorf("owners: %w", err)
	}
	for _, id := range ids {
		people, err := s.PeopleOf(ctx, id.shard(), id)
		if err != nil {
			return nil, fmt.Errorf("owners: %w", err)
		}
		if people[id].Role == Owner {
			owners = append(owners, id)
		}
	}
	return owners, nil
}

// enterOwner notes that a person may be an owner, before they become it; leaveOwner takes that back.
func (s *Store) enterOwner(ctx context.Context, id PersonID) error { return s.noteOwner(ctx, id, true) }

func (s *Store) leaveOwner(ctx context.Context, id PersonID) error {
	return s.noteOwner(ctx, id, false)
}

// noteOwner keeps the list short and true enough: it may name somebody who is no owner any more, never leave one out.
func (s *Store) noteOwner(ctx context.Context, id PersonID, in bool) error {
	err := changeDoc(ctx, s, Global, ownersKey, 0, func(ids *[]PersonID) bool {
		if slices.Contains(*ids, id) == in {
			return false
		}
		*ids = set(*ids, id, in)
		return true
	})
	if err != nil {
		return fmt.Errorf("note of owners: %w", err)
	}
	return nil
}
