package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"unicode/utf8"
)

// phoneLabel is how many characters of a label a phone of ordinary width shows where so many buttons stand side by side;
// Telegram cuts off the rest. A button that has the row to itself may name a group by its whole name: that one is known by its
// beginning.
var phoneLabel = map[int]int{2: 22, 3: 13, 4: 9}

// TestRowsFitAPhone looks at every row of buttons that the scripts show, in all languages.
func TestRowsFitAPhone(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/*.chat")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	row := regexp.MustCompile(`(?m)^ {6,}\[.*\]$`)
	label := regexp.MustCompile(`\[([^\]]*)\]`)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range row.FindAllString(string(text), -1) {
			buttons := label.FindAllStringSubmatch(line, -1)
			for _, b := range buttons {
				if most, side := phoneLabel[len(buttons)]; side && utf8.RuneCountInString(b[1]) > most {
					t.Errorf("%s: a phone cuts off %q beside %d others: more than %d characters", filepath.Base(path), b[1], len(buttons)-1, most)
				}
			}
		}
	}
}
