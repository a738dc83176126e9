package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

var shots = flag.String("shots", "", "a folder for screenshots of the demo")

// browserPatience is how long a condition of the page may take to come true; the machine may be busy with other tests.
const browserPatience = 60 * time.Second

// demoTab is the demo, really running, in a tab of a headless Chromium.
type demoTab struct {
	t   *testing.T
	ctx context.Context
}

// openDemo runs `recbot demo` in this process and opens its page.
func openDemo(t *testing.T, width, height int64) *demoTab {
	t.Helper()
	if testing.Short() {
		t.Skip("NOT RUN with -short: the demo in a browser")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is missing; install it with: apt-get install -y chromium")
	}
	page, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ready, done := make(chan struct{}), make(chan error, 1)
	inv := &invocation{streams: streams{out: io.Discard, err: io.Discard}, now: time.Now}
	go func() { done <- runDemo(ctx, t.TempDir(), page, func() { close(ready) }, inv) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the demo stopped with: %v", err)
		}
	})
	select {
	case <-ready:
	case err := <-done:
		t.Fatalf("the demo did not start: %v", err)
	}
	d := &demoTab{t: t, ctx: openTab(t, path)}
	d.run(chromedp.EmulateViewport(width, height), chromedp.Navigate("http://"+page.Addr().String()))
	d.wait(fmt.Sprintf(`document.querySelectorAll(".person").length === %d`, len(cast)))
	return d
}

func openTab(t *testing.T, path string) context.Context {
	t.Helper()
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WSURLReadTimeout(browserPatience),
	}
	for _, name := range []string{"disable-dev-shm-usage", "disable-quic", "disable-background-networking",
		"disable-component-update", "disable-sync", "disable-extensions", "mute-audio"} {
		options = append(options, chromedp.Flag(name, true))
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting chromium: %v", err)
	}
	return ctx
}

func (d *demoTab) run(actions ...chromedp.Action[chromedp.Void]) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.ctx, browserPatience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		d.t.Fatalf("in the browser: %v", err)
	}
}

// get makes something of the page.
func get[T any](d *demoTab, a chromedp.Action[T]) T {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.ctx, browserPatience)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		d.t.Fatalf("in the browser: %v", err)
	}
	return v
}

// wait waits until an expression is true, and shows the log of the chat when it does not become so.
func (d *demoTab) wait(expression string) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.ctx, browserPatience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Poll[bool]("!!("+expression+")", chromedp.WithPollingInterval(50*time.Millisecond),
		chromedp.WithPollingTimeout(browserPatience)))
	if err != nil {
		d.t.Fatalf("never true: %s (%v)\nthe chat:\n%s", expression, err, get(d, chromedp.Evaluate[string](`document.querySelector("#log").innerText`)))
	}
}

// click clicks what an expression finds, once it is there.
func (d *demoTab) click(expression string) {
	d.t.Helper()
	d.wait(expression)
	get(d, chromedp.Evaluate[bool]("("+expression+").click() || true"))
}

// be chooses who one is.
func (d *demoTab) be(name string) {
	d.t.Helper()
	d.click(fmt.Sprintf(`[...document.querySelectorAll(".person")].find(p => p.innerText.includes(%q))`, name))
}

// say types a message and sends it; the first one in a chat is the Start button.
func (d *demoTab) say(text string) {
	d.t.Helper()
	if text == "/start" {
		d.run(chromedp.WaitVisible("#start"), chromedp.Click("#start"))
		return
	}
	d.run(chromedp.SendKeys("#text", text), chromedp.Click("#send"))
}

// press presses the newest button whose label holds a text.
func (d *demoTab) press(label string) {
	d.t.Helper()
	d.click(fmt.Sprintf(`[...document.querySelectorAll("#log button")].filter(b => b.innerText.includes(%q)).pop()`, label))
}

// reads waits until the chat shows a text.
func (d *demoTab) reads(text string) {
	d.t.Helper()
	d.wait(fmt.Sprintf(`document.querySelector("#log").innerText.replace(/\s+/g, " ").includes(%q)`, strings.Join(strings.Fields(text), " ")))
}

// shot keeps a picture when -shots asks for it.
func (d *demoTab) shot(name string) {
	d.t.Helper()
	if *shots == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*shots, name+".png"), get(d, chromedp.CaptureScreenshot()), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

// TestDemoInBrowser is a newcomer's first five minutes: a language, a group to follow, the clock, the reminder.
func TestDemoInBrowser(t *testing.T) {
	t.Parallel()
	d := openDemo(t, 1280, 800)
	d.be("Dilnoza")
	d.say("/start")
	d.press("Ўзбекча")
	d.reads("Сиз қайси вақт минтақасидасиз?")
	d.press("Тошкент +5")
	d.press("(b)")
	d.press("Тайёр")
	d.reads("Намуна")
	d.run(chromedp.Click(`[data-step="next"]`))
	d.reads("Эслатма: эртага соат 09:00 да бошланади")
	d.wait(`!document.querySelector("[data-step=next]").disabled`)
	d.shot("demo")
}
