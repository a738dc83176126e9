package web_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const welcome = `{"chat_id":11,"parse_mode":"HTML","text":"Assalomu alaykum, <b>Dilnoza</b>! Men <i>REC</i> yigʻilishlari haqida eslataman.\n\nTilni tanlang; yordam: /help, https://example.org/x.",
 "reply_markup":{"inline_keyboard":[[{"text":"Oʻzbekcha","callback_data":"la:uz"},{"text":"Ўзбекча","callback_data":"la:uz-Cyrl"}],
 [{"text":"Русский","callback_data":"la:ru"},{"text":"English","callback_data":"la:en"}],[{"text":"Sayt","url":"https://example.org"}]]}}`

func TestPage(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"phone", 360, 740}, {"desktop", 1280, 800}} {
		t.Run("a conversation on a "+size.name, func(t *testing.T) {
			p := open(ctx, t, size.width, size.height)
			p.shot(size.name + "-0")
			p.run(chromedp.Click("#start"))
			p.wait(`document.querySelector(".message.mine")`)
			p.bot("setMyCommands", `{"commands":[{"command":"agenda","description":"Dastur"},{"command":"meetings","description":"Yaqin yigʻilishlar roʻyxati"},{"command":"help","description":"Yordam"}]}`)
			p.bot("sendMessage", welcome)
			p.wait(`document.querySelectorAll(".keys button").length === 4`)
			p.shot(size.name + "-1")
			p.run(chromedp.Click("#menu"))
			p.shot(size.name + "-2")
			for i := range 6 {
				p.bot("sendMessage", fmt.Sprintf(`{"chat_id":11,"text":"Xabar %d: 9-dekabr, chorshanba, 10:00 (Toshkent, UTC+5)"}`, i))
			}
			p.run(chromedp.KeyEvent(kb.Escape))
			p.tg.Start(12, "")
			p.bot("sendMessage", `{"chat_id":12,"text":"Здравствуйте"}`)
			p.wait(`document.querySelector(".badge")`)
			p.shot(size.name + "-3")
		})
	}
}
