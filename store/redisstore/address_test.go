package redisstore

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	type want struct {
		Addrs                                  []string
		User, Password, Master, SentinelSecret string
		DB                                     int
		TLS                                    string // "" for none, else the name that the certificate must have; "each" for its own
		Place                                  string
	}
	for _, tc := range []struct {
		name, mode, address string
		want                want
	}{
		{"one server, of which little is said", "", "redis://db", want{Addrs: []string{"db:6379"}, Place: "db:6379/0"}},
		{"one server, of which all is said", Standalone, "redis://u:p%40%2F@db:7000/3?pool_size=5",
			want{Addrs: []string{"db:7000"}, User: "u", Password: "p@/", DB: 3, Place: "db:7000/3"}},
		{"one server with a certificate", "", "rediss://:p@db", want{Addrs: []string{"db:6379"}, Password: "p", TLS: "db", Place: "db:6379/0"}},
		{"one server by its number", "", "redis://[::1]:7000", want{Addrs: []string{"[::1]:7000"}, Place: "[::1]:7000/0"}},
		{"a cluster", Cluster, "redis://:p,%2C%40@a:1,b,[::1]:2", want{Addrs: []string{"a:1", "b:6379", "[::1]:2"}, Password: "p,,@", Place: "a:1,b:6379,[::1]:2"}},
		{"a cluster by one of its nodes, with certificates", Cluster, "rediss://a:1/0", want{Addrs: []string{"a:1"}, TLS: "each", Place: "a:1"}},
		{"sentinels", Sentinel, "redis://u:p@a:1,b/2?master=the+council&sentinel_password=s%26%3D",
			want{Addrs: []string{"a:1", "b:26379"}, User: "u", Password: "p", Master: "the council", SentinelSecret: "s&=", DB: 2, Place: "the council by a:1,b:26379"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a, err := parse(tc.address, tc.mode)
			if err != nil {
				t.Fatal(err)
			}
			got := want{a.Addrs, a.Username, a.Password, a.MasterName, a.SentinelPassword, a.DB, "", a.place()}
			if a.TLSConfig != nil {
				got.TLS = a.TLSConfig.ServerName
				if got.TLS == "" {
					got.TLS = "each"
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBadAddressesOfModes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, mode, address, says string }{
		{"several servers that are none together", Standalone, "redis://u:geheim@a:1,b:2", "standalone has one"},
		{"sentinels of nobody", Sentinel, "redis://u:geheim@a:1,b:2", "needs the master's name"},
		{"a master that needs no sentinels", Cluster, "redis://u:geheim@a:1,b:2?master=geheim", "no other mode has one"},
		{"a sentinel's password without sentinels", Standalone, "redis://a:1?sentinel_password=geheim", "no other mode has one"},
		{"a database of a cluster", Cluster, "redis://u:geheim@a:1,b:2/1", "only database 0"},
		{"a host without a name", Cluster, "redis://u:geheim@a:1,,b:2", "must look like"},
		{"a port that is none", Cluster, "redis://u:geheim@a:1,b:geheim", "must look like"},
		{"a parameter that is none", Sentinel, "redis://a:1?master=m&geheim=1", "must look like"},
		{"a parameter that cannot be read", Sentinel, "redis://a:1?master=gehe%zzim", "must look like"},
		{"a password that ends the address", Cluster, "redis://u:gehe/im@a:1,b:2", "must look like"},
		{"a password that begins a host", Cluster, "redis://a:1,u:geheim@b:2,c/geheim", "must look like"},
		{"a mode that is none", "sharded", "redis://u:geheim@a:1", `"sharded" is not known`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			err := Check(tc.address, tc.mode)
			if err == nil || !strings.Contains(err.Error(), tc.says) || strings.Contains(err.Error(), "gehe") {
				t.Errorf("got %v, want %q and nothing of the address", err, tc.says)
			}
		})
	}
}
