package answer

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Slots stand for names in the phrases that teach the reader, and in the texts it reads once names are found in them.
const (
	SlotMeeting = "{meeting}" // a meeting by name, number, date, month or place
	SlotGroup   = "{group}"   // a working group or committee
	SlotPerson  = "{person}"
	SlotOrg     = "{org}" // an organization
	SlotCountry = "{country}"
	SlotPlace   = "{place}" // a city
	SlotCouncil = "{council}"
)

// maxTokens bounds what is read of a text, and so the time it takes.
const maxTokens = 160

// token is a word or number of a text.
type token struct {
	text  string // folded, as typed otherwise
	bone  string // its sound in plain Latin letters, see skeleton
	stem  string // the skeleton without the vowels at its end
	after string // the signs between the token before and this one
	plain bool   // a word of the phrases that were taught: no slip of anything else
	num   int    // the number it begins with, -1 without one
	end   string // what follows the number in the same token: the th of 27th
}

// slot tells whether a token of a phrase is a slot.
func (t token) slot() bool { return strings.HasPrefix(t.text, "{") }

// tokens splits a folded text. A slot is a token of its own, whatever ending hangs on it.
func tokens(folded string) []token {
	all, _ := split(folded)
	return all
}

// split also gives the signs behind the last token.
func split(folded string) (all []token, tail string) {
	var gap strings.Builder
	for rest := folded; rest != "" && len(all) < maxTokens; {
		r, size := utf8.DecodeRuneInString(rest)
		if !inWord(r) {
			gap.WriteRune(r)
			rest = rest[size:]
			continue
		}
		n := strings.IndexFunc(rest, func(r rune) bool { return !inWord(r) })
		if n < 0 {
			n = len(rest)
		}
		all = append(all, newToken(rest[:n], gap.String()))
		gap.Reset()
		rest = rest[n:]
	}
	return all, gap.String()
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '{' || r == '}' || r == '_'
}

// newToken makes a token of a word.
func newToken(word, after string) token {
	t := token{text: word, after: after, num: -1}
	if slot, _, ok := strings.Cut(word, "}"); ok && strings.HasPrefix(slot, "{") {
		t.text, t.bone = slot+"}", slot+"}"
		return t
	}
	t.bone = skeleton(word)
	t.stem = strings.TrimRight(t.bone, "aeiou")
	digits := len(word) - len(strings.TrimLeft(word, "0123456789"))
	if n, err := strconv.Atoi(word[:digits]); err == nil && digits <= 4 {
		t.num, t.end = n, t.text[digits:]
	}
	return t
}

// sounds gives Cyrillic letters, Russian and Uzbek, in the Latin letters in which people write them.
var sounds = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'ғ': "g", 'д': "d", 'е': "e", 'ё': "e", 'ж': "j", 'з': "z", 'и': "i", 'й': "i",
	'к': "k", 'қ': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'ў': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u",
	'ф': "f", 'х': "h", 'ҳ': "h", 'ц': "s", 'ч': "ch", 'ш': "sh", 'щ': "sh", 'ъ': "", 'ы': "i", 'ь': "", 'э': "e", 'ю': "iu",
	'я': "ia",
}

// alike are ways of writing one sound in Latin letters, in the order in which they are made one.
var alike = strings.NewReplacer(
	"shch", "sh", "sch", "sh", "zh", "j", "dj", "j", "kh", "h", "ts", "s", "ch", "ch", "ck", "k", "ph", "f",
	"x", "h", "q", "k", "w", "v", "y", "i", "c", "k",
)

// skeleton writes a folded word so that one word is the same however it is spelt: Uzbek in both scripts and with or
// without its marks, Russian in Latin letters, a doubled letter that is single elsewhere. Words that merely sound alike
// meet too; the words around them tell them apart.
func skeleton(word string) string {
	var b strings.Builder
	for _, r := range single(word) {
		if s, ok := sounds[r]; ok {
			b.WriteString(s)
		} else {
			b.WriteRune(r)
		}
	}
	return glides.Replace(alike.Replace(b.String()))
}

// glides are the two ways in which yo and ye are heard.
var glides = strings.NewReplacer("io", "e", "ie", "e")

// single drops the second of two equal letters.
func single(s string) string {
	var b strings.Builder
	var last rune
	for _, r := range s {
		if r != last || unicode.IsDigit(r) {
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

// near tells whether two words differ by no more slips of the finger than their length allows: a letter left out, put in,
// replaced or swapped with its neighbour. The first letter is nearly always right.
func near(a, b string) bool {
	if a == b {
		return true
	}
	allowed := 0
	switch short := min(len(a), len(b)); {
	case short >= 9:
		allowed = 2
	case short >= 5:
		allowed = 1
	}
	if allowed == 0 || a[0] != b[0] || len(a)-len(b) > allowed || len(b)-len(a) > allowed {
		return false
	}
	// What both begin and end with needs no table; of most pairs more is left than slips can mend.
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if allowed == 1 && max(len(a), len(b)) > 2 {
		return false
	}
	return distance([]byte(a), []byte(b)) <= allowed
}
