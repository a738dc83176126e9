package answer

import (
	"math"
	"slices"
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

// mostLabels is how many labels a byte can tell apart.
const mostLabels = 256

// weighed is a feature with its share of a text.
type weighed struct {
	id int32
	w  float32
}

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
