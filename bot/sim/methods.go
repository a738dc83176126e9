package sim

import (
	"strings"
	"time"

	"recbot/bot"
	"recbot/store"
)

// method makes a call; the caller holds the lock.
type method func(*Server, *Call) (any, *refusal)

// object is a JSON object on its way out.
type object = map[string]any

// named are the methods by the names that Telegram gives them; getUpdates stands apart, for it waits.
var named = map[string]method{
	"getMe":                  (*Server).getMe,
	"setWebhook":             (*Server).setWebhook,
	"deleteWebhook":          (*Server).deleteWebhook,
	"getWebhookInfo":         (*Server).getWebhookInfo,
	"sendMessage":            (*Server).sendMessage,
	"sendDocument":           (*Server).sendDocument,
	"sendPhoto":              (*Server).sendPhoto,
	"editMessageText":        (*Server).editMessageText,
	"editMessageCaption":     (*Server).editMessageCaption,
	"editMessageReplyMarkup": (*Server).editMessageReplyMarkup,
	"deleteMessage":          (*Server).deleteMessage,
	"answerCallbackQuery":    (*Server).answerCallbackQuery,
	"sendChatAction":         (*Server).sendChatAction,
	"getChat":                (*Server).getChat,
	"setMyCommands":          (*Server).setMyCommands,
	"getMyCommands":          (*Server).getMyCommands,
	"deleteMyCommands":       (*Server).deleteMyCommands,
	"setMyName":              setText("name", 64),
	"getMyName":              getText("name"),
	"setMyDescription":       setText("description", 512),
	"getMyDescription":       getText("description"),
	"setMyShortDescription":  setText("short_description", 120),
	"getMyShortDescription":  getText("short_description"),
}

// methods are the same in lower case, and canonical gives the name back.
var methods, canonical = func() (map[string]method, map[string]string) {
	m, c := map[string]method{}, map[string]string{"getupdates": "getUpdates"}
	for name, do := range named {
		m[strings.ToLower(name)], c[strings.ToLower(name)] = do, name
	}
	return m, c
}()

// methodName spells a method as Telegram does; one that is not known stays as it is.
func methodName(lower string) string {
	if name, ok := canonical[lower]; ok {
		return name
	}
	return lower
}

const (
	maxText     = 4096
	maxCaption  = 1024
	maxToast    = 200
	queryAge    = time.Minute // how long a press may wait for its answer; Telegram does not publish its figure
	deletable   = 48 * time.Hour
	notModified = "message is not modified: specified new message content and reply markup are exactly the same as a " +
		"current content and reply markup of the message"
)

// getMe shows the bot as it is in groups: privacy mode on, see hears.
func (s *Server) getMe(*Call) (any, *refusal) {
	return object{"id": BotID, "is_bot": true, "first_name": "recbot", "username": Username,
		"can_join_groups": true, "can_read_all_group_messages": false, "supports_inline_queries": false}, nil
}

// content is what a message is to say.
type content struct {
	nodes []bot.Node
	text  string
	html  string
	rows  [][]bot.Key
}

// sendMessage looks at the chat before the text, as the Bot API does: a dead chat is told even if the text is wrong.
func (s *Server) sendMessage(c *Call) (any, *refusal) {
	ch, refused := s.writable(c)
	if refused != nil {
		return nil, refused
	}
	what, refused := s.read(c, "text", maxText)
	if refused != nil {
		return nil, refused
	}
	return s.post(c, ch, what, nil)
}

// read parses text and keyboard. A caption may be empty, a text may not.
func (s *Server) read(c *Call, field string, limit int) (content, *refusal) {
	what := content{html: c.Params[field]}
	var refused *refusal
	what.nodes, what.text, refused = formatted(what.html, c.Params["parse_mode"])
	switch {
	case refused != nil:
		return content{}, refused
	case what.text == "" && field == "text":
		return content{}, bad("message text is empty")
	case units(what.text) > limit && field == "text":
		return content{}, bad("message is too long")
	case units(what.text) > limit:
		return content{}, bad("message caption is too long")
	}
	what.rows, refused = keyboard(c.Params["reply_markup"])
	return what, refused
}

// post puts a message of the bot into the chat.
func (s *Server) post(c *Call, ch *chat, what content, file *bot.Attachment) (any, *refusal) {
	replies, refused := ch.replied(c)
	if refused != nil {
		return nil, refused
	}
	m := s.append(ch, &message{nodes: what.nodes, text: what.text, html: what.html, file: file, replies: replies,
		silent: c.yes("disable_notification")})
	m.offer(what.rows)
	ch.botLast = true
	s.deliver(s.delivery(bot.LetterSend, ch, m), bot.ChatEvent{Kind: bot.EventMessage, Bubble: m.bubble()})
	return s.messageObject(ch, m), nil
}

// delivery copies what a message says now; later edits must not change what the log tells.
func (s *Server) delivery(kind bot.LetterKind, ch *chat, m *message) Delivery {
	d := Delivery{Kind: kind, Chat: ch.id, Message: m.id, Text: m.text, HTML: m.html, Rows: copyRows(m.rows), Replies: m.replies, Silent: m.silent}
	if m.file != nil {
		f := s.files[m.file.ID]
		d.File = &f
	}
	return d
}

// append gives the message its number and time. Numbers are never given twice, in no chat.
func (s *Server) append(ch *chat, m *message) *message {
	s.messages++
	m.id, m.sent = s.messages, s.now()
	ch.log = append(ch.log, m)
	return m
}

// offer shows a keyboard, and remembers its data: somebody may press it while looking at an older state.
func (m *message) offer(rows [][]bot.Key) {
	m.rows = rows
	if m.offered == nil {
		m.offered = map[string]bool{}
	}
	for _, row := range rows {
		for _, k := range row {
			m.offered[k.Data] = true
		}
	}
}

// writable finds the chat of a call, if the bot may write there.
func (s *Server) writable(c *Call) (*chat, *refusal) {
	if c.Params["chat_id"] == "" {
		return nil, bad("chat_id is empty")
	}
	if p := s.people[store.PersonID(c.Chat)]; p != nil {
		switch {
		case p.gone:
			return nil, forbidden("user is deactivated")
		case p.blocked:
			return nil, forbidden("bot was blocked by the user")
		case !p.started:
			return nil, forbidden("bot can't initiate conversation with a user")
		}
	}
	ch := s.chats[c.Chat]
	switch {
	case ch == nil:
		return nil, bad("chat not found")
	case ch.moved != 0:
		r := bad("group chat was upgraded to a supergroup chat")
		r.migrate = ch.moved
		return nil, r
	case ch.out:
		return nil, forbidden("bot was kicked from the group chat")
	}
	return ch, nil
}

// target finds the message that a call is about.
func (s *Server) target(c *Call, missing string) (*chat, *message, *refusal) {
	ch, refused := s.writable(c)
	if refused != nil {
		return nil, nil, refused
	}
	if m := ch.find(c.int("message_id", 0)); m != nil && !m.deleted {
		return ch, m, nil
	}
	return nil, nil, bad("%s", missing)
}

// find looks from the end, for it is the newest messages that are edited and pressed.
func (ch *chat) find(id int) *message {
	for i := len(ch.log) - 1; i >= 0; i-- {
		if ch.log[i].id == id {
			return ch.log[i]
		}
	}
	return nil
}

// editMessageText replaces text and keyboard together: an edit without a keyboard takes it away, as in reality.
func (s *Server) editMessageText(c *Call) (any, *refusal) {
	return s.reword(c, "text", maxText, func(m *message) *refusal {
		if m.file != nil {
			return bad("there is no text in the message to edit")
		}
		return nil
	})
}

// editMessageCaption is the same for what stands under a file.
func (s *Server) editMessageCaption(c *Call) (any, *refusal) {
	return s.reword(c, "caption", maxCaption, func(m *message) *refusal {
		if m.file == nil {
			return bad("there is no caption in the message to edit")
		}
		return nil
	})
}

// reword replaces the words of a message, which stand in a field of the call, unless the message is none of that kind.
func (s *Server) reword(c *Call, field string, limit int, fits func(*message) *refusal) (any, *refusal) {
	ch, m, refused := s.target(c, "message to edit not found")
	if refused != nil {
		return nil, refused
	}
	if m.from != 0 {
		return nil, bad("message can't be edited")
	}
	if refused := fits(m); refused != nil {
		return nil, refused
	}
	what, refused := s.read(c, field, limit)
	if refused != nil {
		return nil, refused
	}
	if same(m.nodes, what.nodes) && same(m.rows, what.rows) {
		return nil, bad(notModified)
	}
	m.nodes, m.text, m.html = what.nodes, what.text, what.html
	return s.edited(ch, m, what.rows), nil
}

// editMessageReplyMarkup replaces the keyboard alone.
func (s *Server) editMessageReplyMarkup(c *Call) (any, *refusal) {
	ch, m, refused := s.target(c, "message to edit not found")
	if refused != nil {
		return nil, refused
	}
	if m.from != 0 {
		return nil, bad("message can't be edited")
	}
	rows, refused := keyboard(c.Params["reply_markup"])
	if refused != nil {
		return nil, refused
	}
	if same(m.rows, rows) {
		return nil, bad(notModified)
	}
	return s.edited(ch, m, rows), nil
}

// edited shows the changed message to the people. An edit makes no sound and no unread mark.
func (s *Server) edited(ch *chat, m *message, rows [][]bot.Key) object {
	m.offer(rows)
	m.edited = true
	s.deliver(s.delivery(bot.LetterEdit, ch, m), bot.ChatEvent{Kind: bot.EventEdit, Bubble: m.bubble()})
	return s.messageObject(ch, m)
}

// deleteMessage works for messages of the last 48 hours, as the Bot API says.
func (s *Server) deleteMessage(c *Call) (any, *refusal) {
	ch, m, refused := s.target(c, "message to delete not found")
	if refused != nil {
		return nil, refused
	}
	if s.now().Sub(m.sent) > deletable {
		return nil, bad("message can't be deleted for everyone")
	}
	m.deleted = true
	s.deliver(Delivery{Kind: bot.LetterDelete, Chat: ch.id, Message: m.id}, bot.ChatEvent{Kind: bot.EventDelete})
	return true, nil
}

// answerCallbackQuery ends the waiting of a pressed button, once. An unknown, answered or old query gets the same
// words from Telegram; the bot is expected to ignore them.
func (s *Server) answerCallbackQuery(c *Call) (any, *refusal) {
	q := s.queries[c.Params["callback_query_id"]]
	if q == nil || q.answered || s.now().Sub(q.at) > queryAge {
		return nil, bad("query is too old and response timeout expired or query ID is invalid")
	}
	text := c.Params["text"]
	if units(text) > maxToast {
		return nil, bad("MESSAGE_TOO_LONG")
	}
	q.answered = true
	alert := c.yes("show_alert")
	s.deliver(Delivery{Kind: bot.LetterToast, Chat: q.chat, Message: q.message, Text: text, Alert: alert},
		bot.ChatEvent{Kind: bot.EventToast, Toast: text, Alert: alert})
	return true, nil
}

// sendChatAction shows "typing…" for a moment; it leaves no trace in the chat.
func (s *Server) sendChatAction(c *Call) (any, *refusal) {
	ch, refused := s.writable(c)
	if refused != nil {
		return nil, refused
	}
	switch c.Params["action"] {
	case "typing", "upload_document", "upload_photo", "choose_sticker", "find_location", "record_voice", "upload_voice":
		s.tell(bot.ChatEvent{Kind: bot.EventTyping, Chat: ch.id})
		return true, nil
	}
	return nil, bad("wrong parameter action in request")
}

// getChat works for everybody who has an account, also before they start the bot.
func (s *Server) getChat(c *Call) (any, *refusal) {
	if c.Params["chat_id"] == "" {
		return nil, bad("chat_id is empty")
	}
	if ch := s.chats[c.Chat]; ch != nil {
		return s.chatObject(ch), nil
	}
	return nil, bad("chat not found")
}
