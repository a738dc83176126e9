package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"recbot/bot/sim"
	"recbot/bot/web"
)

// patience is how long a condition may take to come true; the machine may be busy with other tests.
const patience = 40 * time.Second

// browser starts one headless Chromium for the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("NOT RUN with -short: the demo page in a browser")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is missing; install it with: apt-get install -y chromium")
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WSURLReadTimeout(patience),
	}
	for _, flag := range []string{"disable-dev-shm-usage", "disable-quic", "disable-background-networking",
		"disable-component-update", "disable-sync", "disable-extensions", "mute-audio"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	return ctx
}

// page is the demo page in a tab of its own, over a Telegram of its own.
type page struct {
	t   *testing.T
	ctx context.Context
	tg  *sim.Server
	clk *clock

	server *httptest.Server
}

const (
	dilnoza = 11
	oleg    = 12
)

// clock is a demo clock that stands still unless it is told to step.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	steps []web.Step
	fail  error
	hold  chan struct{} // a step waits for it when it is not nil
	began chan struct{} // gets a token when a step begins
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Step(ctx context.Context, s web.Step) error {
	c.mu.Lock()
	c.steps = append(c.steps, s)
	c.began <- struct{}{}
	hold, err := c.hold, c.fail
	c.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(map[web.Step]time.Duration{web.StepHour: time.Hour, web.StepDay: 24 * time.Hour, web.StepNext: time.Minute}[s])
	return nil
}

func newClock() *clock {
	return &clock{began: make(chan struct{}, 100), now: time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC)} // 09:00 in Tashkent
}

func newTelegram(clk *clock) *sim.Server {
	tg := sim.New(clk.Now)
	tg.Join(sim.Person{ID: dilnoza, Name: "Dilnoza", Locale: "uz", About: "Uzbek, member of working group B"},
		sim.Person{ID: oleg, Name: "Oleg", Locale: "ru", About: "Russian, delegate", Started: true})
	return tg
}

// open shows the page in a new tab of the given size.
func open(ctx context.Context, t *testing.T, width, height int64) *page {
	t.Helper()
	clk := newClock()
	tg := newTelegram(clk)
	server := httptest.NewServer(web.Demo(web.DemoOptions{Telegram: tg, Clock: clk}))
	tab, cancel := chromedp.NewContext(ctx, chromedp.WithListener(func(ev any) { complain(t, ev) }))
	t.Cleanup(func() { cancel(); server.CloseClientConnections(); server.Close() })
	if err := chromedp.Do(tab); err != nil { // the tab lives as long as the context of the first call
		t.Fatalf("open a tab: %v", err)
	}
	p := &page{t: t, ctx: tab, tg: tg, clk: clk, server: server}
	p.run(chromedp.EmulateViewport(width, height), chromedp.Navigate(server.URL))
	p.wait(`document.querySelectorAll(".person").length === 2`)
	return p
}

// complain fails the test when the page logs an error or breaks its content security policy. The events are told by the
// names of their types, which saves a dependency on the protocol's package.
func complain(t *testing.T, ev any) {
	switch name := fmt.Sprintf("%T", ev); name {
	case "*runtime.EventExceptionThrown", "*log.EventEntryAdded":
		b, _ := json.Marshal(ev)                                // only to show it
		if !strings.Contains(string(b), `"source":"network"`) { // refused actions and broken streams are part of the tests
			t.Errorf("the page complains: %s %s", name, b)
		}
	}
}

func (p *page) run(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatalf("in the browser: %v", err)
	}
}

// wait until a condition in JavaScript holds.
func (p *page) wait(condition string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Poll[bool]("!!("+condition+")", chromedp.WithPollingInterval(50*time.Millisecond),
		chromedp.WithPollingTimeout(patience)))
	if err != nil {
		p.t.Fatalf("waited for %s: %v; the page reads:\n%s", condition, err, p.text("body"))
	}
}

// text is what can be read in an element.
func (p *page) text(selector string) string {
	p.t.Helper()
	return eval[string](p, fmt.Sprintf("document.querySelector(%q).innerText", selector))
}

// eval gives a value from JavaScript.
func eval[T any](p *page, script string) T {
	p.t.Helper()
	return get(p, chromedp.Evaluate[T](script))
}

func get[T any](p *page, a chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		p.t.Fatalf("in the browser: %v", err)
	}
	return v
}

// bot calls the Bot API as the bot.
func (p *page) bot(method, params string) string {
	p.t.Helper()
	return call(p.t, p.tg, method, params)
}

// call makes a call with JSON parameters and gives the answer; an error of the API fails the test.
func call(t *testing.T, tg *sim.Server, method, params string) string {
	t.Helper()
	req := httptest.NewRequest("POST", "/bot"+sim.Token+"/"+method, strings.NewReader(params))
	req.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	tg.ServeHTTP(w, req)
	if w.Code != 200 {
		t.Fatalf("%s %s: %s", method, params, w.Body)
	}
	return w.Body.String()
}

// shot keeps a picture of the page where SHOTS names a folder, for people to look at.
func (p *page) shot(name string) {
	p.t.Helper()
	folder := os.Getenv("SHOTS")
	if folder == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), get(p, chromedp.CaptureScreenshot()), 0o600); err != nil {
		p.t.Fatal(err)
	}
}
