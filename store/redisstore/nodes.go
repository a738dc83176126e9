package redisstore

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"recbot/store"
)

// node is a server with data, and what it says of itself.
type node struct {
	addr  string // "" where there is only one
	facts facts
	err   error // it did not answer
}

type nodes []node

// nodes asks all servers that hold data for us; of those behind sentinels only the master does. The error is that of a server
// when none answers.
func (d *DB) nodes(ctx context.Context) (nodes, error) {
	if d.cluster == nil {
		f, err := d.facts(ctx, d.client)
		return nodes{{facts: f}}, err
	}
	var (
		mu  sync.Mutex
		all nodes
	)
	err := d.cluster.ForEachShard(ctx, func(ctx context.Context, server *redis.Client) error {
		f, err := d.facts(ctx, server)
		mu.Lock()
		defer mu.Unlock()
		all = append(all, node{server.Options().Addr, f, err})
		return nil
	})
	if err != nil {
		return nil, readError(err)
	}
	slices.SortFunc(all, func(a, b node) int { return strings.Compare(a.addr, b.addr) })
	for _, n := range all {
		if n.err == nil {
			return all, nil
		}
		err = n.err
	}
	return nil, err
}

// tell enters what the servers said: each version and durability once, and warnings with the address of who has the trouble.
func (all nodes) tell(info *store.Info) {
	var versions, durable []string
	up, replicas := 0, 0
	for _, n := range all {
		if n.err != nil {
			info.Warnings = append(info.Warnings, n.addr+" does not answer")
			continue
		}
		up++
		if n.facts.get("role") == "slave" {
			replicas++
		}
		if free, tight := n.facts.room(); free > 0 || tight {
			if info.Free == 0 || free < info.Free {
				info.Free = free // the tightest refuses first
			}
			info.Tight = info.Tight || tight
		}
		versions, durable = append(versions, n.facts.get("redis_version")), append(durable, n.facts.durable())
		for _, w := range n.facts.warnings() {
			if n.addr != "" {
				w = n.addr + ": " + w
			}
			info.Warnings = append(info.Warnings, w)
		}
	}
	info.Version, info.Durable = distinct(versions), distinct(durable)
	if all[0].addr != "" {
		info.Place = fmt.Sprintf("%s (%d of %d nodes up, %d of them replicas)", info.Place, up, len(all), replicas)
	}
	if replicas > 0 {
		info.Durable += failoverLoses
	}
}

// tellWait enters what batches wait for, and which masters have fewer replicas than that: there every batch waits in vain.
func (all nodes) tellWait(replicas int, info *store.Info) {
	if replicas == 0 {
		return
	}
	info.Durable += fmt.Sprintf("; REDIS_WAIT=%d: a batch waits for its replicas", replicas)
	for _, n := range all {
		has, err := strconv.Atoi(n.facts.get("connected_slaves"))
		if n.facts.get("role") == "slave" || err != nil || has >= replicas {
			continue
		}
		info.Warnings = append(info.Warnings, strings.TrimLeft(fmt.Sprintf("%s: %d replicas are connected, and REDIS_WAIT asks for %d: batches wait in vain", n.addr, has, replicas), ": "))
	}
}

// failoverLoses is what replication adds to the loss that a server alone can suffer.
const failoverLoses = "; a failover loses what had not reached the replica"

// distinct joins what differs.
func distinct(list []string) string {
	slices.Sort(list)
	return strings.Join(slices.Compact(list), ", ")
}

// tellSentinels enters which of the sentinels answer, and whether they could replace the master.
func (d *DB) tellSentinels(ctx context.Context, master facts, info *store.Info) {
	if master.get("connected_slaves") == "0" {
		info.Warnings = append(info.Warnings, "no replica is connected: nobody could take over from the master")
	}
	up := 0
	for _, addr := range d.address.Addrs {
		o := *d.address.UniversalOptions
		o.Addrs, o.DB, o.Username, o.Password = []string{addr}, 0, o.SentinelUsername, o.SentinelPassword
		sentinel := redis.NewSentinelClient(o.Simple())
		_, err := sentinel.CkQuorum(ctx, o.MasterName).Result()
		_ = sentinel.Close() // nothing is lost with a connection that was only asked
		switch {
		case err == nil:
			up++
		case answered(err):
			up++
			info.Warnings = append(info.Warnings, fmt.Sprintf("sentinel %s: %v", addr, err))
		default:
			info.Warnings = append(info.Warnings, fmt.Sprintf("sentinel %s does not answer", addr))
		}
	}
	info.Place = fmt.Sprintf("%s (%d of %d sentinels up)", info.Place, up, len(d.address.Addrs))
	info.Durable += failoverLoses
}
