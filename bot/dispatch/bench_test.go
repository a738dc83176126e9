package dispatch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/bot/dialog"
	"recbot/store"
	"recbot/store/boltstore"
)

// bench is a dispatcher with a real store on a disk and a wire that writes down what is sent.
type bench struct {
	*Dispatcher
	t       testing.TB
	store   *store.Store
	backend *boltstore.DB
	log     syncBuffer

	mu     sync.Mutex
	said   []string
	answer func(l *bot.Letter) (bot.Receipt, bool) // false: it is sent
	last   int                                     // message id
	now    time.Time
	update store.UpdateID
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

var start = time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC)

// say answers with a message of that key.
func say(key string) bot.Handler {
	return func(context.Context, *bot.Request) (*bot.Reply, error) { return bot.Say(key), nil }
}

// inBubble runs a test with a bench inside of a bubble, in which waiting costs nothing.
func inBubble(t *testing.T, change func(*Options), test func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, change)
		test(b)
		synctest.Wait()
		if err := b.Close(t.Context()); err != nil {
			t.Errorf("closing: %v", err)
		}
		if !b.Idle() {
			t.Error("not idle after closing")
		}
		if err := b.backend.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
}

func newBench(t testing.TB, change func(*Options)) *bench {
	t.Helper()
	b := &bench{t: t, now: start, update: 100}
	var err error
	if b.backend, err = boltstore.Open(filepath.Join(t.TempDir(), "rec.db"), boltstore.Options{NoSync: true}); err != nil {
		t.Fatal(err)
	}
	b.store = store.New(b.backend, b.clock)
	if err := b.store.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.Dispatcher = New(b.options(change))
	return b
}

func (b *bench) options(change func(*Options)) Options {
	o := Options{
		Store: b.store, Now: b.clock, Log: slog.New(slog.NewTextHandler(&b.log, nil)), Flows: flows(b.store),
		Commands: []bot.Command{
			{Name: "agenda", Aliases: []string{"programme"}, Buttons: []string{"ag"}, Intents: []string{"agenda"}, Run: say("Agenda"), Press: echo},
			{Name: "announce", For: store.Organizer, Buttons: []string{"an"}, Intents: []string{"announce"}, Run: say("Announce")},
			{Name: "zone", Run: begin(b)},
			{Buttons: []string{"fo"}, Run: say("Follow")},
			{Intents: []string{"closed"}, Run: func(context.Context, *bot.Request) (*bot.Reply, error) {
				return nil, fmt.Errorf("asking: %w", bot.Refuse("RefuseThis"))
			}},
			{Intents: []string{"twice"}, Run: func(context.Context, *bot.Request) (*bot.Reply, error) {
				return bot.Say("One").Then(bot.Say("Two")), nil
			}},
		},
		Understand: func(_ context.Context, text string, _ store.Person, _ time.Time) (bot.Question, error) {
			asked, ok := strings.CutPrefix(text, "ask ")
			if !ok {
				return bot.Question{}, nil
			}
			intent, lang, _ := strings.Cut(asked, " in ")
			return orElse(bot.Question{Intent: intent, Lang: store.Lang(lang), Sure: true}), nil
		},
		Render: render,
		Toast:  func(p bot.Part, to store.Person, _ time.Time) (string, error) { return spell(p, to), nil },
		Menu: func(p store.Person) []bot.MenuItem {
			return []bot.MenuItem{{Command: "in", Description: string(p.Language)}}
		},
		Send:     b.send,
		Which:    say("Which"),
		Fallback: say("Fallback"), Unknown: say("Unknown"), Unreadable: say("Unreadable"), Stale: say("Fresh"), Returned: say("WelcomeBack"),
		Decode: func(raw json.RawMessage) (*bot.Update, error) {
			var u bot.Update
			return &u, json.Unmarshal(raw, &u)
		},
		Owners: []store.PersonID{1},
		Guess: func(ietf string) store.Lang {
			if ietf == "ru" {
				return store.Russian
			}
			return store.English
		},
		Link: func() string { return "https://t.me/RecBot" },
	}
	if change != nil {
		change(&o)
	}
	return o
}

// orElse gives a question whose intent reads "a or b" both readings.
func orElse(q bot.Question) bot.Question {
	if one, other, two := strings.Cut(q.Intent, " or "); two {
		q.Intent, q.Or = one, &bot.Question{Intent: other, Lang: q.Lang}
	}
	return q
}

// echo answers a button by editing, with the parts behind its prefix.
func echo(_ context.Context, r *bot.Request) (*bot.Reply, error) {
	return bot.Say("Echo", "Rest", strings.Join(r.Rest, "+")).Editing().Toasting("Done"), nil
}

// flows has one flow of one question, whose answer is a number of letters.
func flows(s *store.Store) *dialog.Runner {
	return dialog.New(s, dialog.Flow{Name: "tz", Title: "TitleZone", Steps: []dialog.Step{{
		Name: "city",
		Ask: func(context.Context, *dialog.Talk) (*bot.Reply, error) {
			return bot.Say("WhichCity").Row(dialog.Cancel("tz")), nil
		},
		Take: func(_ context.Context, t *dialog.Talk) (dialog.Move, error) {
			if strings.HasPrefix(t.Value, "Dushanbe") {
				return dialog.End(bot.Say("ZoneSet")), nil
			}
			return dialog.Unclear(bot.Say("NoSuchCity")), nil
		},
	}}})
}

func begin(b *bench) bot.Handler {
	return func(ctx context.Context, r *bot.Request) (*bot.Reply, error) { return b.o.Flows.Start(ctx, r, "tz") }
}

func spell(p bot.Part, to store.Person) string {
	words := p.Key
	names := make([]string, 0, len(p.Values))
	for name := range p.Values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		switch v := p.Values[name]; {
		case v.Raw != nil:
			words += " " + *v.Raw
		case v.Link != nil:
			words += " " + v.Link.URL
		}
	}
	return words + "/" + string(to.Language)
}

func render(r *bot.Reply, to store.Person, _ time.Time) (*bot.Letter, error) {
	if len(r.Parts) == 0 {
		return nil, nil
	}
	if r.Lang != "" {
		to.Language = r.Lang
	}
	l := &bot.Letter{}
	for _, p := range r.Parts {
		if p.Key == "Broken" {
			return nil, errors.New("no such key")
		}
		l.Text = strings.TrimSpace(l.Text + " " + spell(p, to))
	}
	for _, row := range r.Rows {
		for _, k := range row {
			l.Text += " [" + k.Key + "]"
		}
	}
	return l, nil
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) send(ctx context.Context, l *bot.Letter) bot.Receipt {
	b.mu.Lock()
	defer b.mu.Unlock()
	var what string
	switch l.Kind {
	case bot.LetterToast:
		what = fmt.Sprintf("toast %s", l.Text)
	case bot.LetterMenu:
		what = fmt.Sprintf("%d menu %s", l.Chat, l.Menu[0].Description)
	case bot.LetterEdit:
		what = fmt.Sprintf("%d edit %d %s", l.Chat, l.Target, l.Text)
	default:
		what = fmt.Sprintf("%d %s", l.Chat, l.Text)
	}
	b.said = append(b.said, strings.TrimSpace(what))
	if ctx.Err() != nil {
		return bot.Receipt{Fate: bot.FateLater}
	}
	if b.answer != nil {
		if receipt, ok := b.answer(l); ok {
			return receipt
		}
	}
	if l.Kind == bot.LetterEdit {
		return bot.Receipt{Fate: bot.FateSent, Message: l.Target}
	}
	b.last++
	return bot.Receipt{Fate: bot.FateSent, Message: b.last}
}

// heard gives what was said since the last look.
func (b *bench) heard() []string {
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	said := b.said
	b.said = nil
	return said
}

func (b *bench) want(lines ...string) {
	b.t.Helper()
	if diff := cmp.Diff(lines, b.heard()); diff != "" {
		b.t.Errorf("said (-want +got):\n%s", diff)
	}
}

// from makes an update of a person in their private chat. What it is follows from the text: a command, a button in
// brackets, or a text.
func (b *bench) from(who store.PersonID, what string) *bot.Update {
	b.update++
	u := &bot.Update{ID: b.update, Chat: store.ChatID(who), Private: true, From: who, Locale: "ru", Kind: bot.UpdateText, Text: what, Message: 50}
	if command, ok := strings.CutPrefix(what, "/"); ok {
		u.Command, u.Args, _ = strings.Cut(command, " ")
	}
	if button, ok := strings.CutPrefix(what, "["); ok {
		u.Kind, u.Text, u.Query, u.Button = bot.UpdateButton, "", "q", strings.TrimSuffix(button, "]")
	}
	return u
}

// handle hands an update over; the channel is closed when it is settled.
func (b *bench) handle(u *bot.Update) <-chan struct{} {
	b.t.Helper()
	raw, err := json.Marshal(u)
	if err != nil {
		b.t.Fatal(err)
	}
	done := b.Handle(b.t.Context(), u, raw)
	if done == nil {
		b.t.Fatalf("update %d was not taken", u.ID)
	}
	return done
}

// types has a person write or press something, and checks what is said.
func (b *bench) types(who store.PersonID, what string, want ...string) *bot.Update {
	b.t.Helper()
	u := b.from(who, what)
	b.handle(u)
	if diff := cmp.Diff(want, b.heard()); diff != "" {
		b.t.Errorf("after %q (-want +got):\n%s", what, diff)
	}
	return u
}

func (b *bench) person(id store.PersonID) store.Person {
	b.t.Helper()
	p, err := b.store.Person(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// marked tells whether the update is marked as settled in the store.
func (b *bench) marked(u *bot.Update) bool {
	b.t.Helper()
	seen, err := b.store.Settled(b.t.Context(), u.Chat, u.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return seen
}

func settledNow(done <-chan struct{}) bool {
	synctest.Wait()
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// BenchmarkCommand is the way of a command through the gates to its reply, and the mark in a store that does not wait for
// the disk.
func BenchmarkCommand(b *testing.B) {
	t := newBench(b, func(o *Options) { o.PerMinute, o.Log = 1<<30, nil })
	t.answer = func(*bot.Letter) (bot.Receipt, bool) { t.said = t.said[:0]; return bot.Receipt{}, false }
	b.ReportAllocs()
	for b.Loop() {
		<-t.Handle(b.Context(), t.from(5, "/agenda"), nil)
	}
	_ = t.Close(b.Context())
	_ = t.backend.Close()
}
