package redisstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"recbot/store"
)

// watched notes how many commands each pipeline of a client has.
type watched struct {
	mu    sync.Mutex
	sizes []int
}

func (w *watched) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (w *watched) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (w *watched) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		w.mu.Lock()
		w.sizes = append(w.sizes, len(cmds))
		w.mu.Unlock()
		return next(ctx, cmds)
	}
}

// held is a store on a server that answers nothing before release is called: to GET with nothing, to ZRANGE with a refusal, to
// a batch that it has revision 5.
func held(t *testing.T) (d *DB, w *watched, release func()) {
	t.Helper()
	answer := make(chan struct{})
	d = opened(t, fake(t, func(command string) string {
		<-answer
		switch command {
		case "zrange":
			return "-WRONGTYPE another kind of key"
		case "evalsha":
			return "*2\r\n$2\r\nok\r\n$3\r\n[5]"
		}
		return "$-1"
	})+"?read_timeout=1m", Options{})
	release = sync.OnceFunc(func() { close(answer) })
	t.Cleanup(release) // before the server is, which waits for its connections
	w = &watched{}
	d.single.AddHook(w)
	return d, w, release
}

// stand waits until so many pipelines are under way and so many requests wait.
func (g *gathering) stand(t *testing.T, flying, waiting int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		g.mu.Lock()
		gotFlying, gotWaiting := g.flying, len(g.waiting)
		g.mu.Unlock()
		if gotFlying == flying && gotWaiting == waiting {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d are under way and %d wait, want %d and %d", gotFlying, gotWaiting, flying, waiting)
		}
	}
}

// Reads that come while as many are under way as may be go together: one who gives up meanwhile does not end the others, and
// one that meets an error keeps it to itself.
func TestReadsGoTogether(t *testing.T) {
	t.Parallel()
	d, seen, release := held(t)
	var all sync.WaitGroup
	get := func(keys ...string) {
		all.Go(func() {
			docs, err := d.Get(t.Context(), 1, keys...)
			if err != nil || len(docs) != len(keys) || docs[0].Key != keys[0] || docs[0].Rev != 0 {
				t.Errorf("Get of %q gives %v, %v", keys, docs, err)
			}
		})
	}
	for n := range flights {
		get(fmt.Sprint("first", n))
		d.together.stand(t, n+1, 0)
	}
	const more = 5
	for n := range more {
		get(fmt.Sprint("more", n), "and another")
		d.together.stand(t, flights, n+1)
	}
	all.Go(func() {
		if _, err := d.Due(t.Context(), "q", time.UnixMilli(1), 1, 1); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("Due gives %v, want ErrCorrupt", err)
		}
	})
	d.together.stand(t, flights, more+1)

	patience, end := context.WithCancel(t.Context())
	end()
	if _, err := d.Get(patience, 1, "never asked"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a Get of whom nobody waits for gives %v, want ErrUnavailable", err)
	}
	patience, end = context.WithCancel(t.Context())
	gaveUp := make(chan error)
	go func() {
		_, err := d.Get(patience, 1, "given up")
		gaveUp <- err
	}()
	d.together.stand(t, flights, more+2)
	end()
	if err := <-gaveUp; !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a Get that was given up gives %v, want ErrUnavailable", err)
	}

	release()
	all.Wait()
	d.together.stand(t, 0, 0)
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if diff := cmp.Diff([]int{2*more + 1}, seen.sizes); diff != "" {
		t.Errorf("sizes of the pipelines (-want +got):\n%s", diff)
	}
}

// Small batches that come while as many are under way as may be go together. What was given up before it left never leaves, and
// is known not to be applied; of what was given up later nobody knows.
func TestBatchesGoTogether(t *testing.T) {
	t.Parallel()
	d, seen, release := held(t)
	var all sync.WaitGroup
	apply := func(batch store.Batch) {
		all.Go(func() {
			if result, err := d.Apply(t.Context(), 1, batch); err != nil || result.Rev != 5 {
				t.Errorf("Apply gives %v, %v", result, err)
			}
		})
	}
	giveUp := func(flying, waiting, after int, want error) {
		t.Helper()
		patience, end := context.WithCancel(t.Context())
		gaveUp := make(chan error)
		go func() {
			_, err := d.Apply(patience, 1, put("given up", "v"))
			gaveUp <- err
		}()
		d.applying.stand(t, flying, waiting)
		end()
		if err := <-gaveUp; !errors.Is(err, want) {
			t.Errorf("a batch that was given up gives %v, want %v", err, want)
		}
		d.applying.stand(t, flying, after)
	}
	giveUp(1, 0, 0, store.ErrUnknown)
	apply(put("first", "v"))
	d.applying.stand(t, flights, 0)
	const more = mostTogether + 5
	for n := range more {
		apply(put(fmt.Sprint("more", n), "v"))
		d.applying.stand(t, flights, n+1)
	}
	giveUp(flights, more+1, more, store.ErrUnavailable)

	var window store.Batch
	for n := range mostTouched {
		window.Do = append(window.Do, put(fmt.Sprint("many", n), "v").Do...)
	}
	apply(window)

	release()
	all.Wait()
	d.applying.stand(t, 0, 0)
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if diff := cmp.Diff([]int{5, mostTogether}, slices.Sorted(slices.Values(seen.sizes))); diff != "" {
		t.Errorf("sizes of the pipelines (-want +got):\n%s", diff)
	}
}
