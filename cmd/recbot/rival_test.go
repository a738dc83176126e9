package main

import (
	"strings"
	"testing"

	"recbot/store"
)

// TestWithoutAStoreAPollerGivesWay runs a bot that cannot reach its store beside one that can, as when one of two machines
// is cut off from Redis. It must not take updates away only to ask people to try again.
func TestWithoutAStoreAPollerGivesWay(t *testing.T) {
	t.Parallel()
	e := newExchange(t)
	healthy := e.serve(shortDir(t))
	healthy.ready()
	cut := e.serve(shortDir(t), "REDIS_URL=redis://127.0.0.1:1")
	cut.says("leaving the updates to it")
	for who := range store.PersonID(5) {
		e.say(e.person(who+1), "/help")
		e.gets(who+1, 0, "/meetings")
	}
	if got := strings.Count(cut.out.String(), "(409)"); got != 1 {
		t.Errorf("the bot that is cut off told %d times of another poller:\n%s", got, cut.out.String())
	}
	cut.stop()
	healthy.stop()
}
