package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	// causeTTL is how long it is remembered that an update was settled or made an effect: Telegram keeps an unconfirmed
	// update for a day.
	causeTTL = 25 * time.Hour

	maxAttempts = 100                   // at one document, against others who write it
	maxRepeats  = 3                     // of a batch whose answer was lost
	repeatAfter = 50 * time.Millisecond // paces the network only
)

// apply applies a batch. When the answer is lost it asks again under the same operation id, so that the batch is applied
// once; ErrUnknown comes back only when that did not help.
func (s *Store) apply(ctx context.Context, shard Shard, b Batch) (Result, error) {
	// Without an id a batch that was applied would meet its own work the second time, and be told of a conflict.
	if b.Op == "" && !repeatable(b) {
		b.Op = rand.Text()
	}
	return s.insist(ctx, shard, b)
}

// insist applies a batch, and once more when the answer to it was lost. One without an operation id may be told of a conflict
// with itself then: it is for who reads anew after a conflict, and takes what was done already for done.
func (s *Store) insist(ctx context.Context, shard Shard, b Batch) (Result, error) {
	for i := 0; ; i++ {
		result, err := s.b.Apply(ctx, shard, b)
		if !errors.Is(err, ErrUnknown) || i == maxRepeats {
			return result, err
		}
		select {
		case <-ctx.Done():
			return result, err
		case <-time.After(repeatAfter):
		}
	}
}

// repeatable tells whether a batch does the same when it is applied twice.
func repeatable(b Batch) bool {
	return len(b.If) == 0 && !slices.ContainsFunc(b.Do, func(m Mutation) bool {
		switch m.Kind {
		case MutPut, MutDelete, MutAdd, MutRemove, MutSchedule, MutUnschedule:
			return false
		}
		return true
	})
}

// attempt calls f until it ends with something else than a conflict: f reads, decides and applies anew each time.
//
// A conflict means that somebody else got ahead, so there is no pause and no order: of those who meet at one document one
// always succeeds. The limit is only there so that a mistake shows as an error and not as a loop.
func attempt(ctx context.Context, f func() error) error {
	for i := 0; ; i++ {
		err := f()
		if !errors.Is(err, ErrConflict) || i == maxAttempts {
			return err
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
		}
	}
}

// changeDoc reads a document of type T, lets change work on it, and writes it back unless somebody else wrote it in the
// meantime; then it begins again. Nothing is written when change says so.
func changeDoc[T any](ctx context.Context, s *Store, shard Shard, key string, ttl time.Duration, change func(*T) (write bool)) error {
	return attempt(ctx, func() error {
		value, rev, err := readDoc[T](ctx, s, shard, key)
		if err != nil || !change(&value) {
			return err
		}
		_, err = s.apply(ctx, shard, Batch{
			If: []Condition{RevIs(key, rev)},
			Do: []Mutation{Put(key, encode(value), ttl)},
		})
		return err
	})
}

// readDoc reads a document of type T; the zero value with revision 0 when it is missing.
func readDoc[T any](ctx context.Context, s *Store, shard Shard, key string) (value T, rev Rev, err error) {
	docs, err := s.b.Get(ctx, shard, key)
	if err != nil || docs[0].Rev == 0 {
		return value, 0, err
	}
	value, err = decode[T](docs[0])
	return value, docs[0].Rev, err
}

// kind is records of one type in the global shard: how the key of one is made of its id, and where it keeps its revision.
type kind[T any] struct {
	key func(id string) string
	rev func(*T) *Rev
}

// listed reads the records that stand in an index, page by page, in the order of the index.
func (k kind[T]) listed(ctx context.Context, s *Store, index string) (list []T, err error) {
	for at := Cursor(""); ; {
		ids, next, err := s.b.Members(ctx, Global, index, at, page)
		if err == nil {
			list, err = k.read(ctx, s, list, ids)
		}
		if err != nil {
			return nil, err
		}
		if at = next; at == "" {
			return list, nil
		}
	}
}

// read adds the records of these ids to a list; those that are not there are left out.
func (k kind[T]) read(ctx context.Context, s *Store, to []T, ids []string) ([]T, error) {
	if len(ids) == 0 {
		return to, nil
	}
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = k.key(id)
	}
	docs, err := s.b.Get(ctx, Global, keys...)
	if err != nil {
		return nil, err
	}
	for _, d := range docs {
		if d.Rev == 0 {
			continue
		}
		v, err := decode[T](d)
		if err != nil {
			return nil, err
		}
		*k.rev(&v) = d.Rev
		to = append(to, v)
	}
	return to, nil
}

// encode writes a record of ours as JSON. The records hold nothing that JSON cannot say.
func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("record of type %T: %v", v, err))
	}
	return data
}

// decode reads what encode wrote. What cannot be read is left where it is, for somebody to look at; the error names the
// document and not its content, which may be about a person.
func decode[T any](d Doc) (T, error) {
	var v T
	err := decodeInto(d, &v)
	return v, err
}

// decodeInto is decode on top of what a document that is silent of something means.
func decodeInto[T any](d Doc, v *T) error {
	if err := json.Unmarshal(d.Value, v); err != nil {
		return fmt.Errorf("document %q: %w: %w", d.Key, ErrCorrupt, err)
	}
	return nil
}
