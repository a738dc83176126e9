package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/store"
)

// heard is a request as a Bot API server reads it.
type heard struct {
	Method string
	Fields map[string]string
}

// recorder answers each request by its method and writes down what it was asked.
type recorder struct {
	mu      sync.Mutex
	heard   []heard
	answers map[string][]string // by method, used up in turn; the last one stays
}

func (r *recorder) Do(req *http.Request) (*http.Response, error) {
	h := heard{path.Base(req.URL.Path), make(map[string]string)}
	if err := req.ParseMultipartForm(1 << 20); err == nil {
		for name, values := range req.MultipartForm.Value {
			h.Fields[name] = values[0]
		}
		for name, files := range req.MultipartForm.File {
			f, _ := files[0].Open()
			data, _ := io.ReadAll(f)
			h.Fields[name] = files[0].Filename + "=" + string(data)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.heard = append(r.heard, h)
	body := `{"ok":true,"result":true}`
	if queue := r.answers[h.Method]; len(queue) > 0 {
		body = queue[0]
		if len(queue) > 1 {
			r.answers[h.Method] = queue[1:]
		}
	}
	var e envelope
	status := 200
	if json.Unmarshal([]byte(body), &e) == nil && e.ErrorCode != 0 {
		status = e.ErrorCode
	}
	return respond(status, body)
}

func no(code int, description string) string {
	return fmt.Sprintf(`{"ok":false,"error_code":%d,"description":%q}`, code, description)
}

const sent = `{"ok":true,"result":{"message_id":41,"date":1,"chat":{"id":5}}}`

func TestSend(t *testing.T) {
	t.Parallel()
	const preview, keys = `{"is_disabled":true}`, `{"inline_keyboard":[[{"text":"Go","callback_data":"fo:rec:1","copy_text":{"text":""}},{"text":"Site","url":"https://example.org","copy_text":{"text":""}}]]}`
	rows := [][]bot.Key{{{Label: "Go", Data: "fo:rec:1"}, {Label: "Site", URL: "https://example.org"}}}
	gone := no(400, "Bad Request: message to edit not found")
	broken := no(400, "Bad Request: can't parse entities: x")
	message := func(text string, more ...string) heard {
		f := map[string]string{"chat_id": "5", "text": text, "parse_mode": "HTML", "link_preview_options": preview}
		for i := 0; i < len(more); i += 2 {
			if f[more[i]] = more[i+1]; more[i+1] == "" {
				delete(f, more[i])
			}
		}
		return heard{"sendMessage", f}
	}
	edit := heard{"editMessageText", map[string]string{"chat_id": "5", "message_id": "9", "text": "<b>a</b>", "parse_mode": "HTML", "link_preview_options": preview}}

	for _, tc := range []struct {
		name    string
		letter  bot.Letter
		answers map[string][]string
		want    bot.Receipt
		heard   []heard
	}{
		{"a message with buttons", bot.Letter{Text: "a", Rows: rows}, map[string][]string{"sendMessage": {sent}},
			bot.Receipt{Fate: bot.FateSent, Message: 41}, []heard{message("a", "reply_markup", keys)}},
		{"a message without sound", bot.Letter{Text: "a", Silent: true}, map[string][]string{"sendMessage": {sent}},
			bot.Receipt{Fate: bot.FateSent, Message: 41}, []heard{message("a", "disable_notification", "true")}},
		{"a reply, which goes also when what it replies to is gone", bot.Letter{Text: "a", Quote: 7}, map[string][]string{"sendMessage": {sent}},
			bot.Receipt{Fate: bot.FateSent, Message: 41}, []heard{message("a", "reply_parameters", `{"message_id":7,"allow_sending_without_reply":true}`)}},
		{"an edit", bot.Letter{Kind: bot.LetterEdit, Target: 9, Text: "<b>a</b>"}, map[string][]string{"editMessageText": {sent}},
			bot.Receipt{Fate: bot.FateSent, Message: 41}, []heard{edit}},
		{"an edit that changes nothing", bot.Letter{Kind: bot.LetterEdit, Target: 9, Text: "<b>a</b>"}, map[string][]string{"editMessageText": {no(400, "Bad Request: message is not modified")}},
			bot.Receipt{Fate: bot.FateSent, Message: 9, Reason: reasonNotModified}, []heard{edit}},
		{"an edit of a message that is gone becomes a new message", bot.Letter{Kind: bot.LetterEdit, Target: 9, Text: "<b>a</b>"},
			map[string][]string{"editMessageText": {gone}, "sendMessage": {sent}},
			bot.Receipt{Fate: bot.FateSent, Message: 41}, []heard{edit, message("<b>a</b>")}},
		{"what cannot be parsed goes without its formatting, once", bot.Letter{Text: "<b>a</b> &lt; b"},
			map[string][]string{"sendMessage": {broken, sent}},
			bot.Receipt{Fate: bot.FateSent, Message: 41}, []heard{message("<b>a</b> &lt; b"), message("a < b", "parse_mode", "")}},
		{"an edit that falls back twice", bot.Letter{Kind: bot.LetterEdit, Target: 9, Text: "<b>a</b>"},
			map[string][]string{"editMessageText": {gone}, "sendMessage": {broken, sent}},
			bot.Receipt{Fate: bot.FateSent, Message: 41}, []heard{edit, message("<b>a</b>"), message("a", "parse_mode", "")}},
		{"a document", bot.Letter{Text: "a", File: &bot.File{Name: "m.ics", Data: []byte("BEGIN")}}, map[string][]string{"sendDocument": {sent}},
			bot.Receipt{Fate: bot.FateSent, Message: 41},
			[]heard{{"sendDocument", map[string]string{"chat_id": "5", "caption": "a", "parse_mode": "HTML", "document": "m.ics=BEGIN"}}}},
		{"a word over the chat", bot.Letter{Kind: bot.LetterToast, Query: "q", Text: "done"}, nil,
			bot.Receipt{Fate: bot.FateSent}, []heard{{"answerCallbackQuery", map[string]string{"callback_query_id": "q", "text": "done"}}}},
		{"a word that comes too late", bot.Letter{Kind: bot.LetterToast, Query: "q"}, map[string][]string{"answerCallbackQuery": {no(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")}},
			bot.Receipt{Fate: bot.FateSent, Reason: "query is too old"}, []heard{{"answerCallbackQuery", map[string]string{"callback_query_id": "q"}}}},
		{"a deletion", bot.Letter{Kind: bot.LetterDelete, Target: 9}, nil,
			bot.Receipt{Fate: bot.FateSent}, []heard{{"deleteMessage", map[string]string{"chat_id": "5", "message_id": "9"}}}},
		{"a menu", bot.Letter{Kind: bot.LetterMenu, Menu: []bot.MenuItem{{Command: "agenda", Description: "Agenda"}}}, nil,
			bot.Receipt{Fate: bot.FateSent}, []heard{{"setMyCommands", map[string]string{
				"commands": `[{"command":"agenda","description":"Agenda"}]`, "scope": `{"type":"chat","chat_id":5}`}}}},
		{"no menu of its own any more", bot.Letter{Kind: bot.LetterMenu}, nil,
			bot.Receipt{Fate: bot.FateSent}, []heard{{"deleteMyCommands", map[string]string{"scope": `{"type":"chat","chat_id":5}`}}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			wire := &recorder{answers: tc.answers}
			tc.letter.Chat = 5
			got := newClient(t, wire).Send(t.Context(), &tc.letter)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("receipt (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.heard, wire.heard); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBrokenFormattingIsLoggedWithoutTheText(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	wire := &recorder{answers: map[string][]string{"sendMessage": {no(400, "Bad Request: can't parse entities: secret"), sent}}}
	c := newClient(t, wire)
	c.log = slog.New(slog.NewTextHandler(&log, nil))
	c.Send(t.Context(), &bot.Letter{Chat: 5, Text: "<x>secret"})
	if got := log.String(); !strings.Contains(got, "level=ERROR") || strings.Contains(got, "secret") {
		t.Errorf("log %q, want an error without the text", got)
	}
}

func TestDeadlinesByClass(t *testing.T) {
	t.Parallel()
	for class, want := range map[store.Class]time.Duration{store.ClassReply: replyTimeout, store.ClassUrgent: bulkTimeout, store.ClassBulk: bulkTimeout} {
		var left time.Duration
		c := newClient(t, do(func(req *http.Request) (*http.Response, error) {
			deadline, _ := req.Context().Deadline()
			left = time.Until(deadline)
			return respond(200, sent)
		}))
		c.Send(context.Background(), &bot.Letter{Chat: 5, Text: "a", Class: class})
		if left > want || left < want-10*time.Second {
			t.Errorf("class %d has %s, want %s", class, left, want)
		}
	}
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	for html, want := range map[string]string{
		"":                                   "",
		"a":                                  "a",
		`<a href="https://x/?a&amp;b">l</a>`: "l",
		"<b>x</b> &amp; <i>y</i>":            "x & y",
		"1 < 2":                              "1 < 2",
	} {
		if got := plainText(html); got != want {
			t.Errorf("plainText(%q) = %q, want %q", html, got, want)
		}
	}
}
