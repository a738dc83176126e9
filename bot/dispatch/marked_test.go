package dispatch

import (
	"context"
	"testing"
	"time"

	"recbot/store"
)

// slowly takes a second for each batch.
type slowly struct{ store.Backend }

func (s slowly) Apply(ctx context.Context, shard store.Shard, b store.Batch) (store.Result, error) {
	time.Sleep(time.Second)
	return s.Backend.Apply(ctx, shard, b)
}

// An update counts as settled, and so is confirmed to Telegram, when its mark stands in the store and not before.
func TestMarkedBeforeSettled(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		b.Dispatcher = New(b.options(func(o *Options) { o.Store = store.New(slowly{b.backend}, b.clock) }))
		u := b.from(5, "a")
		done := b.handle(u)
		for range 100 {
			if settledNow(done) != b.marked(u) && settledNow(done) {
				t.Fatal("settled before it was marked")
			}
			time.Sleep(100 * time.Millisecond)
		}
		if !settledNow(done) {
			t.Error("never settled")
		}
	})
}
