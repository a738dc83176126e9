package store

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// Flow is an open conversation of several steps.
type Flow struct {
	Name    string            `json:"name"`
	Step    string            `json:"step"`
	Answers map[string]string `json:"answers,omitempty"`
	Path    []string          `json:"path,omitempty"` // steps answered so far, for going back
	Opened  time.Time         `json:"opened"`
	Expires time.Time         `json:"expires"`
	Last    UpdateID          `json:"last,omitempty"`  // the update that brought it here
	Under   *Flow             `json:"under,omitempty"` // put aside while this one is open
}

// flowGrace is how long an expired flow can still be told from one that never was.
const flowGrace = 24 * time.Hour

func flowKey(chat ChatID) string { return "flow:" + chat.String() }

// String is the number as it stands in keys.
func (c ChatID) String() string { return strconv.FormatInt(int64(c), 10) }

// Flow gives the open flow of a chat, else ErrNotFound. An expired one is given too; the caller compares Expires.
func (s *Store) Flow(ctx context.Context, chat ChatID) (Flow, error) {
	f, rev, err := readDoc[Flow](ctx, s, ShardOf(chat), flowKey(chat))
	if err == nil && rev == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Flow{}, fmt.Errorf("flow of chat %d: %w", chat, err)
	}
	return f, nil
}

// SaveFlow opens a flow or remembers its next step. A chat has one flow: another one is replaced.
func (s *Store) SaveFlow(ctx context.Context, chat ChatID, f Flow) error {
	ttl := max(0, f.Expires.Sub(s.now())) + flowGrace
	_, err := s.apply(ctx, ShardOf(chat), Batch{Do: []Mutation{Put(flowKey(chat), encode(f), ttl)}})
	if err != nil {
		return fmt.Errorf("save flow of chat %d: %w", chat, err)
	}
	return nil
}

// EndFlow forgets the open flow, if there is one.
func (s *Store) EndFlow(ctx context.Context, chat ChatID) error {
	_, err := s.apply(ctx, ShardOf(chat), Batch{Do: []Mutation{Delete(flowKey(chat))}})
	if err != nil {
		return fmt.Errorf("end flow of chat %d: %w", chat, err)
	}
	return nil
}
