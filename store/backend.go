package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrLocked means that the embedded store's file is held by another recbot. It is returned at opening only.
var ErrLocked = errors.New("held by another recbot")

// Shard is a part of the data inside which a [Batch] is atomic.
type Shard uint8

const (
	// Shards is the number of shards that hold persons.
	Shards = 64
	// Global is the one more shard, for what belongs to no single person.
	Global Shard = Shards
)

// Limits of what a [Batch] may hold; [Batch.Validate] checks them, so that no backend can fail halfway.
const (
	MaxOperations = 256              // conditions and mutations together
	MaxValue      = 64 << 10         // bytes of a document or a log record
	MaxName       = 256              // bytes of a key, index, queue, member or holder
	OpTTL         = 10 * time.Minute // how long the result of an operation id is kept
)

// Rev is a revision: unique and increasing inside a shard, never used again even after a lost tail.
// A batch gets max(previous+1, microseconds of the store's clock). As a lease's token it fences.
type Rev int64

// Doc is a document with the revision of the batch that wrote it. A missing document has Rev 0.
type Doc struct {
	Key   string
	Rev   Rev
	Value []byte
}

// Entry is something due in a queue of a shard.
type Entry struct {
	Shard Shard
	ID    string
	At    time.Time // UTC, to the millisecond
}

// Record is an entry of an append log.
type Record struct {
	Rev   Rev
	Value []byte
}

// Cursor marks a place in an index. It is opaque, comparable, and stays valid while members come and go; "" is the
// beginning. A returned "" means that the end was reached.
type Cursor string

// Info says what a backend is, for the log, /readyz and `recbot check`.
type Info struct {
	Kind     string   // "embedded file" or "redis"
	Place    string   // path or address, without secrets
	Version  string   // of the server, if there is one
	Durable  string   // in a few words, what an acknowledged write survives
	Warnings []string // each one plain sentence
	Free     int64    // bytes that can still be written; 0 = unknown, or none
	Tight    bool     // that is little: soon writes will be refused
}

// Backend is the narrow waist of the store: a handful of primitives without domain words.
//
// Guarantees: a batch is applied whole or not at all, durable (per Info.Durable) when Apply returns nil; all conditions
// are checked before the first mutation; a batch with an operation id that was applied in the last [OpTTL] is not
// applied again and gives its first result. Apart from mistakes in the program (see [Batch.Validate]) errors are
// ErrConflict (as *[ConflictError]), ErrUnavailable and ErrFull (known: nothing applied), ErrUnknown (may have been
// applied), ErrCorrupt; everything returned belongs to the caller.
type Backend interface {
	// Apply checks the conditions of a batch and then makes its mutations, atomically, inside one shard.
	Apply(ctx context.Context, shard Shard, batch Batch) (Result, error)
	// Get reads documents of one shard, in the order of the keys.
	Get(ctx context.Context, shard Shard, keys ...string) ([]Doc, error)
	// Members reads up to limit members of an index of one shard behind a cursor. The order is total and stable; no member
	// comes twice; a member that is there during the whole walk is seen.
	Members(ctx context.Context, shard Shard, index string, after Cursor, limit int) ([]string, Cursor, error)
	// Due reads the entries of a queue that are due at until, at most limit of each shard, ordered by time then id inside a
	// shard, all shards in one round trip.
	Due(ctx context.Context, queue string, until time.Time, limit int, shards ...Shard) ([]Entry, error)
	// Read reads records of a log behind a revision, oldest first.
	Read(ctx context.Context, shard Shard, log string, after Rev, limit int) ([]Record, error)
	// Counters reads counters; a missing one is 0.
	Counters(ctx context.Context, shard Shard, names ...string) ([]int64, error)
	// Info says what this is. It asks the server, if there is one.
	Info(ctx context.Context) (Info, error)
	// Close releases what the backend holds. Calls after it fail with ErrUnavailable.
	Close() error
}

// Batch is a set of conditions and mutations for one shard. A key (with its member, in an index or a queue) appears in at
// most one mutation; only a log may be appended to and trimmed at once. Mutations happen in their order. A batch without
// any is a check.
type Batch struct {
	Op string // operation id; "" for none
	If []Condition
	Do []Mutation
}

// Result tells what a batch did.
type Result struct {
	Rev    Rev     // of this batch; also the token of a lease it acquired
	Counts []int64 // the new values of the counters, in the order of the batch's Incr
}

// ConflictError tells which condition did not hold. It is an ErrConflict.
type ConflictError struct {
	Index   int // in Batch.If; len(Batch.If)+i for an Acquire or a Renew at Batch.Do[i]
	Current Rev // the revision or token found; 0 for none
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("condition %d does not hold: found revision %d", e.Index, e.Current)
}

// Is makes the error an [ErrConflict].
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// ConditionKind says what a [Condition] asks.
type ConditionKind uint8

// The conditions.
const (
	CondRevIs ConditionKind = iota + 1
	CondHolds
)

// Condition is something that must hold for a batch to be applied.
type Condition struct {
	Kind ConditionKind
	Key  string // a document, or a lease
	Rev  Rev    // the revision, or the token
}

// RevIs asks that a document has this revision; 0 asks that it is absent.
func RevIs(key string, rev Rev) Condition { return Condition{CondRevIs, key, rev} }

// Absent asks that a document is not there.
func Absent(key string) Condition { return RevIs(key, 0) }

// Holds asks that a lease is held with this token. It works in the lease's own shard only.
func Holds(lease string, token Rev) Condition { return Condition{CondHolds, lease, token} }

// MutationKind says what a [Mutation] does.
type MutationKind uint8

// The mutations.
const (
	MutPut MutationKind = iota + 1
	MutDelete
	MutAdd
	MutRemove
	MutSchedule
	MutUnschedule
	MutIncr
	MutAppend
	MutTrim
	MutAcquire
	MutRenew
	MutRelease
)

// Mutation is one change of a [Batch]. Use the constructors.
type Mutation struct {
	Kind   MutationKind
	Key    string // document, index, queue, counter, log or lease
	Member string // member of an index, id in a queue, holder of a lease
	Value  []byte
	At     time.Time // of a queue entry, kept to the millisecond
	N      int64     // of a counter
	Rev    Rev       // token of a lease, or where a log is cut
	TTL    time.Duration
}

// Put writes a document. A ttl over 0 lets the store drop it later; it serves garbage, never logic.
func Put(key string, value []byte, ttl time.Duration) Mutation {
	return Mutation{Kind: MutPut, Key: key, Value: value, TTL: ttl}
}

// Delete removes a document, if it is there.
func Delete(key string) Mutation { return Mutation{Kind: MutDelete, Key: key} }

// Add puts a member into an index, once.
func Add(index, member string) Mutation { return Mutation{Kind: MutAdd, Key: index, Member: member} }

// Remove takes a member out of an index, if it is there.
func Remove(index, member string) Mutation {
	return Mutation{Kind: MutRemove, Key: index, Member: member}
}

// Schedule puts an id into a due queue; one that stands there already moves to the new time.
func Schedule(queue, id string, at time.Time) Mutation {
	return Mutation{Kind: MutSchedule, Key: queue, Member: id, At: at}
}

// Unschedule takes an id out of a due queue, if it is there.
func Unschedule(queue, id string) Mutation {
	return Mutation{Kind: MutUnschedule, Key: queue, Member: id}
}

// Incr adds n to a counter, which starts at 0. A ttl over 0 counts from now; 0 leaves the counter's end as it is. A batch
// that would bring a counter beyond [MaxCount] is refused with ErrFull.
func Incr(counter string, n int64, ttl time.Duration) Mutation {
	return Mutation{Kind: MutIncr, Key: counter, N: n, TTL: ttl}
}

// Append adds a record to a log, under the batch's revision. At most one per log in a batch.
func Append(log string, value []byte) Mutation {
	return Mutation{Kind: MutAppend, Key: log, Value: value}
}

// Trim drops the records of a log that are older than a revision.
func Trim(log string, before Rev) Mutation { return Mutation{Kind: MutTrim, Key: log, Rev: before} }

// Acquire takes a lease that nobody holds, or that has run out. The token is the batch's revision. While somebody
// (the same holder too) has it, the batch is refused with a conflict. At most one in a batch.
func Acquire(lease, holder string, ttl time.Duration) Mutation {
	return Mutation{Kind: MutAcquire, Key: lease, Member: holder, TTL: ttl}
}

// Renew lengthens a lease held with this token; else the batch is refused with a conflict.
func Renew(lease string, token Rev, ttl time.Duration) Mutation {
	return Mutation{Kind: MutRenew, Key: lease, Rev: token, TTL: ttl}
}

// Release gives a lease up if it is held with this token, else it does nothing; it never refuses a batch.
func Release(lease string, token Rev) Mutation {
	return Mutation{Kind: MutRelease, Key: lease, Rev: token}
}
