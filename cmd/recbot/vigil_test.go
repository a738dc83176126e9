package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"recbot/bot/sim"
	"recbot/bot/web"
	"recbot/store"
)

// ready asks a world's bot whether it is ready.
func (w *world) ready() (int, string) {
	answer := httptest.NewRecorder()
	h := web.New(web.Options{Checks: w.life.app.checks()})
	h.ServeHTTP(answer, httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, "/readyz", nil))
	return answer.Code, strings.TrimSpace(answer.Body.String())
}

// TestReady breaks one thing after another. In the bubble time passes by sleeping; the bot's own clock is stepped.
func TestReady(t *testing.T) {
	t.Parallel()
	silence := func(w *world) { w.sim.OnCall(func(sim.Call) *sim.Fault { return &sim.Fault{Refuse: true} }) }
	follow := func(w *world) { w.life.app.state.leading.Store(false) }
	pass := func(d time.Duration) func(*world) { return func(*world) { time.Sleep(d) } }
	tick := func(w *world) {
		if err := w.life.app.tick(w.t.Context()); err != nil {
			w.t.Error(err)
		}
	}
	for _, tc := range []struct {
		name string
		acts []func(*world)
		code int
		says string // begins with
	}{
		{"all is well", nil, 200, "ready"},
		{"a tick each few minutes is enough", []func(*world){pass(4 * time.Minute), tick, pass(4 * time.Minute)}, 200, "ready"},
		{"the scheduler stands still", []func(*world){pass(6 * time.Minute)}, 503, "scheduler: no tick for 6m"},
		{"where another leads, it may", []func(*world){follow, pass(6 * time.Minute)}, 200, "ready"},
		{"Telegram is silent for a minute", []func(*world){silence, pass(time.Minute)}, 200, "ready"},
		{"Telegram is silent for longer", []func(*world){silence, pass(4 * time.Minute)}, 503, "telegram: no answer for "},
		{"the store is out of reach", []func(*world){func(w *world) { w.life.store.Fail(store.ErrUnavailable) }}, 503,
			"store: the store does not answer: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC), time.UTC, false)
				for _, act := range tc.acts {
					act(w)
				}
				code, says := w.ready()
				if code != tc.code || !strings.HasPrefix(says, tc.says) || strings.Contains(says, "\n") {
					t.Errorf("status %d, want %d: %q, want %q", code, tc.code, says, tc.says)
				}
				w.sim.OnCall(nil)
				w.life.store.Fail(nil)
			})
		})
	}
}

// TestStoreErrorsAreCounted by operation; that somebody else got ahead is none.
func TestStoreErrorsAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC), time.UTC, false)
		scrape := func() string {
			page := httptest.NewRecorder()
			w.life.app.metrics.Handler().ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
			return page.Body.String()
		}
		s := w.life.app.store
		batch := store.Batch{If: []store.Condition{store.RevIs("none", 7)}}
		if _, err := s.Backend().Apply(t.Context(), store.Global, batch); err == nil {
			t.Error("a condition held that cannot")
		}
		if page := scrape(); strings.Contains(page, "recbot_store_errors_total{") {
			t.Errorf("a conflict is counted as an error:\n%s", page)
		}
		w.life.store.Fail(store.ErrUnavailable)
		if _, err := s.Meetings(t.Context()); err == nil {
			t.Error("read from a store that is out of reach")
		}
		if page := scrape(); !strings.Contains(page, `recbot_store_errors_total{operation="get"} `) {
			t.Errorf("a failed read is not counted:\n%s", page)
		}
		w.life.store.Fail(nil)
	})
}

// TestJobLag is what a letter that cannot leave adds up to.
func TestJobLag(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC), time.UTC, false)
		a, ctx := w.life.app, t.Context()
		if lag, err := a.lag(ctx); lag != 0 || err != nil {
			t.Errorf("nothing is due: %s, %v", lag, err)
		}
		job := store.Job{ID: "letter:1", Kind: store.JobLetter, Audience: store.Audience{Person: 1}, Due: w.clock.Now().Add(time.Hour)}
		if err := a.store.OpenJob(ctx, job); err != nil {
			t.Fatal(err)
		}
		if lag, err := a.lag(ctx); lag != 0 || err != nil {
			t.Errorf("a letter of the next hour: %s, %v", lag, err)
		}
		w.clock.set(w.clock.Now().Add(90 * time.Minute))
		if lag, err := a.lag(ctx); lag != 30*time.Minute || err != nil {
			t.Errorf("a letter of half an hour ago: %s, %v", lag, err)
		}
	})
}

func TestJump(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name         string
		wall, passed time.Duration
		want         time.Duration
	}{
		{"both clocks agree", 10 * time.Second, 10 * time.Second, 0},
		{"it was set right by a little", 40 * time.Second, 10 * time.Second, 0},
		{"it jumped forward", 10*time.Second + time.Hour, 10 * time.Second, time.Hour},
		{"it jumped back", 10*time.Second - time.Hour, 10 * time.Second, -time.Hour},
		{"the process stood still, which is no jump", time.Hour, time.Hour, 0},
	} {
		if got := jump(tc.wall, tc.passed); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

// TestStallLimit: of another process's last tick it is known to ten minutes only when it was.
func TestStallLimit(t *testing.T) {
	t.Parallel()
	if own, others := stallLimit(true), stallLimit(false); own != 5*time.Minute || others != 15*time.Minute {
		t.Errorf("own %s, others' %s", own, others)
	}
}
