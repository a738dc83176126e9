package main

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"recbot/bot/sim"
	"recbot/store"
	"recbot/store/storetest"
)

// TestAKilledReplicaLosesNothing kills one of two bots on one Redis while people write. Everything is answered, in order;
// twice at most what was on its way at the kill, which is one answer for each chat.
func TestAKilledReplicaLosesNothing(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		webhook bool
	}{
		{"the one that polls is killed, the other takes over", false},
		{"both take what Telegram brings, and the leader is killed", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			binary(t) // nothing is begun where it is not to run
			e, url := newExchange(t), storetest.Redis(t)
			env := []string{"REDIS_URL=" + url}
			turns := func(...*process) {}
			if tc.webhook {
				f := newFront(t, e)
				env, turns = f.env(env...), f.leads
			}
			first := e.serve(shortDir(t), env...)
			first.says("msg=leading")
			second := e.serve(shortDir(t), env...)
			first.ready()
			second.ready()
			turns(first, second)
			writeAround(t, e, func() {
				first.kill()
				turns(second)
				second.says("msg=leading")
			})
			second.stop()
		})
	}
}

// writeAround has people write before and after a kill that meets answers on their way, and checks what they got.
func writeAround(t *testing.T, e *exchange, kill func()) {
	t.Helper()
	const people, rounds = 6, 6
	var leaving atomic.Int32
	e.OnCall(func(c sim.Call) *sim.Fault {
		if c.Method != "sendMessage" {
			return nil
		}
		leaving.Add(1)
		return &sim.Fault{Delay: 50 * time.Millisecond}
	})
	write := func(n int) {
		for who := range store.PersonID(people) {
			e.say(e.person(who+1), []string{"/help", "/about"}[n%2])
		}
	}
	for n := range rounds / 2 {
		write(n)
	}
	eventually(t, soon, "answers are on their way", func() bool { return leaving.Load() >= people+people/2 })
	kill()
	for n := range rounds / 2 {
		write(rounds/2 + n)
	}
	eventually(t, soon, "everything is taken", e.Idle)
	for who := range store.PersonID(people) {
		got := e.sent(who + 1)
		once := slices.Compact(slices.Clone(got)) // two answers in a row are different
		if len(once) != rounds || len(got) > rounds+1 {
			t.Errorf("person %d wrote %d times and got %d answers, %d of them anew: %q", who+1, rounds, len(got), len(once), got)
		}
	}
}
