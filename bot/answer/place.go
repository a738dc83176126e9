// Package answer understands what people type: questions, cities, offsets from UTC and lengths of time, in English,
// Russian and Uzbek of both scripts, with the slips that fingers make.
//
// It is pure: no clock, no store, no words of its own to say. Names, examples and the folding of letters are handed in.
package answer

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"recbot/store"
)

// City is a place with its time zone and its names.
type City struct {
	ID    string // a-z and -
	Zone  string // IANA
	Name  store.Text
	Other []string // further names people type, of any language: of the country, say
}

// Place is a time zone as somebody named it.
type Place struct {
	City string     // id of a known city; "" for an offset or an IANA name
	Name store.Text // of the city; empty without one
	Zone string     // what [store.LoadZone] reads
}

// Finding is what a text may mean.
type Finding struct {
	// Places are the candidates, best first; none when the text is not understood. At most three.
	Places []Place
	// Sure tells that the text names the only place; else the person should be asked "did you mean ...".
	Sure bool
}

// Places finds time zones by what people call them. It is safe for use by several goroutines.
type Places struct {
	fold   func(string) string
	cities []City
	names  []cityName
}

// cityName is one of the names of a city, in the form in which it is compared.
type cityName struct {
	folded string
	runes  []rune
	city   int
}

const (
	mostPlaces  = 3
	shortPrefix = 3  // letters that are enough to guess a name by its beginning
	longestText = 60 // letters; what is longer names no place
	mostWords   = 5  // a longer sentence is about something else
	sureWords   = 2  // "Dushanbe, Tajikistan"; in a sentence a city may be anything
)

// NewPlaces returns a finder. Fold brings texts into the form in which they are compared: lower case, without apostrophes.
func NewPlaces(cities []City, fold func(string) string) *Places {
	p := &Places{fold: fold, cities: cities}
	for i, c := range cities {
		all := slices.Clone(c.Other)
		for _, name := range c.Name {
			all = append(all, name)
		}
		for _, name := range all {
			folded := strings.Join(words(fold(name)), " ")
			if folded == "" || slices.ContainsFunc(p.names, func(n cityName) bool { return n.city == i && n.folded == folded }) {
				continue
			}
			p.names = append(p.names, cityName{folded, []rune(folded), i})
		}
	}
	// Names come out of a map: the order must not depend on it.
	slices.SortFunc(p.names, func(a, b cityName) int {
		return cmp.Or(cmp.Compare(a.city, b.city), cmp.Compare(a.folded, b.folded))
	})
	return p
}

// Find understands an offset ("+5", "UTC+5", "GMT+05:30", "МСК+2"), the IANA name of a zone, or a city by any of its
// names, in a sentence and with a slip or two as well.
func (p *Places) Find(text string) Finding {
	text = strings.TrimSpace(text)
	if text == "" || len([]rune(text)) > longestText {
		return Finding{}
	}
	if zone, sure, ok := offset(text); ok {
		return Finding{Places: []Place{{Zone: zone}}, Sure: sure}
	}
	if zone, ok := ianaName(text); ok {
		return Finding{Places: []Place{{Zone: zone}}, Sure: true}
	}
	tokens := words(p.fold(text))
	if len(tokens) > mostWords {
		return Finding{}
	}
	if found := p.exact(tokens); len(found) > 0 {
		return Finding{Places: found, Sure: len(found) == 1 && len(tokens) <= sureWords}
	}
	return Finding{Places: p.near(tokens)}
}

// exact finds the cities whose name stands in the text as typed. The longest name wins: New York over York.
func (p *Places) exact(tokens []string) []Place {
	for n := len(tokens); n > 0; n-- {
		var found []int
		for i := 0; i+n <= len(tokens); i++ {
			part := strings.Join(tokens[i:i+n], " ")
			for _, name := range p.names {
				if name.folded == part {
					found = append(found, name.city)
				}
			}
		}
		if len(found) > 0 {
			return p.list(found)
		}
	}
	return nil
}

// near finds the cities that the text comes closest to: by few slips, by a beginning, or with an ending put to the name.
func (p *Places) near(tokens []string) []Place {
	// Only the closest are offered: a list of half-likely places helps nobody.
	best, found := 0, []int(nil)
	try := func(city, slips int) {
		if len(found) > 0 && slips > best {
			return
		}
		if len(found) == 0 || slips < best {
			best, found = slips, nil
		}
		found = append(found, city)
	}
	for n := 1; n <= min(3, len(tokens)); n++ {
		for i := 0; i+n <= len(tokens); i++ {
			part := []rune(strings.Join(tokens[i:i+n], " "))
			for _, name := range p.names {
				if slips, ok := slips(part, name.runes); ok {
					try(name.city, slips)
				}
			}
		}
	}
	return p.list(found)
}

// list makes places of the numbers of cities, each once.
func (p *Places) list(cities []int) []Place {
	var places []Place
	for i, c := range cities {
		if !slices.Contains(cities[:i], c) && len(places) < mostPlaces {
			places = append(places, p.place(c))
		}
	}
	return places
}

func (p *Places) place(i int) Place {
	c := p.cities[i]
	return Place{City: c.ID, Name: c.Name, Zone: c.Zone}
}

// words splits a text at everything that is neither letter nor digit.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// slips tells how many slips lie between a typed text and a name, in halves, if they are few enough for its length. A beginning of
// the name and the name with an ending (Toshkentdaman) count as one and a half slips: less likely than one wrong letter.
func slips(typed, name []rune) (n int, ok bool) {
	allowed := 0
	switch {
	case len(typed) >= 6:
		allowed = 2
	case len(typed) >= 4:
		allowed = 1
	}
	// Of a short name at least half must be right: Osh is not Ham.
	if d := distance(typed, name); d <= allowed && d < len(name)-1 {
		return 2 * d, true
	}
	shorter, longer := typed, name
	if len(shorter) > len(longer) {
		shorter, longer = longer, shorter
	}
	if len(shorter) >= shortPrefix && slices.Equal(shorter, longer[:len(shorter)]) && (len(typed) < len(name) || len(name) > shortPrefix+1) {
		return 3, true
	}
	return 0, false
}

// distance counts the letters to add, drop, change or swap with their neighbour to get from a to b (optimal string alignment).
func distance[T comparable](a, b []T) int {
	if len(a)-len(b) > 2 || len(b)-len(a) > 2 {
		return 3
	}
	// Three rows of the usual table are enough: the present one and two before it, for swapped letters.
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

var (
	offsetText = regexp.MustCompile(`(?i)^(utc|gmt|z|мск|msk)?\s*(?:([+\-−–])\s*)?(?:(\d{1,2})(?:[:.]?(\d{2}))?)?$`)
	trailing   = regexp.MustCompile(`[\s.,;]+$`)
)

// moscow is the hour that people who count from Moscow's time count from; it does not change over the year.
const moscow = 3

// offset reads an offset from UTC and writes it as +05:00. A number without a sign is not sure to be one.
func offset(text string) (zone string, sure, ok bool) {
	m := offsetText.FindStringSubmatch(trailing.ReplaceAllString(text, ""))
	if m == nil || m[1]+m[3] == "" || m[3] == "" && m[2] != "" {
		return "", false, false
	}
	hours, _ := strconv.Atoi(m[3])
	minutes, _ := strconv.Atoi(m[4])
	total := 60*hours + minutes
	if m[2] != "" && m[2] != "+" {
		total = -total
	}
	if base := strings.ToLower(m[1]); base == "мск" || base == "msk" {
		total += 60 * moscow
	}
	// The offsets in use go from -12 to +14 hours, in quarters.
	if total < -12*60 || total > 14*60 || minutes%15 != 0 || minutes > 45 {
		return "", false, false
	}
	sign := '+'
	if total < 0 {
		sign, total = '-', -total
	}
	return fmt.Sprintf("%c%02d:%02d", sign, total/60, total%60), m[1]+m[2] != "", true
}

// ianaName reads the name of a zone in any case, "asia/dushanbe" too.
func ianaName(text string) (string, bool) {
	if !strings.Contains(text, "/") {
		return "", false
	}
	parts := strings.FieldsFunc(strings.ReplaceAll(text, " ", "_"), func(r rune) bool { return r == '/' })
	for i, part := range parts {
		parts[i] = capitals(part)
	}
	name := strings.Join(parts, "/")
	_, err := store.LoadZone(name)
	return name, err == nil
}

// capitals writes new_york as New_York and leaves what has capitals of its own: Port_of_Spain must be typed as it is.
func capitals(part string) string {
	if part != strings.ToLower(part) {
		return part
	}
	pieces := strings.Split(part, "_")
	for i, p := range pieces {
		if p != "" {
			pieces[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(pieces, "_")
}
