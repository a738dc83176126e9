package answer

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"recbot/store"
)

// Example is a text that means an intent, in one language. In place of a name it may hold [GroupSlot] or [MeetingSlot].
type Example struct {
	Lang   store.Lang
	Intent string
	Text   string
}

// The slots of examples: any group's name, any meeting's name.
const (
	GroupSlot   = "{group}"
	MeetingSlot = "{meeting}"
)

// Name is what people call a body or a meeting. Exactly one of the two is set.
type Name struct {
	Text    string
	Body    string
	Meeting store.MeetingID
}

// Understood is what a text was understood as.
type Understood struct {
	Intent  string
	Body    string
	Meeting store.MeetingID
	Lang    store.Lang // of the text; "" when it may be several, as for a name alone
	Score   float64    // 0 to 1, of the example that is nearest
}

// Reader understands texts by their nearest example: words and groups of three letters, the rarer the weightier. It is
// pure and safe for use by several goroutines.
type Reader struct {
	fold     func(string) string
	names    []name // longest first
	examples []example
	weight   map[string]float64
}

type name struct {
	words []string
	Name
}

type example struct {
	Example
	features map[string]float64
}

// enough is the least likeness with an example for a text to be understood. Found by trying: below it, off-topic texts
// that share a common word with an example begin to get answers.
const enough = 0.5

// maxWords bounds what is read of a text, and so the time it takes.
const maxWords = 60

// New learns examples and names. Fold makes spellings one (script.Fold).
func New(examples []Example, names []Name, fold func(string) string) *Reader {
	r := &Reader{fold: fold, weight: map[string]float64{}}
	for _, n := range names {
		if words := r.words(n.Text); len(words) > 0 {
			r.names = append(r.names, name{words, n})
		}
	}
	slices.SortStableFunc(r.names, func(a, b name) int { return cmp.Compare(len(b.words), len(a.words)) })
	for _, e := range examples {
		// Examples may name a group themselves; it becomes the slot, as in the texts of people.
		words, _, _ := r.slots(r.words(e.Text))
		r.examples = append(r.examples, example{e, features(words)})
	}
	r.weigh()
	return r
}

// weigh gives each feature the weight of its rarity among the examples, and brings every example to length one.
func (r *Reader) weigh() {
	seen := map[string]int{}
	for _, e := range r.examples {
		for f := range e.features {
			seen[f]++
		}
	}
	for f, n := range seen {
		r.weight[f] = math.Log(1 + float64(len(r.examples))/float64(n))
	}
	for _, e := range r.examples {
		r.scale(e.features)
	}
}

// scale weighs features and brings them to length one. What no example has weighs as much as the rarest.
func (r *Reader) scale(fs map[string]float64) {
	unknown := math.Log(1 + float64(len(r.examples)))
	var sum float64
	for f, n := range fs {
		w, ok := r.weight[f]
		if !ok {
			w = unknown
		}
		fs[f] = n * w
		sum += fs[f] * fs[f]
	}
	for f := range fs {
		fs[f] /= math.Sqrt(sum)
	}
}

// Read understands a text. The second value is false when no example is near enough.
func (r *Reader) Read(text string) (Understood, bool) {
	words, body, meeting := r.slots(r.words(text))
	if len(words) == 0 {
		return Understood{}, false
	}
	fs := features(words)
	r.scale(fs)
	best := Understood{Body: body, Meeting: meeting}
	for _, e := range r.examples {
		switch s := likeness(fs, e.features); {
		case s > best.Score+level:
			best.Score, best.Intent, best.Lang = s, e.Intent, e.Lang
		case s > best.Score-level && e.Lang != best.Lang:
			best.Lang = ""
		}
	}
	if !written(text, best.Lang) {
		best.Lang = ""
	}
	return best, best.Score >= enough
}

// written tells whether a text has letters of a language's alphabet. A name such as REC is near to examples of all of them,
// and says nothing about the language of who wrote it in Latin letters.
func written(text string, lang store.Lang) bool {
	alphabet := unicode.Latin
	if lang == store.Russian || lang == store.UzbekCyrl {
		alphabet = unicode.Cyrillic
	}
	return strings.ContainsFunc(text, func(c rune) bool { return unicode.Is(alphabet, c) })
}

// level is how little two scores may differ and still count as one: they are sums, and the order in which a map gives its
// entries shows in the last digits. Of equal examples the first one wins, so that a text is always understood alike.
const level = 1e-9

func likeness(a, b map[string]float64) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	var sum float64
	for f, w := range a {
		sum += w * b[f]
	}
	return sum
}

// words splits a folded text; signs are dropped, slots stay.
func (r *Reader) words(text string) []string {
	words := strings.FieldsFunc(r.fold(text), func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '{' && c != '}'
	})
	return words[:min(len(words), maxWords)]
}

// slots puts a slot in the place of each name and gives the first body and the first meeting named.
func (r *Reader) slots(words []string) (rest []string, body string, meeting store.MeetingID) {
	for i := 0; i < len(words); {
		n, ok := r.nameAt(words[i:])
		if !ok {
			rest = append(rest, words[i])
			i++
			continue
		}
		i += len(n.words)
		if n.Body != "" {
			rest = append(rest, GroupSlot)
			body = cmp.Or(body, n.Body)
		} else {
			rest = append(rest, MeetingSlot)
			meeting = cmp.Or(meeting, n.Meeting)
		}
	}
	return rest, body, meeting
}

// nameAt finds the longest name that begins here.
func (r *Reader) nameAt(words []string) (name, bool) {
	for _, n := range r.names {
		if len(n.words) <= len(words) && slices.Equal(n.words, words[:len(n.words)]) {
			return n, true
		}
	}
	return name{}, false
}

// features are the words of a text, and the groups of three letters inside each, which forgive typing mistakes and endings.
func features(words []string) map[string]float64 {
	fs := make(map[string]float64, 8*len(words))
	for _, w := range words {
		fs["="+w]++
		letters := []rune("^" + w + "$")
		for i := 0; i+3 <= len(letters); i++ {
			fs[string(letters[i:i+3])] += 0.5
		}
	}
	return fs
}
