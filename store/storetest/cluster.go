package storetest

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// clusterSlots is how many slots the masters of a cluster share.
const clusterSlots = 16384

// Servers is a Redis Cluster of one test. Its servers end with the test.
type Servers struct {
	Masters  []*Server
	Replicas []*Server // one of each master, in their order; or none
	tb       testing.TB
	bus      map[*Server]string // the ports on which the servers talk to each other
}

// Cluster starts a cluster of three masters for one test alone and gives its address. See [StartCluster].
func Cluster(tb testing.TB) (url string) {
	tb.Helper()
	return StartCluster(tb, 0).URL()
}

// StartCluster starts a cluster of three masters, with as many replicas of each (0 or 1), and waits until every server
// considers it complete. args are more arguments of each redis-server. A server that is silent for 3 s counts as gone.
func StartCluster(tb testing.TB, replicas int, args ...string) *Servers {
	tb.Helper()
	c := &Servers{tb: tb, bus: map[*Server]string{}}
	for range 3 {
		c.Masters = append(c.Masters, c.start(args))
	}
	for range 3 * replicas {
		c.Replicas = append(c.Replicas, c.start(args))
	}
	for i, s := range c.Masters {
		n := len(c.Masters)
		s.Do("CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(i*clusterSlots/n), strconv.Itoa((i+1)*clusterSlots/n-1))
	}
	for i, s := range c.all() {
		s.Do("CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1))
		if i > 0 {
			c.Masters[0].Do("CLUSTER", "MEET", "127.0.0.1", s.Port(), c.bus[s])
		}
	}
	c.wait("cluster_known_nodes:" + strconv.Itoa(len(c.all())))
	for i, s := range c.Replicas {
		s.Do("CLUSTER", "REPLICATE", fmt.Sprint(c.Masters[i].Do("CLUSTER", "MYID")))
	}
	c.Ready()
	return c
}

// start starts a server whose bus port is given: the one it would take by itself may lie above all ports.
func (c *Servers) start(args []string) *Server {
	c.tb.Helper()
	dir, bus := c.tb.TempDir(), ""
	s := start(c.tb, func() []string {
		bus = strconv.Itoa(freePort(c.tb))
		return append(append(dataArgs(dir),
			"--cluster-enabled", "yes", "--cluster-node-timeout", "3000", "--cluster-port", bus, "--repl-diskless-sync-delay", "0"), args...)
	})
	c.bus[s] = bus
	return s
}

func (c *Servers) all() []*Server {
	return append(c.Masters[:len(c.Masters):len(c.Masters)], c.Replicas...)
}

// URL is the address in the form that programs are configured with. It names the masters.
func (c *Servers) URL() string {
	var hosts []string
	for _, s := range c.Masters {
		hosts = append(hosts, s.Addr())
	}
	return "redis://" + strings.Join(hosts, ",")
}

// Ready waits until every server considers the cluster complete and every replica follows its master.
func (c *Servers) Ready() {
	c.tb.Helper()
	c.wait("cluster_state:ok", "cluster_slots_ok:"+strconv.Itoa(clusterSlots))
	for _, s := range c.Replicas {
		s.await("the replica follows its master", "master_link_status:up", "INFO", "replication")
	}
}

// wait waits until every server says all of it in its CLUSTER INFO.
func (c *Servers) wait(want ...string) {
	c.tb.Helper()
	for _, s := range c.all() {
		for _, line := range want {
			s.await("cluster", line, "CLUSTER", "INFO")
		}
	}
}
