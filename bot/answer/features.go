package answer

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// bag is a text as features, in the order of their ids.
type bag []trait

// trait is a feature of a text, known by a hash of its name, and how often it stands there.
type trait struct {
	id   uint64
	w    float32
	part part
}

// part tells features apart that teach nothing when they stand in a phrase or two only.
type part uint8

const (
	partWhole part = iota // a word, or a list it stands in
	partPair              // two neighbours
	partPiece             // some letters of a word
)

// rare are the most phrases that a feature of such a part may stand in without being learned: the word itself says as much.
var rare = [...]int32{partWhole: 0, partPair: 1, partPiece: 2}

// The weight of the kinds of features.
const (
	ofWord   = 1.0
	ofPair   = 0.7
	ofPiece  = 0.45 // three or four letters of a word
	ofNotion = 0.35 // a synonym, which may mean something else as well
	ofList   = 0.8  // a listed word or a concept, whatever the language
)

// features are the words of a text with names and references in place, pairs of neighbours, pieces of words, which forgive
// slips and endings, and the lists that words stand in. Names takes what the ids stand for, if it is not nil.
func features(symbols []symbol, names map[uint64]string) bag {
	c := collector{bag: make(bag, 0, 24*len(symbols)), names: names}
	last := "^"
	for _, s := range symbols {
		c.add(partWhole, "=", s.text, ofWord)
		c.add(partPair, last+" ", s.text, ofPair)
		last = s.text
		for _, key := range s.lists {
			w := float32(ofList)
			if strings.HasPrefix(key, "notion_") {
				w = ofNotion
			}
			c.add(partWhole, "#", key, w)
		}
		if !strings.HasPrefix(s.text, "{") {
			c.pieces(s.text)
		}
	}
	c.add(partPair, last+" ", "$", ofPair)
	return c.merged()
}

// collector gathers features.
type collector struct {
	bag   bag
	names map[uint64]string
}

// add notes a feature. Its name is prefix and text together.
func (c *collector) add(of part, prefix, text string, w float32) {
	id := hash(hash(fnvOffset, prefix), text)
	c.bag = append(c.bag, trait{id, w, of})
	if c.names != nil {
		c.names[id] = prefix + text
	}
}

// pieces adds the groups of three and four letters of a word.
func (c *collector) pieces(word string) {
	w := "^" + word + "$"
	for n := 3; n <= 4; n++ {
		for i := 0; i+n <= len(w); i++ {
			c.add(partPiece, "", w[i:i+n], ofPiece)
		}
	}
}

// merged adds up equal features. What stands twice does not count twice.
func (c *collector) merged() bag {
	slices.SortFunc(c.bag, func(x, y trait) int { return cmp.Compare(x.id, y.id) })
	out := c.bag[:0]
	for _, t := range c.bag {
		if k := len(out) - 1; k >= 0 && out[k].id == t.id {
			out[k].w += t.w
			continue
		}
		out = append(out, t)
	}
	for i := range out {
		out[i].w = float32(math.Sqrt(float64(out[i].w)))
	}
	return slices.Clone(out) // what was gathered is several times as long, and thousands are kept while learning
}

// hash goes on with the 64-bit FNV-1a hash of a text; fnvOffset is where it begins.
func hash(h uint64, text string) uint64 {
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * fnvPrime
	}
	return h
}

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// symbol is what a classifier sees of a token: its skeleton, or the slot of what it names, and the lists it stands in.
type symbol struct {
	text  string
	lists []string
}
