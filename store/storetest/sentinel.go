package storetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// masterName is what the sentinels call the master.
const masterName = "council"

// Watched is a master with a replica and the three sentinels that watch them, of one test. They end with the test.
type Watched struct {
	Master, Replica *Server // as they began; a failover exchanges the roles
	Sentinels       []*Server
}

// StartSentinel starts a master, its replica and three sentinels, and waits until the sentinels know all of them. args are more
// arguments of the two servers with data. A master that is silent for a second is replaced.
func StartSentinel(tb testing.TB, args ...string) *Watched {
	tb.Helper()
	args = append([]string{"--repl-diskless-sync-delay", "0"}, args...)
	w := &Watched{Master: StartRedis(tb, args...)}
	w.Replica = StartRedis(tb, append(args, "--replicaof", "127.0.0.1", w.Master.Port())...)
	w.Replica.await("the replica follows the master", "master_link_status:up", "INFO", "replication")
	for range 3 {
		w.Sentinels = append(w.Sentinels, startSentinel(tb, w.Master))
	}
	for _, s := range w.Sentinels {
		s.await("the sentinels know each other and the replica", "slaves=1,sentinels=3", "INFO", "sentinel")
	}
	return w
}

// startSentinel starts one sentinel. It keeps what it knows in its configuration file, so it needs one that it may write.
func startSentinel(tb testing.TB, master *Server) *Server {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "sentinel.conf")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		tb.Fatal(err)
	}
	s := start(tb, func() []string {
		return []string{file, "--sentinel", "--bind", "127.0.0.1", "--dir", filepath.Dir(file)}
	})
	s.Do("SENTINEL", "MONITOR", masterName, "127.0.0.1", master.Port(), "2")
	s.Do("SENTINEL", "SET", masterName, "down-after-milliseconds", "1000", "failover-timeout", "5000")
	return s
}

// URL is the address in the form that programs are configured with. It names the sentinels.
func (w *Watched) URL() string {
	var hosts []string
	for _, s := range w.Sentinels {
		hosts = append(hosts, s.Addr())
	}
	return "redis://" + strings.Join(hosts, ",") + "/0?master=" + masterName
}
