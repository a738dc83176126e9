package locales

import (
	"strings"
	"time"

	"golang.org/x/text/language"

	"recbot/bot/script"
	"recbot/store"
)

// readRussian are the base languages whose speakers are more likely to read Russian than English.
var readRussian = map[string]bool{
	"ru": true, "kk": true, "ky": true, "tg": true, "tk": true, "kaa": true, "az": true, "be": true, "uk": true,
}

// Guess chooses the language for a person whose client has the IETF tag ietf, until they choose themselves: Uzbek for
// Uzbek (in Cyrillic letters only if the tag says so), Russian for Russian and the languages of the region, English for
// everything else and for what is no tag at all. It goes by the base language, because a matcher would send uz-Cyrl to
// Russian and Karakalpak to wherever its distance table says.
func Guess(ietf string) store.Lang {
	tag, err := language.Parse(ietf)
	if err != nil {
		return store.English
	}
	base, _ := tag.Base()
	script, _ := tag.Script()
	switch {
	case base.String() == "uz" && script.String() == "Cyrl":
		return store.UzbekCyrl
	case base.String() == "uz" && script.String() == "Latn":
		return store.Uzbek
	case readRussian[base.String()]:
		return store.Russian
	}
	return store.English
}

// LangNamed reads the name of a language as people type it when they are asked for one: the way it is written on its button,
// in any case and with any apostrophe, or its code. ok is false for anything else.
func (c *Catalog) LangNamed(text string) (lang store.Lang, ok bool) {
	text = script.Fold(strings.TrimSpace(text))
	p := c.page(Reader{}, time.Time{})
	for _, l := range store.Langs {
		name := p.plain("Language_"+string(l), nil, maxLabel)
		if text == script.Fold(name) || text == script.Fold(string(l)) {
			return l, true
		}
	}
	return "", false
}
