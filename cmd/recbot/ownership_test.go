package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"recbot/bot/council"
	"recbot/bot/sim"
	"recbot/store"
	"recbot/store/boltstore"
	"recbot/store/storetest"
)

// The one link that makes somebody the owner is not lost to a store that was away when it was to be made.
func TestTheOwnersLinkOutlastsAnOutage(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "recbot.db")
	synctest.Test(t, func(t *testing.T) {
		db, err := boltstore.Open(path, boltstore.Options{NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		flaky := storetest.NewFlaky(db)
		a, err := newApp(parts{
			Config:  Config{Token: sim.Token, API: "http://telegram.invalid", Timezone: "Asia/Tashkent"},
			backend: flaky, catalogue: council.Embedded(), now: time.Now, log: testLog(t),
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.store.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		a.username.set("RecBot")
		a.state.opened.Store(true)
		a.state.telling.Store(true)
		flaky.Fail(store.ErrUnavailable)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var said bytes.Buffer
		done := make(chan error, 1)
		go func() { done <- a.offerOwnership(ctx, &invocation{streams: streams{err: &said}}) }()
		time.Sleep(time.Minute)
		synctest.Wait()
		if said.Len() > 0 {
			t.Errorf("without an answer of the store it says %q", &said)
		}
		flaky.Fail(nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := strings.Count(said.String(), "https://t.me/RecBot?start="); n != 1 {
			t.Errorf("%d links in %q", n, &said)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
