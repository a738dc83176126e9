package answer

import (
	"math"
	"slices"
)

// Entry is a question that was answered before.
type Entry struct {
	ID string
	// Questions are its wordings, in any languages.
	Questions []string
}

// entries finds answered questions that mean what a text asks. It looks only at those that share a telling feature with
// the text, so that ten thousand cost little more than ten.
type entries struct {
	all     []wording
	by      map[int32][]posting // of a feature that was taught
	unheard map[string][]posting
}

// wording is one wording of an entry.
type wording struct {
	id       string
	folded   string
	concepts []string
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
	alikeAbout  = 0.08
)

// newEntries learns the entries.
func (r *Reader) newEntries(list []Entry) *entries {
	e := &entries{by: map[int32][]posting{}, unheard: map[string][]posting{}}
	for _, entry := range list {
		for _, q := range entry.Questions {
			e.add(r, entry.ID, r.fold(q))
		}
	}
	return e
}

func (e *entries) add(r *Reader, id, folded string) {
	s := r.scan(folded)
	if len(s.tokens) == 0 {
		return
	}
	n := int32(len(e.all))
	e.all = append(e.all, wording{id, folded, r.concepts(s)})
	known, unheard := r.vector(s)
	for _, f := range known {
		e.by[f.id] = append(e.by[f.id], posting{n, f.w})
	}
	for _, f := range unheard {
		e.unheard[f.name] = append(e.unheard[f.name], posting{n, f.w})
	}
}

// vector gives a text's features, those that were taught and those that were not, together of length one.
func (r *Reader) vector(s *scan) (known []weighed, unheard []trait) {
	rarest := float32(math.Log(1 + float64(max(1, len(r.model.rarity)))))
	var sum float32
	for _, f := range features(s.symbols(nil, 0, len(s.tokens))) {
		if id, ok := r.model.feature[f.name]; ok {
			known = append(known, weighed{id, f.w * r.model.rarity[id]})
			sum += known[len(known)-1].w * known[len(known)-1].w
		} else {
			unheard = append(unheard, trait{f.name, f.w * rarest / 2})
			sum += unheard[len(unheard)-1].w * unheard[len(unheard)-1].w
		}
	}
	norm := float32(math.Sqrt(float64(sum)))
	for i := range known {
		known[i].w /= norm
	}
	for i := range unheard {
		unheard[i].w /= norm
	}
	return known, unheard
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

// common is the share of all wordings beyond which a feature tells none of them from the others.
const common = 0.2

// find gives the entry that a scanned text asks for, "" for none. Label is what the text was understood as.
func (e *entries) find(r *Reader, s *scan, label string, sees func(string) bool) string {
	if e == nil || len(e.all) == 0 {
		return ""
	}
	limit := max(50, int(common*float64(len(e.all))))
	score := map[int32]float32{}
	known, unheard := r.vector(s)
	for _, f := range known {
		if list := e.by[f.id]; len(list) <= limit {
			tally(score, list, f.w)
		}
	}
	for _, f := range unheard {
		tally(score, e.unheard[f.name], f.w)
	}
	about := r.concepts(s)
	best, id := float32(0), ""
	for n, alike := range score {
		w := e.all[n]
		if alike < best || alike == best && w.id >= id && id != "" || sees != nil && !sees(w.id) {
			continue
		}
		if alike >= alikeEnough || alike >= alikeAbout && len(about) > 0 && slices.Equal(about, w.concepts) && r.means(w.folded, label) {
			best, id = alike, w.id
		}
	}
	return id
}

func tally(score map[int32]float32, list []posting, w float32) {
	for _, p := range list {
		score[p.wording] += p.w * w
	}
}

// means tells whether a text is understood as a label.
func (r *Reader) means(folded, label string) bool {
	s := r.scan(folded)
	p, _ := r.chances(s, nil)
	return byIntent(r.model.labels, p)[0].label == label
}
