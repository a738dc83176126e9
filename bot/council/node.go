package council

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// reader turns YAML nodes into values and collects everything that is wrong with them. Its methods that return a func are
// used as the fields of an object: they say where a value goes and what it must look like.
type reader struct {
	problems []Problem
	warnings []Problem
	refs     []reference
	taken    map[string]int // scope and id -> line of its first use

	zoneOfFile string // of meetings without one of their own; "" = the file has none
	fixtures   bool   // the file's meetings are invented
}

// fields are the known fields of an object.
type fields map[string]func(*yaml.Node)

// places remembers where the fields of an object stand, for mistakes that concern two of them.
type places struct {
	object *yaml.Node
	fields map[string]*yaml.Node
}

// of gives the node of a field, or of the object if the field is not there.
func (p places) of(field string) *yaml.Node {
	if n := p.fields[field]; n != nil {
		return n
	}
	return p.object
}

// wrong notes a mistake and lets the reading go on, so that all of them are told at once.
func (r *reader) wrong(n *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, at(n, format, args...))
}

// warn notes what is readable but not right.
func (r *reader) warn(n *yaml.Node, format string, args ...any) {
	r.warnings = append(r.warnings, at(n, format, args...))
}

// at places a problem. A node without a place is one that the parser made up; it counts as the beginning of the file.
func at(n *yaml.Node, format string, args ...any) Problem {
	return Problem{Line: max(1, n.Line), Column: max(1, n.Column), Text: fmt.Sprintf(format, args...)}
}

// object reads a mapping: every key known, none twice, the needed ones there.
func (r *reader) object(n *yaml.Node, known fields, needed ...string) places {
	where := places{object: n, fields: map[string]*yaml.Node{}}
	if !r.is(n, yaml.MappingNode, "fields, one a line") {
		return where
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read, ok := known[key.Value]
		switch {
		case !ok:
			r.wrong(key, "unknown field %q; known here: %s", clip(key.Value), strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		case where.fields[key.Value] != nil:
			r.wrong(key, "field %q stands here twice", key.Value)
		default:
			where.fields[key.Value] = value
			read(value)
		}
	}
	for _, name := range needed {
		if where.fields[name] == nil {
			r.wrong(n, "field %q is missing", name)
		}
	}
	return where
}

// each gives the items of a list.
func (r *reader) each(n *yaml.Node) []*yaml.Node {
	if !r.is(n, yaml.SequenceNode, "a list") {
		return nil
	}
	return n.Content
}

// list reads a list of values.
func list[T any](r *reader, to *[]T, read func(*yaml.Node) T) func(*yaml.Node) {
	return func(n *yaml.Node) {
		for _, item := range r.each(n) {
			*to = append(*to, read(item))
		}
	}
}

// is tells whether a node is of a kind. References (&a, *a) are refused as such: a catalogue is read by people, and they
// would let a small file grow without bound.
func (r *reader) is(n *yaml.Node, kind yaml.Kind, want string) bool {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		r.wrong(n, "references (& and *) are not supported; write the value out")
	case n.Kind != kind || n.Style&yaml.TaggedStyle != 0:
		r.wrong(n, "%s expected here", want)
	default:
		return true
	}
	return false
}

// scalar gives a value as it is written, without surrounding blanks; ok is false when it is none or empty.
func (r *reader) scalar(n *yaml.Node) (value string, ok bool) {
	if !r.is(n, yaml.ScalarNode, "a value") {
		return "", false
	}
	value = strings.TrimSpace(n.Value)
	if value == "" || n.Tag == "!!null" {
		r.wrong(n, "the value is missing; leave the field out if it is not known")
		return "", false
	}
	if i := strings.IndexFunc(value, forbidden); i >= 0 {
		r.wrong(n, "the value holds a control character (%U)", []rune(value[i:])[0])
		return "", false
	}
	return value, true
}

// forbidden are characters that have no place in a text: they break lines, messages or the direction of writing.
func forbidden(c rune) bool {
	return unicode.IsControl(c) && c != '\n' || unicode.Is(unicode.Bidi_Control, c) || c == utf8.RuneError
}

// clip shortens foreign text for a message to the operator.
func clip(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
