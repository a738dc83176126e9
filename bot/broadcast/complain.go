package broadcast

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"recbot/store"
)

// complainEvery is how often trouble of one kind is told: often enough to see that it lasts, and a log of a night's outage can
// still be read.
const complainEvery = 30 * time.Second

// complaints are what is told of trouble with the store. In an outage each letter in hand meets it, some hundred times a second,
// and their errors differ in whom they are about: so they are told by kind, the first one at once and then one in a while, with
// how many there were in between.
type complaints struct {
	mu   sync.Mutex
	told map[string]complaint // by kind
}

// complaint is what was told of one kind of trouble.
type complaint struct {
	at   time.Time // of the machine's clock: it paces the log, nothing else
	held int       // held back since
}

// kind is what trouble has in common. That the store is away or full is one kind, whatever was being done; anything else may
// be the trouble of one step alone.
func kind(doing string, err error) string {
	for _, outage := range []error{store.ErrUnavailable, store.ErrUnknown, store.ErrFull} {
		if errors.Is(err, outage) {
			return outage.Error()
		}
	}
	return doing
}

// due tells whether trouble of a kind is to be told now, and how much of it was held back before.
func (c *complaints) due(kind string, now time.Time) (held int, tell bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.told == nil {
		c.told = map[string]complaint{} // a few entries: steps and outages are few
	}
	last, known := c.told[kind]
	if known && now.Sub(last.at) < complainEvery {
		last.held++
		c.told[kind] = last
		return 0, false
	}
	c.told[kind] = complaint{at: now}
	return last.held, true
}

// complain logs an error of the store, unless trouble of its kind was told a moment ago. Being fenced off ends the term.
func (t *term) complain(ctx context.Context, doing string, err error) {
	if errors.Is(err, store.ErrFenced) {
		t.depose(err)
		return
	}
	if ctx.Err() != nil {
		return // it failed because the term is over
	}
	held, tell := t.complaints.due(kind(doing, err), time.Now())
	if !tell {
		return
	}
	about := []any{"doing", doing, "err", err}
	if held > 0 {
		about = append(about, slog.Int("held", held))
	}
	t.o.Log.Error("broadcast is held up", about...)
}
