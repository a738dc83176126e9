package store

import (
	"context"
	"fmt"
	"time"
)

// group is what is kept of a group chat, and only of one to which something happened: of a group in which the bot just is,
// nothing is kept. A group that became a supergroup has another id from then on; its old record becomes a tombstone that
// points to the new one.
type group struct {
	MovedTo ChatID    `json:"moved_to,omitempty"`
	Was     ChatID    `json:"was,omitempty"`  // the id it had before it became a supergroup
	Gone    string    `json:"gone,omitempty"` // why nothing may be written there; "" = it may
	At      time.Time `json:"at"`             // when that was noted
}

const (
	// groupKept is how long it is known what became of a group. Telegram keeps updates for a day, so nothing that was said under
	// an old id, or before the bot was put out, comes up later than that.
	groupKept = 30 * 24 * time.Hour
	// maxMoves is how many tombstones are followed. A group becomes a supergroup once; more is a circle that somebody made up.
	maxMoves = 4
)

func groupKey(chat ChatID) string { return "group:" + chat.String() }

// Group gives the id under which a group can be written to now, which is its own unless it became a supergroup. gone tells
// that nothing may be written there: the bot was put out of it.
func (s *Store) Group(ctx context.Context, chat ChatID) (now ChatID, gone bool, err error) {
	now = chat
	for range maxMoves {
		g, _, err := readDoc[group](ctx, s, ShardOf(now), groupKey(now))
		if err != nil {
			return chat, false, fmt.Errorf("group %d: %w", chat, err)
		}
		if g.MovedTo == 0 {
			return now, g.Gone != "", nil
		}
		now = g.MovedTo
	}
	return now, false, nil
}

// MoveGroup notes that a group became a supergroup. Whether the bot may write there is taken along. To be told twice, by an
// update and by a refused letter, changes nothing.
//
// The new record is written before the old one becomes its tombstone. They stand in two shards: after a crash in between the
// group is still found under its old id, Telegram refuses that, and the note is made again.
func (s *Store) MoveGroup(ctx context.Context, from, to ChatID) error {
	if to == 0 || from == to {
		return nil
	}
	old, _, err := readDoc[group](ctx, s, ShardOf(from), groupKey(from))
	if err != nil {
		return fmt.Errorf("move group %d: %w", from, err)
	}
	if old.MovedTo == to {
		return nil
	}
	now := s.now().UTC()
	err = s.changeGroup(ctx, to, func(g *group) bool {
		if g.Was == from {
			return false
		}
		// A chat that points back would make a circle: what is new here is the chat's being there at all.
		g.MovedTo, g.Was, g.At = 0, from, now
		if g.Gone == "" {
			g.Gone = old.Gone
		}
		return true
	})
	if err == nil {
		err = s.changeGroup(ctx, from, func(g *group) bool {
			*g = group{MovedTo: to, At: now}
			return true
		})
	}
	if err != nil {
		return fmt.Errorf("move group %d: %w", from, err)
	}
	return nil
}

// GroupGone notes why nothing may be written to a group any more, in a few plain words.
func (s *Store) GroupGone(ctx context.Context, chat ChatID, why string) error {
	err := s.changeGroup(ctx, chat, func(g *group) bool {
		if g.Gone != "" || g.MovedTo != 0 { // of a tombstone, what it points to counts
			return false
		}
		g.Gone, g.At = why, s.now().UTC()
		return true
	})
	if err != nil {
		return fmt.Errorf("group %d is gone: %w", chat, err)
	}
	return nil
}

// GroupBack notes that the bot was let into a group again.
func (s *Store) GroupBack(ctx context.Context, chat ChatID) error {
	err := s.changeGroup(ctx, chat, func(g *group) bool {
		if g.Gone == "" {
			return false
		}
		g.Gone, g.At = "", s.now().UTC()
		return true
	})
	if err != nil {
		return fmt.Errorf("group %d is back: %w", chat, err)
	}
	return nil
}

func (s *Store) changeGroup(ctx context.Context, chat ChatID, change func(*group) bool) error {
	return changeDoc(ctx, s, ShardOf(chat), groupKey(chat), groupKept, change)
}
