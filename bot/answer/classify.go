package answer

import (
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
	feature map[string]int32
	rarity  []float32 // of each feature
	weights []float32 // of feature f for label l: weights[f*len(labels)+l]
	bias    []float32
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
	passes  = 7
	step    = 9.0
	learned = 0.93 // probability of the right label
	faint   = 2e-3 // probability below which a wrong label is left alone
)

// train learns phrases, given as bags of features.
func train(labels []string, bags []bag, of []int) *model {
	m := &model{labels: labels, feature: map[string]int32{}, bias: make([]float32, len(labels))}
	m.count(bags)
	m.weights = make([]float32, len(m.rarity)*len(labels))
	samples := make([]sample, len(bags))
	for i, b := range bags {
		samples[i] = sample{label: of[i]}
		samples[i].fs, _ = m.weigh(b)
	}
	m.learn(samples)
	return m
}

// count numbers the features and tells how rare each is. Pieces of words that stand in one phrase only teach nothing that
// the word itself does not.
func (m *model) count(bags []bag) {
	seen := make(map[string]int32, 1<<16)
	for _, b := range bags {
		for _, f := range b {
			seen[f.name]++
		}
	}
	for _, b := range bags {
		for _, f := range b {
			n := seen[f.name]
			if _, ok := m.feature[f.name]; ok || n == 1 && f.piece() {
				continue
			}
			m.feature[f.name] = int32(len(m.rarity))
			m.rarity = append(m.rarity, float32(math.Log(1+float64(len(bags))/float64(n))))
		}
	}
}

// learn makes the passes. After the first ones only what is not learned yet is looked at, and at last all once more.
func (m *model) learn(samples []sample) {
	order := rand.New(rand.NewPCG(1, 2)).Perm(len(samples))
	p := make([]float32, len(m.labels))
	hard := order
	for pass := range passes {
		rate := step / float32(1+pass)
		if pass == passes-1 {
			hard = order
		}
		var still []int
		for _, i := range hard {
			s := samples[i]
			m.chances(s.fs, p)
			if p[s.label] > learned {
				continue
			}
			still = append(still, i)
			m.correct(s, p, rate)
		}
		if pass > 0 {
			hard = still
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
		id, ok := m.feature[f.name]
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
	n := len(m.labels)
	for _, f := range fs {
		row := m.weights[int(f.id)*n : int(f.id)*n+n]
		for l, w := range row {
			p[l] += w * f.w
		}
	}
	top := slices.Max(p)
	var sum float32
	for l := range p {
		p[l] = float32(math.Exp(float64(p[l] - top)))
		sum += p[l]
	}
	for l := range p {
		p[l] /= sum
	}
}

// bag is a text as features.
type bag []trait

type trait struct {
	name string
	w    float32
}

// piece tells whether a feature is a part of a word; the names of the others begin or hold a sign.
func (n trait) piece() bool {
	return n.name[0] != '=' && n.name[0] != '#' && !strings.Contains(n.name, " ")
}

// The weight of the kinds of features.
const (
	ofWord   = 1.0
	ofPair   = 0.7
	ofPiece  = 0.45 // three or four letters of a word
	ofList   = 0.8  // a listed word or a concept, whatever the language
	ofMiddle = 0.5
)

// features are the words of a text with names and references in place, pairs of neighbours, pieces of words, which forgive
// slips and endings, and the lists that words stand in.
func features(symbols []symbol) bag {
	count := make(map[string]float32, 16*len(symbols))
	last := "^"
	for _, s := range symbols {
		count["="+s.text] += ofWord
		count[last+" "+s.text] += ofPair
		last = s.text
		for _, key := range s.lists {
			count["#"+key] += ofList
		}
		if !strings.HasPrefix(s.text, "{") {
			pieces(s.text, count)
		}
	}
	count[last+" $"] += ofPair
	b := make(bag, 0, len(count))
	for name, w := range count {
		b = append(b, trait{name, float32(math.Sqrt(float64(w)))})
	}
	// The order of a map must not show in the last digit of a sum.
	slices.SortFunc(b, func(x, y trait) int { return strings.Compare(x.name, y.name) })
	return b
}

// pieces counts the groups of three and four letters of a word.
func pieces(word string, count map[string]float32) {
	w := "^" + word + "$"
	for n := 3; n <= 4; n++ {
		for i := 0; i+n <= len(w); i++ {
			count[w[i:i+n]] += ofPiece
		}
	}
}

// symbol is what a classifier sees of a token: its skeleton, or the slot of what it names, and the lists it stands in.
type symbol struct {
	text  string
	lists []string
}
