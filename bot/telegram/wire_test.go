package telegram

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
)

// telegramServer is a server on a real socket, for what only sockets can do.
func telegramServer(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return clientOf(t, server.URL)
}

func clientOf(t *testing.T, address string) *Client {
	t.Helper()
	c, err := New(Options{Token: testToken, URL: address})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// hangUp breaks the connection without an answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

func TestResetAfterDeliveryIsUnknown(t *testing.T) {
	t.Parallel()
	delivered := make(chan string, 1)
	c := telegramServer(t, func(w http.ResponseWriter, r *http.Request) {
		delivered <- r.FormValue("text")
		hangUp(w)
	})
	got := c.Send(t.Context(), &bot.Letter{Chat: 5, Text: "hello"})
	if got.Fate != bot.FateUnknown {
		t.Errorf("fate %s (%s), want unknown", got.Fate, got.Reason)
	}
	if text := <-delivered; text != "hello" {
		t.Errorf("delivered %q", text)
	}
}

func TestRefusalsOverRealSockets(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		status int
		body   string
		want   bot.Receipt
	}{
		{"too many requests", 429, `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 3","parameters":{"retry_after":3}}`, bot.Receipt{Fate: bot.FateLater, Flood: true, After: 3 * time.Second, Reason: "too many requests"}},
		{"a page of a gateway", 502, "<html><head><title>502 Bad Gateway</title></head></html>", bot.Receipt{Fate: bot.FateUnknown, Reason: "status 502, not from the Bot API"}},
		{"the group moved", 400, `{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1005}}`, bot.Receipt{Fate: bot.FateLater, MovedTo: -1005, Reason: "group became a supergroup"}},
		{"the bot was blocked", 403, no(403, "Forbidden: bot was blocked by the user"), bot.Receipt{Fate: bot.FateGone, Reason: "bot was blocked by the user"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := telegramServer(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			})
			if diff := cmp.Diff(tc.want, c.Send(t.Context(), &bot.Letter{Chat: 5, Text: "hello"})); diff != "" {
				t.Errorf("receipt (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResetInTheMiddleOfTheAnswerIsUnknown(t *testing.T) {
	t.Parallel()
	c := telegramServer(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"ok":tr`)
	})
	if got := c.Send(t.Context(), &bot.Letter{Chat: 5, Text: "hello"}); got.Fate != bot.FateUnknown {
		t.Errorf("fate %s (%s), want unknown", got.Fate, got.Reason)
	}
}

func TestNobodyListeningIsLater(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String()
	_ = listener.Close()
	got := clientOf(t, address).Send(t.Context(), &bot.Letter{Chat: 5, Text: "hello"})
	if got.Fate != bot.FateLater || got.Flood {
		t.Errorf("receipt %+v, want later", got)
	}
	if strings.Contains(got.Reason, testToken) {
		t.Errorf("the reason has the token: %q", got.Reason)
	}
}

func TestIdleConnectionClosedByTheServerLosesNothing(t *testing.T) {
	t.Parallel()
	n := 0
	c := telegramServer(t, func(w http.ResponseWriter, r *http.Request) {
		n++
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Connection", "close")
		_, _ = fmt.Fprintf(w, `{"ok":true,"result":{"message_id":%d}}`, n)
	})
	for want := 1; want <= 3; want++ {
		if got := c.Send(t.Context(), &bot.Letter{Chat: 5, Text: "hello"}); got.Message != want {
			t.Errorf("receipt %+v, want message %d", got, want)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var followed bool
	c := telegramServer(t, func(w http.ResponseWriter, r *http.Request) {
		followed = followed || r.URL.Path == "/elsewhere"
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	got := c.Send(t.Context(), &bot.Letter{Chat: 5, Text: "hello"})
	if got.Fate != bot.FateLater || followed {
		t.Errorf("receipt %+v, followed %t", got, followed)
	}
}

func TestErrorsHideTheToken(t *testing.T) {
	t.Parallel()
	w := &wire{token: testToken}
	for _, err := range []error{
		&url.Error{Op: "Post", URL: "https://api.telegram.org/bot" + testToken + "/sendMessage", Err: io.EOF},
		fmt.Errorf("a proxy says: %w", errors.New("cannot reach /bot"+testToken+"/getMe")),
	} {
		if got := w.mask(err).Error(); strings.Contains(got, testToken) {
			t.Errorf("the token stands in %q", got)
		}
	}
	if got := w.mask(&url.Error{Err: io.EOF}); !errors.Is(got, io.EOF) {
		t.Errorf("the cause is lost: %v", got)
	}
}

func TestOptionsThatCannotWork(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"no token":                        {},
		"a token that ends in a newline":  {Token: testToken + "\n"},
		"a token that changes the path":   {Token: "1/getMe?"},
		"an address that is none":         {Token: testToken, URL: "api.telegram.org"},
		"an address of another protocol":  {Token: testToken, URL: "ftp://api.telegram.org"},
		"an address that cannot be read ": {Token: testToken, URL: "http://[::1"},
	} {
		_, err := New(o)
		if err == nil || strings.Contains(err.Error(), testToken) {
			t.Errorf("%s: error %v, want one without the token", name, err)
		}
	}
}

// In a broadcast many calls are under way at once. To open a connection for each of them anew would cost several times what
// the call does.
func TestConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	const atOnce, rounds = 100, 3
	var opened atomic.Int64
	together := make(chan chan struct{}, 1) // closed when all letters of a round have come
	var come atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all := <-together
		together <- all
		if come.Add(1)%atOnce == 0 {
			close(all)
		}
		<-all
		_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":1}}`)
	}))
	server.Config.ConnState = func(_ net.Conn, to http.ConnState) {
		if to == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	c := clientOf(t, server.URL)
	for range rounds {
		together <- make(chan struct{})
		var wg sync.WaitGroup
		for range atOnce {
			wg.Go(func() {
				if r := c.Send(t.Context(), &bot.Letter{Chat: 5, Text: "hello"}); r.Fate != bot.FateSent {
					t.Errorf("%+v", r)
				}
			})
		}
		wg.Wait()
		<-together
	}
	// A transport dials ahead now and then, so a few more than are in use may be opened.
	if n := opened.Load(); n > atOnce*3/2 {
		t.Errorf("%d connections were opened for %d calls at once", n, atOnce)
	}
}
