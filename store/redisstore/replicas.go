package redisstore

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// replicasFor is how long replicas are waited for. Those that keep up have a batch within milliseconds.
	replicasFor = 500 * time.Millisecond
	// vainPause is how long nobody waits so long again after a wait in vain: as long as a replica is gone every change of
	// every person would stand still for replicasFor, with nothing gained.
	vainPause = 5 * time.Second
	// vainFor is how long batches wait meanwhile.
	vainFor = 20 * time.Millisecond
)

// run sends the script, and then waits until replicas have what it wrote, if there are to be any.
//
// WAIT counts the replicas that have everything written before on the very same connection, so both go over one. It tells
// the same of a batch that is sent a second time and was found applied: its writes lie before the answer too.
func (d *DB) run(ctx context.Context, server *redis.Client, keys []string, args []any) ([]any, error) {
	if d.replicas == 0 {
		return applyScript.Run(ctx, server, keys, args...).Slice()
	}
	conn := server.Conn()
	defer conn.Close()
	reply, err := applyScript.Run(ctx, conn, keys, args...).Slice()
	// A batch that was refused wrote nothing that could be waited for.
	if err == nil && len(reply) > 0 && reply[0] == "ok" {
		d.await(ctx, conn)
	}
	return reply, err
}

// await waits for replicas. Whatever comes of it, the batch is applied: that it may be lost with its master is counted and told
// in the log, and is no error, for whoever repeated the batch would make its effect twice.
func (d *DB) await(ctx context.Context, conn *redis.Conn) {
	limit := replicasFor
	if time.Since(time.Unix(0, d.vainAt.Load())) < vainPause {
		limit = vainFor
	}
	have, err := conn.Wait(ctx, d.replicas, limit).Result()
	if err == nil && have >= int64(d.replicas) {
		return
	}
	d.vain.Add(1)
	if limit == replicasFor {
		d.vainAt.Store(time.Now().UnixNano())
	}
	text := fmt.Sprintf("%d of %d replicas had it in time", have, d.replicas)
	if err != nil {
		text = err.Error()
	}
	d.warn.say(ctx, "a batch was not replicated", text)
}

// Unreplicated is how many batches waited in vain for the replicas that [Options] ask for: applied and acknowledged, and lost
// if their master is lost before a replica has them.
func (d *DB) Unreplicated() uint64 { return d.vain.Load() }
