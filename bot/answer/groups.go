package answer

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"
)

// mostNumbered is the longest series of numbered lists: the months.
const mostNumbered = 12

// series are the keys of the numbered lists, made once: they are looked up for every word.
var series = func() map[string][]string {
	all := map[string][]string{}
	for _, prefix := range []string{"ordinal_", "month_", "number_"} {
		for n := range mostNumbered + 1 {
			all[prefix] = append(all[prefix], fmt.Sprintf("%s%d", prefix, n))
		}
	}
	return all
}()

func keyOf(prefix string, n int) string { return series[prefix][n] }

// letters are the lists of the letters that number groups, the first one's first.
var letters = []string{"letter_a", "letter_b", "letter_c", "letter_d", "letter_e", "letter_f"}

// themes are what the bodies deal with: words that only one of them has, by their first letter.
type themes map[byte][]theme

// theme is a word of a body.
type theme struct {
	word token
	body string
}

// newThemes learns the words of the bodies' names and themes. Words of several bodies tell nothing, and neither do those
// that mean something else in any question.
func newThemes(fold func(string) string, things []Thing, plain func(token) bool) themes {
	owner, words := map[string]string{}, map[string]token{}
	for _, t := range things {
		if t.Slot != SlotGroup || t.Letter == 0 {
			continue
		}
		for _, text := range slices.Concat(t.Names, t.Themes) {
			for _, tok := range tokens(fold(text)) {
				if len(tok.bone) < 3 || plain(tok) {
					continue
				}
				if o, taken := owner[tok.bone]; taken && o != t.ID {
					owner[tok.bone] = "" // of several
				} else if !taken {
					owner[tok.bone], words[tok.bone] = t.ID, tok
				}
			}
		}
	}
	th := themes{}
	for word, id := range owner {
		if id != "" {
			th[word[0]] = append(th[word[0]], theme{words[word], id})
		}
	}
	for _, list := range th {
		slices.SortFunc(list, func(a, b theme) int {
			return cmp.Or(cmp.Compare(len(b.word.bone), len(a.word.bone)), cmp.Compare(a.word.bone, b.word.bone))
		})
	}
	return th
}

// of gives the body whose theme a word is, "" for none.
func (th themes) of(t token) string {
	if t.bone == "" {
		return ""
	}
	for _, theme := range th[t.bone[0]] {
		if theme.word.bone == t.bone || len(t.bone) >= 5 && len(theme.word.bone) >= 4 && inflected(t, theme.word) {
			return theme.body
		}
	}
	return ""
}

// findGroups finds groups that are named by letter, by number or by what they deal with, next to the word for a group.
func (r *Reader) findGroups(s *scan) {
	s.themes = map[string]float64{}
	where := map[string][]int{}
	for i, t := range s.tokens {
		if t.slot() {
			continue
		}
		if sp, named := s.in(i); named && sp.slot != SlotCouncil {
			continue
		}
		if id := r.themes.of(t); id != "" {
			s.themes[id]++
			where[id] = append(where[id], i)
		}
	}
	for i := range s.tokens {
		if !s.is(i, "group") {
			continue
		}
		if _, named := s.in(i); named {
			continue
		}
		if id, from, to, ok := r.numberedGroup(s, i); ok {
			s.cover(span{from, to, SlotGroup, id})
		}
	}
	if len(s.named(SlotGroup)) == 0 {
		s.themedGroup(where)
	}
}

// numberedGroup reads the letter or number beside the word for a group at token i.
func (r *Reader) numberedGroup(s *scan, i int) (id string, from, to int, ok bool) {
	after := i + s.lists[i]["group"]
	if n := s.letterAt(after); n > 0 && !s.preposition(after) {
		id, ok = r.byLetter[n], true
		return id, i, after + 1, r.byLetter[n] != ""
	}
	if after < len(s.tokens) && s.tokens[after].num > 0 && s.tokens[after].end == "" && r.byLetter[s.tokens[after].num] != "" && !s.monthNear(after) {
		return r.byLetter[s.tokens[after].num], i, after + 1, true
	}
	if n := s.letterAt(i - 1); n > 0 && r.byLetter[n] != "" {
		return r.byLetter[n], i - 1, after, true
	}
	for k := i - 1; k >= max(0, i-3); k-- {
		n := cmp.Or(s.numbered(k, "ordinal_", 6), s.plainOrdinal(k))
		if n > 0 && r.byLetter[n] != "" && !s.leadsToMeeting(k) {
			return r.byLetter[n], k, after, true
		}
		if s.is(k, "meeting") {
			break
		}
	}
	return "", 0, 0, false
}

// letterAt gives the number of the letter that token i is, a = 1; 0 for anything else.
func (s *scan) letterAt(i int) int {
	if i < 0 || i >= len(s.tokens) || utf8.RuneCountInString(s.tokens[i].text) != 1 {
		return 0
	}
	for n, key := range letters {
		if s.is(i, key) {
			return n + 1
		}
	}
	return 0
}

// preposition tells whether the letter at i is more likely a small word of Russian: в Ташкенте, с 27 ноября.
func (s *scan) preposition(i int) bool {
	t := s.tokens[i].text
	if (t != "в" && t != "с" && t != "а" && t != "a") || i+1 >= len(s.tokens) {
		return false
	}
	if gap := s.tokens[i+1].after; gap != " " {
		return false // (в), "в", в?
	}
	next, named := s.in(i + 1)
	return s.tokens[i+1].num > 0 || named && next.slot == SlotPlace || s.numbered(i+1, "month_", 12) > 0
}

// plainOrdinal reads a number that counts: 2nd, 2-я, 2-chi, or a plain 2 before its word.
func (s *scan) plainOrdinal(i int) int {
	if i < 0 || i >= len(s.tokens) || s.tokens[i].num < 1 || s.tokens[i].num > 31 || s.monthNear(i) {
		return 0
	}
	return s.tokens[i].num
}

// monthNear tells whether the number at i is a day: a month stands beside it.
func (s *scan) monthNear(i int) bool {
	return s.numbered(i+1, "month_", 12) > 0 || s.numbered(i-1, "month_", 12) > 0 || s.numbered(i+2, "month_", 12) > 0 && s.tokens[i+1].num < 0
}

// leadsToMeeting tells whether an ordinal counts meetings and not groups: first working groups meeting.
func (s *scan) leadsToMeeting(i int) bool {
	for k := i + 1; k < min(len(s.tokens), i+5); k++ {
		switch {
		case s.is(k, "meeting"):
			return true
		case s.is(k, "group"):
			return s.is(k, "groups")
		}
	}
	return false
}

// themedGroup takes the group whose theme stands near the word for a group: the group on health and education.
func (s *scan) themedGroup(where map[string][]int) {
	id := s.theme()
	if id == "" {
		return
	}
	for i := range s.tokens {
		if !s.is(i, "group") {
			continue
		}
		from, to := i, i+s.lists[i]["group"]
		for moved := true; moved; {
			moved = false
			for _, at := range where[id] {
				switch {
				case at < from && at >= from-3:
					from, moved = at, true
				case at >= to && at < to+3:
					to, moved = at+1, true
				}
			}
		}
		if to-from > s.lists[i]["group"] {
			s.cover(span{from, to, SlotGroup, id})
			return
		}
	}
}

// theme is the body whose theme the text has most words of, "" if none or several alike.
func (s *scan) theme() string {
	best, id := 0.0, ""
	for body, n := range s.themes {
		switch {
		case n > best:
			best, id = n, body
		case n == best:
			id = ""
		}
	}
	return id
}

// cover puts a name over tokens, in the place of those that lie in it.
func (s *scan) cover(with span) {
	s.spans = slices.DeleteFunc(s.spans, func(sp span) bool { return sp.from < with.to && with.from < sp.to })
	s.spans = append(s.spans, with)
	slices.SortFunc(s.spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
}
