package main

import (
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
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

// TestAStalledLeaderIsFenced stops the leader of two bots in the middle of a job, as a machine that is moved does, until the
// other one leads, and lets it go on. What it had taken and not sent is not sent twice; everybody gets the letter once.
func TestAStalledLeaderIsFenced(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		make func(t *testing.T, redis string) *fatal
	}{
		{"reminder", func(t *testing.T, redis string) *fatal { return newReminder(t, 1, redis) }},
		{"announcement", func(t *testing.T, redis string) *fatal { return newAnnouncement(t, 1, redis, false) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := tc.make(t, storetest.Redis(t))
			var sends atomic.Int64
			half, awake := make(chan struct{}), make(chan struct{})
			wake := sync.OnceFunc(func() { close(awake) })
			t.Cleanup(wake)
			f.OnCall(func(c sim.Call) *sim.Fault {
				if c.Method != "sendMessage" || !slices.Contains(invitees, store.PersonID(c.Chat)) {
					return nil
				}
				if sends.Add(1) == 2 {
					close(half)
					<-awake // its answer finds the leader stalled
				}
				return f.slowly(c)
			})
			stalled := f.start("")
			<-half
			if err := stalled.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			other := f.start("")
			other.says("msg=leading")
			wake()
			if err := stalled.cmd.Process.Signal(syscall.SIGCONT); err != nil {
				t.Fatal(err)
			}
			stalled.says("no longer leading")
			eventually(t, soon, "everybody gets the letter", func() bool { return len(f.got()) == audience })
			stalled.stop()
			other.stop()
			if n := len(f.takeStock().sending); n > 0 {
				t.Errorf("%d letters are left under way", n)
			}
			f.recover(func() bool { return true })
			f.judge()
		})
	}
}
