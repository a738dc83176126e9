package lease

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recbot/store"
	"recbot/store/boltstore"
	"recbot/store/storetest"
)

// house is a store with a lease, and those who want it.
type house struct {
	*store.Store
	flaky *storetest.Flaky
	wg    sync.WaitGroup
	begun time.Time
}

// inBubble plays in a bubble of time, on an embedded store.
func inBubble(t *testing.T, play func(t *testing.T, h *house)) {
	t.Helper()
	t.Parallel()
	path := filepath.Join(t.TempDir(), "recbot.db")
	synctest.Test(t, func(t *testing.T) {
		b, err := boltstore.Open(path, boltstore.Options{NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		h := &house{flaky: storetest.NewFlaky(b), begun: time.Now()}
		h.Store = store.New(h.flaky, time.Now)
		play(t, h)
		h.wg.Wait()
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
}

// contender is a process that wants to lead.
type contender struct {
	began chan store.Rev // each time it begins to lead
	ended chan time.Time // each time its context ends
	end   context.CancelFunc
	err   chan error // of Run
}

// contend runs a leader that puts its affairs in order for some time.
func (h *house) contend(t *testing.T, holder string, tidy time.Duration) *contender {
	c := &contender{began: make(chan store.Rev, 9), ended: make(chan time.Time, 9), err: make(chan error, 1)}
	var ctx context.Context
	ctx, c.end = context.WithCancel(t.Context())
	h.run(ctx, c, holder, func(ctx context.Context, token store.Rev) error {
		c.began <- token
		<-ctx.Done()
		c.ended <- time.Now()
		time.Sleep(tidy)
		return ctx.Err()
	})
	return c
}

func (h *house) run(ctx context.Context, c *contender, holder string, lead func(context.Context, store.Rev) error) {
	h.wg.Go(func() { c.err <- Run(ctx, h.Store, Options{Name: "leader", Holder: holder}, lead) })
}

func TestOneLeadsAndTheNextTakesOver(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		a := h.contend(t, "a", 0)
		first := <-a.began
		b := h.contend(t, "b", 0)
		time.Sleep(time.Hour)
		if len(b.began) != 0 || len(a.ended) != 0 {
			t.Fatal("the lease did not stay where it was")
		}
		a.end()
		if err := <-a.err; err != nil {
			t.Errorf("a leader that was ended returns %v", err)
		}
		stopped := time.Now()
		if second := <-b.began; second <= first || time.Since(stopped) > defaultTTL/3 {
			t.Errorf("the next leads after %s with token %d after %d", time.Since(stopped), second, first)
		}
		b.end()
	})
}

// A leader that was killed says nothing: its lease has to run out.
func TestALeaderThatDiedIsReplacedInTime(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		if _, err := h.AcquireLease(t.Context(), "leader", "dead", defaultTTL); err != nil {
			t.Fatal(err)
		}
		// The worst comes to who asks just before the lease runs out, and then sleeps.
		time.Sleep(defaultTTL/3 - time.Millisecond)
		b := h.contend(t, "b", 0)
		<-b.began
		if took := time.Since(h.begun); took > 15*time.Second || took < defaultTTL {
			t.Errorf("taken over after %s", took)
		}
		b.end()
	})
}

func TestALeaderWithoutStoreSteps(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		a := h.contend(t, "a", 0)
		<-a.began
		time.Sleep(time.Minute)
		h.flaky.Fail(store.ErrUnavailable)
		down := time.Now()
		if ended := (<-a.ended).Sub(down); ended > defaultTTL {
			t.Errorf("led for %s without a store, longer than the lease lasts", ended)
		}
		h.flaky.Fail(nil)
		<-a.began
		a.end()
	})
}

// A short outage must not cost the lease.
func TestAShortOutageIsSatOut(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		a := h.contend(t, "a", 0)
		<-a.began
		time.Sleep(time.Minute)
		h.flaky.Fail(store.ErrUnavailable)
		time.Sleep(defaultTTL/3 + time.Second)
		h.flaky.Fail(nil)
		time.Sleep(time.Minute)
		if len(a.ended) != 0 {
			t.Error("the leader stepped down for an outage shorter than its lease")
		}
		a.end()
	})
}

func TestALeaderWhoseLeaseWasTakenStepsDown(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		a := h.contend(t, "a", 0)
		token := <-a.began
		if err := h.ReleaseLease(t.Context(), "leader", token); err != nil {
			t.Fatal(err)
		}
		other, err := h.AcquireLease(t.Context(), "leader", "b", time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		<-a.ended
		if took := time.Since(h.begun); took > defaultTTL/3 {
			t.Errorf("noticed after %s", took)
		}
		if again := <-a.began; again <= other {
			t.Errorf("leads again with token %d after %d", again, other)
		}
		a.end()
	})
}

// While a leader puts its affairs in order nobody else may lead.
func TestTheLeaseIsKeptUntilTheLeaderIsDone(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		const tidy = 40 * time.Second
		a := h.contend(t, "a", tidy)
		<-a.began
		b := h.contend(t, "b", 0)
		a.end()
		stopped := time.Now()
		<-b.began
		if took := time.Since(stopped); took < tidy || took > tidy+defaultTTL/3 {
			t.Errorf("the next leads %s after the first was told to end, which took it %s", took, tidy)
		}
		b.end()
	})
}

func TestWhatLeadReturns(t *testing.T) {
	t.Parallel()
	broken := errors.New("wrong token")
	for _, tc := range []struct {
		name  string
		lead  func(n int) error // n counts from 1
		terms int
		want  error
	}{
		{"an error of its own ends it", func(int) error { return broken }, 1, broken},
		{"no error ends it too", func(int) error { return nil }, 1, nil},
		{"being fenced off is a lost lease", func(n int) error { return map[int]error{1: store.ErrFenced, 2: broken}[n] }, 2, broken},
		{"a panic is an error", func(int) error { panic("leader") }, 1, errPanic},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *house) {
				terms := 0
				c := &contender{err: make(chan error, 1)}
				h.run(t.Context(), c, "a", func(context.Context, store.Rev) error {
					terms++
					return tc.lead(terms)
				})
				if err := <-c.err; !errors.Is(err, tc.want) && (tc.want != errPanic || err == nil) || terms != tc.terms {
					t.Errorf("after %d terms %v, want %v after %d", terms, err, tc.want, tc.terms)
				}
				if _, err := h.AcquireLease(t.Context(), "leader", "b", time.Minute); err != nil {
					t.Errorf("the lease was not released: %v", err)
				}
			})
		})
	}
}

// errPanic stands for whatever error a panic becomes.
var errPanic = errors.New("any error")
