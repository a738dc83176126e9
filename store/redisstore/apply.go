package redisstore

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"recbot/store"
)

//go:embed apply.lua
var applySource string

var applyScript = redis.NewScript(applySource)

const (
	// applyFor is how long a batch whose answer was lost is sent again: over the restart of a server.
	applyFor = 10 * time.Second
	// ownOpTTL is how long the result of an operation id is kept that nobody but Apply itself knows.
	ownOpTTL = time.Minute

	firstPause = 10 * time.Millisecond
	longPause  = 250 * time.Millisecond
)

// Apply runs the script, and runs it again under the same operation id as long as it is not known whether it was applied and
// ctx and applyFor last; then the error is ErrUnknown. A server that is out of reach from the beginning is not waited for, a
// refusal that passes by itself is, for a moment, where there is more than one server.
func (d *DB) Apply(ctx context.Context, shard store.Shard, batch store.Batch) (store.Result, error) {
	if err := checkShard(shard); err != nil {
		return store.Result{}, err
	}
	if err := batch.Validate(); err != nil {
		return store.Result{}, err
	}
	// Nobody can repeat a batch whose id nobody knows, so that one is kept just long enough for our own attempts.
	op, keep := d.keys.key(shard, "i", batch.Op), store.OpTTL
	if batch.Op == "" {
		op, keep = d.keys.key(shard, "i", "~"+rand.Text()), ownOpTTL
	}
	c := d.keys.encode(shard, batch, op, keep)
	ctx, cancel := context.WithTimeout(ctx, applyFor)
	defer cancel()
	lost := false              // the answer to an attempt
	waited := time.Duration(0) // for refusals to pass
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		reply, sent, err := d.attempt(ctx, c)
		if err == nil {
			return parseReply(reply)
		}
		d.troubled(err)
		passing := sent && passes(err)
		// An answer, even a bad one, settles this attempt; silence after sending settles nothing.
		lost = lost || sent && !answered(err)
		err = classify(err, sent)
		// The script looks for the operation id first of all, so what it refuses was not applied before either. A server
		// that is not there, or not yet, says nothing about what the last one did.
		if errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrCorrupt) {
			return store.Result{}, err
		}
		switch {
		case lost && !wait(ctx, pause):
			// The last attempt may have been refused, but an earlier one was not: its sentinel must not show.
			return store.Result{}, fmt.Errorf("%v: %w", err, store.ErrUnknown)
		case !lost && !(passing && waited < d.bridge() && wait(ctx, pause)):
			return store.Result{}, err
		}
		waited += pause
	}
}

// attempt sends the batch once; sent tells whether any of it may have left.
func (d *DB) attempt(ctx context.Context, c *call) (reply []any, sent bool, err error) {
	var mark wire
	args := append(append(make([]any, 0, len(c.args)+1), c.args...), &mark)
	server, err := d.server(ctx, c.keys[0])
	if err != nil {
		return nil, false, err
	}
	if d.applying != nil && len(c.keys) <= mostTouched {
		left := false
		reply, left, err = d.runTogether(ctx, c.keys, args)
		// Whoever gives up cannot see whether what has left is being written just now.
		return reply, mark.written.Load() || left && ctx.Err() != nil, err
	}
	reply, err = d.run(ctx, server, c.keys, args)
	return reply, mark.written.Load(), err
}

// runTogether sends the script along with those of other batches. Each is as atomic as by itself; only the way is shared.
func (d *DB) runTogether(ctx context.Context, keys []string, args []any) (reply []any, left bool, err error) {
	words := append(make([]any, 0, 3+len(keys)+len(args)), "evalsha", applyScript.Hash(), len(keys))
	for _, key := range keys {
		words = append(words, key)
	}
	cmd := redis.NewSliceCmd(ctx, append(words, args...)...)
	left, err = d.applying.do(ctx, cmd)
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		// The server is new, or forgot its scripts. The whole script teaches it, for all that follow.
		reply, err = applyScript.Eval(ctx, d.single, keys, args...).Slice()
		return reply, true, err
	}
	if err != nil {
		return nil, left, err
	}
	return cmd.Val(), true, nil
}

// wire is a last argument that notices being written. Only then can the server have got the batch: before, the client was
// looking for a connection, or shaking hands on a new one.
type wire struct{ written atomic.Bool }

// MarshalBinary is called by the client for the bytes to send.
func (w *wire) MarshalBinary() ([]byte, error) {
	w.written.Store(true)
	return nil, nil
}

// wait pauses; it gives false when ctx ends before.
func wait(ctx context.Context, pause time.Duration) bool {
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// parseReply reads what the script gives.
func parseReply(reply []any) (store.Result, error) {
	if len(reply) > 0 {
		switch reply[0] {
		case "ok":
			return parseResult(reply[1:])
		case "no":
			return store.Result{}, parseConflict(reply[1:])
		case "full":
			return store.Result{}, fmt.Errorf("counter beyond %d: %w", int64(store.MaxCount), store.ErrFull)
		}
	}
	return store.Result{}, fmt.Errorf("answer of the script: %w", store.ErrCorrupt)
}

// parseResult reads what also stands under the operation id: revision and counters.
func parseResult(reply []any) (store.Result, error) {
	var numbers []int64
	if len(reply) == 1 {
		packed, _ := reply[0].(string)
		if err := json.Unmarshal([]byte(packed), &numbers); err != nil {
			return store.Result{}, fmt.Errorf("result of a batch: %w: %w", err, store.ErrCorrupt)
		}
	}
	if len(numbers) == 0 {
		return store.Result{}, fmt.Errorf("result of a batch without a revision: %w", store.ErrCorrupt)
	}
	result := store.Result{Rev: store.Rev(numbers[0])}
	if len(numbers) > 1 {
		result.Counts = numbers[1:]
	}
	return result, nil
}

// parseConflict reads the number of the condition and the revision that was found.
func parseConflict(reply []any) error {
	if len(reply) == 2 {
		index, ok := reply[0].(int64)
		found, _ := reply[1].(string)
		rev, err := strconv.ParseInt(found, 10, 64)
		if ok && err == nil {
			return &store.ConflictError{Index: int(index), Current: store.Rev(rev)}
		}
	}
	return fmt.Errorf("conflict in a batch, told in another way than expected: %w", store.ErrCorrupt)
}
