package sim

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// hooked is a bot with a webhook: it notes what is brought and answers as the test says.
type hooked struct {
	mu     sync.Mutex
	got    []string
	secret string
	answer func(text string) (status int, retryAfter string) // status 0 = the connection breaks
}

func (h *hooked) Do(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	var u map[string]any
	if err := json.Unmarshal(body, &u); err != nil {
		return nil, err
	}
	text := texts([]map[string]any{u})[0]
	h.mu.Lock()
	h.got, h.secret = append(h.got, text), req.Header.Get("X-Telegram-Bot-Api-Secret-Token")
	status, retryAfter := h.answer(text)
	h.mu.Unlock()
	if status == 0 {
		return nil, errors.New("reset")
	}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: http.NoBody,
		Header: http.Header{"Retry-After": {retryAfter}}}, nil
}

// taken gives what was brought since it was last asked.
func (h *hooked) taken() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	got := h.got
	h.got = nil
	return got
}

// deliver begins to bring updates; they are brought until the test ends.
func deliver(t *testing.T, s *Server, h *hooked) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { s.Deliver(ctx, Courier{HTTP: h, Pause: time.Second, Longest: time.Minute}) })
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
}

func TestWebhookBringsInOrderUntilTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := peopled(t)
		fails := map[string]int{"message one": 2} // tries that are refused
		h := &hooked{answer: func(text string) (int, string) {
			if fails[text] > 0 {
				fails[text]--
				return http.StatusServiceUnavailable, ""
			}
			return http.StatusOK, ""
		}}
		deliver(t, s, h)
		must(t, s.Say(dilnoza, "one"))
		must(t, s.Say(dilnoza, "two"))
		synctest.Wait()
		if got := h.taken(); got != nil {
			t.Errorf("without a webhook %v was brought", got)
		}
		if r := ask(t, s, "setWebhook", `{"url":"https://bot.example/x","secret_token":"abc_-9"}`); r.Code != 0 {
			t.Fatalf("setWebhook: %+v", r)
		}
		synctest.Wait()
		must(t, s.Say(oleg, "other"))
		time.Sleep(10 * time.Second)
		want := []string{"message one", "message other", "message one", "message one", "message two"}
		if diff := cmp.Diff(want, h.taken()); diff != "" || h.secret != "abc_-9" || !s.Idle() {
			t.Errorf("brought with the secret %q, idle %v (-want +got):\n%s", h.secret, s.Idle(), diff)
		}
		if info := string(ask(t, s, "getWebhookInfo", `{}`).Result); !strings.Contains(info, "Wrong response from the webhook") || strings.Contains(info, "abc") {
			t.Errorf("getWebhookInfo: %s", info)
		}
	})
}

func TestWebhookWaitsAsTheBotAsks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		status int
		after  string
		want   time.Duration // between the first try and the fourth
	}{
		{"left alone the wait doubles", 500, "", 7 * time.Second},
		{"so it does when the connection breaks", 0, "", 7 * time.Second},
		{"the bot's wish counts", 503, "20", 60 * time.Second},
		{"but not beyond the longest wait", 503, "3000", 180 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, _ := peopled(t)
				var tries []time.Time
				h := &hooked{answer: func(string) (int, string) {
					if tries = append(tries, time.Now()); len(tries) == 4 {
						return http.StatusOK, ""
					}
					return tc.status, tc.after
				}}
				s.SetWebhook("https://bot.example/x")
				deliver(t, s, h)
				must(t, s.Say(dilnoza, "x"))
				time.Sleep(time.Hour)
				synctest.Wait()
				if len(tries) != 4 || tries[3].Sub(tries[0]) != tc.want {
					t.Errorf("tried at %v, want %v between the first and the fourth", tries, tc.want)
				}
			})
		})
	}
}

func TestSetWebhookIsStrict(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, params, want string }{
		{"plain http", `{"url":"http://bot.example/x"}`, "HTTPS URL must be provided"},
		{"no host", `{"url":"https:///x"}`, "HTTPS URL must be provided"},
		{"a secret with a space", `{"url":"https://bot.example","secret_token":"a b"}`, "unallowed characters"},
		{"a secret that is too long", `{"url":"https://bot.example","secret_token":"` + strings.Repeat("a", 257) + `"}`, "too long"},
		{"kinds that are no list", `{"url":"https://bot.example","allowed_updates":"message"}`, "can't parse allowed updates"},
	} {
		s, _ := peopled(t)
		if r := ask(t, s, "setWebhook", tc.params); r.Code != 400 || !strings.Contains(r.Description, tc.want) {
			t.Errorf("%s: got %+v, want a refusal with %q", tc.name, r, tc.want)
		}
	}
}
