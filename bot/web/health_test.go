package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot/web"
)

func get200(t *testing.T, h http.Handler, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
	return w.Code, w.Body.String()
}

func TestHealth(t *testing.T) {
	t.Parallel()
	fine := web.Check{Name: "store", Run: func(context.Context) error { return nil }}
	down := web.Check{Name: "telegram", Run: func(context.Context) error { return errors.New("not reached yet") }}
	mad := web.Check{Name: "leader", Run: func(context.Context) error { panic("mad") }}
	stuck := web.Check{Name: "redis", Run: func(ctx context.Context) error { time.Sleep(time.Hour); return nil }}
	for _, tc := range []struct {
		name   string
		checks []web.Check
		code   int
		body   string
	}{
		{"nothing to check", nil, 200, "ready\n"},
		{"all is well", []web.Check{fine}, 200, "ready\n"},
		{"what is wrong is named, a line each", []web.Check{fine, down, mad}, 503,
			"telegram: not reached yet\nleader: the check panicked: mad\n"},
		{"a check that hangs does not hang the answer", []web.Check{stuck, fine}, 503, "redis: context deadline exceeded\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				more := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(418) })
				h := web.New(web.Options{Checks: tc.checks, Others: map[string]http.Handler{"/more": more}})
				code, body := get200(t, h, "/readyz")
				if diff := cmp.Diff(tc.body, body); code != tc.code || diff != "" {
					t.Errorf("status %d, want %d (-want +got):\n%s", code, tc.code, diff)
				}
				if code, body := get200(t, h, "/healthz"); code != 200 || body != "ok\n" {
					t.Errorf("/healthz: %d %q", code, body)
				}
				if code, _ := get200(t, h, "/more"); code != 418 {
					t.Errorf("what was handed over is answered %d", code)
				}
				if code, _ := get200(t, h, "/metrics"); code != 404 {
					t.Errorf("/metrics without metrics: %d", code)
				}
				time.Sleep(time.Hour) // in the bubble: lets the hanging check end
			})
		})
	}
	h := web.New(web.Options{Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "up 1") })})
	if _, body := get200(t, h, "/metrics"); body != "up 1" {
		t.Errorf("/metrics: %q", body)
	}
}

// remote opens a control socket over do and gives the other end of it.
func remote(t *testing.T, do web.Work) (*web.Remote, string) {
	t.Helper()
	folder := t.TempDir()
	l, err := web.Listen(folder)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: web.Control(do)}
	go func() { _ = server.Serve(l) }() // ends with the server
	t.Cleanup(func() { server.Close() })
	path := filepath.Join(folder, web.SocketName)
	return web.Dial(path), path
}

func TestControl(t *testing.T) {
	t.Parallel()
	r, path := remote(t, web.Work{Import: func(_ context.Context, file io.Reader, dry bool, silent string) (string, error) {
		b, err := io.ReadAll(file)
		if err != nil {
			return "", err
		}
		if string(b) == "wrong" {
			return "", errors.New("line 1, column 1: no meetings\nline 2, column 1: no end")
		}
		return fmt.Sprintf("%s dry=%v silent=%q\n", b, dry, silent), nil
	}})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket's mode is %v, %v", info.Mode(), err)
	}
	if err := r.Health(t.Context()); err != nil {
		t.Errorf("health: %v", err)
	}
	for _, tc := range []struct {
		name, file string
		dry        bool
		silent     string
		want       string
	}{
		{"an import", "a", false, "", "a dry=false silent=\"\"\n"},
		{"a dry run", "a", true, "", "a dry=true silent=\"\"\n"},
		{"a silent one with a reason in any letters", "a", false, "опечатка & co", "a dry=false silent=\"опечатка & co\"\n"},
		{"a wrong file", "wrong", false, "", "error: line 1, column 1: no meetings\nline 2, column 1: no end"},
		{"a file that is too large", strings.Repeat("x", 17<<20), false, "", "error: http: request body too large"},
	} {
		got, err := r.Import(t.Context(), strings.NewReader(tc.file), tc.dry, tc.silent)
		if err != nil {
			got = "error: " + err.Error()
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestControlInvites(t *testing.T) {
	t.Parallel()
	r, _ := remote(t, web.Work{Invite: func(_ context.Context, role string, bodies []string, lasts time.Duration) (string, error) {
		if role == "king" {
			return "", errors.New("no such role")
		}
		return fmt.Sprintf("%s %q %s", role, bodies, lasts), nil
	}})
	for _, tc := range []struct {
		name, role string
		bodies     []string
		want       string
	}{
		{"a role by itself", "organizer", nil, `organizer [] 72h0m0s`},
		{"with bodies", "delegate", []string{"wg-a", "wg-b"}, `delegate ["wg-a" "wg-b"] 72h0m0s`},
		{"with what is refused", "king", nil, "error: no such role"},
	} {
		got, err := r.Invite(t.Context(), tc.role, tc.bodies, 72*time.Hour)
		if err != nil {
			got = "error: " + err.Error()
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestListen(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, web.SocketName)
	if err := web.Dial(path).Health(t.Context()); err == nil || !strings.Contains(err.Error(), "running bot") {
		t.Errorf("nobody listens: %v", err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil { // left behind by a bot that was killed
		t.Fatal(err)
	}
	l, err := web.Listen(folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	deep := filepath.Join(folder, strings.Repeat("d", 100))
	if err := os.Mkdir(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := web.Listen(deep); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("a long path: %v", err)
	}
}
