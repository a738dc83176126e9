package script

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
)

//go:embed exceptions.txt
var exceptionLines string

// exception is a word, a stem or a phrase that the rules would write wrongly.
type exception struct {
	from, to string
	exact    bool // matches only in this very case
}

// table has the exceptions of one direction by their first letter, longest first.
type table struct {
	words   map[rune][]exception
	phrases []exception
}

var toCyrillic, toLatin = readExceptions(exceptionLines)

// readExceptions reads exceptions.txt. The file is ours and a test reads it, so a line that cannot be read panics.
func readExceptions(lines string) (cyrillic, latin table) {
	cyrillic, latin = table{words: map[rune][]exception{}}, table{words: map[rune][]exception{}}
	for line := range strings.Lines(lines) {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if len(fields) != 3 || !strings.Contains("<=>", fields[2]) {
			panic("script: exceptions.txt: not an entry: " + line)
		}
		if fields[2] != "<" {
			cyrillic.add(fields[0], fields[1])
		}
		if fields[2] != ">" {
			latin.add(strings.TrimSuffix(fields[1], "ь"), fields[0])
		}
	}
	return cyrillic, latin
}

// add takes an entry. Phrases are few and tried at the head of every word; single words are found by their first letter.
func (t *table) add(from, to string) {
	e := exception{strings.ReplaceAll(from, "_", " "), strings.ReplaceAll(to, "_", " "), from != strings.ToLower(from)}
	longestFirst := func(a, b exception) int { return len(b.from) - len(a.from) }
	if strings.ContainsAny(e.from, " -") {
		t.phrases = append(t.phrases, e)
		slices.SortStableFunc(t.phrases, longestFirst)
		return
	}
	first := []rune(strings.ToLower(e.from))[0]
	t.words[first] = append(t.words[first], e)
	slices.SortStableFunc(t.words[first], longestFirst)
}

// word looks for an exception at the beginning of a normalized word. It gives how many runes it covers and what they
// become.
func (t *table) word(runes []rune) (int, string) {
	for _, e := range t.words[unicode.ToLower(runes[0])] {
		if n := e.match(runes); n > 0 {
			return n, e.write(runes[:n], n < len(runes))
		}
	}
	return 0, ""
}

// phrase looks for a phrase at the beginning of s and gives how many bytes it covers and what they become.
func (t *table) phrase(s string) (int, string) {
	for _, e := range t.phrases {
		if len(s) < len(e.from) {
			continue
		}
		head := s[:len(e.from)]
		if e.exact && head == e.from || !e.exact && strings.ToLower(head) == e.from {
			return len(head), e.write([]rune(head), false)
		}
	}
	return 0, ""
}

// match tells how many runes the exception covers at the beginning of a word, 0 if it is not there.
func (e exception) match(runes []rune) int {
	n := 0
	for _, r := range e.from {
		if n >= len(runes) || runes[n] != r && (e.exact || unicode.ToLower(runes[n]) != r) {
			return 0
		}
		n++
	}
	// A name or an abbreviation in capitals is not the beginning of a longer one.
	if e.exact && n < len(runes) && unicode.IsUpper(runes[n]) {
		return 0
	}
	return n
}

// write gives the replacement in the case of what it replaces.
func (e exception) write(matched []rune, suffix bool) string {
	to := e.to
	if suffix {
		to = strings.TrimSuffix(to, "ь")
	}
	switch {
	case e.exact || unicode.IsLower(matched[0]):
		return to
	case len(matched) > 1 && !slices.ContainsFunc(matched, unicode.IsLower):
		return strings.ToUpper(to)
	}
	return capitals(to)
}

// capitals gives every part of a hyphenated word a capital.
func capitals(s string) string {
	runes := []rune(s)
	for i, r := range runes {
		if i == 0 || runes[i-1] == '-' {
			runes[i] = unicode.ToUpper(r)
		}
	}
	return string(runes)
}
