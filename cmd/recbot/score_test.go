package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// gate is what must be reached in each language, in percent, and how much may go wrong.
type gate struct {
	intent, slots, answers, language float64
	falseAnswers                     float64 // of the questions that have no answer
	falseRefusals                    float64 // of those that have one
}

// tally counts what was right in one language.
type tally struct {
	n, intent, slots, answers, language     int
	answerable, falseAnswers, falseRefusals int
}

func (c *tally) add(k keyed, p predicted) {
	c.n++
	if k.Answerable {
		c.answerable++
	}
	if p.Intent == k.Intent {
		c.intent++
		if slotsRight(k, p) {
			c.slots++
		}
	}
	if p.Language == k.Lang {
		c.language++
	}
	switch answerRight(k, p) {
	case "":
		c.answers++
	case "false answer":
		c.falseAnswers++
	case "false refusal":
		c.falseRefusals++
	}
}

func percent(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

// questionsFolder holds the sets of questions with their scorer.
var questionsFolder = filepath.Join("testdata", "questions")

// TestScore puts questions to recbot ask, and holds the answers to the gates: those of the development set, and fresh ones
// by writers who knew neither the phrases nor the code, of which less is asked, for what fits one set only is worthless.
func TestScore(t *testing.T) {
	t.Parallel()
	upToDate(t)
	for file, g := range map[string]gate{
		"questions.jsonl": {intent: 96, slots: 96, answers: 94, language: 99, falseAnswers: 1, falseRefusals: 3},
		"fresh.jsonl":     {intent: 92, slots: 97, answers: 92, language: 98, falseAnswers: 3, falseRefusals: 8},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			score(t, file, g)
		})
	}
}

// score puts the questions of a file.
func score(t *testing.T, name string, gate gate) {
	file, err := os.ReadFile(filepath.Join(questionsFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	var feed bytes.Buffer
	keys := decoded[keyed](t, string(file))
	for _, k := range keys {
		line, err := json.Marshal(map[string]string{"id": k.ID, "now": k.Now, "text": k.Text})
		if err != nil {
			t.Fatal(err)
		}
		feed.Write(append(line, '\n'))
	}
	code, out, told := asking(t, feed.String())
	if code != exitGood || told != "" {
		t.Fatalf("exit %d: %s", code, told)
	}
	answers := map[string]predicted{}
	for _, p := range decoded[predicted](t, out) {
		answers[p.ID] = p
	}
	tallies := map[string]*tally{}
	for _, k := range keys {
		if tallies[k.Lang] == nil {
			tallies[k.Lang] = &tally{}
		}
		tallies[k.Lang].add(k, answers[k.ID])
	}
	for lang, c := range tallies {
		t.Logf("%s: intent %d of %d, slots %d, answers %d, language %d, false answers %d, false refusals %d", lang, c.intent, c.n, c.slots, c.answers, c.language, c.falseAnswers, c.falseRefusals)
		for _, line := range []struct {
			what      string
			got, gate float64
			least     bool
		}{
			{"intent", percent(c.intent, c.n), gate.intent, true},
			{"slots", percent(c.slots, c.intent), gate.slots, true},
			{"answers", percent(c.answers, c.n), gate.answers, true},
			{"language", percent(c.language, c.n), gate.language, true},
			{"false answers", percent(c.falseAnswers, c.n-c.answerable), gate.falseAnswers, false},
			{"false refusals", percent(c.falseRefusals, c.answerable), gate.falseRefusals, false},
		} {
			if line.least && line.got < line.gate || !line.least && line.got > line.gate {
				t.Errorf("%s, %s: %.1f %%, the gate is %.1f %%; make score shows which questions", lang, line.what, line.got, line.gate)
			}
		}
	}
}

// decoded reads a JSON object from each line.
func decoded[T any](t *testing.T, text string) (all []T) {
	t.Helper()
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		var one T
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, one)
	}
	return all
}
