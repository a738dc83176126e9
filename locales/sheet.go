package locales

import "strings"

// sheet is a message that takes parts and is cut to its limit of UTF-16 units at the end.
type sheet struct {
	limit int
	total int // units
	bytes int
	parts []piece
}

// piece is a part with the break that stands before it. Units are counted once, when it is added.
type piece struct {
	gap   string
	html  string
	units int // break included
}

func newSheet(limit int) *sheet { return &sheet{limit: limit} }

// add takes a part: a new paragraph, or a new line if tight. An empty one leaves no trace.
func (s *sheet) add(html string, tight bool) {
	if html == "" {
		return
	}
	gap := "\n\n"
	switch {
	case len(s.parts) == 0:
		gap = ""
	case tight:
		gap = "\n"
	}
	p := piece{gap, html, len(gap) + length(html)}
	s.parts = append(s.parts, p)
	s.total += p.units
	s.bytes += len(gap) + len(html)
}

// more closes a message that was cut.
const more = "\n\n" + ellipsis

// close gives the whole message with note as its last paragraph. If it is too long it ends before the first part that does
// not fit; but a part that would leave more than half of the message empty is cut itself.
func (s *sheet) close(note string) string {
	if note != "" {
		note = "\n\n" + note
	}
	room := s.limit - length(note)
	var b strings.Builder
	b.Grow(s.bytes + len(more) + len(note))
	if s.total <= room {
		for _, p := range s.parts {
			b.WriteString(p.gap)
			b.WriteString(p.html)
		}
		b.WriteString(note)
		return b.String()
	}
	room -= len(more) - len(ellipsis) + 1 // the … is three bytes and one unit
	used := 0
	for _, p := range s.parts {
		if used+p.units > room {
			// The first part of a message may be all of it.
			if used < room/2 {
				b.WriteString(p.gap + cutHTML(p.html, room-used-len(p.gap)))
			}
			break
		}
		b.WriteString(p.gap)
		b.WriteString(p.html)
		used += p.units
	}
	b.WriteString(more)
	b.WriteString(note)
	return b.String()
}
