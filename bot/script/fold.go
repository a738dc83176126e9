package script

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// lookAlikes are letters of the two alphabets that look the same, Latin and Cyrillic, capitals first: in small letters
// fewer pairs do.
const (
	latinLooks    = "ABCEHIJKMOPSTXYaceijopsxy"
	cyrillicLooks = "АВСЕНІЈКМОРЅТХУасеіјорѕху"
)

var lookLatin, lookCyrillic = looks(cyrillicLooks, latinLooks), looks(latinLooks, cyrillicLooks)

// looks pairs the letters of two alphabets.
func looks(from, to string) map[rune]rune {
	m, target := make(map[rune]rune), []rune(to)
	for i, r := range []rune(from) {
		m[r] = target[i]
	}
	return m
}

// Fold gives the form in which typed words are compared: lower case, no apostrophes, ё as е, blanks of every kind as
// plain ones, and a word of letters from two alphabets in one of them where they look alike. It leaves the two scripts of
// Uzbek apart, and letters that merely sound alike (x and h); folding twice is folding once.
func Fold(s string) string {
	s = strings.Map(foldRune, Normalize(s))
	var b strings.Builder
	b.Grow(len(s))
	for s != "" {
		end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		switch end {
		case -1:
			end = len(s)
		case 0:
			_, end = utf8.DecodeRuneInString(s)
		}
		b.WriteString(oneAlphabet(s[:end]))
		s = s[end:]
	}
	return strings.ToLower(b.String())
}

// foldRune drops apostrophes, accents that are no part of a letter and what cannot be seen, and makes one of characters
// that are only written differently.
func foldRune(r rune) rune {
	switch {
	case isApostrophe(r), unicode.Is(unicode.Mn, r), r == '\u00ad', r >= '\u200b' && r <= '\u200d', r == '\ufeff':
		return -1
	case r == 'İ': // its lower case would be two characters
		return 'i'
	case r == 'ё':
		return 'е'
	case r == 'Ё':
		return 'Е'
	case unicode.IsSpace(r):
		return ' '
	}
	return r
}

// oneAlphabet writes a word that mixes Latin and Cyrillic in the alphabet of most of its letters, if the others look
// like letters of it.
func oneAlphabet(word string) string {
	latin, cyrillic := 0, 0
	for _, r := range word {
		switch {
		case unicode.Is(unicode.Latin, r):
			latin++
		case unicode.Is(unicode.Cyrillic, r):
			cyrillic++
		}
	}
	if latin == 0 || cyrillic == 0 {
		return word
	}
	first, second := lookLatin, lookCyrillic
	if cyrillic > latin {
		first, second = second, first
	}
	if s, ok := swap(word, first); ok {
		return s
	}
	s, _ := swap(word, second)
	return s
}

// swap replaces the letters that have a double in the other alphabet; ok tells that the word is then of one alphabet.
func swap(word string, double map[rune]rune) (s string, ok bool) {
	s = strings.Map(func(r rune) rune {
		if d, found := double[r]; found {
			return d
		}
		return r
	}, word)
	latin := strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
	cyrillic := strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
	if latin && cyrillic {
		return word, false
	}
	return s, true
}
