package store

import (
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"
)

// Further limits of what a [Batch] may hold.
const (
	MaxCount = 1<<53 - 1                 // of a counter, either side of zero; exact in a double, which Redis scripts count in
	MaxTTL   = 10 * 365 * 24 * time.Hour // of a document, a counter or a lease
)

// A due time is kept as milliseconds since 1970, so these are the first and the last that a queue can hold.
var (
	firstDue = time.UnixMilli(0)
	lastDue  = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
)

// Validate tells whether a backend can carry the batch out. Every backend asks it before anything else, so a batch cannot
// fail halfway for its form. An error is a mistake in the program, none of the sentinels, and means that nothing was applied.
func (b Batch) Validate() error {
	if n := len(b.If) + len(b.Do); n > MaxOperations {
		return fmt.Errorf("batch of %d operations: more than %d", n, MaxOperations)
	}
	if b.Op != "" {
		if err := checkName(b.Op); err != nil {
			return fmt.Errorf("operation id: %w", err)
		}
	}
	for i, c := range b.If {
		if err := c.validate(); err != nil {
			return fmt.Errorf("condition %d: %w", i, err)
		}
	}
	return b.validateMutations()
}

// validateMutations looks at each mutation, and then at whether two of them are about the same thing, of which
// the later one would be lost or not, depending on the backend.
func (b Batch) validateMutations() error {
	seen := make(map[place]bool, len(b.Do))
	acquires := 0
	for i, m := range b.Do {
		if err := m.validate(); err != nil {
			return fmt.Errorf("mutation %d: %w", i, err)
		}
		if m.Kind == MutAcquire {
			acquires++
		}
		p := m.place()
		if seen[p] {
			return fmt.Errorf("mutation %d: %q is changed twice", i, m.Key)
		}
		seen[p] = true
	}
	if acquires > 1 {
		return fmt.Errorf("%d leases are acquired at once: their tokens would be equal", acquires)
	}
	return nil
}

// validate refuses token 0, which a lease that nobody holds would seem to have.
func (c Condition) validate() error {
	if err := checkName(c.Key); err != nil {
		return err
	}
	switch {
	case c.Kind == CondRevIs && c.Rev >= 0:
		return nil
	case c.Kind == CondHolds && c.Rev > 0:
		return nil
	}
	return fmt.Errorf("kind %d with revision %d on %q", c.Kind, c.Rev, c.Key)
}

// place is what a mutation changes; no two mutations of a batch change the same.
type place struct {
	kind        MutationKind
	key, member string
}

// place counts an Append and a Trim of one log as different, for the one never touches what the other does.
func (m Mutation) place() place {
	switch m.Kind {
	case MutPut, MutDelete:
		return place{MutPut, m.Key, ""}
	case MutAdd, MutRemove:
		return place{MutAdd, m.Key, m.Member}
	case MutSchedule, MutUnschedule:
		return place{MutSchedule, m.Key, m.Member}
	case MutAcquire, MutRenew, MutRelease:
		return place{MutAcquire, m.Key, ""}
	}
	return place{m.Kind, m.Key, ""}
}

// validate looks at what the mutation's kind uses; other fields are ignored.
func (m Mutation) validate() error {
	if err := checkName(m.Key); err != nil {
		return err
	}
	switch m.Kind {
	case MutPut:
		return firstError(m.checkValue(), m.checkTTL(0))
	case MutDelete:
		return nil
	case MutAdd, MutRemove, MutUnschedule:
		return checkName(m.Member)
	case MutSchedule:
		return firstError(checkName(m.Member), m.checkTime())
	case MutIncr:
		return firstError(m.checkCount(), m.checkTTL(0))
	case MutAppend:
		return m.checkValue()
	case MutTrim:
		return m.checkRev(0)
	case MutAcquire:
		return firstError(checkName(m.Member), m.checkTTL(time.Millisecond))
	case MutRenew:
		return firstError(m.checkRev(1), m.checkTTL(time.Millisecond))
	case MutRelease:
		return m.checkRev(1)
	}
	return fmt.Errorf("unknown kind %d on %q", m.Kind, m.Key)
}

func (m Mutation) checkValue() error {
	if len(m.Value) > MaxValue {
		return fmt.Errorf("%q: %d bytes are more than %d", m.Key, len(m.Value), MaxValue)
	}
	return nil
}

// checkTTL refuses what is under a millisecond too: Redis counts in those, and would read it as none.
func (m Mutation) checkTTL(least time.Duration) error {
	if m.TTL < least || m.TTL > MaxTTL || m.TTL != 0 && m.TTL < time.Millisecond {
		return fmt.Errorf("%q: time to live %s is out of range", m.Key, m.TTL)
	}
	return nil
}

// checkTime refuses the zero time above all: it is what somebody forgot to set.
func (m Mutation) checkTime() error {
	if m.At.Before(firstDue) || m.At.After(lastDue) {
		return fmt.Errorf("%q in queue %q: due at %s, which is out of range", m.Member, m.Key, m.At)
	}
	return nil
}

func (m Mutation) checkCount() error {
	if m.N > MaxCount || m.N < -MaxCount {
		return fmt.Errorf("counter %q: %d is out of range", m.Key, m.N)
	}
	return nil
}

func (m Mutation) checkRev(least Rev) error {
	if m.Rev < least || m.Rev > MaxCount {
		return fmt.Errorf("%q: revision %d is out of range", m.Key, m.Rev)
	}
	return nil
}

// checkName asks for printable text: backends join names with separators of their own, and people read them in redis-cli.
func checkName(s string) error {
	if s == "" || len(s) > MaxName || !utf8.ValidString(s) {
		return fmt.Errorf("name %.40q: empty, over %d bytes or not UTF-8", s, MaxName)
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return fmt.Errorf("name %.40q: holds %U, which is not printable", s, r)
		}
	}
	return nil
}

// firstError gives the first error that is one.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
