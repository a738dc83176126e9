package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
)

// do is an HTTP client without sockets.
type do func(*http.Request) (*http.Response, error)

func (f do) Do(req *http.Request) (*http.Response, error) { return f(req) }

func respond(status int, body string) (*http.Response, error) {
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body))}, nil
}

func answering(status int, body string) do {
	return func(*http.Request) (*http.Response, error) { return respond(status, body) }
}

func failing(err error) do { return func(*http.Request) (*http.Response, error) { return nil, err } }

// refusing answers as the Bot API does when it refuses.
func refusing(code int, description string) do {
	return answering(code, fmt.Sprintf(`{"ok":false,"error_code":%d,"description":%q}`, code, description))
}

const testToken = "123456:AAbbccdd"

func newClient(t *testing.T, h HTTP) *Client {
	t.Helper()
	c, err := New(Options{Token: testToken, HTTP: h})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const (
	floodBody = `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 17","parameters":{"retry_after":17}}`
	moveBody  = `{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1001234567890}}`
)

func gone(reason string) bot.Receipt     { return bot.Receipt{Fate: bot.FateGone, Reason: reason} }
func rejected(reason string) bot.Receipt { return bot.Receipt{Fate: bot.FateRejected, Reason: reason} }
func harmless(reason string) bot.Receipt { return bot.Receipt{Fate: bot.FateSent, Reason: reason} }
func unknown(reason string) bot.Receipt  { return bot.Receipt{Fate: bot.FateUnknown, Reason: reason} }

func later(reason string) bot.Receipt {
	return bot.Receipt{Fate: bot.FateLater, After: time.Second, Reason: reason}
}

func failed(reason string) bot.Receipt {
	return bot.Receipt{Fate: bot.FateLater, After: time.Second, Failed: true, Reason: reason}
}

// Every row is what Telegram, or something in between, does with a letter, and what the bot makes of it.
var fates = []struct {
	name string
	http do
	want bot.Receipt
}{
	{"it was sent", answering(200, `{"ok":true,"result":{"message_id":7,"date":1,"chat":{"id":5}}}`), bot.Receipt{Fate: bot.FateSent, Message: 7}},
	{"it was sent, and the answer has something the library cannot read", answering(200, `{"ok":true,"result":{"message_id":7,"forward_origin":{"type":"new"}}}`), bot.Receipt{Fate: bot.FateSent, Message: 7}},

	{"the person blocked the bot", refusing(403, "Forbidden: bot was blocked by the user"), gone("bot was blocked by the user")},
	{"the person left Telegram", refusing(403, "Forbidden: user is deactivated"), gone("user is deactivated")},
	{"the person never wrote to the bot", refusing(403, "Forbidden: bot can't initiate conversation with a user"), gone("bot can't initiate conversation with a user")},
	{"the group threw the bot out", refusing(403, "Forbidden: bot was kicked from the supergroup chat"), gone("bot was kicked from the supergroup chat")},
	{"the bot is no member", refusing(403, "Forbidden: bot is not a member of the channel chat"), gone("bot is not a member of the channel chat")},
	{"the group is no more", refusing(403, "Forbidden: the group chat was deleted"), gone("the group chat was deleted")},
	{"there is no such chat", refusing(400, "Bad Request: chat not found"), gone("chat not found")},
	{"there is no such private chat", refusing(400, "Bad Request: private chat not found"), gone("chat not found")},
	{"the peer is invalid, in capitals", refusing(400, "Bad Request: PEER_ID_INVALID"), gone("chat not found")},
	{"the bot may not write", refusing(400, "Bad Request: have no rights to send a message"), gone("no rights to send to the chat")},
	{"the bot may not write, in capitals", refusing(400, "Bad Request: CHAT_WRITE_FORBIDDEN"), gone("no rights to send to the chat")},
	{"the bot may not write texts", refusing(400, "Bad Request: not enough rights to send text messages to the chat"), gone("no rights to send to the chat")},

	{"the group moved", answering(400, moveBody), bot.Receipt{Fate: bot.FateLater, MovedTo: -1001234567890, Reason: "group became a supergroup"}},

	{"an edit changes nothing", refusing(400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"), harmless(reasonNotModified)},
	{"a query is too old", refusing(400, "Bad Request: query is too old and response timeout expired or query ID is invalid"), harmless("query is too old")},
	{"a message to delete is gone", refusing(400, "Bad Request: message to delete not found"), harmless("message to delete not found")},

	{"a message to edit is gone", refusing(400, "Bad Request: message to edit not found"), rejected(reasonNotEditable)},
	{"a message is too old to edit", refusing(400, "Bad Request: message can't be edited"), rejected(reasonNotEditable)},
	{"the HTML is broken", refusing(400, `Bad Request: can't parse entities: Unsupported start tag "Dilnoza" at byte offset 3`), rejected(reasonEntities)},
	{"the message is too long", refusing(400, "Bad Request: message is too long"), rejected("message is too long")},
	{"the message is empty", refusing(400, "Bad Request: message text is empty"), rejected("message text is empty")},
	{"a button is wrong", refusing(400, "Bad Request: BUTTON_DATA_INVALID"), rejected("BUTTON_DATA_INVALID")},
	{"there are too many buttons", refusing(400, "Bad Request: reply markup is too long"), rejected("reply markup is too long")},
	{"the letter is quoted in the answer", refusing(400, `Bad Request: inline keyboard button URL "http://secret" is invalid`), rejected("inline keyboard button URL")},
	{"the request is too large", answering(413, `<html>413 Request Entity Too Large</html>`), rejected("status 413, not from the Bot API")},

	{"the token is wrong", refusing(401, "Unauthorized"), bot.Receipt{Fate: bot.FateUnauthorized, Reason: "Unauthorized"}},
	{"there is no such bot", refusing(404, "Not Found"), bot.Receipt{Fate: bot.FateUnauthorized, Reason: "Not Found"}},
	{"a page of somebody else is not found", answering(404, "404 page not found"), later("status 404, not from the Bot API")},
	{"a proxy wants a password", answering(407, "<html>"), later("status 407, not from the Bot API")},

	{"too many requests", answering(429, floodBody), bot.Receipt{Fate: bot.FateLater, After: 17 * time.Second, Flood: true, Reason: "too many requests"}},
	{"too many requests without a time", refusing(429, "Too Many Requests"), bot.Receipt{Fate: bot.FateLater, After: time.Second, Flood: true, Reason: "too many requests"}},
	{"a load balancer has too many requests", answering(429, "<html>"), bot.Receipt{Fate: bot.FateLater, After: time.Second, Flood: true, Reason: "too many requests"}},
	{"Telegram has an error", refusing(500, "Internal Server Error: restart"), failed("restart")},
	{"Telegram is out of service", refusing(503, "Service Unavailable"), failed("Service Unavailable")},

	{"a bad gateway, as a page", answering(502, "<html><body>502 Bad Gateway</body></html>"), unknown("status 502, not from the Bot API")},
	{"a bad gateway, as JSON", refusing(502, "Bad Gateway"), unknown("Bad Gateway")},
	{"a gateway's timeout, as JSON", refusing(504, "Gateway Timeout"), unknown("Gateway Timeout")},
	{"an internal error, as a page", answering(500, "<html>"), unknown("status 500, not from the Bot API")},
	{"a good status that is no answer", answering(200, "<html>welcome to our hotel"), unknown("status 200, not from the Bot API")},
	{"JSON that is no answer", answering(200, `{"status":"fine"}`), unknown("status 200, not from the Bot API")},

	{"nobody is there", failing(&net.OpError{Op: "dial", Err: errors.New("connection refused")}), later("telegram out of reach: dial: connection refused")},
	{"the connection breaks", failing(io.ErrUnexpectedEOF), unknown("no answer: unexpected EOF")},
	{"the connection is reset", failing(&net.OpError{Op: "read", Err: errors.New("connection reset by peer")}), unknown("no answer: read: connection reset by peer")},
	{"the answer does not come", failing(context.DeadlineExceeded), unknown("no answer: context deadline exceeded")},
}

func TestClassify(t *testing.T) {
	t.Parallel()
	for _, tc := range fates {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for call, letter := range map[string]*bot.Letter{
				"our own":       {Chat: 5, Text: "hello"},
				"the library's": {Chat: 5, Text: "hello", File: &bot.File{ID: "file"}},
			} {
				if diff := cmp.Diff(tc.want, newClient(t, tc.http).send(t.Context(), letter)); diff != "" {
					t.Errorf("receipt of %s call (-want +got):\n%s", call, diff)
				}
			}
		})
	}
}

func TestReasonsQuoteNothing(t *testing.T) {
	t.Parallel()
	for description, want := range map[string]string{
		"":                           "refused",
		"Bad Request: ":              "refused",
		"Bad Request":                "Bad Request",
		"Bad Request: wrong: secret": "wrong",
		"Bad Request: tag <secret>":  "tag",
		"Bad Request: " + strings.Repeat("ў", 200): strings.Repeat("ў", 80),
	} {
		if got := words(description); got != want {
			t.Errorf("words(%q) = %q, want %q", description, got, want)
		}
	}
}

func TestNothingLeavesAfterTheEnd(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := newClient(t, do(func(*http.Request) (*http.Response, error) { panic("a request left") }))
	if got := c.Send(ctx, &bot.Letter{Chat: 5, Text: "hello"}); got.Fate != bot.FateLater {
		t.Errorf("fate %s, want later", got.Fate)
	}
}
