package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recbot/bot/council"
	"recbot/bot/sim"
	"recbot/store"
	"recbot/store/storetest"
)

// takenOver is within how long another process leads, whatever becomes of the one that did.
const takenOver = 15 * time.Second

// standby is a second bot on the store of a world.
func (w *world) standby() *life {
	w.t.Helper()
	l := &life{store: storetest.NewFlaky(w.life.db), done: make(chan error, 1)}
	app, err := newApp(parts{
		Config:  Config{Token: sim.Token, API: "http://telegram.invalid", Timezone: w.zone.String(), BulkRate: 1000},
		backend: l.store, catalogue: council.Embedded(), http: mortal{w.sim, l, nil}, now: w.clock.Now, stepped: true, log: testLog(w.t),
	})
	if err != nil {
		w.t.Fatalf("wiring the second bot: %v", err)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	l.app, l.cancel = app, cancel
	go func() { l.done <- app.run(ctx) }()
	synctest.Wait()
	return l
}

// TestALeaderThatStopsHandsOver ends a leader as an operator does while Telegram takes its time, beside a second bot. The time
// is that of the bubble, in which only waiting takes any.
func TestALeaderThatStopsHandsOver(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		slow   map[string]time.Duration // how long Telegram takes, by method
		writes bool                     // somebody waits for an answer
		within time.Duration
	}{
		{"nothing is slow", nil, true, 4 * time.Second},
		{"a letter is", map[string]time.Duration{"sendMessage": 18 * time.Second}, false, 4 * time.Second},
		{"letter and answer are", map[string]time.Duration{"sendMessage": 25 * time.Second}, true, takenOver},
		{"everything is", map[string]time.Duration{"sendMessage": 25 * time.Second, "getUpdates": 20 * time.Second}, true, takenOver},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC), time.UTC, false)
				reader, writer := w.welcome("anna"), w.welcome("bek")
				other := w.standby()
				w.sim.OnCall(func(c sim.Call) *sim.Fault { return &sim.Fault{Delay: tc.slow[c.Method]} })
				w.letterTo(reader)
				if tc.writes {
					if err := w.sim.Say(writer, "/help"); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(2 * time.Second) // both are under way
				w.handOver(other, tc.within)
				time.Sleep(2 * store.LetterTimeout) // whatever is to come of it has come
				w.arrivedOnce(reader)
				w.sim.OnCall(nil)
				other.cancel()
				if err := <-other.done; err != nil {
					t.Errorf("the second bot stopped with: %v", err)
				}
				w.close()
			})
		})
	}
}

// TestALeaderThatDiesIsReplaced kills a leader as kill -9 does, beside a second bot: the lease has to run out. It dies at several
// moments between two renewals, and the one that waits for the lease may just have asked.
func TestALeaderThatDiesIsReplaced(t *testing.T) {
	t.Parallel()
	for _, led := range []time.Duration{0, 900 * time.Millisecond, 3330 * time.Millisecond, 3340 * time.Millisecond, 5 * time.Second} {
		t.Run(fmt.Sprint("having led for ", led), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC), time.UTC, false)
				other := w.standby()
				time.Sleep(led)
				w.life.dead.Store(true)
				w.life.store.Fail(store.ErrUnavailable)
				w.handOver(other, takenOver)
				other.cancel()
				if err := <-other.done; err != nil {
					t.Errorf("the second bot stopped with: %v", err)
				}
				w.close()
			})
		})
	}
}

// welcome gives a person an account, with the first start behind them.
func (w *world) welcome(name string) store.PersonID {
	w.t.Helper()
	id := w.join(name, "en", true)
	if err := settle(w.t.Context(), w.life.app.store, id, func(*store.Person) {}); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// handed is the job of the letter that is under way when the leader changes.
const handed = store.JobID("letter:handed")

// letterTo opens a job for one person, and wakes the runner.
func (w *world) letterTo(who store.PersonID) {
	w.t.Helper()
	now := w.clock.Now()
	err := w.life.app.store.OpenJob(w.t.Context(), store.Job{
		ID: handed, Kind: store.JobLetter, Audience: store.Audience{Person: who}, Opened: now, Due: now,
		Content: []byte(`{"Alert":{"kind":"room","free":1048576}}`),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.life.app.runner.Wake()
}

// handOver ends the bot that leads, and waits until another one does.
func (w *world) handOver(to *life, within time.Duration) {
	w.t.Helper()
	begun := time.Now()
	w.life.cancel()
	for !to.app.state.leading.Load() {
		if time.Since(begun) > time.Minute {
			w.t.Fatal("nobody leads a minute after the leader was told to stop")
		}
		time.Sleep(100 * time.Millisecond)
	}
	if took := time.Since(begun); took > within {
		w.t.Errorf("another bot led after %s, want at most %s", took, within)
	}
}

// close waits until the bot that was told to stop has ended, and closes the store.
func (w *world) close() {
	w.t.Helper()
	l := w.life
	w.life = nil
	if err := <-l.done; err != nil {
		w.t.Errorf("the bot stopped with: %v", err)
	}
	if err := l.db.Close(); err != nil {
		w.t.Errorf("closing the store: %v", err)
	}
}

// arrivedOnce checks that a person got their letter, and that the ledger knows.
func (w *world) arrivedOnce(who store.PersonID) {
	w.t.Helper()
	n := 0
	for _, d := range w.sim.Deliveries(0) {
		if d.Chat == store.ChatID(who) {
			n++
		}
	}
	letters, err := w.life.app.store.LettersOf(w.t.Context(), who)
	i := slices.IndexFunc(letters, func(l store.Recipient) bool { return l.Job == handed })
	if err != nil || n != 1 || i < 0 || letters[i].State != store.Sent {
		w.t.Errorf("the letter arrived %d times, and the ledger says %+v, %v", n, letters, err)
	}
}

// TestSigtermOfALeaderHandsOver keeps the letters of a leader under way that was told to stop, until a bot beside it leads:
// it must not wait for them. Everybody gets the letter once, and of none it stays unknown what came of it.
func TestSigtermOfALeaderHandsOver(t *testing.T) {
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
			leaving, led := make(chan struct{}), make(chan struct{})
			left, lead := sync.OnceFunc(func() { close(leaving) }), sync.OnceFunc(func() { close(led) })
			t.Cleanup(lead)
			f.OnCall(func(c sim.Call) *sim.Fault {
				if c.Method == "sendMessage" && slices.Contains(invitees, store.PersonID(c.Chat)) {
					left()
					<-led
				}
				return nil
			})
			first := f.start("")
			select {
			case <-leaving:
			case <-time.After(soon):
				t.Fatal("no letter leaves")
			}
			second := f.start("")
			second.ready()
			first.signal()
			second.says("msg=leading")
			lead()
			if code := first.wait(); code != exitGood {
				t.Errorf("after SIGTERM recbot ended with code %d", code)
			}
			eventually(t, soon, fmt.Sprintf("all %d letters arrive", audience), func() bool { return len(f.got()) == audience })
			second.stop()
			f.recover(func() bool { return true })
			f.judge()
		})
	}
}
