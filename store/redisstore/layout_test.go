package redisstore

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
	"recbot/store/storetest"
)

// hashTag is what a cluster takes the slot from.
func hashTag(key string) string {
	_, rest, _ := strings.Cut(key, "{")
	tag, _, _ := strings.Cut(rest, "}")
	return tag
}

func TestEveryKeyOfABatchSharesOneTag(t *testing.T) {
	t.Parallel()
	for _, s := range []store.Shard{0, 17, 63, store.Global} {
		for i, b := range storetest.RandomBatches(uint64(s), 500) {
			l := layout(DefaultPrefix)
			c := l.encode(s, b, l.key(s, "i", "op"), time.Minute)
			if len(c.types) != len(c.keys)-2 {
				t.Fatalf("batch %d: %d types for %d keys", i, len(c.types), len(c.keys))
			}
			for _, key := range c.keys {
				if want := strings.Trim(tag(s), "{}"); hashTag(key) != want {
					t.Errorf("batch %d of shard %d: key %q has tag %q, want %q", i, s, key, hashTag(key), want)
				}
			}
		}
	}
}

// Where a member stands must never change: it would be added again elsewhere, and never be removed.
func TestBucketsAreForEver(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	for _, member := range []string{"1", "2", "100000001", "777000", "-1001234567890", "wg-b", "ё"} {
		got[member] = bucketOf(member)
	}
	want := map[string]string{
		"1": "f5", "2": "8d", "100000001": "ca", "777000": "e6", "-1001234567890": "00", "wg-b": "da", "ё": "97",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("buckets (-want +got):\n%s", diff)
	}
}

// The members of one shard are those whose hash begins alike; a bucket that looked at the same bits would be the only one.
func TestMembersOfOneShardUseAllBuckets(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	members := 0
	for id := range int64(2_000_000) {
		if store.ShardOf(store.ChatID(id)) == 17 {
			counts[bucketOf(fmt.Sprint(id))]++
			members++
		}
	}
	if len(counts) != buckets {
		t.Errorf("%d of %d buckets are used", len(counts), buckets)
	}
	for b, n := range counts {
		if mean := members / buckets; n > 2*mean || n < mean/2 {
			t.Errorf("bucket %s has %d members, the mean is %d", b, n, mean)
		}
	}
}

func TestLayoutCanBeReadWithRedisCLI(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	d := opened(t, server.URL(), Options{})
	result, err := d.Apply(t.Context(), 17, store.Batch{Op: "op", Do: []store.Mutation{
		store.Put("person:1", []byte(`{"id":1}`), time.Hour), store.Add("topic:rec", "1"), store.Schedule("letters", "1", time.UnixMilli(1700)),
		store.Incr("seen", 3, 0), store.Append("audit", []byte("x")), store.Acquire("leader", "me", time.Hour),
	}})
	if err != nil {
		t.Fatal(err)
	}
	rev := fmt.Sprint(result.Rev)
	bucket := "rb:{s17}x" + bucketOf("1") + ":topic:rec"
	for _, tc := range []struct {
		args []string
		want any
	}{
		{[]string{"GET", "rb:{s17}d:person:1"}, rev + ` {"id":1}`},
		{[]string{"HGETALL", "rb:{s17}x:topic:rec"}, []any{bucketOf("1"), "1"}},
		{[]string{"ZRANGE", bucket, "0", "-1"}, []any{"1"}},
		{[]string{"ZRANGE", "rb:{s17}q:letters", "0", "-1", "WITHSCORES"}, []any{"1", "1700"}},
		{[]string{"GET", "rb:{s17}c:seen"}, "3"},
		{[]string{"ZRANGE", "rb:{s17}l:audit", "0", "-1", "WITHSCORES"}, []any{rev + " x", rev}},
		{[]string{"GET", "rb:{s17}e:leader"}, rev + " me"},
		{[]string{"GET", "rb:{s17}i:op"}, "[" + rev + ",3]"},
		{[]string{"GET", "rb:{s17}seq"}, rev},
		{[]string{"DBSIZE"}, int64(9)},
	} {
		if diff := cmp.Diff(tc.want, server.Do(tc.args...)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tc.args, diff)
		}
	}
}

func TestIndexesStaySmallAndCheap(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	d := opened(t, server.URL(), Options{})
	var batch []store.Mutation
	for id := 0; len(batch) < 250; id++ {
		batch = append(batch, store.Add("topic:rec", fmt.Sprint(id)))
	}
	if _, err := d.Apply(t.Context(), 17, store.Batch{Do: batch}); err != nil {
		t.Fatal(err)
	}
	bucket := "rb:{s17}x" + bucketOf("1") + ":topic:rec"
	if got := server.Do("OBJECT", "ENCODING", bucket); got != "listpack" {
		t.Errorf("a bucket is kept as %v, want listpack", got)
	}
	if got := commands(server, func() { mustMembers(t, d, "nobody", 500) }); got != 1 {
		t.Errorf("an empty index costs %d commands, want 1", got)
	}
	if got := commands(server, func() { mustMembers(t, d, "topic:rec", 20) }); got > 22 {
		t.Errorf("a page of 20 costs %d commands, want no more than it has members and two", got)
	}
	for i := range batch {
		batch[i] = store.Remove("topic:rec", batch[i].Member)
	}
	if _, err := d.Apply(t.Context(), 17, store.Batch{Do: batch}); err != nil {
		t.Fatal(err)
	}
	left, _ := server.Do("KEYS", "rb:{s17}x*").([]any)
	if len(left) != 0 {
		t.Errorf("of an index that was emptied remain %v", left)
	}
}

func mustMembers(t *testing.T, d *DB, index string, limit int) {
	t.Helper()
	if _, _, err := d.Members(t.Context(), 17, index, "", limit); err != nil {
		t.Errorf("members: %v", err)
	}
}

// commands counts what the server is asked while run runs.
func commands(server *storetest.Server, run func()) int {
	server.Do("CONFIG", "RESETSTAT")
	run()
	stats, _ := server.Do("INFO", "commandstats").(string)
	total := 0
	for line := range strings.Lines(stats) {
		name, rest, ok := strings.Cut(line, ":calls=")
		if !ok || slices.Contains([]string{"cmdstat_config|resetstat", "cmdstat_info", "cmdstat_hello"}, name) {
			continue
		}
		var n int
		if _, err := fmt.Sscan(strings.SplitN(rest, ",", 2)[0], &n); err == nil {
			total += n
		}
	}
	return total
}

func TestCursorsOfElsewhereAreRefused(t *testing.T) {
	t.Parallel()
	d := opened(t, "redis://127.0.0.1:1", Options{})
	for _, c := range []store.Cursor{"x", "12", "12:", "123:a"} {
		if _, _, err := d.Members(t.Context(), 1, "i", c, 1); err == nil || !strings.Contains(err.Error(), "cursor") {
			t.Errorf("cursor %q: got %v, want a refusal", c, err)
		}
	}
}
