package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

const (
	schemaKey = "schema" // a document of the global shard
	schemaApp = "recbot"
)

// schema is what the store says of itself.
type schema struct {
	App     string    `json:"app"`
	Version int       `json:"schema"`
	Shards  int       `json:"shards"`
	Created time.Time `json:"created"`
}

// migrations lead from each version of the data to the next; an empty store has version 0. A migration that was broken
// off is run again, so it must not mind what it finds done.
var migrations = []func(context.Context, *Store) error{
	func(context.Context, *Store) error { return nil }, // 0 to 1: the first layout has nothing to carry over
}

// Open checks schema version and shard count of the data, migrates older data, and must be called before anything else.
// It returns ErrSchema, untouched data, for a newer schema or data that are not recbot's.
func (s *Store) Open(ctx context.Context) error {
	err := attempt(ctx, func() error { return s.open(ctx) })
	if err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	return nil
}

// Check is the part of [Store.Open] that reads: it finds out whether this program may work on the data, and writes nothing.
// Data of an older schema, or none at all, are right.
func (s *Store) Check(ctx context.Context) error {
	if _, _, err := s.look(ctx); err != nil {
		return fmt.Errorf("check store: %w", err)
	}
	return nil
}

// open looks at the data as they are now. Two programs that start on an empty store at once meet at the condition of migrate,
// and the second one looks again.
func (s *Store) open(ctx context.Context) error {
	found, rev, err := s.look(ctx)
	if err != nil {
		return err
	}
	return s.migrate(ctx, found, rev)
}

// look gives what the store says of itself, and the revision of that; an empty store has version 0.
func (s *Store) look(ctx context.Context) (schema, Rev, error) {
	docs, err := s.b.Get(ctx, Global, schemaKey, revisionKey, leadsKey, tickKey)
	if err != nil {
		return schema{}, 0, err
	}
	found := schema{App: schemaApp, Shards: Shards, Created: s.now().UTC()}
	if docs[0].Rev != 0 {
		if found, err = readSchema(docs[0].Value); err != nil {
			return schema{}, 0, err
		}
		// Whatever writes here has written its schema first.
	} else if docs[1].Rev+docs[2].Rev+docs[3].Rev != 0 {
		return schema{}, 0, fmt.Errorf("%w: they do not say which", ErrSchema)
	}
	return found, docs[0].Rev, nil
}

// migrate leads the data to the present version, one step after the other, and writes each step down.
func (s *Store) migrate(ctx context.Context, at schema, rev Rev) error {
	for at.Version < len(migrations) {
		if err := migrations[at.Version](ctx, s); err != nil {
			return fmt.Errorf("migrate from schema %d: %w", at.Version, err)
		}
		at.Version++
		result, err := s.apply(ctx, Global, Batch{
			If: []Condition{RevIs(schemaKey, rev)},
			Do: []Mutation{Put(schemaKey, encode(at), 0)},
		})
		if err != nil {
			return err
		}
		rev = result.Rev
	}
	return nil
}

// readSchema reads what the store says of itself and refuses what this program must not touch.
func readSchema(value []byte) (schema, error) {
	var found schema
	switch err := json.Unmarshal(value, &found); {
	case err != nil || found.App != schemaApp || found.Version < 1:
		return schema{}, fmt.Errorf("%w: not recbot's", errors.Join(ErrSchema, err))
	case found.Version > len(migrations):
		return schema{}, fmt.Errorf("%w: schema %d is newer than this program, which knows up to %d", ErrSchema, found.Version, len(migrations))
	case found.Shards != Shards:
		return schema{}, fmt.Errorf("%w: %d shards, this program has %d", ErrSchema, found.Shards, Shards)
	}
	return found, nil
}
