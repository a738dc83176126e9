package storetest

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"recbot/store"
)

// crashShard is the shard of one writer of [Write].
func crashShard(writer int) store.Shard { return store.Shard(writer * 7 % store.Shards) }

// Write lets writers put batches one after another, each writer in a shard of its own, until a batch fails or ctx ends. After
// each batch that the backend acknowledged it calls acked with the number of the batch in that writer's count, which goes on from
// what is there already; acked is called from several goroutines. A batch touches every kind of thing, so that a torn one shows.
func Write(ctx context.Context, b store.Backend, writers int, acked func(writer, n int)) error {
	failed := make(chan error, writers)
	for w := range writers {
		go func() { failed <- write(ctx, b, w, acked) }()
	}
	var first error
	for range writers {
		if err := <-failed; first == nil {
			first = err
		}
	}
	return first
}

// write is one writer. The counter tells where it left off, also when the last batch was applied and never acknowledged.
func write(ctx context.Context, b store.Backend, w int, acked func(writer, n int)) error {
	s := crashShard(w)
	counts, err := b.Counters(ctx, s, "count")
	if err != nil {
		return err
	}
	for n := int(counts[0]) + 1; ctx.Err() == nil; n++ {
		name := strconv.Itoa(n)
		_, err := b.Apply(ctx, s, store.Batch{Do: []store.Mutation{
			store.Put("doc "+name, []byte(name), 0), store.Add("index", name), store.Schedule("queue", name, time.UnixMilli(int64(n))),
			store.Append("log", []byte(name)), store.Incr("count", 1, 0),
		}})
		if err != nil {
			return fmt.Errorf("writer %d: %w", w, err)
		}
		acked(w, n)
	}
	return nil
}

// CheckWritten fails unless everything that was acknowledged is there (acked has the last number of each writer), nothing
// is torn, and at most one batch more of each writer is there: the one that was under way.
func CheckWritten(t *testing.T, b store.Backend, acked map[int]int) {
	t.Helper()
	for w, n := range acked {
		if err := checkWriter(t.Context(), b, crashShard(w), n); err != nil {
			t.Errorf("writer %d, %d batches acknowledged: %v", w, n, err)
		}
	}
}

// checkWriter compares everything that the batches touched with the counter.
func checkWriter(ctx context.Context, b store.Backend, s store.Shard, acked int) error {
	counts, err := b.Counters(ctx, s, "count")
	if err != nil {
		return err
	}
	total := int(counts[0])
	if total < acked || total > acked+1 {
		return fmt.Errorf("%d are there", total)
	}
	members, err := walk(ctx, b, s, "index", 500)
	if err != nil {
		return err
	}
	due, err := b.Due(ctx, "queue", forever, total+2, s)
	if err != nil {
		return err
	}
	log, err := b.Read(ctx, s, "log", 0, total+2)
	if err != nil {
		return err
	}
	if len(members) != total || len(due) != total || len(log) != total {
		return fmt.Errorf("torn: counter %d, %d members, %d due, %d records", total, len(members), len(due), len(log))
	}
	names := make([]string, 0, total+1)
	for n := 1; n <= total+1; n++ {
		names = append(names, "doc "+strconv.Itoa(n))
	}
	docs, err := b.Get(ctx, s, names...)
	if err != nil {
		return err
	}
	for i, d := range docs {
		if there := d.Rev != 0; there != (i < total) {
			return fmt.Errorf("torn: counter %d, but %q is there: %t", total, d.Key, there)
		}
	}
	return nil
}
