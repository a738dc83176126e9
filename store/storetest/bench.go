package storetest

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"recbot/store"
)

// people is how many persons a batch of [Populate] stores.
const people = 30

// Populate stores persons as the bot does: a document, a few index entries, and something due in the far future for each.
func Populate(b *testing.B, backend store.Backend, persons int) {
	b.Helper()
	batches := make([][]store.Mutation, store.Shards)
	flush := func(s store.Shard) {
		if _, err := backend.Apply(b.Context(), s, store.Batch{Do: batches[s]}); err != nil {
			b.Fatalf("storing persons: %v", err)
		}
		batches[s] = nil
	}
	for i := range persons {
		id := fmt.Sprint(100_000_000 + i)
		s := store.ShardOf(store.ChatID(100_000_000 + i))
		batches[s] = append(batches[s],
			store.Put("person:"+id, []byte(`{"id":`+id+`,"lang":"uz","zone":"Asia/Tashkent","topics":["rec","wg-b"],"leads":[1440,60]}`), 0),
			store.Add("everybody", id), store.Add("topic:rec", id), store.Add("topic:wg-b", id), store.Add("lead:rec:60", id),
			store.Schedule("letters", id, forever))
		if len(batches[s]) >= 6*people {
			flush(s)
		}
	}
	for s := range batches {
		if len(batches[s]) > 0 {
			flush(store.Shard(s))
		}
	}
}

// BenchmarkDue measures what the bot asks once a second, with few and with many persons stored and nothing due.
func BenchmarkDue(b *testing.B, open func(b *testing.B) store.Backend) {
	for _, persons := range []int{10, 100_000} {
		b.Run(fmt.Sprintf("persons=%d", persons), func(b *testing.B) {
			backend := open(b)
			Populate(b, backend, persons)
			shards := make([]store.Shard, 0, store.Shards+1)
			for s := range store.Global + 1 {
				shards = append(shards, s)
			}
			for b.Loop() {
				entries, err := backend.Due(b.Context(), "letters", time.UnixMilli(1_800_000_000_000), 1, shards...)
				if err != nil || len(entries) > 0 {
					b.Fatalf("got %v, %v", entries, err)
				}
			}
		})
	}
}

// BenchmarkApply measures a person's change: a document and three index entries, by one caller and by many.
func BenchmarkApply(b *testing.B, open func(b *testing.B) store.Backend) {
	for _, callers := range []int{1, 32} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			backend := open(b)
			b.SetParallelism(max(1, callers/runtime.GOMAXPROCS(0)))
			run := func(next func() bool) {
				for i := 0; next(); i++ {
					name := fmt.Sprint(i % 1000)
					_, err := backend.Apply(b.Context(), store.Shard(i%store.Shards), store.Batch{Do: []store.Mutation{
						store.Put(name, []byte(name), 0), store.Add("a", name), store.Add("b", name), store.Add("c", name),
					}})
					if err != nil {
						b.Error(err)
						return
					}
				}
			}
			if callers == 1 {
				run(b.Loop)
				return
			}
			b.ResetTimer() // starting servers is not what is measured; b.Loop sees to that itself
			b.RunParallel(func(pb *testing.PB) { run(pb.Next) })
		})
	}
}
