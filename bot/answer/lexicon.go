package answer

import (
	"slices"
	"strings"
)

// lexicon finds listed words in a text: numbers, months, the word for a meeting. It knows them in all languages at once,
// for people mix languages.
type lexicon struct {
	all     []listed
	byStart map[string][]int32 // places in all, by the first letters of the first word, see start
	fuzzy   map[byte][]int32   // by the first letter, of words long enough to forgive a slip
}

// listed is a word or a few of a list, as skeletons. The last one may be open: any ending fits.
type listed struct {
	key   string
	words []string
	of    purpose
	open  bool
}

// purpose is what a list is for.
type purpose byte

const (
	forItself  purpose = 'w' // read for itself: numbers, months
	forNotion  purpose = 'n' // synonyms
	forConcept purpose = 'c' // words for one thing in all languages
)

// newLexicon enters listed words.
func newLexicon(all []listed) *lexicon {
	l := &lexicon{all: all, byStart: map[string][]int32{}, fuzzy: map[byte][]int32{}}
	for i, e := range all {
		at := start(e.words[0])
		l.byStart[at] = append(l.byStart[at], int32(i))
		if long := len(e.words[0]); len(e.words) == 1 && (long >= 6 || long == 5 && !e.open) {
			l.fuzzy[at[0]] = append(l.fuzzy[at[0]], int32(i))
		}
	}
	return l
}

// listedIn are the words of a list as a lexicon has them. A * at the end stands for any ending.
func listedIn(of purpose, key string, texts []string, fold func(string) string) (all []listed) {
	for _, text := range texts {
		stem, open := strings.CutSuffix(strings.TrimSpace(text), "*")
		var words []string
		for _, t := range tokens(fold(stem)) {
			words = append(words, t.bone)
		}
		if len(words) == 0 || words[0] == "" {
			continue
		}
		if last := &words[len(words)-1]; open && len(*last) > longStart {
			*last = strings.TrimSuffix(*last, "i") // which is not heard before the e of many endings
		}
		all = append(all, listed{key, words, of, open})
	}
	return all
}

// start is what a word is filed under.
func start(word string) string { return word[:min(longStart, len(word))] }

const longStart = 3

// at gives the lists that have a word beginning at token i, and of how many tokens it is; the longest word first.
func (l *lexicon) at(ts []token, i int) (found []hit) {
	bone := ts[i].bone
	for n := 1; n <= min(longStart, len(bone)); n++ { // a short stem is filed under less
		for _, at := range l.byStart[bone[:n]] {
			if e := &l.all[at]; e.fits(ts[i:]) {
				found = append(found, hit{e.key, len(e.words)})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b hit) int { return b.n - a.n })
	return found
}

// hit is a list that a text has a word of, n tokens long.
type hit struct {
	key string
	n   int
}

// nearly gives the lists that a token is a slip away from.
func (l *lexicon) nearly(t token) (found []hit) {
	if len(t.bone) < 5 {
		return nil
	}
	for _, at := range l.fuzzy[t.bone[0]] {
		e := &l.all[at]
		if near(t.bone, e.words[0]) || e.open && begins(t.bone, e.words[0]) {
			found = append(found, hit{e.key, 1})
		}
	}
	return found
}

// begins tells whether a word begins with a stem, but for a slip in it.
func begins(word, stem string) bool {
	for n := len(stem) - 1; n <= min(len(word), len(stem)+1); n++ {
		if n <= len(word) && near(word[:n], stem) {
			return true
		}
	}
	return false
}

// fits tells whether the words stand at the beginning of ts.
func (e *listed) fits(ts []token) bool {
	if len(e.words) > len(ts) {
		return false
	}
	for k, w := range e.words {
		last := k == len(e.words)-1
		if got := ts[k].bone; got != w && (!last || !e.open || !strings.HasPrefix(got, w)) {
			return false
		}
	}
	return true
}
