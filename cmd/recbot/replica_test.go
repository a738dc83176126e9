package main

import (
	"strings"
	"testing"

	"recbot/store/storetest"
)

// TestRedisIsAwayForLong keeps Redis away until the lease has run out, so that the bot is nobody's leader meanwhile.
func TestRedisIsAwayForLong(t *testing.T) {
	t.Parallel()
	e := newExchange(t)
	redis := storetest.StartRedis(t)
	url := strings.Replace(redis.URL(), "redis://", "redis://:hunter2@", 1) // a password that nobody asks for
	p, who := e.serve(shortDir(t), "REDIS_URL="+url), e.person(1)
	p.ready()
	p.says("msg=leading")
	redis.Kill()
	storeAway(t, e, p, who)
	p.says("no longer leading")
	storeAway(t, e, p, who)
	redis.Start()
	storeBack(t, e, p, who)
	p.stop()
}

// TestAnotherReplicaTakesOver runs two bots on one Redis. Only one of them polls; when it is killed, or stopped, the other
// goes on.
func TestAnotherReplicaTakesOver(t *testing.T) {
	t.Parallel()
	e, url := newExchange(t), storetest.Redis(t)
	start := func() *process {
		p := e.serve(shortDir(t), "REDIS_URL="+url)
		p.ready()
		return p
	}
	leader, who := start(), e.person(1)
	leader.says("msg=leading")
	second := start()
	e.say(who, "/help")
	e.gets(who, 0, "/meetings")

	leader.kill()
	n := len(e.sent(who))
	e.say(who, "/help")
	e.gets(who, n, "/meetings")
	second.says("msg=leading")

	third := start()
	second.stop()
	n = len(e.sent(who))
	e.say(who, "/help")
	e.gets(who, n, "/meetings")
	third.says("msg=leading")
	third.stop()
	for _, p := range []*process{leader, second, third} {
		if p.hasRival() {
			t.Error("two replicas polled at once")
		}
	}
}
