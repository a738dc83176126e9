package redisstore

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"recbot/store"
)

// fakeCluster is a cluster of one fake server, which answers batches as it is told to, the last answer again and again. It
// counts them.
func fakeCluster(t *testing.T, answers ...string) (url string, asked *atomic.Int32) {
	var slots atomic.Value
	asked = &atomic.Int32{}
	url = fake(t, func(command string) string {
		if command == "cluster" {
			return slots.Load().(string)
		}
		n := int(asked.Add(1))
		return answers[min(n, len(answers))-1]
	})
	_, port, _ := strings.Cut(strings.TrimPrefix(url, "redis://"), ":")
	slots.Store("*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$9\r\n127.0.0.1\r\n:" + port + "\r\n$1\r\nx")
	return url, asked
}

// done is what the script answers.
const done = "*2\r\n$2\r\nok\r\n$3\r\n[7]"

func TestRefusalsOfACluster(t *testing.T) {
	t.Parallel()
	down := "-CLUSTERDOWN The cluster is down"
	for _, tc := range []struct {
		name    string
		answers []string
		want    error
		asked   int32 // 0: again and again
	}{
		{"a batch that is not refused is sent once", []string{done}, nil, 1},
		{"a slot that has moved", []string{"-MOVED 7 127.0.0.1:1", done}, nil, 2},
		{"a slot that moves", []string{"-TRYAGAIN Multiple keys request during rehashing of slot", "-ASK 7 127.0.0.1:1", done}, nil, 3},
		{"a cluster that finds together", []string{down, down, done}, nil, 3},
		{"a server that changes its role", []string{"-READONLY You can't write against a read only replica.", "-MASTERDOWN Link with MASTER is down", done}, nil, 3},
		{"a server that reads its file", []string{"-LOADING Redis is loading the dataset in memory", done}, nil, 2},
		{"a script that the server does not know yet, then", []string{"-NOSCRIPT No matching script.", down, done}, nil, 3},
		{"refused as long as there is time, nothing was applied", []string{down}, store.ErrUnavailable, 0},
		{"refused after an answer was lost, nobody knows", []string{"", down}, store.ErrUnknown, 0},
		{"found applied after an answer was lost", []string{"", down, done}, nil, 3},
		{"a full server is not asked twice", []string{"-OOM command not allowed when used memory > 'maxmemory'."}, store.ErrFull, 1},
		{"nor is one that wants a password", []string{"-NOAUTH Authentication required."}, store.ErrUnavailable, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			url, asked := fakeCluster(t, tc.answers...)
			d := opened(t, url, Options{Mode: Cluster})
			limit := patience
			if tc.asked == 0 {
				limit = 200 * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			result, err := d.Apply(ctx, 1, put("d", "v"))
			if !errors.Is(err, tc.want) || tc.want == nil && result.Rev != 7 {
				t.Errorf("got %v, %v, want %v", result, err, tc.want)
			}
			if tc.want == store.ErrUnknown && errors.Is(err, store.ErrUnavailable) {
				t.Errorf("%v claims that nothing was applied", err)
			}
			if n := asked.Load(); tc.asked != 0 && n != tc.asked || n == 0 {
				t.Errorf("the server was asked %d times, want %d", n, tc.asked)
			}
		})
	}
}

func TestReadsWaitOutRefusals(t *testing.T) {
	t.Parallel()
	url, _ := fakeCluster(t, "-CLUSTERDOWN Hash slot not served", "-TRYAGAIN not now", "-LOADING not yet", "-CLUSTERDOWN Hash slot not served", "$3\r\n7 v")
	if got := value(t, opened(t, url, Options{Mode: Cluster}), "d"); got != "v" {
		t.Errorf("got %q, want what is there", got)
	}
}

func TestNoClusterThere(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, url string }{
		{"nobody listens", "redis://127.0.0.1:1,127.0.0.1:2"},
		{"a server of its own", fake(t, func(string) string { return "-ERR This instance has cluster support disabled" })},
	} {
		d := opened(t, tc.url, Options{Mode: Cluster})
		if _, err := d.Apply(t.Context(), 1, put("d", "v")); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: Apply: got %v, want ErrUnavailable", tc.name, err)
		}
		if _, err := d.Due(t.Context(), "q", time.UnixMilli(1), 1, 1, 2); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: Due: got %v, want ErrUnavailable", tc.name, err)
		}
		if _, err := d.Info(t.Context()); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: Info: got %v, want ErrUnavailable", tc.name, err)
		}
	}
	d := opened(t, "redis://127.0.0.1:1,127.0.0.1:2?master=council", Options{Mode: Sentinel})
	if _, err := d.Apply(t.Context(), 1, put("d", "v")); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("no sentinels: Apply: got %v, want ErrUnavailable", err)
	}
}
