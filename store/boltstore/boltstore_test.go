package boltstore

import (
	"path/filepath"
	"testing"

	"recbot/store"
	"recbot/store/storetest"
)

// opened gives an empty store that ends with the test.
func opened(tb testing.TB, o Options) *DB {
	tb.Helper()
	return reopened(tb, filepath.Join(tb.TempDir(), "recbot.db"), o)
}

func reopened(tb testing.TB, path string, o Options) *DB {
	tb.Helper()
	d, err := Open(path, o)
	if err != nil {
		tb.Fatalf("open: %v", err)
	}
	tb.Cleanup(func() {
		if err := d.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	return d
}

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) store.Backend { return opened(t, Options{NoSync: true}) })
}

func BenchmarkDue(b *testing.B) {
	storetest.BenchmarkDue(b, func(b *testing.B) store.Backend { return opened(b, Options{NoSync: true}) })
}

func BenchmarkApply(b *testing.B) {
	storetest.BenchmarkApply(b, func(b *testing.B) store.Backend { return opened(b, Options{}) })
}
