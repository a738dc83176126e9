package redisstore

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Modes: what may stand behind an address.
const (
	Standalone = "standalone" // one server
	Sentinel   = "sentinel"   // a master with replicas; the addresses are those of the sentinels that watch them
	Cluster    = "cluster"    // several masters that share the data; the addresses are those of any of its nodes
)

// Modes are the modes that [Options] may name.
var Modes = []string{Standalone, Sentinel, Cluster}

// address is what an address says, with the limits that it left open filled in.
type address struct {
	*redis.UniversalOptions
	mode string
}

// What is said of a bad address. Nothing of the address itself is said, for it holds a password.
var (
	errAddress = errors.New("redis address: must look like redis://user:password@host:6379/0 (rediss:// for TLS), " +
		"with special characters of the password written as %40 for @, %2F for / and so on")
	errSeveral = errors.New("redis address: several hosts are for the modes sentinel and cluster; standalone has one")
	errMaster  = errors.New("redis address: mode sentinel needs the master's name, as in " +
		"redis://user:password@sentinel1:26379,sentinel2:26379/0?master=mymaster, and no other mode has one")
	errDatabase = errors.New("redis address: a cluster has only database 0")
)

// Check tells whether an address fits a mode, without going there. Errors quote nothing of the address.
func Check(text, mode string) error {
	_, err := parse(text, mode)
	return err
}

// parse reads an address. Neither url nor go-redis knows several hosts with ports, so they get the address with the first host
// alone. What they say of a bad one is left out: they quote it, password and all.
func parse(text, mode string) (*address, error) {
	mode = cmp.Or(mode, Standalone)
	if !slices.Contains(Modes, mode) {
		return nil, fmt.Errorf("redis mode %q is not known: use %s", mode, strings.Join(Modes, ", "))
	}
	before, hosts, after := split(text)
	u, err := url.Parse(before + hosts[0] + after)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" || u.Hostname() == "" {
		return nil, errAddress
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errAddress
	}
	a := &address{mode: mode}
	own := map[string]string{}
	for _, name := range []string{"master", "sentinel_username", "sentinel_password"} {
		own[name] = query.Get(name)
		query.Del(name)
	}
	u.RawQuery = query.Encode()
	o, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, errAddress
	}
	a.UniversalOptions = universal(o)
	a.MasterName, a.SentinelUsername, a.SentinelPassword = own["master"], own["sentinel_username"], own["sentinel_password"]
	return a, a.setHosts(hosts)
}

// split takes an address apart: what stands before its hosts, the hosts, and what stands behind them. There is always a host,
// if only an empty one.
func split(text string) (before string, hosts []string, after string) {
	start := 0
	if i := strings.Index(text, "://"); i >= 0 {
		start = i + len("://")
	}
	end := len(text)
	if i := strings.IndexAny(text[start:], "/?#"); i >= 0 {
		end = start + i
	}
	if i := strings.LastIndexByte(text[start:end], '@'); i >= 0 {
		start += i + 1
	}
	return text[:start], strings.Split(text[start:end], ","), text[end:]
}

// setHosts enters the hosts, with the port that goes without saying, and looks at whether they fit the mode.
func (a *address) setHosts(hosts []string) error {
	port := "6379"
	if a.mode == Sentinel {
		port = "26379"
	}
	for _, h := range hosts {
		u, err := url.Parse("redis://" + h)
		if err != nil || u.Hostname() == "" || u.Host != h {
			return errAddress
		}
		a.Addrs = append(a.Addrs, net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port)))
	}
	switch {
	case a.mode == Standalone && len(hosts) > 1:
		return errSeveral
	case (a.mode == Sentinel) != (a.MasterName != ""):
		return errMaster
	case a.mode != Sentinel && a.SentinelUsername+a.SentinelPassword != "":
		return errMaster
	case a.mode == Cluster && a.DB != 0:
		return errDatabase
	}
	if a.mode != Standalone && a.TLSConfig != nil {
		// Each server proves its own name. With none given here the client takes the one that it dials.
		a.TLSConfig.ServerName = ""
	}
	return nil
}

// universal takes over what an address can say, and sets what the client must not do by itself, and limits that the address
// did not give.
//
// The client's own retries would make a batch twice; dialling five times would make a call hang; ContextTimeoutEnabled lets a
// deadline cut a read. Identity and maintenance notices are asked for with commands that older servers count as errors.
func universal(o *redis.Options) *redis.UniversalOptions {
	size := cmp.Or(o.PoolSize, 16)
	return &redis.UniversalOptions{
		Username: o.Username, Password: o.Password, DB: o.DB, Protocol: o.Protocol, ClientName: o.ClientName, TLSConfig: o.TLSConfig,
		MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true, DisableIdentity: true, PipelinePoolSize: -1,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		DialTimeout:              cmp.Or(o.DialTimeout, time.Second),
		ReadTimeout:              cmp.Or(o.ReadTimeout, 2*time.Second),
		WriteTimeout:             cmp.Or(o.WriteTimeout, 2*time.Second),
		PoolTimeout:              cmp.Or(o.PoolTimeout, 3*time.Second),
		PoolFIFO:                 o.PoolFIFO,
		PoolSize:                 size,
		MaxActiveConns:           cmp.Or(o.MaxActiveConns, 2*size),
		MinIdleConns:             o.MinIdleConns, MaxIdleConns: o.MaxIdleConns, MaxConcurrentDials: o.MaxConcurrentDials,
		ConnMaxIdleTime: o.ConnMaxIdleTime, ConnMaxLifetime: o.ConnMaxLifetime, ConnMaxLifetimeJitter: o.ConnMaxLifetimeJitter,
	}
}

// reloadEvery is how old a cluster client's map of the cluster may become while nothing fails.
const reloadEvery = 5 * time.Second

// client makes the client of the mode. It connects when it is first used.
func (a *address) client() redis.UniversalClient {
	switch a.mode {
	case Sentinel:
		return redis.NewFailoverClient(a.Failover())
	case Cluster:
		o := a.UniversalOptions.Cluster()
		o.ClusterStateReloadInterval = reloadEvery
		// A read may be sent to the wrong node, then to one that has half of a slot: two redirections. Policies would ask
		// every server for a description of all its commands, and are for commands that we do not use.
		o.MaxRedirects = 2
		o.DisableRoutingPolicies = true
		return redis.NewClusterClient(o)
	}
	return redis.NewClient(a.Simple())
}

// place is where the data are, without secrets.
func (a *address) place() string {
	hosts := strings.Join(a.Addrs, ",")
	switch a.mode {
	case Sentinel:
		return fmt.Sprintf("%s by %s", a.MasterName, hosts)
	case Cluster:
		return hosts
	}
	return fmt.Sprintf("%s/%d", hosts, a.DB)
}
