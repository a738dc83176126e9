package answer

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
)

// Entry is a question that was answered before.
type Entry struct {
	ID string
	// Questions are its wordings, in any languages.
	Questions []string

	// learned is what [Reader.Learn] made of them; nil = it is made with the book.
	learned []*wording
}

// Learn gives the entry as a book needs it. That is most of the work of making a book, and holds as long as the wordings do:
// who makes a book anew need only learn what is new. Another reader must not be given the result.
func (r *Reader) Learn(e Entry) Entry {
	e.learned = make([]*wording, 0, len(e.Questions))
	for _, q := range e.Questions {
		if w := r.learn(e.ID, r.fold(q)); w != nil {
			e.learned = append(e.learned, w)
		}
	}
	return e
}

// entries finds answered questions that mean what a text asks. It looks only at those that share a telling feature with
// the text, so that ten thousand cost little more than ten.
type entries struct {
	all []*wording
	by  map[uint64][]posting // of a feature, by the hash of its name
}

// wording is one wording of an entry. It never changes and is shared by all books that have it.
type wording struct {
	id       string
	concepts []string
	features bag // see [Reader.vector]
	// label is what the wording is understood as. Most are never compared that far, so it is found when first asked for.
	label func() string
}

// posting is a wording that has a feature, and the share it has of it.
type posting struct {
	wording int32
	w       float32
}

// How alike a text and an answered question must be, as the cosine of their features: enough alone, or less when both are
// about the same things and mean the same intent, which is how a question in another language is known.
const (
	alikeEnough = 0.62
	alikeAbout  = 0.03
)

// learn gives a wording; nil for one without words.
func (r *Reader) learn(id, folded string) *wording {
	s := r.scan(folded)
	if len(s.tokens) == 0 {
		return nil
	}
	return &wording{id: id, concepts: r.concepts(s), features: r.vector(s), label: sync.OnceValue(func() string { return r.labelOf(folded) })}
}

// newEntries makes entries findable.
func (r *Reader) newEntries(list []Entry) *entries {
	e := &entries{by: map[uint64][]posting{}}
	for _, entry := range list {
		if entry.learned == nil {
			entry = r.Learn(entry)
		}
		for _, w := range entry.learned {
			e.add(w)
		}
	}
	return e
}

func (e *entries) add(w *wording) {
	n := int32(len(e.all))
	e.all = append(e.all, w)
	for _, f := range w.features {
		e.by[f.id] = append(e.by[f.id], posting{n, f.w})
	}
}

// vector gives a text's features by their rarity, together of length one. What was never taught is rare, but may be a slip.
func (r *Reader) vector(s *scan) bag {
	rarest := float32(math.Log(1+float64(max(1, r.model.rarity.len())))) / 2
	fs := features(s.symbols(nil, 0, len(s.tokens)), nil)
	var sum float32
	for i := range fs {
		if id, ok := r.model.features.find(fs[i].id); ok {
			fs[i].w *= r.model.rarity.at(id)
		} else {
			fs[i].w *= rarest
		}
		sum += fs[i].w * fs[i].w
	}
	norm := float32(math.Sqrt(float64(sum)))
	for i := range fs {
		fs[i].w /= norm
	}
	return fs
}

// concepts are the things a text is about, by key, in order.
func (r *Reader) concepts(s *scan) (keys []string) {
	for i := range s.lists {
		for key := range s.lists[i] {
			if r.isConcept[key] && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys)
	return keys
}

const (
	// common is the share of all wordings beyond which a feature tells none of them from the others.
	common = 0.2
	// mostAsked is of how many wordings it is asked what they mean, the most alike first: that takes far longer than all the
	// rest, and what is not among the first is hardly what is wanted.
	mostAsked = 12
)

// find gives the entry that a scanned text asks for, "" for none. Label is what the text was understood as.
func (e *entries) find(r *Reader, s *scan, label string, sees func(string) bool) string {
	if e == nil || len(e.all) == 0 {
		return ""
	}
	about, asked := r.concepts(s), 0
	for _, c := range e.alike(r, s, about) {
		w := e.all[c.wording]
		// What the person may not see must not use up what is asked of the others.
		if sees != nil && !sees(w.id) {
			continue
		}
		if c.w >= alikeEnough {
			return w.id
		}
		if asked == mostAsked {
			return ""
		}
		if asked++; akin(w.label(), label) {
			return w.id
		}
	}
	return ""
}

// akin tells whether two labels may be of one question. Of questions that seldom have an answer the label says little: whether
// parking belongs to transport or to the building is a matter of taste.
func akin(a, b string) bool {
	seldom := func(label string) bool {
		intent, _, _ := strings.Cut(label, ".")
		return slices.Contains(wary, intent) || slices.Contains(wary, label) || intent == "contact" || intent == "off_topic"
	}
	return a == b || seldom(a) && seldom(b)
}

// alike lists the wordings that may mean what a scanned text asks, with how alike they are, the most alike first.
func (e *entries) alike(r *Reader, s *scan, about []string) (found []posting) {
	limit := max(50, int(common*float64(len(e.all))))
	score := make([]float32, len(e.all))
	for _, f := range r.vector(s) {
		list := e.by[f.id]
		if len(list) > limit {
			continue
		}
		for _, p := range list {
			score[p.wording] += p.w * f.w
		}
	}
	for n, w := range score {
		if w >= alikeEnough || w >= alikeAbout && len(about) > 0 && slices.Equal(about, e.all[n].concepts) {
			found = append(found, posting{int32(n), w})
		}
	}
	slices.SortFunc(found, func(a, b posting) int {
		return cmp.Or(cmp.Compare(b.w, a.w), cmp.Compare(e.all[a.wording].id, e.all[b.wording].id))
	})
	return found
}

// labelOf gives what a text is understood as.
func (r *Reader) labelOf(folded string) string {
	s := r.scan(folded)
	p, _ := r.chances(s, nil)
	return byIntent(r.model.labels, p)[0].label
}
