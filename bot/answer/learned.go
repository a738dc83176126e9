package answer

import (
	"compress/flate"
	"encoding/gob"
	"fmt"
	"io"
	"maps"
	"slices"

	"recbot/store"
)

// learned is what a reader has learned from phrases. To learn it anew takes a second of work, to read it a few milliseconds.
type learned struct {
	Labels   []string
	Features []uint64 // hashes of names, in the order of their numbers
	Rarity   []float32
	Bias     []float32
	Packed   []byte
	Unit     []float32
	Known    []string
	Tongues  []learnedTongue
}

type learnedTongue struct {
	Lang     store.Lang
	Cyrillic bool
	Pieces   []string
	Counts   []float64
	Total    float64
}

// Save writes down what was learned from phrases. Lists and names are not part of it: they are given again to [Recall].
func (r *Reader) Save(w io.Writer) error {
	z, err := flate.NewWriter(w, flate.BestCompression)
	if err != nil {
		return fmt.Errorf("writing down what was learned: %w", err)
	}
	if err := gob.NewEncoder(z).Encode(r.learned()); err != nil {
		return fmt.Errorf("writing down what was learned: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("writing down what was learned: %w", err)
	}
	return nil
}

func (r *Reader) learned() learned {
	m := r.model
	out := learned{Labels: m.labels, Features: make([]uint64, len(m.feature)), Rarity: m.rarity, Bias: m.bias, Unit: m.unit, Known: slices.Sorted(maps.Keys(r.known))}
	for id, n := range m.feature {
		out.Features[n] = id
	}
	out.Packed = make([]byte, len(m.packed))
	for i, w := range m.packed {
		out.Packed[i] = byte(w)
	}
	for _, k := range r.tongues.kinds {
		t := learnedTongue{Lang: k.lang, Cyrillic: k.cyrillic, Pieces: slices.Sorted(maps.Keys(k.count)), Total: k.total}
		for _, piece := range t.Pieces {
			t.Counts = append(t.Counts, k.count[piece])
		}
		out.Tongues = append(out.Tongues, t)
	}
	return out
}

// Recall makes a reader of what another one has learned. Lessons need no phrases and no marks then. The error tells that
// what was read is not whole.
func Recall(l Lessons, from io.Reader) (*Reader, error) {
	var in learned
	if err := gob.NewDecoder(flate.NewReader(from)).Decode(&in); err != nil {
		return nil, fmt.Errorf("reading what was learned: %w", err)
	}
	n := len(in.Features)
	if n == 0 || len(in.Labels) == 0 || len(in.Rarity) != n || len(in.Unit) != n || len(in.Packed) != n*len(in.Labels) || len(in.Bias) != len(in.Labels) {
		return nil, fmt.Errorf("reading what was learned: %d features, %d labels and %d weights do not go together", n, len(in.Labels), len(in.Packed))
	}
	r := listening(l)
	for _, w := range in.Known {
		r.known[w] = true
	}
	r.model = &model{labels: in.Labels, feature: make(map[uint64]int32, n), rarity: in.Rarity, bias: in.Bias, unit: in.Unit, packed: make([]int8, len(in.Packed))}
	for i, id := range in.Features {
		r.model.feature[id] = int32(i)
	}
	for i, w := range in.Packed {
		r.model.packed[i] = int8(w)
	}
	r.tongues = &tongues{}
	for _, t := range in.Tongues {
		k := tongue{lang: t.Lang, cyrillic: t.Cyrillic, count: make(map[string]float64, len(t.Pieces)), total: t.Total}
		for i, piece := range t.Pieces {
			k.count[piece] = t.Counts[i]
		}
		r.tongues.kinds = append(r.tongues.kinds, k)
	}
	r.intents = intentsOf(in.Labels)
	return r, nil
}

// Differs tells in a few words how what two readers have learned differs, "" if it does not. Weights may differ by what
// processors round differently.
func (r *Reader) Differs(o *Reader) string {
	a, b := r.learned(), o.learned()
	switch {
	case !slices.Equal(a.Labels, b.Labels):
		return "their labels differ"
	case !slices.Equal(a.Known, b.Known):
		return "their words differ"
	case !slices.Equal(a.Features, b.Features):
		return fmt.Sprintf("their features differ: %d and %d", len(a.Features), len(b.Features))
	}
	for i := range a.Packed {
		if d := int(int8(a.Packed[i])) - int(int8(b.Packed[i])); d > rounding || d < -rounding {
			return "their weights differ"
		}
	}
	return ""
}

// rounding is by how many of 127 parts equal weights may differ.
const rounding = 3
