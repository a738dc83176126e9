// Package storetest holds backends to their contract: the same tests run on every [store.Backend], against a plain model in
// memory where that says more than examples.
//
// [Run] is the contract itself. [Redis] and [StartRedis] give tests a private server, [StartCluster] and [StartSentinel]
// several. [Write] and [CheckWritten] are the two halves of a crash test, [CheckReplicated] the other half of one in which a
// replica takes over. [Flaky] and [Counting] wrap a backend for tests of what stands on it.
//
// It does not test what only one backend has: damaged files, servers that refuse. Those tests stand beside the backend.
package storetest

import (
	"context"
	"testing"
	"time"

	"recbot/store"
)

// patience is how long a test waits for something that has to happen. It is no measure: it only ends a test that hangs.
const patience = 20 * time.Second

// Run holds a backend to the contract. open gives an empty one each time, and sees to it that it is closed with its t.
func Run(t *testing.T, open func(t *testing.T) store.Backend) {
	for _, part := range []struct {
		name string
		test func(t *testing.T, open func(t *testing.T) store.Backend)
	}{
		{"Documents", testDocuments},
		{"Indexes", testIndexes},
		{"Queues", testQueues},
		{"Counters", testCounters},
		{"Logs", testLogs},
		{"Leases", testLeases},
		{"Operations", testOperations},
		{"Refusals", testRefusals},
		{"Endings", testEndings},
		{"Due", testDue},
		{"Paging", testPaging},
		{"Model", testModel},
		{"Concurrency", testConcurrency},
		{"Manners", testManners},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.test(t, open)
		})
	}
}

// apply applies a batch that has to succeed.
func apply(t *testing.T, b store.Backend, s store.Shard, do ...store.Mutation) store.Result {
	t.Helper()
	result, err := b.Apply(t.Context(), s, store.Batch{Do: do})
	if err != nil {
		t.Fatalf("applying %d mutations: %v", len(do), err)
	}
	return result
}

// eventually waits until a claim holds, asking again and again.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("not after %s: %s", patience, what)
		}
	}
}
