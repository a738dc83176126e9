package answer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// small are lessons of a few phrases.
var small = Lessons{
	Phrases: []Phrase{
		{store.English, "meeting_where", "where is the meeting"}, {store.English, "meeting_where", "which city hosts the meeting"},
		{store.English, "greeting", "good morning"}, {store.English, "greeting", "hello there"},
		{store.Russian, "meeting_where", "где встреча"}, {store.Russian, "greeting", "добрый день"},
	},
	Words:    map[string][]string{"meeting": {"meeting*", "встреч*"}, "next_ordinal": {"coming up"}},
	Notions:  map[string][]string{"notion_host": {"hosts", "принимает"}},
	Concepts: map[string][]string{"parking": {"parking", "парков*"}},
	Marks:    map[store.Lang][]string{store.English: {"the", "is"}, store.Russian: {"где"}},
	Things:   []Thing{{ID: "wg-a", Slot: SlotGroup, Names: []string{"Working Group A"}, Letter: 1}},
	Fold:     strings.ToLower,
}

func TestNewReadsWhatWasTaught(t *testing.T) {
	t.Parallel()
	learned := Teach(small)
	r, err := New(learned, small.Things, small.Fold)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(learned), string(r.learned())); diff != "" {
		t.Errorf("what was read is not what was written (-written +read):\n%s", diff)
	}
	for text, want := range map[string]string{"where is the meeting held": "meeting_where", "Hello there!": "greeting", "где встреча?": "meeting_where"} {
		if got := r.labelOf(small.Fold(text)); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
	if s := r.scan("is there parking"); !r.isConcept["parking"] || !s.says("parking") {
		t.Error("the listed words were not read")
	}
}

// TestNewRefusesWhatIsTorn: of whatever length what was learned is, and with whatever behind it, it is used whole or not.
func TestNewRefusesWhatIsTorn(t *testing.T) {
	t.Parallel()
	learned := Teach(small)
	for n := range len(learned) {
		if _, err := New(learned[:n], nil, small.Fold); err == nil {
			t.Fatalf("%d bytes of %d were taken", n, len(learned))
		}
	}
	if _, err := New(learned+"\x00", nil, small.Fold); err == nil {
		t.Error("a byte behind the end was taken")
	}
}

func TestDiffers(t *testing.T) {
	t.Parallel()
	more := small
	more.Phrases = append(more.Phrases[:len(more.Phrases):len(more.Phrases)], Phrase{store.English, "thanks", "many thanks"})
	listed := small
	listed.Concepts = map[string][]string{"parking": {"parking"}}
	for _, tc := range []struct {
		name string
		a, b Learned
		want string
	}{
		{"the same lessons teach the same", Teach(small), Teach(small), ""},
		{"another label", Teach(small), Teach(more), "their labels differ"},
		{"another listed word", Teach(small), Teach(listed), "their lists differ"},
		{"half of it", Teach(small), Teach(small)[:100], "the other is torn"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.a.Differs(tc.b); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 7, 8, 9, 100, 10_000} {
		t.Run(fmt.Sprintf("of %d hashes", size), func(t *testing.T) {
			t.Parallel()
			var in []uint64
			for i := range size {
				in = append(in, hash(fnvOffset, fmt.Sprint(i)))
			}
			table, number := newTable(append(in, in...)) // what is entered twice is there once
			if table.len() != size || !table.whole() {
				t.Fatalf("%d hashes, whole: %t", table.len(), table.whole())
			}
			taken := map[int32]bool{}
			for _, h := range in {
				n, ok := table.find(h)
				if !ok || n != number[h] || taken[n] {
					t.Fatalf("hash %x: found %t at %d, want it at %d alone", h, ok, n, number[h])
				}
				taken[n] = true
			}
			for i := range 1000 {
				if table.has(hash(fnvOffset, fmt.Sprint("other", i))) {
					t.Fatalf("a hash was found that was not entered")
				}
			}
		})
	}
	if (table{}).has(0) {
		t.Error("the zero table has a hash")
	}
}

// TestRows: what a feature weighs for each label is kept, within what a byte can tell, however few or many labels it speaks for.
func TestRows(t *testing.T) {
	t.Parallel()
	labels := strings.Split("abcdefgh", "")
	for _, tc := range []struct {
		name  string
		row   []float32
		want  []int // in 127 parts of the heaviest
		bytes int
	}{
		{"for none", make([]float32, 8), make([]int, 8), 0},
		{"for one: a pair", []float32{0, 0, 0, 2.54, 0, 0, 0, 0}, []int{0, 0, 0, 127, 0, 0, 0, 0}, 2},
		{"against the last as well: two pairs", []float32{0, 1.27, 0, 0, 0, 0, 0, -0.5}, []int{0, 127, 0, 0, 0, 0, 0, -50}, 4},
		{"what is slight is left out", []float32{1.27, 0.04, -0.04, 0.05, 0, 0, 0, 0}, []int{127, 0, 0, 5, 0, 0, 0, 0}, 4},
		{"for half of them: a byte for each", []float32{1.27, 1, 1, 1, 0, 0, 0, 0}, []int{127, 100, 100, 100, 0, 0, 0, 0}, 8},
		{"for all", []float32{1.27, -1, 1, -1, 1, -1, 1, -1}, []int{127, -100, 100, -100, 100, -100, 100, -100}, 8},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := pupil{model: &model{labels: labels, bias: make([]float32, len(labels)), rarity: newFloats([]float32{1, 1})}}
			p.weights = append(make([]float32, len(labels)), tc.row...) // behind a feature that weighs nothing
			p.pack()
			var got []int
			for l := range labels {
				got = append(got, p.parts(1, l))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || len(p.row(1)) != tc.bytes {
				t.Errorf("%d bytes, want %d (-want +got):\n%s", len(p.row(1)), tc.bytes, diff)
			}
			taught, read := make([]float32, len(labels)), make([]float32, len(labels))
			p.chances([]weighed{{1, 1}}, taught)
			p.model.chances([]weighed{{1, 1}}, read)
			for l := range read {
				if d := taught[l] - read[l]; d > 0.02 || d < -0.02 {
					t.Errorf("label %s: a chance of %.2f was taught, %.2f is read", labels[l], taught[l], read[l])
				}
			}
		})
	}
}
