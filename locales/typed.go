package locales

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"

	"recbot/bot/answer"
	"recbot/bot/script"
	"recbot/store"
)

// DateWords are the words in which people type days and hours, of all languages: the names that the bot itself writes, and
// those of dates.yaml. Uzbek ones are there in both scripts. They
// are shared: do not change them.
func (c *Catalog) DateWords() answer.DateWords { return c.typed }

// typedWords is dates.yaml.
type typedWords struct {
	Months        [12][]string `yaml:"months"`
	Weekdays      [7][]string  `yaml:"weekdays"`
	Today         []string     `yaml:"today"`
	Tomorrow      []string     `yaml:"tomorrow"`
	AfterTomorrow []string     `yaml:"after_tomorrow"`
	Yesterday     []string     `yaml:"yesterday"`
	Tonight       []string     `yaml:"tonight"`
	Next          []string     `yaml:"next"`
	Clock         []string     `yaml:"clock"`
	ClockHours    []string     `yaml:"clock_hours"`
	AM            []string     `yaml:"am"`
	PM            []string     `yaml:"pm"`
	Morning       []string     `yaml:"morning"`
	Daytime       []string     `yaml:"daytime"`
	Afternoon     []string     `yaml:"afternoon"`
	Evening       []string     `yaml:"evening"`
	Night         []string     `yaml:"night"`
	After         []string     `yaml:"after"`
	Hours         []string     `yaml:"hours"`
	Minutes       []string     `yaml:"minutes"`
	HalfHour      []string     `yaml:"half_hour"`
	OneHour       []string     `yaml:"one_hour"`
	Fill          []string     `yaml:"fill"`
}

// loadDateWords reads dates.yaml and adds the names that the bot itself writes.
func (c *Catalog) loadDateWords() error {
	var typed typedWords
	data, err := files.ReadFile("dates.yaml")
	if err == nil {
		decoder := yaml.NewDecoder(bytes.NewReader(data))
		decoder.KnownFields(true) // a misspelt field would silently lose its words
		err = decoder.Decode(&typed)
	}
	if err != nil {
		return fmt.Errorf("dates.yaml: %w", err)
	}
	words := typed.words()
	for i := range words.Months {
		words.Months[i] = inBothScripts(words.Months[i])
		for _, lang := range store.Langs {
			words.Months[i] = append(words.Months[i], datesOf[lang].months[i])
			if alone := datesOf[lang].alone[i]; alone != "" {
				words.Months[i] = append(words.Months[i], alone)
			}
		}
	}
	for i := range words.Weekdays {
		words.Weekdays[i] = inBothScripts(words.Weekdays[i])
		for _, lang := range store.Langs {
			words.Weekdays[i] = append(words.Weekdays[i], datesOf[lang].weekdays[i])
		}
	}
	c.typed = words
	return nil
}

// words are those of the file, Uzbek ones in both scripts.
func (typed *typedWords) words() answer.DateWords {
	return answer.DateWords{
		Months: typed.Months, Weekdays: typed.Weekdays,
		Days:      [3][]string{inBothScripts(typed.Today), inBothScripts(typed.Tomorrow), inBothScripts(typed.AfterTomorrow)},
		Yesterday: inBothScripts(typed.Yesterday), Tonight: inBothScripts(typed.Tonight), Next: inBothScripts(typed.Next),
		Clock: inBothScripts(typed.Clock), ClockHours: typed.ClockHours, After: inBothScripts(typed.After),
		Parts: [answer.Parts][]string{
			answer.AM: typed.AM, answer.PM: typed.PM, answer.Night: typed.Night,
			answer.Morning: inBothScripts(typed.Morning), answer.Daytime: inBothScripts(typed.Daytime),
			answer.Afternoon: inBothScripts(typed.Afternoon), answer.Evening: inBothScripts(typed.Evening),
		},
		Hours: inBothScripts(typed.Hours), Minutes: inBothScripts(typed.Minutes),
		HalfHour: inBothScripts(typed.HalfHour), OneHour: inBothScripts(typed.OneHour),
		Fill: inBothScripts(typed.Fill),
	}
}

// inBothScripts adds to words what they are in Uzbek Cyrillic. Of English and Russian ones that is nothing that anybody
// types.
func inBothScripts(words []string) []string {
	all := words[:len(words):len(words)]
	for _, w := range words {
		if other := script.ToCyrillic(w); other != w {
			all = append(all, other)
		}
	}
	return all
}
