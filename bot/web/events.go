package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"recbot/bot"
	"recbot/store"
)

const (
	clockLook = 200 * time.Millisecond // how often a page is told that the clock has moved
	heartbeat = 15 * time.Second       // keeps proxies from closing a quiet stream
)

// state is everything the page shows; it opens each stream, so that a reconnecting page misses nothing.
type state struct {
	Boot   string
	Zone   string
	People []history
	Clock  clockState
}

// clockState is the demo's time, and whether it is moving.
type clockState struct {
	Now  time.Time
	Busy bool
}

// events streams changes as server-sent events: "state" once, then "chat" and "clock".
func (d *demo) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	out := stream{w: w, flush: http.NewResponseController(w)}
	// A page that lost its stream comes back after half a second; browsers by themselves wait three.
	fmt.Fprint(w, "retry: 500\n\n")
	// Watching begins before the state is read: a change in between comes twice, and the page takes it twice.
	changes, stop := d.Telegram.Watch()
	defer stop()
	if err := out.send("state", d.state()); err != nil {
		d.Log.Debug("page has gone", "err", err)
		return
	}
	if err := d.follow(r.Context(), out, changes); err != nil {
		d.Log.Debug("page has gone", "err", err)
	}
}

// follow sends what changes until the page goes away, or falls behind and has to open the stream anew.
func (d *demo) follow(ctx context.Context, out stream, changes <-chan bot.ChatEvent) error {
	look := time.NewTicker(clockLook)
	defer look.Stop()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	shown := d.clock()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case e, open := <-changes:
			if !open {
				return nil
			}
			err = out.send("chat", e)
		case <-look.C:
			if now := d.clock(); now != shown {
				shown = now
				err = out.send("clock", now)
			}
		case <-beat.C:
			err = out.comment()
		}
		if err != nil {
			return err
		}
	}
}

// state reads everything anew. It is some hundred messages at most.
func (d *demo) state() state {
	s := state{Boot: d.boot, Zone: d.Zone, Clock: d.clock()}
	for _, p := range d.Telegram.People() {
		s.People = append(s.People, history{p, d.Telegram.History(store.ChatID(p.ID)), d.Telegram.Menu(p.ID)})
	}
	return s
}

// clock reads the time to the second, finer than the page shows it.
func (d *demo) clock() clockState {
	d.mu.Lock()
	defer d.mu.Unlock()
	return clockState{d.Clock.Now().UTC().Truncate(time.Second), d.busy}
}

// stream writes server-sent events.
type stream struct {
	w     http.ResponseWriter
	flush *http.ResponseController
}

// send writes one event and makes sure that it leaves at once.
func (s stream) send(name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("event %q: %w", name, err)
	}
	if _, err := fmt.Fprintf(s.w, "event: %s\ndata: %s\n\n", name, data); err != nil {
		return fmt.Errorf("event %q: %w", name, err)
	}
	return s.flush.Flush()
}

// comment sends what the browser ignores.
func (s stream) comment() error {
	if _, err := fmt.Fprint(s.w, ":\n\n"); err != nil {
		return fmt.Errorf("heartbeat: %w", err)
	}
	return s.flush.Flush()
}
