package sim

import (
	"fmt"
	"slices"
	"strings"

	"recbot/bot"
	"recbot/store"
)

// Gather makes a group with the bot in it; by, the first member, is who put it there. The id is negative.
func (s *Server) Gather(id store.ChatID, title string, by store.PersonID, others ...store.PersonID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := &chat{id: id, title: title, members: append([]store.PersonID{by}, others...)}
	s.chats[id] = ch
	s.membership(ch, s.people[by], "left", "member")
}

// SayIn writes in a group. The bot has privacy mode on: it hears only commands that are meant for it.
func (s *Server) SayIn(where store.ChatID, who store.PersonID, text string) error {
	return s.send(who, where, &message{text: text, nodes: []bot.Node{{Text: text}}}, func(m object) {
		m["text"] = text
		if commands := commandsIn(text); len(commands) > 0 {
			m["entities"] = commands
		}
	})
}

// hears tells whether a bot with privacy mode gets the text: a command with its name, or one without a name if the bot
// wrote last.
func (ch *chat) hears(text string) bool {
	at := command.FindStringSubmatch(text)
	if ch.out || at == nil || !strings.HasPrefix(text, "/") {
		return false
	}
	_, name, named := strings.Cut(at[1], "@")
	return named && strings.EqualFold(name, Username) || !named && ch.botLast
}

// Kick removes the bot from a group.
func (s *Server) Kick(where store.ChatID, by store.PersonID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, p := s.chats[where], s.people[by]
	if ch == nil || p == nil || !slices.Contains(ch.members, by) {
		return fmt.Errorf("person %d is not in chat %d", by, where)
	}
	ch.out = true
	s.membership(ch, p, "member", "kicked")
	return nil
}

// Migrate makes a group a supergroup with a new id. Both chats get the service message that tells of it.
func (s *Server) Migrate(from, to store.ChatID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.chats[from]
	if old == nil || old.title == "" || old.moved != 0 {
		return fmt.Errorf("chat %d is not a group that can move", from)
	}
	old.moved = to
	next := &chat{id: to, title: old.title, members: old.members, out: old.out}
	s.chats[to] = next
	s.service(old, "migrate_to_chat_id", to)
	s.service(next, "migrate_from_chat_id", from)
	return nil
}

// service tells the bot of a migration, as Telegram does: by a message that nobody wrote.
func (s *Server) service(ch *chat, field string, id store.ChatID) {
	m := s.append(ch, &message{from: ch.members[0]})
	body := s.messageObject(ch, m)
	body[field] = id
	s.enqueue("message", body)
	m.deleted = true // clients show such a message as a line of their own; here nobody sees it
}
