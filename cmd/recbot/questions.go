package main

import (
	"sync/atomic"
	"time"

	"recbot/bot"
	"recbot/bot/answer"
	"recbot/bot/council"
	"recbot/bot/script"
	"recbot/locales"
	"recbot/store"
)

// questions understands plain texts by the examples of the locales and the names of the catalogue.
type questions struct{ reader *answer.Reader }

func newQuestions(c *council.Catalogue) (*questions, error) {
	asks, err := locales.Asks()
	if err != nil {
		return nil, err
	}
	examples := make([]answer.Example, 0, len(asks))
	for _, a := range asks {
		examples = append(examples, answer.Example{Lang: a.Lang, Intent: a.Intent, Text: a.Text})
	}
	return &questions{answer.New(examples, bodyNames(c), script.Fold)}, nil
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
	u, ok := a.reader.reader.Read(text)
	return bot.Question{Intent: u.Intent, Meeting: u.Meeting, Body: u.Body, Lang: u.Lang}, ok
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
