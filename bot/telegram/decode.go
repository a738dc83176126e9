package telegram

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/go-telegram/bot/models"

	"recbot/bot"
	"recbot/store"
)

// Decode reads an update as Telegram sent it. Username is the bot's own, without @.
//
// The update is nil without an error when it is nothing to answer: a channel's post, a service message, a command for
// another bot in a group. The error never quotes the update.
func Decode(raw json.RawMessage, username string) (*bot.Update, error) {
	var u models.Update
	if err := json.Unmarshal(raw, &u); err != nil {
		return nil, fmt.Errorf("decoding an update: %w", err)
	}
	var out *bot.Update
	switch {
	case u.Message != nil:
		out = ofMessage(u.Message, username)
	case u.CallbackQuery != nil:
		out = ofButton(u.CallbackQuery)
	case u.MyChatMember != nil:
		out = ofMember(u.MyChatMember)
	}
	if out == nil || out.Chat == 0 { // without a chat there is nowhere to answer
		return nil, nil
	}
	out.ID = store.UpdateID(u.ID)
	return out, nil
}

func ofMessage(m *models.Message, username string) *bot.Update {
	if m.MigrateToChatID != 0 {
		return &bot.Update{Chat: store.ChatID(m.Chat.ID), Kind: bot.UpdateMigrated, MovedTo: store.ChatID(m.MigrateToChatID)}
	}
	// An administrator who writes for the group comes as a bot too, but with the chat they speak for.
	if m.From == nil || m.Chat.Type == models.ChatTypeChannel || (m.From.IsBot && m.SenderChat == nil) || service(m) {
		return nil
	}
	u := from(m.From)
	u.Chat, u.Private, u.Message = store.ChatID(m.Chat.ID), m.Chat.Type == models.ChatTypePrivate, m.ID
	u.Kind, u.Text = bot.UpdateText, m.Text
	entities := m.Entities
	if m.Text == "" { // what is written under a picture is read as if it stood alone
		u.Text, entities = m.Caption, m.CaptionEntities
	}
	u.File = fileOf(m)
	u.ReplyTo, u.ReplyData = repliedTo(m.ReplyToMessage)
	if u.Text == "" {
		u.Kind = bot.UpdateOther
		return u
	}
	if u = withCommand(u, entities, username); u != nil && u.Command == "" {
		u.HTML = markup(u.Text, entities)
	}
	return u
}

// repliedTo gives the bot's own message that somebody replies to, and the data of its first button. Messages of others, which
// a group has, are nothing that the bot knows; in a private chat every bot's message is its own.
func repliedTo(m *models.Message) (id int, data string) {
	if m == nil || m.From == nil || !m.From.IsBot {
		return 0, ""
	}
	if m.ReplyMarkup != nil {
		for _, row := range m.ReplyMarkup.InlineKeyboard {
			for _, b := range row {
				if b.CallbackData != "" {
					return m.ID, b.CallbackData
				}
			}
		}
	}
	return m.ID, ""
}

func from(user *models.User) *bot.Update {
	return &bot.Update{From: store.PersonID(user.ID), Name: user.FirstName, Locale: user.LanguageCode}
}

// withCommand reads the command at the beginning of the text. A command for another bot is nothing to answer in a group;
// in a private chat it keeps the other's name, so that it is answered as an unknown one.
func withCommand(u *bot.Update, entities []models.MessageEntity, username string) *bot.Update {
	for _, e := range entities {
		if e.Type != models.MessageEntityTypeBotCommand || e.Offset != 0 {
			continue
		}
		head, rest, ok := cutUnits(u.Text, e.Length)
		if !ok || len(head) < 2 || head[0] != '/' {
			continue
		}
		// Names of bots and commands are the same in capitals.
		name := strings.ToLower(head[1:])
		bare, to, addressed := strings.Cut(name, "@")
		switch {
		case !addressed || to == strings.ToLower(username):
			u.Command = bare
		case u.Private:
			u.Command = name
		default:
			return nil
		}
		u.Args = strings.TrimSpace(rest)
		return u
	}
	return u
}

// cutUnits cuts a text behind n UTF-16 units, in which Telegram counts. ok is false where that is no place between two
// characters.
func cutUnits(s string, n int) (head, rest string, ok bool) {
	if n < 0 {
		return "", s, false
	}
	for i, r := range s {
		if n <= 0 {
			return s[:i], s[i:], n == 0
		}
		n -= max(1, utf16.RuneLen(r))
	}
	return s, "", n == 0
}

// ofButton reads a pressed button. The message it stood under may be out of the bot's reach, or somewhere that the bot is
// not; then the answer goes to the person.
func ofButton(q *models.CallbackQuery) *bot.Update {
	u := from(&q.From)
	u.Kind, u.Button, u.Query = bot.UpdateButton, q.Data, q.ID
	// Both pointers may be nil, whatever the type field says: it is zero for a message of another bot's inline mode.
	chat := models.Chat{ID: q.From.ID, Type: models.ChatTypePrivate}
	switch {
	case q.Message.Message != nil:
		chat, u.Message = q.Message.Message.Chat, q.Message.Message.ID
	case q.Message.InaccessibleMessage != nil:
		chat, u.Message = q.Message.InaccessibleMessage.Chat, q.Message.InaccessibleMessage.MessageID
	}
	u.Chat, u.Private = store.ChatID(chat.ID), chat.Type == models.ChatTypePrivate
	return u
}

func ofMember(m *models.ChatMemberUpdated) *bot.Update {
	u := from(&m.From)
	u.Chat, u.Private = store.ChatID(m.Chat.ID), m.Chat.Type == models.ChatTypePrivate
	u.Kind, u.Member = bot.UpdateMember, bot.MemberIn
	switch m.NewChatMember.Type {
	case models.ChatMemberTypeLeft, models.ChatMemberTypeBanned:
		u.Member = bot.MemberOut
	case models.ChatMemberTypeRestricted:
		if !m.NewChatMember.Restricted.IsMember {
			u.Member = bot.MemberOut
		}
	}
	return u
}

// service tells whether a message was made by Telegram and not by a person: somebody joined, a message was pinned.
// Everything else that has no text is something the bot does not read, and says so.
func service(m *models.Message) bool {
	return m.PinnedMessage != nil || m.MigrateFromChatID != 0 || m.NewChatMembers != nil || m.LeftChatMember != nil ||
		m.NewChatTitle != "" || m.NewChatPhoto != nil || m.DeleteChatPhoto ||
		m.GroupChatCreated || m.SupergroupChatCreated || m.ChannelChatCreated ||
		m.MessageAutoDeleteTimerChanged != nil || m.WriteAccessAllowed != nil || m.ConnectedWebsite != "" ||
		m.ProximityAlertTriggered != nil || m.BoostAdded != nil || m.ChatBackgroundSet != nil ||
		m.ForumTopicCreated != nil || m.ForumTopicEdited != nil || m.ForumTopicClosed != nil || m.ForumTopicReopened != nil ||
		m.GeneralForumTopicHidden != nil || m.GeneralForumTopicUnhidden != nil ||
		m.ChatOwnerLeft != nil || m.ChatOwnerChanged != nil ||
		m.VoiceChatScheduled != nil || m.VoiceChatStarted != nil || m.VoiceChatEnded != nil || m.VoiceChatParticipantsInvited != nil
}
