package answer

import (
	"slices"
	"strings"
)

// symbols are the tokens from up to but not including to of a scanned text, with names and references made slots, so
// that what was learned of one meeting, group or person holds for all.
func (s *scan) symbols(marks []mark, from, to int) []symbol {
	var all []symbol
	for i := from; i < to; {
		if sp, named := s.in(i); named && sp.slot != SlotPlace {
			if to, ok := s.reference(sp.to, marks); ok && sp.slot == SlotCouncil {
				all = append(all, symbol{SlotMeeting, []string{"meeting"}})
				i = to
				continue
			}
			all = append(all, s.name(sp))
			i = max(i+1, sp.to)
			continue
		}
		if to, ok := s.coming(i); ok {
			all = append(all, symbol{slotNext, []string{"meeting", "next_ordinal"}})
			i = to
			continue
		}
		if to, ok := s.reference(i, marks); ok {
			all = append(all, symbol{SlotMeeting, []string{"meeting"}})
			i = to
			continue
		}
		if k := slices.IndexFunc(marks, func(m mark) bool { return m.from == i }); k >= 0 {
			all = append(all, symbol{marks[k].slot, nil})
			i = marks[k].to
			continue
		}
		if sp, named := s.in(i); named {
			all = append(all, symbol{sp.slot, nil})
			i = max(i+1, sp.to)
			continue
		}
		if next, named := s.in(i + 1); s.is(i, "working") && named && next.slot == SlotGroup {
			i++ // working group c is group c
			continue
		}
		if n := s.list(i, "courtesy"); n > 0 {
			i += n // please and its like say nothing of what is asked
			continue
		}
		if t := s.tokens[i]; t.bone != "" {
			all = append(all, s.symbol(i))
		}
		i++
	}
	return all
}

// slotCommittee is what a body without a letter looks like to the classifier: it is part of what the Council consists of,
// and asked about as that.
const slotCommittee = "{committee}"

// name is the symbol of a name.
func (s *scan) name(sp span) symbol {
	if sp.slot == SlotGroup && s.unlettered[sp.id] {
		return symbol{slotCommittee, []string{"group"}}
	}
	return symbol{sp.slot, nil}
}

// helpers are lists that only help to read dates: they say nothing of what is asked.
var helpers = []string{"plural", "which", "working", "month_before", "month_word", "ordinal_end", "day_end", "date_russian"}

// symbol is that of a plain word.
func (s *scan) symbol(i int) symbol {
	t := s.tokens[i]
	if t.slot() {
		return symbol{t.text, nil}
	}
	sym := symbol{text: t.bone}
	if t.num >= 0 && t.end == "" {
		sym.text = "{number}"
	}
	for key := range s.lists[i] {
		if !strings.HasPrefix(key, "letter_") && !slices.Contains(helpers, key) {
			sym.lists = append(sym.lists, key)
		}
	}
	slices.Sort(sym.lists)
	return sym
}

// reach is how many tokens may stand between a number or a date and the word for a meeting it belongs to.
const reach = 3

// reference tells whether tokens from i on name a meeting: a number, a date, a place or the groups, and soon after the
// word for a meeting, which may have its owner behind it. The words between belong to it.
func (s *scan) reference(i int, marks []mark) (to int, ok bool) {
	from := slices.IndexFunc(marks, func(m mark) bool { return m.from == i })
	end := 0
	if i >= len(s.tokens) || s.several(i) {
		return 0, false
	}
	if from >= 0 {
		end = marks[from].to
	} else if sp, named := s.in(i); named && sp.slot == SlotPlace && sp.from == i {
		end = sp.to
	} else if n := s.list(i, "groups"); n > 0 {
		end = i + n
	} else if n := s.list(i, "meeting"); n > 0 && !s.is(i, "meetings") && s.owner(i+n) > i+n && !s.is(i-1, "next_ordinal") && !s.is(i-1, "plural") {
		return s.owner(i + n), true
	} else {
		return 0, false
	}
	for k := end; k < min(len(s.tokens), end+reach); k++ {
		switch {
		case s.is(k, "meetings"), s.is(k, "parts"), s.is(k, "which"):
			return 0, false // several, or not a meeting at all
		case s.is(k, "meeting"):
			return s.owner(k + s.lists[k]["meeting"]), true
		case s.is(k, "group") && !s.is(k, "groups"):
			return 0, false
		case s.listedVerb(k):
			return 0, false
		}
	}
	return 0, false
}

// slotNext is the next meeting, told apart from a meeting that is named: when it is may be all that is asked.
const slotNext = "{next}"

// several tells whether the word at i speaks of more than one. Russian adjectives do by their ending, which is not heard.
func (s *scan) several(i int) bool {
	ending := func(e string) bool { return strings.HasSuffix(s.tokens[i].text, e) }
	return s.is(i, "plural") || slices.ContainsFunc([]string{"ие", "ые", "их", "ых"}, ending)
}

// coming tells whether tokens from i on name the next meeting.
func (s *scan) coming(i int) (to int, ok bool) {
	n := s.list(i, "next_ordinal")
	if n == 0 || s.several(i) {
		return 0, false
	}
	for k := i + n; k < min(len(s.tokens), i+n+reach); k++ {
		switch {
		case s.is(k, "meetings"), s.is(k, "parts"), s.is(k, "which"), s.is(k, "group"), s.listedVerb(k):
			return 0, false
		case s.is(k, "meeting"):
			return k + s.lists[k]["meeting"], true
		}
	}
	return 0, false
}

// owner moves behind the groups or the Council when they follow the word for a meeting as its owner.
func (s *scan) owner(i int) int {
	for k := i; k < min(len(s.tokens), i+3); k++ {
		if sp, named := s.in(k); named && sp.slot == SlotCouncil {
			return sp.to
		}
		if n := s.list(k, "groups"); n > 0 {
			return k + n
		}
		if s.is(k, "meeting") || s.listedVerb(k) || s.is(k, "group") {
			break
		}
	}
	return i
}

// list gives of how many tokens the word of a list is that begins at token i, 0 without one.
func (s *scan) list(i int, key string) int {
	if i < 0 || i >= len(s.lists) {
		return 0
	}
	return s.lists[i][key]
}

// listedVerb tells whether a word of the tenses parts a number or place from what follows.
func (s *scan) listedVerb(i int) bool { return s.is(i, "past_tense") || s.is(i, "future_tense") }

// sentences gives where the sentences of a text begin and end, as numbers of tokens.
func (s *scan) sentences() (all [][2]int) {
	from := 0
	for i := 1; i <= len(s.tokens); i++ {
		if i < len(s.tokens) && (!strings.ContainsAny(s.tokens[i].after, ".!?;\n…,:") || s.joined(i, ".,:")) {
			continue
		}
		all = append(all, [2]int{from, i})
		from = i
	}
	return all
}

// asked tells whether a question mark stands before token i, which may be the end.
func (s *scan) asked(i int) bool {
	if i < len(s.tokens) {
		return strings.Contains(s.tokens[i].after, "?")
	}
	return strings.Contains(s.tail, "?")
}

// one tells whether the text names a single meeting.
func (s *scan) one(marks []mark) bool {
	plural := s.says("meetings")
	for _, sym := range s.symbols(marks, 0, len(s.tokens)) {
		if sym.text == SlotMeeting && !plural {
			return true
		}
	}
	return false
}
