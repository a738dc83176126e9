package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"recbot/store"
)

// writers is how many callers there are at once: more than connections in a pool.
const writers = 32

// testConcurrency is about many callers at once.
func testConcurrency(t *testing.T, open func(t *testing.T) store.Backend) {
	t.Run("of many who compare and set, each success is one step", func(t *testing.T) {
		t.Parallel()
		testSteps(t, open(t))
	})
	t.Run("of many who want a lease, one gets it", func(t *testing.T) {
		t.Parallel()
		testElection(t, open(t))
	})
}

// together runs a function as many times at once, and fails for the errors.
func together(t *testing.T, n int, run func(i int) error) {
	t.Helper()
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = run(i) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

// testSteps lets everybody raise one number until they have done so a few times.
func testSteps(t *testing.T, b store.Backend) {
	const each = 5
	var revisions sync.Map
	together(t, writers, func(i int) error {
		for done := 0; done < each; {
			ok, rev, err := oneStep(t.Context(), b)
			if err != nil {
				return fmt.Errorf("writer %d: %w", i, err)
			}
			if !ok {
				continue
			}
			done++
			if _, twice := revisions.LoadOrStore(rev, i); twice {
				return fmt.Errorf("revision %d was given twice", rev)
			}
		}
		return nil
	})
	found, err := b.Get(t.Context(), shard, "d1")
	if err != nil || string(found[0].Value) != strconv.Itoa(writers*each) {
		t.Errorf("got %q, %v after %d steps", found[0].Value, err, writers*each)
	}
	counts, err := b.Counters(t.Context(), shard, "c1")
	if err != nil || counts[0] != writers*each {
		t.Errorf("got counter %v, %v after %d steps", counts, err, writers*each)
	}
}

// oneStep adds one to the number in a document, unless somebody else was faster.
func oneStep(ctx context.Context, b store.Backend) (ok bool, rev store.Rev, err error) {
	found, err := b.Get(ctx, shard, "d1")
	if err != nil {
		return false, 0, err
	}
	n, _ := strconv.Atoi(string(found[0].Value)) // nothing is 0
	result, err := b.Apply(ctx, shard, store.Batch{
		If: []store.Condition{store.RevIs("d1", found[0].Rev)},
		Do: []store.Mutation{store.Put("d1", []byte(strconv.Itoa(n+1)), 0), store.Incr("c1", 1, 0)},
	})
	if errors.Is(err, store.ErrConflict) {
		return false, 0, nil
	}
	return err == nil, result.Rev, err
}

// testElection lets everybody reach for a lease, thrice: the leader of each round steps down.
func testElection(t *testing.T, b store.Backend) {
	var last store.Rev
	for range 3 {
		var elected atomic.Int64
		var count atomic.Int32
		together(t, writers, func(i int) error {
			result, err := b.Apply(t.Context(), shard, store.Batch{Do: []store.Mutation{store.Acquire("e1", strconv.Itoa(i), time.Hour)}})
			if err == nil {
				elected.Store(int64(result.Rev))
				count.Add(1)
			} else if !errors.Is(err, store.ErrConflict) {
				return err
			}
			return nil
		})
		token := store.Rev(elected.Load())
		if count.Load() != 1 || token <= last {
			t.Errorf("%d leaders, token %d after %d", count.Load(), token, last)
		}
		last = token
		apply(t, b, shard, store.Release("e1", token))
	}
}
