package main

import (
	"strings"
	"testing"

	"recbot/store"
	"recbot/store/storetest"
)

func TestRedisAddressFitsTheMode(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, url, mode, says string }{
		{"several servers that are none together", "redis://:hunter2@a:1,b:2", "standalone", "REDIS_URL: redis address: several hosts are for the modes sentinel and cluster"},
		{"sentinels of nobody", "redis://:hunter2@a:1,b:2/0", "sentinel", "REDIS_URL: redis address: mode sentinel needs the master's name"},
		{"a database of a cluster", "rediss://:hunter2@a:1,b:2/3", "cluster", "REDIS_URL: redis address: a cluster has only database 0"},
		{"sentinels", "redis://:hunter2@a:1,b:2/3?master=council", "sentinel", ""},
		{"a cluster", "redis://:hunter2@a:1,b:2", "cluster", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f, err := parseFlags(serveCommand, nil, []string{"TELEGRAM_BOT_TOKEN=1:a", "REDIS_URL=" + tc.url, "REDIS_MODE=" + tc.mode})
			if err != nil {
				t.Fatal(err)
			}
			_, mistakes := f.config(serveCommand.needs)
			all := strings.Join(mistakes, "\n")
			if (tc.says == "") != (all == "") || !strings.HasPrefix(all, tc.says) || len(mistakes) > 1 || strings.Contains(all, "hunter2") {
				t.Errorf("got %q, want %q", all, tc.says)
			}
		})
	}
}

func TestCheckOfManyServers(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("NOT RUN with -short: Redis servers")
	}
	for _, tc := range []struct {
		mode  string
		start func() (url string, spoil func())
	}{
		{"cluster", func() (string, func()) {
			servers := storetest.StartCluster(t, 0)
			return servers.URL(), servers.Masters[2].Kill // not the one of the global shard, without which there is nothing to ask
		}},
		{"sentinel", func() (string, func()) {
			servers := storetest.StartSentinel(t)
			return servers.URL(), servers.Sentinels[1].Kill
		}},
	} {
		t.Run(tc.mode, func(t *testing.T) {
			url, spoil := tc.start()
			environ := append(telegramAt(t), "REDIS_MODE="+tc.mode, "REDIS_URL="+url)
			if line := lineOf(command(t, environ, "check").out, "store"); !strings.HasPrefix(line, "OK store redis "+tc.mode) || !strings.Contains(line, "3 of 3") {
				t.Errorf("as it should be: %s", line)
			}
			spoil()
			if line := lineOf(command(t, environ, "check").out, "store"); !strings.HasPrefix(line, "FAIL store") || !strings.Contains(line, "does not answer") {
				t.Errorf("one of them gone: %s", line)
			}
		})
	}
}

// TestMasterOfAClusterComesAndGoes takes away the server with the global shard, which everybody needs, and gives it back.
func TestMasterOfAClusterComesAndGoes(t *testing.T) {
	t.Parallel()
	servers := storetest.StartCluster(t, 0, "--appendfsync", "always")
	slot, _ := servers.Masters[0].Do("CLUSTER", "KEYSLOT", "{g}").(int64)
	comesAndGoes(t, servers.Masters[slot*3/16384], "redis cluster", "REDIS_MODE=cluster", "REDIS_URL="+servers.URL())
}

// TestRedisComesAndGoes takes away the only server there is, and gives it back.
func TestRedisComesAndGoes(t *testing.T) {
	t.Parallel()
	redis := storetest.StartRedis(t)
	comesAndGoes(t, redis, "redis", "REDIS_URL="+redis.URL())
}

// comesAndGoes serves on a store, takes a server away without which it cannot be used, and gives it back.
func comesAndGoes(t *testing.T, server *storetest.Server, named string, environ ...string) {
	t.Helper()
	e, p, who := serveOn(t, named, environ...)
	server.Kill()
	storeAway(t, e, p, who)
	server.Start()
	storeBack(t, e, p, who)
	p.stop()
}

// serveOn starts a bot on a store, which its first line names, and has it answer somebody.
func serveOn(t *testing.T, named string, environ ...string) (*exchange, *process, store.PersonID) {
	t.Helper()
	e := newExchange(t)
	p, who := e.serve(shortDir(t), environ...), e.person(1)
	p.ready()
	p.says("store=.*" + named)
	e.say(who, "/help")
	e.gets(who, 0, "/meetings")
	return e, p, who
}

// TestSentinelsReplaceTheMaster has the bot go on with the replica by itself.
func TestSentinelsReplaceTheMaster(t *testing.T) {
	t.Parallel()
	servers := storetest.StartSentinel(t, "--appendfsync", "always")
	e, p, who := serveOn(t, "redis sentinel", "REDIS_MODE=sentinel", "REDIS_URL="+servers.URL())
	servers.Master.Kill()
	eventually(t, soon, "the replica becomes the master", func() bool {
		reply, err := servers.Replica.Try("ROLE")
		role, _ := reply.([]any)
		return err == nil && len(role) > 0 && role[0] == "master"
	})
	storeBack(t, e, p, who)
	p.stop()
}
