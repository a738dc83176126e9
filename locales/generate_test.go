package locales

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"recbot/bot/script"
)

var update = flag.Bool("update", false, "write uz-Cyrl.yaml anew")

const cyrillicHead = `# What the bot says in Uzbek in Cyrillic letters. MADE FROM uz.yaml by go generate ./locales: do not edit. Where a text is
# wrong, put the right one under its key into uz-Cyrl.exceptions.yaml.
`

// TestCyrillicCatalogueIsFresh compares uz-Cyrl.yaml with what uz.yaml gives; with -update it writes it.
func TestCyrillicCatalogueIsFresh(t *testing.T) {
	t.Parallel()
	want := cyrillicCatalogue(t)
	if *update {
		if err := os.WriteFile("uz-Cyrl.yaml", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile("uz-Cyrl.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got, want) {
		return
	}
	t.Error("uz-Cyrl.yaml is stale, run go generate ./locales")
	have := strings.Split(string(got), "\n")
	for _, line := range strings.Split(string(want), "\n") {
		if !slices.Contains(have, line) {
			t.Errorf("it should have: %s", line)
		}
	}
}

// TestNoWordInTwoAlphabets looks at what was made of words such as Telegramda: a Latin name with a Cyrillic ending is read
// nowhere. Such a text is worded without the ending in uz.yaml.
func TestNoWordInTwoAlphabets(t *testing.T) {
	t.Parallel()
	blank := regexp.MustCompile(`\{\{[^}]*\}\}|<[^>]*>|\\n`)
	mixed := regexp.MustCompile(`[\p{Latin}][\p{Cyrillic}]|[\p{Cyrillic}][\p{Latin}]`)
	for i, line := range strings.Split(string(cyrillicCatalogue(t)), "\n") {
		if _, text, ok := strings.Cut(line, ": "); ok && !strings.HasPrefix(line, "#") && mixed.MatchString(blank.ReplaceAllString(text, " ")) {
			t.Errorf("uz-Cyrl.yaml:%d: a word in two alphabets: %s", i+1, text)
		}
	}
}

// cyrillicCatalogue makes uz-Cyrl.yaml: the keys and sections of uz.yaml, each text transliterated or taken from the
// exceptions.
func cyrillicCatalogue(t *testing.T) []byte {
	t.Helper()
	uz, exceptions := readYAML(t, "uz.yaml"), readYAML(t, "uz-Cyrl.exceptions.yaml")
	own := make(map[string]*yaml.Node)
	for i := 0; i+1 < len(exceptions.Content); i += 2 {
		own[exceptions.Content[i].Value] = exceptions.Content[i+1]
	}
	uz.HeadComment = ""
	uz.Content[0].HeadComment = lastSection(uz.Content[0].HeadComment)
	for i := 0; i+1 < len(uz.Content); i += 2 {
		key, value := uz.Content[i], uz.Content[i+1]
		if text, ok := own[key.Value]; ok {
			uz.Content[i+1] = text
			delete(own, key.Value)
			continue
		}
		transliterate(value)
	}
	for key := range own {
		t.Errorf("uz-Cyrl.exceptions.yaml has %s, uz.yaml has not", key)
	}
	var b bytes.Buffer
	b.WriteString(cyrillicHead)
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(uz); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// lastSection drops the head of the file, which yaml takes for a comment of the first key, up to its first section.
func lastSection(comment string) string {
	if i := strings.LastIndex(comment, "# ----"); i >= 0 {
		return strings.TrimSpace(comment[strings.LastIndex(comment[:i], "\n")+1:])
	}
	return ""
}

func transliterate(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		n.Value = script.ToCyrillic(n.Value)
		return
	}
	for i := 1; i < len(n.Content); i += 2 {
		transliterate(n.Content[i])
	}
}

// readYAML gives the map that a file holds; an empty file holds an empty one.
func readYAML(t *testing.T, name string) *yaml.Node {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if len(doc.Content) == 0 {
		return &yaml.Node{Kind: yaml.MappingNode}
	}
	return doc.Content[0]
}
