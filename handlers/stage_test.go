package handlers_test

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"recbot/bot"
	"recbot/bot/answer"
	"recbot/bot/broadcast"
	"recbot/bot/council"
	"recbot/bot/script"
	"recbot/handlers"
	"recbot/locales"
	"recbot/store"
	"recbot/store/boltstore"
)

// stage is a desk on a real store with real words, and a clock that the test holds.
type stage struct {
	t     *testing.T
	desk  *handlers.Desk
	store *store.Store
	words *locales.Catalog
	now   time.Time
	count int64 // of updates
}

// configuredOwner is an owner by the configuration.
const configuredOwner store.PersonID = 900

const tashkent = "Asia/Tashkent"

// demoDay is the morning of 1 December 2026 in Tashkent: all examples lie ahead, all real meetings behind.
var demoDay = time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC)

// newStage opens a stage with the meetings of the catalogue and others.
func newStage(t *testing.T, others ...store.Meeting) *stage {
	t.Helper()
	s := &stage{t: t, now: demoDay}
	clock := func() time.Time { return s.now }
	db, err := boltstore.Open(filepath.Join(t.TempDir(), "recbot.db"), boltstore.Options{Now: clock, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s.store = store.New(db, clock)
	if err := s.store.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.words, err = locales.Load(); err != nil {
		t.Fatal(err)
	}
	s.desk = handlers.New(handlers.Options{Store: s.store, Council: council.Embedded(), Now: clock, Zone: tashkent, FindPlace: findPlace(s.words), ReadDate: answer.NewDates(s.words.DateWords(), script.Fold).Read, FindLang: s.words.LangNamed, Hold: broadcast.Hold, Owners: []store.PersonID{configuredOwner}, Link: func() string { return "https://t.me/recbot" }})
	s.load(slices.Concat(council.Embedded().Meetings, others)...)
	return s
}

// load puts meetings into the store as an import does, and tells nobody.
func (s *stage) load(meetings ...store.Meeting) {
	s.t.Helper()
	if _, err := s.store.Import(s.t.Context(), meetings, store.ImportOptions{Silent: "test"}); err != nil {
		s.t.Fatal(err)
	}
}

// person stores somebody.
func (s *stage) person(id store.PersonID, lang store.Lang, change func(*store.Person)) store.Person {
	s.t.Helper()
	if _, err := s.store.Greet(s.t.Context(), store.Newcomer(id, lang, s.now)); err != nil {
		s.t.Fatal(err)
	}
	p, err := s.store.ChangePerson(s.t.Context(), id, store.Cause{}, func(p *store.Person) error {
		if change != nil {
			change(p)
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

func (s *stage) request(p store.Person) *bot.Request {
	s.count++
	return &bot.Request{Update: bot.Update{ID: store.UpdateID(s.count), Chat: store.ChatID(p.ID), From: p.ID, Private: true}, Person: p, Now: s.now}
}

// command runs /name args.
func (s *stage) command(p store.Person, name, args string) *bot.Reply {
	s.t.Helper()
	r := s.request(p)
	r.Kind, r.Command, r.Args = bot.UpdateText, name, args
	for _, c := range s.desk.Commands() {
		if c.Name == name {
			return s.must(c.Run(s.t.Context(), r))
		}
	}
	s.t.Fatalf("no command %q", name)
	return nil
}

// ask runs the handler of a question.
func (s *stage) ask(p store.Person, q bot.Question) *bot.Reply {
	s.t.Helper()
	r := s.request(p)
	r.Kind, r.Ask = bot.UpdateText, q
	for _, c := range s.desk.Commands() {
		if slices.Contains(c.Intents, q.Intent) {
			return s.must(c.Run(s.t.Context(), r))
		}
	}
	s.t.Fatalf("no intent %q", q.Intent)
	return nil
}

// press presses a button.
func (s *stage) press(p store.Person, data string) *bot.Reply {
	s.t.Helper()
	r := s.request(p)
	words := strings.Split(data, ":")
	r.Kind, r.Button, r.Rest = bot.UpdateButton, data, words[1:]
	for _, c := range s.desk.Commands() {
		if slices.Contains(c.Buttons, words[0]) {
			return s.must(c.Press(s.t.Context(), r))
		}
	}
	s.t.Fatalf("no handler of the button %q", data)
	return nil
}

func (s *stage) must(reply *bot.Reply, err error) *bot.Reply {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	return reply
}

var tags = regexp.MustCompile(`<[^>]*>`)

// read gives a reply as a person reads it: the text, and a line of [buttons] for every row. It fails when anything could
// not be said, or would not be taken by Telegram.
func (s *stage) read(p store.Person, reply *bot.Reply) string {
	s.t.Helper()
	if reply == nil {
		return ""
	}
	to := locales.Reader{Chat: store.ChatID(p.ID), Lang: p.Language, Zone: p.Zone, CouncilZone: tashkent}
	letter, err := s.words.Render(reply, to, s.now)
	if err != nil {
		s.t.Fatal(err)
	}
	var b strings.Builder
	if letter != nil {
		b.WriteString(strings.NewReplacer("\u00a0", " ", "&lt;", "<", "&gt;", ">", "&quot;", `"`, "&amp;", "&").Replace(tags.ReplaceAllString(letter.Text, "")))
		for _, row := range letter.Rows {
			b.WriteString("\n")
			for _, k := range row {
				if len(k.Data) > bot.MaxData || k.Label == "" || k.Label == "…" {
					s.t.Errorf("button %+v", k)
				}
				b.WriteString("[" + k.Label + "]")
			}
		}
		if strings.HasSuffix(letter.Text, "\n…") {
			s.t.Errorf("the message was cut:\n%s", letter.Text)
		}
	}
	if reply.Toast != nil {
		toast, err := s.words.Toast(*reply.Toast, to, s.now)
		if err != nil {
			s.t.Fatal(err)
		}
		fmt.Fprintf(&b, "\n(%s)", toast)
	}
	return b.String()
}

// data lists the buttons of a reply.
func data(reply *bot.Reply) (all []string) {
	for _, row := range reply.Rows {
		for _, b := range row {
			all = append(all, b.Data+b.URL)
		}
	}
	return all
}

// compose says what a job tells a person.
func (s *stage) compose(job store.Job, p store.Person) (*bot.Reply, string) {
	s.t.Helper()
	reply, key, err := s.desk.Compose(context.Background(), job, p)
	if err != nil {
		s.t.Fatal(err)
	}
	if reply != nil && len(reply.Parts) == 0 { // skipped, with a note of what they know
		return nil, key
	}
	return reply, key
}
