package redisstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
	"recbot/store/storetest"
)

// patience only ends a test that hangs.
const patience = 20 * time.Second

func put(key, value string) store.Batch {
	return store.Batch{Do: []store.Mutation{store.Put(key, []byte(value), 0)}}
}

// value reads a document; "" for none.
func value(t *testing.T, d *DB, key string) string {
	t.Helper()
	docs, err := d.Get(t.Context(), 1, key)
	if err != nil {
		t.Fatalf("reading %q: %v", key, err)
	}
	return string(docs[0].Value)
}

// eventually tries until it works.
func eventually(t *testing.T, try func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		err := try()
		if err == nil {
			return
		}
		if !wait(ctx, 5*time.Millisecond) {
			t.Fatalf("not after %s: %v", patience, err)
		}
	}
}

func TestAnswersOfTheServer(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name        string
		answer      string
		write, read error
	}{
		{"a server that still reads its file", "-LOADING Redis is loading the dataset in memory", store.ErrUnavailable, store.ErrUnavailable},
		{"a replica", "-READONLY You can't write against a read only replica.", store.ErrUnavailable, store.ErrUnavailable},
		{"a cluster without all its slots", "-CLUSTERDOWN The cluster is down", store.ErrUnavailable, store.ErrUnavailable},
		{"a slot that moves", "-TRYAGAIN Multiple keys request during rehashing of slot", store.ErrUnavailable, store.ErrUnavailable},
		{"a server whose disk is full", "-MISCONF Errors writing to the AOF file: No space left on device", store.ErrFull, store.ErrUnavailable},
		{"a server that cannot save", "-MISCONF Errors writing to the AOF file: Input/output error", store.ErrUnavailable, store.ErrUnavailable},
		{"a server without its replicas", "-NOREPLICAS Not enough good replicas to write.", store.ErrUnavailable, store.ErrUnavailable},
		{"a server that asks for a password", "-NOAUTH Authentication required.", store.ErrUnavailable, store.ErrUnavailable},
		{"a server without memory", "-OOM command not allowed when used memory > 'maxmemory'.", store.ErrFull, store.ErrUnavailable},
		{"a key of another type", "-WRONGTYPE Operation against a key holding the wrong kind of value", store.ErrCorrupt, store.ErrCorrupt},
		{"an answer nobody foresaw", "-ERR something else", store.ErrUnknown, store.ErrUnavailable},
		{"another answer than the script gives", "*1\r\n$5\r\nhello", store.ErrCorrupt, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := opened(t, fake(t, func(string) string { return tc.answer }), Options{})
			if _, err := d.Apply(t.Context(), 1, put("d", "v")); !errors.Is(err, tc.write) {
				t.Errorf("Apply: got %v, want %v", err, tc.write)
			}
			if tc.read == nil {
				return
			}
			if _, err := d.Get(t.Context(), 1, "d"); !errors.Is(err, tc.read) {
				t.Errorf("Get: got %v, want %v", err, tc.read)
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	d := opened(t, "redis://127.0.0.1:1", Options{})
	if _, err := d.Apply(t.Context(), 1, put("d", "v")); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Apply: got %v, want ErrUnavailable", err)
	}
	if _, err := d.Info(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Info: got %v, want ErrUnavailable", err)
	}
}

func TestServerThatFallsSilent(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		answer func(command string) string
		want   error
	}{
		{"after it got the batch", func(string) string { return "..." }, store.ErrUnknown},
		{"by hanging up on it, each time", func(string) string { return "" }, store.ErrUnknown},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := opened(t, fake(t, tc.answer), Options{})
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if _, err := d.Apply(ctx, 1, put("d", "v")); !errors.Is(err, tc.want) || errors.Is(err, store.ErrUnavailable) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
			if _, err := d.Get(ctx, 1, "d"); !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("Get: got %v, want ErrUnavailable", err)
			}
		})
	}
}

func TestLostAnswersCountOnce(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	var replies atomic.Int64
	d := opened(t, lossy(t, server.Addr(), func(reply []byte) bool {
		return bytes.Contains(reply, []byte("\r\nok\r\n")) && replies.Add(1)%5 == 0 || bytes.HasPrefix(reply, []byte("*2\r\n$2\r\nok")) && replies.Load()%5 == 0
	}), Options{})
	const each, callers = 50, 4
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for range each {
				_, err := d.Apply(t.Context(), 1, store.Batch{Do: []store.Mutation{store.Incr("c", 1, 0), store.Append("l", nil)}})
				if err != nil {
					t.Errorf("apply: %v", err)
				}
			}
		})
	}
	all.Wait()
	if replies.Load() < each*callers {
		t.Fatalf("the proxy saw %d answers only", replies.Load())
	}
	direct := opened(t, server.URL(), Options{})
	counts, err := direct.Counters(t.Context(), 1, "c")
	if diff := cmp.Diff([]int64{each * callers}, counts); err != nil || diff != "" {
		t.Errorf("counter: %v (-want +got):\n%s", err, diff)
	}
	records, err := direct.Read(t.Context(), 1, "l", 0, 2*each*callers)
	if err != nil || len(records) != each*callers {
		t.Errorf("log: %d records, %v, want %d", len(records), err, each*callers)
	}
}

func TestScriptsAreFlushed(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	d := opened(t, server.URL(), Options{})
	for _, v := range []string{"a", "b"} {
		if _, err := d.Apply(t.Context(), 1, put("d", v)); err != nil {
			t.Fatal(err)
		}
		if got := value(t, d, "d"); got != v {
			t.Errorf("got %q, want %q", got, v)
		}
		server.Do("SCRIPT", "FLUSH")
	}
}

func TestServerIsRestarted(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t, "--appendfsync", "always")
	d := opened(t, server.URL(), Options{})
	held, err := d.Apply(t.Context(), 1, store.Batch{Do: []store.Mutation{store.Put("d", []byte("v"), 0), store.Acquire("e", "me", time.Hour)}})
	if err != nil {
		t.Fatal(err)
	}
	server.Kill()
	if _, err := d.Apply(t.Context(), 1, put("d", "w")); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("while it is down: got %v, want ErrUnavailable", err)
	}
	if _, err := d.Get(t.Context(), 1, "d"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("while it is down: got %v, want ErrUnavailable", err)
	}
	server.Start()
	eventually(t, func() error { _, err := d.Get(t.Context(), 1, "d"); return err })
	if got := value(t, d, "d"); got != "v" {
		t.Errorf("got %q, want what was acknowledged", got)
	}
	eventually(t, func() error {
		_, err := d.Apply(t.Context(), 1, store.Batch{If: []store.Condition{store.Holds("e", held.Rev)}})
		return err
	})
}

// An outage in the middle of a batch is bridged: the caller gets the answer of the server that came back.
func TestBatchUnderWayOutlivesARestart(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t, "--appendfsync", "always")
	var once sync.Once
	d := opened(t, lossy(t, server.Addr(), func(reply []byte) (lost bool) {
		if bytes.HasPrefix(reply, []byte("*2\r\n$2\r\nok")) {
			once.Do(func() {
				lost = true
				server.Kill()
				server.Start()
			})
		}
		return lost
	}), Options{})
	result, err := d.Apply(t.Context(), 1, store.Batch{Do: []store.Mutation{store.Incr("c", 1, 0)}})
	if diff := cmp.Diff([]int64{1}, result.Counts); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// The server syncs before it answers. With everysec it may answer while a write still waits for the sync before.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t, "--appendfsync", "always")
	d := opened(t, server.URL(), Options{})
	acked := map[int]int{}
	var mu sync.Mutex
	for round := range 5 {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		total := 0
		err := storetest.Write(ctx, d, 8, func(writer, n int) {
			mu.Lock()
			defer mu.Unlock()
			acked[writer] = n
			if total++; total == 200+100*round {
				server.Kill() // its answers end here; the writers notice
				cancel()
			}
		})
		cancel()
		if err != nil && !errors.Is(err, store.ErrUnknown) && !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("round %d: %v", round, err)
		}
		server.Start()
		server.Ready()
		eventually(t, func() error { _, err := d.Get(t.Context(), 1, "d"); return err })
		storetest.CheckWritten(t, d, acked)
	}
}

func TestServerWithoutMemory(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	d := opened(t, server.URL(), Options{})
	if _, err := d.Apply(t.Context(), 1, store.Batch{Do: []store.Mutation{store.Put("d", []byte("v"), 0), store.Add("x", "m")}}); err != nil {
		t.Fatal(err)
	}
	server.Do("CONFIG", "SET", "maxmemory", "1mb")
	// The first mutation needs no memory, so the server would let that one through.
	batch := store.Batch{Do: []store.Mutation{store.Remove("x", "m"), store.Delete("d"), store.Put("e", []byte("v"), 0)}}
	if _, err := d.Apply(t.Context(), 1, batch); !errors.Is(err, store.ErrFull) {
		t.Errorf("got %v, want ErrFull", err)
	}
	members, _, err := d.Members(t.Context(), 1, "x", "", 9)
	if got := value(t, d, "d"); got != "v" || err != nil || len(members) != 1 {
		t.Errorf("half a batch was applied: document %q, members %v, %v", got, members, err)
	}
	server.Do("CONFIG", "SET", "maxmemory", "0")
	if _, err := d.Apply(t.Context(), 1, batch); err != nil {
		t.Errorf("with memory again: %v", err)
	}
}

func TestServerBecomesAReplica(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	d := opened(t, server.URL(), Options{})
	if _, err := d.Apply(t.Context(), 1, put("d", "v")); err != nil {
		t.Fatal(err)
	}
	server.Do("REPLICAOF", "127.0.0.1", "1")
	if _, err := d.Apply(t.Context(), 1, put("d", "w")); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
	if got := value(t, d, "d"); got != "v" {
		t.Errorf("got %q, want what was there", got)
	}
	server.Do("REPLICAOF", "NO", "ONE")
	if _, err := d.Apply(t.Context(), 1, put("d", "w")); err != nil {
		t.Errorf("as a master again: %v", err)
	}
}

func TestPlantedKeys(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	for i, tc := range []struct {
		name  string
		key   string // with %s for the prefix
		plant []string
		do    store.Mutation
		read  func(ctx context.Context, d *DB) error
	}{
		{"a list for a document", "d:a", []string{"RPUSH"}, store.Put("a", nil, 0), func(ctx context.Context, d *DB) error { _, err := d.Get(ctx, 1, "b", "a"); return err }},
		{"text without a revision for a document", "d:a", []string{"SET"}, store.Renew("b", 1, time.Hour), func(ctx context.Context, d *DB) error { _, err := d.Get(ctx, 1, "a"); return err }},
		{"a list for a bucket", "x" + bucketOf("m") + ":a", []string{"RPUSH"}, store.Add("a", "m"), nil},
		{"a list for the counts of an index", "x:a", []string{"RPUSH"}, store.Remove("a", "m"), func(ctx context.Context, d *DB) error { _, _, err := d.Members(ctx, 1, "a", "", 1); return err }},
		{"a string for a queue", "q:a", []string{"SET"}, store.Schedule("a", "m", time.UnixMilli(1)), func(ctx context.Context, d *DB) error {
			_, err := d.Due(ctx, "a", time.UnixMilli(9), 1, 0, 1)
			return err
		}},
		{"text for a counter", "c:a", []string{"SET"}, store.Incr("a", 1, 0), func(ctx context.Context, d *DB) error { _, err := d.Counters(ctx, 1, "a"); return err }},
		{"a list for a log", "l:a", []string{"RPUSH"}, store.Append("a", nil), func(ctx context.Context, d *DB) error { _, err := d.Read(ctx, 1, "a", 0, 1); return err }},
		{"text without a token for a lease", "e:a", []string{"SET"}, store.Acquire("a", "me", time.Hour), nil},
		{"a list for the last revision", "seq", []string{"RPUSH"}, store.Delete("a"), nil},
		{"a list for an operation id", "i:op", []string{"RPUSH"}, store.Delete("a"), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			prefix := fmt.Sprintf("p%d:", i)
			d := opened(t, server.URL(), Options{Prefix: prefix})
			server.Do(append(tc.plant, prefix+"{s1}"+tc.key, "planted")...)
			batch := store.Batch{Op: "op", If: []store.Condition{store.RevIs("z", 0)}, Do: []store.Mutation{store.Put("first", nil, 0), tc.do}}
			if strings.HasPrefix(tc.name, "text without a revision") {
				batch.If[0] = store.RevIs("a", 0)
			}
			if _, err := d.Apply(t.Context(), 1, batch); !errors.Is(err, store.ErrCorrupt) {
				t.Errorf("Apply: got %v, want ErrCorrupt", err)
			}
			if docs, err := d.Get(t.Context(), 1, "first"); err != nil || docs[0].Rev != 0 {
				t.Errorf("half a batch was applied: %v, %v", docs, err)
			}
			if tc.read == nil {
				return
			}
			if err := tc.read(t.Context(), d); !errors.Is(err, store.ErrCorrupt) {
				t.Errorf("read: got %v, want ErrCorrupt", err)
			}
		})
	}
}

// A revision ahead of the clock is what remains after a failover to a server whose clock is late.
func TestRevisionsGrowWhenTheClockGoesBack(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	d := opened(t, server.URL(), Options{})
	const ahead = 1 << 52
	server.Do("SET", "rb:{s1}seq", fmt.Sprint(ahead))
	for i := range store.Rev(3) {
		result, err := d.Apply(t.Context(), 1, put("d", "v"))
		if err != nil || result.Rev != ahead+1+i {
			t.Fatalf("got revision %d, %v, want %d", result.Rev, err, ahead+1+i)
		}
		docs, err := d.Get(t.Context(), 1, "d")
		if err != nil || docs[0].Rev != result.Rev {
			t.Fatalf("got revision %d, %v, want %d", docs[0].Rev, err, result.Rev)
		}
	}
}
