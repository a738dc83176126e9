package answer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Learned is what was learned from [Lessons], written down: sections one after the other, each behind its length in four
// bytes, the lowest first. A reader uses it where it lies and keeps next to nothing else, so it should be a constant or
// embedded, not read from a file.
//
// Words that were taught and pieces of words are kept as hashes of 64 bits. That two of some ten thousand have the same is
// not to be expected in the life of the program, and a text that met one would be taken for a known word, no more.
type Learned string

// errTorn tells that what was learned is not whole.
var errTorn = errors.New("what was learned is torn: make it anew")

// New makes a reader of what was learned, for the names of things. The error tells that what was learned is not whole.
func New(l Learned, things []Thing, fold func(string) string) (*Reader, error) {
	c := &cutter{rest: string(l)}
	m := &model{labels: strings.Split(c.next(), "\n")}
	for bias := floats(c.next()); len(m.bias) < bias.len(); {
		m.bias = append(m.bias, bias.at(int32(len(m.bias))))
	}
	m.features, m.rarity, m.unit, m.rows, m.weights = c.table(), floats(c.next()), floats(c.next()), c.next(), c.next()
	known, spoken, listed := c.table(), c.tongues(), c.listed()
	if c.torn || c.rest != "" || !m.whole() {
		return nil, errTorn
	}
	r := listening(listed, things, fold)
	r.model, r.known, r.tongues, r.intents = m, known, spoken, intentsOf(m.labels)
	return r, nil
}

// whole tells that the parts of a model go together.
func (m *model) whole() bool {
	n := m.features.len()
	return len(m.labels) == len(m.bias) && len(m.labels) <= mostLabels && m.rarity.len() == n && m.unit.len() == n &&
		len(m.rows) == 4*n+4 && int(word(m.rows, int32(n))) == len(m.weights)
}

// learned writes down what a reader has learned. Names are not part of it: they are given again to [New].
func (r *Reader) learned() Learned {
	m := r.model
	var w writer
	w.add(strings.Join(m.labels, "\n"), string(newFloats(m.bias)))
	w.table(m.features)
	w.add(string(m.rarity), string(m.unit), m.rows, m.weights)
	w.table(r.known)
	w.tongues(r.tongues)
	w.listed(r.lists.all)
	return Learned(w)
}

// writer writes sections.
type writer []byte

func (w *writer) add(sections ...string) {
	for _, s := range sections {
		*w = binary.LittleEndian.AppendUint32(*w, uint32(len(s)))
		*w = append(*w, s...)
	}
}

func (w *writer) table(t table) { w.add(t.starts, t.sums) }

// tongues writes the words of several languages, how many languages there are, and three things of each: what it is, its pieces and their counts.
func (w *writer) tongues(t *tongues) {
	w.table(t.shared)
	w.add(strconv.Itoa(len(t.kinds)))
	for _, k := range t.kinds {
		w.add(fmt.Sprintf("%s %t %d", k.lang, k.cyrillic, int(k.total)))
		w.table(k.pieces)
		w.add(string(k.counts))
	}
}

// listed writes a line for each list: what it is for, its key, and what it has, all parted by tabs.
func (w *writer) listed(all []listed) {
	var b strings.Builder
	for i, e := range all {
		if i == 0 || e.key != all[i-1].key || e.of != all[i-1].of {
			b.WriteString("\n" + string(rune(e.of)) + "\t" + e.key)
		}
		b.WriteString("\t" + strings.Join(e.words, " "))
		if e.open {
			b.WriteByte('*')
		}
	}
	w.add(strings.TrimPrefix(b.String(), "\n"))
}

// cutter cuts the sections off again. What it gives are parts of the one text.
type cutter struct {
	rest string
	torn bool
}

func (c *cutter) next() (section string) {
	if len(c.rest) < 4 || uint64(word(c.rest, 0)) > uint64(len(c.rest)-4) {
		c.rest, c.torn = "", true
		return ""
	}
	end := 4 + int(word(c.rest, 0))
	section, c.rest = c.rest[4:end], c.rest[end:]
	return section
}

func (c *cutter) table() table {
	t := table{c.next(), c.next()}
	c.torn = c.torn || !t.whole()
	return t
}

func (c *cutter) tongues() *tongues {
	t := &tongues{shared: c.table()}
	n, err := strconv.Atoi(c.next())
	for c.torn = c.torn || err != nil; !c.torn && len(t.kinds) < n; {
		k := tongue{}
		_, err := fmt.Sscan(c.next(), &k.lang, &k.cyrillic, &k.total)
		k.pieces, k.counts = c.table(), floats(c.next())
		c.torn = c.torn || err != nil || k.counts.len() != k.pieces.len()
		t.kinds = append(t.kinds, k)
	}
	return t
}

func (c *cutter) listed() []listed {
	lines := c.next()
	all := make([]listed, 0, strings.Count(lines, "\t"))
	for line := range strings.SplitSeq(lines, "\n") {
		of, line, _ := strings.Cut(line, "\t")
		key, line, _ := strings.Cut(line, "\t")
		for words := range strings.SplitSeq(line, "\t") {
			words, open := strings.CutSuffix(words, "*")
			if len(of) != 1 || key == "" || words == "" || words[0] == ' ' {
				c.torn = true
				return nil
			}
			all = append(all, listed{key, strings.Split(words, " "), purpose(of[0]), open})
		}
	}
	return all
}

// Differs tells in a few words how what was learned differs, "" if it does not. Weights may differ by what processors round
// differently.
func (l Learned) Differs(o Learned) string {
	a, err := New(l, nil, strings.Clone)
	if err != nil {
		return "it is torn"
	}
	b, err := New(o, nil, strings.Clone)
	switch {
	case err != nil:
		return "the other is torn"
	case !slices.Equal(a.model.labels, b.model.labels):
		return "their labels differ"
	case !slices.EqualFunc(a.lists.all, b.lists.all, same):
		return "their lists differ"
	case a.known != b.known:
		return "their words differ"
	case a.tongues.shared != b.tongues.shared, !slices.Equal(a.tongues.kinds, b.tongues.kinds):
		return "their languages differ"
	case a.model.features != b.model.features:
		return fmt.Sprintf("their features differ: %d and %d", a.model.features.len(), b.model.features.len())
	case !a.model.near(b.model):
		return "their weights differ"
	}
	return ""
}

// same compares listed words.
func same(a, b listed) bool {
	return a.key == b.key && a.of == b.of && a.open == b.open && slices.Equal(a.words, b.words)
}

// near compares the weights of two models that have the same features and labels. A weight that is just slight may have been
// kept by one processor and dropped by the other.
func (m *model) near(o *model) bool {
	for f := range int32(m.features.len()) {
		for l := range m.labels {
			a, b := m.parts(f, l), o.parts(f, l)
			if d := max(a-b, b-a); d > slight+rounding || d > rounding && a != 0 && b != 0 {
				return false
			}
		}
	}
	return true
}

// rounding is by how many of 127 parts equal weights may differ.
const rounding = 3
