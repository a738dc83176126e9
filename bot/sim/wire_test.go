package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"
)

// converse drives the real library against sim: somebody starts the bot, it answers with a button, the button is
// pressed, the message is edited, and a document comes. It gives what stands in the chat in the end.
func converse(t *testing.T, s *Server, options ...tg.Option) []string {
	t.Helper()
	pressed := make(chan struct{})
	options = append(options, tg.WithNotAsyncHandlers(), tg.WithErrorsHandler(func(err error) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the library: %v", err)
		}
	}), tg.WithDefaultHandler(func(ctx context.Context, b *tg.Bot, u *models.Update) {
		if u.CallbackQuery != nil {
			answerPress(ctx, t, b, u.CallbackQuery)
			close(pressed)
			return
		}
		_, err := b.SendMessage(ctx, &tg.SendMessageParams{ChatID: u.Message.Chat.ID, ParseMode: models.ParseModeHTML,
			Text: "Hello, <b>" + u.Message.From.FirstName + "</b>", ReplyMarkup: models.InlineKeyboardMarkup{
				InlineKeyboard: [][]models.InlineKeyboardButton{{{Text: "Yes", CallbackData: "y:1"}, {Text: "Site", URL: "https://example.org"}}}}})
		if err != nil {
			t.Errorf("sendMessage: %v", err)
		}
		if err := s.PressLabel(dilnoza, "Yes"); err != nil {
			t.Error(err)
		}
	}))
	b, err := tg.New(Token, options...)
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { b.Start(ctx) })
	s.Join(Person{ID: dilnoza, Name: "Dilnoza", Locale: "uz"})
	must(t, s.Start(dilnoza, ""))
	select {
	case <-pressed:
	case <-time.After(time.Minute):
		t.Fatal("the press did not come")
	}
	stop()
	running.Wait()
	return chatLines(s)
}

func answerPress(ctx context.Context, t *testing.T, b *tg.Bot, q *models.CallbackQuery) {
	t.Helper()
	chat, message := q.Message.Message.Chat.ID, q.Message.Message.ID
	_, err := b.AnswerCallbackQuery(ctx, &tg.AnswerCallbackQueryParams{CallbackQueryID: q.ID, Text: "Saved"})
	if err != nil {
		t.Errorf("answerCallbackQuery: %v", err)
	}
	if _, err := b.EditMessageText(ctx, &tg.EditMessageTextParams{ChatID: chat, MessageID: message, Text: "You said " + q.Data}); err != nil {
		t.Errorf("editMessageText: %v", err)
	}
	m, err := b.SendDocument(ctx, &tg.SendDocumentParams{ChatID: chat, Caption: "File", Document: &models.InputFileUpload{
		Filename: "m.ics", Data: bytes.NewReader([]byte("BEGIN:VCALENDAR"))}})
	if err != nil {
		t.Errorf("sendDocument: %v", err)
		return
	}
	_, err = b.SendDocument(ctx, &tg.SendDocumentParams{ChatID: chat, Document: &models.InputFileString{Data: m.Document.FileID}})
	if err != nil {
		t.Errorf("sendDocument again: %v", err)
	}
	if _, err := b.SetMyCommands(ctx, &tg.SetMyCommandsParams{Commands: []models.BotCommand{{Command: "help", Description: "Help"}},
		Scope: &models.BotCommandScopeChat{ChatID: chat}, LanguageCode: "uz"}); err != nil {
		t.Errorf("setMyCommands: %v", err)
	}
}

func chatLines(s *Server) []string {
	var lines []string
	for _, b := range s.History(dilnoza) {
		line := plain(b.Text)
		if b.File != nil {
			f, _ := s.Attached(b.File.ID)
			line += " [" + f.Name + ": " + string(f.Data) + "]"
		}
		lines = append(lines, line)
	}
	for _, m := range s.Menu(dilnoza) {
		lines = append(lines, "/"+m.Command)
	}
	return lines
}

var conversation = []string{"/start", "You said y:1", "File [m.ics: BEGIN:VCALENDAR]", " [m.ics: BEGIN:VCALENDAR]", "/help"}

func TestLibraryOverSockets(t *testing.T) {
	t.Parallel()
	s := New(nil)
	server := httptest.NewServer(s)
	defer server.Close()
	got := converse(t, s, tg.WithServerURL(server.URL))
	if diff := cmp.Diff(conversation, got); diff != "" {
		t.Errorf("chat (-want +got):\n%s", diff)
	}
}

func TestLibraryInBubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := New(time.Now)
		got := converse(t, s, tg.WithHTTPClient(30*time.Second, s))
		if diff := cmp.Diff(conversation, got); diff != "" {
			t.Errorf("chat (-want +got):\n%s", diff)
		}
		synctest.Wait()
		if !s.Idle() && s.Pending() != 1 { // the library confirms an update with the next poll, which never came
			t.Errorf("not idle: %d pending", s.Pending())
		}
	})
}

func TestBodies(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, kind, body string }{
		{"urlencoded", "application/x-www-form-urlencoded; charset=utf-8", "chat_id=11&text=%D1%9E+%26"},
		{"JSON with numbers", "application/json", `{"chat_id":11,"text":"ў &"}`},
		{"JSON with strings", "application/json", `{"chat_id":"11","text":"\u045e &"}`},
		{"multipart", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n11\r\n" +
			"--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nў &\r\n--x--\r\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s, _ := peopled(t)
			req := httptest.NewRequest("POST", "/bot"+Token+"/sendMessage", io.MultiReader(strings.NewReader(tc.body))) // no length: chunked
			req.Header.Set("Content-Type", tc.kind)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, req)
			if d := s.Deliveries(0); w.Code != 200 || len(d) != 1 || d[0].Text != "ў &" {
				t.Errorf("status %d, delivered %+v: %s", w.Code, d, w.Body)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		fault     Fault
		status    int    // 0 = no answer
		says      string // in the answer or the error
		wrote     bool   // the caller could see that the request left
		delivered bool
	}{
		{"nothing wrong", Fault{}, 200, `"ok":true`, true, true},
		{"flood", *Flood(7), 429, `"parameters":{"retry_after":7}`, true, false},
		{"nginx", *BadGateway(), 502, "<center>nginx", true, false},
		{"Telegram's own trouble", *Internal(), 500, `"error_code":500`, true, false},
		{"an error of the test's choice", *Deny(403, "Forbidden: user is deactivated"), 403, "deactivated", true, false},
		{"no connection", Fault{Refuse: true}, 0, "connection refused", false, false},
		{"lost on the way there", Fault{Lose: true}, 0, "connection reset", true, false},
		{"lost on the way back", Fault{Swallow: true}, 0, "connection reset", true, true},
		{"an answer that never comes", Fault{Hang: true}, 0, "deadline exceeded", true, true},
		{"a call that is never made", Fault{Stall: true}, 0, "deadline exceeded", true, false},
		{"an answer that comes too late", Fault{Delay: time.Hour}, 0, "deadline exceeded", true, false},
		{"an answer that comes late", Fault{Delay: time.Second}, 200, `"ok":true`, true, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, _ := peopled(t)
				s.OnCall(func(c Call) *Fault {
					if c.Method == "sendMessage" && c.Chat == dilnoza {
						return &tc.fault
					}
					return nil
				})
				status, says, wrote := attempted(t, s)
				if status != tc.status || !strings.Contains(says, tc.says) || wrote != tc.wrote {
					t.Errorf("got status %d, wrote %v, %q; want %d, %v, %q", status, wrote, says, tc.status, tc.wrote, tc.says)
				}
				if got := len(s.Deliveries(0)) == 1; got != tc.delivered {
					t.Errorf("delivered: %v, want %v", got, tc.delivered)
				}
				if calls := s.Calls(); len(calls) != 1 || calls[0].Params["text"] != "x" {
					t.Errorf("calls: %+v", calls)
				}
			})
		})
	}
}

// attempted sends a message with a deadline and says what a caller sees of it.
func attempted(t *testing.T, s *Server) (status int, says string, wrote bool) {
	t.Helper()
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { wrote = true }})
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	resp, err := s.Do(request(ctx, "sendMessage", `{"chat_id":11,"text":"x"}`))
	if err != nil {
		var u *url.Error
		if !errors.As(err, &u) {
			t.Errorf("%v is not an error of an HTTP client", err)
		}
		return 0, err.Error(), wrote
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(t, err)
	return resp.StatusCode, string(body), wrote
}

func TestFaultsOverSockets(t *testing.T) {
	t.Parallel()
	s, _ := peopled(t)
	server := httptest.NewServer(s)
	defer server.Close()
	post := func() (*http.Response, error) {
		return server.Client().Post(server.URL+"/bot"+Token+"/sendMessage", "application/json", strings.NewReader(`{"chat_id":11,"text":"x"}`))
	}
	s.OnCall(func(Call) *Fault { return &Fault{Swallow: true} })
	if resp, err := post(); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a swallowed answer: %v, %v", resp, err)
	}
	s.OnCall(func(Call) *Fault { return Flood(3) })
	resp, err := post()
	must(t, err)
	defer resp.Body.Close()
	if resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "3" {
		t.Errorf("flood: %s, Retry-After %q", resp.Status, resp.Header.Get("Retry-After"))
	}
	if n := len(s.Deliveries(0)); n != 1 {
		t.Errorf("%d deliveries, want the swallowed one", n)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	s, _ := peopled(t)
	events, stop := s.Watch()
	defer stop()
	seen := make(chan int)
	go func() {
		n := 0
		for range events {
			if n++; n == 100 {
				break
			}
		}
		seen <- n
	}()
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			ask(t, s, "sendMessage", fmt.Sprintf(`{"chat_id":11,"text":"to her %d"}`, i))
			if err := s.Say(oleg, "from him"); err != nil {
				t.Error(err)
			}
			s.Idle()
			s.History(dilnoza)
			s.Deliveries(0)
		})
	}
	all.Wait()
	if n := <-seen; n != 100 {
		t.Errorf("the watcher saw %d changes", n)
	}
	if got := len(updates(t, s, "1")); got != 50 {
		t.Errorf("%d updates wait, want 50", got)
	}
}

func TestWatcherWhoSleepsIsDropped(t *testing.T) {
	t.Parallel()
	s, _ := peopled(t)
	events, stop := s.Watch()
	for range 300 {
		must(t, s.Say(dilnoza, "x"))
	}
	n := 0
	for range events {
		n++
	}
	if n != 256 {
		t.Errorf("%d changes before the end, want 256", n)
	}
	stop() // once more is no harm
}
