package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"recbot/bot"
	"recbot/bot/dispatch"
	"recbot/bot/telegram"
	"recbot/locales"
	"recbot/store"
	"recbot/store/boltstore"
)

// asker is the whole bot without a Telegram: what would be sent is kept, together with what was understood. Each question
// comes from a person of its own, who has never spoken to the bot before.
type asker struct {
	c      *invocation
	app    *app
	lanes  *dispatch.Dispatcher
	folder string
	db     *boltstore.DB
	clock  atomic.Pointer[time.Time]
	people int64  // who have asked so far
	said   spoken // of the question that is being answered
}

// spoken is what the bot said to a question, and why.
type spoken struct {
	heard   bot.Question
	letters []*bot.Letter
	lang    store.Lang // of the first letter
	lacks   bool
}

// longAgo lies before every meeting.
var longAgo = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// newAsker makes a bot on a store that is thrown away, filled from the catalogue.
func newAsker(ctx context.Context, c *invocation) (*asker, error) {
	catalogue, err := loadCatalogue(c.Config)
	if err != nil {
		return nil, err
	}
	a := &asker{c: c}
	// The catalogue is brought in long before anything is asked: what is new to the bot now would count as announced now.
	a.clock.Store(&longAgo)
	if a.folder, err = os.MkdirTemp("", "recbot-ask-"); err != nil {
		return nil, err
	}
	if err := a.open(ctx, parts{Config: c.Config, catalogue: catalogue, now: a.now}); err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

// nowhere is a token of the right form. Nothing is ever sent with it.
const nowhere = "1:nobody"

func (a *asker) open(ctx context.Context, p parts) (err error) {
	a.db, err = boltstore.Open(filepath.Join(a.folder, storeFile), boltstore.Options{Now: a.now, NoSync: true})
	if err != nil {
		return err
	}
	p.backend, p.Token = a.db, nowhere
	p.log = slog.New(slog.NewTextHandler(a.c.err, &slog.HandlerOptions{Level: slog.LevelError}))
	if a.app, err = newApp(p); err != nil {
		return err
	}
	if err := a.app.store.Open(ctx); err != nil {
		return err
	}
	if err := a.app.fill(ctx); err != nil {
		return err
	}
	a.lanes = dispatch.New(a.watched(a.app.laneOptions()))
	return nil
}

// watched makes lanes say to us what they would send.
func (a *asker) watched(o dispatch.Options) dispatch.Options {
	understand, render := o.Understand, o.Render
	o.Understand = func(ctx context.Context, text string, p store.Person, now time.Time) (bot.Question, error) {
		q, err := understand(ctx, text, p, now)
		a.said.heard = q
		return q, err
	}
	o.Render = func(r *bot.Reply, to store.Person, now time.Time) (*bot.Letter, error) {
		a.said.lacks = a.said.lacks || r.Lacks
		a.said.lang = cmp.Or(a.said.lang, r.Lang, to.Language)
		return render(r, to, now)
	}
	o.Send = func(_ context.Context, l *bot.Letter) bot.Receipt {
		if l.Text != "" && l.Kind != bot.LetterToast {
			a.said.letters = append(a.said.letters, l)
		}
		return bot.Receipt{Fate: bot.FateSent, Message: 1}
	}
	return o
}

func (a *asker) now() time.Time { return *a.clock.Load() }

// answer puts a question to the bot as a person's first words.
func (a *asker) answer(ctx context.Context, q asked) (spoken, error) {
	a.clock.Store(&q.now)
	a.people++
	a.said = spoken{}
	raw, err := a.update(q)
	if err != nil {
		return spoken{}, err
	}
	u, err := telegram.Decode(raw, "")
	if err != nil || u == nil {
		return spoken{}, errors.Join(errors.New("this cannot be put as a message"), err)
	}
	settled := a.lanes.Handle(ctx, u, raw)
	if settled == nil {
		return spoken{}, ctx.Err()
	}
	select {
	case <-settled:
	case <-ctx.Done():
		return spoken{}, ctx.Err()
	}
	if len(a.said.letters) == 0 {
		return spoken{}, errors.New("the bot said nothing")
	}
	return a.said, nil
}

// update is the question as Telegram would bring it, so that it is read in no other way than in a chat. A command at its
// beginning is marked, which clients do.
func (a *asker) update(q asked) ([]byte, error) {
	type fields = map[string]any
	message := fields{
		"message_id": 1, "date": q.now.Unix(), "text": q.text,
		"chat": fields{"id": a.people, "type": "private"},
		"from": fields{"id": a.people, "first_name": "", "language_code": string(q.lang)},
	}
	if word, _, _ := strings.Cut(q.text, " "); len(word) > 1 && word[0] == '/' {
		message["entities"] = []fields{{"type": "bot_command", "offset": 0, "length": len(word)}}
	}
	raw, err := json.Marshal(fields{"update_id": a.people, "message": message})
	if err != nil {
		return nil, fmt.Errorf("the question as a message: %w", err)
	}
	return raw, nil
}

// close throws everything away.
func (a *asker) close() {
	if a.db != nil {
		_ = a.db.Close()
	}
	_ = os.RemoveAll(a.folder)
}

// offTopic is the intent of what the bot has nothing to say to.
const offTopic = "off_topic"

// intent names what was understood.
func (s spoken) intent() string { return cmp.Or(s.heard.Intent, offTopic) }

// language is that of the question, or, where the text does not tell, that of the answer.
func (s spoken) language() store.Lang { return cmp.Or(s.heard.Lang, s.lang) }

// text is what a person would read, without the buttons.
func (s spoken) text() string {
	texts := make([]string, len(s.letters))
	for i, l := range s.letters {
		texts[i] = locales.Plain(l.Text)
	}
	return strings.Join(texts, "\n\n")
}

// forReader is the text, each message with its buttons below it.
func (s spoken) forReader() string {
	var b strings.Builder
	for i, l := range s.letters {
		if i > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(locales.Plain(l.Text))
		for _, row := range l.Rows {
			labels := make([]string, len(row))
			for i, key := range row {
				labels[i] = "[" + key.Label + "]"
			}
			b.WriteString("\n" + strings.Join(labels, " "))
		}
	}
	return b.String()
}
