package broadcast

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// letters makes settlements of persons of one shard.
func letters(n int) []store.Settlement {
	some := make([]store.Settlement, n)
	for i, id := range neighbours(n) {
		some[i].Letter.Person = id
	}
	return some
}

func TestWhoComesWhileAShardIsWrittenGoesWithTheNextBatch(t *testing.T) {
	t.Parallel()
	const many = store.MaxSettlements + 20
	var l ledger
	var waiting []*unsettled
	for _, one := range letters(1 + many) {
		waiting = append(waiting, l.join(one))
	}
	shard := shardOf(waiting[0].Settlement)
	sizes := []int{}
	for i := 0; i < len(waiting); { // the first one of each batch is told to write it
		if got := <-waiting[i].next; got != write {
			t.Fatalf("letter %d is told %d, want to write", i, got)
		}
		if i == 0 {
			waiting = append(waiting, l.join(letters(1)[0])) // comes when the first batch is full
		}
		batch := l.take(shard)
		if batch[0] != waiting[i] {
			t.Errorf("the batch of letter %d begins with another", i)
		}
		sizes = append(sizes, len(batch))
		i += len(batch)
		l.pass(shard)
	}
	if diff := cmp.Diff([]int{store.MaxSettlements, 22}, sizes); diff != "" {
		t.Errorf("letters of each batch (-want +got):\n%s", diff)
	}
	if len(l.writing) != 0 {
		t.Errorf("the shard is held although nobody writes to it: %v", l.writing)
	}
}

// A store that takes longer for a batch than a letter takes must not be asked for a batch after each letter.
func TestLettersAreSettledTogether(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		ids := neighbours(60)
		s.greet(nil, ids...)
		slow := &counting{Backend: s.backend, takes: 400 * time.Millisecond} // in which ten letters leave
		s.backend = slow
		s.open("a", "announce", nil)
		p := s.start(nil)
		p.rest()
		s.counts("a", store.Counts{Sent: len(ids)})
		if n := slow.settled.Load(); n > 20 {
			t.Errorf("%d batches settled %d letters", n, len(ids))
		}
		p.stop()
	})
}

// counting is a store that takes its time to write and counts the batches that settle letters.
type counting struct {
	store.Backend
	takes   time.Duration
	settled atomic.Int64
}

func (c *counting) Apply(ctx context.Context, shard store.Shard, b store.Batch) (store.Result, error) {
	if settles(b, "letters:") {
		c.settled.Add(1)
	}
	time.Sleep(c.takes)
	return c.Backend.Apply(ctx, shard, b)
}

// settles tells whether a batch settles letters that stand in documents of that name or beginning.
func settles(b store.Batch, documents string) bool {
	takes := slices.ContainsFunc(b.Do, func(m store.Mutation) bool { return strings.HasPrefix(m.Key, "walk:") })
	return !takes && slices.ContainsFunc(b.Do, func(m store.Mutation) bool { return strings.HasPrefix(m.Key, documents) })
}

// What cannot be written together is written one by one: one person's trouble is not that of the others.
func TestOneLetterThatCannotBeSettledHoldsUpNoOther(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		ids := neighbours(20)
		s.greet(nil, ids...)
		stubborn := &refusing{Backend: s.backend, key: fmt.Sprintf("letters:%d", ids[7])}
		s.backend = stubborn
		s.open("a", "announce", nil)
		p := s.start(nil)
		time.Sleep(30 * time.Second)
		want := map[store.PersonID]string{}
		for _, id := range ids {
			want[id] = "sent"
		}
		want[ids[7]] = "sending"
		if diff := cmp.Diff(want, s.states("a", ids...)); diff != "" {
			t.Errorf("after half a minute (-want +got):\n%s", diff)
		}
		stubborn.healed.Store(true)
		time.Sleep(2 * time.Second)
		s.counts("a", store.Counts{Sent: len(ids)})
		p.stop()
	})
}

// refusing is a store in which the letters to one person cannot be settled until it is healed.
type refusing struct {
	store.Backend
	key    string
	healed atomic.Bool
}

func (r *refusing) Apply(ctx context.Context, shard store.Shard, b store.Batch) (store.Result, error) {
	if settles(b, r.key) && !r.healed.Load() {
		return store.Result{}, errors.New("refused")
	}
	return r.Backend.Apply(ctx, shard, b)
}
