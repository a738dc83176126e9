package locales

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"recbot/bot/script"
	"recbot/store"
)

//go:embed *.ask.yaml
var askFiles embed.FS

// Phrase is a text that people write to the bot, and what it means: an intent, or an intent.aspect.
type Phrase struct {
	Lang  store.Lang
	Label string
	Text  string
}

// Asks are the words the bot listens for, from the *.ask.yaml files.
type Asks struct {
	Phrases []Phrase // in a fixed order
	// Words are lists by key, of all languages together: ordinal_1, month_12. A * at the end stands for any ending.
	Words map[string][]string
	// Notions are synonyms by key, of all languages together: what is learned of one word holds for the others.
	Notions map[string][]string
	// Concepts are words for one thing in all languages, by an English key.
	Concepts map[string][]string
	// Marks are the common words by which a language is known.
	Marks map[store.Lang][]string
}

// markList is the list of words that each language has for itself.
const markList = "language_marks"

// notion stands before the keys of notions, which are told apart from the lists that are read for themselves.
const notion = "notion_"

// askFile is a *.ask.yaml file.
type askFile struct {
	Phrases  map[string][]string `yaml:"phrases"`
	Words    map[string][]string `yaml:"words"`
	Notions  map[string][]string `yaml:"notions"`
	Concepts map[string][]string `yaml:"concepts"`
}

// Fingerprint is the SHA-256 of the *.ask.yaml files, in hexadecimal: what was learned from them holds as long as it does.
func Fingerprint() (string, error) {
	sum := sha256.New()
	for _, lang := range askLangs {
		b, err := askFiles.ReadFile(string(lang) + ".ask.yaml")
		if err != nil {
			return "", fmt.Errorf("words to listen for: %w", err)
		}
		sum.Write(b)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// askLangs are the languages that have a file of their own.
var askLangs = []store.Lang{store.English, store.Russian, store.Uzbek}

// LoadAsks reads the words the bot listens for, to learn from them; a bot that runs has learned, and does without. Uzbek in
// Cyrillic letters is made from Uzbek. The error names the file and the line of what cannot be read.
func LoadAsks() (*Asks, error) {
	a := &Asks{Words: map[string][]string{}, Notions: map[string][]string{}, Concepts: map[string][]string{}, Marks: map[store.Lang][]string{}}
	for _, lang := range askLangs {
		name := string(lang) + ".ask.yaml"
		b, err := askFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("words to listen for: %w", err)
		}
		var f askFile
		decoder := yaml.NewDecoder(bytes.NewReader(b))
		decoder.KnownFields(true)
		if err := decoder.Decode(&f); err != nil {
			return nil, fmt.Errorf("words to listen for in %s: %w", name, err)
		}
		a.add(lang, f)
	}
	return a, nil
}

// add takes what a file says, in an order that is not the map's.
func (a *Asks) add(lang store.Lang, f askFile) {
	for _, label := range sorted(f.Phrases) {
		for _, text := range f.Phrases[label] {
			a.Phrases = append(a.Phrases, Phrase{lang, label, text})
			if lang == store.Uzbek {
				a.Phrases = append(a.Phrases, Phrase{store.UzbekCyrl, label, cyrillic(text)})
			}
		}
	}
	for key, texts := range f.Words {
		if key != markList {
			a.Words[key] = append(a.Words[key], texts...)
			continue
		}
		a.Marks[lang] = append(a.Marks[lang], texts...)
		if lang == store.Uzbek {
			for _, text := range texts {
				a.Marks[store.UzbekCyrl] = append(a.Marks[store.UzbekCyrl], script.ToCyrillic(text))
			}
		}
	}
	for key, texts := range f.Notions {
		a.Notions[notion+key] = append(a.Notions[notion+key], texts...)
	}
	for key, texts := range f.Concepts {
		a.Concepts[key] = append(a.Concepts[key], texts...)
	}
}

// cyrillic writes a phrase in Cyrillic letters and leaves its slots as they are.
func cyrillic(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(script.ToCyrillic(before))
		if !found {
			return b.String()
		}
		slot, after, closed := strings.Cut(rest, "}")
		if !closed {
			return b.String() + "{" + rest
		}
		b.WriteString("{" + slot + "}")
		text = after
	}
}

func sorted(m map[string][]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
