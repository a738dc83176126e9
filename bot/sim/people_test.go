package sim

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

func TestSayMarksCommands(t *testing.T) {
	t.Parallel()
	s, _ := peopled(t)
	must(t, s.Say(dilnoza, "  👍 ўў /help@recbot_sim_bot x/y  "))
	message, _ := updates(t, s, "0")[0]["message"].(map[string]any)
	want := map[string]any{"type": "bot_command", "offset": 6.0, "length": 20.0}
	if diff := cmp.Diff([]any{want}, message["entities"]); diff != "" {
		t.Errorf("entities (-want +got):\n%s", diff)
	}
	from, _ := message["from"].(map[string]any)
	if message["text"] != "👍 ўў /help@recbot_sim_bot x/y" || from["language_code"] != "uz" || from["id"] != 11.0 {
		t.Errorf("message: %v", message)
	}
}

func TestPeopleMayNot(t *testing.T) {
	t.Parallel()
	s, _ := peopled(t)
	ask(t, s, "sendMessage", `{"chat_id":11,"text":"x","reply_markup":{"inline_keyboard":[[{"text":"Go","url":"https://example.org"}]]}}`)
	must(t, s.Block(oleg, true))
	for _, tc := range []struct {
		name string
		err  error
		want string
	}{
		{"say nothing", s.Say(dilnoza, " \n"), "say 0 characters"},
		{"say too much", s.Say(dilnoza, strings.Repeat("x", 4097)), "say 4097 characters"},
		{"speak while they block the bot", s.Say(oleg, "x"), "has blocked the bot"},
		{"speak without an account", s.Say(99, "x"), "is not in chat"},
		{"speak in a group they are not in", s.SayIn(-1, dilnoza, "x"), "is not in chat"},
		{"press what was never there", s.Press(dilnoza, 1, "x"), "no button"},
		{"press a link", s.PressLabel(dilnoza, "Go"), "opens https://example.org"},
		{"press a label that nobody has", s.PressLabel(dilnoza, "Stop"), "no message has a button"},
	} {
		if tc.err == nil || !strings.Contains(tc.err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.name, tc.err, tc.want)
		}
	}
}

func TestPressAndAnswer(t *testing.T) {
	t.Parallel()
	s, clock := peopled(t)
	ask(t, s, "sendMessage", `{"chat_id":11,"text":"x","reply_markup":{"inline_keyboard":[[{"text":"A","callback_data":"a"}]]}}`)
	id := s.History(dilnoza)[1].Message
	ask(t, s, "editMessageReplyMarkup", encodeText(object{"chat_id": 11, "message_id": id},
		`"reply_markup":{"inline_keyboard":[[{"text":"B","callback_data":"b"}]]}`))
	must(t, s.PressLabel(dilnoza, "B"))
	must(t, s.Press(dilnoza, id, "a")) // her client has not heard of the edit
	ask(t, s, "deleteMessage", encodeText(object{"chat_id": 11, "message_id": id}, `"a":1`))
	must(t, s.Press(dilnoza, id, "b")) // nor of the deletion
	var dates []any
	var queries []string
	for _, u := range updates(t, s, "0") {
		q, _ := u["callback_query"].(map[string]any)
		m, _ := q["message"].(map[string]any)
		dates, queries = append(dates, m["date"]), append(queries, either(q["id"]))
	}
	if diff := cmp.Diff([]any{1.7960976e9, 1.7960976e9, 0.0}, dates); diff != "" {
		t.Errorf("dates of the messages, 0 = inaccessible (-want +got):\n%s", diff)
	}
	answer := func(i int, text string) string {
		return verdict(ask(t, s, "answerCallbackQuery", string(encode(object{"callback_query_id": queries[i], "text": text}))))
	}
	const old = "400 Bad Request: query is too old and response timeout expired or query ID is invalid"
	for _, tc := range []struct{ name, got, want string }{
		{"too long a text", answer(0, strings.Repeat("ў", 201)), "400 Bad Request: MESSAGE_TOO_LONG"},
		{"the first answer", answer(0, strings.Repeat("ў", 200)), "200"},
		{"the second answer", answer(0, "x"), old},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, tc.got, tc.want)
		}
	}
	clock.Time = clock.Add(queryAge + time.Second)
	if got := answer(1, "x"); got != old {
		t.Errorf("a late answer: %s", got)
	}
}

func TestBlockTellsTheBot(t *testing.T) {
	t.Parallel()
	s, _ := peopled(t)
	must(t, s.Block(dilnoza, true))
	must(t, s.Block(dilnoza, true))
	must(t, s.Block(dilnoza, false))
	var got []string
	for _, u := range updates(t, s, "0") {
		raw := encode(u["my_chat_member"])
		var m struct {
			Old struct{ Status string } `json:"old_chat_member"`
			New struct{ Status string } `json:"new_chat_member"`
		}
		must(t, json.Unmarshal(raw, &m))
		got = append(got, m.Old.Status+" "+m.New.Status)
	}
	if diff := cmp.Diff([]string{"member kicked", "kicked member"}, got); diff != "" {
		t.Errorf("membership (-want +got):\n%s", diff)
	}
	if s.People()[0].Blocked {
		t.Error("Dilnoza still blocks the bot")
	}
}

func TestMedia(t *testing.T) {
	t.Parallel()
	s, _ := peopled(t)
	must(t, s.Sticker(dilnoza))
	must(t, s.Voice(dilnoza))
	must(t, s.Photo(dilnoza))
	for i, kind := range []string{"sticker", "voice", "photo"} {
		m, _ := updates(t, s, "0")[i]["message"].(map[string]any)
		if m[kind] == nil || m["text"] != nil {
			t.Errorf("%s: %v", kind, m)
		}
	}
}

func TestGroupPrivacy(t *testing.T) {
	t.Parallel()
	s, _ := peopled(t)
	s.Gather(group, "WG B", dilnoza, oleg)
	say := func(text string) { t.Helper(); must(t, s.SayIn(group, oleg, text)) }
	say("good morning")
	say("/help")
	say("/help@other_bot")
	say("/help@RecBot_sim_bot")
	ask(t, s, "sendMessage", `{"chat_id":-500,"text":"In private, please"}`)
	say("/agenda")
	say("/agenda")
	want := []string{"my_chat_member", "message /help@RecBot_sim_bot", "message /agenda"}
	if diff := cmp.Diff(want, texts(updates(t, s, "0"))); diff != "" {
		t.Errorf("what the bot hears (-want +got):\n%s", diff)
	}
	if n := len(s.History(group)); n != 7 {
		t.Errorf("%d messages in the group, want 7", n)
	}
	if err := s.Migrate(group, -1_000_000_000_500); err != nil {
		t.Fatal(err)
	}
	list := updates(t, s, "0")[3:]
	for i, field := range []string{"migrate_to_chat_id", "migrate_from_chat_id"} {
		if m, _ := list[i]["message"].(map[string]any); m[field] == nil {
			t.Errorf("no %s in %v", field, m)
		}
	}
	var chat struct{ Type, Title string }
	must(t, json.Unmarshal(ask(t, s, "getChat", `{"chat_id":-1000000000500}`).Result, &chat))
	if chat.Type != "supergroup" || chat.Title != "WG B" {
		t.Errorf("the new chat: %+v", chat)
	}
	if err := s.Migrate(store.ChatID(dilnoza), -2); err == nil {
		t.Error("a private chat moved")
	}
}
