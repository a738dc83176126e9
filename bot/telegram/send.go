package telegram

import (
	"bytes"
	"context"
	"html"
	"strings"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"recbot/bot"
	"recbot/store"
)

// How long Telegram may take to answer. Near a limit it holds a request for some 15 s before it answers; a shorter
// deadline would make delivered messages look lost.
const (
	replyTimeout = 30 * time.Second
	bulkTimeout  = 60 * time.Second
)

// Send sends a letter once and tells what became of it. Two things are tried another way at once, for Telegram has
// certainly not executed the first try: an edit of a message that cannot be edited (any more) becomes a new message, and
// text that Telegram cannot parse goes out without its formatting, which is also logged as an error.
func (c *Client) Send(ctx context.Context, l *bot.Letter) bot.Receipt {
	receipt := c.send(ctx, l)
	if receipt.Reason == reasonNotEditable && l.Kind == bot.LetterEdit && !l.InPlace {
		again := *l
		again.Kind, again.Target = bot.LetterSend, 0
		l = &again
		receipt = c.send(ctx, l)
	}
	if receipt.Reason == reasonEntities {
		c.log.Error("telegram cannot parse a letter, sending it without formatting", "chat", l.Chat)
		plain := *l
		plain.Text = plainText(l.Text)
		receipt = c.sendAs(ctx, &plain, "")
	}
	// An edit that changed nothing has no message in its answer.
	if receipt.Fate == bot.FateSent && l.Kind == bot.LetterEdit && receipt.Message == 0 {
		receipt.Message = l.Target
	}
	return receipt
}

func (c *Client) send(ctx context.Context, l *bot.Letter) bot.Receipt {
	return c.sendAs(ctx, l, models.ParseModeHTML)
}

func (c *Client) sendAs(ctx context.Context, l *bot.Letter, mode models.ParseMode) bot.Receipt {
	timeout := replyTimeout
	if l.Class != store.ClassReply {
		timeout = bulkTimeout
	}
	return c.try(ctx, timeout, func(ctx context.Context) error { return c.deliver(ctx, l, mode) })
}

// deliver makes the call that a letter is. What the calls return is read from the exchange: see [classify].
func (c *Client) deliver(ctx context.Context, l *bot.Letter, mode models.ParseMode) error {
	var err error
	switch {
	case l.Kind == bot.LetterToast:
		_, err = c.api.AnswerCallbackQuery(ctx, &tg.AnswerCallbackQueryParams{CallbackQueryID: l.Query, Text: l.Text})
	case l.Kind == bot.LetterDelete:
		_, err = c.api.DeleteMessage(ctx, &tg.DeleteMessageParams{ChatID: int64(l.Chat), MessageID: l.Target})
	case l.Kind == bot.LetterMenu:
		err = c.setMenu(ctx, l)
	case l.Kind == bot.LetterEdit && l.InPlace && l.File != nil:
		_, err = c.api.EditMessageCaption(ctx, &tg.EditMessageCaptionParams{
			ChatID: int64(l.Chat), MessageID: l.Target, Caption: l.Text, ParseMode: mode, ReplyMarkup: keyboard(l.Rows),
		})
	case l.File != nil && l.File.Photo:
		_, err = c.api.SendPhoto(ctx, &tg.SendPhotoParams{
			ChatID: int64(l.Chat), Photo: fileInput(l.File), Caption: l.Text, ParseMode: mode,
			ReplyMarkup: keyboard(l.Rows), DisableNotification: l.Silent, ReplyParameters: quote(l),
		})
	case l.File != nil: // a text cannot be edited into a document
		_, err = c.api.SendDocument(ctx, documentOf(l, mode))
	case l.Kind == bot.LetterEdit:
		_, err = c.api.EditMessageText(ctx, &tg.EditMessageTextParams{
			ChatID: int64(l.Chat), MessageID: l.Target, Text: l.Text, ParseMode: mode,
			LinkPreviewOptions: noPreview(), ReplyMarkup: keyboard(l.Rows),
		})
	default:
		err = c.sendText(ctx, l, mode)
	}
	return err
}

// fileInput names a file that Telegram has, or brings one. The library needs a reader that is a pointer.
func fileInput(f *bot.File) models.InputFile {
	if f.ID != "" {
		return &models.InputFileString{Data: f.ID}
	}
	return &models.InputFileUpload{Filename: f.Name, Data: bytes.NewReader(f.Data)}
}

// documentOf makes a document with the text as its caption.
func documentOf(l *bot.Letter, mode models.ParseMode) *tg.SendDocumentParams {
	return &tg.SendDocumentParams{
		ChatID:      int64(l.Chat),
		Document:    fileInput(l.File),
		Caption:     l.Text,
		ParseMode:   mode,
		ReplyMarkup: keyboard(l.Rows), DisableNotification: l.Silent, ReplyParameters: quote(l),
	}
}

// quote names the message that a letter replies to; nil = none. Should its author have deleted it, the letter goes all the same.
func quote(l *bot.Letter) *models.ReplyParameters {
	if l.Quote == 0 {
		return nil
	}
	return &models.ReplyParameters{MessageID: l.Quote, AllowSendingWithoutReply: true}
}

// setMenu sets the commands of one chat; without any, the chat has those of all private chats again.
func (c *Client) setMenu(ctx context.Context, l *bot.Letter) error {
	scope := &models.BotCommandScopeChat{ChatID: int64(l.Chat)}
	if len(l.Menu) == 0 {
		_, err := c.api.DeleteMyCommands(ctx, &tg.DeleteMyCommandsParams{Scope: scope})
		return err
	}
	_, err := c.api.SetMyCommands(ctx, &tg.SetMyCommandsParams{Scope: scope, Commands: commands(l.Menu)})
	return err
}

func noPreview() *models.LinkPreviewOptions { return &models.LinkPreviewOptions{IsDisabled: tg.True()} }

// keyboard is nil without buttons: an edit then takes away those that were there.
func keyboard(rows [][]bot.Key) models.ReplyMarkup {
	if len(rows) == 0 {
		return nil
	}
	markup := &models.InlineKeyboardMarkup{}
	for _, row := range rows {
		keys := make([]models.InlineKeyboardButton, 0, len(row))
		for _, k := range row {
			keys = append(keys, models.InlineKeyboardButton{Text: k.Label, CallbackData: k.Data, URL: k.URL})
		}
		markup.InlineKeyboard = append(markup.InlineKeyboard, keys)
	}
	return markup
}

// plainText takes the tags out of HTML as the Bot API reads it.
func plainText(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "<")
		b.WriteString(before)
		_, after, closed := strings.Cut(rest, ">")
		if !found || !closed { // a lone < belongs to the text
			if found {
				b.WriteString("<" + rest)
			}
			return html.UnescapeString(b.String())
		}
		text = after
	}
}
