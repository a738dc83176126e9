package redisstore

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// bridgeFor is how long a refusal is waited out that passes by itself: over the moments in which roles change, not over
	// an outage, in which people should be told soon.
	bridgeFor = 3 * time.Second
	// reloadPause is the least time between two looks at the map of the cluster.
	reloadPause = 200 * time.Millisecond
)

// bridge is how long refusals are waited out. A single server that refuses is not going to be replaced.
func (d *DB) bridge() time.Duration {
	if d.address.mode == Standalone {
		return 0
	}
	return bridgeFor
}

// server gives who has a key, to send a batch to.
//
// The cluster's client would send a batch again when its answer is lost, and would then give the answer to the last attempt
// only: a refusal, of which nobody could tell whether it meant the batch or its repetition. A client of one node sends
// once; redirections come back as errors and are followed by Apply.
func (d *DB) server(ctx context.Context, key string) (*redis.Client, error) {
	if d.cluster == nil {
		return d.single, nil
	}
	return d.cluster.MasterForKey(ctx, key)
}

// troubled has the cluster's map read anew after an error. The client does that by itself for redirections only, not when a
// server is gone.
func (d *DB) troubled(err error) {
	if d.cluster == nil || errors.Is(err, redis.ErrClosed) {
		return
	}
	last, now := d.reloaded.Load(), time.Now().UnixNano()
	if now-last >= int64(reloadPause) && d.reloaded.CompareAndSwap(last, now) {
		d.cluster.ReloadState(context.Background())
	}
}
