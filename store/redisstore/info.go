package redisstore

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"recbot/store"
)

// unknown stands for what the server does not tell this user.
const unknown = "unknown"

// Info asks the server what it is and how it keeps data; where there are several, it asks each. Where the user may not ask,
// the answer is "unknown", with a warning; only when no server answers at all it makes an error.
func (d *DB) Info(ctx context.Context) (store.Info, error) {
	info := store.Info{Kind: "redis", Place: d.address.place()}
	if d.address.mode != Standalone {
		info.Kind += " " + d.address.mode
	}
	if t := d.address.TLSConfig; t != nil && t.InsecureSkipVerify {
		info.Warnings = append(info.Warnings, "the server's certificate is not verified (skip_verify): anybody in between can read along")
	}
	nodes, err := d.nodes(ctx)
	if err != nil {
		return store.Info{}, fmt.Errorf("asking redis for its state: %w", err)
	}
	nodes.tell(&info)
	nodes.tellWait(d.replicas, &info)
	if d.address.mode == Sentinel {
		d.tellSentinels(ctx, nodes[0].facts, &info)
	}
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

// read adds lines as the server writes them.
func (f facts) read(text string) {
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			f[name] = value
		}
	}
}

// facts asks a server. INFO without sections is what every version understands.
func (d *DB) facts(ctx context.Context, server redis.Cmdable) (facts, error) {
	f := facts{}
	err := d.ask(ctx, func() error {
		text, err := server.Info(ctx).Result()
		f.read(text)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = d.ask(ctx, func() error {
		settings, err := server.ConfigGet(ctx, "appendfsync").Result()
		maps.Copy(f, settings)
		return err
	})
	if err != nil || d.cluster == nil {
		return f, err
	}
	err = d.ask(ctx, func() error {
		text, err := server.ClusterInfo(ctx).Result()
		f.read(text)
		return err
	})
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
	state, replica := f.get("cluster_state"), f.get("role") == "slave"
	warn(state == "fail", "the cluster is down: some of its masters are missing")
	warn(replica && state == unknown, "the server is a replica: nothing can be written")
	warn(f.get("cluster_enabled") == "1" && state == unknown, "the server is part of a cluster: use the mode cluster")
	free, tight := f.room()
	warn(tight, "there is little room: %d MiB of maxmemory are free", free>>20)
	warn(old(f.get("redis_version")), "the server's version %s is older than 7.0, the oldest supported", f.get("redis_version"))
	return all
}

// room is how many bytes of maxmemory are free, and whether that is less than a tenth of it; 0 where nothing limits the
// server but the machine.
func (f facts) room() (free int64, tight bool) {
	limit, err := strconv.ParseInt(f.get("maxmemory"), 10, 64)
	used, err2 := strconv.ParseInt(f.get("used_memory"), 10, 64)
	if err != nil || err2 != nil || limit <= 0 {
		return 0, false
	}
	free = max(0, limit-used)
	return free, free < limit/10
}

// old tells whether a version is known and below 7.
func old(version string) bool {
	first, _, _ := strings.Cut(version, ".")
	major, err := strconv.Atoi(first)
	return err == nil && major < 7
}
