package answer

import (
	"slices"
	"strings"
)

// Book is what changes while the bot runs: the meetings there are and the questions that were answered. It never
// changes itself; a new one is made for each revision of the store.
type Book struct {
	meetings []Meeting // in the order in which they are held
	names    *directory
	entries  *entries
}

// longName is how many words a meeting's name must have: shorter ones are said of other meetings too.
const longName = 3

// NewBook makes a book.
func (r *Reader) NewBook(meetings []Meeting, answered []Entry) *Book {
	b := &Book{meetings: slices.Clone(meetings), entries: r.newEntries(answered)}
	byTime(b.meetings)
	var things []Thing
	for i := range b.meetings {
		m := &b.meetings[i]
		t := Thing{ID: string(m.ID), Slot: SlotMeeting}
		for _, n := range m.Names {
			if len(strings.Fields(n)) >= longName {
				t.Names = append(t.Names, n)
			}
		}
		things = append(things, t)
		if m.place = r.city(m.Places); m.place == "" && len(m.Places) > 0 {
			m.place = m.Places[0]
			things = append(things, Thing{ID: m.place, Slot: SlotPlace, Names: m.Places})
		}
	}
	b.names = newDirectory(r.fold, things)
	return b
}

// city gives the id of the known city that has one of the names, or "".
func (r *Reader) city(names []string) string {
	for _, n := range names {
		if ts := tokens(r.fold(n)); len(ts) > 0 {
			if found, ok := r.names.at(ts, 0); ok && found.slot == SlotPlace && len(found.words) == len(ts) {
				return found.id
			}
		}
	}
	return ""
}

// findMeetings finds meetings by their names, and cities that only a meeting knows. What the person may not see is not
// known.
func (s *scan) findMeetings(b *Book, who Asker) {
	for i := 0; i < len(s.tokens); i++ {
		n, ok := b.names.seenAt(s.tokens, i, func(n name) bool { return b.seen(n, who) })
		if !ok {
			continue
		}
		s.cover(span{i, i + len(n.words), n.slot, n.id})
		i += len(n.words) - 1
	}
}

// seen tells whether a person may know a name of the book: that of a meeting which they see, or of a city where such a
// meeting is held. A city that only others know would tell that something goes on there.
func (b *Book) seen(n name, who Asker) bool {
	return who.Sees == nil || slices.ContainsFunc(b.meetings, func(m Meeting) bool {
		return (n.slot == SlotMeeting && string(m.ID) == n.id || n.slot == SlotPlace && m.place == n.id) && who.Sees(m.ID)
	})
}
