package locales

import (
	"strings"
	"testing"

	"recbot/store"
)

func TestGuess(t *testing.T) {
	t.Parallel()
	for lang, tags := range map[store.Lang]string{
		store.Uzbek:     "uz uz-Latn uz-UZ UZ uz-u-rg-uzzzzz",
		store.UzbekCyrl: "uz-Cyrl uz_Cyrl uz-Cyrl-UZ",
		store.Russian:   "ru ru-RU ru-UZ kk ky tg tk az be uk kaa kk-Latn",
		store.English:   "en en-US uz-Arab tr fa de zh zh-Hans - x xx-yy-zz",
	} {
		for _, tag := range append(strings.Fields(tags), map[bool][]string{true: {"", "no tag at all", "\x00"}}[lang == store.English]...) {
			if got := Guess(tag); got != lang {
				t.Errorf("Guess(%q): got %s, want %s", tag, got, lang)
			}
		}
	}
}

func TestLangNamed(t *testing.T) {
	t.Parallel()
	c := loaded(t)
	for text, want := range map[string]store.Lang{
		"Русский": store.Russian, " русский ": store.Russian, "ENGLISH": store.English, "Oʻzbekcha": store.Uzbek, "o'zbekcha": store.Uzbek, "Ўзбекча": store.UzbekCyrl,
		"uz-cyrl": store.UzbekCyrl, "en": store.English, "": "", "Klingon": "", "Русский!": "",
	} {
		if got, ok := c.LangNamed(text); got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %t, want %q", text, got, ok, want)
		}
	}
}
