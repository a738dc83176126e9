package locales

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"recbot/bot"
	"recbot/bot/script"
	"recbot/store"
)

// fill writes a value of the message that is being said, as HTML in the page's language.
func (p *page) fill(name string) (string, error) {
	v, ok := p.values[name]
	if !ok {
		return "", fmt.Errorf("no value was given")
	}
	return p.value(v)
}

// value writes one value. A value in which nothing is set is an empty text.
func (p *page) value(v bot.Value) (string, error) {
	switch {
	case v.Text != nil:
		return escape(p.pick(v.Text)), nil
	case v.HTML != nil:
		return p.pick(store.Text(v.HTML)), nil
	case v.Raw != nil:
		return escape(*v.Raw), nil
	case v.When != nil:
		return p.when(*v.When)
	case v.At != nil:
		return p.at(*v.At)
	case v.Span != nil:
		return p.span(*v.Span)
	case v.Count != nil:
		return p.count(*v.Count)
	case v.Link != nil:
		return p.link(*v.Link)
	case v.Zone != nil:
		return p.zoneName(*v.Zone)
	case v.Phrase != nil:
		return p.say(v.Phrase.Key, v.Phrase.Values)
	case v.List != nil:
		return p.list(v.List)
	case v.Lines != nil:
		return p.lines(v.Lines)
	}
	return "", nil
}

// fallbacks is the order in which another language is taken for a text that the reader's own lacks.
var fallbacks = []store.Lang{store.English, store.Russian, store.Uzbek}

// pick chooses the reader's version of a text. The two scripts of Uzbek stand in for each other by transliteration, which
// is no other language; for anything else the page gets a note.
func (p *page) pick(t store.Text) string {
	if s := t[p.t.lang]; s != "" {
		return s
	}
	switch {
	case p.t.lang == store.UzbekCyrl && t[store.Uzbek] != "":
		return p.c.cyrillic.of(t[store.Uzbek])
	case p.t.lang == store.Uzbek && t[store.UzbekCyrl] != "":
		return script.ToLatin(t[store.UzbekCyrl])
	}
	for _, lang := range fallbacks {
		s := t[lang]
		if lang == store.Uzbek && s == "" {
			s = t[store.UzbekCyrl]
		}
		if s != "" {
			if p.foreign == nil {
				p.foreign = make(map[store.Lang]bool, 1)
			}
			p.foreign[lang] = true
			return s
		}
	}
	return ""
}

// cyrillics keeps what was transliterated: the titles of meetings and bodies are said again and again. The zero value is
// ready.
type cyrillics struct {
	mu   sync.Mutex
	kept map[string]string
}

// mostCyrillics is how many texts are kept. The texts of a council are a few hundred; when there are more, because
// meetings came and went, it starts anew.
const mostCyrillics = 2000

// of transliterates a text, or remembers it.
func (c *cyrillics) of(latin string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.kept[latin]
	if !ok {
		if c.kept == nil || len(c.kept) >= mostCyrillics {
			c.kept = make(map[string]string)
		}
		s = script.ToCyrillic(latin)
		c.kept[latin] = s
	}
	return s
}

// count writes a number, with its noun if it has one. The noun's message has the number as its blank N.
func (p *page) count(c bot.Count) (string, error) {
	if c.Of == "" {
		return p.number(c.N), nil
	}
	return p.say(c.Of, bot.Values{"N": {Count: &bot.Count{N: c.N}}})
}

// number writes a number with its thousands apart: 2,100 in English, else with a no-break space.
func (p *page) number(n int) string {
	s := strconv.Itoa(n)
	first := 0
	if n < 0 {
		first = 1
	}
	// A plain blank would let 2 100 break at the end of a line.
	separator := nbsp
	if p.t.lang == store.English {
		separator = ","
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + separator + s[i:]
	}
	return s
}

// link writes a link. An address that is none of the web, of mail or of Telegram is not made clickable.
func (p *page) link(l bot.Link) (string, error) {
	label := escape(l.URL)
	switch {
	case l.Key != "":
		html, err := p.say(l.Key, nil)
		if err != nil {
			return "", err
		}
		label = html
	case !l.Text.Empty():
		label = escape(p.pick(l.Text))
	}
	scheme, _, ok := strings.Cut(l.URL, ":")
	if !ok || !utf8.ValidString(l.URL) || strings.IndexFunc(l.URL, unwanted) >= 0 {
		return label, nil
	}
	switch strings.ToLower(scheme) {
	case "http", "https", "tg", "mailto":
		return `<a href="` + escape(l.URL) + `">` + label + `</a>`, nil
	}
	return label, nil
}

// list joins values with commas; what is empty is left out, so that a handler may list what is perhaps not known.
func (p *page) list(values []bot.Value) (string, error) {
	items := make([]string, 0, len(values))
	for _, v := range values {
		s, err := p.value(v)
		if err != nil {
			return "", err
		}
		if s != "" {
			items = append(items, s)
		}
	}
	return strings.Join(items, ", "), nil
}

// lines joins messages with line breaks; empty ones leave no gap.
func (p *page) lines(parts []bot.Part) (string, error) {
	lines := make([]string, 0, len(parts))
	for _, part := range parts {
		s, err := p.say(part.Key, part.Values)
		if err != nil {
			return "", err
		}
		if s != "" {
			lines = append(lines, s)
		}
	}
	return strings.Join(lines, "\n"), nil
}
