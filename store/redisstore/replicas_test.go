package redisstore

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"recbot/store"
	"recbot/store/storetest"
)

func TestBatchesWaitForReplicas(t *testing.T) {
	t.Parallel()
	servers := storetest.StartSentinel(t)
	var out bytes.Buffer
	d := opened(t, servers.URL(), Options{Mode: Sentinel, Replicas: 1})
	d.warn = newSeldom(slog.New(slog.NewTextHandler(&out, nil))) // of its own: the client speaks from other goroutines
	for i := range 20 {
		if _, err := d.Apply(t.Context(), 1, put("d", fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(servers.Replica.Do("GET", "rb:{s1}d:d")); !strings.HasSuffix(got, fmt.Sprintf(" %d", i)) {
			t.Errorf("batch %d is done and the replica has %q", i, got)
		}
	}
	if n := d.Unreplicated(); n != 0 {
		t.Errorf("%d batches waited in vain for a replica that keeps up", n)
	}
	servers.Replica.Pause()
	defer servers.Replica.Resume()
	for i := range 3 {
		if _, err := d.Apply(t.Context(), 1, put("d", "alone")); err != nil {
			t.Fatalf("batch %d without the replica: %v", i, err)
		}
	}
	if n := d.Unreplicated(); n != 3 {
		t.Errorf("%d batches are said to have waited in vain, want 3", n)
	}
	if n := strings.Count(out.String(), "a batch was not replicated"); n != 1 {
		t.Errorf("told %d times, want once:\n%s", n, out.String())
	}
	if got := value(t, d, "d"); got != "alone" {
		t.Errorf("got %q, want what was written without the replica", got)
	}
}

// What WAIT answers changes nothing of what became of the batch.
func TestWaitingIsNoCondition(t *testing.T) {
	t.Parallel()
	const conflict = "*3\r\n$2\r\nno\r\n:0\r\n$1\r\n5"
	for _, tc := range []struct {
		name     string
		replicas int
		answers  []string // to the batch, then to WAIT
		fails    bool
		asked    int32
		vain     uint64
	}{
		{"nobody is waited for unless asked", 0, []string{done}, false, 1, 0},
		{"as many as asked for", 2, []string{done, ":2"}, false, 2, 0},
		{"more", 2, []string{done, ":3"}, false, 2, 0},
		{"too few", 2, []string{done, ":1"}, false, 2, 1},
		{"the user may not wait", 1, []string{done, "-NOPERM this user has no permissions to run the 'wait' command"}, false, 2, 1},
		{"the server dies over it", 1, []string{done, ""}, false, 2, 1},
		{"a refused batch has nothing to wait for", 1, []string{conflict}, true, 1, 0},
		{"a batch that is found applied waits too", 1, []string{"", done, ":1"}, false, 3, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			url, asked := fakeCluster(t, tc.answers...)
			d := opened(t, url, Options{Mode: Cluster, Replicas: tc.replicas})
			if _, err := d.Apply(t.Context(), 1, put("d", "v")); (err != nil) != tc.fails {
				t.Errorf("apply: %v", err)
			}
			if got := asked.Load(); got != tc.asked {
				t.Errorf("the server was asked %d times, want %d", got, tc.asked)
			}
			if got := d.Unreplicated(); got != tc.vain {
				t.Errorf("%d batches waited in vain, want %d", got, tc.vain)
			}
		})
	}
}

func TestTooFewReplicasAreTold(t *testing.T) {
	t.Parallel()
	info := store.Info{}
	nodes{
		{addr: "a:1", facts: facts{"role": "master", "connected_slaves": "1"}},
		{addr: "b:1", facts: facts{"role": "master", "connected_slaves": "2"}},
		{addr: "c:1", facts: facts{"role": "slave", "connected_slaves": "0"}},
	}.tellWait(2, &info)
	if want := "a:1: 1 replicas are connected, and REDIS_WAIT asks for 2: batches wait in vain"; len(info.Warnings) != 1 || info.Warnings[0] != want {
		t.Errorf("got %q, want %q", info.Warnings, want)
	}
	if _, err := Open("redis://127.0.0.1:1", Options{Replicas: -1}); err == nil {
		t.Error("a negative number of replicas is not refused")
	}
}
