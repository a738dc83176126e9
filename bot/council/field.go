package council

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"recbot/bot/script"
	"recbot/store"
)

// Lengths in characters. They keep every screen that shows a text far below what Telegram takes in one message.
const (
	maxName = 300  // of a name, a title, a label
	maxNote = 1000 // of what stands on a screen among other things
	maxText = 2500 // of anything else
	maxURL  = 1000
)

// dateLayout and hourLayout are how days and hours are written in a catalogue.
const (
	dateLayout = "2006-01-02"
	hourLayout = "15:04"
)

// reference is an id that must name something that the file, or the catalogue it belongs to, holds.
type reference struct {
	node *yaml.Node
	kind string
	id   string
}

// line reads a short text of one line that is the same in every language.
func (r *reader) line(to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		value, ok := r.scalar(n)
		if ok && (strings.Contains(value, "\n") || utf8.RuneCountInString(value) > maxName) {
			r.wrong(n, "one line of at most %d characters expected here", maxName)
			return
		}
		*to = value
	}
}

// lines reads a list of short texts.
func (r *reader) lines(to *[]string) func(*yaml.Node) {
	return list(r, to, func(n *yaml.Node) (s string) { r.line(&s)(n); return s })
}

// number reads a whole number that is not negative.
func (r *reader) number(to *int) func(*yaml.Node) {
	return func(n *yaml.Node) {
		value, ok := r.scalar(n)
		if !ok {
			return
		}
		i, err := strconv.ParseUint(value, 10, 31)
		if err != nil {
			r.wrong(n, "%q is no whole number from 0", clip(value))
			return
		}
		*to = int(i)
	}
}

// flag reads true or false, and no other of YAML's many words for them.
func (r *reader) flag(to *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		value, ok := r.scalar(n)
		if ok && value != "true" && value != "false" {
			r.wrong(n, "%q is neither true nor false", clip(value))
		}
		*to = value == "true"
	}
}

// oneOf reads one of a few words.
func oneOf[T ~string](r *reader, to *T, words ...T) func(*yaml.Node) {
	return func(n *yaml.Node) {
		value, ok := r.scalar(n)
		if ok && !slices.Contains(words, T(value)) {
			r.wrong(n, "%q is none of %s", clip(value), join(words))
			return
		}
		*to = T(value)
	}
}

// join lists words for a message to the operator.
func join[T ~string](words []T) string {
	plain := make([]string, len(words))
	for i, w := range words {
		plain[i] = string(w)
	}
	return strings.Join(plain, ", ")
}

// id reads an id and holds it to be the first of its scope.
func id[T ~string](r *reader, scope string, to *T) func(*yaml.Node) {
	return func(n *yaml.Node) {
		value, ok := r.scalar(n)
		if !ok {
			return
		}
		if !store.ValidID(value) {
			r.wrong(n, "%q is no id: write 1 to 32 of the letters a-z, digits and -", clip(value))
			return
		}
		if first, taken := r.taken[scope+" "+value]; taken {
			r.wrong(n, "the id %q of a %s is taken already in line %d", value, scope, first)
			return
		}
		r.taken[scope+" "+value] = n.Line
		*to = T(value)
	}
}

// ref reads the id of something that stands elsewhere; whether it does is seen when everything is read.
func (r *reader) ref(kind string, to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		value, ok := r.scalar(n)
		if !ok {
			return
		}
		r.refs = append(r.refs, reference{n, kind, value})
		*to = value
	}
}

// idsOf reads a list of ids of one kind, none twice.
func (r *reader) idsOf(kind string, to *[]string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		for _, item := range r.each(n) {
			var s string
			r.ref(kind, &s)(item)
			if s != "" && slices.Contains(*to, s) {
				r.wrong(item, "%s %q stands here twice", kind, clip(s))
			}
			*to = append(*to, s)
		}
	}
}

// name reads a short text in its languages, note and text longer ones.
func (r *reader) name(to *store.Text) func(*yaml.Node) { return r.words(to, maxName) }
func (r *reader) note(to *store.Text) func(*yaml.Node) { return r.words(to, maxNote) }
func (r *reader) text(to *store.Text) func(*yaml.Node) { return r.words(to, maxText) }

// words reads a text in some of its languages. One is enough: readers of another are shown it with a note.
func (r *reader) words(to *store.Text, most int) func(*yaml.Node) {
	return func(n *yaml.Node) {
		text := store.Text{}
		r.object(n, byLang(func(l store.Lang) func(*yaml.Node) {
			return func(n *yaml.Node) {
				value, ok := r.scalar(n)
				if utf8.RuneCountInString(value) > most {
					r.wrong(n, "the text is longer than %d characters", most)
				}
				if ok {
					r.checkUzbek(n, l, value)
					text[l] = value
				}
			}
		}))
		if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
			r.wrong(n, "the text is missing in every language; leave the field out if it is not known")
		}
		*to = text
	}
}

// aliases reads other names by language.
func (r *reader) aliases(to *Aliases) func(*yaml.Node) {
	return func(n *yaml.Node) {
		*to = Aliases{}
		r.object(n, byLang(func(l store.Lang) func(*yaml.Node) {
			return func(n *yaml.Node) {
				var names []string
				r.lines(&names)(n)
				(*to)[l] = names
			}
		}))
	}
}

// byLang makes a field of every language the bot speaks.
func byLang(read func(store.Lang) func(*yaml.Node)) fields {
	known := fields{}
	for _, l := range store.Langs {
		known[string(l)] = read(l)
	}
	return known
}

// checkUzbek warns of an apostrophe that is not the one of Uzbek letters: it looks right and is found by no search.
func (r *reader) checkUzbek(n *yaml.Node, l store.Lang, value string) {
	if l == store.Uzbek && script.Normalize(value) != value {
		r.warn(n, "uz: an apostrophe is not the Uzbek one (U+02BB in oʻ and gʻ, U+02BC elsewhere): %s", clip(value))
	}
}

// date reads a day.
func (r *reader) date(to *string) func(*yaml.Node) {
	return r.checked(to, "date", "2026-12-09", func(s string) bool { return isDate(dateLayout, s) })
}

// vague reads a day, a month or a year.
func (r *reader) vague(to *string) func(*yaml.Node) {
	return r.checked(to, "date", "2026-12-09, 2026-12 or 2026", func(s string) bool {
		return isDate(dateLayout, s) || isDate("2006-01", s) || isDate("2006", s)
	})
}

// hour reads an hour of the day.
func (r *reader) hour(to *string) func(*yaml.Node) {
	return r.checked(to, "hour", "09:30", func(s string) bool {
		_, err := time.Parse(hourLayout, s)
		return err == nil && len(s) == len(hourLayout)
	})
}

// zone reads an IANA time zone. A bare offset is none: it does not know of changes of the clocks.
func (r *reader) zone(to *string) func(*yaml.Node) {
	return r.checked(to, "time zone", "Asia/Tashkent", func(s string) bool {
		_, err := store.LoadZone(s)
		return err == nil && s[0] != '+' && s[0] != '-'
	})
}

// link reads a web address.
func (r *reader) link(to *string) func(*yaml.Node) {
	return r.checked(to, "web address", "https://example.org/page", func(s string) bool {
		u, err := url.Parse(s)
		return err == nil && len(s) <= maxURL && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" &&
			!strings.ContainsAny(s, " \n\t\"<>")
	})
}

// checked reads a value that has to pass a test, and shows how a good one looks when it does not.
func (r *reader) checked(to *string, what, example string, good func(string) bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		value, ok := r.scalar(n)
		if !ok {
			return
		}
		if !good(value) {
			r.wrong(n, "%q is no %s; write it like %s", clip(value), what, example)
			return
		}
		*to = value
	}
}

// isDate tells whether s is a day that exists, in a century in which a meeting may lie.
func isDate(layout, s string) bool {
	t, err := time.Parse(layout, s)
	return err == nil && len(s) == len(layout) && t.Year() >= 1900 && t.Year() < 2200
}
