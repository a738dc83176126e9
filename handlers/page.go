package handlers

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"recbot/bot"
	"recbot/bot/council"
	"recbot/store"
)

// pageRoom is how many characters of content a page takes. Together with headings, sources and the longest single text it
// stays below the 4096 of a message in every language.
const pageRoom = 1500

// block is what stands together on a page of a long screen, with the sources it names. Blocks of one section share its
// heading, which is said again at the top of a page.
type block struct {
	heading bot.Part // without a key: none
	parts   []bot.Part
	cites   []string
}

// paged spreads blocks over pages in their order. There is always a first page.
func paged(blocks []block) [][]block {
	pages, used := [][]block{nil}, 0
	for _, b := range blocks {
		weight := 0
		for _, p := range b.parts {
			weight += weigh(p)
		}
		// A block is never split: a speaker without the session would be read as another's.
		if used > 0 && used+weight > pageRoom {
			pages, used = append(pages, nil), 0
		}
		last := len(pages) - 1
		pages[last] = append(pages[last], b)
		used += weight
	}
	return pages
}

// weigh estimates how long a part gets, in the language in which it is longest.
func weigh(p bot.Part) int {
	const words = 20 // what the message itself adds
	n := words
	for _, v := range p.Values {
		n += weighValue(v)
	}
	return n
}

// weighValue estimates a value. Dates and counts are short, and the words of the part's weight make up for them.
func weighValue(v bot.Value) (n int) {
	for _, s := range v.Text {
		n = max(n, utf8.RuneCountInString(s))
	}
	if v.Raw != nil {
		n += utf8.RuneCountInString(*v.Raw)
	}
	if v.Phrase != nil {
		n += weigh(*v.Phrase)
	}
	for _, item := range v.List {
		n += weighValue(item)
	}
	for _, line := range v.Lines {
		n += weigh(line)
	}
	return n
}

// show adds the blocks of a page to a reply, and the sources they name.
func (c *citations) show(reply *bot.Reply, page []block) {
	var named []string
	var under bot.Part
	for _, b := range page {
		if b.heading.Key != "" && !reflect.DeepEqual(b.heading, under) {
			reply.Parts = append(reply.Parts, b.heading)
		}
		under = b.heading
		reply.Parts = append(reply.Parts, b.parts...)
		named = append(named, b.cites...)
	}
	c.list(reply, named)
}

// pager gives the buttons to the pages before and after one; none if there is one page only.
func pager(page, pages int, to func(page int) string) (row []bot.Button) {
	if page > 0 {
		row = append(row, bot.Press("ButtonPageBack", to(page-1)))
	}
	if page < pages-1 {
		row = append(row, bot.Press("ButtonPageMore", to(page+1)))
	}
	return row
}

// pageOf reads a page number out of a button. What is no number, or lies beyond the last page (the list has become
// shorter since the button was made), counts as the nearest page that there is.
func pageOf(arg string, pages int) int {
	n, err := strconv.Atoi(arg)
	if err != nil {
		return 0
	}
	return max(0, min(n, pages-1))
}

// citations numbers the sources of a screen in the order in which they are first named. Marks such as [1, 2] stand behind
// what a source says; the list stands at the end of the page.
type citations struct {
	known *council.Catalogue
	zone  string // of the sources' dates
	order []string
}

func (d *Desk) citations() *citations { return &citations{known: d.council, zone: d.zone} }

// mark gives the marks of sources; "" for none. Sources that the catalogue does not know are left out.
func (c *citations) mark(ids []string) bot.Raw {
	var numbers []int
	for _, id := range ids {
		if n, ok := c.number(id); ok {
			numbers = append(numbers, n)
		}
	}
	if len(numbers) == 0 {
		return ""
	}
	slices.Sort(numbers)
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = strconv.Itoa(n)
	}
	return bot.Raw("[" + strings.Join(words, ", ") + "]")
}

// number gives a source its number on this screen, the next one if it was not named before.
func (c *citations) number(id string) (n int, ok bool) {
	for i, known := range c.order {
		if known == id {
			return i + 1, true
		}
	}
	if _, ok := c.known.Source(id); !ok {
		return 0, false
	}
	c.order = append(c.order, id)
	return len(c.order), true
}

// list adds the sources among those named, each once and under its number.
func (c *citations) list(reply *bot.Reply, named []string) {
	first := true
	for i, id := range c.order {
		if !slices.Contains(named, id) {
			continue
		}
		if first {
			reply.Say("SourcesHeading")
			first = false
		}
		s, _ := c.known.Source(id)
		reply.Line("SourceLine", "N", bot.Raw(strconv.Itoa(i+1)), "Source", c.describe(s))
	}
}

// describe says what a source is, who published it and when. That a date is not known is said: it tells what the source
// is worth.
func (c *citations) describe(s council.Source) []bot.Value {
	words := []bot.Value{bot.V(s.Name), bot.V(s.Publisher)}
	if s.Date == "" {
		return append(words, phrase("SourceUndated"))
	}
	return append(words, bot.V(bot.When{Date: s.Date, Zone: c.zone, Style: bot.WhenShort}))
}

// phrase is a message inside another one.
func phrase(key string, pairs ...any) bot.Value { return bot.V(bot.NewPart(key, pairs...)) }

// texts makes a list of texts, empty ones left out.
func texts(all ...store.Text) (list []bot.Value) {
	for _, t := range all {
		if !t.Empty() {
			list = append(list, bot.V(t))
		}
	}
	return list
}
