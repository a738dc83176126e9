package redisstore

import (
	"fmt"
	"sync/atomic"
	"testing"

	"recbot/store"
	"recbot/store/storetest"
)

// opened gives a store on a server that ends with the test.
func opened(tb testing.TB, url string, o Options) *DB {
	tb.Helper()
	d, err := Open(url, o)
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
	url := storetest.Redis(t)
	var n atomic.Int32
	storetest.Run(t, func(t *testing.T) store.Backend {
		return opened(t, url, Options{Prefix: fmt.Sprintf("t%d:", n.Add(1))})
	})
}

func BenchmarkDue(b *testing.B) {
	storetest.BenchmarkDue(b, func(b *testing.B) store.Backend { return opened(b, storetest.Redis(b), Options{}) })
}

func BenchmarkApply(b *testing.B) {
	storetest.BenchmarkApply(b, func(b *testing.B) store.Backend { return opened(b, storetest.Redis(b), Options{}) })
}
