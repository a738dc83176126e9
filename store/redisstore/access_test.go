package redisstore

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
	"recbot/store/storetest"
)

const secret = "geheim%2Fwort"

// asUser is the address of a server for a user.
func asUser(s *storetest.Server, user, password string) string {
	return fmt.Sprintf("redis://%s:%s@%s/0", user, password, s.Addr())
}

// setUser makes the user that the package's documentation describes, for a prefix.
func setUser(s *storetest.Server, prefix string, more ...string) {
	commands := strings.Fields("+ping +hello +select +eval +evalsha +type +time +get +getrange +set +del +incrby +pexpire " +
		"+zadd +zrem +zcard +zrange +zremrangebyscore +hset +hdel +hgetall")
	s.Do(slices.Concat([]string{"ACL", "SETUSER", "recbot", "on", ">geheim/wort", "~" + prefix + "*", "resetchannels", "-@all"}, commands, more)...)
}

func TestContractAsLimitedUser(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	setUser(server, "rb")
	var n atomic.Int32
	storetest.Run(t, func(t *testing.T) store.Backend {
		return opened(t, asUser(server, "recbot", secret), Options{Prefix: fmt.Sprintf("rb%d:", n.Add(1))})
	})
}

func TestLimits(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	setUser(server, "rb:")
	for _, tc := range []struct {
		name    string
		url     string
		options Options
	}{
		{"a wrong password", asUser(server, "recbot", "Falsch%2Fwort"), Options{}},
		{"a user that does not exist", asUser(server, "nobody", secret), Options{}},
		{"keys of somebody else", asUser(server, "recbot", secret), Options{Prefix: "other:"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var log shared
			tc.options.Log = slog.New(slog.NewTextHandler(&log, nil))
			d := opened(t, tc.url, tc.options)
			_, err := d.Apply(t.Context(), 1, put("d", "v"))
			if !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("got %v, want ErrUnavailable", err)
			}
			info, _ := d.Info(t.Context())
			if all := fmt.Sprint(err, info, log.String()); strings.Contains(strings.ToLower(all), "wort") {
				t.Errorf("the password shows in %q", all)
			}
		})
	}
}

// shared is a log that connections go on writing while it is read.
type shared struct {
	mu  sync.Mutex
	log bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

func TestBadAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "localhost:6379", "http://u:geheim@host", "redis://", "redis://u:geheim/wort@host:6379", "redis://u:12/geheim@host:6379/0",
		"redis://u:geheim@host:6379/x", "redis://u:geheim@host:6379/0?geheim=1", "redis://u:gehe%zzim@host", "unix:///geheim",
	} {
		_, err := Open(address, Options{})
		if err == nil || strings.Contains(err.Error(), "gehe") {
			t.Errorf("%q: got %v, want an error that quotes nothing of it", address, err)
		}
	}
	for _, o := range []Options{{Mode: "sentinel"}, {Mode: "?"}, {Prefix: "rb{1}:"}, {Prefix: "rb*"}, {Prefix: "rb\n"}} {
		if _, err := Open("redis://host", o); err == nil {
			t.Errorf("options %+v are taken", o)
		}
	}
	for _, o := range []Options{{}, {Mode: "standalone"}, {Prefix: "recbot-2:"}} {
		opened(t, "rediss://u:p@host/3", o)
	}
}

func TestInfo(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t, "--appendfsync", "always")
	setUser(server, "rb:")
	version := strings.TrimSpace(strings.Split(strings.Split(fmt.Sprint(server.Do("INFO", "server")), "redis_version:")[1], "\r\n")[0])
	place := server.Addr() + "/0"
	got, err := opened(t, server.URL(), Options{}).Info(t.Context())
	want := store.Info{Kind: "redis", Place: place, Version: version, Durable: "every acknowledged write is on disk"}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("a server as it should be: %v (-want +got):\n%s", err, diff)
	}
	got, err = opened(t, asUser(server, "recbot", secret), Options{}).Info(t.Context())
	want = store.Info{
		Kind: "redis", Place: place, Version: "unknown", Durable: "unknown",
		Warnings: []string{"persistence or eviction policy is unknown: this user may not ask for INFO"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("a user who may not ask: %v (-want +got):\n%s", err, diff)
	}
	server.Do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
	server.Do("CONFIG", "SET", "appendonly", "no")
	got, err = opened(t, server.URL(), Options{}).Info(t.Context())
	want = store.Info{
		Kind: "redis", Place: place, Version: version, Durable: "snapshots only: a crash of the server loses what came after the last one",
		Warnings: []string{
			"appendonly is off: a crash of the server loses subscriptions; set appendonly yes",
			"maxmemory-policy is allkeys-lru: short of memory, the server deletes data; set noeviction",
		},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("a server that loses data: %v (-want +got):\n%s", err, diff)
	}
}

func TestFacts(t *testing.T) {
	t.Parallel()
	good := func(more ...string) facts {
		f := facts{"redis_version": "7.0.15", "aof_enabled": "1", "appendfsync": "everysec", "maxmemory_policy": "noeviction", "role": "master"}
		for i := 0; i < len(more); i += 2 {
			f[more[i]] = more[i+1]
		}
		return f
	}
	for _, tc := range []struct {
		name    string
		facts   facts
		durable string
		warning string // the beginning of the only one
	}{
		{"synced each second", good(), "a crash of the server or a power cut may lose the last two seconds", ""},
		{"synced when the system likes", good("appendfsync", "no"), "a power cut loses what the system had not written yet", "appendfsync is no"},
		{"synced nobody knows when", good("appendfsync", "?"), "append-only file; how often it is synced is unknown", ""},
		{"a replica", good("role", "slave"), "a crash of the server or a power cut may lose the last two seconds", "the server is a replica"},
		{"a part of a cluster", good("cluster_enabled", "1"), "a crash of the server or a power cut may lose the last two seconds", "the server is part of a cluster"},
		{"an old one", good("redis_version", "6.2.7"), "a crash of the server or a power cut may lose the last two seconds", "the server's version 6.2.7"},
		{"a new one", good("redis_version", "10.0"), "a crash of the server or a power cut may lose the last two seconds", ""},
	} {
		warnings := tc.facts.warnings()
		if tc.facts.durable() != tc.durable || len(warnings) > 1 || (len(warnings) == 1) != (tc.warning != "") ||
			len(warnings) == 1 && !strings.HasPrefix(warnings[0], tc.warning) {
			t.Errorf("%s: got %q and %q", tc.name, tc.facts.durable(), warnings)
		}
	}
}

func TestUnverifiedCertificateIsTold(t *testing.T) {
	t.Parallel()
	a, err := parse("rediss://host?skip_verify=true", "")
	if err != nil || !a.TLSConfig.InsecureSkipVerify {
		t.Fatalf("the address is not understood: %v", err)
	}
	d := opened(t, storetest.Redis(t), Options{})
	d.address.TLSConfig = a.TLSConfig
	info, err := d.Info(t.Context())
	if err != nil || len(info.Warnings) != 1 || !strings.Contains(info.Warnings[0], "certificate") {
		t.Errorf("got %q, %v, want a warning", info.Warnings, err)
	}
}

func TestLoggerSpeaksSeldom(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	now := time.Unix(1000, 0)
	l := logger{&seldom{log: slog.New(slog.NewTextHandler(&out, nil)), now: func() time.Time { return now }}}
	for range 5 {
		l.Printf(t.Context(), "dial %s failed", "host")
	}
	now = now.Add(logEvery)
	l.Printf(t.Context(), "sentinel: selected addr=%s", "host") // all is well, so it is not told
	l.Printf(t.Context(), "dial %s failed", "host")
	if lines := strings.Count(out.String(), "\n"); lines != 2 || !strings.Contains(out.String(), "and 4 lines before") {
		t.Errorf("got %d lines:\n%s", lines, out.String())
	}
}
