package answer

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// model is a linear classifier: the softmax of a weighted sum of features. It is trained when the program starts, so that
// one more line in a file of phrases is all it takes to teach it, and always in the same order, so that a text is always
// understood alike.
type model struct {
	labels  []string
	feature map[uint64]int32 // number of a feature by the hash of its name
	rarity  []float32        // of each feature
	bias    []float32        // of each label
	// weights are those of feature f for label l at [f*len(labels)+l], while it learns.
	weights []float32
	// packed are the weights when all is learned, each row in its own unit: a quarter of the memory, and what is lost is
	// less than a phrase more or less makes.
	packed []int8
	unit   []float32 // of each feature
}

// sample is a phrase as features, ready for training.
type sample struct {
	label int
	fs    []weighed
}

// weighed is a feature with its share of a text.
type weighed struct {
	id int32
	w  float32
}

// The training: passes over all phrases with a falling step. Phrases that are learned already are passed over.
const (
	passes  = 6
	step    = 9.0
	settled = 0.93 // probability of the right label
	faint   = 2e-3 // probability below which a wrong label is left alone
)

// train learns phrases, given as bags of features.
func train(labels []string, bags []bag, of []int) *model {
	m := &model{labels: labels, bias: make([]float32, len(labels))}
	m.count(bags)
	m.weights = make([]float32, len(m.rarity)*len(labels))
	samples := make([]sample, len(bags))
	for i, b := range bags {
		samples[i] = sample{label: of[i]}
		samples[i].fs, _ = m.weigh(b)
	}
	m.learn(samples)
	m.pack()
	return m
}

// pack keeps the weights in a byte each.
func (m *model) pack() {
	n := len(m.labels)
	m.packed, m.unit = make([]int8, len(m.weights)), make([]float32, len(m.rarity))
	for f := range m.unit {
		row := m.weights[f*n : f*n+n]
		var most float32
		for _, w := range row {
			most = max(most, w, -w)
		}
		if m.unit[f] = most / math.MaxInt8; most == 0 {
			continue
		}
		for l, w := range row {
			if q := math.Round(float64(w / m.unit[f])); math.Abs(q) > slight {
				m.packed[f*n+l] = int8(q)
			}
		}
	}
	m.weights = nil
}

// slight are the weights, in 127 parts of the heaviest of a feature, that are as good as none.
const slight = 4

// weight is that of a feature for a label.
func (m *model) weight(f int32, label int) float32 {
	return float32(m.packed[int(f)*len(m.labels)+label]) * m.unit[f]
}

// count numbers the features and tells how rare each is. Pieces of words that stand in one phrase only teach nothing that
// the word itself does not.
func (m *model) count(bags []bag) {
	seen := make(map[uint64]int32, 8*len(bags))
	for _, b := range bags {
		for _, f := range b {
			seen[f.id]++
		}
	}
	m.feature = make(map[uint64]int32, len(seen)/2)
	for _, b := range bags {
		for _, f := range b {
			n := seen[f.id]
			if n <= rare[f.part] { // or numbered already
				continue
			}
			seen[f.id] = 0
			m.feature[f.id] = int32(len(m.rarity))
			m.rarity = append(m.rarity, float32(math.Log(1+float64(len(bags))/float64(n))))
		}
	}
}

// learn makes the passes. After the first one only what is not learned yet is looked at.
func (m *model) learn(samples []sample) {
	order := rand.New(rand.NewPCG(1, 2)).Perm(len(samples))
	p := make([]float32, len(m.labels))
	for pass := range passes {
		rate := step / float32(1+pass)
		var hard []int
		for _, i := range order {
			s := samples[i]
			m.chances(s.fs, p)
			if p[s.label] > settled {
				continue
			}
			hard = append(hard, i)
			m.correct(s, p, rate)
		}
		if pass > 0 {
			order = hard
		}
	}
}

// correct moves the weights towards the right label and away from those that were thought likely.
func (m *model) correct(s sample, p []float32, rate float32) {
	n := len(m.labels)
	for l := range p {
		g := -p[l]
		if l == s.label {
			g++
		} else if p[l] < faint {
			continue
		}
		g *= rate
		m.bias[l] += 0.02 * g
		for _, f := range s.fs {
			m.weights[int(f.id)*n+l] += g * f.w
		}
	}
}

// weigh gives the features of a text that are known, each by its rarity, the whole of length one. Known is the share of
// the text's weight that they make up.
func (m *model) weigh(b bag) (fs []weighed, known float32) {
	rarest := float32(math.Log(1 + float64(max(1, len(m.rarity)))))
	var sum, all float32
	fs = make([]weighed, 0, len(b))
	for _, f := range b {
		id, ok := m.feature[f.id]
		if !ok {
			all += f.w * rarest
			continue
		}
		w := f.w * m.rarity[id]
		fs = append(fs, weighed{id, w})
		sum += w * w
		all += w
	}
	var got float32
	norm := float32(math.Sqrt(float64(sum)))
	for i := range fs {
		got += fs[i].w
		fs[i].w /= norm
	}
	if all > 0 {
		known = got / all
	}
	return fs, known
}

// chances writes the probability of each label into p.
func (m *model) chances(fs []weighed, p []float32) {
	copy(p, m.bias)
	n := len(p)
	for _, f := range fs {
		if m.packed == nil {
			row := m.weights[int(f.id)*n:][:n]
			for l := range row {
				p[l] += row[l] * f.w
			}
			continue
		}
		row, w := m.packed[int(f.id)*n:][:n], m.unit[f.id]*f.w
		for l := range row {
			p[l] += float32(row[l]) * w
		}
	}
	top := slices.Max(p)
	var sum float32
	for l := range p {
		if p[l] -= top; p[l] < hopeless {
			p[l] = 0
			continue
		}
		p[l] = float32(math.Exp(float64(p[l])))
		sum += p[l]
	}
	for l := range p {
		p[l] /= sum
	}
}

// hopeless is a logarithm of a chance that is as good as none.
const hopeless = -14

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
