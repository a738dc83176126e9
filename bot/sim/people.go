package sim

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"recbot/bot"
	"recbot/store"
)

// Person is somebody with a Telegram account.
type Person struct {
	ID     store.PersonID
	Name   string // first name
	Locale string // IETF tag of the client; may be empty, as in reality
	About  string // who this is, for the chat page
	// Started tells that they wrote to the bot before anything that is played here, so that it may write to them.
	Started bool
}

// Join gives people accounts; the bot hears nothing of it. Who is there already is left as they are.
func (s *Server) Join(people ...Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range people {
		if s.people[p.ID] == nil {
			s.people[p.ID] = &person{Person: p, started: p.Started}
			s.order = append(s.order, p.ID)
			s.chats[store.ChatID(p.ID)] = &chat{id: store.ChatID(p.ID), members: []store.PersonID{p.ID}}
		}
	}
}

// People lists everybody as they joined.
func (s *Server) People() []bot.Viewer {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []bot.Viewer
	for _, id := range s.order {
		p := s.people[id]
		all = append(all, bot.Viewer{ID: id, Name: p.Name, About: p.About, Locale: p.Locale, Blocked: p.blocked})
	}
	return all
}

// Start opens the private chat by a link t.me/<bot>?start=payload; the payload may be empty.
func (s *Server) Start(who store.PersonID, payload string) error {
	return s.Say(who, strings.TrimSpace("/start "+payload))
}

// Say writes to the bot. A person who has blocked it must unblock it first, as their client would make them do.
func (s *Server) Say(who store.PersonID, text string) error {
	text = strings.TrimSpace(text)
	if n := units(text); n == 0 || n > maxText {
		return fmt.Errorf("say %d characters: a message has 1 to %d", n, maxText)
	}
	return s.send(who, store.ChatID(who), &message{text: text, nodes: []bot.Node{{Text: text}}}, func(m object) {
		m["text"] = text
		if commands := commandsIn(text); len(commands) > 0 {
			m["entities"] = commands
		}
	})
}

// SayHTML writes to the bot with formatting, given as HTML as the Bot API reads it.
func (s *Server) SayHTML(who store.PersonID, source string) error {
	nodes, text, refused := formatted(source, "HTML")
	if refused != nil {
		return fmt.Errorf("say: %s", refused.reason)
	}
	if n := units(text); n == 0 || n > maxText {
		return fmt.Errorf("say %d characters: a message has 1 to %d", n, maxText)
	}
	return s.send(who, store.ChatID(who), &message{text: text, nodes: nodes}, func(m object) {
		m["text"], m["entities"] = text, entitiesOf(text, nodes)
	})
}

// entitiesOf lists formatting and commands of a text.
func entitiesOf(text string, nodes []bot.Node) []object {
	list, _ := marks(nodes, 0)
	return append(list, commandsIn(text)...)
}

// Sticker sends a sticker.
func (s *Server) Sticker(who store.PersonID) error {
	return s.sendMedia(who, "sticker", object{"file_id": "sticker-1", "file_unique_id": "s1", "type": "regular",
		"width": 512, "height": 512, "is_animated": false, "is_video": false, "emoji": "👍"})
}

// Voice sends a voice message.
func (s *Server) Voice(who store.PersonID) error {
	return s.sendMedia(who, "voice", object{"file_id": "voice-1", "file_unique_id": "v1", "duration": 3, "mime_type": "audio/ogg"})
}

// Photo sends a photo without a caption.
func (s *Server) Photo(who store.PersonID) error {
	return s.sendMedia(who, "photo", []object{{"file_id": "photo-1", "file_unique_id": "p1", "width": 90, "height": 90}})
}

// sendMedia sends something that the bot cannot read. The chat shows its kind in brackets.
func (s *Server) sendMedia(who store.PersonID, kind string, body any) error {
	m := &message{text: "[" + kind + "]", nodes: []bot.Node{{Text: "[" + kind + "]"}}}
	return s.send(who, store.ChatID(who), m, func(o object) { o[kind] = body })
}

// send puts a person's message into a chat and tells the bot, with what fill adds to it.
func (s *Server) send(who store.PersonID, where store.ChatID, m *message, fill func(object)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ch := s.people[who], s.chats[where]
	switch {
	case p == nil || ch == nil || !slices.Contains(ch.members, who):
		return fmt.Errorf("person %d is not in chat %d", who, where)
	case p.blocked && int64(where) == int64(who):
		return fmt.Errorf("person %d has blocked the bot", who)
	}
	m.from = who
	s.append(ch, m)
	s.tell(bot.ChatEvent{Kind: bot.EventMessage, Chat: ch.id, Message: m.id, Bubble: m.bubble()})
	if ch.title != "" && !ch.hears(m.text) {
		return nil
	}
	ch.botLast = false
	if ch.title == "" {
		p.started = true
	}
	body := s.messageObject(ch, m)
	fill(body)
	s.enqueue("message", body)
	return nil
}

var command = regexp.MustCompile(`(?:^|\s)(/[A-Za-z0-9_]{1,32}(?:@[A-Za-z0-9_]+)?)`)

// commandsIn marks the commands in a text, by UTF-16 units as Telegram does.
func commandsIn(text string) []object {
	var found []object
	for _, at := range command.FindAllStringSubmatchIndex(text, -1) {
		found = append(found, object{"type": "bot_command", "offset": units(text[:at[2]]), "length": units(text[at[2]:at[3]])})
	}
	return found
}

// Press presses the button with this data under a message of the bot in the private chat. It may be a button that an
// edit has taken away since, or that of a deleted message: the client shows what it last heard of.
func (s *Server) Press(who store.PersonID, message int, data string) error {
	return s.PressIn(store.ChatID(who), who, message, data)
}

// PressIn is Press in any chat.
func (s *Server) PressIn(where store.ChatID, who store.PersonID, message int, data string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ch := s.people[who], s.chats[where]
	if p == nil || ch == nil || !slices.Contains(ch.members, who) {
		return fmt.Errorf("person %d is not in chat %d", who, where)
	}
	m := ch.find(message)
	if m == nil || data == "" || !m.offered[data] {
		return fmt.Errorf("message %d has no button with data %q", message, data)
	}
	s.names++
	id := strconv.Itoa(s.names)
	s.queries[id] = &query{who: who, chat: ch.id, message: m.id, at: s.now()}
	s.enqueue("callback_query", object{"id": id, "from": p.object(), "message": s.pressed(ch, m),
		"chat_instance": strconv.FormatInt(int64(ch.id), 10), "data": data})
	return nil
}

// pressed is the message of a press: only its number when the message is gone.
func (s *Server) pressed(ch *chat, m *message) object {
	if m.deleted {
		return object{"chat": s.chatObject(ch), "message_id": m.id, "date": 0}
	}
	return s.messageObject(ch, m)
}

// PressLabel presses the button that reads label under the newest message of the private chat that has one.
func (s *Server) PressLabel(who store.PersonID, label string) error {
	history := s.History(store.ChatID(who))
	for _, b := range slices.Backward(history) {
		for _, k := range slices.Concat(b.Rows...) {
			if k.Label != label {
				continue
			}
			if k.URL != "" {
				return fmt.Errorf("button %q opens %s", label, k.URL)
			}
			return s.Press(who, b.Message, k.Data)
		}
	}
	return fmt.Errorf("no message has a button %q", label)
}

// Block blocks the bot or unblocks it; the bot is told by my_chat_member. Doing it twice is doing it once.
func (s *Server) Block(who store.PersonID, blocked bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.people[who]
	if p == nil {
		return fmt.Errorf("nobody has the number %d", who)
	}
	if p.blocked == blocked {
		return nil
	}
	p.blocked = blocked
	was, is := "member", "kicked"
	if !blocked {
		was, is = is, was
	}
	s.membership(s.chats[store.ChatID(who)], p, was, is)
	s.tell(bot.ChatEvent{Kind: bot.EventBlocked, Chat: store.ChatID(who), Blocked: blocked})
	return nil
}

// Deactivate deletes the person's account: writing to them gives 403. The bot is not told.
func (s *Server) Deactivate(who store.PersonID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.people[who]; p != nil {
		p.gone = true
	}
}

// membership tells the bot that its own standing in a chat has changed.
func (s *Server) membership(ch *chat, by *person, was, is string) {
	member := func(status string) object {
		o := object{"user": object{"id": BotID, "is_bot": true, "first_name": "recbot", "username": Username}, "status": status}
		if status == "kicked" {
			o["until_date"] = 0
		}
		return o
	}
	s.enqueue("my_chat_member", object{"chat": s.chatObject(ch), "from": by.object(), "date": s.now().Unix(),
		"old_chat_member": member(was), "new_chat_member": member(is)})
}

// History gives the messages of a chat as its people see them now, oldest first.
func (s *Server) History(where store.ChatID) []bot.Bubble {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.chats[where]
	if ch == nil {
		return nil
	}
	var all []bot.Bubble
	for _, m := range ch.log {
		if !m.deleted {
			all = append(all, *m.bubble())
		}
	}
	return all
}

// bubble copies what may change; nodes are never changed in place.
func (m *message) bubble() *bot.Bubble {
	return &bot.Bubble{Message: m.id, From: m.from, Text: m.nodes, Rows: copyRows(m.rows), File: m.file,
		Sent: m.sent, Edited: m.edited, Silent: m.silent}
}
