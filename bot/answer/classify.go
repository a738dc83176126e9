package answer

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// model is a linear classifier: the softmax of a weighted sum of features. It lies in strings as it was written down, see
// [table]; a byte for a weight is enough, each row in its own unit: what is lost is less than a phrase more or less makes.
type model struct {
	labels   []string
	features table     // numbers of features by the hashes of their names
	rarity   floats    // of each feature
	bias     []float32 // of each label
	unit     floats    // of each feature: what its weights are counted in
	// rows are four bytes for each feature, and four more: where its weights begin. Most features speak for few labels: their
	// rows are pairs of bytes, a label and what the feature weighs for it, and labels that are left out weigh nothing. Where
	// that is no shorter, a row has a byte for each label.
	rows, weights string
}

// pupil is a model while it learns: the weight of feature f for label l is at [f*len(labels)+l].
type pupil struct {
	*model
	weights []float32
}

// mostLabels is how many labels a byte can tell apart.
const mostLabels = 256

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

// The training: passes over all phrases with a falling step, in several orders. Phrases that are learned already are passed
// over. Longer steps learn a little more of phrases that were left out for a trial, but are surer of what they get wrong.
const (
	orders  = 5
	passes  = 6
	step    = 5.0
	settled = 0.93 // probability of the right label
	faint   = 2e-3 // probability below which a wrong label is left alone
)

// train learns phrases, given as bags of features. It always goes in the same order, so that a text is always understood alike.
func train(labels []string, bags []bag, of []int) *model {
	p := pupil{model: &model{labels: labels, bias: make([]float32, len(labels))}}
	p.count(bags)
	p.weights = make([]float32, p.rarity.len()*len(labels))
	samples := make([]sample, len(bags))
	for i, b := range bags {
		samples[i] = sample{label: of[i]}
		samples[i].fs, _ = p.weigh(b)
	}
	p.average(samples)
	p.pack()
	return p.model
}

// average learns the phrases in several orders and takes the mean of the weights. In which order they come makes a point
// of a hundred of difference either way; the mean of five is as good as the better ones, and a phrase more or less does
// not turn over what hardly has to do with it.
func (p pupil) average(samples []sample) {
	weights, bias := make([]float32, len(p.weights)), make([]float32, len(p.bias))
	for order := range orders {
		clear(p.weights)
		clear(p.bias)
		p.learn(samples, rand.New(rand.NewPCG(1, uint64(order))).Perm(len(samples)))
		for i, w := range p.weights {
			weights[i] += w / orders
		}
		for l, w := range p.bias {
			bias[l] += w / orders
		}
	}
	copy(p.weights, weights)
	copy(p.bias, bias)
}

// pack keeps the weights in a byte each.
func (p pupil) pack() {
	n := len(p.labels)
	units := make([]float32, p.rarity.len())
	var rows, weights []byte
	for f := range units {
		rows = binary.LittleEndian.AppendUint32(rows, uint32(len(weights)))
		row := p.weights[f*n : f*n+n]
		var most float32
		for _, w := range row {
			most = max(most, w, -w)
		}
		if units[f] = most / math.MaxInt8; most > 0 {
			weights = append(weights, packed(row, units[f])...)
		}
	}
	rows = binary.LittleEndian.AppendUint32(rows, uint32(len(weights)))
	p.unit, p.rows, p.model.weights = newFloats(units), string(rows), string(weights)
}

// packed is a row as a model keeps it.
func packed(row []float32, unit float32) []byte {
	all, pairs := make([]byte, len(row)), make([]byte, 0, 2*len(row))
	for l, w := range row {
		if q := math.Round(float64(w / unit)); math.Abs(q) > slight {
			all[l] = byte(int8(q))
			pairs = append(pairs, byte(l), all[l])
		}
	}
	if len(pairs) < len(all) {
		return pairs
	}
	return all
}

// slight are the weights, in 127 parts of the heaviest of a feature, that are as good as none.
const slight = 4

// row gives the weights of a feature: one for each label if there are as many bytes, else pairs.
func (m *model) row(f int32) string { return m.weights[word(m.rows, f):word(m.rows, f+1)] }

// weight is that of a feature for a label.
func (m *model) weight(f int32, label int) float32 { return float32(m.parts(f, label)) * m.unit.at(f) }

// parts is a weight in the units of its feature.
func (m *model) parts(f int32, label int) int {
	row := m.row(f)
	if len(row) == len(m.labels) {
		return int(int8(row[label]))
	}
	for i := 0; i+1 < len(row); i += 2 {
		if int(row[i]) == label {
			return int(int8(row[i+1]))
		}
	}
	return 0
}

// count numbers the features and tells how rare each is. Pieces of words that stand in one phrase only teach nothing that
// the word itself does not.
func (p pupil) count(bags []bag) {
	seen := make(map[uint64]int32, 8*len(bags))
	for _, b := range bags {
		for _, f := range b {
			seen[f.id]++
		}
	}
	var kept []uint64
	for _, b := range bags {
		for _, f := range b {
			if seen[f.id] > rare[f.part] {
				kept = append(kept, f.id)
			}
		}
	}
	var number map[uint64]int32
	p.features, number = newTable(kept)
	rarity := make([]float32, p.features.len())
	for id, n := range number {
		rarity[n] = float32(math.Log(1 + float64(len(bags))/float64(seen[id])))
	}
	p.rarity = newFloats(rarity)
}

// learn makes the passes in an order. After the first one only what is not learned yet is looked at.
func (p pupil) learn(samples []sample, order []int) {
	chances := make([]float32, len(p.labels))
	for pass := range passes {
		rate := step / float32(1+pass)
		var hard []int
		for _, i := range order {
			s := samples[i]
			p.chances(s.fs, chances)
			if chances[s.label] > settled {
				continue
			}
			hard = append(hard, i)
			p.correct(s, chances, rate)
		}
		if pass > 0 {
			order = hard
		}
	}
}

// correct moves the weights towards the right label and away from those that were thought likely.
func (p pupil) correct(s sample, chances []float32, rate float32) {
	n := len(p.labels)
	for l, chance := range chances {
		g := -chance
		if l == s.label {
			g++
		} else if chance < faint {
			continue
		}
		g *= rate
		p.bias[l] += 0.02 * g
		for _, f := range s.fs {
			p.weights[int(f.id)*n+l] += g * f.w
		}
	}
}

// chances writes the probability of each label, by what is learned until now.
func (p pupil) chances(fs []weighed, chances []float32) {
	copy(chances, p.bias)
	n := len(chances)
	for _, f := range fs {
		row := p.weights[int(f.id)*n:][:n]
		for l := range row {
			chances[l] += row[l] * f.w
		}
	}
	soften(chances)
}

// weigh gives the features of a text that are known, each by its rarity, the whole of length one. Known is the share of
// the text's weight that they make up.
func (m *model) weigh(b bag) (fs []weighed, known float32) {
	rarest := float32(math.Log(1 + float64(max(1, m.rarity.len()))))
	var sum, all float32
	fs = make([]weighed, 0, len(b))
	for _, f := range b {
		id, ok := m.features.find(f.id)
		if !ok {
			all += f.w * rarest
			continue
		}
		w := f.w * m.rarity.at(id)
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
	for _, f := range fs {
		row, w := m.row(f.id), m.unit.at(f.id)*f.w
		if len(row) == len(p) {
			for l := range p {
				p[l] += float32(int8(row[l])) * w
			}
			continue
		}
		for i := 0; i+1 < len(row); i += 2 {
			p[row[i]] += float32(int8(row[i+1])) * w
		}
	}
	soften(p)
}

// soften makes probabilities of sums of weights.
func soften(p []float32) {
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
