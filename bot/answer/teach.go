package answer

import (
	"maps"
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

// Teach learns. It takes a second or two and over a hundred megabytes: [New] makes a reader of the result in a moment.
func Teach(l Lessons) Learned {
	r := listening(lists(l), l.Things, l.Fold)
	var languages sync.WaitGroup
	languages.Go(func() { r.tongues = newTongues(l.Fold, l.Phrases, l.Marks) })
	// Uzbek in Cyrillic letters sounds as it does in Latin ones: there is nothing more to learn from it.
	r.train(slices.DeleteFunc(slices.Clone(l.Phrases), func(p Phrase) bool { return p.Lang == store.UzbekCyrl }))
	languages.Wait()
	return r.learned()
}

// lists are the listed words of lessons, in an order that is not the maps'.
func lists(l Lessons) (all []listed) {
	for _, lists := range []struct {
		of    purpose
		texts map[string][]string
	}{{forItself, l.Words}, {forNotion, l.Notions}, {forConcept, l.Concepts}} {
		for _, key := range slices.Sorted(maps.Keys(lists.texts)) {
			all = append(all, listedIn(lists.of, key, lists.texts[key], l.Fold)...)
		}
	}
	return all
}

// listening is a reader that knows lists and names, and has learned nothing from phrases yet.
func listening(lists []listed, things []Thing, fold func(string) string) *Reader {
	r := &Reader{fold: fold, lists: newLexicon(lists), byLetter: map[int]string{}, isConcept: map[string]bool{}, unlettered: map[string]bool{}}
	isWord := map[string]bool{}
	for _, e := range lists {
		switch e.of {
		case forItself:
			isWord[e.key] = true
		case forConcept:
			r.isConcept[e.key] = true
		}
	}
	for _, t := range things {
		if t.Letter > 0 {
			r.byLetter[t.Letter] = t.ID
		} else if t.Slot == SlotGroup {
			r.unlettered[t.ID] = true
		}
	}
	r.names = newDirectory(fold, things)
	r.themes = newThemes(fold, things, func(t token) bool {
		return slices.ContainsFunc(r.lists.at([]token{t}, 0), func(h hit) bool { return isWord[h.key] })
	})
	return r
}

// train teaches the model the phrases.
func (r *Reader) train(phrases []Phrase) {
	texts := make([][]token, len(phrases))
	inParts(len(phrases), func(i int) { texts[i] = tokens(r.fold(phrases[i].Text)) })
	// All words are known before any text is scanned: a slip is a word that nobody taught.
	var known []uint64
	for _, ts := range texts {
		for _, t := range ts {
			known = append(known, hash(fnvOffset, t.bone))
			t.plain = true
			if _, ok := r.names.begun[t.text]; !ok {
				r.names.remember(t)
			}
		}
	}
	r.known, _ = newTable(known)
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
