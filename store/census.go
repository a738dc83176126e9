package store

import (
	"context"
	"fmt"
)

// Census says how many people there are. Where not all shards were counted, every number is an estimate: chats are spread
// over the shards evenly.
type Census struct {
	People      int
	Languages   map[Lang]int
	Unreachable int
	Stopped     int           // and reachable
	Topics      map[Topic]int // followers who can be told
	Estimated   bool
}

// censusPage is how many persons are read at once.
const censusPage = 256

// Census counts people by walking the index of everybody, shard by shard, and reading each record. Once it has read limit
// persons it does not begin another shard, so that it costs at most that and one shard more, however many are stored.
func (s *Store) Census(ctx context.Context, limit int) (Census, error) {
	c := Census{Languages: map[Lang]int{}, Topics: map[Topic]int{}}
	read := 0
	for _, shard := range personShards() {
		if c.People >= limit {
			break
		}
		if err := s.countShard(ctx, shard, &c); err != nil {
			return Census{}, fmt.Errorf("count people: %w", err)
		}
		read++
	}
	if read < Shards {
		c.scale(Shards, read)
	}
	return c, nil
}

func (s *Store) countShard(ctx context.Context, shard Shard, c *Census) error {
	for after := Cursor(""); ; {
		members, next, err := s.b.Members(ctx, shard, everybodyIndex, after, censusPage)
		if err != nil {
			return err
		}
		ids := make([]PersonID, len(members))
		for i, m := range members {
			if ids[i], err = personOf(m); err != nil {
				return err
			}
		}
		people, err := s.PeopleOf(ctx, shard, ids...)
		if err != nil {
			return err
		}
		for _, p := range people {
			c.add(p)
		}
		if after = next; after == "" {
			return nil
		}
	}
}

func (c *Census) add(p Person) {
	c.People++
	c.Languages[p.Language]++
	switch {
	case p.Unreachable != "":
		c.Unreachable++
	case p.Stopped:
		c.Stopped++
	default:
		for _, t := range p.Topics {
			c.Topics[t]++
		}
	}
}

// scale makes an estimate for all shards of the numbers of some.
func (c *Census) scale(all, counted int) {
	c.Estimated = true
	for _, n := range []*int{&c.People, &c.Unreachable, &c.Stopped} {
		*n = *n * all / counted
	}
	for l, n := range c.Languages {
		c.Languages[l] = n * all / counted
	}
	for t, n := range c.Topics {
		c.Topics[t] = n * all / counted
	}
}
