// Package redisstore is the store's Backend on a Redis server, 7.0 or newer; any number of processes may share it.
//
// It promises what [store.Backend] does. A batch is one Lua script whose keys all carry one hash tag, so it is atomic and
// would stay in one slot of a cluster. Every batch goes out with an operation id, given or made up: when an answer is lost the
// batch is sent again, and is applied once all the same. What an acknowledged batch survives is decided by the server's
// configuration; Info tells, and warns of settings that lose data.
//
// It does not need the server to be up when it is opened. While the server is out of reach every call fails with
// ErrUnavailable, quickly, and calls succeed again without help once it is back. Passwords are in no error and no log.
//
// A Redis user needs, beside the keys of the prefix (~rb:*), these commands:
//
//	+ping +hello +select +eval +evalsha +type +time +get +getrange +set +del +incrby +pexpire
//	+zadd +zrem +zcard +zrange +zremrangebyscore +hset +hdel +hgetall      and for Info, optionally: +info +config|get
package redisstore

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// DefaultPrefix begins every key, unless Options say otherwise.
const DefaultPrefix = "rb:"

// Options say how the server is used. The zero Options are right for a server of one's own.
type Options struct {
	// Mode is what stands behind the address. "" and "standalone" mean one server.
	Mode string
	// Prefix begins every key, so that several bots can share a server; "" means [DefaultPrefix].
	Prefix string
	// Log gets what the client says of its connections, a line every few seconds at most; nil discards it.
	Log *slog.Logger
}

// DB is the data on a server. Its methods may be called from several goroutines.
type DB struct {
	client *redis.Client
	keys   layout
	place  string
	tls    *tls.Config // nil without
}

// Open prepares the way to the server at a redis:// or rediss:// address, without going there. The error says what is wrong
// with the address or the options, never what they hold.
//
// go-redis has one logger for the whole process: it is the one of the store opened last.
func Open(address string, o Options) (*DB, error) {
	if o.Mode != "" && o.Mode != "standalone" {
		return nil, fmt.Errorf("redis mode %q is not supported: use standalone", o.Mode)
	}
	prefix := cmp.Or(o.Prefix, DefaultPrefix)
	if strings.ContainsFunc(prefix, func(r rune) bool { return strings.ContainsRune("{}*?[]", r) || !unicode.IsPrint(r) }) {
		return nil, fmt.Errorf("prefix %q of redis keys: it may hold no braces, brackets, wildcards or control characters", prefix)
	}
	options, err := parse(address)
	if err != nil {
		return nil, err
	}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	redis.SetLogger(&logger{log: log, now: time.Now})
	return &DB{
		client: redis.NewClient(options),
		keys:   layout(prefix),
		place:  fmt.Sprintf("%s/%d", options.Addr, options.DB),
		tls:    options.TLSConfig,
	}, nil
}

// errAddress is all that is said of a bad address.
var errAddress = errors.New("redis address: must look like redis://user:password@host:6379/0 (rediss:// for TLS), " +
	"with special characters of the password written as %40 for @, %2F for / and so on")

// parse leaves out what url and go-redis have to say about a bad address, for they quote it, password and all.
func parse(address string) (*redis.Options, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" || u.Hostname() == "" {
		return nil, errAddress
	}
	o, err := redis.ParseURL(address)
	if err != nil {
		return nil, errAddress
	}
	tune(o)
	return o, nil
}

// tune sets what the client must not do by itself, and limits that the address did not give.
//
// The client's own retries would make a batch twice; dialling five times would make a call hang; ContextTimeoutEnabled lets a
// deadline cut a read. Identity and maintenance notices are asked for with commands that older servers count as errors.
func tune(o *redis.Options) {
	o.MaxRetries = -1
	o.DialerRetries = 1
	o.ContextTimeoutEnabled = true
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	o.PipelinePoolSize = -1
	o.DialTimeout = cmp.Or(o.DialTimeout, time.Second)
	o.ReadTimeout = cmp.Or(o.ReadTimeout, 2*time.Second)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, 2*time.Second)
	o.PoolTimeout = cmp.Or(o.PoolTimeout, 3*time.Second)
	o.PoolSize = cmp.Or(o.PoolSize, 16)
	o.MaxActiveConns = cmp.Or(o.MaxActiveConns, 2*o.PoolSize)
}

// Close drops the connections. Closing twice is closing once.
func (d *DB) Close() error {
	if err := d.client.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
		return fmt.Errorf("closing the connections to redis: %w", err)
	}
	return nil
}
