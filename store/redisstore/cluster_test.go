package redisstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
	"recbot/store/storetest"
)

// chaos skips a test that takes long, unless it is asked for.
func chaos(t *testing.T) {
	t.Helper()
	if os.Getenv("RECBOT_CHAOS") == "" {
		t.Skip("NOT RUN without RECBOT_CHAOS: this one takes a while; make chaos runs it")
	}
}

func TestContractOnACluster(t *testing.T) {
	t.Parallel()
	servers := storetest.StartCluster(t, 0)
	var n atomic.Int32
	for _, s := range servers.Masters {
		// The user that the package's documentation describes.
		setUser(s, "t", "+cluster|slots")
	}
	url := strings.Replace(servers.URL(), "//", "//recbot:"+secret+"@", 1)
	storetest.Run(t, func(t *testing.T) store.Backend {
		return opened(t, url, Options{Mode: Cluster, Prefix: fmt.Sprintf("t%d:", n.Add(1))})
	})
}

func TestContractBehindSentinels(t *testing.T) {
	t.Parallel()
	url := storetest.StartSentinel(t).URL()
	var n atomic.Int32
	storetest.Run(t, func(t *testing.T) store.Backend {
		return opened(t, url, Options{Mode: Sentinel, Prefix: fmt.Sprintf("t%d:", n.Add(1))})
	})
}

// writing is a number of writers who go on until they are stopped or meet an error, again and again.
type writing struct {
	d     *DB
	mu    sync.Mutex
	acked map[int]int
}

// run lets 8 writers write until stop gives true. It is told how many batches were acknowledged in this run, altogether and
// of the slowest writer. It gives the error that ended the run earlier, if one did.
func (w *writing) run(t *testing.T, stop func(total, least int) bool) error {
	t.Helper()
	const writers = 8
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	total, each := 0, make([]int, writers)
	err := storetest.Write(ctx, w.d, writers, func(writer, n int) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.acked[writer] = n
		total++
		each[writer]++
		if stop(total, slices.Min(each)) {
			cancel()
		}
	})
	if err != nil && !errors.Is(err, store.ErrUnknown) && !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("writing: %v", err)
	}
	return err
}

// some writes a few batches of each writer, and tries until that works without an error.
func (w *writing) some(t *testing.T) {
	t.Helper()
	eventually(t, func() error { return w.run(t, func(_, least int) bool { return least == 5 }) })
}

// loses writes and takes a server away in the middle. Who writes to it either notices, which ends the run, or does not know what
// became of a batch, and is cut off while it asks again.
func (w *writing) loses(t *testing.T, victim *storetest.Server) {
	t.Helper()
	_ = w.run(t, func(total, _ int) bool {
		if total == 100 {
			victim.Kill()
		}
		return total == 200
	})
}

func TestMasterOfAClusterIsRestarted(t *testing.T) {
	t.Parallel()
	servers := storetest.StartCluster(t, 0, "--appendfsync", "always")
	w := &writing{d: opened(t, servers.URL(), Options{Mode: Cluster}), acked: map[int]int{}}
	w.some(t)
	w.loses(t, servers.Masters[0])
	servers.Masters[0].Start()
	w.some(t)
	storetest.CheckWritten(t, w.d, w.acked)
}

// The replica has everything but the last moments, and the client finds it by itself.
func TestChaosClusterFailover(t *testing.T) {
	chaos(t)
	servers := storetest.StartCluster(t, 1, "--appendfsync", "always", "--enable-debug-command", "yes")
	w := &writing{d: opened(t, servers.URL(), Options{Mode: Cluster}), acked: map[int]int{}}
	for i, tc := range []struct {
		name string
		take func(t *testing.T, s *storetest.Server)
	}{
		{"a master is killed", w.loses},
		{"a master hangs, and comes back when it has been replaced", func(t *testing.T, s *storetest.Server) {
			awake := make(chan error, 1)
			go func() { _, err := s.Try("DEBUG", "SLEEP", "6"); awake <- err }()
			_ = w.run(t, func(int, int) bool { return len(awake) > 0 }) // an error is as good as the end
			if err := <-awake; err != nil {
				t.Errorf("sleeping: %v", err)
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w.some(t)
			began := time.Now()
			tc.take(t, servers.Masters[i])
			eventually(t, func() error { return roleOf(servers.Replicas[i], "master") })
			w.read(t)
			t.Logf("everybody can be read after %s; %d acknowledged batches are missing",
				time.Since(began).Round(100*time.Millisecond), storetest.CheckReplicated(t, w.d, w.acked))
			w.some(t)
			storetest.CheckWritten(t, w.d, w.acked)
		})
	}
}

// What a replica had confirmed survives the master; only batches that waited in vain may be missing.
func TestChaosWaitingLosesNothing(t *testing.T) {
	chaos(t)
	servers := storetest.StartCluster(t, 1, "--appendfsync", "always")
	w := &writing{d: opened(t, servers.URL(), Options{Mode: Cluster, Replicas: 1}), acked: map[int]int{}}
	w.some(t)
	w.loses(t, servers.Masters[0])
	vain := int(w.d.Unreplicated()) // answers of the master that died over the wait
	eventually(t, func() error { return roleOf(servers.Replicas[0], "master") })
	w.read(t)
	lost := storetest.CheckReplicated(t, w.d, w.acked)
	t.Logf("%d batches waited in vain, %d are missing", vain, lost)
	if lost > vain {
		t.Errorf("%d batches are missing, and only %d of them waited in vain", lost, vain)
	}
	w.some(t)
	storetest.CheckWritten(t, w.d, w.acked)
}

// read tries until every shard can be read.
func (w *writing) read(t *testing.T) {
	t.Helper()
	eventually(t, func() error {
		_, err := w.d.Due(t.Context(), "none", time.UnixMilli(1), 1, everyShard()...)
		return err
	})
}

func everyShard() (all []store.Shard) {
	for s := range store.Global + 1 {
		all = append(all, s)
	}
	return all
}

// roleOf is an error unless a server has a role.
func roleOf(s *storetest.Server, want string) error {
	reply, err := s.Try("ROLE")
	if role, ok := reply.([]any); err != nil || !ok || role[0] != want {
		return fmt.Errorf("role is %v, %v, want %s", reply, err, want)
	}
	return nil
}

func TestSentinelFailover(t *testing.T) {
	t.Parallel()
	failOver(t, storetest.StartSentinel(t, "--appendfsync", "always"))
}

// failOver kills the master under writers and sees them go on with the replica.
func failOver(t *testing.T, servers *storetest.Watched) *writing {
	w := &writing{d: opened(t, servers.URL(), Options{Mode: Sentinel}), acked: map[int]int{}}
	w.some(t)
	began := time.Now()
	w.loses(t, servers.Master)
	w.read(t)
	t.Logf("everybody can be read after %s; %d acknowledged batches are missing",
		time.Since(began).Round(100*time.Millisecond), storetest.CheckReplicated(t, w.d, w.acked))
	w.some(t)
	storetest.CheckWritten(t, w.d, w.acked)
	return w
}

// The old master comes back as one and knows nothing of what happened meanwhile, until the sentinels tell it.
func TestChaosOldMasterReturns(t *testing.T) {
	chaos(t)
	servers := storetest.StartSentinel(t, "--appendfsync", "always")
	w := failOver(t, servers)
	servers.Master.Start()
	servers.Master.Ready()
	w.some(t)
	eventually(t, func() error { return roleOf(servers.Master, "slave") })
	w.some(t)
	storetest.CheckWritten(t, w.d, w.acked)
}

// A slot moves to another master while eight writers write and readers read, one of them to and from it. Nobody notices.
func TestSlotMoves(t *testing.T) {
	t.Parallel()
	servers := storetest.StartCluster(t, 0)
	w := &writing{d: opened(t, servers.URL(), Options{Mode: Cluster}), acked: map[int]int{}}
	reader := opened(t, servers.URL(), Options{Mode: Cluster})
	w.some(t)
	moved := make(chan error, 1)
	go func() { moved <- errors.Join(moveSlot(servers, "rb:{s0}seq"), moveSlot(servers, "rb:{s7}seq")) }() // of the first two writers
	err := w.run(t, func(int, int) bool {
		if _, err := reader.Due(t.Context(), "queue", time.UnixMilli(1<<40), 1, 0, 7, 14); err != nil {
			t.Errorf("reading: %v", err)
		}
		return len(moved) > 0
	})
	if err := <-moved; err != nil {
		t.Fatalf("moving: %v", err)
	}
	if err != nil {
		t.Errorf("writing: %v", err)
	}
	w.some(t)
	storetest.CheckWritten(t, w.d, w.acked)
}

// moveSlot moves the slot of a key to the next master, a few keys at a time, as redis-cli does.
func moveSlot(servers *storetest.Servers, key string) error {
	var failed error
	do := func(s *storetest.Server, args ...string) any {
		reply, err := s.Try(args...)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%q: %w", args, err))
		}
		return reply
	}
	n, _ := do(servers.Masters[0], "CLUSTER", "KEYSLOT", key).(int64)
	slot, owner := strconv.FormatInt(n, 10), slices.IndexFunc(servers.Masters, func(s *storetest.Server) bool {
		there, _ := do(s, "CLUSTER", "COUNTKEYSINSLOT", strconv.FormatInt(n, 10)).(int64)
		return there > 0
	})
	if owner < 0 {
		return errors.Join(failed, fmt.Errorf("nobody has %q", key))
	}
	from, to := servers.Masters[owner], servers.Masters[(owner+1)%len(servers.Masters)]
	fromID, toID := fmt.Sprint(do(from, "CLUSTER", "MYID")), fmt.Sprint(do(to, "CLUSTER", "MYID"))
	do(to, "CLUSTER", "SETSLOT", slot, "IMPORTING", fromID)
	do(from, "CLUSTER", "SETSLOT", slot, "MIGRATING", toID)
	for failed == nil {
		keys, _ := do(from, "CLUSTER", "GETKEYSINSLOT", slot, "5").([]any)
		if len(keys) == 0 {
			break
		}
		migrate := []string{"MIGRATE", "127.0.0.1", to.Port(), "", "0", "5000", "KEYS"}
		for _, k := range keys {
			migrate = append(migrate, fmt.Sprint(k))
		}
		do(from, migrate...)
	}
	do(to, "CLUSTER", "SETSLOT", slot, "NODE", toID)
	do(from, "CLUSTER", "SETSLOT", slot, "NODE", toID)
	return failed
}

func TestInfoOfACluster(t *testing.T) {
	t.Parallel()
	servers := storetest.StartCluster(t, 0, "--appendfsync", "always")
	d := opened(t, servers.URL(), Options{Mode: Cluster})
	info, err := d.Info(t.Context())
	hosts := strings.TrimPrefix(servers.URL(), "redis://")
	if err != nil || info.Kind != "redis cluster" || info.Place != hosts+" (3 of 3 nodes up, 0 of them replicas)" || info.Warnings != nil ||
		strings.Contains(info.Version, ",") || info.Durable != "every acknowledged write is on disk" {
		t.Errorf("as it should be: got %+v, %v", info, err)
	}
	servers.Masters[0].Do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
	servers.Masters[1].Do("CONFIG", "SET", "appendfsync", "everysec")
	servers.Masters[2].Kill()
	info, err = d.Info(t.Context())
	want := []string{
		servers.Masters[0].Addr() + ": maxmemory-policy is allkeys-lru: short of memory, the server deletes data; set noeviction",
		servers.Masters[2].Addr() + " does not answer",
	}
	got := slices.Sorted(slices.Values(info.Warnings))
	slices.Sort(want)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("with trouble at each: %v (-want +got):\n%s", err, diff)
	}
	if !strings.Contains(info.Place, "(2 of 3 nodes up") || !strings.Contains(info.Durable, "may lose the last two seconds, every acknowledged") {
		t.Errorf("with trouble at each: got %+v", info)
	}
	info, err = opened(t, servers.Masters[0].URL(), Options{}).Info(t.Context())
	if err != nil || !strings.Contains(fmt.Sprint(info.Warnings), "use the mode cluster") {
		t.Errorf("taken for a server of its own: got %+v, %v", info, err)
	}
}

func TestInfoOfSentinels(t *testing.T) {
	t.Parallel()
	servers := storetest.StartSentinel(t, "--appendfsync", "always")
	d := opened(t, servers.URL(), Options{Mode: Sentinel})
	info, err := d.Info(t.Context())
	if err != nil || info.Kind != "redis sentinel" || !strings.HasSuffix(info.Place, " (3 of 3 sentinels up)") || info.Warnings != nil ||
		info.Durable != "every acknowledged write is on disk"+failoverLoses {
		t.Errorf("as it should be: got %+v, %v", info, err)
	}
	servers.Sentinels[2].Kill()
	servers.Replica.Kill()
	eventually(t, func() error {
		info, err = d.Info(t.Context())
		want := []string{"no replica is connected: nobody could take over from the master", "sentinel " + servers.Sentinels[2].Addr() + " does not answer"}
		if diff := cmp.Diff(want, info.Warnings); err != nil || diff != "" || !strings.HasSuffix(info.Place, " (2 of 3 sentinels up)") {
			return fmt.Errorf("with trouble: %+v, %v (-want +got):\n%s", info, err, diff)
		}
		return nil
	})
	servers.Sentinels[1].Kill()
	eventually(t, func() error {
		info, err = d.Info(t.Context())
		if !strings.Contains(fmt.Sprint(info.Warnings), "NOQUORUM") {
			return fmt.Errorf("one sentinel alone: %+v, %v", info, err)
		}
		return nil
	})
}
