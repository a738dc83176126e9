package answer

import (
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"

	"recbot/store"
)

// tongues tells languages apart by their words and groups of three letters, learned from the phrases: naive Bayes.
type tongues struct {
	kinds []tongue
	// shared are words that stand in phrases of several languages: agenda, виза. Alone they do not tell.
	shared table
}

// tongue is a language in one alphabet.
type tongue struct {
	lang     store.Lang
	cyrillic bool
	pieces   table  // words and groups of letters, by their hashes
	counts   floats // how often each was seen
	total    float64
}

// heard are the counts of a tongue while it learns.
type heard map[string]float64

// markWeight is how often a listed function word counts: they are what a language is best known by.
const markWeight = 6

// enoughOf is which share of the phrases suffices to know a language by: one in so many.
const enoughOf = 2

// newTongues learns from phrases and function words. Russian is learned in Latin letters too, and Uzbek without the
// letters that Russian keyboards lack.
func newTongues(fold func(string) string, phrases []Phrase, marks map[store.Lang][]string) *tongues {
	t := &tongues{shared: sharedWords(fold, phrases), kinds: []tongue{
		{lang: store.English}, {lang: store.Uzbek}, {lang: store.Russian},
		{lang: store.Russian, cyrillic: true}, {lang: store.UzbekCyrl, cyrillic: true},
	}}
	counts := make([]heard, len(t.kinds))
	for i := range counts {
		counts[i] = heard{}
	}
	learn := func(lang store.Lang, text string, weight float64) {
		for i := range t.kinds {
			if k := &t.kinds[i]; k.lang == lang {
				k.learn(counts[i], text, weight)
			}
		}
	}
	for _, p := range phrases {
		// Which ones are taken hangs on the phrase itself, not on its place: one phrase more changes nothing for the others.
		if hash(fnvOffset, p.Text)%enoughOf == 0 {
			learn(p.Lang, fold(p.Text), 1)
		}
	}
	for lang, words := range marks {
		for _, w := range words {
			learn(lang, fold(strings.TrimSuffix(w, "*")), markWeight)
		}
	}
	for i := range t.kinds {
		t.kinds[i].pack(counts[i])
	}
	return t
}

// pack keeps what was heard often enough.
func (k *tongue) pack(h heard) {
	count := map[uint64]float32{}
	for piece, n := range h {
		if n >= seldom {
			count[hash(fnvOffset, piece)] = float32(n)
		}
	}
	var number map[uint64]int32
	k.pieces, number = newTable(slices.Collect(maps.Keys(count)))
	counts := make([]float32, len(count))
	for piece, n := range number {
		counts[n] = count[piece]
	}
	k.counts = newFloats(counts)
}

// count is how often a piece was seen.
func (k *tongue) count(piece string) float64 {
	if n, ok := k.pieces.find(hash(fnvOffset, piece)); ok {
		return float64(k.counts.at(n))
	}
	return 0
}

// sharedWords are the words that stand in phrases of more than one language, Russian in Latin letters included. One phrase
// is enough: who writes phrases writes down a foreign word because people use it.
func sharedWords(fold func(string) string, phrases []Phrase) table {
	first, shared := map[string]store.Lang{}, map[uint64]bool{}
	for _, p := range phrases {
		text := fold(p.Text)
		words := lettersOf(text)
		if p.Lang == store.Russian {
			words = append(words, lettersOf(romanize.Replace(text))...)
		}
		for _, w := range words {
			if lang, ok := first[w]; !ok {
				first[w] = p.Lang
			} else if lang != p.Lang {
				shared[hash(fnvOffset, w)] = true
			}
		}
	}
	t, _ := newTable(slices.Collect(maps.Keys(shared)))
	return t
}

// lettersOf are the words of a folded text, without signs and digits.
func lettersOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
}

// seldom is how often a piece must stand in the phrases to be kept: what stands in one or two is as good as unheard.
const seldom = 3

// learn counts the pieces of a text, in the letters of this tongue.
func (k *tongue) learn(h heard, text string, weight float64) {
	variants := []string{text}
	switch {
	case k.lang == store.Russian && !k.cyrillic:
		variants = []string{romanize.Replace(text)}
	case k.lang == store.UzbekCyrl:
		variants = append(variants, keyboard.Replace(text))
	}
	for _, v := range variants {
		for _, w := range lettersOf(v) {
			for _, f := range spelling(w) {
				h[f] += weight
				k.total += weight
			}
		}
	}
}

// romanize writes Russian as it is typed in Latin letters, keyboard Uzbek as it is typed on a Russian keyboard.
var (
	romanize = strings.NewReplacer("а", "a", "б", "b", "в", "v", "г", "g", "д", "d", "е", "e", "ж", "zh", "з", "z", "и", "i", "й", "y",
		"к", "k", "л", "l", "м", "m", "н", "n", "о", "o", "п", "p", "р", "r", "с", "s", "т", "t", "у", "u", "ф", "f", "х", "h", "ц", "ts",
		"ч", "ch", "ш", "sh", "щ", "sch", "ъ", "", "ы", "y", "ь", "", "э", "e", "ю", "yu", "я", "ya")
	keyboard = strings.NewReplacer("қ", "к", "ғ", "г", "ҳ", "х", "ў", "у")
)

// spelling are a word and its groups of three letters.
func spelling(w string) []string {
	fs := []string{"=" + w}
	letters := []rune("^" + w + "$")
	for i := 0; i+3 <= len(letters); i++ {
		fs = append(fs, string(letters[i:i+3]))
	}
	return fs
}

// lean is how much likelier the language of the person is held to be than another, in natural logarithm, and clearly how
// much likelier the best one must be than the next for the language to be known. A text of few words that may be the
// person's own language must be surer: "agenda" is English, and is said by whoever speaks Russian or Uzbek.
const (
	lean    = 1.0
	clearly = 1.5
	surer   = 6.0
	few     = 2
)

// tell gives the language of words. Known is the person's own; it decides where the words do not. Sure tells that they do.
// Taught tells whether a word was ever taught, in whatever language.
func (t *tongues) tell(words []string, known store.Lang, taught func(string) bool) (lang store.Lang, sure bool) {
	cyrillic, letters := alphabet(words)
	if !letters {
		return known, false
	}
	scores := map[store.Lang]float64{}
	for _, k := range t.kinds {
		if k.cyrillic != cyrillic {
			continue
		}
		s := k.score(words)
		if k.lang == known {
			s += lean
		}
		if old, ok := scores[k.lang]; !ok || s > old {
			scores[k.lang] = s
		}
	}
	lang, margin := best(scores)
	if t.own(words, known, cyrillic, taught) && margin < surer {
		return known, false
	}
	return lang, margin >= clearly
}

// own tells that a text of few words may well be in the person's own language: each of them is said in several, or was never
// heard at all. English is written in one alphabet only.
func (t *tongues) own(words []string, known store.Lang, cyrillic bool, taught func(string) bool) bool {
	if known == "" || len(words) > few || known == store.English && cyrillic {
		return false
	}
	return !slices.ContainsFunc(words, func(w string) bool {
		return !t.shared.has(hash(fnvOffset, w)) && taught(w)
	})
}

// alphabet tells whether most letters of words are Cyrillic, and whether there are any that tell.
func alphabet(words []string) (cyrillic, letters bool) {
	n, latin := 0, 0
	for _, w := range words {
		for _, r := range w {
			if unicode.Is(unicode.Cyrillic, r) {
				n++
			} else if unicode.Is(unicode.Latin, r) {
				latin++
			}
		}
	}
	return n > latin, n+latin > 0
}

// best gives the language of the highest score, and by how much it is ahead of the next.
func best(scores map[store.Lang]float64) (lang store.Lang, margin float64) {
	first, second := math.Inf(-1), math.Inf(-1)
	for _, l := range store.Langs {
		s, ok := scores[l]
		switch {
		case !ok:
		case s > first:
			lang, first, second = l, s, first
		case s > second:
			second = s
		}
	}
	return lang, first - second
}

// wordShare is how much a word counts, long or short: the small words of a language are those that nobody borrows.
const wordShare = 3

// score is a measure of how likely words are in a tongue, in natural logarithm.
func (k *tongue) score(words []string) (sum float64) {
	for _, w := range words {
		fs := spelling(w)
		var of float64
		for _, f := range fs {
			of += math.Log((k.count(f) + 0.3) / (k.total + 3000))
		}
		sum += wordShare * of / float64(len(fs))
	}
	return sum
}

// language gives the language of a text, and whether the text tells it. A date alone leaves everybody's own. But Cyrillic letters
// are not English, which is also the language of whoever has not chosen one, and there the case of a month tells.
func (r *Reader) language(s *scan, known store.Lang) (lang store.Lang, sure bool) {
	switch date, russian := s.date(); {
	case date && russian && (known == "" || known == store.English):
		return store.Russian, true
	case date:
		return known, false
	}
	return r.tongues.tell(s.prose(), known, func(w string) bool { return r.known.has(hash(fnvOffset, skeleton(w))) })
}

// date tells whether a text is a date alone, in months and numbers, and whether in Russian: in Cyrillic letters, because
// "5 marta" is five times in Uzbek.
func (s *scan) date() (alone, russian bool) {
	for i, t := range s.tokens {
		if t.num < 0 && s.monthAt(i) == 0 {
			return false, false
		}
		cyrillic, _ := alphabet([]string{t.text})
		russian = russian || cyrillic && s.is(i, "date_russian")
	}
	return true, russian
}

// prose are the words of a text that tell its language: no names, numbers, months or slots. Many months are one word in two
// languages, and "марта" is "times" in Uzbek.
func (s *scan) prose() (words []string) {
	for i, t := range s.tokens {
		sp, named := s.in(i)
		if t.slot() || t.num >= 0 || s.monthAt(i) > 0 || named && slices.Contains([]string{SlotPerson, SlotOrg, SlotPlace, SlotCouncil, SlotCountry}, sp.slot) {
			continue
		}
		words = append(words, t.text)
	}
	if len(words) == 0 { // a name alone, perhaps with a date
		for i, t := range s.tokens {
			if s.monthAt(i) == 0 {
				words = append(words, t.text)
			}
		}
	}
	return words
}
