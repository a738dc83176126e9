package redisstore

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"recbot/store"
)

// unknown stands for what the server does not tell this user.
const unknown = "unknown"

// Info asks the server what it is and how it keeps data. Where the user may not ask, the answer is "unknown", with a
// warning; only a server that does not answer at all makes an error.
func (d *DB) Info(ctx context.Context) (store.Info, error) {
	info := store.Info{Kind: "redis", Place: d.place}
	if d.tls != nil && d.tls.InsecureSkipVerify {
		info.Warnings = append(info.Warnings, "the server's certificate is not verified (skip_verify): anybody in between can read along")
	}
	facts, err := d.facts(ctx)
	if err != nil {
		return store.Info{}, fmt.Errorf("asking redis for its state: %w", err)
	}
	info.Version = facts.get("redis_version")
	info.Durable = facts.durable()
	info.Warnings = append(info.Warnings, facts.warnings()...)
	return info, nil
}

// facts are lines of INFO, and settings of CONFIG GET by their names.
type facts map[string]string

// get gives a fact, or [unknown].
func (f facts) get(name string) string {
	if v, ok := f[name]; ok {
		return v
	}
	return unknown
}

// facts asks. INFO without sections is what every version understands.
func (d *DB) facts(ctx context.Context) (facts, error) {
	f := facts{}
	var text string
	err := d.ask(ctx, func() (err error) {
		text, err = d.client.Info(ctx).Result()
		return err
	})
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			f[name] = value
		}
	}
	var settings map[string]string
	err = d.ask(ctx, func() (err error) {
		settings, err = d.client.ConfigGet(ctx, "appendfsync").Result()
		return err
	})
	for name, value := range settings {
		f[name] = value
	}
	return f, err
}

// ask is a read that the server may forbid, or not know: hosted ones often do not.
func (d *DB) ask(ctx context.Context, run func() error) error {
	return d.read(ctx, func() error {
		err := run()
		if redis.IsPermissionError(err) || redis.HasErrorPrefix(err, "unknown command") || redis.HasErrorPrefix(err, "ERR unknown command") {
			return nil
		}
		return err
	})
}

// durable says in a few words what an acknowledged write survives.
func (f facts) durable() string {
	if f.get("aof_enabled") != "1" {
		if f.get("aof_enabled") == unknown {
			return unknown
		}
		return "snapshots only: a crash of the server loses what came after the last one"
	}
	switch f.get("appendfsync") {
	case "always":
		return "every acknowledged write is on disk"
	case "everysec":
		// While one sync runs the server answers already, and keeps what comes for up to two seconds in its own memory.
		return "a crash of the server or a power cut may lose the last two seconds"
	case "no":
		return "a power cut loses what the system had not written yet"
	}
	return "append-only file; how often it is synced is unknown"
}

// warnings lists what endangers the data, one plain sentence each.
func (f facts) warnings() []string {
	var all []string
	warn := func(when bool, text string, args ...any) {
		if when {
			all = append(all, fmt.Sprintf(text, args...))
		}
	}
	aof, policy := f.get("aof_enabled"), f.get("maxmemory_policy")
	warn(aof == "0", "appendonly is off: a crash of the server loses subscriptions; set appendonly yes")
	warn(f.get("appendfsync") == "no" && aof == "1", "appendfsync is no: a power cut loses subscriptions; set everysec or always")
	warn(policy != "noeviction" && policy != unknown, "maxmemory-policy is %s: short of memory, the server deletes data; set noeviction", policy)
	warn(aof == unknown || policy == unknown, "persistence or eviction policy is unknown: this user may not ask for INFO")
	warn(f.get("role") == "slave", "the server is a replica: nothing can be written")
	warn(f.get("cluster_enabled") == "1", "the server is part of a cluster, which is not supported")
	warn(old(f.get("redis_version")), "the server's version %s is older than 7.0, the oldest supported", f.get("redis_version"))
	return all
}

// old tells whether a version is known and below 7.
func old(version string) bool {
	first, _, _ := strings.Cut(version, ".")
	major, err := strconv.Atoi(first)
	return err == nil && major < 7
}
