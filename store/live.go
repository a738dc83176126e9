package store

import (
	"context"
	"fmt"
	"time"
)

// liveFor is how long a live name stands for its message: later nobody looks that far up in the chat.
const liveFor = 48 * time.Hour

// liveMessage is what a live name stands for.
type liveMessage struct {
	Message int       `json:"message"`
	Sent    time.Time `json:"sent"`
}

// over tells whether the message has scrolled away. Logic compares the time itself; the document's TTL only clears up.
func (l liveMessage) over(now time.Time) bool { return now.Sub(l.Sent) >= liveFor }

// liveKey is one document for all names of a chat.
func liveKey(chat ChatID) string { return "live:" + chat.String() }

// SaveLive remembers for 48 h the message that a live name of a chat stands for.
func (s *Store) SaveLive(ctx context.Context, chat ChatID, name string, message int) error {
	now := s.now().UTC()
	err := changeDoc(ctx, s, ShardOf(chat), liveKey(chat), liveFor, func(names *map[string]liveMessage) bool {
		kept := map[string]liveMessage{name: {message, now}}
		for other, l := range *names {
			if other != name && !l.over(now) {
				kept[other] = l
			}
		}
		*names = kept
		return true
	})
	if err != nil {
		return fmt.Errorf("save live message of chat %d: %w", chat, err)
	}
	return nil
}

// Live gives the message of a live name, or 0.
func (s *Store) Live(ctx context.Context, chat ChatID, name string) (int, error) {
	names, _, err := readDoc[map[string]liveMessage](ctx, s, ShardOf(chat), liveKey(chat))
	if err != nil {
		return 0, fmt.Errorf("live message of chat %d: %w", chat, err)
	}
	l := names[name]
	if l.over(s.now()) {
		return 0, nil
	}
	return l.Message, nil
}
