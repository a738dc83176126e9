package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
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

	mu   sync.Mutex
	book *answer.Book
	rev  store.Rev // of the meetings in the book
}

func newQuestions(c *council.Catalogue, words *locales.Catalog, st *store.Store, zone string) (*questions, error) {
	asks, err := locales.LoadAsks()
	if err != nil {
		return nil, err
	}
	loc, err := store.LoadZone(zone)
	if err != nil {
		return nil, fmt.Errorf("time zone of the Council: %w", err)
	}
	lessons := answer.Lessons{Words: asks.Words, Concepts: asks.Concepts, Marks: asks.Marks, Fold: script.Fold}
	for _, p := range asks.Phrases {
		lessons.Phrases = append(lessons.Phrases, answer.Phrase(p))
	}
	lessons.Things = slices.Concat(councilThings(c), cityThings(words))
	return &questions{reader: answer.New(lessons), store: st, zone: loc}, nil
}

// read understands a text. Of what the person may not see nothing is known. The error is that of the store.
func (q *questions) read(ctx context.Context, text string, p store.Person, now time.Time) (answer.Reading, error) {
	book, visible, err := q.present(ctx, p)
	if err != nil {
		return answer.Reading{}, fmt.Errorf("understanding a text: %w", err)
	}
	sees := func(id store.MeetingID) bool {
		return slices.ContainsFunc(visible, func(m store.Meeting) bool { return m.ID == id })
	}
	return q.reader.Read(text, book, answer.Asker{Now: now.In(q.zone), Lang: p.Language, Sees: sees}), nil
}

// present gives a book of all meetings as they are, and those that the person may see.
func (q *questions) present(ctx context.Context, p store.Person) (*answer.Book, []store.Meeting, error) {
	rev, err := q.store.Revision(ctx)
	if err != nil {
		return nil, nil, err
	}
	all, err := q.store.Meetings(ctx)
	if err != nil {
		return nil, nil, err
	}
	visible, err := q.store.VisibleMeetings(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.book == nil || q.rev != rev {
		q.book, q.rev = q.reader.NewBook(meetingsToRead(all), nil), rev
	}
	return q.book, visible, nil
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
	return questionOf(x), nil
}

// questionOf is a reading in the words of a conversation.
func questionOf(x answer.Reading) bot.Question {
	q := bot.Question{
		Intent: x.Intent, Aspect: x.Aspect, Meeting: x.Meeting, Named: x.Named, Body: x.Body, Topic: x.Topic, Fits: x.Fits,
		Person: x.Person, Org: x.Org, Lead: x.Lead, Switch: x.Switch, Entry: x.Entry,
		Sure: x.Sure,
	}
	if x.Or != nil {
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
