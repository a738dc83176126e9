package main

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot/sim"
	"recbot/store"
)

var update = flag.Bool("update", false, "rewrite what the bot says in testdata/*.chat")

// TestChat plays every script. Each says in its first comment what it proves.
func TestChat(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/*.chat")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".chat"), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { playFile(t, path, false) })
		})
	}
}

func playFile(t *testing.T, path string, sockets bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := parseScript(string(text))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	zone, err := store.LoadZone("Asia/Tashkent")
	if err != nil {
		t.Fatal(err)
	}
	p := &player{t: t, path: path, zone: zone, sockets: sockets}
	for _, s := range steps {
		if s.verb != "#" {
			p.play(s)
		}
		p.out = append(p.out, s)
	}
	p.unexpected(nil)
	if *update && !t.Failed() {
		if err := writeScript(path, p.out); err != nil {
			t.Fatal(err)
		}
	}
}

// player plays one script.
type player struct {
	t       *testing.T
	path    string
	zone    *time.Location
	sockets bool // not in a bubble
	w       *world
	last    string    // who spoke last
	now     time.Time // of the last at, also of one that -update puts in
	out     []*step   // played, and what -update puts between
}

// fail ends the test at a line of the script.
func (p *player) fail(s *step, format string, args ...any) {
	p.t.Helper()
	line := 0
	if s != nil {
		line = s.line
	}
	p.t.Fatalf("%s:%d: %s", filepath.Base(p.path), line, fmt.Sprintf(format, args...))
}

func (p *player) play(s *step) {
	p.t.Helper()
	if p.w == nil && s.verb != "at" {
		p.fail(s, "a script begins with at")
	}
	if s.expects() {
		p.expect(s)
		return
	}
	p.unexpected(s)
	if err := p.act(s); err != nil {
		p.fail(s, "%v", err)
	}
}

// act does what a step says, and lets the bot deal with it.
func (p *player) act(s *step) error {
	switch s.verb {
	case "at":
		return p.at(s)
	case "silence":
		return p.silence(s)
	case "person":
		p.w.join(s.who, strings.TrimSpace(strings.TrimPrefix(s.rest, "in ")), false)
	case "given":
		return p.given(s)
	case "meeting":
		return p.meeting(s)
	case "says":
		return p.says(s)
	case "block", "unblock":
		return p.block(s)
	case "group":
		return p.group(s)
	case "menu":
		return p.menu(s)
	case "crash":
		return p.crash(s)
	case "restart":
		return p.restart()
	case "store":
		return p.store(s)
	case "fault":
		return p.fault(s)
	default:
		return fmt.Errorf("%q is not a word of scripts yet", s.verb)
	}
	return nil
}

// at steps the clock. What the bot says before the instant is unexpected; what it says at it, the next lines expect.
func (p *player) at(s *step) error {
	to, err := parseInstant(s.rest, p.zone)
	if err != nil {
		return err
	}
	if p.w == nil {
		p.now = to
		p.w = newWorld(p.t, to, p.zone, p.sockets)
		return nil
	}
	defer func() { p.now = to }()
	if before := to.Add(-time.Millisecond); before.After(p.w.clock.Now()) {
		if err := p.w.goTo(before); err != nil {
			return err
		}
		p.unexpected(s)
	}
	return p.w.goTo(to)
}

func (p *player) silence(s *step) error {
	until, err := parseInstant(strings.TrimPrefix(s.rest, "until "), p.zone)
	if err != nil {
		return err
	}
	if err := p.w.goTo(until); err != nil {
		return err
	}
	p.now = until
	p.unexpected(s)
	return nil
}

func (p *player) block(s *step) error {
	err := p.w.sim.Block(p.w.join(s.who, "en", false), s.verb == "block")
	p.last = s.who
	p.w.settle()
	return err
}

// group lets somebody write in a group chat that the bot is in; what it says there goes to the group.
func (p *player) group(s *step) error {
	who := p.w.join(s.who, "en", false)
	if _, ok := p.w.people[theGroup]; !ok {
		p.w.people[theGroup] = groupChat
		p.w.sim.Gather(groupChat, "Delegates", who)
		p.w.settle()
	}
	p.last = theGroup
	chat := store.ChatID(p.w.people[theGroup])
	var err error
	switch s.rest {
	case "(becomes a supergroup)":
		p.w.people[theGroup] = superChat
		err = p.w.sim.Migrate(chat, superChat)
	case "(puts the bot out)":
		err = p.w.sim.Kick(chat, who)
	default:
		err = p.w.sim.SayIn(chat, who, s.rest)
	}
	p.w.settle()
	return err
}

// menu compares what a person's client offers beyond the commands for everybody; "nothing more" is nothing.
func (p *player) menu(s *step) error {
	var own []string
	for _, item := range p.w.sim.Menu(p.w.people[s.who]) {
		for _, c := range p.w.life.app.commands {
			if c.Name == item.Command && c.For != "" {
				own = append(own, "/"+c.Name)
			}
		}
	}
	got := strings.Join(own, " ")
	if got == "" {
		got = "nothing more"
	}
	if got != s.rest {
		return fmt.Errorf("the menu of %s offers %s, want %s", s.who, got, s.rest)
	}
	return nil
}

// The group chat of scripts.
const (
	theGroup  = "group"
	groupChat = -1001
	superChat = -1_000_000_001_001 // what it becomes
)

func (p *player) crash(s *step) error {
	if s.rest == "" {
		p.w.crash()
		return nil
	}
	n, err := strconv.Atoi(strings.Fields(s.rest + " -")[1])
	if err != nil {
		return fmt.Errorf("crash %s: write crash after 1 message", s.rest)
	}
	p.w.doomed = n
	return nil
}

func (p *player) restart() error {
	if p.w.life != nil {
		p.w.stop()
	}
	p.w.start()
	return p.w.visit(p.t.Context())
}

// fault makes every message to somebody fail from now on: refused, unanswered (it arrives, and nobody learns of it) or gone
// (their account is deleted); none ends it.
func (p *player) fault(s *step) error {
	who := p.w.join(s.who, "en", false)
	switch s.rest {
	case "refused":
		p.w.faults[store.ChatID(who)] = &sim.Fault{Code: 400, Reason: "Bad Request: BUTTON_DATA_INVALID"}
	case "unanswered":
		p.w.faults[store.ChatID(who)] = &sim.Fault{Swallow: true}
	case "gone":
		p.w.sim.Deactivate(who)
	case "none":
		delete(p.w.faults, store.ChatID(who))
	default:
		return fmt.Errorf("fault %s: write refused, unanswered, gone or none", s.rest)
	}
	return nil
}

func (p *player) store(s *step) error {
	switch s.rest {
	case "down":
		p.w.cut = true
		p.w.life.store.Fail(store.ErrUnavailable)
	case "up":
		p.w.cut = false
		p.w.life.store.Fail(nil)
		time.Sleep(time.Minute)
		p.w.settle()
	default:
		return fmt.Errorf("store %s: write down or up", s.rest)
	}
	return nil
}

// expect takes the next thing that somebody got.
func (p *player) expect(s *step) {
	p.t.Helper()
	who, kind := p.last, s.verb
	if kind == "to" {
		who, kind = s.who, "bot"
	}
	if kind == "edited" {
		who, kind = s.who, "edit"
	}
	i := slices.IndexFunc(p.w.said, func(d delivery) bool { return p.w.nameOf(d.chat) == who })
	if i < 0 {
		if *update {
			s.fixed = []string{}
			return
		}
		p.fail(s, "%s got nothing, want:\n%s", who, strings.Join(s.want, "\n"))
	}
	d := p.w.said[i]
	p.w.said = slices.Delete(p.w.said, i, i+1)
	if d.kind == kind && matches(s.want, d.lines) {
		return
	}
	if *update {
		if s.verb != "to" && s.verb != "edited" {
			s.verb = d.kind
		}
		s.rewrite(d.lines)
		return
	}
	p.fail(s, "%s got %s instead of %s (-want +got):\n%s", who, d.kind, kind, cmp.Diff(s.want, d.lines))
}

// unexpected fails when the bot said something that the script did not expect before s.
func (p *player) unexpected(s *step) {
	p.t.Helper()
	if p.w == nil || len(p.w.said) == 0 {
		return
	}
	said := p.w.said
	p.w.said = nil
	if !*update {
		var lines []string
		for _, d := range said {
			lines = append(lines, fmt.Sprintf("%s %s to %s: %s", d.at.In(p.zone).Format("Mon 2006-01-02 15:04:05"), d.kind, p.w.nameOf(d.chat), strings.Join(d.lines, " / ")))
		}
		p.fail(s, "the bot said before this what the script does not expect:\n%s", strings.Join(lines, "\n"))
	}
	for _, d := range said {
		p.insertInstant(d.at)
		head := "to " + p.w.nameOf(d.chat)
		switch {
		case p.w.nameOf(d.chat) == p.last || d.kind == "toast":
			head = d.kind
		case d.kind == "edit":
			head = "edited " + p.w.nameOf(d.chat)
		}
		p.out = insertBeforeTail(p.out, &step{verb: "new", fixed: layout(head, d.lines)})
	}
}

// insertInstant puts an at before what was said at another time than the script's last one.
func (p *player) insertInstant(at time.Time) {
	if at = at.In(p.zone).Truncate(time.Second); at.Equal(p.now) {
		return
	}
	p.now = at
	p.out = insertBeforeTail(p.out, &step{verb: "new", fixed: layout("at", []string{writeInstant(at)})})
}

// insertBeforeTail puts a step behind the last one, but before the comments and blank lines at its end.
func insertBeforeTail(out []*step, s *step) []*step {
	if len(out) == 0 {
		return append(out, s)
	}
	last := out[len(out)-1]
	n := trailing(last.raw)
	s.raw = slices.Clone(last.raw[len(last.raw)-n:])
	if last.fixed == nil {
		last.fixed = slices.Clone(last.raw[:len(last.raw)-n])
	}
	last.raw = last.raw[:len(last.raw)-n]
	return append(out, s)
}

// testLog shows the bot's log in the output of a failed test.
func testLog(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(b []byte) (int, error) {
	if w.t.Context().Err() == nil {
		w.t.Log(strings.TrimSpace(string(b)))
	}
	return len(b), nil
}
