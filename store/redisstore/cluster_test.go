package redisstore

import (
	"fmt"
	"sync/atomic"
	"testing"

	"recbot/store"
	"recbot/store/storetest"
)

func TestContractOnACluster(t *testing.T) {
	t.Parallel()
	url := storetest.Cluster(t)
	var n atomic.Int32
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
