package script

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// cyrillicOf has the letters that stand for one Cyrillic letter each.
var cyrillicOf = map[rune]rune{
	'a': 'а', 'b': 'б', 'd': 'д', 'f': 'ф', 'g': 'г', 'h': 'ҳ', 'i': 'и', 'j': 'ж', 'k': 'к', 'l': 'л', 'm': 'м', 'n': 'н',
	'o': 'о', 'p': 'п', 'q': 'қ', 'r': 'р', 's': 'с', 't': 'т', 'u': 'у', 'v': 'в', 'x': 'х', 'y': 'й', 'z': 'з', sign: 'ъ',
}

// pairs are the letters that stand for one Cyrillic letter together.
var pairs = map[[2]rune]rune{
	{'o', turned}: 'ў', {'g', turned}: 'ғ', {'s', 'h'}: 'ш', {'c', 'h'}: 'ч',
	{'y', 'o'}: 'ё', {'y', 'u'}: 'ю', {'y', 'a'}: 'я', {'y', 'e'}: 'е',
}

const latinVowels = "aeiou"

// ToCyrillic writes Uzbek in Latin letters in Cyrillic ones. Apostrophes need not be normalized. Dates lose their hyphens:
// 2024-yil 27-noyabr becomes 2024 йил 27 ноябрь.
func ToCyrillic(latin string) string {
	return scan(ordinals.ReplaceAllString(latin, "$1 $2"), untouched, toCyrillic.phrase, func(word string) string {
		runes := []rune(Normalize(word))
		kept := foreign(runes)
		n, out := 0, string(runes[:kept])
		if kept == 0 {
			n, out = toCyrillic.word(runes)
		}
		n += kept
		return out + lettersToCyrillic(runes, n)
	})
}

// ordinals are the hyphens that official Cyrillic texts do not write.
var ordinals = regexp.MustCompile(`(?i)(\d)-(yil|yanvar|fevral|mart|aprel|may|iyun|iyul|avgust|sentabr|oktabr|noyabr|dekabr)`)

// lettersToCyrillic applies the rules of single letters from the i-th rune on, longest first.
func lettersToCyrillic(runes []rune, i int) string {
	var b strings.Builder
	b.Grow(2 * len(runes))
	for i < len(runes) {
		out, n := letterToCyrillic(runes, i)
		if unicode.IsUpper(runes[i]) {
			out = unicode.ToUpper(out)
		}
		b.WriteRune(out)
		i += n
	}
	return b.String()
}

// letterToCyrillic gives the letter for what begins at i, and how many runes it takes.
func letterToCyrillic(runes []rune, i int) (rune, int) {
	l := func(n int) rune { return unicode.ToLower(at(runes, i+n)) }
	this, next := l(0), l(1)
	switch {
	case this == 's' && next == sign && l(2) == 'h': // the sign only parts the letters
		return 'с', 2
	case this == 'y' && next == 'o' && l(2) == turned: // yoʻl is йўл, not ёʻл
		return 'й', 1
	case this == 't' && next == 's' && l(2) == 'i' && strings.ContainsRune("yoa", l(3)):
		return 'ц', 2
	case this == 'e' && (i == 0 || strings.ContainsRune(latinVowels, l(-1)) || l(-1) == turned && l(-2) == 'o'):
		return 'э', 1
	case this == 'e':
		return 'е', 1
	}
	if r, ok := pairs[[2]rune{this, next}]; ok {
		return r, 2
	}
	if r, ok := cyrillicOf[this]; ok {
		return r, 1
	}
	return this, 1
}

// keptWords are names that stay Latin in every script.
var keptWords = []string{"REC", "UNOCT", "UNRCCA", "GCERF", "PRR", "Telegram", "Zoom", "Wi", "Fi", "UTC"}

// foreign tells how many of the first runes of a word stay as they are: all of a word with w or a lone c; of a kept name
// or an abbreviation with such a letter, all but the suffix.
func foreign(runes []rune) int {
	word := string(runes)
	for _, kept := range keptWords {
		if strings.HasPrefix(word, kept) && !unicode.IsUpper(at(runes, len(kept))) {
			return len(kept)
		}
	}
	if len(runes) > 1 && strings.Trim(word, "IVX") == "" {
		return len(runes)
	}
	for i, r := range runes {
		lower := unicode.ToLower(r)
		if lower != 'w' && (lower != 'c' || unicode.ToLower(at(runes, i+1)) == 'h') {
			continue
		}
		if end := slices.IndexFunc(runes, unicode.IsLower); end > 1 && i < end {
			return end
		}
		return len(runes)
	}
	return 0
}

var (
	entity = regexp.MustCompile(`^&(?:[a-zA-Z]+|#[0-9]+|#x[0-9a-fA-F]+);`)
	tag    = regexp.MustCompile(`^</?[a-zA-Z][^<>]*>`)
	handle = regexp.MustCompile(`^[@#/][A-Za-z0-9_]+`)
	group  = regexp.MustCompile(`^\([a-d]\)`)
	// identifier is the id of a body or a meeting, such as wg-b-3.
	identifier = regexp.MustCompile(`^[a-z0-9]+(?:-[a-z0-9]+)+`)
	address    = regexp.MustCompile(`^(?:[A-Za-z][A-Za-z0-9+.-]*://\S+|mailto:\S+|www\.\S+|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+|(?:[A-Za-z0-9-]+\.)+(?:com|int|kg|kz|me|net|org|ru|tj|tm|uz)(?:/\S*|\b))`)
)

// untouched tells how many bytes of s are no Uzbek words and stay as they are.
func untouched(before rune, s string) int {
	switch s[0] {
	case '{':
		if end := strings.Index(s, "}}"); strings.HasPrefix(s, "{{") && end > 0 {
			return end + len("}}")
		}
	case '<':
		return len(tag.FindString(s))
	case '&':
		return len(entity.FindString(s))
	case '(':
		return len(group.FindString(s))
	case '@', '#', '/':
		if !unicode.IsLetter(before) && !unicode.IsDigit(before) {
			return len(handle.FindString(s))
		}
	default:
		if unicode.IsLetter(before) || unicode.IsDigit(before) {
			return 0
		}
		if id := identifier.FindString(s); strings.Contains(id, "w") {
			return len(id)
		}
		if isLabel(s) {
			return 1
		}
		if end := strings.IndexAny(s, " \n\t"); strings.ContainsAny(s[:max(end, 0)], ".:@") || end < 0 && strings.ContainsAny(s, ".:@") {
			return len(address.FindString(s))
		}
	}
	return 0
}

// isLabel tells whether s begins with the letter of a working group: a lone capital, which no full stop makes an initial.
func isLabel(s string) bool {
	if s[0] < 'A' || s[0] > 'D' {
		return false
	}
	next := []rune(s[1:min(len(s), 5)])
	return len(next) == 0 || !unicode.IsLetter(next[0]) && !isApostrophe(next[0]) && next[0] != '.'
}
