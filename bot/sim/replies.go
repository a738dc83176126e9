package sim

import (
	"encoding/json"
	"fmt"

	"recbot/bot"
	"recbot/store"
)

// replied reads which message of the chat a call replies to. One that is not there any more refuses the call, unless the bot
// says that it may go without.
func (ch *chat) replied(c *Call) (int, *refusal) {
	raw, given := c.Params["reply_parameters"]
	if !given {
		return 0, nil
	}
	var to struct {
		ID      int  `json:"message_id"`
		Without bool `json:"allow_sending_without_reply"`
	}
	if json.Unmarshal([]byte(raw), &to) != nil || to.ID == 0 {
		return 0, bad("can't parse reply parameters JSON object")
	}
	if m := ch.find(to.ID); m != nil && !m.deleted {
		return to.ID, nil
	}
	if to.Without {
		return 0, nil
	}
	return 0, bad("message to be replied not found")
}

// Reply writes to the bot as an answer to one of its messages in the private chat.
func (s *Server) Reply(who store.PersonID, to int, text string) error {
	m := &message{text: text, nodes: []bot.Node{{Text: text}}, replies: to}
	return s.send(who, store.ChatID(who), m, func(o object) { o["text"] = text })
}

// Unsay deletes a person's own message for both sides; the bot is not told.
func (s *Server) Unsay(who store.PersonID, message int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.chats[store.ChatID(who)]
	if ch == nil {
		return fmt.Errorf("nobody has the number %d", who)
	}
	m := ch.find(message)
	if m == nil || m.from != who || m.deleted {
		return fmt.Errorf("message %d is not there, or not of person %d", message, who)
	}
	m.deleted = true
	s.tell(bot.ChatEvent{Kind: bot.EventDelete, Chat: ch.id, Message: m.id})
	return nil
}
