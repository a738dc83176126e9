package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rows are the floors of the house. Imports go down only, never sideways.
var rows = [][]string{
	{"cmd/recbot"},
	{"handlers", "bot/dispatch", "bot/broadcast", "bot/remind", "bot/web", "bot/telegram", "bot/sim", "store/redisstore", "store/boltstore"},
	{"bot/dialog", "bot/outbox", "bot/lease", "locales", "bot/council"},
	{"bot", "bot/answer", "bot/calendar", "bot/script", "bot/metrics", "store/storetest"},
	{"store"},
}

// forbidden are arrows that the rows would allow.
var forbidden = map[string][]string{
	"handlers":   {"locales", "bot/outbox"},
	"bot/dialog": {"locales", "bot/outbox"},
	"bot/remind": {"locales", "bot/outbox"},
}

// sole are libraries that only one package may use.
var sole = map[string]string{
	"github.com/go-telegram/bot": "bot/telegram",
	"github.com/redis/go-redis":  "store/redisstore",
	"go.etcd.io/bbolt":           "store/boltstore",
}

func rowOf(pkg string) int {
	return slices.IndexFunc(rows, func(row []string) bool { return slices.Contains(row, pkg) })
}

// wrongArrow says what is wrong with an import, or "".
func wrongArrow(from, to string) string {
	if pkg, ours := strings.CutPrefix(to, "recbot/"); ours {
		switch {
		case rowOf(pkg) < 0:
			return fmt.Sprintf("%s is in no row", pkg)
		case rowOf(pkg) <= rowOf(from):
			return "imports go down only, never sideways"
		case slices.Contains(forbidden[from], pkg):
			return "this arrow is forbidden beside the rows"
		}
		return ""
	}
	for library, owner := range sole {
		if strings.HasPrefix(to, library) && from != owner {
			return "only " + owner + " may use it"
		}
	}
	if from == "store" && strings.Contains(strings.SplitN(to, "/", 2)[0], ".") {
		return "store imports the standard library only"
	}
	return ""
}

func TestImportsGoDownOnly(t *testing.T) {
	t.Parallel()
	for file, imports := range importsOfModule(t) {
		pkg := filepath.ToSlash(filepath.Dir(file))
		if rowOf(pkg) < 0 {
			t.Errorf("%s: package %s is in no row of the house", file, pkg)
			continue
		}
		for _, to := range imports {
			if why := wrongArrow(pkg, to); why != "" {
				t.Errorf("%s: %s -> %s: %s", file, pkg, to, why)
			}
		}
	}
}

func TestWrongArrowsAreSeen(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, from, to string
		wrong          bool
	}{
		{"down is right", "handlers", "recbot/store", false},
		{"up is wrong", "store", "recbot/bot", true},
		{"sideways is wrong", "handlers", "recbot/bot/web", true},
		{"handlers hold no words", "handlers", "recbot/locales", true},
		{"one user of a library", "bot/web", "github.com/redis/go-redis/v9", true},
		{"its owner may", "store/redisstore", "github.com/redis/go-redis/v9", false},
		{"the store stands on std", "store", "go.yaml.in/yaml/v3", true},
		{"a package without a row", "bot", "recbot/bot/util", true},
	} {
		if got := wrongArrow(tc.from, tc.to); (got != "") != tc.wrong {
			t.Errorf("%s: %s -> %s gives %q", tc.name, tc.from, tc.to, got)
		}
	}
}

// importsOfModule parses every file of the module that is no test.
func importsOfModule(t *testing.T) map[string][]string {
	t.Helper()
	files := map[string][]string{}
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../..", path), nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		files[path] = []string{}
		for _, spec := range parsed.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			files[path] = append(files[path], to)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("only %d files found: the test looks in the wrong place", len(files))
	}
	return files
}
