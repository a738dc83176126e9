package telegram

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
)

const (
	fromDilnoza = `"from":{"id":5,"is_bot":false,"first_name":"Dilnoza","language_code":"uz"}`
	private     = `"chat":{"id":5,"type":"private"}`
	group       = `"chat":{"id":-7,"type":"supergroup"}`
)

// message is an update with a message in it.
func message(chat, rest string) string {
	return `{"update_id":9,"message":{"message_id":3,"date":1,` + chat + `,` + fromDilnoza + rest + `}}`
}

func command(text string, length int) string {
	quoted, _ := json.Marshal(text)
	entity, _ := json.Marshal([]map[string]any{{"type": "bot_command", "offset": 0, "length": length}})
	return `,"text":` + string(quoted) + `,"entities":` + string(entity)
}

// row is an update as Telegram sends it and as the bot understands it.
type row struct {
	name string
	raw  string
	want *bot.Update
}

func with(change func(*bot.Update)) *bot.Update {
	u := bot.Update{ID: 9, Chat: 5, Private: true, From: 5, Name: "Dilnoza", Locale: "uz", Message: 3, Kind: bot.UpdateText}
	change(&u)
	return &u
}

func said(text, command, args string) *bot.Update {
	return with(func(u *bot.Update) {
		u.Text, u.Command, u.Args = text, command, args
		if command == "" {
			u.HTML = text
		}
	})
}

func inGroup(u *bot.Update) { u.Chat, u.Private = -7, false }

func decodes(t *testing.T, rows []row) {
	t.Helper()
	for _, tc := range rows {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := Decode(json.RawMessage(tc.raw), "RecBot")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("update (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeMessages(t *testing.T) {
	t.Parallel()
	decodes(t, []row{
		{"a text", message(private, `,"text":"повестка"`), said("повестка", "", "")},
		{"a command", message(private, command("/agenda", 7)), said("/agenda", "agenda", "")},
		{"a command with more behind it", message(private, command("/start  inv_x ", 6)), said("/start  inv_x ", "start", "inv_x")},
		{"a command in capitals", message(private, command("/AGENDA", 7)), said("/AGENDA", "agenda", "")},
		{"a command with the bot's name", message(private, command("/agenda@RecBot now", 14)), said("/agenda@RecBot now", "agenda", "now")},
		{"a command with the bot's name in other letters", message(group, command("/agenda@recbot", 14)),
			with(func(u *bot.Update) { inGroup(u); u.Text, u.Command = "/agenda@recbot", "agenda" })},
		{"a command for another bot in a group", message(group, command("/agenda@other", 13)), nil},
		{"a command for another bot in private is an unknown one", message(private, command("/Agenda@Other", 13)), said("/Agenda@Other", "agenda@other", "")},
		{"a command with letters beyond 16 bits behind it", message(private, command("/start 𝒳ў", 6)), said("/start 𝒳ў", "start", "𝒳ў")},
		{"a command that does not stand at the beginning", message(private, `,"text":"ёё /start","entities":[{"type":"bot_command","offset":3,"length":6}]`), said("ёё /start", "", "")},
		{"an entity that ends inside a character", message(private, command("/𝒳", 2)), said("/𝒳", "", "")},
		{"an entity that is longer than the text", message(private, command("/a", 9)), said("/a", "", "")},
		{"an entity of negative length", message(private, command("/a", -1)), said("/a", "", "")},
		{"a slash alone", message(private, command("/", 1)), said("/", "", "")},
		{"a text that looks like a command and is code", message(private, `,"text":"/start","entities":[{"type":"code","offset":0,"length":6}]`), with(func(u *bot.Update) { u.Text, u.HTML = "/start", "<code>/start</code>" })},
		{"a picture with a command under it", message(private, `,"photo":[{"file_id":"x"}],"caption":"/help me","caption_entities":[{"type":"bot_command","offset":0,"length":5}]`), with(func(u *bot.Update) {
			u.Text, u.Command, u.Args, u.File = "/help me", "help", "me", &bot.File{ID: "x", Photo: true}
		})},
		{"a picture", message(private, `,"photo":[{"file_id":"small"},{"file_id":"x"}]`), with(func(u *bot.Update) {
			u.Kind, u.File = bot.UpdateOther, &bot.File{ID: "x", Photo: true}
		})},
		{"a document", message(private, `,"document":{"file_id":"d","file_name":"a.pdf","mime_type":"application/pdf"}`), with(func(u *bot.Update) {
			u.Kind, u.File = bot.UpdateOther, &bot.File{ID: "d", Name: "a.pdf", Mime: "application/pdf"}
		})},
		{"a sticker", message(private, `,"sticker":{"file_id":"x"}`), with(func(u *bot.Update) { u.Kind = bot.UpdateOther })},
		{"a voice message in a group", message(group, `,"voice":{"file_id":"x"}`), with(func(u *bot.Update) { inGroup(u); u.Kind = bot.UpdateOther })},
		{"something that this library does not know", message(private, `,"hologram":{}`), with(func(u *bot.Update) { u.Kind = bot.UpdateOther })},
		{"a pinned message", message(private, `,"pinned_message":{"message_id":2,"date":1,`+private+`}`), nil},
		{"somebody joined a group", message(group, `,"new_chat_members":[{"id":6}]`), nil},
		{"an entity kind that this library does not know", message(private, `,"text":"a","entities":[{"type":"date_time","offset":0,"length":1}]`), said("a", "", "")},
		{"a post of a channel", message(`"chat":{"id":-8,"type":"channel"}`, `,"text":"a"`), nil},
		{"another bot", strings.Replace(message(group, `,"text":"a"`), `"is_bot":false`, `"is_bot":true`, 1), nil},
		{"an administrator who writes for the group", strings.Replace(message(group, `,"sender_chat":{"id":-7,"type":"supergroup"}`+command("/help", 5)), `"is_bot":false`, `"is_bot":true`, 1),
			with(func(u *bot.Update) { inGroup(u); u.Text, u.Command = "/help", "help" })},
		{"a message of nobody", `{"update_id":9,"message":{"message_id":3,"date":1,"text":"a",` + group + `}}`, nil},
		{"a group becomes a supergroup", message(`"chat":{"id":-7,"type":"group"}`, `,"migrate_to_chat_id":-1007`), &bot.Update{ID: 9, Chat: -7, Kind: bot.UpdateMigrated, MovedTo: -1007}},
		{"the other side of that", message(group, `,"migrate_from_chat_id":-6`), nil},
	})
}

func TestDecodeOthers(t *testing.T) {
	t.Parallel()
	pressed := func(change func(*bot.Update)) *bot.Update {
		return with(func(u *bot.Update) { u.Kind, u.Button, u.Query = bot.UpdateButton, "fo:rec:1", "77"; change(u) })
	}
	query := func(message string) string {
		return `{"update_id":9,"callback_query":{"id":"77",` + fromDilnoza + `,"data":"fo:rec:1"` + message + `}}`
	}
	member := func(chat, status string) string {
		return `{"update_id":9,"my_chat_member":{` + chat + `,` + fromDilnoza + `,"date":1,"old_chat_member":{"status":"member"},"new_chat_member":` + status + `}}`
	}
	standing := func(m bot.Membership) *bot.Update {
		return with(func(u *bot.Update) { u.Kind, u.Member, u.Message = bot.UpdateMember, m, 0 })
	}
	decodes(t, []row{
		{"a button", query(`,"message":{"message_id":3,"date":1,` + private + `}`), pressed(func(*bot.Update) {})},
		{"a button of a message that is out of reach", query(`,"message":{"message_id":3,"date":0,` + private + `}`), pressed(func(*bot.Update) {})},
		{"a button in a group", query(`,"message":{"message_id":3,"date":1,` + group + `}`), pressed(inGroup)},
		{"a button of a message somewhere else", query(`,"inline_message_id":"x"`), pressed(func(u *bot.Update) { u.Message = 0 })},
		{"a button without data", `{"update_id":9,"callback_query":{"id":"77",` + fromDilnoza + `}}`, pressed(func(u *bot.Update) { u.Message, u.Button = 0, "" })},

		{"the bot was blocked", member(private, `{"status":"kicked"}`), standing(bot.MemberOut)},
		{"the bot was unblocked", member(private, `{"status":"member"}`), standing(bot.MemberIn)},
		{"the bot left a group", member(group, `{"status":"left"}`), with(func(u *bot.Update) { *u = *standing(bot.MemberOut); inGroup(u) })},
		{"the bot may do little in a group", member(group, `{"status":"restricted","is_member":true}`), with(func(u *bot.Update) { *u = *standing(bot.MemberIn); inGroup(u) })},
		{"the bot was thrown out and restricted", member(group, `{"status":"restricted","is_member":false}`), with(func(u *bot.Update) { *u = *standing(bot.MemberOut); inGroup(u) })},

		{"a kind that was not asked for", `{"update_id":9,"edited_message":{"message_id":3,"date":1,` + private + `}}`, nil},
		{"a kind of the future", `{"update_id":9,"hologram":{}}`, nil},
	})
}

func FuzzDecode(f *testing.F) {
	for _, raw := range []string{
		message(private, command("/start@RecBot 𝒳", 13)),
		message(group, `,"migrate_to_chat_id":-1007`),
		`{"update_id":9,"callback_query":{"id":"77",` + fromDilnoza + `,"data":"fo:rec:1","message":{"message_id":3,"date":0,` + private + `}}}`,
		`{"update_id":9,"my_chat_member":{` + private + `,` + fromDilnoza + `,"new_chat_member":{"status":"restricted"}}}`,
		`{"update_id":1e3}`, `[]`, `null`, ``,
	} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		u, err := Decode(raw, "RecBot")
		if u == nil {
			return
		}
		if err != nil {
			t.Fatal("an update and an error")
		}
		if u.Chat == 0 || u.Kind == 0 {
			t.Errorf("an update from nowhere: %+v", u)
		}
		if strings.HasPrefix(u.Command, "/") || u.Command != strings.ToLower(u.Command) || (u.Command != "" && u.Kind != bot.UpdateText) {
			t.Errorf("command %q of kind %d", u.Command, u.Kind)
		}
		if u.Kind == bot.UpdateText && u.Text == "" {
			t.Error("a text without text")
		}
	})
}

func TestDecodeReplies(t *testing.T) {
	t.Parallel()
	const fromBot, fromOther = `"from":{"id":1,"is_bot":true,"first_name":"REC"}`, `"from":{"id":6,"is_bot":false,"first_name":"Olim"}`
	to := func(from, keys string) string {
		return `,"text":"a","reply_to_message":{"message_id":2,"date":1,` + private + `,` + from + `,"text":"q"` + keys + `}`
	}
	decodes(t, []row{
		{"to a message of the bot", message(private, to(fromBot, "")), with(func(u *bot.Update) { u.Text, u.HTML, u.ReplyTo = "a", "a", 2 })},
		{"to one with buttons", message(private, to(fromBot, `,"reply_markup":{"inline_keyboard":[[{"text":"Site","url":"https://example.org"}],[{"text":"Go","callback_data":"qb:41"},{"text":"No","callback_data":"qb:42"}]]}`)),
			with(func(u *bot.Update) { u.Text, u.HTML, u.ReplyTo, u.ReplyData = "a", "a", 2, "qb:41" })},
		{"to a message of a person", message(private, to(fromOther, "")), said("a", "", "")},
	})
}
