package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"recbot/bot/sim"
	"recbot/store"
)

// An update whose handler was cut off by a crash stands in the store, was confirmed to Telegram, and is answered by the next
// process.
func TestKeptUpdatesAreResumed(t *testing.T) {
	t.Parallel()
	alarmed(t, func(w *world, told func() string) {
		told()
		s := w.life.app.store
		owner := w.people["olga"]
		raw := fmt.Appendf(nil, `{"update_id":4711,"message":{"message_id":9,"date":%d,"text":"/help","from":{"id":%d,"first_name":"O"},`+
			`"chat":{"id":%[2]d,"type":"private"},"entities":[{"type":"bot_command","offset":0,"length":5}]}}`, w.clock.Now().Unix(), owner)
		if err := s.SaveIntent(w.t.Context(), store.ChatID(owner), 4711, raw, w.clock.Now().Add(-time.Minute)); err != nil {
			w.t.Fatal(err)
		}
		w.crash()
		w.start()
		time.Sleep(3 * time.Minute)
		if got := told(); !strings.Contains(got, "/meetings") {
			w.t.Errorf("told %q", got)
		}
	})
}

// What the bot does shows in its metrics.
func TestMetricsAreFed(t *testing.T) {
	t.Parallel()
	alarmed(t, func(w *world, told func() string) {
		owner, tries := w.people["olga"], 0
		w.sim.OnCall(func(c sim.Call) *sim.Fault {
			if tries++; c.Method == "sendMessage" && tries < 3 {
				return sim.Flood(2)
			}
			return nil
		})
		if err := w.sim.Say(owner, "/help"); err != nil {
			w.t.Fatal(err)
		}
		told()
		time.Sleep(time.Minute)
		if err := w.life.app.tick(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		page := httptest.NewRecorder()
		w.life.app.metrics.Handler().ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		for _, want := range []string{
			`recbot_updates_total{kind="command"}`, `recbot_handler_seconds_count{command="help"}`, `recbot_letters_total{class="reply",fate="sent"}`,
			`recbot_floods_total`, `recbot_leader`, `recbot_last_tick_timestamp_seconds`, `recbot_bulk_rate`,
		} {
			fed := false
			for line := range strings.Lines(page.Body.String()) {
				if rest, ok := strings.CutPrefix(line, want+" "); ok && strings.TrimSpace(rest) != "0" {
					fed = true
				}
			}
			if !fed {
				w.t.Errorf("%s is not fed", want)
			}
		}
	})
}
