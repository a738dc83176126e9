package telegram

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/bot/metrics"
	"recbot/store"
)

const hookSecret = "only-Telegram_knows"

// known is a client that knows who the bot is, and what it logs.
func known(t *testing.T) (*Client, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	c, err := New(Options{Token: testToken, HTTP: newAPI(), Log: slog.New(slog.NewTextHandler(&log, nil)), Metrics: metrics.New()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Me(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c, &log
}

// cutOff is a body whose connection breaks.
type cutOff struct{}

func (cutOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestWebhookAnswers holds what every kind of request is answered with. Bodies hold the word confidential, which must not be logged.
func TestWebhookAnswers(t *testing.T) {
	t.Parallel()
	whole := strings.Replace(text(7), "t7", "confidential", 1)
	settles := func(context.Context, *bot.Update, json.RawMessage) <-chan struct{} { return settled }
	for _, tc := range []struct {
		name, method, secret string
		body                 io.Reader
		handle               Handle // nil = must not be reached
		want                 int
		retry                string
		poisoned             bool
	}{
		{name: "a settled update is taken", body: strings.NewReader(whole), handle: settles, want: 200},
		{name: "an update that nobody takes comes again soon", body: strings.NewReader(whole), want: 503, retry: "2",
			handle: func(context.Context, *bot.Update, json.RawMessage) <-chan struct{} { return nil }},
		{name: "one that is never settled comes again", body: strings.NewReader(whole), want: 503, retry: "2",
			handle: func(context.Context, *bot.Update, json.RawMessage) <-chan struct{} { return make(chan struct{}) }},
		{name: "one that waits for room in vain comes again", body: strings.NewReader(whole), want: 503, retry: "2",
			handle: func(ctx context.Context, _ *bot.Update, _ json.RawMessage) <-chan struct{} { <-ctx.Done(); return nil }},
		{name: "a wrong secret", secret: "guess", body: strings.NewReader(whole), want: 403},
		{name: "no secret", secret: "-", body: strings.NewReader(whole), want: 403},
		{name: "only the beginning of the secret", secret: hookSecret[:5], body: strings.NewReader(whole), want: 403},
		{name: "somebody looks with a browser", method: http.MethodGet, body: http.NoBody, want: 405},
		// The number stands here too, not the constant alone: operations.md names it.
		{name: "an update that is too large by a byte", body: strings.NewReader(strings.Repeat(" ", 1<<20-len(whole)+1) + whole), want: 413},
		{name: "one of just a mebibyte", body: strings.NewReader(strings.Repeat(" ", 1<<20-len(whole)) + whole), handle: settles, want: 200},
		{name: "a body that is cut off", body: cutOff{}, want: 400},
		{name: "poison is passed over", body: strings.NewReader(`{"update_id":8,"message":{"text":5,"caption":"confidential"}}`), want: 200, poisoned: true},
		{name: "what is no JSON is passed over", body: strings.NewReader(`confidential`), want: 200, poisoned: true},
		{name: "what has no number is passed over", body: strings.NewReader(whole[len(`{"update_id":7,`)-1:]), want: 200, poisoned: true},
		{name: "what makes the bot panic is passed over", body: strings.NewReader(whole), want: 200, poisoned: true,
			handle: func(context.Context, *bot.Update, json.RawMessage) <-chan struct{} { panic("no such lane") }},
		{name: "what nobody answers is taken", body: strings.NewReader(`{"update_id":9,"poll":{}}`), want: 200},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, log := known(t)
				handle := tc.handle
				if handle == nil {
					handle = func(context.Context, *bot.Update, json.RawMessage) <-chan struct{} {
						t.Error("it was handed over")
						return settled
					}
				}
				method, secret := tc.method, tc.secret
				if method == "" {
					method = http.MethodPost
				}
				if secret == "" {
					secret = hookSecret
				}
				req := httptest.NewRequest(method, "/telegram/x", tc.body)
				if secret != "-" {
					req.Header.Set(secretHeader, secret)
				}
				w := httptest.NewRecorder()
				c.WebhookHandler(hookSecret, handle).ServeHTTP(w, req)
				if w.Code != tc.want || w.Header().Get("Retry-After") != tc.retry {
					t.Errorf("answered %d, Retry-After %q, want %d, %q", w.Code, w.Header().Get("Retry-After"), tc.want, tc.retry)
				}
				for _, secret := range []string{"confidential", hookSecret, testToken} {
					if strings.Contains(log.String(), secret) {
						t.Errorf("the log holds %q:\n%s", secret, log)
					}
				}
				if counted := strings.Contains(scrape(t, c), "recbot_poisoned_updates_total 1\n"); counted != tc.poisoned {
					t.Errorf("counted as poison: %v, want %v", counted, tc.poisoned)
				}
			})
		})
	}
}

// scrape gives the client's metrics as they are shown.
func scrape(t *testing.T, c *Client) string {
	t.Helper()
	w := httptest.NewRecorder()
	c.metrics.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

func TestWebhookAnswersOnlyWhenSettled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := known(t)
		d := &desk{}
		h := c.WebhookHandler(hookSecret, d.handle)
		bring := func(ctx context.Context, raw string) <-chan int {
			answer := make(chan int, 1)
			req := httptest.NewRequestWithContext(ctx, http.MethodPost, "/telegram/x", strings.NewReader(raw))
			req.Header.Set(secretHeader, hookSecret)
			go func() {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, req)
				answer <- w.Code
			}()
			synctest.Wait()
			return answer
		}
		first := bring(t.Context(), text(1))
		gone, leave := context.WithCancel(t.Context())
		second := bring(gone, text(2))
		if len(first)+len(second) != 0 {
			t.Error("an update is answered before it is settled")
		}
		leave()
		if got := <-second; got == http.StatusOK {
			t.Error("an update is taken although Telegram went away before it was settled")
		}
		d.settle(1)
		if got := <-first; got != http.StatusOK {
			t.Errorf("a settled update is answered %d", got)
		}
		if diff := cmp.Diff([]store.UpdateID{1, 2}, d.taken()); diff != "" {
			t.Errorf("handed over (-want +got):\n%s", diff)
		}
	})
}

// pipes is a listener without sockets, so that its connections wait by a bubble's clock.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// TestWebhookWaitsForNoSlowBody sends half a body and then nothing, as somebody does who wants to tie the bot's hands; and
// a whole one whose update takes longer to be settled than a body may.
func TestWebhookWaitsForNoSlowBody(t *testing.T) {
	t.Parallel()
	slowly := func(_ context.Context, _ *bot.Update, _ json.RawMessage) <-chan struct{} {
		done := make(chan struct{})
		time.AfterFunc(2*bodyPatience, func() { close(done) })
		return done
	}
	for _, tc := range []struct {
		name, secret string
		length       int
		want         string
	}{
		{"a stranger", "guess", len(text(1)) + 5, "403 Forbidden"},
		{"somebody who knows the secret", hookSecret, len(text(1)) + 5, "400 Bad Request"},
		{"a slow update is another matter", hookSecret, len(text(1)), "200 OK"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, _ := known(t)
				server := &http.Server{Handler: c.WebhookHandler(hookSecret, slowly)}
				line := make(pipes)
				go func() { _ = server.Serve(line) }() // ends with Close
				defer server.Close()
				here, there := net.Pipe()
				defer here.Close()
				line <- there
				began := time.Now()
				if _, err := fmt.Fprintf(here, "POST /x HTTP/1.1\r\nHost: x\r\n%s: %s\r\nContent-Length: %d\r\n\r\n%s",
					secretHeader, tc.secret, tc.length, text(1)); err != nil {
					t.Fatal(err)
				}
				answer, err := bufio.NewReader(here).ReadString('\n')
				if took := time.Since(began); !strings.Contains(answer, tc.want) || took > 2*bodyPatience {
					t.Errorf("answered %q (%v) after %v, want %s", answer, err, took, tc.want)
				}
			})
		})
	}
}

func TestWebhookTakesNothingBeforeTheBotKnowsItsName(t *testing.T) {
	t.Parallel()
	c := newClient(t, newAPI())
	req := httptest.NewRequest(http.MethodPost, "/telegram/x", strings.NewReader(text(1)))
	req.Header.Set(secretHeader, hookSecret)
	w := httptest.NewRecorder()
	c.WebhookHandler(hookSecret, (&desk{}).handle).ServeHTTP(w, req)
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("answered %d", w.Code)
	}
}

// info is the answer of getWebhookInfo.
func info(url, more string) string {
	return `{"ok":true,"result":{"url":"` + url + `","max_connections":40` + more + `,"has_custom_certificate":false,"pending_update_count":0}}`
}

// TestKeepWebhook runs for as long as it takes to look twice.
func TestKeepWebhook(t *testing.T) {
	t.Parallel()
	const kinds = `,"allowed_updates":["my_chat_member","callback_query","message"]`
	const ours, done = "https://bot.example/telegram/x", `{"ok":true,"result":true}`
	set := heard{"setWebhook", map[string]string{"url": ours, "secret_token": hookSecret, "max_connections": "40",
		"allowed_updates": `["message","callback_query","my_chat_member"]`}}
	look := heard{"getWebhookInfo", map[string]string{}}
	for _, tc := range []struct {
		name     string
		lasts    time.Duration // 0 = 90 s, in which one that is right is looked at twice
		infos    []string
		sets     []string
		want     []heard
		standing []bool
		log      string
	}{
		{name: "one that is right is left alone", infos: []string{info(ours, kinds), info(ours, kinds)},
			want: []heard{look, look}, standing: []bool{true, true}},
		{name: "none is set", lasts: 15 * time.Second, infos: []string{info("", ""), info(ours, kinds)}, sets: []string{done},
			want: []heard{look, set, look}, standing: []bool{true, true}},
		{name: "other kinds of updates are asked for", infos: []string{info(ours, ""), info(ours, kinds)}, sets: []string{done},
			want: []heard{look, set, look}, standing: []bool{true, true}},
		{name: "somebody takes it away", lasts: 65 * time.Second, infos: []string{info(ours, kinds), info("https://evil.example", kinds)}, sets: []string{done},
			want: []heard{look, look, set}, standing: []bool{true, true}, log: "to another address"},
		{name: "a refusal is told and tried again", lasts: 15 * time.Second, infos: []string{info("", ""), info("", "")},
			sets: []string{no(400, "Bad Request: bad webhook: Failed to resolve host"), done},
			want: []heard{look, set, look, set}, standing: []bool{false, true}, log: "Failed to resolve host"},
		{name: "an outage is waited out", infos: []string{"<html>", info(ours, kinds), info(ours, kinds)},
			want: []heard{look, look, look}, standing: []bool{true, true}},
		{name: "what Telegram complains of is told", infos: []string{info(ours, kinds+`,"last_error_date":5,"last_error_message":"Wrong response from the webhook: 502 Bad Gateway"`), info(ours, kinds)},
			want: []heard{look, look}, standing: []bool{true, true}, log: "502 Bad Gateway"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				wire := &recorder{answers: map[string][]string{"getWebhookInfo": tc.infos, "setWebhook": tc.sets}}
				var log bytes.Buffer
				c, err := New(Options{Token: testToken, HTTP: wire, Log: slog.New(slog.NewTextHandler(&log, nil))})
				if err != nil {
					t.Fatal(err)
				}
				lasts := tc.lasts
				if lasts == 0 {
					lasts = 90 * time.Second
				}
				ctx, stop := context.WithTimeout(t.Context(), lasts)
				defer stop()
				var standing []bool
				if err := c.KeepWebhook(ctx, Webhook{ours, hookSecret}, func(set bool) { standing = append(standing, set) }); err != nil {
					t.Errorf("it ended with %v", err)
				}
				if diff := cmp.Diff(tc.want, wire.heard); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tc.standing, standing); diff != "" {
					t.Errorf("standing (-want +got):\n%s", diff)
				}
				if !strings.Contains(log.String(), tc.log) || strings.Contains(log.String(), hookSecret) {
					t.Errorf("the log lacks %q or holds the secret:\n%s", tc.log, &log)
				}
			})
		})
	}
}

func TestKeepWebhookEndsWithAWrongToken(t *testing.T) {
	t.Parallel()
	wire := &recorder{answers: map[string][]string{"getWebhookInfo": {no(401, "Unauthorized")}}}
	err := newClient(t, wire).KeepWebhook(t.Context(), Webhook{"https://bot.example", hookSecret}, func(bool) {})
	if !errors.Is(err, ErrUnauthorized) {
		t.Errorf("got %v, want %v", err, ErrUnauthorized)
	}
}

// TestDerivedSecretsAndPaths pins values that all replicas, old and new ones, must agree on.
func TestDerivedSecretsAndPaths(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, got, want string }{
		{"the secret of a token", WebhookSecret("1:a"), "WCsDGlh5oCFOD--xnPIlC5zsDDrA_WQb6Nw-5FTurxs"},
		{"the path of a token and a secret", WebhookPath("1:a", "s"), "/telegram/gtjdmtrkxTVC0_R9BREPBp"},
		{"another secret has another path", WebhookPath("1:a", "t"), "/telegram/3bZMH5sm3Tra09OmyJXzp4"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, tc.got, tc.want)
		}
	}
}
