package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"recbot/bot/council"
	"recbot/bot/sim"
	"recbot/bot/web"
	"recbot/store"
	"recbot/store/boltstore"
)

var demoCommand = subcommand{
	name:  "demo",
	line:  "try the whole bot in a browser: a chat, five people to be, a clock to move",
	needs: needs{quiet: true},
	flags: func(f *flags) {
		f.set.String("listen", "127.0.0.1:8080", "address of the page; the next free port if it is taken")
		f.set.Bool("open", false, "open the page in the browser")
	},
	run: demo,
}

// demoZone is the zone of the demo's clock.
const demoZone = "Asia/Tashkent"

// demoDay is when the demo's clock starts: Tue 1 Dec 2026 09:00 in Tashkent, a week before the first invented meeting.
var demoDay = time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC)

// cast are the people one can be in the demo, with what the bot knows of them beforehand.
var cast = []struct {
	sim.Person
	role     store.Role
	memberOf []string
}{
	{sim.Person{ID: 101, Name: "Dilnoza", Locale: "uz", About: "Uzbek, member of Working Group B"}, store.Delegate, []string{"wg-b"}},
	{sim.Person{ID: 102, Name: "Sergey", Locale: "ru", About: "Russian-speaking delegate"}, store.Delegate, nil},
	{sim.Person{ID: 103, Name: "Emma", Locale: "en", About: "English-speaking outsider"}, store.Guest, nil},
	{sim.Person{ID: 104, Name: "Saodat", Locale: "uz", About: "organizer"}, store.Organizer, nil},
	{sim.Person{ID: 105, Name: "Rustam", Locale: "ru", About: "owner of the bot"}, store.Owner, nil},
}

func demo(ctx context.Context, c *invocation) error {
	folder, err := os.MkdirTemp("", "recbot-demo-")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer os.RemoveAll(folder)
	page, err := listenNear(c.command.str("listen"), c.command.given["listen"])
	if err != nil {
		return err
	}
	address := "http://" + page.Addr().String() + "/"
	return runDemo(ctx, folder, page, func() {
		fmt.Fprintf(c.out, "The demo is at %s\nStop it with Ctrl+C. Nothing of it is kept.\n", address)
		if c.command.yes("open") {
			openBrowser(address)
		}
	}, c)
}

// listenNear listens at addr, or at one of the next ports if it is taken.
func listenNear(addr string, given bool) (net.Listener, error) {
	host, portText, err := net.SplitHostPort(addr)
	port, numErr := strconv.Atoi(portText)
	if err != nil || numErr != nil || !validPort(portText) {
		return nil, usagef("--listen: %q is not an address; write it like 127.0.0.1:8080", addr)
	}
	for try := port; ; try++ {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(try)))
		if err == nil {
			return l, nil
		}
		if port == 0 || try-port >= 50 || try == 65535 {
			return nil, fmt.Errorf("demo: no free port near %s: %w", addr, err)
		}
	}
}

// runDemo runs a simulated Telegram, the bot that talks to it over HTTP, and the page, until ctx ends. Ready is called when the page
// can be opened.
func runDemo(ctx context.Context, folder string, page net.Listener, ready func(), c *invocation) error {
	d := &demoBot{clock: newClock(demoDay, time.Now)}
	d.sim = sim.New(d.clock.Now)
	wire, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	backend, err := boltstore.Open(filepath.Join(folder, storeFile), boltstore.Options{NoSync: true})
	if err != nil {
		return err
	}
	defer backend.Close()
	d.app, err = newApp(parts{
		Config:  Config{Token: sim.Token, API: "http://" + wire.Addr().String(), Timezone: demoZone, BulkRate: 1000},
		backend: backend, catalogue: council.Embedded(), meetings: council.ExampleMeetings(), now: d.clock.Now,
		log: demoLog(c), stepped: true,
	})
	if err != nil {
		return err
	}
	if err := d.seat(ctx); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return serveHTTP(ctx, wire, d.sim) })
	g.Go(func() error { return d.app.run(ctx) })
	g.Go(func() error { return d.flow(ctx) })
	g.Go(func() error {
		return serveHTTP(ctx, page, web.Demo(web.DemoOptions{Telegram: d.sim, Clock: d, Zone: demoZone, Log: demoLog(c)}))
	})
	if err := d.settle(ctx); err == nil {
		ready()
	}
	return g.Wait()
}

// demoBot is the demo behind its page.
type demoBot struct {
	app   *app
	sim   *sim.Server
	clock *clock
	step  sync.Mutex // one step at a time
}

// seat gives the cast accounts and roles, before they say a word.
func (d *demoBot) seat(ctx context.Context) error {
	if err := d.app.store.Open(ctx); err != nil {
		return err
	}
	for _, p := range cast {
		p.Started = true // they know the bot already: an announcement reaches them all
		d.sim.Join(p.Person)
		newcomer := store.Newcomer(p.ID, store.Lang(p.Locale), d.clock.Now())
		newcomer.Role, newcomer.MemberOf = p.role, p.memberOf
		if _, err := d.app.store.Greet(ctx, newcomer); err != nil {
			return fmt.Errorf("demo: seating %s: %w", p.Name, err)
		}
	}
	return nil
}

// Now is the demo's time.
func (d *demoBot) Now() time.Time { return d.clock.Now() }

// Step moves the demo's clock, and returns when everything on the way has happened.
func (d *demoBot) Step(ctx context.Context, s web.Step) error {
	d.step.Lock()
	defer d.step.Unlock()
	now := d.clock.Now()
	switch s {
	case web.StepHour:
		return d.clock.step(ctx, d, now.Add(time.Hour), nil)
	case web.StepDay:
		return d.clock.step(ctx, d, now.AddDate(0, 0, 1), nil)
	case web.StepNext:
		return d.toNextMessage(ctx, now)
	}
	return fmt.Errorf("the clock knows no step %q", s)
}

// farEnough is how far the demo looks for the next message.
const farEnough = 366 * 24 * time.Hour

// errNothingAhead is shown at the page.
var errNothingAhead = errors.New("no message lies ahead: follow something first, and keep reminders on")

// toNextMessage visits due instants until somebody is told something. Without anything ahead the clock stays.
func (d *demoBot) toNextMessage(ctx context.Context, now time.Time) error {
	before := len(d.sim.Deliveries(0))
	for limit := now.Add(farEnough); len(d.sim.Deliveries(0)) == before; {
		at, ok, err := d.next(ctx, d.clock.Now())
		if err != nil {
			return err
		}
		if !ok || at.After(limit) {
			return errNothingAhead
		}
		d.clock.set(at)
		if err := d.visit(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (d *demoBot) next(ctx context.Context, t time.Time) (time.Time, bool, error) {
	return d.app.next(ctx, t)
}

func (d *demoBot) visit(ctx context.Context) error {
	if err := d.app.tick(ctx); err != nil {
		return err
	}
	return d.settle(ctx)
}

// settle waits until the bot has nothing left to do.
func (d *demoBot) settle(ctx context.Context) error {
	for !d.app.idle() || !d.sim.Idle() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * time.Millisecond):
		}
	}
	return nil
}

// flow lets what falls due happen while nobody steps the clock.
func (d *demoBot) flow(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
		if d.app.state.opened.Load() && d.step.TryLock() {
			if err := d.app.tick(ctx); err != nil && ctx.Err() == nil {
				d.app.log.Error("the demo's clock", "err", err)
			}
			d.step.Unlock()
		}
	}
}

// openBrowser opens the page with what the desktop has for that; without one the printed address must do.
func openBrowser(address string) {
	for _, program := range []string{"xdg-open", "open"} {
		if path, err := exec.LookPath(program); err == nil {
			_ = exec.Command(path, address).Start() // the address is printed anyway
			return
		}
	}
}

// demoLog says only what went wrong: a newcomer wants to see the address, not the bot's diary.
func demoLog(c *invocation) *slog.Logger {
	return slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
