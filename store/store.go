// Package store is what recbot remembers: records of people, meetings, flows and jobs, and the operations on them.
//
// Every operation is written once, on the narrow [Backend] interface that this package defines; boltstore and
// redisstore implement it and storetest holds them to the same contract. A change of one person (their record and every
// index they stand in) is one atomic batch in that person's shard. Nothing here is atomic over two shards. The package
// holds no user-visible words and imports the standard library only.
package store

import (
	"errors"
	"sync"
	"time"
)

// The errors an operation can end with. Callers use [errors.Is].
var (
	// ErrNotFound means that there is no such record, or none that the person may see.
	ErrNotFound = errors.New("not found")
	// ErrExists means that a record which had to be new is there already.
	ErrExists = errors.New("exists already")
	// ErrConflict means that a condition did not hold: nothing was applied. See [ConflictError].
	ErrConflict = errors.New("conflict")
	// ErrFenced means that a leader with a higher token has taken over: nothing was applied.
	ErrFenced = errors.New("fenced off by a newer leader")
	// ErrTooMany means that a person has as many leads or single meetings as they may have.
	ErrTooMany = errors.New("too many")
	// ErrUnavailable means that the store is out of reach and that nothing was applied.
	ErrUnavailable = errors.New("store unavailable")
	// ErrUnknown means that the store did not answer: the batch may or may not have been applied.
	ErrUnknown = errors.New("outcome unknown")
	// ErrFull means that the store has no room left: nothing was applied.
	ErrFull = errors.New("store is full")
	// ErrCorrupt means that what stands in the store is not what recbot wrote there.
	ErrCorrupt = errors.New("store is corrupt")
	// ErrSchema means that the data were written by a newer recbot, or by something else.
	ErrSchema = errors.New("data of another schema")
)

// Store is the memory of the bot. Its operations may be called from several goroutines.
type Store struct {
	b   Backend
	now func() time.Time

	mu       sync.Mutex // guards the rest
	cached   *meetingSet
	answered *entrySet
	leads    []Lead   // known to stand among those in use
	digests  []Digest // likewise
}

// New returns the operations on b. Times that logic depends on are taken from now.
func New(b Backend, now func() time.Time) *Store {
	return &Store{b: b, now: now}
}

// Backend gives the primitives below the operations, for checks and for tests.
func (s *Store) Backend() Backend { return s.b }
