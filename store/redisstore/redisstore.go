// Package redisstore is the store's Backend on Redis, 7.0 or newer: one server, a master behind sentinels, or a cluster. Any
// number of processes may share it.
//
// It promises what [store.Backend] does. A batch is one Lua script whose keys all carry one hash tag, so it is atomic and
// stays in one slot of a cluster. Only masters are asked. Every batch goes out with an operation id, given or made up: when an
// answer is lost the batch is sent again, and is applied once all the same. What an acknowledged batch survives is decided by
// the server's configuration; Info tells, and warns of settings that lose data. A replica that takes over lacks what had not
// reached it: replication is asynchronous. A batch can be made to wait for replicas, which makes that rare and not impossible.
//
// It does not need the server to be up when it is opened. While the server is out of reach every call fails with
// ErrUnavailable, quickly, and calls succeed again without help once it is back. Passwords are in no error and no log.
//
// A Redis user needs, beside the keys of the prefix (~rb:*), these commands:
//
//	+ping +hello +select +eval +evalsha +type +time +get +getrange +set +del +incrby +pexpire
//	+zadd +zrem +zcard +zrange +zremrangebyscore +hset +hdel +hgetall      and for Info, optionally: +info +config|get
//	on a cluster also: +cluster|slots                                      and for Info, optionally: +cluster|info
//	with Options.Replicas also: +wait
package redisstore

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"unicode"

	"github.com/redis/go-redis/v9"
)

// DefaultPrefix begins every key, unless Options say otherwise.
const DefaultPrefix = "rb:"

// Options say how the server is used. The zero Options are right for a server of one's own.
type Options struct {
	// Mode is what stands behind the address: [Standalone], which "" means too, [Sentinel] or [Cluster].
	Mode string
	// Prefix begins every key, so that several bots can share a server; "" means [DefaultPrefix].
	Prefix string
	// Replicas is how many replicas must have a batch before Apply gives it back as done, at most half a second later; 0 = none.
	// A batch that waited in vain is applied all the same, and counted: see [DB.Unreplicated].
	Replicas int
	// Log gets what the client says of its connections, and of replicas that lag, a line every few seconds at most; nil
	// discards it.
	Log *slog.Logger
}

// DB is the data on a server. Its methods may be called from several goroutines.
type DB struct {
	client   redis.UniversalClient
	single   *redis.Client        // the same one, where one server has all the data; else nil
	cluster  *redis.ClusterClient // the same one, in mode cluster; else nil
	address  *address
	keys     layout
	reloaded atomic.Int64 // when the map of the cluster was last asked for, in Unix nanoseconds
	together *gathering   // of small reads, where one server has all the data; else nil
	applying *gathering   // of small batches, where nobody waits for replicas besides; else nil

	replicas int           // that a batch waits for
	vain     atomic.Uint64 // batches that waited in vain
	vainAt   atomic.Int64  // when the last one did, in Unix nanoseconds
	warn     *seldom       // of these
}

// Open prepares the way to the server at a redis:// or rediss:// address, without going there. The error says what is wrong
// with the address or the options, never what they hold. With a mode that has several servers the address may name several:
//
//	redis://user:password@sentinel1:26379,sentinel2:26379/0?master=mymaster&sentinel_password=other
//	redis://user:password@node1:6379,node2:6379
//
// User and password are those of the servers with the data. Those of the sentinels, if they have any, are the parameters
// sentinel_username and sentinel_password.
//
// go-redis has one logger for the whole process: it is the one of the store opened last.
func Open(text string, o Options) (*DB, error) {
	prefix := cmp.Or(o.Prefix, DefaultPrefix)
	if strings.ContainsFunc(prefix, func(r rune) bool { return strings.ContainsRune("{}*?[]", r) || !unicode.IsPrint(r) }) {
		return nil, fmt.Errorf("prefix %q of redis keys: it may hold no braces, brackets, wildcards or control characters", prefix)
	}
	a, err := parse(text, o.Mode)
	if err != nil {
		return nil, err
	}
	if o.Replicas < 0 {
		return nil, fmt.Errorf("%d replicas to wait for", o.Replicas)
	}
	redis.SetLogger(logger{newSeldom(o.Log)})
	d := &DB{client: a.client(), address: a, keys: layout(prefix), replicas: o.Replicas, warn: newSeldom(o.Log)}
	if d.single, _ = d.client.(*redis.Client); d.single != nil {
		d.together = &gathering{client: d.single}
		if o.Replicas == 0 { // WAIT tells of one connection's last write, which has to be that of one batch
			d.applying = &gathering{client: d.single}
		}
	}
	d.cluster, _ = d.client.(*redis.ClusterClient)
	return d, nil
}

// Close drops the connections. Closing twice is closing once.
func (d *DB) Close() error {
	if err := d.client.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
		return fmt.Errorf("closing the connections to redis: %w", err)
	}
	return nil
}
