package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"recbot/bot"
	"recbot/bot/answer"
	"recbot/bot/broadcast"
	"recbot/bot/council"
	"recbot/bot/dispatch"
	"recbot/bot/metrics"
	"recbot/bot/outbox"
	"recbot/bot/remind"
	"recbot/bot/script"
	"recbot/bot/telegram"
	"recbot/handlers"
	"recbot/locales"
	"recbot/store"
)

// parts are what an app is made of and does not make itself.
type parts struct {
	Config
	backend   store.Backend
	catalogue *council.Catalogue
	meetings  []store.Meeting // beside the catalogue's own: the demo's examples
	http      telegram.HTTP   // nil = the network
	now       func() time.Time
	log       *slog.Logger
	stepped   bool // the clock is stepped: nothing ticks by itself
}

// app is the whole bot, wired. The same one serves, runs the demo and plays the scripts.
type app struct {
	parts
	store     *store.Store
	words     *locales.Catalog
	desk      *handlers.Desk
	wire      *telegram.Client
	out       *outbox.Outbox
	runner    *broadcast.Runner
	scheduler *remind.Scheduler
	lanes     *dispatch.Dispatcher
	metrics   *metrics.Metrics
	fates     *fates
	lags      lags
	troubles  troubles
	commands  []bot.Command
	reader    *questions
	username  username
	state     state
}

// newApp wires the parts. Nothing runs yet and nothing is asked of store or network.
func newApp(p parts) (*app, error) {
	words, err := locales.Load()
	if err != nil {
		return nil, err
	}
	a := &app{parts: p, words: words, metrics: metrics.New()}
	a.troubles = newTroubles(p.log, p.now)
	a.log = slog.New(a.troubles)
	words.Log = a.log
	if redis, ok := p.backend.(interface{ Unreplicated() uint64 }); ok {
		a.metrics.Unreplicated(redis.Unreplicated)
	}
	a.store = store.New(counted{testOnlyBackend(p.backend), a.metrics.StoreError}, p.now)
	a.wire, err = telegram.New(telegram.Options{Token: p.Token, URL: p.API, HTTP: p.http, Log: a.log, Metrics: a.metrics})
	if err != nil {
		return nil, err
	}
	a.desk = handlers.New(handlers.Options{
		Store: a.store, Council: p.catalogue, Now: p.now, Zone: p.Timezone,
		FindPlace: findPlace(words), ReadDate: answer.NewDates(words.DateWords(), script.Fold).Read, FindLang: words.LangNamed,
		LangOf: func(text string) store.Lang { return a.reader.languageOf(text) }, Hold: broadcast.Hold, Owners: p.Owners, Link: a.link, Status: a.status,
		Pause: func() time.Duration { return a.out.Pause() },
		Tell: func(ctx context.Context, to store.PersonID, reply *bot.Reply) error {
			return a.lanes.Tell(ctx, to, reply)
		},
	})
	a.commands = a.desk.Commands()
	a.reader, err = newQuestions(p.catalogue, words, a.store, p.Timezone)
	if err != nil {
		return nil, err
	}
	a.wireDelivery()
	a.wireLanes()
	return a, nil
}

// wireDelivery connects what goes out.
func (a *app) wireDelivery() {
	a.fates = newFates(a.wire, a.now)
	a.out = outbox.New(a.fates, outbox.Options{Rate: a.BulkRate, Now: a.now, Log: a.log, Metrics: a.metrics})
	a.runner = broadcast.New(a.store, a.out, broadcast.Options{
		Now: a.now, Log: a.log, Metrics: a.metrics, Zone: a.Timezone, Rate: a.BulkRate,
		Compose:  a.desk.Compose,
		Render:   a.render,
		Menu:     a.menu,
		Begin:    a.desk.Begin,
		Progress: a.desk.Progress,
		Left:     a.left,
	})
	a.scheduler = remind.New(a.store, remind.Options{Now: a.now, Zone: a.Timezone, Log: a.log, Opened: a.runner.Wake, Ticked: a.ticked})
}

// wireLanes connects what comes in.
func (a *app) wireLanes() { a.lanes = dispatch.New(a.laneOptions()) }

// laneOptions are what the lanes of this app work with. Whoever wants to watch them at work, as `recbot ask` does, makes
// lanes of its own of them.
func (a *app) laneOptions() dispatch.Options {
	return dispatch.Options{
		Store: a.store, Now: a.now, Log: a.log, Metrics: a.metrics,
		Commands: a.commands, Flows: a.desk.Flows(),
		Understand: a.understand,
		Render:     a.render,
		Toast: func(p bot.Part, to store.Person, now time.Time) (string, error) {
			return a.words.Toast(p, a.readerOf(to), now)
		},
		Menu: a.menu,
		Send: a.out.Send,
		Decode: func(raw json.RawMessage) (*bot.Update, error) {
			return telegram.Decode(raw, a.username.get())
		},
		Which:    a.desk.Which,
		Reply:    a.desk.Replied,
		Last:     a.desk.Last,
		Fallback: a.desk.NotUnderstood, Unknown: a.desk.Unknown, Unreadable: a.desk.Unreadable, Stale: a.desk.Stale,
		Returned: a.desk.Returned,
		Owners:   a.Owners,
		Guess:    locales.Guess,
		Link:     a.link,
	}
}

// link is the address of the private chat with the bot.
func (a *app) link() string { return "https://t.me/" + a.username.get() }

// render makes a letter of a reply for one person.
func (a *app) render(r *bot.Reply, p store.Person, now time.Time) (*bot.Letter, error) {
	return a.words.Render(r, a.readerOf(p), now)
}

func (a *app) readerOf(p store.Person) locales.Reader {
	return locales.Reader{Chat: store.ChatID(p.ID), Lang: p.Language, Zone: p.Zone, CouncilZone: a.Timezone}
}

// menu is the command menu of a person: what their role may do, in their language.
func (a *app) menu(p store.Person) []bot.MenuItem {
	var own []bot.Command
	for _, c := range a.commands {
		if p.Role.AtLeast(c.For) {
			own = append(own, c)
		}
	}
	return a.words.Menu(own, p.Language)
}

// findPlace recognises the cities of the locales.
func findPlace(words *locales.Catalog) func(string) answer.Finding {
	var cities []answer.City
	for _, p := range words.Places() {
		id := strings.ReplaceAll(strings.ToLower(p.Names[store.English]), " ", "-")
		cities = append(cities, answer.City{ID: id, Zone: p.Zone, Name: p.Names, Other: p.Aliases})
	}
	return answer.NewPlaces(cities, script.Fold).Find
}

// fill brings the catalogue's meetings into the store. The first fill of an empty store tells nobody: there is nobody.
func (a *app) fill(ctx context.Context) error {
	report, err := a.store.Import(ctx, append(a.catalogue.Meetings[:len(a.catalogue.Meetings):len(a.catalogue.Meetings)], a.meetings...), store.ImportOptions{Fill: true})
	if err != nil {
		return fmt.Errorf("filling the store from the catalogue: %w", err)
	}
	for _, c := range report.Conflicts {
		a.log.Warn("the catalogue and the store differ; the meeting was left as it is", "meeting", c.ID, "reason", c.Reason)
	}
	return nil
}

// tryUntilUp repeats what the store refuses while it is out of reach, and says so once.
func (a *app) tryUntilUp(ctx context.Context, what string, do func(context.Context) error) error {
	for told := false; ; told = true {
		err := do(ctx)
		if !errors.Is(err, store.ErrUnavailable) && !errors.Is(err, store.ErrUnknown) || ctx.Err() != nil {
			return err
		}
		if !told {
			a.log.Warn("the store is out of reach; waiting for it", "doing", what, "err", err)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Second):
		}
	}
}
