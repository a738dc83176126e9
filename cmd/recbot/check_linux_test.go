package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recbot/store"
	"recbot/store/storetest"
)

// TestFolderThatMayNotBeWritten has check and serve name the setting, with a store in the folder and without.
func TestFolderThatMayNotBeWritten(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		store bool
	}{{"an empty folder", false}, {"a folder with a store", true}} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			path := filepath.Join(data, storeFile)
			if tc.store {
				withStore(t, data, nil, func(context.Context, *store.Store) error { return nil })
				if err := os.Chmod(path, 0o444); err != nil {
					t.Fatal(err)
				}
			}
			for dir, mode := range map[string]os.FileMode{data: 0o555, filepath.Dir(data): 0o755} {
				if err := os.Chmod(dir, mode); err != nil {
					t.Fatal(err)
				}
			}
			environ := append(telegramAt(t), "RECBOT_DATA="+data, "RECBOT_LISTEN=127.0.0.1:0")
			storetest.AsNobody(t, func() {
				if line := lineOf(command(t, environ, "check").out, "store"); !strings.HasPrefix(line, "FAIL") || !strings.Contains(line, "RECBOT_DATA") {
					t.Errorf("check: %s", line)
				}
				got := command(t, environ, "serve")
				if got.code != exitFailed || !strings.Contains(got.err, "RECBOT_DATA must be a folder that recbot may write to") || len(lines(got.err)) != 1 {
					t.Errorf("serve: exit code %d: %s", got.code, got.err)
				}
			})
			if _, err := os.Stat(path); (err == nil) != tc.store {
				t.Errorf("the store file: %v", err)
			}
		})
	}
}
