package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"recbot/store"
)

// crashShard is the shard of one writer of [Write].
func crashShard(writer int) store.Shard { return store.Shard(writer * 7 % store.Shards) }

// Write lets writers put batches one after another, each writer in a shard of its own, until a batch fails, which ends the
// others too, or ctx ends, which is no error. After each batch that the backend acknowledged it calls acked with the number of the
// batch in that writer's count, which goes on from what is there already; acked is called from several goroutines. A batch
// touches every kind of thing, so that a torn one shows.
func Write(ctx context.Context, b store.Backend, writers int, acked func(writer, n int)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			if err := write(ctx, b, w, acked); err != nil {
				cancel(err) // the first cause stays
			}
		})
	}
	all.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, ctx.Err()) {
		return cause
	}
	return nil
}

// write is one writer. The counter tells where it left off, also when the last batch was applied and never acknowledged. That
// one may even be applied after the counter was read; then its document is there.
func write(ctx context.Context, b store.Backend, w int, acked func(writer, n int)) error {
	s := crashShard(w)
	for next := 0; ctx.Err() == nil; {
		if next == 0 {
			counts, err := b.Counters(ctx, s, "count")
			if err != nil {
				return err
			}
			next = int(counts[0]) + 1
		}
		name := strconv.Itoa(next)
		_, err := b.Apply(ctx, s, store.Batch{If: []store.Condition{store.Absent("doc " + name)}, Do: []store.Mutation{
			store.Put("doc "+name, []byte(name), 0), store.Add("index", name), store.Schedule("queue", name, time.UnixMilli(int64(next))),
			store.Append("log", []byte(name)), store.Incr("count", 1, 0),
		}})
		switch {
		case errors.Is(err, store.ErrConflict):
			next = 0
		case err != nil:
			return fmt.Errorf("writer %d: %w", w, err)
		default:
			acked(w, next)
			next++
		}
	}
	return nil
}

// CheckWritten fails unless everything that was acknowledged is there (acked has the last number of each writer), nothing
// is torn, and at most one batch more of each writer is there: the one that was under way.
func CheckWritten(t *testing.T, b store.Backend, acked map[int]int) {
	t.Helper()
	for w, n := range acked {
		if _, err := checkTwice(t.Context(), b, w, n, 0); err != nil {
			t.Errorf("writer %d, %d batches acknowledged: %v", w, n, err)
		}
	}
}

// CheckReplicated is CheckWritten after a replica took over. A server acknowledges before its replica has a batch, so the last
// one of each writer may be missing; not more, where the replica did not lag, for nobody writes before the answer is there. It
// gives how many are missing.
func CheckReplicated(t *testing.T, b store.Backend, acked map[int]int) (lost int) {
	t.Helper()
	for w, n := range acked {
		total, err := checkTwice(t.Context(), b, w, n, 1)
		if err != nil {
			t.Errorf("writer %d, %d batches acknowledged: %v", w, n, err)
		}
		lost += max(0, n-total)
	}
	return lost
}

// checkTwice looks again when something is wrong: the one batch that was under way may have been applied in the middle of the
// first look.
func checkTwice(ctx context.Context, b store.Backend, w, acked, mayLose int) (total int, err error) {
	total, err = checkWriter(ctx, b, crashShard(w), acked, mayLose)
	if err != nil {
		total, err = checkWriter(ctx, b, crashShard(w), acked, mayLose)
	}
	return total, err
}

// checkWriter compares everything that the batches touched with the counter, which it gives.
func checkWriter(ctx context.Context, b store.Backend, s store.Shard, acked, mayLose int) (total int, err error) {
	counts, err := b.Counters(ctx, s, "count")
	if err != nil {
		return total, err
	}
	total = int(counts[0])
	if total < acked-mayLose || total > acked+1 {
		return total, fmt.Errorf("%d are there", total)
	}
	members, err := walk(ctx, b, s, "index", 500)
	if err != nil {
		return total, err
	}
	due, err := b.Due(ctx, "queue", forever, total+2, s)
	if err != nil {
		return total, err
	}
	log, err := b.Read(ctx, s, "log", 0, total+2)
	if err != nil {
		return total, err
	}
	if len(members) != total || len(due) != total || len(log) != total {
		return total, fmt.Errorf("torn: counter %d, %d members, %d due, %d records", total, len(members), len(due), len(log))
	}
	names := make([]string, 0, total+1)
	for n := 1; n <= total+1; n++ {
		names = append(names, "doc "+strconv.Itoa(n))
	}
	docs, err := b.Get(ctx, s, names...)
	if err != nil {
		return total, err
	}
	for i, d := range docs {
		if there := d.Rev != 0; there != (i < total) {
			return total, fmt.Errorf("torn: counter %d, but %q is there: %t", total, d.Key, there)
		}
	}
	return total, nil
}
