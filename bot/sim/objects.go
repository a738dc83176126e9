package sim

import "recbot/bot"

// What the Bot API shows of people, chats and messages. Numbers are numbers.

// object shows a person as a User. Many clients give no language, and then the field is missing.
func (p *person) object() object {
	o := object{"id": p.ID, "is_bot": false, "first_name": p.Name}
	if p.Locale != "" {
		o["language_code"] = p.Locale
	}
	return o
}

// chatObject shows a chat. Supergroups are known by their numbers, which begin with -100.
func (s *Server) chatObject(ch *chat) object {
	switch {
	case ch.title == "":
		return object{"id": ch.id, "type": "private", "first_name": s.people[ch.members[0]].Name}
	case ch.id < -1_000_000_000_000:
		return object{"id": ch.id, "type": "supergroup", "title": ch.title}
	}
	return object{"id": ch.id, "type": "group", "title": ch.title}
}

// messageObject shows a message; texts of people are added by who sends them.
func (s *Server) messageObject(ch *chat, m *message) object {
	o := s.plainObject(ch, m)
	// Only one step back: what a reply replies to has no reply of its own.
	if to := ch.find(m.replies); m.replies != 0 && to != nil && !to.deleted {
		o["reply_to_message"] = s.plainObject(ch, to)
	}
	return o
}

// plainObject is messageObject without the message that is replied to.
func (s *Server) plainObject(ch *chat, m *message) object {
	o := object{"message_id": m.id, "date": m.sent.Unix(), "chat": s.chatObject(ch)}
	if m.from != 0 {
		o["from"] = s.people[m.from].object()
		return o
	}
	o["from"] = object{"id": BotID, "is_bot": true, "first_name": "recbot", "username": Username}
	text, entities := "text", "entities"
	if m.file != nil {
		field, body := s.fileObject(m.file)
		o[field] = body
		text, entities = "caption", "caption_entities"
	}
	if m.text != "" {
		o[text] = m.text
	}
	if list, _ := marks(m.nodes, 0); len(list) > 0 {
		o[entities] = list
	}
	if m.edited {
		o["edit_date"] = s.now().Unix()
	}
	if len(m.rows) > 0 {
		o["reply_markup"] = object{"inline_keyboard": buttons(m.rows)}
	}
	return o
}

var markNames = map[string]string{"b": "bold", "i": "italic", "u": "underline", "s": "strikethrough", "a": "text_link",
	"tg-spoiler": "spoiler", "code": "code", "pre": "pre", "blockquote": "blockquote"}

// marks lists the formatting as message entities that count in UTF-16 units, and gives where the text ends.
func marks(nodes []bot.Node, at int) (list []object, end int) {
	for _, n := range nodes {
		inner, after := marks(n.Kids, at+units(n.Text))
		if n.Tag != "" {
			o := object{"type": markNames[n.Tag], "offset": at, "length": after - at}
			if n.URL != "" {
				o["url"] = n.URL
			}
			list = append(list, o)
		}
		list, at = append(list, inner...), after
	}
	return list, at
}

// buttons shows a keyboard as the bot gets it back with a press.
func buttons(rows [][]bot.Key) [][]object {
	var out [][]object
	for _, row := range rows {
		var line []object
		for _, k := range row {
			if k.URL != "" {
				line = append(line, object{"text": k.Label, "url": k.URL})
				continue
			}
			line = append(line, object{"text": k.Label, "callback_data": k.Data})
		}
		out = append(out, line)
	}
	return out
}
