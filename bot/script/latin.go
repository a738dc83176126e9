package script

import (
	"slices"
	"strings"
	"unicode"
)

// latinOf has what one Cyrillic letter becomes where nothing around it matters.
var latinOf = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'ё': "yo", 'ж': "j", 'з': "z", 'и': "i", 'й': "y", 'к': "k", 'л': "l",
	'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "x", 'ч': "ch", 'ш': "sh",
	'щ': "sh", 'ы': "i", 'э': "e", 'ю': "yu", 'я': "ya", 'ў': "oʻ", 'қ': "q", 'ғ': "gʻ", 'ҳ': "h",
}

const cyrillicVowels = "аеёиоуўэюяы"

// ToLatin writes Uzbek in Cyrillic letters in Latin ones. Letters of other alphabets stay.
func ToLatin(cyrillic string) string {
	nothing := func(rune, string) int { return 0 }
	return scan(cyrillic, nothing, toLatin.phrase, func(word string) string {
		runes := []rune(word)
		// The capitals of an abbreviation are a word of their own before its suffix: ЕХҲТнинг is YEXHTning.
		if end := slices.IndexFunc(runes, unicode.IsLower); end > 1 && len(runes) > end {
			return wordToLatin(runes[:end]) + lettersToLatin(runes, end)
		}
		return wordToLatin(runes)
	})
}

// wordToLatin writes a word, or the capitals before a suffix: exceptions first, then letter by letter.
func wordToLatin(runes []rune) string {
	n, out := toLatin.word(runes)
	return out + lettersToLatin(runes, n)
}

// lettersToLatin applies the rules of single letters from the i-th rune on. A letter that becomes two is in capitals
// altogether only in a word of capitals: ТОШКЕНТ is TOSHKENT, but Шарқ is Sharq.
func lettersToLatin(runes []rune, i int) string {
	caps := len(runes) > 1 && !slices.ContainsFunc(runes, unicode.IsLower)
	var b strings.Builder
	for ; i < len(runes); i++ {
		out := letterToLatin(runes, i)
		switch {
		case !unicode.IsUpper(runes[i]):
		case caps:
			out = strings.ToUpper(out)
		default:
			out = capitals(out)
		}
		b.WriteString(out)
	}
	return b.String()
}

// letterToLatin gives what the letter at i becomes beside its neighbours, in small letters.
func letterToLatin(runes []rune, i int) string {
	l := func(n int) rune { return unicode.ToLower(at(runes, i+n)) }
	this, before, next := l(0), l(-1), l(1)
	afterVowel := strings.ContainsRune(cyrillicVowels, before)
	switch this {
	case 'е':
		if before == 0 || afterVowel || before == 'ъ' || before == 'ь' {
			return "ye"
		}
		return "e"
	case 'ц':
		if afterVowel {
			return "ts"
		}
		return "s"
	case 'с':
		if next == 'ҳ' {
			return "s" + string(sign)
		}
	case 'ь':
		if next == 'о' {
			return "y"
		}
		return ""
	case 'ъ':
		if strings.ContainsRune("еёюя", next) || before == 'ў' || before == 'ғ' {
			return ""
		}
		return string(sign)
	}
	if out, ok := latinOf[this]; ok {
		return out
	}
	return string(runes[i])
}
