package locales

import (
	"fmt"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"

	"recbot/store"
)

// message is an entry of a catalogue. Of a plain text only other is set. The line is for messages about mistakes.
type message struct {
	key   string
	line  int
	forms map[string]string // one, few, many, other
}

// readMessages reads the catalogue of a language.
func readMessages(lang store.Lang) ([]message, error) {
	name := string(lang) + ".yaml"
	data, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("catalogue %s: %w", name, err)
	}
	messages, err := parseMessages(data)
	if err != nil {
		return nil, fmt.Errorf("catalogue %s: %w", name, err)
	}
	return messages, nil
}

// newTongue puts the messages of a language into a bundle of its own. With one bundle for all, go-i18n would choose among
// them by likeness; of a bundle with one language it can only say that a message is missing.
//
// The messages themselves are not kept: as they were read they take as much memory as all that go-i18n makes of them.
func newTongue(lang store.Lang, messages []message) (*tongue, error) {
	tag := language.MustParse(string(lang))
	bundle := i18n.NewBundle(tag)
	t := &tongue{lang: lang, dates: datesOf[lang], counted: make(map[string]bool)}
	for _, m := range messages {
		if err := bundle.AddMessages(tag, m.i18n()); err != nil {
			return nil, fmt.Errorf("catalogue %s.yaml:%d: %s: %w", lang, m.line, m.key, err)
		}
		if m.counted() {
			t.counted[m.key] = true
		}
	}
	t.localizer = i18n.NewLocalizer(bundle, string(lang))
	return t, nil
}

// parseMessages reads a catalogue: a map of keys to a text or to plural forms. Errors name the line.
func parseMessages(data []byte) ([]message, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("not a map of keys to texts")
	}
	entries := doc.Content[0].Content
	messages := make([]message, 0, len(entries)/2)
	seen := make(map[string]bool, len(entries)/2) // of two entries with one key a translator would mend the wrong one
	for i := 0; i+1 < len(entries); i += 2 {
		m, err := parseMessage(entries[i], entries[i+1])
		if err == nil && seen[m.key] {
			err = fmt.Errorf("the key stands here a second time")
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %s: %w", entries[i].Line, entries[i].Value, err)
		}
		seen[m.key] = true
		messages = append(messages, m)
	}
	return messages, nil
}

// parseMessage reads one entry. Blanks are checked here, so that a slip in a catalogue stops the program at its start and
// not the first person who should have got the message.
func parseMessage(key, value *yaml.Node) (message, error) {
	m := message{key: key.Value, line: key.Line, forms: make(map[string]string, 1)}
	switch value.Kind {
	case yaml.ScalarNode:
		m.forms["other"] = value.Value
	case yaml.MappingNode:
		if err := value.Decode(&m.forms); err != nil {
			return m, err
		}
	default:
		return m, fmt.Errorf("neither a text nor plural forms")
	}
	for form, text := range m.forms {
		switch form {
		case "one", "few", "many", "other":
		default:
			return m, fmt.Errorf("unknown plural form %q", form)
		}
		if _, err := parseBlanks(text); err != nil {
			return m, err
		}
	}
	if m.forms["other"] == "" {
		return m, fmt.Errorf("no text")
	}
	return m, nil
}

// counted tells that a number chooses among forms of the message.
func (m message) counted() bool { return len(m.forms) > 1 }

// i18n gives the message as go-i18n wants it. Of a message that counts, a form that is not written is the text of other, so
// that a text which does not depend on its number need not be repeated; that Russian has all four where it must is for the
// tests to say. The other messages, nearly all, have that one form: go-i18n keeps a template for each.
func (m message) i18n() *i18n.Message {
	if !m.counted() {
		return &i18n.Message{ID: m.key, Other: m.forms["other"]}
	}
	form := func(name string) string {
		if s := m.forms[name]; s != "" {
			return s
		}
		return m.forms["other"]
	}
	return &i18n.Message{ID: m.key, One: form("one"), Few: form("few"), Many: form("many"), Other: form("other")}
}
