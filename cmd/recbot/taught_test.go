package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"recbot/bot/answer"
	"recbot/bot/council"
	"recbot/bot/script"
	"recbot/locales"
)

// learn learns from the phrases as they are now, with the names of the shipped catalogue.
func learn(t *testing.T) answer.Learned {
	t.Helper()
	words, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	asks, err := locales.LoadAsks()
	if err != nil {
		t.Fatal(err)
	}
	l := answer.Lessons{Words: asks.Words, Notions: asks.Notions, Concepts: asks.Concepts, Marks: asks.Marks, Fold: script.Fold, Things: things(council.Embedded(), words)}
	for _, p := range asks.Phrases {
		l.Phrases = append(l.Phrases, answer.Phrase(p))
	}
	return answer.Teach(l)
}

// upToDate fails if the phrases have changed since the bot learned them: what is measured then is not what they teach.
func upToDate(t *testing.T) (fingerprint string) {
	t.Helper()
	fingerprint, err := locales.Fingerprint()
	if err != nil {
		t.Fatal(err)
	}
	if !*update && !strings.HasPrefix(taught, fingerprint+"\n") {
		t.Fatal("the phrases have changed since taught.bin was made: run make generate")
	}
	return fingerprint
}

// TestTaught: what was written down is what is learned from the phrases as they are. -update writes it anew.
func TestTaught(t *testing.T) {
	t.Parallel()
	fingerprint, fresh := upToDate(t), learn(t)
	if *update {
		if err := os.WriteFile("taught.bin", []byte(fingerprint+"\n"+string(fresh)), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	_, written, _ := strings.Cut(taught, "\n")
	if diff := fresh.Differs(answer.Learned(written)); diff != "" {
		t.Errorf("taught.bin is not what is learned now (%s): run make generate", diff)
	}
}

// TestNoQuestionIsTaught: what measures the reader must not teach it, be it by chance. A question from the sets that is
// also a phrase tells nothing about how others are understood.
func TestNoQuestionIsTaught(t *testing.T) {
	t.Parallel()
	asks, err := locales.LoadAsks()
	if err != nil {
		t.Fatal(err)
	}
	phrases := map[string]string{}
	for _, p := range asks.Phrases {
		phrases[bare(p.Text)] = p.Text
	}
	for _, name := range []string{"questions.jsonl", "fresh.jsonl"} {
		file, err := os.ReadFile(filepath.Join(questionsFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range decoded[keyed](t, string(file)) {
			if phrase, ok := phrases[bare(k.Text)]; ok {
				t.Errorf("%s of %s stands among the phrases: %q", k.ID, name, phrase)
			}
		}
	}
}

// bare is a text without what makes no other question of it: signs, capitals, and the alphabet and keyboard it is typed on.
func bare(text string) string {
	words := strings.FieldsFunc(script.Fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return keyboards.Replace(script.Fold(script.ToLatin(strings.Join(words, " "))))
}

// TestBare: one question is one, however it is typed, and another is another.
func TestBare(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, a, b string
		same       bool
	}{
		{"signs and capitals", "What is it?", "what is it", true},
		{"apostrophes", "Yigʻilish qachon?", "yig'ilish qachon", true},
		{"two alphabets", "Qaysi guruhlar bor?", "Қайси гуруҳлар бор", true},
		{"a Russian keyboard", "Қайси гуруҳлар бор?", "кайси гурухлар бор", true},
		{"a word more", "Qaysi guruhlar bor?", "Yana qaysi guruhlar bor?", false},
		{"an ending", "когда заседание", "когда заседания", false},
	} {
		if got := bare(tc.a) == bare(tc.b); got != tc.same {
			t.Errorf("%s: %q and %q are one: %v", tc.name, bare(tc.a), bare(tc.b), got)
		}
	}
}
