package answer

import (
	"cmp"
	"slices"
	"strings"
)

// Thing is something with names: a body, a person, an organization, a country, a city.
type Thing struct {
	ID    string
	Slot  string   // [SlotGroup], [SlotPerson] and so on
	Names []string // in all languages and scripts, the usual one first; the order does not matter to the reader
	// Themes are words that say what a body deals with. They name it only where a text speaks of groups.
	Themes []string
	// Letter numbers a group by its letter, a = 1; 0 without one.
	Letter int
}

// name is one name of a thing as it is looked for.
type name struct {
	words []token
	slot  string
	id    string
}

// length is how many letters a name has.
func (n name) length() (sum int) {
	for _, w := range n.words {
		sum += len(w.bone)
	}
	return sum
}

// directory finds names in a text, with endings and slips.
type directory struct {
	names map[byte][]name // by the first letter of the first word, the longest first
	// begun holds, of words that are asked for often, the names that begin with them.
	begun map[string][]name
}

func newDirectory(fold func(string) string, things []Thing) *directory {
	d := &directory{names: map[byte][]name{}, begun: map[string][]name{}}
	for _, t := range things {
		for _, text := range t.Names {
			d.enter(tokens(fold(text)), t)
		}
	}
	for _, list := range d.names {
		slices.SortStableFunc(list, func(a, b name) int {
			return cmp.Or(cmp.Compare(len(b.words), len(a.words)), cmp.Compare(b.length(), a.length()))
		})
	}
	return d
}

// enter files a name; of a person also the last word alone, if it is long enough to be a family name.
func (d *directory) enter(words []token, t Thing) {
	if len(words) == 0 || words[0].bone == "" {
		return
	}
	n, at := name{words, t.Slot, t.ID}, words[0].bone[0]
	same := func(o name) bool {
		return o.id == n.id && slices.EqualFunc(o.words, n.words, func(a, b token) bool { return a.text == b.text })
	}
	if !slices.ContainsFunc(d.names[at], same) {
		d.names[at] = append(d.names[at], n)
	}
	if last := words[len(words)-1:]; t.Slot == SlotPerson && len(words) > 1 && len(last[0].bone) >= familyName {
		d.enter(last, t)
	}
}

// familyName is how many letters a word must have to stand for a person without the other names.
const familyName = 5

// at finds the longest name that begins at token i.
func (d *directory) at(ts []token, i int) (found name, ok bool) {
	return d.seenAt(ts, i, func(name) bool { return true })
}

// seenAt finds the longest of those names that may be known: one that may not must not hide another.
func (d *directory) seenAt(ts []token, i int, seen func(name) bool) (found name, ok bool) {
	if ts[i].bone == "" {
		return name{}, false
	}
	list, ok := d.begun[ts[i].text]
	if !ok {
		list = d.names[ts[i].bone[0]]
	}
	for _, n := range list {
		if n.fits(ts[i:]) && seen(n) {
			return n, true
		}
	}
	return name{}, false
}

// remember notes which names begin with a word, so that it need not be compared with all of them again.
func (d *directory) remember(t token) {
	if t.bone == "" {
		return
	}
	list := []name{}
	for _, n := range d.names[t.bone[0]] {
		if t.inflected(n.words[0]) {
			list = append(list, n)
		}
	}
	d.begun[t.text] = list
}

// longWord is how long a word must be to lose a third letter before an ending: юридическая, юридической.
const longWord = 9

// longEnding is the most letters an ending may have: Uzbek piles them up (-larimizning).
const longEnding = 9

// fits tells whether a text begins with a name. Short words, abbreviations above all, must be right to the letter, with no
// more than the ending of a case.
func (n name) fits(ts []token) bool {
	if len(n.words) > len(ts) {
		return false
	}
	for k, w := range n.words {
		if !ts[k].inflected(w) {
			return false
		}
	}
	return true
}

// inflected tells whether a word of a text is a word of a name, perhaps with another ending or a slip. Of a short one
// its letters count and not its sound: ООН sounds like on.
func (t token) inflected(name token) bool {
	if len(name.bone) > 3 {
		return inflected(t, name)
	}
	ending, ok := strings.CutPrefix(t.text, name.text)
	return ok && (ending == "" || len(name.bone) >= 2 && shortEndings[skeleton(ending)])
}

// inflected compares the skeletons of longer words. A word that was taught is no slip of a name.
func inflected(t, name token) bool {
	word, known, stem := t.bone, name.bone, name.stem
	if word == known || word == known+"s" { // UNOCT's
		return true
	}
	if len(known) <= 3 || len(word) < len(known)-2 || word[0] != known[0] {
		return false
	}
	if len(stem) >= 4 && len(stem) >= len(known)-2-len(known)/longWord && strings.HasPrefix(word, stem) && len(word)-len(stem) <= longEnding {
		return len(word)-len(stem) <= 4 || strings.HasPrefix(word, known)
	}
	if t.plain {
		return false
	}
	// A slip, or a slip and an ending in one word.
	return near(word, known) || len(known) >= 7 && len(word) > len(known) && len(word) <= len(known)+5 && near(word[:len(known)], known)
}

// shortEndings are the Uzbek cases, which abbreviations take too: BMTning, SMTIda.
var shortEndings = map[string]bool{"ning": true, "ni": true, "ga": true, "da": true, "dan": true, "ka": true, "ta": true, "tan": true, "nin": true, "dagi": true, "s": true}
