package answer

import (
	"fmt"
	"slices"
	"strings"
)

// The most that an explanation lists.
const (
	likeliest    = 4
	heaviest     = 10
	smallestPull = 0.05
)

// Explain says in English, line by line, what was found in a text and why it was understood as it was: for whoever
// teaches the reader a phrase.
func (r *Reader) Explain(text string, b *Book, who Asker) []string {
	s := r.scan(r.fold(text))
	s.findMeetings(b, who)
	_, marks := s.refer(who.Now)
	x := r.Read(text, b, who)
	lines := []string{fmt.Sprintf("language: %s%s", x.Lang, unsure(x.LangSure))}
	lines = append(lines, s.found()...)
	symbols := s.symbols(marks, 0, len(s.tokens))
	lines = append(lines, "read as: "+spell(symbols))
	p, known := r.chances(s, marks)
	lines = append(lines, fmt.Sprintf("taught: %.0f %% of it", 100*known))
	ranked := byIntent(r.model.labels, p)
	for _, g := range ranked[:min(likeliest, len(ranked))] {
		lines = append(lines, fmt.Sprintf("%5.1f %%  %s", 100*g.chance, g.label))
	}
	lines = append(lines, r.pulls(symbols, ranked[0].label)...)
	return append(lines, x.slots())
}

func unsure(sure bool) string {
	if sure {
		return ""
	}
	return " (not sure)"
}

// found lists the names and listed words.
func (s *scan) found() (lines []string) {
	for _, sp := range s.spans {
		var words []string
		for _, t := range s.tokens[sp.from:sp.to] {
			words = append(words, t.text)
		}
		lines = append(lines, fmt.Sprintf("name: %q is %s %s", strings.Join(words, " "), sp.slot, sp.id))
	}
	for i, t := range s.tokens {
		var keys []string
		for key := range s.lists[i] {
			keys = append(keys, key)
		}
		if slices.Sort(keys); len(keys) > 0 {
			lines = append(lines, fmt.Sprintf("listed: %q is in %s", t.text, strings.Join(keys, ", ")))
		}
	}
	return lines
}

func spell(symbols []symbol) string {
	words := make([]string, len(symbols))
	for i, s := range symbols {
		words[i] = s.text
	}
	return strings.Join(words, " ")
}

// pulls lists the features that speak most for a label.
func (r *Reader) pulls(symbols []symbol, label string) (lines []string) {
	type pull struct {
		name string
		w    float32
	}
	var all []pull
	l := slices.Index(r.model.labels, label)
	byHash := map[uint64]string{}
	fs, _ := r.model.weigh(features(symbols, byHash))
	names := map[int32]string{}
	for h, name := range byHash {
		if id, ok := r.model.features.find(h); ok {
			names[id] = name
		}
	}
	for _, f := range fs {
		if w := f.w * r.model.weight(f.id, l); w > smallestPull {
			all = append(all, pull{names[f.id], w})
		}
	}
	slices.SortStableFunc(all, func(a, b pull) int {
		if a.w != b.w {
			return int(b.w*1e6) - int(a.w*1e6)
		}
		return strings.Compare(a.name, b.name)
	})
	for _, p := range all[:min(heaviest, len(all))] {
		lines = append(lines, fmt.Sprintf("%+5.2f  %s", p.w, p.name))
	}
	if len(lines) > 0 {
		lines = append([]string{"speaks for " + label + ":"}, lines...)
	}
	return lines
}

// slots says what a reading found beside its intent.
func (x Reading) slots() string {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+" "+value)
		}
	}
	add("intent", x.Intent)
	add("aspect", x.Aspect)
	add("meeting", string(x.Meeting))
	add("body", x.Body)
	add("topic", x.Topic)
	add("person", x.Person)
	add("organization", x.Org)
	add("language", string(x.Switch))
	add("answered question", x.Entry)
	return "answer: " + strings.Join(parts, ", ")
}
