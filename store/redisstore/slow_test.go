package redisstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"recbot/store"
	"recbot/store/storetest"
)

// Whatever the contract says holds where every fifth answer to a batch is lost, for nobody gets to know.
func TestContractWhenAnswersAreLost(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	var answers, n atomic.Int32
	url := lossy(t, server.Addr(), func(reply []byte) bool {
		return bytes.HasPrefix(reply, []byte("*2\r\n$2\r\nok")) && answers.Add(1)%5 == 0
	})
	t.Cleanup(func() {
		if answers.Load() < 100 {
			t.Errorf("the proxy saw only %d answers", answers.Load())
		}
	})
	storetest.Run(t, func(t *testing.T) store.Backend {
		return opened(t, url, Options{Prefix: fmt.Sprintf("t%d:", n.Add(1))})
	})
}

// A server that takes every command and answers none. The client itself would wait a minute; the caller does not want to.
func TestCallsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	d := opened(t, fake(t, func(string) string { return "..." })+"?read_timeout=1m", Options{})
	for _, tc := range []struct {
		name string
		call func(ctx context.Context) error
		want error
	}{
		{"Apply", func(ctx context.Context) error { _, err := d.Apply(ctx, 1, put("d", "v")); return err }, store.ErrUnknown},
		{"Get", func(ctx context.Context) error { _, err := d.Get(ctx, 1, "d"); return err }, store.ErrUnavailable},
		{"Get of several", func(ctx context.Context) error { _, err := d.Get(ctx, 1, "d", "e"); return err }, store.ErrUnavailable},
		{"Members", func(ctx context.Context) error { _, _, err := d.Members(ctx, 1, "x", "", 1); return err }, store.ErrUnavailable},
		{"Due", func(ctx context.Context) error { _, err := d.Due(ctx, "q", time.UnixMilli(1), 1, 1); return err }, store.ErrUnavailable},
		{"Read", func(ctx context.Context) error { _, err := d.Read(ctx, 1, "l", 0, 1); return err }, store.ErrUnavailable},
		{"Counters", func(ctx context.Context) error { _, err := d.Counters(ctx, 1, "c"); return err }, store.ErrUnavailable},
		{"Info", func(ctx context.Context) error { _, err := d.Info(ctx); return err }, store.ErrUnavailable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			ended := make(chan error, 1)
			go func() { ended <- tc.call(ctx) }()
			select {
			case err := <-ended:
				if !errors.Is(err, tc.want) {
					t.Errorf("got %v, want %v", err, tc.want)
				}
			case <-time.After(patience):
				t.Errorf("it still waits %v after its context ended", patience)
			}
		})
	}
}
