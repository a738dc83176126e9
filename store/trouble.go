package store

import (
	"context"
	"fmt"
	"time"
)

const (
	troubleKey  = "trouble"          // in the global shard
	troubleKept = 7 * 24 * time.Hour // what is older says nothing of how the bot is doing
)

// Trouble is what went wrong, in the constant words of the log: nothing of anybody stands in it.
type Trouble struct {
	What string    `json:"what"`
	At   time.Time `json:"at"`
}

// NoteTrouble keeps what went wrong last in one process, unless a later trouble of another one is known, and gives the latest of all
// processes in the last 7 days; the zero Trouble when there is none. A zero t only asks.
func (s *Store) NoteTrouble(ctx context.Context, t Trouble) (last Trouble, err error) {
	err = changeDoc(ctx, s, Global, troubleKey, troubleKept, func(known *Trouble) bool {
		later := t.At.After(known.At)
		if later {
			*known = Trouble{t.What, t.At.UTC()}
		}
		last = *known
		return later
	})
	if err != nil {
		return Trouble{}, fmt.Errorf("last trouble: %w", err)
	}
	return last, nil
}
