package main

import (
	"bytes"
	"debug/buildinfo"
	"os"
	"regexp"
	"testing"
)

// TestAReleaseHoldsNoCrashpoints looks into the binaries for what makes recbot die at a step that the environment names. Only
// the one that is built for tests may have it.
func TestAReleaseHoldsNoCrashpoints(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, path string
		has        bool
	}{
		{"built as a release", binary(t), false},
		{"built for tests", crashing(t), true},
	} {
		data, err := os.ReadFile(tc.path)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"CRASHPOINT", "CRASHLEASE", "crashpoint: dying"} {
			if got := bytes.Contains(data, []byte(word)); got != tc.has {
				t.Errorf("%s: holds %q: %v", tc.name, word, got)
			}
		}
		info, err := buildinfo.ReadFile(tc.path)
		if err != nil {
			t.Fatal(err)
		}
		tagged := false
		for _, s := range info.Settings {
			tagged = tagged || s.Key == "-tags"
		}
		if tagged != tc.has {
			t.Errorf("%s: built with tags: %v", tc.name, tagged)
		}
	}
	// The ways to build a release are all that is shipped.
	for _, file := range []string{"../../Dockerfile", "../../Makefile"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if line := regexp.MustCompile(`.*build.*-tags.*`).Find(text); line != nil {
			t.Errorf("%s builds with tags: %s", file, line)
		}
	}
}
