package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestSmoke plays a few scripts over real sockets: the bot's HTTP client, its long poll and its uploads instead of calls
// inside the process. The clock is stepped as in the other scripts; everything else takes its time.
func TestSmoke(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/smoke/*.chat")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".chat"), func(t *testing.T) {
			t.Parallel()
			playFile(t, path, true)
		})
	}
}
