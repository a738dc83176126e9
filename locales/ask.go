package locales

import (
	"embed"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"recbot/bot/script"
	"recbot/store"
)

//go:embed *.ask.yaml
var askFiles embed.FS

// Ask is a text that people write to the bot, and the intent it has.
type Ask struct {
	Lang   store.Lang
	Intent string
	Text   string
}

// Asks gives the words the bot listens for, from the *.ask.yaml files. Uzbek in Cyrillic letters is made from Uzbek.
func Asks() ([]Ask, error) {
	var all []Ask
	for _, lang := range []store.Lang{store.English, store.Russian, store.Uzbek} {
		name := string(lang) + ".ask.yaml"
		b, err := askFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("words to listen for: %w", err)
		}
		var byIntent map[string][]string
		if err := yaml.Unmarshal(b, &byIntent); err != nil {
			return nil, fmt.Errorf("words to listen for in %s: %w", name, err)
		}
		all = append(all, asksOf(lang, byIntent)...)
	}
	return all, nil
}

// asksOf lists the texts of a language in a stable order.
func asksOf(lang store.Lang, byIntent map[string][]string) []Ask {
	var asks []Ask
	intents := make([]string, 0, len(byIntent))
	for intent := range byIntent {
		intents = append(intents, intent)
	}
	slices.Sort(intents) // of equal examples the first one wins: the order must not be the map's
	for _, intent := range intents {
		for _, text := range byIntent[intent] {
			asks = append(asks, Ask{lang, intent, text})
			if lang == store.Uzbek {
				asks = append(asks, Ask{store.UzbekCyrl, intent, script.ToCyrillic(text)})
			}
		}
	}
	return asks
}
