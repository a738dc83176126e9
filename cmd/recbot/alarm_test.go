package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"recbot/bot"
	"recbot/handlers"
	"recbot/store"
)

// alarmed runs a test in a bubble, on a bot that has an owner, and gives what the owner was told since the last time asked.
func alarmed(t *testing.T, act func(w *world, told func() string)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC), time.UTC, false)
		owner := w.welcome("olga")
		if _, err := w.life.app.store.ChangePerson(t.Context(), owner, store.Cause{}, func(p *store.Person) error { p.Role = store.Owner; return nil }); err != nil {
			t.Fatal(err)
		}
		n := 0
		act(w, func() string {
			w.settle()
			var texts []string
			for _, d := range w.sim.Deliveries(n) {
				n = d.N
				if d.Chat == store.ChatID(owner) && d.Kind == bot.LetterSend {
					texts = append(texts, d.Text)
				}
			}
			return strings.Join(texts, "\n")
		})
	})
}

// TestAnAlertOutlastsTheStore has the store away when something is to be told: it is told when the store is back, and once.
func TestAnAlertOutlastsTheStore(t *testing.T) {
	t.Parallel()
	alarmed(t, func(w *world, told func() string) {
		a, ctx := w.life.app, w.t.Context()
		w.life.store.Fail(store.ErrUnavailable)
		stall := handlers.Alert{Kind: handlers.AlertStall, From: w.clock.Now().Add(-time.Hour), To: w.clock.Now()}
		a.alert(ctx, stall)
		time.Sleep(5 * saveEvery)
		w.life.store.Fail(nil)
		time.Sleep(2 * saveEvery)
		w.clock.set(w.clock.Now().Add(2 * time.Minute)) // a stall is told when late reminders have left
		if got := told(); !strings.Contains(got, "I was not working for about 1 hour") {
			w.t.Errorf("the owner is told %q", got)
		}
		a.alert(ctx, stall)
		w.clock.set(w.clock.Now().Add(2 * time.Minute))
		time.Sleep(2 * saveEvery)
		if got := told(); got != "" {
			w.t.Errorf("the owner is told again: %q", got)
		}
	})
}

// TestAnAlertIsKeptWithinBounds has the store away for long.
func TestAnAlertIsKeptWithinBounds(t *testing.T) {
	t.Parallel()
	var v vigil
	for range 3 * mostUntold {
		v.keep(handlers.Alert{})
	}
	if n := len(v.take()); n != mostUntold || v.take() != nil {
		t.Errorf("%d alerts are kept, want %d, and none after they were taken", n, mostUntold)
	}
}

// TestALastingTrouble is told once, whoever looks and for however many days, until it was over and has come back.
func TestALastingTrouble(t *testing.T) {
	t.Parallel()
	alarmed(t, func(w *world, told func() string) {
		// Of this kind the bot itself notes nothing, and what the test noted it leaves alone.
		trouble := handlers.Alert{Kind: handlers.AlertClock, Jump: 90 * time.Second}
		for _, step := range []struct {
			name  string
			wrong bool
			told  bool
		}{
			{"all is well", false, false}, {"it begins", true, true}, {"it lasts", true, false}, {"it lasts over a restart", true, false},
			{"it is over", false, false}, {"it comes back on the same day", true, true}, {"it lasts again", true, false},
		} {
			if strings.Contains(step.name, "restart") {
				w.stop()
				w.clock.set(w.clock.Now().Add(72 * time.Hour))
				w.start()
			}
			w.clock.set(w.clock.Now().Add(time.Hour))
			w.life.app.lasting(w.t.Context(), step.wrong, trouble)
			w.life.app.runner.Wake()
			time.Sleep(2 * time.Second)
			if got := told(); strings.Contains(got, "jumped forward by 90 s") != step.told {
				w.t.Errorf("%s: the owner is told %q", step.name, got)
			}
		}
	})
}

// TestAWrongClock has Telegram tell another time than the machine. The bot's own clock is stepped, and has no part in it.
func TestAWrongClock(t *testing.T) {
	t.Parallel()
	alarmed(t, func(w *world, told func() string) {
		var ahead time.Duration
		w.stop()
		w.ahead = func() time.Duration { return ahead }
		w.start()
		for _, step := range []struct {
			name  string
			ahead time.Duration
			want  string // "" = nothing
		}{
			{"it is right", 0, ""},
			{"it is five minutes ahead", 5 * time.Minute, "300 s ahead of that of Telegram"},
			{"it still is", 5 * time.Minute, ""},
			{"it is right again", 2 * time.Second, ""},
			{"it is behind", -5 * time.Minute, "s behind that of Telegram"},
		} {
			ahead = step.ahead
			w.clock.set(w.clock.Now().Add(time.Minute))
			if err := w.life.app.wire.Ping(w.t.Context()); err != nil {
				w.t.Fatal(err)
			}
			w.life.app.watchClock(w.t.Context())
			w.life.app.runner.Wake()
			time.Sleep(2 * time.Second)
			if got := told(); (got == "") != (step.want == "") || !strings.Contains(got, step.want) {
				w.t.Errorf("%s: the owner is told %q, want %q", step.name, got, step.want)
			}
		}
	})
}

// TestServeTellsOfAWrongClock runs the real binary beside a Telegram whose clock is hours behind.
func TestServeTellsOfAWrongClock(t *testing.T) {
	t.Parallel()
	e, data := newExchange(t), shortDir(t)
	owner := e.person(1)
	withStore(t, data, nil, func(ctx context.Context, s *store.Store) error {
		return settle(ctx, s, owner, func(p *store.Person) { p.Role = store.Owner })
	})
	url := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(-3*time.Hour).UTC().Format(http.TimeFormat))
		e.ServeHTTP(w, r)
	}))
	p := e.serve(data, "TELEGRAM_API_URL="+url)
	p.says("the clock of this machine is wrong")
	e.gets(owner, 0, "ahead of that of Telegram")
	p.stop()
}
