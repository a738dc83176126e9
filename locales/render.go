package locales

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"

	"recbot/bot"
	"recbot/store"
)

// Limits of the Bot API in UTF-16 units, counted after its HTML was read; and how much of a label is sent. Phones shorten
// labels to the width they have, so this only keeps a title of several lines out of a button.
const (
	maxText    = 4096
	maxCaption = 1024
	maxToast   = 200
	maxLabel   = 64
)

const ellipsis = "…"

// Render writes a reply in the reader's language, script and zone; Reply.Lang overrides the language.
//
// Parts become paragraphs, tight ones lines. What does not fit into a message is left out from the first part on that does
// not fit, and a line "…" says so. A reply without parts gives a nil Letter: it has nothing but a toast or a menu. The
// letter is a [bot.LetterEdit] if the reply asks for one; its Target, Query, Menu and Deadline are the caller's. Render
// looks at neither Reply.Toast nor Reply.Follow. The error is a mistake of the program: a key that no catalogue has, a
// value that is missing, or a date or zone that cannot be read.
func (c *Catalog) Render(r *bot.Reply, to Reader, now time.Time) (*bot.Letter, error) {
	if len(r.Parts) == 0 {
		return nil, nil
	}
	if r.Lang != "" {
		to.Lang = r.Lang
	}
	p := c.page(to, now)
	limit := maxText
	if r.File != nil {
		limit = maxCaption
	}
	text, err := p.body(r.Parts, limit)
	if err != nil {
		return nil, err
	}
	rows, err := p.keyboard(r.Rows)
	if err != nil {
		return nil, err
	}
	kind := bot.LetterSend
	if r.Edit {
		kind = bot.LetterEdit
	}
	return &bot.Letter{Chat: to.Chat, Kind: kind, Text: text, Rows: rows, Quote: r.Quote, Silent: r.Silent, File: r.File, Class: to.Class}, nil
}

// Toast writes what is shown for a moment over the chat: plain text of at most 200 UTF-16 units.
func (c *Catalog) Toast(part bot.Part, to Reader, now time.Time) (string, error) {
	html, err := c.page(to, now).say(part.Key, part.Values)
	if err != nil {
		return "", err
	}
	return cutPlain(plainText(html), maxToast), nil
}

// page is one message in the making: for whom, when, and which foreign languages it had to fall back to.
type page struct {
	c       *Catalog
	t       *tongue
	zone    *time.Location // the reader's
	now     time.Time
	values  bot.Values          // of the message that is being said
	foreign map[store.Lang]bool // set by pick, read by note at the end
}

// page starts a message. A zone that cannot be read counts as the council's, and that as UTC: a message with times in the
// council's zone helps more than none.
func (c *Catalog) page(to Reader, now time.Time) *page {
	t := c.tongues[to.Lang]
	if t == nil {
		t = c.tongues[store.English]
	}
	p := &page{c: c, t: t, zone: time.UTC, now: now}
	for _, name := range []string{to.Zone, to.CouncilZone} {
		if name == "" {
			continue
		}
		loc, err := c.zone(name)
		if err == nil {
			p.zone = loc
			break
		}
		c.log().Error("zone of a reader cannot be read", "err", err)
	}
	return p
}

// body joins the parts and cuts them to the limit. Room for the note about foreign texts is kept in any case.
func (p *page) body(parts []bot.Part, limit int) (string, error) {
	sheet := newSheet(limit)
	for _, part := range parts {
		html, err := p.say(part.Key, part.Values)
		if err != nil {
			return "", err
		}
		sheet.add(html, part.Tight)
	}
	note, err := p.note()
	if err != nil {
		return "", err
	}
	text := sheet.close(note)
	if text == "" {
		return "", fmt.Errorf("message %q: no text is left of it", parts[0].Key)
	}
	return text, nil
}

// note says which languages the texts are in that were not there in the reader's own; "" if there are none.
func (p *page) note() (string, error) {
	var names []bot.Value
	for _, lang := range fallbacks {
		if p.foreign[lang] {
			names = append(names, bot.V(bot.NewPart("Original_"+string(lang))))
		}
	}
	if len(names) == 0 {
		return "", nil
	}
	return p.say("OriginalIn", bot.Values{"Languages": bot.V(names)})
}

// say gives a message as HTML without blanks around it: a value may be empty and leave one at the end of its line.
//
// Go-i18n is asked for one language only. What it cannot give is said in English, because a text in a language that not
// everybody reads is worth more than silence, and logged, because a test should have found it.
func (p *page) say(key string, values bot.Values) (string, error) {
	// A value may be a message with values of its own; then the page goes back to those of the message around it.
	outer := p.values
	p.values = values
	defer func() { p.values = outer }()
	html, err := p.in(p.t, key)
	if missing(err) && p.t.lang != store.English {
		p.c.log().Error("a language lacks a message", "key", key, "lang", p.t.lang)
		html, err = p.in(p.c.tongues[store.English], key)
	}
	if err != nil {
		return "", fmt.Errorf("message %q in %s: %w", key, p.t.lang, err)
	}
	return strings.TrimSpace(html), nil
}

// in gives a message of a language as HTML, with the page's values in its blanks.
func (p *page) in(t *tongue, key string) (string, error) {
	config := i18n.LocalizeConfig{MessageID: key, TemplateParser: blanks{}, TemplateData: p}
	if t.counted[key] {
		if n, ok := decisive(p.values); ok {
			config.PluralCount = n
		}
	}
	return t.localizer.Localize(&config)
}

// missing tells that a language lacks a message. It is a function of its own because what it compares with lives on the
// heap, and most messages are there.
func missing(err error) bool {
	if err == nil {
		return false
	}
	var lacks *i18n.MessageNotFoundErr
	return errors.As(err, &lacks)
}

// plain gives a message without HTML, cut to limit. A message that cannot be written is logged and "": it is for menus
// and descriptions, which must not keep the bot from starting.
func (p *page) plain(key string, values bot.Values, limit int) string {
	html, err := p.say(key, values)
	if err != nil {
		p.c.log().Error("a line of the menu cannot be written", "err", err)
		return ""
	}
	return cutPlain(plainText(html), limit)
}

// decisive gives the number that chooses the plural form of a message: the value N if it is a count, else the count whose
// name comes first in the alphabet.
func decisive(values bot.Values) (int, bool) {
	if v := values["N"]; v.Count != nil {
		return v.Count.N, true
	}
	first, n := "", 0
	for name, v := range values {
		if v.Count != nil && (first == "" || name < first) {
			first, n = name, v.Count.N
		}
	}
	return n, first != ""
}

// boxes stand before the label of a button that can be ticked, by Button.Tick.
var boxes = [...]string{"", "☐ ", "☑ "}

// keyboard writes the rows of buttons. Telegram shows labels without HTML.
func (p *page) keyboard(rows [][]bot.Button) ([][]bot.Key, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	keys := make([][]bot.Key, 0, len(rows))
	for _, row := range rows {
		line := make([]bot.Key, 0, len(row))
		for _, b := range row {
			html, err := p.say(b.Key, b.Values)
			if err != nil {
				return nil, fmt.Errorf("button: %w", err)
			}
			line = append(line, bot.Key{Label: label(b.Tick, html), Data: b.Data, URL: b.URL})
		}
		keys = append(keys, line)
	}
	return keys, nil
}

// label makes the label of a button; one without words would be refused by Telegram.
func label(tick int, html string) string {
	words := strings.Join(strings.Fields(plainText(html)), " ")
	if words == "" {
		words = ellipsis
	}
	box := ""
	if tick > 0 && tick < len(boxes) {
		box = boxes[tick]
	}
	return cutPlain(box+words, maxLabel)
}
