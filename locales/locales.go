// Package locales is every word the bot says: the catalogues en, ru, uz and uz-Cyrl, dates, plurals, names of time zones,
// and the rendering of a [bot.Reply] into a [bot.Letter].
//
// It promises that what leaves it is HTML which the Bot API takes: every inserted value is escaped, tags are closed, and no
// message is over its limit of UTF-16 units, whatever the values hold. Words of a language come from the catalogue of that
// very language: go-i18n is never left to choose another one, because its matcher sends Uzbek in Cyrillic letters to Russian.
// A key that a language lacks is logged and said in English; a text of the council or a meeting that has no translation is
// shown in another language with a note. The package sends nothing and stores nothing.
//
// uz-Cyrl.yaml is made from uz.yaml; after a change of uz.yaml run go generate ./locales.
package locales

import (
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
	_ "time/tzdata" // zones are the same on every machine, also where none are installed

	"github.com/nicksnyder/go-i18n/v2/i18n"

	"recbot/bot"
	"recbot/bot/answer"
	"recbot/store"
)

//go:generate go test -run=TestCyrillicCatalogueIsFresh -update .

//go:embed en.yaml ru.yaml uz.yaml uz-Cyrl.yaml places.yaml dates.yaml
var files embed.FS

// Catalog holds the words of all languages. It is read only after [Load] and may be used from several goroutines.
type Catalog struct {
	// Log hears of keys that a language lacks. Nil means nobody does. Set it before the first use.
	Log *slog.Logger

	tongues  map[store.Lang]*tongue
	keys     []string // of the English catalogue, in its order
	places   []Place
	typed    answer.DateWords
	byZone   map[string]Place // the first place of each zone
	cyrillic cyrillics
	zones    sync.Map // name -> *time.Location; reading zone data anew costs more than a whole message
}

// tongue is one language: its messages and its dates.
type tongue struct {
	lang      store.Lang
	localizer *i18n.Localizer
	counted   map[string]bool // keys of the messages that have plural forms
	dates     *dateWords
}

// Reader is who reads a message: where, in which language and zone.
type Reader struct {
	Chat        store.ChatID
	Lang        store.Lang // one that the bot does not speak counts as English
	Zone        string     // see [store.LoadZone]; "" = CouncilZone
	CouncilZone string     // "" = UTC
	Class       store.Class
}

// Load reads the embedded catalogues. An error names the file and, where there is one, the line or key.
func Load() (*Catalog, error) {
	c := &Catalog{tongues: make(map[store.Lang]*tongue, len(store.Langs)), byZone: make(map[string]Place)}
	var errs []error
	for _, lang := range store.Langs {
		if err := c.loadTongue(lang); err != nil {
			errs = append(errs, err)
		}
	}
	if err := c.loadPlaces(); err != nil {
		errs = append(errs, err)
	}
	if err := c.loadDateWords(); err != nil {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("loading locales: %w", err)
	}
	return c, nil
}

// loadTongue reads the catalogue of a language.
func (c *Catalog) loadTongue(lang store.Lang) error {
	messages, err := readMessages(lang)
	if err != nil {
		return err
	}
	if lang == store.English {
		for _, m := range messages {
			c.keys = append(c.keys, m.key)
		}
	}
	c.tongues[lang], err = newTongue(lang, messages)
	return err
}

// Keys lists the keys of all messages, in the order of the English catalogue.
func (c *Catalog) Keys() []string { return slices.Clone(c.keys) }

// Descriptions are the words Telegram shows about the bot before the first message: plain text, at most 64, 512 and 120
// characters.
type Descriptions struct {
	Name        string
	Description string
	Short       string
}

// Descriptions gives the bot's name and descriptions in a language.
func (c *Catalog) Descriptions(lang store.Lang) Descriptions {
	p := c.page(Reader{Lang: lang}, time.Time{})
	return Descriptions{
		Name:        p.plain("BotName", nil, 64),
		Description: p.plain("BotDescription", nil, 512),
		Short:       p.plain("BotShortDescription", nil, 120),
	}
}

// Menu gives the lines of the command menu in a language: of the commands that have a name and are not hidden, by Order.
// Whether the person's role allows them is the caller's question.
func (c *Catalog) Menu(cmds []bot.Command, lang store.Lang) []bot.MenuItem {
	shown := slices.DeleteFunc(slices.Clone(cmds), func(cmd bot.Command) bool { return cmd.Hidden || cmd.Name == "" })
	slices.SortStableFunc(shown, func(a, b bot.Command) int { return a.Order - b.Order })
	p := c.page(Reader{Lang: lang}, time.Time{})
	items := make([]bot.MenuItem, 0, len(shown))
	for _, cmd := range shown {
		items = append(items, bot.MenuItem{Command: cmd.Name, Description: p.plain(cmd.MenuKey(), nil, 256)})
	}
	return items
}

// zone gives the zone of a name, kept from the first time on.
func (c *Catalog) zone(name string) (*time.Location, error) {
	if loc, ok := c.zones.Load(name); ok {
		return loc.(*time.Location), nil
	}
	loc, err := store.LoadZone(name)
	if err != nil {
		return nil, err
	}
	c.zones.Store(name, loc)
	return loc, nil
}

// log gives the logger, one that discards where none was set.
func (c *Catalog) log() *slog.Logger {
	if c.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Log
}
