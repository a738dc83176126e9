package main

import (
	"cmp"
	"context"
	_ "embed" // for what was learned
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"recbot/bot"
	"recbot/bot/answer"
	"recbot/bot/council"
	"recbot/bot/script"
	"recbot/locales"
	"recbot/store"
)

// questions understands plain texts: by the phrases of the locales, the names of the catalogue, and the meetings that the
// store holds at the moment.
type questions struct {
	reader *answer.Reader
	store  *store.Store
	zone   *time.Location

	council []store.FAQ // the questions that the catalogue answers

	mu       sync.Mutex
	book     *answer.Book
	answered map[string]store.FAQ    // those in the book
	learned  map[string]answer.Entry // what the reader made of them, by id
	rev      store.Rev               // of the meetings and the answered questions in the book
}

func newQuestions(c *council.Catalogue, words *locales.Catalog, st *store.Store, zone string) (*questions, error) {
	loc, err := store.LoadZone(zone)
	if err != nil {
		return nil, fmt.Errorf("time zone of the Council: %w", err)
	}
	reader, err := readerOf(c, words)
	if err != nil {
		return nil, err
	}
	return &questions{reader: reader, store: st, zone: loc, council: c.FAQ}, nil
}

// readerOf makes a reader for a catalogue. That of the shipped one is made once a process: the demo and the tests begin anew
// many times, and the cities it takes from the words are the same each time.
func readerOf(c *council.Catalogue, words *locales.Catalog) (*answer.Reader, error) {
	if c != council.Embedded() {
		return newReader(c, words)
	}
	shipped.once.Do(func() { shipped.reader, shipped.err = newReader(c, words) })
	return shipped.reader, shipped.err
}

// shipped is the reader of the shipped catalogue.
var shipped struct {
	once   sync.Once
	reader *answer.Reader
	err    error
}

// taught is what was learned from the phrases of the locales: their fingerprint, a line end, and what [answer.Teach] gives.
// `make generate` makes it anew, and a test fails if it is older than the phrases. The phrases themselves are no part of the
// program. It is a string so that it lies among what is never written to: of its 2.5 MB only what is read takes memory.
//
//go:embed taught.bin
var taught string

//go:generate go test . -count=1 -run TestTaught -update

// newReader makes a reader of what was learned and of the names in a catalogue.
func newReader(c *council.Catalogue, words *locales.Catalog) (*answer.Reader, error) {
	_, learned, _ := strings.Cut(taught, "\n")
	return answer.New(answer.Learned(learned), things(c, words), script.Fold)
}

// things are the names that a reader needs in any case.
func things(c *council.Catalogue, words *locales.Catalog) []answer.Thing {
	return slices.Concat(councilThings(c), cityThings(words))
}

// read understands a text. Of what the person may not see nothing is known. The error is that of the store.
func (q *questions) read(ctx context.Context, text string, p store.Person, now time.Time) (answer.Reading, error) {
	book, eyes, err := q.eyes(ctx, p, now)
	if err != nil {
		return answer.Reading{}, fmt.Errorf("understanding a text: %w", err)
	}
	return q.reader.Read(text, book, eyes), nil
}

// languageOf tells what language a text is in by its words alone; "" where they do not tell.
func (q *questions) languageOf(text string) store.Lang {
	x := q.reader.Read(text, q.reader.NewBook(nil, nil), answer.Asker{})
	if !x.LangSure {
		return ""
	}
	return x.Lang
}

// eyes gives the present book, and what a person sees of it.
func (q *questions) eyes(ctx context.Context, p store.Person, now time.Time) (*answer.Book, answer.Asker, error) {
	book, answered, visible, err := q.present(ctx, p)
	if err != nil {
		return nil, answer.Asker{}, err
	}
	sees := func(id store.MeetingID) bool {
		return slices.ContainsFunc(visible, func(m store.Meeting) bool { return m.ID == id })
	}
	// The same rule as of store.VisibleEntries; the handler asks that once more.
	seesEntry := func(id string) bool {
		f := answered[id]
		return f.VisibleTo(p) && (f.Meeting == "" || sees(f.Meeting))
	}
	return book, answer.Asker{Now: now.In(q.zone), Lang: p.Language, Sees: sees, SeesEntry: seesEntry}, nil
}

// present gives a book of all meetings and answered questions as they are, those questions by their id, and the meetings that
// the person may see.
func (q *questions) present(ctx context.Context, p store.Person) (*answer.Book, map[string]store.FAQ, []store.Meeting, error) {
	rev, err := q.store.Revision(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	visible, err := q.store.VisibleMeetings(ctx, p)
	if err != nil {
		return nil, nil, nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.book == nil || q.rev != rev {
		if err := q.rebuild(ctx); err != nil {
			return nil, nil, nil, err
		}
		q.rev = rev
	}
	return q.book, q.answered, visible, nil
}

// rebuild makes the book anew. The caller holds the lock: who asks meanwhile would make the same.
func (q *questions) rebuild(ctx context.Context) error {
	all, err := q.store.Meetings(ctx)
	if err != nil {
		return err
	}
	entries, err := q.store.Entries(ctx)
	if err != nil {
		return err
	}
	q.answered = make(map[string]store.FAQ)
	learned := make(map[string]answer.Entry)
	var read []answer.Entry
	for _, f := range slices.Concat(entries, q.council) {
		if _, twice := q.answered[f.ID]; twice { // what was answered in chat goes before the catalogue's
			continue
		}
		q.answered[f.ID] = f
		learned[f.ID] = q.learn(f)
		read = append(read, learned[f.ID])
	}
	q.learned = learned
	q.book = q.reader.NewBook(meetingsToRead(all), read)
	return nil
}

// learn gives an answered question as the book needs it. Of ten thousand one is new and the others are as they were: those are
// not learned again, so that nobody's question waits for it.
func (q *questions) learn(f store.FAQ) answer.Entry {
	e := answer.Entry{ID: f.ID, Questions: spelt(f.Question, nil)}
	if old, ok := q.learned[f.ID]; ok && slices.Equal(old.Questions, e.Questions) {
		return old
	}
	return q.reader.Learn(e)
}

// meetingsToRead are meetings as the reader knows them.
func meetingsToRead(all []store.Meeting) []answer.Meeting {
	read := make([]answer.Meeting, 0, len(all))
	for _, m := range all {
		a := answer.Meeting{
			ID: m.ID, Number: m.Number, Bodies: m.Bodies, Groups: m.Kind == "working_group_meeting",
			First: m.Date, Last: cmp.Or(m.EndDate, m.Date), Online: m.Attendance == store.Online || m.Location.Online,
			Ends: m.End(), Off: m.Status == store.Cancelled || m.Status == store.Postponed,
			Names: spelt(m.Name, m.Aliases), Places: spelt(m.Location.City, nil),
		}
		read = append(read, a)
	}
	return read
}

// councilThings are the names that the catalogue gives.
func councilThings(c *council.Catalogue) []answer.Thing {
	co := c.Council
	things := []answer.Thing{{ID: co.ID, Slot: answer.SlotCouncil, Names: slices.Concat(spelt(co.Name, co.Aliases), spelt(co.ShortName, nil), spelt(co.Abbreviation, nil))}}
	for _, b := range c.Bodies {
		t := answer.Thing{ID: b.ID, Slot: answer.SlotGroup, Names: spelt(b.Name, nil), Themes: slices.Concat(spelt(b.ShortName, b.Aliases), spelt(b.Scope, nil))}
		if b.Letter != "" {
			t.Letter = int(b.Letter[0]-'a') + 1
		} else {
			t.Names, t.Themes = slices.Concat(t.Names, t.Themes), nil // a body of its own kind is known by any of its names
		}
		things = append(things, t)
	}
	for _, p := range c.People {
		things = append(things, answer.Thing{ID: p.ID, Slot: answer.SlotPerson, Names: spelt(p.Name, p.Aliases)})
	}
	for _, o := range c.Organizations {
		slot := answer.SlotOrg
		if o.Kind == "state" {
			slot = answer.SlotCountry
		}
		things = append(things, answer.Thing{ID: o.ID, Slot: slot, Names: slices.Concat(spelt(o.Name, o.Aliases), spelt(o.ShortName, nil), spelt(o.Abbreviation, nil))})
	}
	return things
}

// cityThings are the cities that the locales know.
func cityThings(words *locales.Catalog) (things []answer.Thing) {
	for _, p := range words.Places() {
		things = append(things, answer.Thing{ID: p.ID, Slot: answer.SlotPlace, Names: append(spelt(p.Names, nil), p.Aliases...)})
	}
	return things
}

// spelt lists a text and other names in all languages and both scripts of Uzbek.
func spelt(t store.Text, others council.Aliases) (all []string) {
	add := func(lang store.Lang, text string) {
		if text == "" {
			return
		}
		if all = append(all, text); lang == store.Uzbek {
			all = append(all, script.ToCyrillic(text))
		}
	}
	for _, lang := range store.Langs {
		add(lang, t[lang])
		for _, text := range others[lang] {
			add(lang, text)
		}
	}
	return all
}

// understand is what dispatch asks of a text that is nothing else.
func (a *app) understand(ctx context.Context, text string, p store.Person, now time.Time) (bot.Question, error) {
	x, err := a.reader.read(ctx, text, p, now)
	if err != nil {
		return bot.Question{}, err
	}
	if vague(text, x) {
		return bot.Question{Lang: questionOf(x).Lang}, nil
	}
	return questionOf(x), nil
}

const (
	// fewWords is how many words a text has that hardly says by itself what it is about: "да, она есть", "ответ".
	fewWords = 3
	// A text of few words is understood when it is likely, or made of words that all were taught ("онлайн?").
	likely    = 0.65
	taughtAll = 0.9
	// What is none of the bot's business is told so only if most of its words are known; else it may have been a slip.
	strange = 0.75
)

// vague tells whether a text is too short for the little that is known of it. It is better to ask for other words than to
// answer "Answer" with contacts, or "нет" with "you are welcome".
func vague(text string, x answer.Reading) bool {
	words := len(strings.Fields(text))
	courteous := words > 1 && (x.Intent == "thanks" || x.Intent == "greeting") // "нет, спасибо" harms nobody
	yes, said := answer.YesNo(text)
	switch {
	case said && !(yes && x.Intent == "thanks"): // "no" asks for nothing, whatever else begins with it; "ok" says thanks
		return true
	case words > fewWords || x.Entry != "" || x.Tells || courteous:
		return false
	case x.Intent == offTopic && x.Known < strange:
		return true
	}
	return x.Chance < likely && x.Known < taughtAll
}

// questionOf is a reading in the words of a conversation.
func questionOf(x answer.Reading) bot.Question {
	q := bot.Question{
		Intent: x.Intent, Aspect: x.Aspect, Meeting: x.Meeting, Named: x.Named, Body: x.Body, Topic: x.Topic, Fits: x.Fits,
		Person: x.Person, Org: x.Org, Lead: x.Lead, Switch: x.Switch, Entry: x.Entry,
		Sure: x.Sure,
	}
	if x.Or != nil && x.Entry == "" {
		or := questionOf(*x.Or)
		q.Or = &or
	}
	if x.Entry != "" && !x.Sure {
		q.Intent = "faq"
	}
	if x.LangSure {
		q.Lang = x.Lang
	}
	return q
}

// username is the bot's name, known once Telegram has told it.
type username struct{ name atomic.Pointer[string] }

func (u *username) set(name string) { u.name.Store(&name) }

func (u *username) get() string {
	if name := u.name.Load(); name != nil {
		return *name
	}
	return ""
}
