package store

import (
	"context"
	"fmt"
	"time"
)

const troubleKey = "trouble" // in the global shard

// TroubleKept is for how long a trouble is told of. What is older says nothing of how the bot is doing.
const TroubleKept = 7 * 24 * time.Hour

// Trouble is what went wrong, in the constant words of the log: nothing of anybody stands in it.
type Trouble struct {
	What string    `json:"what"`
	At   time.Time `json:"at"`
}

// AsOf gives what a trouble says at a time: nothing, which is the zero Trouble, once it is older than [TroubleKept]. One of the
// future was noted by a clock that has been set back since. When it truly was is not known, so it counts as of now: else it would
// hide all that goes wrong until then.
func (t Trouble) AsOf(now time.Time) Trouble {
	switch {
	case now.Sub(t.At) > TroubleKept:
		return Trouble{}
	case t.At.After(now):
		t.At = now
	}
	t.At = t.At.UTC()
	return t
}

// NoteTrouble keeps what went wrong last in one process, unless a later trouble of another one is known, and gives the latest of all
// processes in the last 7 days, as [Trouble.AsOf] sees them; the zero Trouble when there is none. A zero t only asks. A process may
// tell the same trouble over and over: it does not become younger by that.
func (s *Store) NoteTrouble(ctx context.Context, t Trouble) (last Trouble, err error) {
	now := s.now()
	t = t.AsOf(now)
	err = changeDoc(ctx, s, Global, troubleKey, TroubleKept, func(known *Trouble) bool {
		// What is dated in the future is written down with the present date, or it would be as of now at each look.
		ahead := known.At.After(now)
		last = known.AsOf(now)
		later := t.At.After(last.At)
		if later {
			last = t
		}
		if ahead || later {
			*known = last
		}
		return ahead || later
	})
	if err != nil {
		return Trouble{}, fmt.Errorf("last trouble: %w", err)
	}
	return last, nil
}
