// Package script writes Uzbek in its two scripts and makes one of the many ways in which its letters are typed.
//
// The Latin alphabet is that of 1995, with U+02BB in oʻ and gʻ and U+02BC as the sign of maʼruza; the Cyrillic spelling is
// that of official texts. Rules are in this package, words that no rule derives in exceptions.txt. [ToCyrillic] leaves
// alone what is no Uzbek word: links, @names, #tags, /commands, mail addresses, HTML, {{blanks}}, Roman numbers, labels of
// groups, names with w or a lone c. Everything is pure and total: any string gives a string.
//
// Transliteration there and back is not lossless, and [Normalize] cannot tell a closing quotation mark after o or g from
// the sign of oʻ and gʻ: use it for lookups and for texts of our own, never to rewrite what somebody wrote.
package script

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	turned = 'ʻ' // U+02BB, part of oʻ and gʻ
	sign   = 'ʼ' // U+02BC, tutuq belgisi
)

// apostrophes are the characters that people type for either of the two.
const apostrophes = "'`´‘’‛ʻʼʹʽʾʿˈ′‵＇｀՚ꞌ"

// reformed are the letters of later reform proposals and of neighbouring alphabets, and what they stand for.
var reformed = map[rune]string{
	'õ': "oʻ", 'ö': "oʻ", 'ō': "oʻ", 'Õ': "Oʻ", 'Ö': "Oʻ", 'Ō': "Oʻ",
	'ğ': "gʻ", 'ǵ': "gʻ", 'Ğ': "Gʻ", 'Ǵ': "Gʻ",
	'ş': "sh", 'ș': "sh", 'Ş': "Sh", 'Ș': "Sh",
	'ç': "ch", 'Ç': "Ch",
}

// Normalize gives Uzbek in Latin letters its standard characters: every kind of apostrophe becomes U+02BB after o and g
// and U+02BC between other letters, elsewhere it is a quotation mark and stays; õ ö ō, ğ ǵ, ş ș and ç become oʻ, gʻ, sh
// and ch. Other text is only brought to Unicode's composed form, and bytes that are no UTF-8 to U+FFFD.
func Normalize(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, "\ufffd"))
	if !strings.ContainsFunc(s, func(r rune) bool { return reformed[r] != "" || isApostrophe(r) }) {
		return s
	}
	runes := []rune(s)
	out := make([]rune, 0, len(runes)+4)
	for i, r := range runes {
		switch {
		case reformed[r] != "":
			out = append(out, []rune(inCase(reformed[r], runes, i))...)
		case isApostrophe(r):
			out = append(out, apostrophe(r, last(out), at(runes, i+1)))
		default:
			out = append(out, r)
		}
	}
	return string(out)
}

// inCase writes a letter pair in capitals if the letter it replaces stands among capitals.
func inCase(pair string, runes []rune, i int) string {
	next, before := at(runes, i+1), at(runes, i-1)
	if unicode.IsUpper(runes[i]) && (unicode.IsUpper(next) || unicode.IsUpper(before) && !unicode.IsLower(next)) {
		return strings.ToUpper(pair)
	}
	return pair
}

// apostrophe gives the character for an apostrophe between two runes; 0 stands for the end of the text.
func apostrophe(r, before, next rune) rune {
	switch {
	case strings.ContainsRune("oOgG", before):
		return turned
	case isLetter(before) && isLetter(next):
		return sign
	}
	return r
}

// isLetter is for letters alone: Unicode counts some of the apostrophes among them.
func isLetter(r rune) bool { return unicode.IsLetter(r) && !isApostrophe(r) }

// isApostrophe is for every character in apostrophes, quotation marks included.
func isApostrophe(r rune) bool { return strings.ContainsRune(apostrophes, r) }

// at gives the rune at i, or 0.
func at(runes []rune, i int) rune {
	if i < 0 || i >= len(runes) {
		return 0
	}
	return runes[i]
}

func last(runes []rune) rune { return at(runes, len(runes)-1) }

// scan cuts s into words and what stands between them and gives each to a function; what untouched recognizes is copied.
// A word is a run of letters, signs between them included, with the digits and hyphens around it left out.
func scan(s string, untouched func(before rune, rest string) int, phrase func(rest string) (int, string), word func(string) string) string {
	var b strings.Builder
	b.Grow(len(s) * 2)
	before := rune(0)
	for s != "" {
		n := untouched(before, s)
		out := ""
		if n == 0 && !unicode.IsLetter(before) {
			n, out = phrase(s)
		}
		if n == 0 {
			if n = wordEnd(s); n > 0 {
				out = word(s[:n])
			}
		}
		if n == 0 {
			n = 1
			for n < len(s) && s[n]&0xC0 == 0x80 {
				n++
			}
		}
		if out == "" {
			out = s[:n]
		}
		b.WriteString(out)
		for _, r := range s[:n] {
			before = r
		}
		s = s[n:]
	}
	return b.String()
}

// wordEnd gives the length of the word that s begins with, 0 if it begins with none. A sign belongs to the word if a
// letter follows, or if it makes oʻ or gʻ.
func wordEnd(s string) int {
	end, before := 0, rune(0)
	for i, r := range s {
		switch {
		case isLetter(r), unicode.Is(unicode.Mn, r) && i > 0:
			end = i + len(string(r))
		case isApostrophe(r) && i > 0:
			if strings.ContainsRune("oOgG", before) {
				end = i + len(string(r))
			}
		default:
			return end
		}
		before = r
	}
	return end
}
