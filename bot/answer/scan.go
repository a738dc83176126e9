package answer

import "strings"

// scan is a text in which names and listed words were found.
type scan struct {
	tokens []token
	tail   string           // the signs behind the last token
	lists  []map[string]int // of each token: the lists it begins a word of, and of how many tokens that word is
	spans  []span           // names, in the order of the text, never overlapping
	themes map[string]float64
	// unlettered are the bodies that no letter numbers.
	unlettered map[string]bool
}

// span is a name in a text: tokens from up to but not including to.
type span struct {
	from, to int
	slot, id string
}

// scan finds names and listed words in a folded text.
func (r *Reader) scan(folded string) *scan {
	ts, tail := split(folded)
	s := r.scanned(ts)
	s.tail = tail
	return s
}

// scanned finds them in a text that is split already.
func (r *Reader) scanned(ts []token) *scan {
	s := &scan{tokens: ts, unlettered: r.unlettered}
	s.lists = make([]map[string]int, len(s.tokens))
	for i := range s.tokens {
		s.tokens[i].plain = r.known.has(hash(fnvOffset, s.tokens[i].bone))
	}
	for i, t := range s.tokens {
		s.lists[i] = r.listed(s.tokens, i, t)
	}
	for i := 0; i < len(s.tokens); i++ {
		if s.tokens[i].slot() {
			continue
		}
		if n, ok := r.names.at(s.tokens, i); ok && !s.ownWord(i, n) {
			s.spans = append(s.spans, span{i, i + len(n.words), n.slot, n.id})
			i += len(n.words) - 1
		}
	}
	r.findGroups(s)
	return s
}

// ownWord tells whether a single word that is also a name is more likely the plain word: a month, a number.
func (s *scan) ownWord(i int, n name) bool {
	if len(n.words) > 1 {
		return false
	}
	for key := range s.lists[i] {
		if strings.HasPrefix(key, "month_") || strings.HasPrefix(key, "ordinal_") || strings.HasPrefix(key, "letter_") || key == "meeting" || key == "group" {
			return true
		}
	}
	return false
}

// listed gives the lists of a token. A word that nobody taught the reader may be a slip of a listed one.
func (r *Reader) listed(ts []token, i int, t token) map[string]int {
	if t.bone == "" || t.slot() {
		return nil
	}
	var found map[string]int
	enter := func(h hit) {
		if found == nil {
			found = map[string]int{}
		}
		found[h.key] = max(found[h.key], h.n)
	}
	for _, h := range r.lists.at(ts, i) {
		enter(h)
	}
	if found == nil && !t.plain {
		for _, h := range r.lists.nearly(t) {
			enter(h)
		}
	}
	return found
}

// is tells whether token i begins a word of a list.
func (s *scan) is(i int, key string) bool {
	return i >= 0 && i < len(s.lists) && s.lists[i][key] > 0
}

// numbered gives the number of the list prefix_1, prefix_2 ... that token i begins a word of, 0 for none.
func (s *scan) numbered(i int, prefix string, most int) int {
	if i < 0 || i >= len(s.lists) {
		return 0
	}
	if len(s.lists[i]) == 0 {
		return 0
	}
	for n, key := range series[prefix][:most+1] {
		if s.lists[i][key] > 0 {
			return n
		}
	}
	return 0
}

// says tells whether a word of a list stands anywhere.
func (s *scan) says(key string) bool {
	for i := range s.lists {
		if s.is(i, key) {
			return true
		}
	}
	return false
}

// named gives the ids of the names of a kind, in the order of the text.
func (s *scan) named(slot string) (ids []string) {
	for _, sp := range s.spans {
		if sp.slot == slot {
			ids = append(ids, sp.id)
		}
	}
	return ids
}

// in gives the name that covers token i.
func (s *scan) in(i int) (span, bool) {
	for _, sp := range s.spans {
		if sp.from <= i && i < sp.to {
			return sp, true
		}
	}
	return span{}, false
}
