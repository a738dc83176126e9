package main

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"recbot/bot"
	"recbot/bot/answer"
	"recbot/bot/council"
	"recbot/bot/script"
	"recbot/locales"
	"recbot/store"
)

// questions understands plain texts by the examples of the locales and the names of the catalogue.
type questions struct {
	reader *answer.Reader
	past   []string // folded words that speak of the past; with a * at the end, of any ending
}

func newQuestions(c *council.Catalogue) (*questions, error) {
	asks, err := locales.Asks()
	if err != nil {
		return nil, err
	}
	q := &questions{}
	examples := make([]answer.Example, 0, len(asks))
	for _, a := range asks {
		if a.Intent == pastWords {
			q.past = append(q.past, script.Fold(a.Text))
			continue
		}
		examples = append(examples, answer.Example{Lang: a.Lang, Intent: a.Intent, Text: a.Text})
	}
	q.reader = answer.New(examples, append(bodyNames(c), meetingNames(c)...), script.Fold)
	return q, nil
}

// pastWords is the section of the *.ask.yaml files that is no intent.
const pastWords = "past_words"

// aboutNext are the intents that mean the next meeting when none is named.
var aboutNext = []string{"next_meeting", "meeting_when", "meeting_where", "meeting_agenda"}

// read understands a text. A question about a meeting of the past, or by its number, that names none is one for the list
// of past meetings: the next meeting would be a wrong fact.
func (q *questions) read(text string) (bot.Question, bool) {
	u, ok := q.reader.Read(text)
	asked := bot.Question{Intent: u.Intent, Meeting: u.Meeting, Body: u.Body, Lang: u.Lang}
	if ok && u.Meeting == "" && u.Body == "" && (slices.Contains(aboutNext, u.Intent) || u.Intent == "list_meetings") && q.ofPast(text) {
		asked.Intent, asked.Topic = "list_meetings", "past"
	}
	return asked, ok
}

func (q *questions) ofPast(text string) bool {
	words := strings.FieldsFunc(script.Fold(text), func(c rune) bool { return !unicode.IsLetter(c) })
	return slices.ContainsFunc(words, func(word string) bool {
		return slices.ContainsFunc(q.past, func(p string) bool {
			stem, any := strings.CutSuffix(p, "*")
			return word == p || any && strings.HasPrefix(word, stem)
		})
	})
}

// longName is how many words a meeting's name or alias must have: shorter ones are said of other meetings too.
const longName = 3

// meetingNames are the names of the catalogue's public meetings. What others may not see must not be known here.
func meetingNames(c *council.Catalogue) []answer.Name {
	var names []answer.Name
	for _, m := range c.Meetings {
		for _, lang := range store.Langs {
			for _, text := range append([]string{m.Name[lang]}, m.Aliases[lang]...) {
				if m.Visibility != store.Public || len(strings.Fields(text)) < longName {
					continue
				}
				names = append(names, answer.Name{Text: text, Meeting: m.ID})
				if lang == store.Uzbek {
					names = append(names, answer.Name{Text: script.ToCyrillic(text), Meeting: m.ID})
				}
			}
		}
	}
	return names
}

// bodyNames are what people call the bodies, in every language and both scripts.
func bodyNames(c *council.Catalogue) []answer.Name {
	var names []answer.Name
	add := func(body string, lang store.Lang, texts ...string) {
		for _, text := range texts {
			names = append(names, answer.Name{Text: text, Body: body})
			if lang == store.Uzbek {
				names = append(names, answer.Name{Text: script.ToCyrillic(text), Body: body})
			}
		}
	}
	for _, b := range c.Bodies {
		for _, lang := range store.Langs {
			add(b.ID, lang, b.Name[lang], b.ShortName[lang])
			add(b.ID, lang, b.Aliases[lang]...)
		}
	}
	return names
}

// understand is what dispatch asks of a text that is nothing else.
func (a *app) understand(text string, _ store.Person, _ time.Time) (bot.Question, bool) {
	return a.reader.read(text)
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
