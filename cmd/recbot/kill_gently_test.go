package main

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"recbot/bot/sim"
	"recbot/store"
	"recbot/store/storetest"
)

// TestSigtermAroundAJob ends a bot as an operator does while letters of a job are under way, and starts another. Everybody
// gets the letter once, and of none it stays unknown what came of it.
func TestSigtermAroundAJob(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		name string
		make func(t *testing.T, redis string) *fatal
		over func(*fatal) bool
	}{
		{"reminder", func(t *testing.T, redis string) *fatal { return newReminder(t, 1, redis) }, func(*fatal) bool { return true }},
		{"announcement", func(t *testing.T, redis string) *fatal { return newAnnouncement(t, 1, redis, false) },
			func(f *fatal) bool { return f.reports() > 0 }},
	} {
		for _, tc := range []struct {
			letter int64
			redis  bool
		}{{letter: 1}, {letter: audience / 2}, {letter: audience}, {audience / 2, true}} {
			t.Run(fmt.Sprintf("%s, at letter %d, on redis %v", kind.name, tc.letter, tc.redis), func(t *testing.T) {
				t.Parallel()
				var redis string
				if tc.redis {
					redis = storetest.Redis(t)
				}
				f := kind.make(t, redis)
				f.endAt(tc.letter)
				for who := range f.takeStock().sending {
					t.Errorf("the letter to person %d was cut off", who)
				}
				f.OnCall(f.slowly)
				f.recover(func() bool { return kind.over(f) })
				f.judge()
			})
		}
	}
}

// endAt starts a bot and ends it when Telegram has one of its letters in hand.
func (f *fatal) endAt(letter int64) {
	f.t.Helper()
	var sends atomic.Int64
	now := make(chan struct{})
	f.OnCall(func(c sim.Call) *sim.Fault {
		if c.Method == "sendMessage" && slices.Contains(invitees, store.PersonID(c.Chat)) && sends.Add(1) == letter {
			close(now)
		}
		return f.slowly(c)
	})
	p := f.start("")
	<-now
	p.stop()
}
