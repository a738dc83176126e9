package council

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"recbot/store"
)

// MaxFile is the most bytes a catalogue may have.
const MaxFile = 4 << 20

// schema is the version of the file's form that this program reads.
const schema = 1

// File is what was read of a file with meetings.
type File struct {
	Timezone string
	Fixture  bool // its meetings are invented
	Meetings []store.Meeting
	Warnings []Problem
}

// Load reads a catalogue. Its error is *[Problems] when the file could be read but holds mistakes.
func Load(in io.Reader) (*Catalogue, error) {
	root, err := parse(in)
	if err != nil {
		return nil, err
	}
	return load(root)
}

// LoadFile reads the catalogue of a path. Mistakes are told with the file's name before line and column.
func LoadFile(path string) (*Catalogue, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	defer f.Close()
	c, err := Load(f)
	if p := (*Problems)(nil); errors.As(err, &p) {
		p.File = filepath.Base(path)
		return nil, p
	}
	if err != nil {
		return nil, fmt.Errorf("catalogue %q: %w", path, err)
	}
	return c, nil
}

// ParseMeetings reads the meetings of a file: of one with meetings only, whose references are those of known, or of a
// whole catalogue, which brings its own. Its error is as that of [Load].
func ParseMeetings(in io.Reader, known *Catalogue) (*File, error) {
	root, err := parse(in)
	if err != nil {
		return nil, err
	}
	if hasField(root, "council") {
		c, err := load(root)
		if err != nil {
			return nil, err
		}
		return &File{Timezone: c.Timezone, Meetings: c.Meetings, Warnings: c.Warnings}, nil
	}
	return loadMeetings(root, known)
}

// parse turns bytes into nodes.
func parse(in io.Reader) (*yaml.Node, error) {
	raw, err := io.ReadAll(io.LimitReader(in, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	if len(raw) > MaxFile {
		return nil, fmt.Errorf("the file is larger than %d MB", MaxFile>>20)
	}
	dec := yaml.NewDecoder(strings.NewReader(string(raw)))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, &Problems{List: []Problem{{1, 1, "the file is empty"}}}
	case err != nil:
		return nil, syntax(err)
	}
	if err := dec.Decode(&second); err == nil {
		return nil, &Problems{List: []Problem{at(&second, "a second document begins here; one file holds one")}}
	} else if !errors.Is(err, io.EOF) {
		return nil, syntax(err)
	}
	return doc.Content[0], nil
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?line (\d+): `)

// syntax makes a mistake of YAML itself a problem like others. The parser tells the line only.
func syntax(err error) *Problems {
	text, line := err.Error(), 1
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
	}
	text = strings.TrimPrefix(text, "yaml: ")
	return &Problems{List: []Problem{{max(1, line), 1, "this is no YAML: " + text}}}
}

// hasField tells the two kinds of files apart before either is read.
func hasField(n *yaml.Node, name string) bool {
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return true
		}
	}
	return false
}

// load reads a whole catalogue. References are looked up at the end, when everything they may point to is known; lists
// may thus stand in any order.
func load(root *yaml.Node) (*Catalogue, error) {
	c, r := &Catalogue{}, newReader(root)
	r.object(root, fields{
		"schema":        r.schema,
		"timezone":      r.zone(&c.Timezone),
		"sources":       list(r, &c.Sources, r.source),
		"council":       func(n *yaml.Node) { c.Council = r.council(n) },
		"bodies":        list(r, &c.Bodies, r.body),
		"organizations": list(r, &c.Organizations, r.organization),
		"people":        list(r, &c.People, r.person),
		"meetings":      list(r, &c.Meetings, r.meeting),
		"figures":       list(r, &c.Figures, r.figure),
		"faq":           list(r, &c.FAQ, r.faq),
		"contacts":      list(r, &c.Contacts, r.contact),
	}, "schema", "timezone", "sources", "council", "bodies")
	r.resolve(c)
	if err := r.err(); err != nil {
		return nil, err
	}
	for i := range c.FAQ { // what the Council answers stands in a file that anybody may read
		c.FAQ[i].Visibility = store.Public
	}
	c.Warnings, _ = sorted(r.warnings)
	return c, nil
}

// loadMeetings reads a file with meetings only.
func loadMeetings(root *yaml.Node, known *Catalogue) (*File, error) {
	f, r := &File{}, newReader(root)
	r.object(root, fields{
		"schema":   r.schema,
		"timezone": r.zone(&f.Timezone),
		"fixture":  r.flag(&f.Fixture),
		"meetings": list(r, &f.Meetings, r.meeting),
	}, "schema", "timezone", "meetings")
	r.resolve(known)
	if err := r.err(); err != nil {
		return nil, err
	}
	f.Warnings, _ = sorted(r.warnings)
	return f, nil
}

// newReader begins to read a file. Zone and fixture mark are needed by every meeting, wherever they stand in the file.
func newReader(root *yaml.Node) *reader {
	r := &reader{taken: map[string]int{}}
	for i := 0; root.Kind == yaml.MappingNode && i+1 < len(root.Content); i += 2 {
		switch value := root.Content[i+1].Value; root.Content[i].Value {
		case "timezone":
			if _, err := store.LoadZone(value); err == nil {
				r.zoneOfFile = value
			}
		case "fixture":
			r.fixtures = value == "true"
		}
	}
	return r
}

// schema refuses a file of another form by one clear line, beside whatever else does not fit then.
func (r *reader) schema(n *yaml.Node) {
	if value, ok := r.scalar(n); ok && value != strconv.Itoa(schema) {
		r.wrong(n, "schema %s; this recbot reads schema %d", clip(value), schema)
	}
}

// resolve finds references to what a catalogue does not hold.
func (r *reader) resolve(c *Catalogue) {
	for _, ref := range r.refs {
		if !c.holds(ref.kind, ref.id) {
			r.wrong(ref.node, "there is no %s %q", ref.kind, clip(ref.id))
		}
	}
}

// holds tells whether there is something of a kind with an id. A meeting may be the Council's, but being its member is
// not a thing: who may see a meeting is told by bodies, or by visibility: delegates.
func (c *Catalogue) holds(kind, id string) (ok bool) {
	switch kind {
	case kindSource:
		_, ok = c.Source(id)
	case kindOrganization:
		_, ok = c.Organization(id)
	case kindPerson:
		_, ok = c.Person(id)
	case kindBody, kindMembers:
		_, ok = c.Body(id)
		ok = ok || kind == kindBody && id == string(store.TopicCouncil)
	}
	return ok
}

// err gives everything that is wrong, or nil. Warnings alone are no error.
func (r *reader) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	list, more := sorted(r.problems)
	return &Problems{List: list, More: more}
}
