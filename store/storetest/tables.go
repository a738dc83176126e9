package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// row is a case of the tables: what was there, what happens, and what is there afterwards.
type row struct {
	name  string
	given [][]store.Mutation // batches before; the last one's revision is handed to when
	when  func(last store.Rev) store.Batch
	want  func(c *contents)    // on nothing
	fails *store.ConflictError // nil when the batch is to be applied; Current -1 stands for the last revision of given
	count []int64              // values of the counters in the result
}

// do is a batch without conditions, for rows.
func do(mutations ...store.Mutation) func(store.Rev) store.Batch {
	return func(store.Rev) store.Batch { return store.Batch{Do: mutations} }
}

// given is one batch that was applied before.
func given(mutations ...store.Mutation) [][]store.Mutation { return [][]store.Mutation{mutations} }

// shard is where the tables happen; its neighbours must stay empty.
const shard store.Shard = 17

// runRows runs each row on a backend of its own.
func runRows(t *testing.T, open func(t *testing.T) store.Backend, rows []row) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			r.run(t, open(t))
		})
	}
}

// run plays a row and compares all that can be seen, in neighbouring shards too: what a batch must not touch is most of the
// contract.
func (r row) run(t *testing.T, b store.Backend) {
	var last store.Rev
	for _, batch := range r.given {
		rev := apply(t, b, shard, batch...).Rev
		if rev <= last {
			t.Errorf("revision %d after %d", rev, last)
		}
		last = rev
	}
	result, err := b.Apply(t.Context(), shard, r.when(last))
	r.checkError(t, err, last)
	if err == nil && result.Rev <= last {
		t.Errorf("revision %d after %d", result.Rev, last)
	}
	if diff := cmp.Diff(r.count, result.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	want := newContents()
	if r.want != nil {
		r.want(&want)
	}
	if diff := cmp.Diff(want, read(t, b, shard)); diff != "" {
		t.Errorf("contents (-want +got):\n%s", diff)
	}
	for _, other := range []store.Shard{16, 18, store.Global} {
		if diff := cmp.Diff(newContents(), read(t, b, other)); diff != "" {
			t.Errorf("contents of shard %d (-want +got):\n%s", other, diff)
		}
	}
}

// checkError compares the conflict to the number of the condition and the revision found.
func (r row) checkError(t *testing.T, err error, last store.Rev) {
	t.Helper()
	if r.fails == nil {
		if err != nil {
			t.Fatalf("apply: %v", err)
		}
		return
	}
	want := *r.fails
	if want.Current == -1 {
		want.Current = last
	}
	var got *store.ConflictError
	if !errors.As(err, &got) || !errors.Is(err, store.ErrConflict) {
		t.Fatalf("apply: got %v, want a conflict", err)
	}
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Errorf("conflict (-want +got):\n%s", diff)
	}
}

// testDocuments is about Put, Delete and the conditions on revisions.
func testDocuments(t *testing.T, open func(t *testing.T) store.Backend) {
	odd := "a b\x00\xff\n%s{}"
	full := strings.Repeat("x", store.MaxValue)
	is := func(key, value string) func(*contents) { return func(c *contents) { c.Docs[key] = value } }
	old := given(store.Put("d1", []byte("old"), 0))
	write := func(cond store.Condition) store.Batch {
		return store.Batch{If: []store.Condition{cond}, Do: []store.Mutation{store.Put("d1", []byte("new"), 0)}}
	}
	runRows(t, open, []row{
		{"what is put can be read", nil, do(store.Put("d1", []byte("v"), 0)), is("d1", "v"), nil, nil},
		{"an empty document is one", nil, do(store.Put("d1", nil, 0)), is("d1", ""), nil, nil},
		{"any bytes may stand in a document", nil, do(store.Put("d1", []byte(odd), 0)), is("d1", odd), nil, nil},
		{"the largest document fits", nil, do(store.Put("d1", []byte(full), 0)), is("d1", full), nil, nil},
		{"names may hold blanks", nil, do(store.Put("d 3", []byte("v"), 0)), is("d 3", "v"), nil, nil},
		{"names may hold any letters", nil, do(store.Put("п4", []byte("v"), 0)), is("п4", "v"), nil, nil},
		{"the later put counts", old, do(store.Put("d1", []byte("new"), 0)), is("d1", "new"), nil, nil},
		{"what is deleted is gone", old, do(store.Delete("d1")), nil, nil, nil},
		{"what is not there can be deleted", nil, do(store.Delete("d1")), nil, nil, nil},
		{"absent holds for what was never there", nil, func(store.Rev) store.Batch { return write(store.Absent("d1")) }, is("d1", "new"), nil, nil},
		{"absent does not hold for what is there", old, func(store.Rev) store.Batch { return write(store.Absent("d1")) },
			is("d1", "old"), &store.ConflictError{Index: 0, Current: -1}, nil},
		{"the right revision is let through", old, func(r store.Rev) store.Batch { return write(store.RevIs("d1", r)) }, is("d1", "new"), nil, nil},
		{"a wrong revision is not", old, func(r store.Rev) store.Batch { return write(store.RevIs("d1", r-1)) },
			is("d1", "old"), &store.ConflictError{Index: 0, Current: -1}, nil},
		{"what is gone has no revision", append(old, []store.Mutation{store.Delete("d1")}), func(r store.Rev) store.Batch { return write(store.RevIs("d1", r)) },
			nil, &store.ConflictError{Index: 0}, nil},
		{"what was made anew has a new revision", append(old, []store.Mutation{store.Delete("d1")}, []store.Mutation{store.Put("d1", []byte("old"), 0)}),
			func(r store.Rev) store.Batch { return write(store.RevIs("d1", r)) }, is("d1", "new"), nil, nil},
		{"one condition that fails refuses the whole batch", old, func(r store.Rev) store.Batch {
			return store.Batch{
				If: []store.Condition{store.RevIs("d1", r), store.Absent("d2"), store.Absent("d1"), store.RevIs("d2", 7)},
				Do: []store.Mutation{store.Put("d2", nil, 0), store.Add("x1", "m"), store.Schedule("q1", "i", forever), store.Incr("c1", 1, 0), store.Append("l1", nil)},
			}
		}, is("d1", "old"), &store.ConflictError{Index: 2, Current: -1}, nil},
		{"a batch may be a mere check", old, func(r store.Rev) store.Batch { return store.Batch{If: []store.Condition{store.RevIs("d1", r)}} }, is("d1", "old"), nil, nil},
	})
}

// testIndexes is about Add and Remove; walks are in testPaging.
func testIndexes(t *testing.T, open func(t *testing.T) store.Backend) {
	is := func(members ...string) func(*contents) { return func(c *contents) { c.Members["x1"] = members } }
	one := given(store.Add("x1", "a"))
	runRows(t, open, []row{
		{"who is added is a member", nil, do(store.Add("x1", "b"), store.Add("x1", "a")), is("a", "b"), nil, nil},
		{"who is added twice is one member", one, do(store.Add("x1", "a")), is("a"), nil, nil},
		{"who is removed is none", given(store.Add("x1", "a"), store.Add("x1", "b")), do(store.Remove("x1", "a")), is("b"), nil, nil},
		{"the last one may leave", one, do(store.Remove("x1", "a")), nil, nil, nil},
		{"who is not there may leave", one, do(store.Remove("x1", "b")), is("a"), nil, nil},
		{"who left may come back", append(one, []store.Mutation{store.Remove("x1", "a")}), do(store.Add("x1", "a")), is("a"), nil, nil},
		{"indexes do not mix", nil, do(store.Add("x1", "a"), store.Add("x1:00", "b"), store.Add("x2", "c")), func(c *contents) {
			c.Members = map[string][]string{"x1": {"a"}, "x1:00": {"b"}, "x2": {"c"}}
		}, nil, nil},
		{"members may look like numbers, places and wildcards", nil, do(store.Add("x1", "-1"), store.Add("x1", "00:a"), store.Add("x1", "[*"), store.Add("x1", "ё я")),
			is("-1", "00:a", "[*", "ё я"), nil, nil},
	})
}

// testQueues is about Schedule and Unschedule; reading many shards is in testDue.
func testQueues(t *testing.T, open func(t *testing.T) store.Backend) {
	at := func(ms int64) time.Time { return time.UnixMilli(ms) }
	is := func(lines ...string) func(*contents) { return func(c *contents) { c.Due["q1"] = lines } }
	one := given(store.Schedule("q1", "a", at(5000)))
	runRows(t, open, []row{
		{"what is scheduled comes by time, then by id", nil,
			do(store.Schedule("q1", "c", at(9)), store.Schedule("q1", "b", at(10)), store.Schedule("q1", "a", at(10)), store.Schedule("q1", "d", at(1000))),
			is("9 c", "10 a", "10 b", "1000 d"), nil, nil},
		{"it can be put off", one, do(store.Schedule("q1", "a", at(6000))), is("6000 a"), nil, nil},
		{"it can be brought forward", one, do(store.Schedule("q1", "a", at(4000))), is("4000 a"), nil, nil},
		{"it can be taken out", one, do(store.Unschedule("q1", "a")), nil, nil, nil},
		{"what is not there can be taken out", one, do(store.Unschedule("q1", "b")), is("5000 a"), nil, nil},
		{"parts of a millisecond are dropped", nil, do(store.Schedule("q1", "a", at(7).Add(999*time.Microsecond))), is("7 a"), nil, nil},
		{"the zone does not matter", nil, do(store.Schedule("q1", "a", at(7).In(time.FixedZone("", 18000)))), is("7 a"), nil, nil},
		{"far times are exact", nil, do(store.Schedule("q1", "a", at(200000000000001)), store.Schedule("q1", "b", at(0))),
			is("0 b", "200000000000001 a"), nil, nil},
		{"queues do not mix", one, do(store.Unschedule("q2", "a"), store.Schedule("q2", "b", at(1))), func(c *contents) {
			c.Due["q1"], c.Due["q2"] = []string{"5000 a"}, []string{"1 b"}
		}, nil, nil},
	})
}

// testCounters is about Incr and the values in a batch's result.
func testCounters(t *testing.T, open func(t *testing.T) store.Backend) {
	is := func(n int64) func(*contents) { return func(c *contents) { c.Counts["c1"] = n } }
	runRows(t, open, []row{
		{"a counter begins at nothing", nil, do(store.Incr("c1", 3, 0)), is(3), nil, []int64{3}},
		{"it goes on", given(store.Incr("c1", 3, 0)), do(store.Incr("c1", 4, 0)), is(7), nil, []int64{7}},
		{"it goes below nothing", given(store.Incr("c1", 3, 0)), do(store.Incr("c1", -5, 0)), is(-2), nil, []int64{-2}},
		{"large numbers are exact", given(store.Incr("c1", store.MaxCount-1, 0)), do(store.Incr("c1", 1, 0)), is(store.MaxCount), nil, []int64{store.MaxCount}},
		{"values come in the order of the batch", given(store.Incr("c1", 1, 0)), do(store.Incr("c2", 5, 0), store.Incr("c1", 1, 0)), func(c *contents) {
			c.Counts["c1"], c.Counts["c2"] = 2, 5
		}, nil, []int64{5, 2}},
	})
}

// testLogs is about Append and Trim.
func testLogs(t *testing.T, open func(t *testing.T) store.Backend) {
	is := func(lines ...string) func(*contents) { return func(c *contents) { c.Logs["l1"] = lines } }
	app := func(s string) store.Mutation { return store.Append("l1", []byte(s)) }
	two := [][]store.Mutation{{app("z")}, {app("a b")}}
	runRows(t, open, []row{
		{"records come as they were appended", two, do(app("")), is("z", "a b", ""), nil, nil},
		{"equal records are kept apart", two, do(app("z")), is("z", "a b", "z"), nil, nil},
		{"what is older than a revision can be cut off", two, func(r store.Rev) store.Batch { return store.Batch{Do: []store.Mutation{store.Trim("l1", r)}} }, is("a b"), nil, nil},
		{"cutting at nothing cuts nothing", two, do(store.Trim("l1", 0)), is("z", "a b"), nil, nil},
		{"a log may be appended to and cut at once", two, func(r store.Rev) store.Batch {
			return store.Batch{Do: []store.Mutation{app("c"), store.Trim("l1", r+1)}}
		}, is("c"), nil, nil},
		{"logs do not mix", two, do(store.Append("l2", []byte("x")), store.Trim("l2", 0)), func(c *contents) {
			c.Logs["l1"], c.Logs["l2"] = []string{"z", "a b"}, []string{"x"}
		}, nil, nil},
	})
}

// testLeases is about Acquire, Renew, Release and Holds; leases that run out are in testEndings.
func testLeases(t *testing.T, open func(t *testing.T) store.Backend) {
	const ttl = time.Hour
	held := given(store.Acquire("e1", "me", ttl))
	mark := store.Put("d1", nil, 0)
	done := func(c *contents) { c.Docs["d1"] = "" }
	mine := func(m func(store.Rev) store.Mutation) func(store.Rev) store.Batch {
		return func(r store.Rev) store.Batch { return store.Batch{Do: []store.Mutation{mark, m(r)}} }
	}
	runRows(t, open, []row{
		{"a free lease can be taken", nil, do(mark, store.Acquire("e1", "me", ttl)), done, nil, nil},
		{"a lease is taken by one", held, do(mark, store.Acquire("e1", "you", ttl)), nil, &store.ConflictError{Index: 1, Current: -1}, nil},
		{"its holder cannot take it again either", held, do(mark, store.Acquire("e1", "me", ttl)), nil, &store.ConflictError{Index: 1, Current: -1}, nil},
		{"leases do not mix", held, do(mark, store.Acquire("e2", "you", ttl)), done, nil, nil},
		{"its holder can renew it", held, mine(func(r store.Rev) store.Mutation { return store.Renew("e1", r, ttl) }), done, nil, nil},
		{"another token cannot", held, mine(func(r store.Rev) store.Mutation { return store.Renew("e1", r+1, ttl) }), nil, &store.ConflictError{Index: 1, Current: -1}, nil},
		{"what nobody holds cannot be renewed", nil, do(mark, store.Renew("e1", 5, ttl)), nil, &store.ConflictError{Index: 1}, nil},
		{"holds lets the holder through", held, func(r store.Rev) store.Batch {
			return store.Batch{If: []store.Condition{store.Holds("e1", r)}, Do: []store.Mutation{mark}}
		}, done, nil, nil},
		{"holds stops another token", held, func(r store.Rev) store.Batch {
			return store.Batch{If: []store.Condition{store.Absent("d2"), store.Holds("e1", r-1)}, Do: []store.Mutation{mark}}
		}, nil, &store.ConflictError{Index: 1, Current: -1}, nil},
		{"holds stops whoever holds nothing", nil, func(store.Rev) store.Batch {
			return store.Batch{If: []store.Condition{store.Holds("e1", 5)}, Do: []store.Mutation{mark}}
		}, nil, &store.ConflictError{Index: 0}, nil},
		{"conditions come before leases", held, func(r store.Rev) store.Batch {
			return store.Batch{If: []store.Condition{store.RevIs("d2", r)}, Do: []store.Mutation{store.Acquire("e1", "you", ttl)}}
		}, nil, &store.ConflictError{Index: 0}, nil},
	})
	t.Run("a lease that was given up goes to the next with a higher token", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		first := apply(t, b, shard, store.Acquire("e1", "me", ttl)).Rev
		apply(t, b, shard, store.Release("e1", first+1)) // another token: does nothing
		if _, err := b.Apply(t.Context(), shard, store.Batch{Do: []store.Mutation{store.Acquire("e1", "you", ttl)}}); !errors.Is(err, store.ErrConflict) {
			t.Errorf("taking what was not given up: got %v, want a conflict", err)
		}
		apply(t, b, shard, store.Release("e1", first))
		if second := apply(t, b, shard, store.Acquire("e1", "you", ttl)).Rev; second <= first {
			t.Errorf("token %d after %d", second, first)
		}
	})
}
