package locales

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n/template"
)

// blanks is the template language of the catalogues, handed to go-i18n: text with blanks such as {{.Title}} and nothing
// else. Conditions and loops belong to the program, where a translator cannot lose them. A blank without a value is an
// error, not "<no value>".
type blanks struct{}

// Cacheable tells go-i18n that a text need be read only once.
func (blanks) Cacheable() bool { return true }

// Parse reads a text; the delimiters are always {{ and }}.
func (blanks) Parse(src, _, _ string) (template.ParsedTemplate, error) { return parseBlanks(src) }

// filler gives the value of a blank as HTML.
type filler interface {
	fill(name string) (string, error)
}

// filled is a text in pieces: literal text at even places, names of blanks at odd ones.
type filled []string

var blank = regexp.MustCompile(`^\.([A-Za-z][A-Za-z0-9]*)$`)

// parseBlanks takes a text apart. A brace that is not a blank's is a mistake: it would be shown to people.
func parseBlanks(src string) (filled, error) {
	var pieces filled
	for {
		text, rest, found := strings.Cut(src, "{{")
		if strings.Contains(text, "}}") {
			return nil, fmt.Errorf("}} without {{ in %q", text)
		}
		pieces = append(pieces, text)
		if !found {
			return pieces, nil
		}
		inside, behind, found := strings.Cut(rest, "}}")
		m := blank.FindStringSubmatch(strings.TrimSpace(inside))
		if !found || m == nil {
			return nil, fmt.Errorf("not a blank like {{.Title}}: %q", "{{"+inside)
		}
		pieces = append(pieces, m[1])
		src = behind
	}
}

// Execute puts the values into the blanks; data is a filler.
func (f filled) Execute(data any) (string, error) {
	if len(f) == 1 {
		return f[0], nil
	}
	var b strings.Builder
	b.Grow(128)
	for i, piece := range f {
		if i%2 == 0 {
			b.WriteString(piece)
			continue
		}
		s, err := data.(filler).fill(piece)
		if err != nil {
			return "", fmt.Errorf("blank %q: %w", piece, err)
		}
		b.WriteString(s)
	}
	return b.String(), nil
}
