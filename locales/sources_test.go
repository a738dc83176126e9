package locales

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"recbot/store"
)

// dynamic lists the keys that the program puts together, by their beginning. Every other key stands in the sources as it
// is. Menu_ is followed by the commands, which are read from the sources.
var dynamic = map[string][]string{
	"Original_":      {"en", "ru", "uz"},
	"Role_":          {string(store.Guest), string(store.Delegate), string(store.Coordinator), string(store.Organizer), string(store.Owner)},
	"Language_":      {string(store.Uzbek), string(store.UzbekCyrl), string(store.Russian), string(store.English)},
	"Fate_":          {"sent", "gone", "rejected", "unknown"},
	"Digest_":        digests,
	"BoxDigest_":     digests,
	"DigestOn_":      digests,
	"DigestHeading_": digests,
	"Speakers_":      {"spoke", "opened", "closed", "online"},
	"Unknown_":       {"other", "chair", "members", "count", "budget", "join", "country", "document", "speech"},
	"Practical_":     {"registration", "accommodation", "visa", "transport", "interpretation", "dress_code", "meals", "wifi", "badge", "other"},
	"Ask_":           intents,
	"Format_":        {string(store.InPerson), string(store.Online), string(store.Mixed)},
}

// intents are what a question can be understood as, and a button can name.
var intents = []string{
	"next_meeting", "list_meetings", "meeting_when", "meeting_where", "meeting_agenda", "meeting_about", "meeting_participants",
	"meeting_organizers", "meeting_outcome", "meeting_documents", "meeting_join", "meeting_practical", "group_list", "group_about",
	"group_next_meeting", "council_about", "council_structure", "council_history", "council_partners", "council_figures", "person",
	"subscribe", "unsubscribe", "my_subscriptions", "reminders", "calendar_export", "language", "contact", "help", "greeting", "thanks",
	"unknown_fact", "off_topic",
}

var digests = []string{string(store.Daily), string(store.Weekly)}

// speakers are the functions whose first argument is a key; names and values follow after as many arguments as stand here.
var speakers = map[string]int{
	"Say": 1, "Line": 1, "Toast": 1, "Toasting": 1, "NewPart": 1, "Refuse": 1, "Button": 2, "Press": 2, "Open": 2, "Box": 3,
}

var (
	keyLike  = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*(_[A-Za-z-]+)?$`)
	twoHumps = regexp.MustCompile(`^([A-Z][a-z0-9]+){2,}$`)
	prefixed = regexp.MustCompile(`^[A-Z][A-Za-z]*_$`)
)

// sources is what the Go files of the program say about keys.
type sources struct {
	fset     *token.FileSet
	literals map[string]token.Pos // every string, with one place where it stands
	spoken   map[string]token.Pos // those that are keys by their place
	calls    []call
	toasts   map[string]bool // said for a moment over the chat, as far as can be read from the source
	prefixes map[string]token.Pos
	commands []string // that stand in the menu
}

// call is a key that is said with names of values which can be read from the source.
type call struct {
	pos   token.Pos
	key   string
	names []string
}

func readSources(t *testing.T) *sources {
	t.Helper()
	s := &sources{fset: token.NewFileSet(), literals: map[string]token.Pos{}, spoken: map[string]token.Pos{}, toasts: map[string]bool{}, prefixes: map[string]token.Pos{}}
	for _, dir := range []string{"handlers", "bot", "cmd", "locales"} {
		err := filepath.WalkDir(filepath.Join("..", dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(s.fset, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(f, s.look)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// look takes note of one node.
func (s *sources) look(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BasicLit:
		if text, ok := literal(n); ok {
			s.literals[text] = n.Pos()
		}
	case *ast.BinaryExpr:
		if text, ok := literal(n.X); ok && n.Op == token.ADD && prefixed.MatchString(text) {
			s.prefixes[text] = n.Pos()
		}
	case *ast.CallExpr:
		s.call(n)
	case *ast.CompositeLit:
		s.command(n)
	case *ast.KeyValueExpr:
		field, _ := n.Key.(*ast.Ident)
		if text, ok := literal(n.Value); ok && field != nil && (field.Name == "Of" || field.Name == "Key") && keyLike.MatchString(text) {
			s.spoken[text] = n.Pos()
		}
	}
	return true
}

func (s *sources) call(n *ast.CallExpr) {
	name := ""
	switch f := n.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	first, ok := speakers[name]
	if !ok || len(n.Args) < first {
		return
	}
	key, ok := literal(n.Args[0])
	if !ok || !keyLike.MatchString(key) {
		return
	}
	s.spoken[key] = n.Pos()
	s.toasts[key] = s.toasts[key] || strings.HasPrefix(name, "Toast")
	c := call{pos: n.Pos(), key: key}
	if n.Ellipsis.IsValid() {
		return
	}
	for i := first; i < len(n.Args); i += 2 {
		value, ok := literal(n.Args[i])
		if !ok {
			return
		}
		c.names = append(c.names, value)
	}
	s.calls = append(s.calls, c)
}

// command takes note of an entry of the command table that stands in the menu.
func (s *sources) command(n *ast.CompositeLit) {
	name, hidden := "", false
	if id, ok := n.Type.(*ast.Ident); !ok || id.Name != "spec" {
		return
	}
	for _, e := range n.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		switch kv.Key.(*ast.Ident).Name {
		case "Name":
			name, _ = literal(kv.Value)
		case "Hidden":
			hidden = true
		}
	}
	if name != "" && !hidden {
		s.commands = append(s.commands, name)
	}
}

func literal(n ast.Node) (string, bool) {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// dynamicKeys are all keys that the program can put together.
func (s *sources) dynamicKeys() []string {
	var keys []string
	for _, name := range s.commands {
		keys = append(keys, "Menu_"+name)
	}
	for prefix, names := range dynamic {
		for _, name := range names {
			keys = append(keys, prefix+name)
		}
	}
	slices.Sort(keys)
	return keys
}

// englishMessages are the English messages by their keys.
func englishMessages() map[string]message {
	all := make(map[string]message)
	for _, m := range messagesIn(store.English) {
		all[m.key] = m
	}
	return all
}

func TestEveryKeyOfTheProgramHasAMessage(t *testing.T) {
	t.Parallel()
	s, messages := readSources(t), englishMessages()
	names := make(map[string]bool)
	for _, m := range messages {
		for _, name := range blanksOf(m) {
			names[name] = true
		}
	}
	for _, key := range s.dynamicKeys() {
		if _, ok := messages[key]; !ok {
			t.Errorf("%s is put together by the program and has no message", key)
		}
	}
	for key, pos := range s.spoken {
		if _, ok := messages[key]; !ok {
			t.Errorf("%s: %s has no message", s.fset.Position(pos), key)
		}
	}
	// A key may also be chosen first and said later.
	for text, pos := range s.literals {
		place := s.fset.Position(pos)
		if _, ok := messages[text]; ok || names[text] || !twoHumps.MatchString(text) || !strings.Contains(place.Filename, "handlers") {
			continue
		}
		t.Errorf("%s: %s looks like a key and has no message", place, text)
	}
}

func TestEveryMessageIsUsed(t *testing.T) {
	t.Parallel()
	s := readSources(t)
	made := s.dynamicKeys()
	for key, m := range englishMessages() {
		if _, ok := s.literals[key]; !ok && !slices.Contains(made, key) {
			t.Errorf("en.yaml:%d: nothing in the program says %s", m.line, key)
		}
	}
}

func TestPutTogetherKeysAreListed(t *testing.T) {
	t.Parallel()
	s := readSources(t)
	for prefix, pos := range s.prefixes {
		if _, ok := dynamic[prefix]; !ok && prefix != "Menu_" {
			t.Errorf("%s: keys that begin with %s are not listed in this test", s.fset.Position(pos), prefix)
		}
	}
	for prefix := range dynamic {
		if _, ok := s.prefixes[prefix]; !ok {
			t.Errorf("nothing in the program puts together keys that begin with %s", prefix)
		}
	}
}

// TestEveryBlankIsGiven compares the blanks of a message with the names of values where it is said.
func TestEveryBlankIsGiven(t *testing.T) {
	t.Parallel()
	s, messages := readSources(t), englishMessages()
	for _, c := range s.calls {
		m, ok := messages[c.key]
		if !ok {
			continue // reported by another test
		}
		for _, blank := range blanksOf(m) {
			if !slices.Contains(c.names, blank) {
				t.Errorf("%s: %s is said without its value %s", s.fset.Position(c.pos), c.key, blank)
			}
		}
	}
}
