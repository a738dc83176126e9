package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// testOperations is about operation ids: a batch that is repeated under its id is applied once.
func testOperations(t *testing.T, open func(t *testing.T) store.Backend) {
	b := open(t)
	batch := store.Batch{
		Op: "op 1", If: []store.Condition{store.Absent("d1")},
		Do: []store.Mutation{store.Put("d1", []byte("v"), 0), store.Incr("c1", 2, 0), store.Incr("c2", -1, 0), store.Append("l1", []byte("r"))},
	}
	first, err := b.Apply(t.Context(), shard, batch)
	if err != nil {
		t.Fatal(err)
	}
	apply(t, b, shard, store.Put("d2", nil, 0))
	again, err := b.Apply(t.Context(), shard, batch)
	if diff := cmp.Diff(first, again); err != nil || diff != "" {
		t.Errorf("repeated, though its condition does not hold any more: %v (-first +again):\n%s", err, diff)
	}
	want := newContents()
	want.Docs, want.Counts = map[string]string{"d1": "v", "d2": ""}, map[string]int64{"c1": 2, "c2": -1}
	want.Logs["l1"] = []string{"r"}
	if diff := cmp.Diff(want, read(t, b, shard)); diff != "" {
		t.Errorf("contents (-want +got):\n%s", diff)
	}

	refused := store.Batch{Op: "op 2", If: []store.Condition{store.Absent("d1")}}
	if _, err := b.Apply(t.Context(), shard, refused); !errors.Is(err, store.ErrConflict) {
		t.Errorf("got %v, want a conflict", err)
	}
	apply(t, b, shard, store.Delete("d1"))
	if _, err := b.Apply(t.Context(), shard, refused); err != nil {
		t.Errorf("what was refused may be tried again under the same id: %v", err)
	}
	if other, err := b.Apply(t.Context(), shard+1, batch); err != nil || cmp.Equal(first, other) {
		t.Errorf("an id counts in its shard only: got %v, %v", other, err)
	}
}

// testRefusals is about batches that no backend may take: each is refused before anything happens.
func testRefusals(t *testing.T, open func(t *testing.T) store.Backend) {
	b := open(t)
	mark := store.Put("d1", nil, 0)
	for _, tc := range []struct {
		name  string
		batch store.Batch
	}{
		{"a value that is too long", store.Batch{Do: []store.Mutation{mark, store.Put("d2", make([]byte, store.MaxValue+1), 0)}}},
		{"a name that is too long", store.Batch{Do: []store.Mutation{mark, store.Put(strings.Repeat("n", store.MaxName+1), nil, 0)}}},
		{"a name that would end another", store.Batch{Do: []store.Mutation{mark, store.Add("x1", "a\x00b")}}},
		{"the same thing twice", store.Batch{Do: []store.Mutation{mark, store.Delete("d1")}}},
		{"a due time before all times", store.Batch{Do: []store.Mutation{mark, store.Schedule("q1", "a", time.Time{})}}},
	} {
		_, err := b.Apply(t.Context(), shard, tc.batch)
		if err == nil || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrUnknown) || errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: got %v, want a plain refusal", tc.name, err)
		}
	}
	apply(t, b, shard, store.Incr("c1", store.MaxCount, 0))
	over := store.Batch{Do: []store.Mutation{mark, store.Incr("c2", 1, 0), store.Incr("c1", 1, 0)}}
	if _, err := b.Apply(t.Context(), shard, over); !errors.Is(err, store.ErrFull) {
		t.Errorf("counting too far: got %v, want ErrFull", err)
	}
	if _, err := b.Apply(t.Context(), store.Global+1, store.Batch{}); err == nil {
		t.Error("a shard that does not exist takes a batch")
	}
	if _, _, err := b.Members(t.Context(), shard, "x1", "", 0); err == nil {
		t.Error("a page of nothing is read")
	}
	want := newContents()
	want.Counts["c1"] = store.MaxCount
	if diff := cmp.Diff(want, read(t, b, shard)); diff != "" {
		t.Errorf("contents (-want +got):\n%s", diff)
	}
}

// testEndings is about times to live. The backend's clock runs by itself, so the test waits for what it will see.
func testEndings(t *testing.T, open func(t *testing.T) store.Backend) {
	const short = 40 * time.Millisecond
	b := open(t)
	first := apply(t, b, shard,
		store.Put("d1", []byte("v"), short), store.Put("d2", []byte("v"), time.Hour), store.Incr("c1", 5, short), store.Acquire("e1", "me", short)).Rev
	apply(t, b, shard, store.Put("d 3", []byte("v"), short))
	apply(t, b, shard, store.Put("d 3", []byte("w"), 0)) // stays, for the later put counts
	eventually(t, "a document, a counter and a lease end", func() bool {
		c := read(t, b, shard)
		_, err := b.Apply(t.Context(), shard, store.Batch{If: []store.Condition{store.Holds("e1", first)}})
		return c.Docs["d1"] == "" && c.Counts["c1"] == 0 && err != nil
	})
	want := newContents()
	want.Docs = map[string]string{"d2": "v", "d 3": "w"}
	if diff := cmp.Diff(want, read(t, b, shard)); diff != "" {
		t.Errorf("contents (-want +got):\n%s", diff)
	}
	result, err := b.Apply(t.Context(), shard, store.Batch{
		If: []store.Condition{store.Absent("d1")},
		Do: []store.Mutation{store.Acquire("e1", "you", time.Hour), store.Incr("c1", 1, 0)},
	})
	if err != nil {
		t.Fatalf("what has ended is in nobody's way: %v", err)
	}
	if result.Rev <= first || !cmp.Equal(result.Counts, []int64{1}) {
		t.Errorf("got %v after token %d, want a higher one and a counter that began anew", result, first)
	}
	if _, err := b.Apply(t.Context(), shard, store.Batch{If: []store.Condition{store.Holds("e1", first)}}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("the token of a lease that was lost: got %v, want a conflict", err)
	}
}

// testDue is about reading the heads of a queue in many shards at once.
func testDue(t *testing.T, open func(t *testing.T) store.Backend) {
	b := open(t)
	at := func(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
	for _, s := range []store.Shard{3, 5, store.Global} {
		apply(t, b, s, store.Schedule("q1", "late", at(3000)), store.Schedule("q1", "b", at(1000)), store.Schedule("q1", "a", at(1000)),
			store.Schedule("q2", "other", at(1)))
	}
	for _, tc := range []struct {
		name   string
		until  time.Time
		limit  int
		shards []store.Shard
		want   []store.Entry
	}{
		{"before the first nothing is due", at(999), 9, []store.Shard{3, 5}, nil},
		{"what is due now is due", at(1000), 9, []store.Shard{3}, []store.Entry{{Shard: 3, ID: "a", At: at(1000)}, {Shard: 3, ID: "b", At: at(1000)}}},
		{"the limit counts in each shard, and shards come as asked for", at(5000), 1, []store.Shard{store.Global, 4, 3},
			[]store.Entry{{Shard: store.Global, ID: "a", At: at(1000)}, {Shard: 3, ID: "a", At: at(1000)}}},
		{"all of one shard", forever, 9, []store.Shard{5},
			[]store.Entry{{Shard: 5, ID: "a", At: at(1000)}, {Shard: 5, ID: "b", At: at(1000)}, {Shard: 5, ID: "late", At: at(3000)}}},
		{"no shard, nothing", forever, 9, nil, nil},
		{"the zero time is before everything", time.Time{}, 9, []store.Shard{3}, nil},
	} {
		got, err := b.Due(t.Context(), "q1", tc.until, tc.limit, tc.shards...)
		if diff := cmp.Diff(tc.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", tc.name, err, diff)
		}
	}
}

// testManners is about contexts, about what a caller does to the bytes, and about the end.
func testManners(t *testing.T, open func(t *testing.T) store.Backend) {
	b := open(t)
	value := []byte("mine")
	rev := apply(t, b, shard, store.Put("d1", value, 0), store.Append("l1", value)).Rev
	copy(value, "your")
	for range 2 {
		found, err := b.Get(t.Context(), shard, "d2", "d1", "d1")
		want := []store.Doc{{Key: "d2"}, {Key: "d1", Rev: rev, Value: []byte("mine")}, {Key: "d1", Rev: rev, Value: []byte("mine")}}
		if diff := cmp.Diff(want, found); err != nil || diff != "" {
			t.Fatalf("documents: %v (-want +got):\n%s", err, diff)
		}
		copy(found[1].Value, "your")
		records, err := b.Read(t.Context(), shard, "l1", rev-1, 1)
		if diff := cmp.Diff([]store.Record{{Rev: rev, Value: []byte("mine")}}, records); err != nil || diff != "" {
			t.Fatalf("records: %v (-want +got):\n%s", err, diff)
		}
		copy(records[0].Value, "your")
	}
	if records, err := b.Read(t.Context(), shard, "l1", rev, 1); err != nil || len(records) != 0 {
		t.Errorf("behind the last record: got %v, %v", records, err)
	}
	if info, err := b.Info(t.Context()); err != nil || info.Kind == "" || info.Place == "" || info.Durable == "" {
		t.Errorf("info: got %+v, %v", info, err)
	}

	over, cancel := context.WithCancel(t.Context())
	cancel()
	checkUnavailable(t, over, b, "after its context")
	if diff := cmp.Diff("mine", read(t, b, shard).Docs["d1"]); diff != "" {
		t.Errorf("what a batch without time left behind (-want +got):\n%s", diff)
	}
	for range 2 {
		if err := b.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	checkUnavailable(t, t.Context(), b, "after Close")
}

// checkUnavailable makes every call, and wants each to fail without doing anything.
func checkUnavailable(t *testing.T, ctx context.Context, b store.Backend, when string) {
	t.Helper()
	for name, call := range map[string]func() error{
		"Apply": func() error {
			_, err := b.Apply(ctx, shard, store.Batch{Do: []store.Mutation{store.Delete("d1")}})
			return err
		},
		"Get":      func() error { _, err := b.Get(ctx, shard, "d1"); return err },
		"Members":  func() error { _, _, err := b.Members(ctx, shard, "x1", "", 1); return err },
		"Due":      func() error { _, err := b.Due(ctx, "q1", forever, 1, shard); return err },
		"Read":     func() error { _, err := b.Read(ctx, shard, "l1", 0, 1); return err },
		"Counters": func() error { _, err := b.Counters(ctx, shard, "c1"); return err },
	} {
		if err := call(); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s %s: got %v, want ErrUnavailable", name, when, err)
		}
	}
}

// testPaging is about walks, also while members come and go.
func testPaging(t *testing.T, open func(t *testing.T) store.Backend) {
	for _, n := range []int{0, 1, 2, 500, 501} {
		t.Run(fmt.Sprintf("%d members", n), func(t *testing.T) {
			t.Parallel()
			b := open(t)
			want := fill(t, b, "s", n)
			for _, limit := range []int{1, 7, 500} {
				got, err := walk(t.Context(), b, shard, "x1", limit)
				if diff := cmp.Diff(want, asSet(got)); err != nil || diff != "" {
					t.Errorf("pages of %d: %v (-want +got):\n%s", limit, err, diff)
				}
			}
		})
	}
	t.Run("members that stay are seen while others come and go", func(t *testing.T) {
		t.Parallel()
		testMovingPages(t, open(t))
	})
}

// fill adds n members to an index and gives them.
func fill(t *testing.T, b store.Backend, prefix string, n int) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	var batch []store.Mutation
	for i := range n {
		member := fmt.Sprintf("%s%d", prefix, i)
		all[member] = true
		batch = append(batch, store.Add("x1", member))
		if len(batch) == store.MaxOperations || i == n-1 {
			apply(t, b, shard, batch...)
			batch = nil
		}
	}
	return all
}

// asSet forgets the order of members.
func asSet(list []string) map[string]bool {
	set := map[string]bool{}
	for _, s := range list {
		set[s] = true
	}
	return set
}

// testMovingPages walks again and again while ninety other members are added and removed as fast as it goes.
func testMovingPages(t *testing.T, b store.Backend) {
	stay := fill(t, b, "s", 300)
	ctx, cancel := context.WithCancel(t.Context())
	churned := make(chan error, 1)
	go func() {
		for i := 0; ctx.Err() == nil; i++ {
			name := fmt.Sprintf("v%d", i%90)
			m := store.Add("x1", name)
			if i/90%2 == 1 {
				m = store.Remove("x1", name)
			}
			if _, err := b.Apply(t.Context(), shard, store.Batch{Do: []store.Mutation{m}}); err != nil {
				churned <- err
				return
			}
		}
		churned <- nil
	}()
	for range 10 {
		got, err := walk(t.Context(), b, shard, "x1", 20)
		if err != nil {
			t.Error(err)
		}
		seen := asSet(got)
		for member := range stay {
			if !seen[member] {
				t.Errorf("member %q was there all the time and was not seen", member)
			}
		}
	}
	cancel()
	if err := <-churned; err != nil {
		t.Error(err)
	}
}
