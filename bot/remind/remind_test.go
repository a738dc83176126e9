package remind_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot/remind"
	"recbot/store"
	"recbot/store/boltstore"
)

// world is a store with a clock that the test moves, and a count of what is written to it.
type world struct {
	*store.Store
	b   *counting
	now time.Time
}

// counting counts batches, and refuses them while it is broken.
type counting struct {
	store.Backend
	mu     sync.Mutex
	writes int
	broken error
}

func (c *counting) Apply(ctx context.Context, shard store.Shard, b store.Batch) (store.Result, error) {
	c.mu.Lock()
	broken := c.broken
	c.writes++
	c.mu.Unlock()
	if broken != nil {
		return store.Result{}, broken
	}
	return c.Backend.Apply(ctx, shard, b)
}

// written counts the batches since it was asked last.
func (c *counting) written() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.writes
	c.writes = 0
	return n
}

func newWorld(t testing.TB) *world {
	t.Helper()
	b, err := boltstore.Open(filepath.Join(t.TempDir(), "recbot.db"), boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	w := &world{b: &counting{Backend: b}, now: at("2026-12-01 09:00")}
	w.Store = store.New(w.b, func() time.Time { return w.now })
	if err := w.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// with stores a follower of group B who has these leads, and meetings of which nobody is told.
func (w *world) with(t testing.TB, leads []store.Lead, meetings ...store.Meeting) *world {
	t.Helper()
	p := store.Newcomer(1, store.Uzbek, w.now)
	p.Topics, p.Leads = []store.Topic{"wg-b"}, leads
	if _, err := w.Greet(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Import(t.Context(), meetings, store.ImportOptions{Silent: "given"}); err != nil {
		t.Fatal(err)
	}
	return w
}

// opened lists the jobs there are, in the order in which they are due.
func (w *world) opened(t testing.TB) []string {
	t.Helper()
	jobs, err := w.DueJobs(t.Context(), at("2030-01-01 00:00"), 1000)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, j := range jobs {
		list = append(list, string(j.ID))
	}
	return list
}

func (w *world) tick(t testing.TB, s *remind.Scheduler, now string) {
	t.Helper()
	w.now = at(now)
	if err := s.Tick(t.Context(), w.now); err != nil {
		t.Fatalf("tick at %s: %v", now, err)
	}
}

func id(m string, start string, l store.Lead) string {
	return string(store.ReminderID(store.MeetingID(m), at(start), l))
}

func TestTick(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(t, []store.Lead{day, hour}, on("x", "2026-12-09 10:00"), on("y", "2026-12-02 09:00"))
	woken := 0
	s := remind.New(w.Store, remind.Options{Opened: func() { woken++ }})
	check := func(when string, wakes int, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, w.opened(t)); diff != "" {
			t.Errorf("%s: jobs (-want +got):\n%s", when, diff)
		}
		if woken != wakes {
			t.Errorf("%s: woken %d times, want %d", when, woken, wakes)
		}
	}
	w.tick(t, s, "2026-12-01 10:00")
	check("The first tick is where time begins", 0)
	w.tick(t, s, "2026-12-02 08:01")
	check("A minute late a reminder is opened", 1, id("y", "2026-12-02 09:00", hour))
	w.tick(t, s, "2026-12-02 08:02")
	check("The next minute opens nothing", 1, id("y", "2026-12-02 09:00", hour))
	w.tick(t, s, "2026-12-09 09:30")
	check("After a week offline both leads are opened", 2,
		id("y", "2026-12-02 09:00", hour), id("x", "2026-12-09 10:00", day), id("x", "2026-12-09 10:00", hour))
	w.tick(t, remind.New(w.Store, remind.Options{}), "2026-12-09 09:31")
	check("Another leader opens nothing twice", 2,
		id("y", "2026-12-02 09:00", hour), id("x", "2026-12-09 10:00", day), id("x", "2026-12-09 10:00", hour))
}

// One job that nobody can read stops no other reminder.
func TestTickPassesOverWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(t, []store.Lead{hour}, on("x", "2026-12-09 10:00"), on("y", "2026-12-09 10:00"))
	bad := id("x", "2026-12-09 10:00", hour)
	if _, err := w.b.Apply(t.Context(), store.Global, store.Batch{Do: []store.Mutation{store.Put("job:"+bad, []byte("{"), 0)}}); err != nil {
		t.Fatal(err)
	}
	s := remind.New(w.Store, remind.Options{})
	w.tick(t, s, "2026-12-01 10:00")
	w.tick(t, s, "2026-12-09 09:00")
	if diff := cmp.Diff([]string{id("y", "2026-12-09 10:00", hour)}, w.opened(t)); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
}

func TestTickJob(t *testing.T) {
	t.Parallel()
	m := on("x", "2026-12-09 10:00", func(m *store.Meeting) { m.Sequence = 3 })
	w := newWorld(t).with(t, []store.Lead{hour}, m)
	s := remind.New(w.Store, remind.Options{})
	w.tick(t, s, "2026-12-01 10:00")
	w.tick(t, s, "2026-12-09 09:02")
	jobs, err := w.DueJobs(t.Context(), w.now, 10)
	if err != nil {
		t.Fatal(err)
	}
	want := []store.Job{{
		ID: store.ReminderID("x", m.Start(), hour), Kind: store.JobReminder, Meeting: "x", Start: m.Start(), Lead: hour, Sequence: 3,
		Audience: store.Audience{Topics: []store.Topic{"all", "m.x", "wg-b"}, Lead: hour},
		Opened:   at("2026-12-09 09:02"), Due: at("2026-12-09 09:00"), Deadline: m.Start(),
	}}
	if diff := cmp.Diff(want, jobs); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
}

func TestTickIsSavedSeldom(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(t, []store.Lead{hour}, on("x", "2026-12-01 12:00"))
	s := remind.New(w.Store, remind.Options{})
	for _, step := range []struct {
		name  string
		now   string
		saved string
	}{
		{"The first is saved", "2026-12-01 10:00", "2026-12-01 10:00"},
		{"A minute with nothing due is not", "2026-12-01 10:01", "2026-12-01 10:00"},
		{"Nor are nine", "2026-12-01 10:09", "2026-12-01 10:00"},
		{"After ten minutes it is", "2026-12-01 10:10", "2026-12-01 10:10"},
		{"What falls due saves it at once", "2026-12-01 11:00", "2026-12-01 11:00"},
		{"A clock that goes back takes it back", "2026-12-01 10:30", "2026-12-01 10:30"},
	} {
		w.tick(t, s, step.now)
		if got, err := w.Tick(t.Context()); err != nil || !got.Equal(at(step.saved)) {
			t.Errorf("%s: saved %s, %v, want %s", step.name, got, err, at(step.saved))
		}
	}
	w.b.written()
	w.tick(t, s, "2026-12-01 10:35")
	if n := w.b.written(); n != 0 {
		t.Errorf("a tick with nothing due writes %d batches, want none", n)
	}
}

// TestClockThatWasAhead is about a machine that boots with its clock wrong, ticks, and is set right after that: what falls
// due from then on is not to wait for the time that was wrong.
func TestClockThatWasAhead(t *testing.T) {
	t.Parallel()
	for _, restarted := range []bool{false, true} {
		w := newWorld(t).with(t, []store.Lead{hour}, on("x", "2026-12-02 12:00"))
		s := remind.New(w.Store, remind.Options{})
		w.tick(t, s, "2026-12-01 15:00")
		if restarted {
			s = remind.New(w.Store, remind.Options{})
		}
		w.tick(t, s, "2026-12-01 10:00")
		if _, err := w.Import(t.Context(), []store.Meeting{on("y", "2026-12-01 12:00")}, store.ImportOptions{Silent: "given"}); err != nil {
			t.Fatal(err)
		}
		w.tick(t, s, "2026-12-01 11:00")
		if diff := cmp.Diff([]string{id("y", "2026-12-01 12:00", hour)}, w.opened(t)); diff != "" {
			t.Errorf("restarted %t: jobs (-want +got):\n%s", restarted, diff)
		}
	}
}

// TestTickLeavesThePastAlone gives somebody leads that fell due before the last tick, saved or not: their settings said what
// becomes of the meeting, and no reminder comes.
func TestTickLeavesThePastAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(t, []store.Lead{15}, on("x", "2026-12-01 10:52"))
	s := remind.New(w.Store, remind.Options{})
	lead := func(l store.Lead) {
		t.Helper()
		_, err := w.ChangePerson(t.Context(), 1, store.Cause{}, func(p *store.Person) error { return p.SetLead(l, true) })
		if err != nil {
			t.Fatal(err)
		}
	}
	w.tick(t, s, "2026-12-01 10:05")
	lead(hour) // due at 09:52
	w.tick(t, remind.New(w.Store, remind.Options{}), "2026-12-01 10:06")
	w.tick(t, s, "2026-12-01 10:09")
	lead(45) // due at 10:07
	w.tick(t, s, "2026-12-01 10:10")
	if got := w.opened(t); got != nil {
		t.Errorf("opened %q, want nothing", got)
	}
}

// TestTickAgainAfterAnError breaks the store at a tick: the next one makes up for it.
func TestTickAgainAfterAnError(t *testing.T) {
	t.Parallel()
	w := newWorld(t).with(t, []store.Lead{hour}, on("x", "2026-12-01 12:00"), on("y", "2026-12-01 12:00"))
	s := remind.New(w.Store, remind.Options{})
	w.tick(t, s, "2026-12-01 10:00")
	w.b.broken = store.ErrUnavailable
	if err := s.Tick(t.Context(), at("2026-12-01 11:00")); !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("got %v, want ErrUnavailable", err)
	}
	w.b.broken = nil
	w.tick(t, s, "2026-12-01 11:03")
	want := []string{id("x", "2026-12-01 12:00", hour), id("y", "2026-12-01 12:00", hour)}
	if diff := cmp.Diff(want, w.opened(t)); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
}

func TestTickEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	// Whichever comes first of its turn and the end of ctx: it does not hang.
	_ = remind.New(w.Store, remind.Options{}).Tick(ctx, w.now)
}

// TestRun lets cron do a morning's work on the clock of a bubble.
func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now() // of the bubble: midnight, 1 January 2000 UTC
		start := begin.Add(2 * time.Hour).UTC()
		b, err := boltstore.Open(filepath.Join(t.TempDir(), "recbot.db"), boltstore.Options{NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = b.Close() }()
		s := store.New(b, time.Now)
		if _, err := s.Greet(t.Context(), store.Newcomer(1, store.Uzbek, begin)); err != nil {
			t.Fatal(err)
		}
		m := on("x", start.Format("2006-01-02 15:04"), in("UTC"))
		if _, err := s.Import(t.Context(), []store.Meeting{m}, store.ImportOptions{Silent: "given"}); err != nil {
			t.Fatal(err)
		}

		ctx, cancel := context.WithCancel(t.Context())
		var opened []time.Duration
		done := make(chan error, 1)
		sched := remind.New(s, remind.Options{Now: time.Now, Opened: func() { opened = append(opened, time.Since(begin)) }})
		go func() { done <- sched.Run(ctx) }()
		time.Sleep(3 * time.Hour)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		if diff := cmp.Diff([]time.Duration{time.Hour}, opened); diff != "" {
			t.Errorf("opened at (-want +got):\n%s", diff)
		}
	})
}

// BenchmarkTick is a tick with nothing due. What it costs does not depend on how many persons are stored.
func BenchmarkTick(b *testing.B) {
	for _, people := range []int{10, 100_000} {
		b.Run(fmt.Sprintf("persons=%d", people), func(b *testing.B) {
			w := newWorld(b)
			w.crowd(b, people)
			var meetings []store.Meeting
			for i := range 50 {
				meetings = append(meetings, on(fmt.Sprintf("m-%d", i), "2027-12-09 10:00"))
			}
			w.with(b, []store.Lead{day, hour}, meetings...)
			s := remind.New(w.Store, remind.Options{})
			w.tick(b, s, "2026-12-01 10:00")
			now := w.now
			for b.Loop() {
				now = now.Add(time.Minute)
				if err := s.Tick(b.Context(), now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// crowd stores many persons, several at a time so that their batches share a commit.
func (w *world) crowd(b *testing.B, people int) {
	b.Helper()
	ids := make(chan store.PersonID)
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for id := range ids {
				if _, err := w.Greet(b.Context(), store.Newcomer(id, store.Uzbek, w.now)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range people {
		ids <- store.PersonID(i + 10)
	}
	close(ids)
	wg.Wait()
}
