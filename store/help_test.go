package store_test

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"recbot/store"
	"recbot/store/boltstore"
)

// world is a store of its own with a clock that only the test moves, and a backend that can be made to fail.
type world struct {
	*store.Store
	b *faulty

	mu  sync.Mutex
	now time.Time
}

// newWorld begins on 1 December 2026, 09:00 in Tashkent, with an empty embedded store.
func newWorld(t testing.TB) *world {
	t.Helper()
	return worldOn(t, openBolt(t))
}

// openBolt makes an embedded store in a folder of its own.
func openBolt(t testing.TB) store.Backend {
	t.Helper()
	b, err := boltstore.Open(filepath.Join(t.TempDir(), "recbot.db"), boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func worldOn(t testing.TB, b store.Backend) *world {
	t.Helper()
	w := &world{b: &faulty{Backend: b}, now: clock("2026-12-01 09:00")}
	w.Store = store.New(w.b, w.Now)
	if err := w.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// again is another process on the same data.
func (w *world) again() *store.Store { return store.New(w.b, w.Now) }

func (w *world) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) at(s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = clock(s)
}

// greet stores a newcomer who is then changed.
func (w *world) greet(t testing.TB, id store.PersonID, change func(*store.Person)) store.Person {
	t.Helper()
	p := store.Newcomer(id, store.Uzbek, w.Now())
	if change != nil {
		change(&p)
	}
	p, err := w.Greet(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// stands lists those of the named indexes in which a person stands.
func (w *world) stands(t testing.TB, id store.PersonID, indexes ...string) []string {
	t.Helper()
	var in []string
	for _, name := range indexes {
		members, _, err := w.Backend().Members(t.Context(), store.ShardOf(store.ChatID(id)), name, "", 1000)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(members, strconv.FormatInt(int64(id), 10)) {
			in = append(in, name)
		}
	}
	return in
}

// faulty is a backend whose batches a test can make fail.
type faulty struct {
	store.Backend
	mu    sync.Mutex
	hook  func(n int, apply func() (store.Result, error)) (store.Result, error)
	count int
	gets  int
}

// fail makes every batch go through hook, which gets its number, from 0, and may or may not apply it. nil ends that.
func (f *faulty) fail(hook func(n int, apply func() (store.Result, error)) (store.Result, error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hook, f.count = hook, 0
}

// reads counts the calls of Get and Members so far.
func (f *faulty) reads() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.gets
}

func (f *faulty) Apply(ctx context.Context, shard store.Shard, b store.Batch) (store.Result, error) {
	f.mu.Lock()
	hook, n := f.hook, f.count
	f.count++
	f.mu.Unlock()
	apply := func() (store.Result, error) { return f.Backend.Apply(ctx, shard, b) }
	if hook == nil {
		return apply()
	}
	return hook(n, apply)
}

func (f *faulty) Get(ctx context.Context, shard store.Shard, keys ...string) ([]store.Doc, error) {
	f.mu.Lock()
	f.gets++
	f.mu.Unlock()
	return f.Backend.Get(ctx, shard, keys...)
}

func (f *faulty) Members(ctx context.Context, shard store.Shard, index string, after store.Cursor, limit int) ([]string, store.Cursor, error) {
	f.mu.Lock()
	f.gets++
	f.mu.Unlock()
	return f.Backend.Members(ctx, shard, index, after, limit)
}

// dieAfter lets n batches pass and then none, as a process does that is killed.
func dieAfter(n int) func(int, func() (store.Result, error)) (store.Result, error) {
	return func(i int, apply func() (store.Result, error)) (store.Result, error) {
		if i < n {
			return apply()
		}
		return store.Result{}, store.ErrUnavailable
	}
}

// loseAnswers applies the first n batches without saying so.
func loseAnswers(n int) func(int, func() (store.Result, error)) (store.Result, error) {
	return func(i int, apply func() (store.Result, error)) (store.Result, error) {
		result, err := apply()
		if i < n && err == nil {
			return store.Result{}, store.ErrUnknown
		}
		return result, err
	}
}
