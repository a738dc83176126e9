package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"recbot/store"
)

const (
	maxLongPoll = 50 * time.Second // Telegram shortens longer ones
	keepUpdates = 24 * time.Hour
)

// inbox holds the updates that the bot has not confirmed.
type inbox struct {
	last    store.UpdateID
	waiting []update
	allowed []string      // as the last getUpdates that named them; empty = the usual ones
	wake    chan struct{} // closed when an update comes
	poller  chan struct{} // of the getUpdates that waits; closed when another one ousts it
}

type update struct {
	id  store.UpdateID
	at  time.Time
	raw json.RawMessage
}

// enqueue adds an update of a kind unless the bot does not want the kind; it gives the update's id, or 0. The caller
// holds the lock.
func (s *Server) enqueue(kind string, body any) store.UpdateID {
	if !s.inbox.wants(kind) {
		return 0
	}
	return s.inject(encode(map[string]any{kind: body}))
}

// wants tells whether the bot asked for updates of the kind. Unasked, membership of others and reactions do not come.
func (b *inbox) wants(kind string) bool {
	if len(b.allowed) == 0 {
		return kind != "chat_member" && kind != "message_reaction" && kind != "message_reaction_count"
	}
	return slices.Contains(b.allowed, kind)
}

// inject gives raw an id of its own. The caller holds the lock.
func (s *Server) inject(raw json.RawMessage) store.UpdateID {
	b := &s.inbox
	b.last++
	head := []byte(`{"update_id":` + strconv.FormatInt(int64(b.last), 10))
	if rest := bytes.TrimSpace(raw)[1:]; len(bytes.TrimSpace(rest)) > 1 {
		raw = slices.Concat(head, []byte{','}, rest)
	} else {
		raw = slices.Concat(head, []byte{'}'})
	}
	b.waiting = append(b.waiting, update{id: b.last, at: s.now(), raw: raw})
	b.stir()
	return b.last
}

// stir wakes whoever waits for updates.
func (b *inbox) stir() {
	close(b.wake)
	b.wake = make(chan struct{})
}

// Inject adds an update that no person made, poison for example. raw is a JSON object without update_id; its kind is
// not compared with what the bot asked for. Anything but an object is a mistake of the test: it panics.
func (s *Server) Inject(raw string) store.UpdateID {
	if !json.Valid([]byte(raw)) || bytes.TrimSpace([]byte(raw))[0] != '{' {
		panic("sim: an injected update must be a JSON object")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inject(json.RawMessage(raw))
}

// getUpdates waits for updates. One that waits is ousted by the next one, from wherever it comes: 409.
func (s *Server) getUpdates(ctx context.Context, c *Call) (any, *refusal, error) {
	ousted := make(chan struct{})
	limit, patience, refused := s.enter(c, ousted)
	if refused != nil {
		return nil, refused, nil
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		batch, wake := s.look(ousted, limit, patience == 0)
		if len(batch) > 0 || patience == 0 {
			return batch, nil, nil
		}
		select {
		case <-wake:
		case <-ousted:
			return nil, &refusal{code: 409, reason: "Conflict: terminated by other getUpdates request; " +
				"make sure that only one bot instance is running"}, nil
		case <-timer.C:
			s.leave(ousted)
			return []json.RawMessage{}, nil, nil
		case <-ctx.Done():
			s.leave(ousted)
			return nil, nil, ctx.Err()
		}
	}
}

// enter makes this poller the only one, and takes note of what it confirms and asks for.
func (s *Server) enter(c *Call, ousted chan struct{}) (limit int, patience time.Duration, refused *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &s.inbox
	if s.webhook.url != "" {
		return 0, 0, &refusal{code: 409, reason: "Conflict: can't use getUpdates method while webhook is active; " +
			"use deleteWebhook to delete the webhook first"}
	}
	if raw, given := c.Params["allowed_updates"]; given {
		var kinds []string
		if json.Unmarshal([]byte(raw), &kinds) == nil {
			b.allowed = kinds
		}
	}
	if b.poller != nil {
		close(b.poller)
	}
	b.poller = ousted
	b.confirm(store.UpdateID(c.int("offset", 0)))
	patience = min(max(0, time.Duration(c.int("timeout", 0))*time.Second), maxLongPoll)
	return min(max(1, c.int("limit", 100)), 100), patience, nil
}

// confirm forgets what lies before offset; a negative one keeps that many of the last.
func (b *inbox) confirm(offset store.UpdateID) {
	if offset < 0 {
		b.waiting = b.waiting[max(0, len(b.waiting)+int(offset)):]
		return
	}
	b.waiting = slices.DeleteFunc(b.waiting, func(u update) bool { return u.id < offset })
}

// expire forgets what was not confirmed for too long.
func (b *inbox) expire(now time.Time) {
	b.waiting = slices.DeleteFunc(b.waiting, func(u update) bool { return now.Sub(u.at) > keepUpdates })
}

// look gives what is there, and what tells when there is more. A poller that gets something, or does not wait, is done.
func (s *Server) look(ousted chan struct{}, limit int, last bool) (batch []json.RawMessage, wake chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &s.inbox
	b.expire(s.now())
	batch = []json.RawMessage{}
	for _, u := range b.waiting[:min(limit, len(b.waiting))] {
		batch = append(batch, u.raw)
	}
	if (len(batch) > 0 || last) && b.poller == ousted {
		b.poller = nil
	}
	return batch, b.wake
}

// leave makes room for the next poller. One that was ousted has nothing to leave.
func (s *Server) leave(ousted chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inbox.poller == ousted {
		s.inbox.poller = nil
	}
}
