package redisstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"recbot/store"
)

// notNow are the beginnings of answers with which a server refuses a command before it does anything, for a reason that
// passes or that its operator can mend.
var notNow = []string{
	"READONLY", "LOADING", "CLUSTERDOWN", "TRYAGAIN", "MASTERDOWN", "NOREPLICAS", "MISCONF", "BUSY",
	"MOVED", "ASK", "NOAUTH", "WRONGPASS", "NOPERM", "ERR max number of clients", "ERR AUTH", "ERR invalid password",
}

// momentary are those of them that pass by themselves, in a moment, where another server takes over or a slot moves.
var momentary = []string{"READONLY", "LOADING", "CLUSTERDOWN", "TRYAGAIN", "MASTERDOWN", "MOVED", "ASK"}

// noSpace is what the system says when the server's append-only file cannot grow: the disk is full, or what the server may
// have of it. The server goes on by itself when there is room.
var noSpace = []string{"No space left on device", "Disk quota exceeded", "File too large"}

// begins tells whether an answer is one of a list.
func begins(answer string, list []string) bool {
	return slices.ContainsFunc(list, func(prefix string) bool { return strings.HasPrefix(answer, prefix) })
}

// classify turns what the client says into the store's errors. sent tells whether the command may have left: without that
// nothing can have been applied, and with it only an answer can say so.
func classify(err error, sent bool) error {
	switch {
	case answered(err) && sent:
		return fmt.Errorf("redis answers: %w: %w", err, answerError(err.Error()))
	case answered(err):
		// The answer to a handshake, or to the question who has the key.
		return fmt.Errorf("redis answers: %w: %w", err, store.ErrUnavailable)
	case sent:
		return fmt.Errorf("redis does not answer: %w: %w", err, store.ErrUnknown)
	}
	return fmt.Errorf("redis cannot be reached: %w: %w", err, store.ErrUnavailable)
}

// answerError is what an error that the server answered with means. The first word is its code. An unknown one may come from
// the middle of the script, when the user may not use one of its commands.
func answerError(answer string) error {
	switch {
	case strings.HasPrefix(answer, "MISCONF") && slices.ContainsFunc(noSpace, func(why string) bool { return strings.Contains(answer, why) }):
		return store.ErrFull
	case begins(answer, notNow):
		return store.ErrUnavailable
	case strings.HasPrefix(answer, "OOM"):
		return store.ErrFull
	case strings.HasPrefix(answer, "WRONGTYPE"):
		return store.ErrCorrupt
	}
	return store.ErrUnknown
}

// readError is classify for reads, of which it does not matter whether they were carried out.
func readError(err error) error {
	if answered(err) && answerError(err.Error()) != store.ErrCorrupt {
		return fmt.Errorf("redis answers: %w: %w", err, store.ErrUnavailable)
	}
	return classify(err, answered(err))
}

// readTries is how often a read is tried. The first connections of the pool may be dead since the server was restarted.
const readTries = 3

// read runs a read, and again when a connection broke under it or when a refusal will pass.
func (d *DB) read(ctx context.Context, run func() error) error {
	broken, waited := 0, time.Duration(0)
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		err := run()
		if err == nil || errors.Is(err, redis.Nil) {
			return nil
		}
		d.troubled(err)
		again := false
		switch {
		case passes(err):
			again = waited < d.bridge() && wait(ctx, pause)
			waited += pause
		case broke(err) && d.cluster == nil: // a client of a cluster has its own tries
			broken++
			again = broken < readTries && wait(ctx, firstPause)
		}
		if !again {
			return readError(err)
		}
	}
}

// pipeline runs commands in one round trip, on a cluster in one for each master that has any of the keys. Few of them may share
// it with other reads. Its error is the first of a command that failed; to find nothing is no failure. After an error the
// commands must not be looked at.
func (d *DB) pipeline(ctx context.Context, queue func(redis.Pipeliner)) error {
	return d.read(ctx, func() error {
		pipe := d.client.Pipeline()
		queue(pipe) // anew for each try: a try that was given up may still write into its commands
		cmds := pipe.Cmds()
		if d.together != nil && len(cmds) <= mostGathered {
			_, err := d.together.do(ctx, cmds...)
			return err
		}
		// Exec gives the error of the first command that has one, and that may be one that found nothing.
		_, err := pipe.Exec(ctx)
		if first := firstError(cmds); first != nil || errors.Is(err, redis.Nil) {
			return first
		}
		return err
	})
}

// answered tells whether an error is what the server said.
func answered(err error) bool {
	var answer redis.Error
	return errors.As(err, &answer)
}

// broke tells whether an error is neither an answer nor the end of the caller's patience nor a client that was closed.
func broke(err error) bool {
	return !answered(err) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) &&
		!errors.Is(err, redis.ErrClosed) && !errors.Is(err, redis.ErrPoolTimeout)
}

// passes tells whether an error is a refusal that passes by itself.
func passes(err error) bool { return answered(err) && begins(err.Error(), momentary) }

// checkShard refuses a shard that there is none of: its keys would be found by nobody.
func checkShard(s store.Shard) error {
	if !s.Valid() {
		return fmt.Errorf("shard %d: there are %d and the global one", s, store.Shards)
	}
	return nil
}

// checkPage refuses a limit that would make a walk stand still. Redis takes a negative one for none.
func checkPage(s store.Shard, name string, limit int) error {
	if limit < 1 {
		return fmt.Errorf("reading %q: limit %d", name, limit)
	}
	return checkShard(s)
}
