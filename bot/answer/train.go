package answer

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
)

// pupil is a model while it learns: the weight of feature f for label l is at [f*len(labels)+l].
type pupil struct {
	*model
	weights []float32
}

// sample is a phrase as features, ready for training.
type sample struct {
	label int
	fs    []weighed
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
