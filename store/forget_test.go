package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"recbot/store"
)

func TestForget(t *testing.T) {
	t.Parallel()
	// The bot may die behind any of the batches; forgetting again ends what was begun.
	for dies := range 6 {
		t.Run(fmt.Sprintf("killed after %d batches", dies), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ctx := t.Context()
			p := w.greet(t, 7, func(p *store.Person) { p.Role = store.Owner })
			for i, f := range []func() error{
				func() error { return w.SaveFlow(ctx, 7, store.Flow{Name: "start", Expires: w.Now().Add(time.Hour)}) },
				func() error { return w.SaveLive(ctx, 7, "card", 5) },
				func() error {
					return w.OpenJob(ctx, store.Job{
						ID: "reply:900", Kind: store.JobReply, Audience: store.Audience{Person: 7}, Content: []byte(`"secret"`), Opened: w.Now(), Due: w.Now(),
					})
				},
				func() error { return w.SaveIntent(ctx, 7, 900, []byte(`{"text":"secret"}`), w.Now()) },
				func() error { return w.SaveIntent(ctx, 77, 901, []byte(`{}`), w.Now()) },
			} {
				if err := f(); err != nil {
					t.Fatalf("step %d: %v", i, err)
				}
			}
			w.b.fail(dieAfter(dies))
			_ = w.Forget(ctx, 7)
			w.b.fail(nil)
			if err := w.Forget(ctx, 7); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Person(ctx, 7); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("the record: got %v, want ErrNotFound", err)
			}
			if got := w.stands(t, 7, indexes...); got != nil {
				t.Errorf("still stands in %q", got)
			}
			if _, err := w.Flow(ctx, 7); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("the flow: got %v, want ErrNotFound", err)
			}
			if got, err := w.Live(ctx, 7, "card"); err != nil || got != 0 {
				t.Errorf("the live message: got %d, %v", got, err)
			}
			raws, err := w.DueIntents(ctx, w.Now(), 10)
			if err != nil || len(raws) != 1 || string(raws[0].Raw) != `{}` {
				t.Errorf("intents: got %+v, %v, want only the other chat's", raws, err)
			}
			if docs, err := w.Backend().Get(ctx, store.ShardOf(7), "kept:7"); err != nil || docs[0].Rev != 0 {
				t.Errorf("that something of theirs was kept: %+v, %v", docs, err)
			}
			if jobs := w.jobs(t); len(jobs) != 0 {
				t.Errorf("jobs: %q are still there", jobIDs(jobs))
			}
			if owner, err := w.HasOwner(ctx); err != nil || owner {
				t.Errorf("there is an owner: %t, %v", owner, err)
			}
			if again := w.greet(t, 7, nil); again.Role != "" || again.Rev <= p.Rev {
				t.Errorf("who comes back is a newcomer: got role %q, revision %d after %d", again.Role, again.Rev, p.Rev)
			}
		})
	}
}
