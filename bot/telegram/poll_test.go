package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/bot/metrics"
	"recbot/store"
)

// polling runs Poll in the background; the returned function stops it and gives its error.
func polling(t *testing.T, c *Client, handle Handle) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- c.Poll(ctx, handle, nil) }()
	return func() error { cancel(); return <-result }
}

// eventually waits for something that happens on real sockets.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it did not happen within 10 s: %s", what)
		}
	}
}

func TestOnlyWhatIsSettledIsConfirmed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, d := newAPI(text(11), text(12), text(13)), &desk{}
		stop := polling(t, newClient(t, api), d.handle)
		for _, step := range []struct {
			name   string
			settle []store.UpdateID
			want   []int64
		}{
			{"nothing is settled", nil, []int64{11, 12, 13}},
			{"a later one is settled", []store.UpdateID{12}, []int64{11, 12, 13}},
			{"the first one too", []store.UpdateID{11}, []int64{13}},
			{"all are", []store.UpdateID{13}, []int64{}},
		} {
			d.settle(step.settle...)
			time.Sleep(time.Second)
			if diff := cmp.Diff(step.want, api.unconfirmed()); diff != "" {
				t.Errorf("%s: unconfirmed (-want +got):\n%s", step.name, diff)
			}
		}
		api.add(text(14))
		synctest.Wait()
		if diff := cmp.Diff([]store.UpdateID{11, 12, 13, 14}, d.taken()); diff != "" {
			t.Errorf("taken, each once (-want +got):\n%s", diff)
		}
		if err := stop(); err != nil {
			t.Errorf("stopping gave %v", err)
		}
	})
}

func TestPollAsksPolitely(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, d := newAPI(text(1)), &desk{}
		stop := polling(t, newClient(t, api), d.handle)
		time.Sleep(10 * time.Second)
		if n := api.asked(); n > 51 {
			t.Errorf("asked %d times in 10 s while an update was in hand", n)
		}
		d.settle(1)
		synctest.Wait()
		before := api.asked()
		time.Sleep(49 * time.Second)
		if n := api.asked() - before; n != 0 {
			t.Errorf("asked %d times during a long poll", n)
		}
		_ = stop()
		want := []string{"getMe", `deleteWebhook{"drop_pending_updates":false}`}
		if diff := cmp.Diff(want, api.methods); diff != "" {
			t.Errorf("before polling (-want +got):\n%s", diff)
		}
		last := ask{Offset: 2, Limit: 100, Timeout: 50, Allowed: []string{"message", "callback_query", "my_chat_member"}}
		if diff := cmp.Diff(last, api.asks[len(api.asks)-1]); diff != "" {
			t.Errorf("last question (-want +got):\n%s", diff)
		}
	})
}

func TestNeverMoreThanAHundredInHand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, d := newAPI(), &desk{}
		for id := 1; id <= 150; id++ {
			api.add(text(id))
		}
		stop := polling(t, newClient(t, api), d.handle)
		time.Sleep(5 * time.Second)
		if n := len(d.taken()); n != maxHeld {
			t.Errorf("%d updates in hand, want %d", n, maxHeld)
		}
		if n := api.asked(); n > 2 {
			t.Errorf("asked %d times although there was no room", n)
		}
		d.settle(50) // makes no room: Telegram would give it again
		time.Sleep(time.Second)
		d.settle(1, 2)
		time.Sleep(time.Second)
		if n := len(d.taken()); n != maxHeld+2 {
			t.Errorf("%d updates taken, want %d", n, maxHeld+2)
		}
		_ = stop()
	})
}

func TestNotTakenComesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, n := &desk{settles: true}, 0
		stop := polling(t, newClient(t, newAPI(text(1))), func(ctx context.Context, u *bot.Update, raw json.RawMessage) <-chan struct{} {
			if n++; n < 3 {
				return nil
			}
			return d.handle(ctx, u, raw)
		})
		time.Sleep(time.Minute)
		_ = stop()
		if n != 3 || len(d.taken()) != 1 {
			t.Errorf("offered %d times and taken %d times", n, len(d.taken()))
		}
	})
}

// What is not taken must not be confirmed by something newer that was.
func TestNothingIsTakenBehindWhatWasNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d, full := &desk{settles: true}, true
		stop := polling(t, newClient(t, newAPI(text(1), text(2))), func(ctx context.Context, u *bot.Update, raw json.RawMessage) <-chan struct{} {
			if full {
				full = false
				return nil
			}
			return d.handle(ctx, u, raw)
		})
		time.Sleep(time.Minute)
		_ = stop()
		if diff := cmp.Diff([]store.UpdateID{1, 2}, d.taken()); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
	})
}

func TestPoisonIsPassedOver(t *testing.T) {
	t.Parallel()
	api := newAPI(
		text(1),
		`{"update_id":2,"message":{"message_id":"secret","chat":{"id":5},"from":{"id":5}}}`,
		`{"update_id":3,"message":{"message_id":1,"date":1,"chat":{"id":5},"from":{"id":5},"forward_origin":{"type":"secret"},"text":"x"}}`,
		`{"update_id":4,"my_chat_member":{"chat":{"id":5},"from":{"id":5},"new_chat_member":{"status":"secret"}}}`,
		`{"update_id":5,"of_the_future":{"x":1}}`,
		text(6),
	)
	server := httptest.NewServer(api)
	defer server.Close()
	var log bytes.Buffer
	c := clientOf(t, server.URL)
	c.log, c.metrics = slog.New(slog.NewTextHandler(&log, nil)), metrics.New()
	d := &desk{settles: true}
	stop := polling(t, c, d.handle)
	eventually(t, "everything is confirmed", func() bool { return len(api.unconfirmed()) == 0 })
	_ = stop()
	if diff := cmp.Diff([]store.UpdateID{1, 6}, d.taken()); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
	for _, want := range []string{"update=2 kind=message", "update=3 kind=message", "update=4 kind=my_chat_member"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, &log)
		}
	}
	if strings.Contains(log.String(), "secret") {
		t.Errorf("the log quotes the update:\n%s", &log)
	}
	w := httptest.NewRecorder()
	c.metrics.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if !strings.Contains(w.Body.String(), "_total 3\n") {
		t.Errorf("three poisoned updates are not counted:\n%s", w.Body)
	}
}

// flawed is a way to Telegram that panics on some of its calls.
type flawed struct {
	HTTP
	calls atomic.Int32
}

func (f *flawed) Do(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/getUpdates") && f.calls.Add(1) == 1 {
		panic("no such wire")
	}
	return f.HTTP.Do(r)
}

// A mistake of ours costs the update that brings it to light, or a moment, and never the polling.
func TestPollOutlastsPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, d := newAPI(text(11), text(12), text(13)), &desk{}
		stop := polling(t, newClient(t, &flawed{HTTP: api}), func(ctx context.Context, u *bot.Update, raw json.RawMessage) <-chan struct{} {
			if u.ID == 12 {
				panic("no such lane")
			}
			return d.handle(ctx, u, raw)
		})
		time.Sleep(time.Minute)
		d.settle(11, 13)
		time.Sleep(time.Second)
		if diff := cmp.Diff([]store.UpdateID{11, 13}, d.taken()); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
		if left := api.unconfirmed(); len(left) != 0 {
			t.Errorf("not confirmed: %v", left)
		}
		if err := stop(); err != nil {
			t.Errorf("stopping gave %v", err)
		}
	})
}

func TestAnUpdateWithoutANumberHoldsNothingUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, d := newAPI(text(1), `{"message":{}}`), &desk{settles: true}
		stop := polling(t, newClient(t, api), d.handle)
		time.Sleep(time.Minute)
		if n := api.asked(); n > 70 {
			t.Errorf("asked %d times in a minute", n)
		}
		api.add(text(3))
		time.Sleep(time.Minute)
		_ = stop()
		if diff := cmp.Diff([]store.UpdateID{1, 3}, d.taken()); diff != "" {
			t.Errorf("taken (-want +got):\n%s", diff)
		}
	})
}

func TestCrashBetweenHandlingAndConfirming(t *testing.T) {
	t.Parallel()
	api := newAPI(text(1), text(2))
	server := httptest.NewServer(api)
	defer server.Close()
	first := &desk{}
	stop := polling(t, clientOf(t, server.URL), first.handle)
	eventually(t, "both updates are in hand", func() bool { return len(first.taken()) == 2 })
	first.settle(1)
	eventually(t, "the first is confirmed", func() bool { return len(api.unconfirmed()) == 1 })
	_ = stop() // what was done for the second is lost with this client

	second := &desk{settles: true}
	stop = polling(t, clientOf(t, server.URL), second.handle)
	eventually(t, "everything is confirmed", func() bool { return len(api.unconfirmed()) == 0 })
	_ = stop()
	if diff := cmp.Diff([]store.UpdateID{2}, second.taken()); diff != "" {
		t.Errorf("taken after the crash (-want +got):\n%s", diff)
	}
}

func TestConfirmAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api, d := newAPI(text(1), text(2), text(3)), &desk{}
		c := newClient(t, api)
		if err := c.Confirm(t.Context()); err != nil || api.asked() != 0 {
			t.Errorf("confirming nothing asked %d times: %v", api.asked(), err)
		}
		stop := polling(t, c, d.handle)
		synctest.Wait()
		if err := stop(); err != nil {
			t.Error(err)
		}
		d.settle(1, 2)
		if err := c.Confirm(t.Context()); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]int64{3}, api.unconfirmed()); diff != "" {
			t.Errorf("unconfirmed (-want +got):\n%s", diff)
		}
	})
}

func TestMeWaitsForTelegram(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := true
		api := newAPI()
		c := newClient(t, do(func(req *http.Request) (*http.Response, error) {
			if down {
				return nil, errors.New("connection refused")
			}
			return api.Do(req)
		}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := c.Me(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("an outage gives %v, want to wait until the end", err)
		}
		down = false
		want := Me{ID: 1, Username: "RecBot"}
		if got, err := c.Me(t.Context()); err != nil || got != want {
			t.Errorf("Me gives %v, %v", got, err)
		}
		down = true
		if got, err := c.Me(t.Context()); err != nil || got != want {
			t.Errorf("Me is not remembered: %v, %v", got, err)
		}
	})
}
