package sim

import (
	"encoding/json"
	"regexp"
	"strconv"

	"recbot/bot"
	"recbot/store"
)

// profile is what the bot shows of itself: texts by field and language, menus by scope and language.
type profile struct {
	texts map[[2]string]string
	menus map[[2]string][]bot.MenuItem
}

// newProfile is a bot straight from @BotFather: no commands, no descriptions.
func newProfile() profile {
	return profile{texts: map[[2]string]string{}, menus: map[[2]string][]bot.MenuItem{}}
}

const maxCommands = 100

var (
	languageCode = regexp.MustCompile(`^([a-z]{2})?$`)
	commandName  = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
)

// language reads language_code; only two-letter codes exist, so Uzbek has one menu for both scripts.
func (c *Call) language() (string, *refusal) {
	code := c.Params["language_code"]
	if !languageCode.MatchString(code) {
		return "", bad("invalid language code specified")
	}
	return code, nil
}

// setText makes the method that sets a field for one language. An empty text takes it away again.
func setText(field string, limit int) method {
	return func(s *Server, c *Call) (any, *refusal) {
		code, refused := c.language()
		if refused != nil {
			return nil, refused
		}
		if units(c.Params[field]) > limit {
			return nil, bad("%s is too long", field)
		}
		s.profile.texts[[2]string{field, code}] = c.Params[field]
		return true, nil
	}
}

// getText gives the text of the language, or the one without a language.
func getText(field string) method {
	return func(s *Server, c *Call) (any, *refusal) {
		code, refused := c.language()
		if refused != nil {
			return nil, refused
		}
		text := s.profile.texts[[2]string{field, code}]
		if text == "" {
			text = s.profile.texts[[2]string{field, ""}]
		}
		return object{field: text}, nil
	}
}

// scope reads the scope of commands and gives it a name.
func (s *Server) scope(c *Call) (name string, chat store.ChatID, refused *refusal) {
	var scope struct {
		Type string      `json:"type"`
		Chat json.Number `json:"chat_id"`
		User json.Number `json:"user_id"`
	}
	raw := c.Params["scope"]
	if raw == "" || raw == "null" {
		return "default", 0, nil
	}
	if err := json.Unmarshal([]byte(raw), &scope); err != nil {
		return "", 0, bad("can't parse BotCommandScope JSON object")
	}
	switch scope.Type {
	case "default", "all_private_chats", "all_group_chats", "all_chat_administrators":
		return scope.Type, 0, nil
	case "chat", "chat_administrators", "chat_member":
		id, _ := strconv.ParseInt(scope.Chat.String(), 10, 64)
		if s.chats[store.ChatID(id)] == nil {
			return "", 0, bad("chat not found")
		}
		return scope.Type + ":" + scope.Chat.String() + ":" + scope.User.String(), store.ChatID(id), nil
	}
	return "", 0, bad("unsupported type specified")
}

// setMyCommands checks the whole list before it changes anything.
func (s *Server) setMyCommands(c *Call) (any, *refusal) {
	var list []struct{ Command, Description string }
	if err := json.Unmarshal([]byte(c.Params["commands"]), &list); err != nil {
		return nil, bad("can't parse commands JSON object")
	}
	if len(list) > maxCommands {
		return nil, bad("BOT_COMMANDS_TOO_MUCH")
	}
	var items []bot.MenuItem
	for _, one := range list {
		switch n := units(one.Description); {
		case !commandName.MatchString(one.Command):
			return nil, bad("BOT_COMMAND_INVALID")
		case n < 1 || n > 256:
			return nil, bad("BOT_COMMAND_DESCRIPTION_INVALID")
		}
		items = append(items, bot.MenuItem{Command: one.Command, Description: one.Description})
	}
	return s.putMenu(c, items)
}

// deleteMyCommands uncovers the menu of the next wider scope.
func (s *Server) deleteMyCommands(c *Call) (any, *refusal) { return s.putMenu(c, nil) }

// putMenu sets or takes away a menu. Whoever may see a change is told: one chat, or everybody.
func (s *Server) putMenu(c *Call, items []bot.MenuItem) (any, *refusal) {
	code, refused := c.language()
	if refused != nil {
		return nil, refused
	}
	scope, chat, refused := s.scope(c)
	if refused != nil {
		return nil, refused
	}
	key := [2]string{scope, code}
	s.profile.menus[key] = items
	if len(items) == 0 {
		delete(s.profile.menus, key)
	}
	if chat != 0 {
		s.deliver(Delivery{Kind: bot.LetterMenu, Chat: chat, Menu: items},
			bot.ChatEvent{Kind: bot.EventMenu, Menu: s.menu(store.PersonID(chat))})
		return true, nil
	}
	for _, who := range s.order {
		s.tell(bot.ChatEvent{Kind: bot.EventMenu, Chat: store.ChatID(who), Menu: s.menu(who)})
	}
	return true, nil
}

// getMyCommands shows exactly what was set for scope and language, without falling back to a wider one.
func (s *Server) getMyCommands(c *Call) (any, *refusal) {
	code, refused := c.language()
	if refused != nil {
		return nil, refused
	}
	scope, _, refused := s.scope(c)
	if refused != nil {
		return nil, refused
	}
	list := []object{}
	for _, m := range s.profile.menus[[2]string{scope, code}] {
		list = append(list, object{"command": m.Command, "description": m.Description})
	}
	return list, nil
}

// Menu gives the commands that the person's client shows: the narrowest scope wins, and in it the client's language.
func (s *Server) Menu(who store.PersonID) []bot.MenuItem {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.menu(who)
}

// menu looks through the scopes of a private chat from narrow to wide, each first in the language of the client.
func (s *Server) menu(who store.PersonID) []bot.MenuItem {
	code := ""
	if p := s.people[who]; p != nil && len(p.Locale) >= 2 {
		code = p.Locale[:2]
	}
	for _, scope := range []string{"chat:" + strconv.FormatInt(int64(who), 10) + ":", "all_private_chats", "default"} {
		for _, lang := range []string{code, ""} {
			if items := s.profile.menus[[2]string{scope, lang}]; len(items) > 0 {
				return append([]bot.MenuItem(nil), items...)
			}
		}
	}
	return nil
}
