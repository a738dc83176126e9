package store

import "regexp"

// Lang is a language and script that the bot speaks, as a BCP 47 tag.
type Lang string

// The languages. Uzbek in Cyrillic letters is the person's own text where there is one, else transliterated Uzbek.
const (
	English   Lang = "en"
	Russian   Lang = "ru"
	Uzbek     Lang = "uz"
	UzbekCyrl Lang = "uz-Cyrl"
)

// Langs lists the languages in the order in which they are offered.
var Langs = []Lang{Uzbek, UzbekCyrl, Russian, English}

// Text is a text in one or more languages.
type Text map[Lang]string

// Empty tells whether the text is missing in every language.
func (t Text) Empty() bool {
	for _, s := range t {
		if s != "" {
			return false
		}
	}
	return true
}

var validID = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// ValidID tells whether s may be the id of a meeting, a body or an FAQ entry.
func ValidID(s string) bool { return validID.MatchString(s) }
