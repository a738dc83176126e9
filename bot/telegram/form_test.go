package telegram

import (
	"testing"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"

	"recbot/bot"
)

// What we write ourselves must be what the library would write, field by field.
func TestTextsLeaveAsTheLibraryWouldSendThem(t *testing.T) {
	t.Parallel()
	keys := [][]bot.Key{{{Label: "Follow \"B\"", Data: "fo:wg-b:1"}, {Label: "Map", URL: "https://example.org/?a=1&b=2"}}}
	for _, tc := range []struct {
		name   string
		letter *bot.Letter
		mode   models.ParseMode
	}{
		{"a text", &bot.Letter{Chat: 5, Text: "hello"}, models.ParseModeHTML},
		{"lines, quotes and letters of all kinds", &bot.Letter{Chat: -1001234567890, Text: "<b>Oʻzbekcha</b>\r\n\"Ўзбекча\"\n--x--\r\n"}, models.ParseModeHTML},
		{"without formatting", &bot.Letter{Chat: 5, Text: "1 < 2"}, ""},
		{"without a sound", &bot.Letter{Chat: 5, Text: "hello", Silent: true}, models.ParseModeHTML},
		{"with buttons", &bot.Letter{Chat: 5, Text: "hello", Rows: keys}, models.ParseModeHTML},
		{"in reply to a message", &bot.Letter{Chat: 5, Text: "hello", Quote: 17}, models.ParseModeHTML},
		{"nothing at all", &bot.Letter{Chat: 5}, models.ParseModeHTML},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := &recorder{}
			c := newClient(t, r)
			if err := c.sendText(t.Context(), tc.letter, tc.mode); err != nil {
				t.Fatal(err)
			}
			l := tc.letter
			_, _ = c.api.SendMessage(t.Context(), &tg.SendMessageParams{ // its error is about the answer, which is not a message
				ChatID: int64(l.Chat), Text: l.Text, ParseMode: tc.mode, DisableNotification: l.Silent,
				LinkPreviewOptions: noPreview(), ReplyMarkup: keyboard(l.Rows), ReplyParameters: quote(l),
			})
			if len(r.heard) != 2 {
				t.Fatalf("%d requests left, want 2", len(r.heard))
			}
			if diff := cmp.Diff(r.heard[1], r.heard[0]); diff != "" {
				t.Errorf("request (-the library's +ours):\n%s", diff)
			}
		})
	}
}
