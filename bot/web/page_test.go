package web_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
)

const welcome = `{"chat_id":11,"parse_mode":"HTML",
 "text":"Assalomu alaykum, <b>Dilnoza</b>! Men <i>REC</i> haqida eslataman.\n\nYordam: /help, https://example.org/x.",
 "reply_markup":{"inline_keyboard":[[{"text":"Oʻzbekcha","callback_data":"la:uz"},{"text":"Ўзбекча","callback_data":"la:uz-Cyrl"}],
 [{"text":"Русский","callback_data":"la:ru"},{"text":"English","callback_data":"la:en"}],[{"text":"Sayt","url":"https://example.org"}]]}}`

const commands = `{"commands":[{"command":"agenda","description":"Dastur"},{"command":"about","description":"Kengash haqida"},
 {"command":"meetings","description":"Yaqin yigʻilishlar roʻyxati"}]}`

func TestPage(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"phone", 360, 740}, {"desktop", 1280, 800}} {
		for _, tc := range []struct {
			name string
			run  func(*page)
		}{
			{"talks", talks}, {"replaces edited messages and keeps the focus", edits}, {"shows markup as text", escapes},
			{"counts what others have not read", counts}, {"blocks and unblocks", blocks}, {"is written to first", startsLate}, {"moves the clock", steps},
			{"works with the keyboard alone", keyboardOnly}, {"shows documents", documents},
			{"sends formatting and files", formats}, {"opens a link as somebody", opensLink}, {"catches up after a break", catchesUp},
			{"is labelled and fits", fits},
		} {
			t.Run(tc.name+" on a "+size.name, func(t *testing.T) {
				p := open(ctx, t, size.width, size.height)
				tc.run(p)
				p.shot(size.name + "-" + strings.ReplaceAll(tc.name, " ", "-"))
			})
		}
	}
}

// greeted opens Dilnoza's chat with the bot's first message in it.
func (p *page) greeted() {
	p.t.Helper()
	p.bot("setMyCommands", commands)
	p.run(chromedp.Click("#start"))
	p.wait(`document.querySelector(".message.mine")`)
	p.bot("sendMessage", welcome)
	p.wait(`document.querySelectorAll(".keys button").length === 4`)
}

// query gives the id of the press that waits for an answer.
func (p *page) query() string {
	p.t.Helper()
	all := p.bot("getUpdates", `{"offset":-1}`)
	_, rest, ok := strings.Cut(all, `"id":"`)
	if !ok {
		p.t.Fatalf("nothing was pressed: %s", all)
	}
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

// newest gives the number of the newest message in Dilnoza's chat.
func (p *page) newest() int {
	h := p.tg.History(dilnoza)
	return h[len(h)-1].Message
}

func talks(p *page) {
	p.greeted()
	p.run(chromedp.SendKeys("#text", "salom"), chromedp.Click("#send"))
	p.wait(`document.querySelectorAll(".message.mine").length === 2`)
	p.run(chromedp.SendKeys("#text", "ikki\nqator"))
	p.wait(`document.querySelectorAll(".message.mine").length === 3`)
	h := p.tg.History(dilnoza)
	var said []string
	for _, b := range h {
		if b.From == dilnoza {
			said = append(said, b.Text[0].Text)
		}
	}
	if diff := cmp.Diff([]string{"/start", "salom", "ikki"}, said); diff != "" {
		p.t.Errorf("Enter sends (-want +got):\n%s", diff)
	}
	if got := eval[string](p, `document.querySelector(".message:not(.mine) .body").innerHTML`); !strings.Contains(got, "<b>Dilnoza</b>") ||
		!strings.Contains(got, `<a href="https://example.org/x" target="_blank" rel="noopener noreferrer">https://example.org/x</a>.`) {
		p.t.Errorf("the message is %s", got)
	}
	p.run(chromedp.Click(`//button[@class="command"][text()="/help"]`))
	p.wait(`document.querySelectorAll(".message.mine").length === 4`)
	if day := p.text(".day"); day != "Tuesday, 1 December 2026" {
		p.t.Errorf("the day reads %q", day)
	}
	if meta := p.text(".message .meta"); meta != "09:00" {
		p.t.Errorf("the message was sent at %q", meta)
	}
}

func edits(p *page) {
	p.greeted()
	p.run(chromedp.Focus(".keys div:nth-child(2) button"), chromedp.KeyEvent(kb.Enter))
	p.wait(`document.querySelector(".keys .waiting")`)
	for p.tg.Pending() < 2 {
		p.wait("true")
	}
	p.bot("answerCallbackQuery", fmt.Sprintf(`{"callback_query_id":%q,"text":"Сохранено"}`, p.query()))
	p.wait(`!document.querySelector(".keys .waiting") && document.querySelector("#toast").innerText === "Сохранено"`)
	p.bot("editMessageText", fmt.Sprintf(`{"chat_id":11,"message_id":%d,"text":"Язык: русский","reply_markup":
		{"inline_keyboard":[[{"text":"Назад","callback_data":"b"}],[{"text":"Дальше","callback_data":"n"}]]}}`, p.newest()))
	p.wait(`document.querySelector(".message:not(.mine) .body").innerText === "Язык: русский"`)
	if n := eval[int](p, `document.querySelectorAll(".message").length`); n != 2 {
		p.t.Errorf("%d messages after the edit, want 2", n)
	}
	if meta := p.text(".message:not(.mine) .meta"); meta != "edited 09:00" {
		p.t.Errorf("the mark reads %q", meta)
	}
	if at := eval[string](p, `document.activeElement.innerText`); at != "Дальше" {
		p.t.Errorf("the focus went to %q", at)
	}
	p.bot("deleteMessage", fmt.Sprintf(`{"chat_id":11,"message_id":%d}`, p.newest()))
	p.wait(`document.querySelectorAll(".message").length === 1`)
}

func escapes(p *page) {
	p.greeted()
	p.run(chromedp.SendKeys("#text", `<img src=x onerror="document.title='owned'"> </script>`+"\r"))
	p.wait(`document.querySelectorAll(".message.mine").length === 2`)
	p.bot("sendMessage", `{"chat_id":11,"parse_mode":"HTML","text":"<a href=\"javascript:alert(1)\">link</a> &lt;b&gt;bold?&lt;/b&gt;",
		"reply_markup":{"inline_keyboard":[[{"text":"<i>Label</i>","callback_data":"x"}]]}}`)
	p.wait(`document.querySelectorAll(".message:not(.mine)").length === 2`)
	if got := p.text(".message:last-child .body"); got != "link <b>bold?</b>" {
		p.t.Errorf("the bot's message reads %q", got)
	}
	if got := p.text(".message:last-child .keys"); got != "<i>Label</i>" {
		p.t.Errorf("the button reads %q", got)
	}
	if n := eval[int](p, `document.querySelectorAll("#log img, #log script, #log .message:last-child a").length`); n != 0 {
		p.t.Errorf("%d elements that nobody may write", n)
	}
}

func counts(p *page) {
	p.greeted()
	if err := p.tg.Start(oleg, ""); err != nil {
		p.t.Fatal(err)
	}
	for range 3 {
		p.bot("sendMessage", `{"chat_id":12,"text":"Здравствуйте"}`)
	}
	p.wait(`document.querySelector(".badge")?.innerText === "3"`)
	if got := eval[string](p, `document.querySelector("#live").innerText`); !strings.Contains(got, "for Oleg: Здравствуйте") {
		p.t.Errorf("read aloud: %q", got)
	}
	p.run(chromedp.Reload())
	p.wait(`document.querySelector(".badge")?.innerText === "3"`)
	p.run(chromedp.Click("#people li:nth-child(2) button"))
	p.wait(`!document.querySelector(".badge") && document.querySelectorAll(".message").length === 4`)
	if got := p.text("#status"); !strings.Contains(got, "Oleg") {
		p.t.Errorf("the chat is of %q", got)
	}
	p.bot("sendMessage", `{"chat_id":11,"text":"x"}`)
	p.wait(`document.querySelector("#people li:first-child .badge")?.innerText === "1"`)
}

// startsLate is written to before his first word.
func startsLate(p *page) {
	p.bot("sendMessage", `{"chat_id":12,"text":"Здравствуйте"}`)
	p.run(chromedp.Click("#people li:nth-child(2) button"))
	p.wait(`document.querySelectorAll(".message").length === 1 && !document.querySelector("#start").hidden && document.querySelector("#compose").hidden`)
	p.run(chromedp.Click("#start"))
	p.wait(`document.querySelectorAll(".message").length === 2 && document.querySelector("#start").hidden && !document.querySelector("#compose").hidden`)
}

func blocks(p *page) {
	p.greeted()
	p.run(chromedp.Click(".switch"))
	p.wait(`!document.querySelector("#unblock").hidden && document.querySelector("#compose").hidden`)
	if !p.tg.People()[0].Blocked {
		p.t.Error("the bot is not blocked")
	}
	p.shot("blocked")
	p.run(chromedp.Click("#unblock"))
	p.wait(`document.querySelector("#unblock").hidden && !document.querySelector("#block").checked`)
	if p.tg.People()[0].Blocked {
		p.t.Error("the bot is still blocked")
	}
}

func steps(p *page) {
	p.greeted()
	p.clk.hold = make(chan struct{})
	p.run(chromedp.Click(`[data-step="day"]`))
	p.wait(`!document.querySelector("#busy").hidden && document.querySelectorAll("[data-step]:disabled").length === 3`)
	p.shot("stepping")
	close(p.clk.hold)
	p.wait(`document.querySelector("#busy").hidden && document.querySelectorAll("[data-step]:enabled").length === 3`)
	p.wait(`document.querySelector("#now").innerText === "Wed, 2 Dec 2026, 09:00 Tashkent"`)
	p.bot("sendMessage", `{"chat_id":11,"text":"Eslatma","disable_notification":true}`)
	p.wait(`document.querySelectorAll(".day").length === 2`)
	p.clk.fail = errors.New("nothing is due any more")
	p.run(chromedp.Click(`[data-step="next"]`))
	p.wait(`document.querySelector("#toast").innerText === "nothing is due any more"`)
}

func keyboardOnly(p *page) {
	p.greeted()
	var order []string
	p.run(chromedp.Reload()) // begins at the top
	p.wait(`document.querySelectorAll(".keys button").length === 4`)
	for range 20 {
		p.run(chromedp.KeyEvent(kb.Tab))
		order = append(order, eval[string](p, `(e => (e.getAttribute("aria-label") || e.id || e.innerText).split("\n")[0])(document.activeElement)`))
		if order[len(order)-1] == "Send" {
			break
		}
	}
	got := strings.Join(order, " ")
	at := 0
	for _, stop := range []string{"+1 hour", "+1 day", "block", "Messages", "Oʻzbekcha", "Sayt", "menu", "Attach", "text", "Send"} {
		i := strings.Index(got[at:], stop)
		if i < 0 {
			p.t.Fatalf("tab order: %q is not where it should be in %q", stop, got)
		}
		at += i
	}
	p.run(chromedp.Focus("#menu"), chromedp.KeyEvent(kb.Enter))
	p.wait(`document.activeElement.innerText.includes("/agenda")`)
	p.run(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter))
	p.wait(`document.querySelector("#commands").hidden && document.activeElement.id === "text"`)
	p.wait(`[...document.querySelectorAll(".message.mine .body")].at(-1).innerText === "/about"`)
	p.run(chromedp.KeyEvent("/me"))
	p.wait(`document.querySelectorAll("#commands button").length === 1`)
	p.shot("menu")
	p.run(chromedp.KeyEvent(kb.Escape))
	p.wait(`document.querySelector("#commands").hidden && document.querySelector("#text").value === "/me"`)
	if ring := eval[string](p, `getComputedStyle(document.activeElement).outlineStyle`); ring != "solid" {
		p.t.Errorf("the focus ring is %q", ring)
	}
}

func documents(p *page) {
	p.greeted()
	id := sendDocument(p.t, p.tg, "yigʻilish.ics", strings.Repeat("x", 2000))
	p.wait(`document.querySelector(".file")`)
	if got := p.text(".file"); !strings.Contains(got, "yigʻilish.ics") || !strings.Contains(got, "2.0 kB") {
		p.t.Errorf("the document reads %q", got)
	}
	if got := eval[string](p, `document.querySelector(".file").getAttribute("href")`); got != "/file/"+id {
		p.t.Errorf("the document leads to %q", got)
	}
}

// formats types as in Telegram, with signs and with keys, and attaches a file with what is typed as its caption.
func formats(p *page) {
	p.greeted()
	p.run(chromedp.SendKeys("#text", "**Dastur** __1 < 2__ 5*3*1"), chromedp.Click("#send"))
	p.wait(`document.querySelectorAll(".message.mine").length === 2`)
	if got := eval[string](p, `[...document.querySelectorAll(".mine .body")].at(-1).innerHTML`); got != "<b>Dastur</b> <i>1 &lt; 2</i> 5*3*1" {
		p.t.Errorf("the message is %s", got)
	}
	p.run(chromedp.SendKeys("#text", "Salom"))
	eval[bool](p, `document.querySelector("#text").select() || document.querySelector("#text").dispatchEvent(
		new KeyboardEvent("keydown", { key: "b", ctrlKey: true, bubbles: true, cancelable: true }))`)
	if got := eval[string](p, `document.querySelector("#text").value`); got != "**Salom**" {
		p.t.Errorf("Ctrl+B makes %q", got)
	}
	eval[bool](p, `(() => { const files = new DataTransfer(); files.items.add(new File(["x"], "dastur.pdf", { type: "application/pdf" }));
		document.querySelector("#file").files = files.files; return document.querySelector("#file").dispatchEvent(new Event("change")); })()`)
	p.wait(`document.querySelector(".mine .file") && document.querySelector("#text").value === ""`)
	if got := eval[string](p, `[...document.querySelectorAll(".mine .body")].at(-1).innerHTML`); got != "<b>Salom</b>" {
		p.t.Errorf("the caption is %s", got)
	}
}

// opensLink opens an invitation from Dilnoza's chat as Oleg.
func opensLink(p *page) {
	p.greeted()
	p.bot("sendMessage", `{"chat_id":11,"text":"https://t.me/recbot_sim_bot?start=ABC-1"}`)
	p.run(chromedp.Click(`//button[@class="command"][text()="https://t.me/recbot_sim_bot?start=ABC-1"]`))
	p.wait(`document.querySelector("#opens").open`)
	p.shot("opens")
	p.run(chromedp.Click("#openers button:nth-child(2)"))
	p.wait(`!document.querySelector("#opens").open && document.querySelector("#status").innerText.includes("Oleg")`)
	p.wait(`document.querySelector(".mine .body")?.innerText === "/start"`) // the parameter is not shown
	if h := p.tg.History(oleg); len(h) != 1 || h[0].Text[0].Text != "/start ABC-1" {
		p.t.Errorf("Oleg said %+v", h)
	}
}

func catchesUp(p *page) {
	p.greeted()
	p.server.CloseClientConnections()
	p.bot("sendMessage", `{"chat_id":11,"text":"meanwhile"}`)
	p.wait(`[...document.querySelectorAll(".body")].at(-1).innerText === "meanwhile"`)
	if n := eval[int](p, `document.querySelectorAll(".message").length`); n != 3 {
		p.t.Errorf("%d messages, want 3", n)
	}
}

func fits(p *page) {
	p.greeted()
	p.bot("sendMessage", `{"chat_id":11,"text":"`+strings.Repeat("Nebuchadnezzar", 30)+`","reply_markup":{"inline_keyboard":
		[[{"text":"Birinchi ishchi guruhning navbatdagi yigʻilishi","callback_data":"1"},{"text":"2","callback_data":"2"},{"text":"3","callback_data":"3"}]]}}`)
	p.wait(`document.querySelectorAll(".message").length === 3`)
	wide := eval[[]string](p, `[...document.querySelectorAll("body *")].filter((e) => !e.closest(".unseen, .wide") && e.offsetParent &&
		e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 80))`)
	if len(wide) > 0 {
		p.t.Errorf("stands out on the right: %v", wide)
	}
	nameless := eval[[]string](p, `[...document.querySelectorAll("button, a, input, textarea, [role]")].filter((e) => !e.closest("[hidden]") &&
		!(e.getAttribute("aria-label") || e.innerText.trim() || (e.labels && e.labels.length) || e.getAttribute("role") === "status"))
		.map((e) => e.outerHTML.slice(0, 80))`)
	if len(nameless) > 0 {
		p.t.Errorf("has no name to be read aloud: %v", nameless)
	}
	small := eval[[]string](p, `[...document.querySelectorAll("button, textarea, .keys a")].filter((e) => e.offsetParent && !e.matches(".command") &&
		e.getBoundingClientRect().height < 40).map((e) => e.outerHTML.slice(0, 80))`)
	if len(small) > 0 {
		p.t.Errorf("too small for a finger: %v", small)
	}
	if !strings.Contains(p.text(".notice"), "invented examples") {
		p.t.Error("the page does not say that the meetings are invented")
	}
}
