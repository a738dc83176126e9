package answer

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"recbot/store"
)

// Phrase is a text that people write, and what it means: an intent, or an intent and an aspect of it parted by a dot. In
// place of a name it may hold a slot, with an ending or without.
type Phrase struct {
	Lang  store.Lang
	Label string
	Text  string
}

// Lessons are what a [Reader] learns from.
type Lessons struct {
	Phrases []Phrase
	// Words are lists of words by key, in any language: ordinal_1, month_12, meeting. A * at the end of a word stands for
	// any ending.
	Words map[string][]string
	// Notions are synonyms by key, in any language: whoever has heard one of them understands the others.
	Notions map[string][]string
	// Concepts are words for one and the same thing in several languages, by key.
	Concepts map[string][]string
	// Marks are the words by which a language is known.
	Marks  map[store.Lang][]string
	Things []Thing
	// Fold makes spellings one; see script.Fold.
	Fold func(string) string
}

// New learns.
func New(l Lessons) *Reader {
	r := listening(l)
	var languages sync.WaitGroup
	languages.Go(func() { r.tongues = newTongues(l.Fold, l.Phrases, l.Marks) })
	// Uzbek in Cyrillic letters sounds as it does in Latin ones: there is nothing more to learn from it.
	r.train(slices.DeleteFunc(slices.Clone(l.Phrases), func(p Phrase) bool { return p.Lang == store.UzbekCyrl }))
	languages.Wait()
	r.intents = intentsOf(r.model.labels)
	return r
}

// listening is a reader that knows lists and names, and has learned nothing from phrases yet.
func listening(l Lessons) *Reader {
	r := &Reader{fold: l.Fold, lists: newLexicon(), byLetter: map[int]string{}, known: map[string]bool{}, isConcept: map[string]bool{}, unlettered: map[string]bool{}}
	for _, lists := range []map[string][]string{l.Words, l.Notions, l.Concepts} {
		for _, key := range sortedKeys(lists) {
			r.lists.add(l.Fold, key, lists[key])
		}
	}
	for key := range l.Concepts {
		r.isConcept[key] = true
	}
	for _, t := range l.Things {
		if t.Letter > 0 {
			r.byLetter[t.Letter] = t.ID
		} else if t.Slot == SlotGroup {
			r.unlettered[t.ID] = true
		}
	}
	r.names = newDirectory(l.Fold, l.Things)
	r.themes = newThemes(l.Fold, l.Things, func(t token) bool {
		return slices.ContainsFunc(r.lists.at([]token{t}, 0), func(h hit) bool { return len(l.Words[h.key]) > 0 })
	})
	return r
}

// train teaches the model the phrases.
func (r *Reader) train(phrases []Phrase) {
	texts := make([][]token, len(phrases))
	inParts(len(phrases), func(i int) { texts[i] = tokens(r.fold(phrases[i].Text)) })
	// All words are known before any text is scanned: a slip is a word that nobody taught.
	for _, ts := range texts {
		for _, t := range ts {
			r.known[t.bone], t.plain = true, true
			if _, ok := r.names.begun[t.text]; !ok {
				r.names.remember(t)
			}
		}
	}
	bags, more := make([]bag, len(phrases)), make([]bag, len(phrases))
	inParts(len(phrases), func(i int) {
		s := r.scanned(texts[i])
		_, marks := s.refer(time.Time{})
		symbols := s.symbols(marks, 0, len(s.tokens))
		bags[i] = features(symbols, nil)
		if ofNext(phrases[i].Label, symbols) {
			more[i] = features(symbols, nil)
		}
	})
	labels, of := numbered(phrases)
	for i, b := range more {
		if b != nil {
			bags, of = append(bags, b), append(of, of[i])
		}
	}
	r.model = train(labels, bags, of)
}

// intentsOf are the intents of labels.
func intentsOf(labels []string) (intents []string) {
	for _, l := range labels {
		intent, _, _ := strings.Cut(l, ".")
		intents = append(intents, intent)
	}
	return intents
}

// numbered lists the labels of phrases in the order in which they come, and gives the number of each phrase's label.
func numbered(phrases []Phrase) (labels []string, of []int) {
	index := map[string]int{}
	for _, p := range phrases {
		l, ok := index[p.Label]
		if !ok {
			l = len(labels)
			index[p.Label] = l
			labels = append(labels, p.Label)
		}
		of = append(of, l)
	}
	return labels, of
}

// inParts does something for each number below n, on all processors.
func inParts(n int, do func(i int)) {
	var all sync.WaitGroup
	parts := runtime.GOMAXPROCS(0)
	for part := range parts {
		all.Go(func() {
			for i := part; i < n; i += parts {
				do(i)
			}
		})
	}
	all.Wait()
}

// ofNext makes a phrase about a meeting one about the next meeting, which is asked about in the same words. When the next
// one is, is a question of its own.
func ofNext(label string, symbols []symbol) bool {
	if !strings.HasPrefix(label, "meeting_") || label == "meeting_when" || len(symbols) < 2 {
		return false
	}
	k := slices.IndexFunc(symbols, func(s symbol) bool { return s.text == SlotMeeting })
	if k >= 0 {
		symbols[k] = symbol{slotNext, []string{"meeting", "next_ordinal"}}
	}
	return k >= 0
}

func sortedKeys(m map[string][]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
