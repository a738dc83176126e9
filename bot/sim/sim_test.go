package sim

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/store"
)

const (
	dilnoza = 11
	oleg    = 12
	visitor = 13 // has never started the bot
	group   = -500
)

// stopped is a clock that the test moves.
type stopped struct{ time.Time }

func (c *stopped) now() time.Time { return c.Time }

// peopled makes a Telegram in which Dilnoza and Oleg have started the bot; the updates of that are confirmed.
func peopled(t testing.TB) (*Server, *stopped) {
	t.Helper()
	clock := &stopped{time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC)}
	s := New(clock.now)
	s.Join(Person{ID: dilnoza, Name: "Dilnoza", Locale: "uz"}, Person{ID: oleg, Name: "Oleg"}, Person{ID: visitor, Name: "Ann"})
	must(t, s.Start(dilnoza, ""))
	must(t, s.Start(oleg, "invite-1"))
	ask(t, s, "getUpdates", `{"offset":-1}`)
	ask(t, s, "getUpdates", `{"offset":1000000}`)
	return s, clock
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// result is an answer of the Bot API.
type result struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		Migrate    int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// ask makes a call with JSON parameters through Do.
func ask(t testing.TB, s *Server, method, params string) result {
	t.Helper()
	return askCtx(t, t.Context(), s, method, params)
}

func askCtx(t testing.TB, ctx context.Context, s *Server, method, params string) result {
	t.Helper()
	resp, err := s.Do(request(ctx, method, params))
	if err != nil {
		t.Fatalf("%s %s: %v", method, params, err)
	}
	defer resp.Body.Close()
	var r result
	must(t, json.NewDecoder(resp.Body).Decode(&r))
	if want := r.Code; !r.OK && resp.StatusCode != want {
		t.Errorf("%s: HTTP status %d with error_code %d", method, resp.StatusCode, want)
	}
	return r
}

func request(ctx context.Context, method, params string) *http.Request {
	req := httptest.NewRequestWithContext(ctx, "POST", "/bot"+Token+"/"+method, strings.NewReader(params))
	req.Header.Set("Content-Type", "application/json")
	return req
}

// updates gives what the bot would receive from offset on.
func updates(t testing.TB, s *Server, offset string) []map[string]any {
	t.Helper()
	var list []map[string]any
	must(t, json.Unmarshal(ask(t, s, "getUpdates", `{"offset":`+offset+`}`).Result, &list))
	return list
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s, clock := peopled(t)
	must(t, s.Say(dilnoza, "hello"))
	hers := s.History(dilnoza)[1].Message
	ask(t, s, "sendMessage", `{"chat_id":11,"text":"old"}`)
	clock.Time = clock.Add(49 * time.Hour)
	ask(t, s, "sendMessage", `{"chat_id":11,"text":"<b>new</b>","parse_mode":"HTML"}`)
	ask(t, s, "sendDocument", `{"chat_id":11,"document":"none"}`)
	last := s.History(dilnoza)
	old, fresh := last[2].Message, last[3].Message
	s.Gather(group, "WG B", dilnoza)
	s.Gather(-600, "WG C", dilnoza)
	must(t, s.Kick(group, dilnoza))
	must(t, s.Migrate(-600, -1_000_000_000_600))
	must(t, s.Block(oleg, true))
	s.Join(Person{ID: 14, Name: "Gone"})
	s.Deactivate(14)

	long := strings.Repeat("ў", 4096)
	keys := func(button string) string {
		return `{"chat_id":11,"text":"x","reply_markup":{"inline_keyboard":[[` + button + `]]}}`
	}
	edit := func(message int, rest string) string {
		return encodeText(object{"chat_id": 11, "message_id": message}, rest)
	}
	for _, tc := range []struct {
		name, method, params, want string
	}{
		{"no chat", "sendMessage", `{"text":"x"}`, "400 Bad Request: chat_id is empty"},
		{"a chat that does not exist", "sendMessage", `{"chat_id":99,"text":"x"}`, "400 Bad Request: chat not found"},
		{"a chat that is no number", "sendMessage", `{"chat_id":"@who","text":"x"}`, "400 Bad Request: chat not found"},
		{"a person who never started the bot", "sendMessage", `{"chat_id":13,"text":"x"}`,
			"403 Forbidden: bot can't initiate conversation with a user"},
		{"a person who blocked it", "sendMessage", `{"chat_id":12,"text":"x"}`, "403 Forbidden: bot was blocked by the user"},
		{"a deleted account", "sendMessage", `{"chat_id":14,"text":"x"}`, "403 Forbidden: user is deactivated"},
		{"a group that removed it", "sendMessage", `{"chat_id":-500,"text":"x"}`, "403 Forbidden: bot was kicked from the group chat"},
		{"a group that moved", "sendMessage", `{"chat_id":-600,"text":"x"}`,
			"400 Bad Request: group chat was upgraded to a supergroup chat"},
		{"no text", "sendMessage", `{"chat_id":11}`, "400 Bad Request: message text is empty"},
		{"blanks only", "sendMessage", `{"chat_id":11,"text":" \n<b> </b>","parse_mode":"HTML"}`, "400 Bad Request: message text is empty"},
		{"4096 Cyrillic letters fit", "sendMessage", `{"chat_id":11,"text":"` + long + `"}`, "200"},
		{"tags and blanks around do not count", "sendMessage",
			`{"chat_id":11,"parse_mode":"HTML","text":" <b>` + long + `</b>\n"}`, "200"},
		{"4097 letters do not fit", "sendMessage", `{"chat_id":11,"text":"` + long + `x"}`, "400 Bad Request: message is too long"},
		{"an emoji counts as two", "sendMessage", `{"chat_id":11,"text":"` + long[2:] + `👍"}`, "400 Bad Request: message is too long"},
		{"a parse mode that is not HTML", "sendMessage", `{"chat_id":11,"text":"x","parse_mode":"Markdown"}`,
			"400 Bad Request: unsupported parse_mode"},
		{"an open tag", "sendMessage", `{"chat_id":11,"text":"<b>x","parse_mode":"HTML"}`,
			`400 Bad Request: can't parse entities: Can't find end tag corresponding to start tag "b"`},
		{"64 bytes of data fit", "sendMessage", keys(`{"text":"a","callback_data":"` + strings.Repeat("ф", 32) + `"}`), "200"},
		{"65 bytes do not", "sendMessage", keys(`{"text":"a","callback_data":"` + strings.Repeat("ф", 32) + `x"}`),
			"400 Bad Request: BUTTON_DATA_INVALID"},
		{"a button without action", "sendMessage", keys(`{"text":"a","callback_data":"","copy_text":{"text":""}}`),
			"400 Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"},
		{"a button with two actions", "sendMessage", keys(`{"text":"a","callback_data":"x","url":"https://example.org"}`),
			"400 Bad Request: can't parse inline keyboard button: exactly one action field must be used"},
		{"a button without text", "sendMessage", keys(`{"callback_data":"x"}`),
			`400 Bad Request: can't parse inline keyboard button: Can't find field "text"`},
		{"a button with blanks for text", "sendMessage", keys(`{"text":" ","callback_data":"x"}`),
			"400 Bad Request: inline keyboard button text is empty"},
		{"a button to nowhere", "sendMessage", keys(`{"text":"a","url":"not-a-url"}`),
			"400 Bad Request: inline keyboard button URL 'not-a-url' is invalid: Wrong HTTP URL"},
		{"a button to a script", "sendMessage", keys(`{"text":"a","url":"javascript:alert(1)"}`),
			"400 Bad Request: inline keyboard button URL 'javascript:alert(1)' is invalid: Unsupported URL protocol"},
		{"nine buttons in a row", "sendMessage", keys(strings.Repeat(`{"text":"a","callback_data":"x"},`, 8) + `{"text":"a","callback_data":"x"}`),
			"400 Bad Request: reply markup is too long"},
		{"a markup that is none", "sendMessage", `{"chat_id":11,"text":"x","reply_markup":{}}`,
			"400 Bad Request: object expected as reply markup"},
		{"a document that nobody sent", "sendDocument", `{"chat_id":11,"document":"file-99"}`,
			"400 Bad Request: wrong file identifier/HTTP URL specified"},
		{"no document", "sendDocument", `{"chat_id":11}`, "400 Bad Request: there is no document in the request"},
		{"a long caption", "sendDocument", `{"chat_id":11,"document":"file-1","caption":"` + long[:2050] + `"}`,
			"400 Bad Request: message caption is too long"},
		{"an edit that changes nothing", "editMessageText", edit(fresh, `"text":" <strong>new</strong>","parse_mode":"HTML"`),
			"400 Bad Request: " + notModified},
		{"an edit of nothing", "editMessageText", edit(9999, `"text":"x"`), "400 Bad Request: message to edit not found"},
		{"an edit of a person's message", "editMessageText", edit(hers, `"text":"x"`), "400 Bad Request: message can't be edited"},
		{"a keyboard that is there already", "editMessageReplyMarkup", edit(fresh, `"a":"b"`), "400 Bad Request: " + notModified},
		{"deleting nothing", "deleteMessage", edit(9999, `"a":"b"`), "400 Bad Request: message to delete not found"},
		{"deleting after two days", "deleteMessage", edit(old, `"a":"b"`), "400 Bad Request: message can't be deleted for everyone"},
		{"an answer to no query", "answerCallbackQuery", `{"callback_query_id":"1"}`,
			"400 Bad Request: query is too old and response timeout expired or query ID is invalid"},
		{"a command in capitals", "setMyCommands", `{"commands":[{"command":"Help","description":"x"}]}`, "400 Bad Request: BOT_COMMAND_INVALID"},
		{"a command without description", "setMyCommands", `{"commands":[{"command":"help","description":""}]}`,
			"400 Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"},
		{"commands of a chat that does not exist", "setMyCommands",
			`{"commands":[],"scope":{"type":"chat","chat_id":99}}`, "400 Bad Request: chat not found"},
		{"a language with a script", "setMyCommands", `{"commands":[],"language_code":"uz-Cyrl"}`,
			"400 Bad Request: invalid language code specified"},
		{"a name of 65 letters", "setMyName", `{"name":"` + long[:130] + `"}`, "400 Bad Request: name is too long"},
		{"an action that nobody knows", "sendChatAction", `{"chat_id":11,"action":"dancing"}`,
			"400 Bad Request: wrong parameter action in request"},
		{"a method that sim does not know", "sendDice", `{"chat_id":11}`, "404 Not Found"},
		{"broken JSON", "sendMessage", `{"chat_id":`, "400 Bad Request: can't parse JSON object"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := ask(t, s, tc.method, tc.params)
			if got := verdict(r); got != tc.want {
				t.Errorf("%s: got %q, want %q", tc.method, got, tc.want)
			}
		})
	}
	if r := ask(t, s, "sendMessage", `{"chat_id":-600,"text":"x"}`); r.Parameters.Migrate != -1_000_000_000_600 {
		t.Errorf("a group that moved: parameters %+v", r.Parameters)
	}
	for _, c := range s.Refusals() {
		if c.Code < 400 || c.Reason == "" {
			t.Errorf("refusal %+v lacks its reason", c)
		}
	}
}

func verdict(r result) string {
	if r.OK {
		return "200"
	}
	return strings.TrimSpace(strings.Join([]string{http.StatusText(0), itoa(r.Code), r.Description}, " "))
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

func encodeText(o object, rest string) string {
	b := string(encode(o))
	return b[:len(b)-1] + "," + rest + "}"
}

func TestTokens(t *testing.T) {
	t.Parallel()
	s, _ := peopled(t)
	for _, tc := range []struct {
		name, path string
		want       int
	}{
		{"the right token, and the method in any case", "/bot" + Token + "/GETME", 200},
		{"a wrong token", "/bot1:x/getMe", 401},
		{"no method", "/bot" + Token, 404},
		{"somewhere else", "/metrics", 404},
	} {
		resp, err := s.Do(httptest.NewRequest("GET", tc.path, nil))
		must(t, err)
		if resp.StatusCode != tc.want {
			t.Errorf("%s: status %d, want %d", tc.name, resp.StatusCode, tc.want)
		}
	}
	s.Revoke()
	if r := ask(t, s, "getMe", "{}"); r.Code != 401 || r.Description != "Unauthorized" {
		t.Errorf("a revoked token: %+v", r)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	s, clock := peopled(t)
	ask(t, s, "sendMessage", `{"chat_id":11,"text":"a &lt; <b>b</b>","parse_mode":"HTML","disable_notification":true,
		"reply_markup":{"inline_keyboard":[[{"text":"Yes","callback_data":"y"}]]}}`)
	first := s.History(dilnoza)[1].Message
	clock.Time = clock.Add(time.Minute)
	ask(t, s, "editMessageText", encodeText(object{"chat_id": 11, "message_id": first}, `"text":"c"`))
	ask(t, s, "sendMessage", `{"chat_id":11,"text":"gone"}`)
	ask(t, s, "deleteMessage", encodeText(object{"chat_id": 11, "message_id": first + 1}, `"a":1`))

	sent := time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC)
	want := []bot.Bubble{
		{Message: first - 2, From: dilnoza, Text: []bot.Node{{Text: "/start"}}, Sent: sent},
		{Message: first, Text: []bot.Node{{Text: "c"}}, Sent: sent, Edited: true, Silent: true},
	}
	if diff := cmp.Diff(want, s.History(dilnoza)); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	got := s.Deliveries(0)
	wantLog := []Delivery{
		{N: 1, Kind: bot.LetterSend, Chat: dilnoza, Message: first, Text: "a < b", HTML: "a &lt; <b>b</b>", Silent: true,
			Rows: [][]bot.Key{{{Label: "Yes", Data: "y"}}}, At: sent},
		{N: 2, Kind: bot.LetterEdit, Chat: dilnoza, Message: first, Text: "c", HTML: "c", Silent: true, At: clock.Time},
		{N: 3, Kind: bot.LetterSend, Chat: dilnoza, Message: first + 1, Text: "gone", HTML: "gone", At: clock.Time},
		{N: 4, Kind: bot.LetterDelete, Chat: dilnoza, Message: first + 1, At: clock.Time},
	}
	if diff := cmp.Diff(wantLog, got); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
	if rest := s.Deliveries(3); len(rest) != 1 || rest[0].N != 4 {
		t.Errorf("deliveries after the third: %+v", rest)
	}
}

func TestMenus(t *testing.T) {
	t.Parallel()
	s, _ := peopled(t)
	set := func(name, rest string) {
		t.Helper()
		r := ask(t, s, "setMyCommands", `{"commands":[{"command":"`+name+`","description":"x"}]`+rest+`}`)
		if !r.OK {
			t.Fatal(r.Description)
		}
	}
	shown := func(who store.PersonID) string {
		var names []string
		for _, m := range s.Menu(who) {
			names = append(names, m.Command)
		}
		return strings.Join(names, " ")
	}
	for _, tc := range []struct {
		name, command, scope  string
		wantDilnoza, wantOleg string
	}{
		{"without scope and language everybody has it", "any", ``, "any", "any"},
		{"the language of the client goes before", "uz", `,"language_code":"uz"`, "uz", "any"},
		{"private chats go before the default", "private", `,"scope":{"type":"all_private_chats"}`, "private", "private"},
		{"the own chat goes before everything", "own", `,"scope":{"type":"chat","chat_id":11}`, "own", "private"},
	} {
		set(tc.command, tc.scope)
		if d, o := shown(dilnoza), shown(oleg); d != tc.wantDilnoza || o != tc.wantOleg {
			t.Errorf("%s: Dilnoza %q, want %q; Oleg %q, want %q", tc.name, d, tc.wantDilnoza, o, tc.wantOleg)
		}
	}
	if r := ask(t, s, "getMyCommands", `{"language_code":"uz"}`); string(r.Result) != `[{"command":"uz","description":"x"}]` {
		t.Errorf("commands in Uzbek: %s", r.Result)
	}
	ask(t, s, "deleteMyCommands", `{"scope":{"type":"chat","chat_id":11}}`)
	if got := shown(dilnoza); got != "private" {
		t.Errorf("after deleting her own menu: %q", got)
	}
	ask(t, s, "setMyDescription", `{"description":"de","language_code":"ru"}`)
	ask(t, s, "setMyDescription", `{"description":"all"}`)
	for code, want := range map[string]string{"ru": `{"description":"de"}`, "en": `{"description":"all"}`} {
		if r := ask(t, s, "getMyDescription", `{"language_code":"`+code+`"}`); string(r.Result) != want {
			t.Errorf("description in %s: %s", code, r.Result)
		}
	}
}
