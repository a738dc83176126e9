package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
	"recbot/store/storetest"
)

func TestFlow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	missing := func(when string) {
		t.Helper()
		if _, err := w.Flow(ctx, 7); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: got %v, want ErrNotFound", when, err)
		}
	}
	missing("before the first")
	first := store.Flow{Name: "start", Step: "zone", Answers: map[string]string{"lang": "ru"}, Opened: w.Now().UTC(), Expires: w.Now().Add(time.Hour).UTC()}
	expired := store.Flow{Name: "other", Step: "one", Opened: w.Now().UTC(), Expires: w.Now().Add(-time.Hour).UTC()}
	for _, f := range []store.Flow{first, expired} {
		if err := w.SaveFlow(ctx, 7, f); err != nil {
			t.Fatal(err)
		}
		got, err := w.Flow(ctx, 7)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(f, got); diff != "" {
			t.Errorf("flow %q (-want +got):\n%s", f.Name, diff)
		}
	}
	if _, err := w.Flow(ctx, -100_7); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another chat: got %v, want ErrNotFound", err)
	}
	for range 2 {
		if err := w.EndFlow(ctx, 7); err != nil {
			t.Fatal(err)
		}
		missing("after the end")
	}
}

func TestSettledUpdates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	settled := func(when string, u store.UpdateID, want bool) {
		t.Helper()
		if got, err := w.Settled(ctx, 7, u); err != nil || got != want {
			t.Errorf("%s: got %t, %v, want %t", when, got, err, want)
		}
	}
	settled("before", 1, false)
	for range 2 {
		if err := w.SettleUpdate(ctx, 7, 1); err != nil {
			t.Fatal(err)
		}
		settled("after", 1, true)
	}
	settled("another one", 2, false)
}

// Who wrote, and whether it was dealt with, is known by one read, whatever there is to know.
func TestArrive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.greet(t, 7, nil)
	must(t, w.SettleUpdate(t.Context(), 7, 2))
	w.greet(t, 8, nil)
	must(t, w.SettleUpdate(t.Context(), 8, 2))
	w.spoil(t, store.ShardOf(8), "person:8")
	for _, tc := range []struct {
		name    string
		who     store.PersonID
		update  store.UpdateID
		settled bool
		person  error
	}{
		{"nobody knows them", 9, 1, false, store.ErrNotFound},
		{"somebody known, with something new", 7, 1, false, nil},
		{"the same update once more", 7, 2, true, nil},
		{"an update of that number from somebody else", 9, 2, false, store.ErrNotFound},
		{"a record that cannot be read keeps from nothing but knowing the person", 8, 2, true, store.ErrCorrupt},
	} {
		count := storetest.NewCounting(w.Backend())
		got, err := store.New(count, w.Now).Arrive(t.Context(), tc.who, tc.update)
		if err != nil || got.Settled != tc.settled {
			t.Errorf("%s: settled is %t, %v, want %t", tc.name, got.Settled, err, tc.settled)
		}
		p, err := got.Person()
		if !errors.Is(err, tc.person) || (err == nil && (p.ID != tc.who || p.Rev == 0)) {
			t.Errorf("%s: person %d of revision %d, %v, want %v", tc.name, p.ID, p.Rev, err, tc.person)
		}
		if diff := cmp.Diff(storetest.Calls{Get: 1}, count.Take()); diff != "" {
			t.Errorf("%s: calls (-want +got):\n%s", tc.name, diff)
		}
	}
	over, end := context.WithCancel(t.Context())
	end()
	if _, err := w.Arrive(over, 7, 2); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("without an answer: got %v, want ErrUnavailable", err)
	}
}

func TestIntents(t *testing.T) {
	t.Parallel()
	intents(t, newWorld(t))
}

func intents(t *testing.T, w *world) {
	ctx := t.Context()
	check := func(when, now string, want ...string) {
		t.Helper()
		raws, err := w.DueIntents(ctx, clock(now), 10)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range raws {
			got = append(got, string(r.Raw))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	for _, i := range []struct {
		chat store.ChatID
		u    store.UpdateID
		due  string
	}{{7, 12, "2026-12-01 09:02"}, {-1008, 11, "2026-12-01 09:01"}, {7, 13, "2026-12-01 09:03"}} {
		if err := w.SaveIntent(ctx, i.chat, i.u, fmt.Appendf(nil, `{"u":%d}`, i.u), clock(i.due)); err != nil {
			t.Fatal(err)
		}
	}
	check("before they are due", "2026-12-01 09:00")
	check("two are due, the older first", "2026-12-01 09:02", `{"u":11}`, `{"u":12}`)
	if err := w.SettleUpdate(ctx, 7, 12); err != nil {
		t.Fatal(err)
	}
	check("what is settled does not come up", "2026-12-01 10:00", `{"u":11}`, `{"u":13}`)
	if err := w.SaveIntent(ctx, 7, 13, []byte(`{"u":13}`), clock("2026-12-01 11:00")); err != nil {
		t.Fatal(err)
	}
	check("what is saved again is put off", "2026-12-01 10:00", `{"u":11}`)
}

// overtaken checks which of a chat's updates are noted as overtaken.
func (w *world) overtaken(t *testing.T, when string, want map[store.UpdateID]bool) {
	t.Helper()
	got := map[store.UpdateID]bool{}
	for u := range want {
		late, err := w.Overtaken(t.Context(), 7, u)
		must(t, err)
		got[u] = late
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s, overtaken are (-want +got):\n%s", when, diff)
	}
}

func (w *world) keep(t *testing.T, chat store.ChatID, u store.UpdateID) {
	t.Helper()
	must(t, w.SaveIntent(t.Context(), chat, u, []byte(`{}`), w.Now()))
}

func TestSettleAhead(t *testing.T) {
	t.Parallel()
	settleAhead(t, newWorld(t))
}

// settleAhead follows a chat of which something is kept. Where nothing is, to settle costs one call and no look.
func settleAhead(t *testing.T, w *world) {
	count := storetest.NewCounting(w.Backend())
	counted := store.New(count, w.Now)
	settle := func(when string, chat store.ChatID, u store.UpdateID, cheap bool) {
		t.Helper()
		must(t, counted.SettleAhead(t.Context(), chat, u))
		if calls := count.Take(); (calls == storetest.Calls{Apply: 1}) != cheap {
			t.Errorf("%s: the calls are %+v, want one of Apply alone: %t", when, calls, cheap)
		}
		if done, err := w.Settled(t.Context(), chat, u); err != nil || !done {
			t.Errorf("%s: update %d is settled: %t, %v", when, u, done, err)
		}
	}
	w.keep(t, 8, 1)
	settle("of somebody else something is kept", 7, 10, true)
	w.keep(t, 7, 11)
	w.keep(t, 7, 13)
	w.overtaken(t, "before anything went on", map[store.UpdateID]bool{11: false, 13: false})
	settle("between two that are kept", 7, 12, false)
	w.overtaken(t, "what is older", map[store.UpdateID]bool{11: true, 13: false})
	must(t, w.SettleUpdate(t.Context(), 7, 11))
	w.overtaken(t, "what was done after all is no more", map[store.UpdateID]bool{11: false, 13: false})
	settle("the last that was kept itself", 7, 13, false)
	settle("nothing is kept any more", 7, 14, true)
	w.keep(t, 7, 15)
	must(t, w.SettleUpdate(t.Context(), 7, 15))
	settle("it may be that something is kept", 7, 16, false)
	settle("it was found that nothing is", 7, 17, true)
	w.keep(t, -1007, 18)
	settle("in a group nobody overtakes others", -1007, 19, true)
}

// An update that another process keeps in the middle of it is overtaken as well.
func TestKeptWhileAnotherIsSettled(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		kept, over []store.UpdateID // from the start; and those of which only the note is left
		batch      int              // before which update 2 is kept
	}{
		{"nothing was kept when it arrived", nil, nil, 0},
		{"the queue was read already", []store.UpdateID{1}, nil, 2},
		{"the note of what was kept is about to go", nil, []store.UpdateID{3}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			beside := store.New(w.b.Backend, w.Now)
			want := map[store.UpdateID]bool{2: true}
			for _, u := range slices.Concat(tc.kept, tc.over) {
				w.keep(t, 7, u)
				want[u] = slices.Contains(tc.kept, u)
			}
			for _, u := range tc.over {
				must(t, w.SettleUpdate(t.Context(), 7, u))
			}
			w.b.fail(func(n int, apply func() (store.Result, error)) (store.Result, error) {
				if n == tc.batch {
					must(t, beside.SaveIntent(t.Context(), 7, 2, []byte(`{}`), w.Now()))
				}
				return apply()
			})
			must(t, w.SettleAhead(t.Context(), 7, 5))
			w.b.fail(nil)
			w.overtaken(t, "in the end", want)
			docs, err := w.Backend().Get(t.Context(), store.ShardOf(7), "settled:5", "kept:7")
			if err != nil || docs[0].Rev == 0 || docs[1].Rev == 0 {
				t.Errorf("marked, and noted that something is kept still: %+v, %v", docs, err)
			}
		})
	}
}

func TestLive(t *testing.T) {
	t.Parallel()
	live(t, newWorld(t))
}

func live(t *testing.T, w *world) {
	check := func(when, name string, want int) {
		t.Helper()
		if got, err := w.Live(t.Context(), 7, name); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", when, got, err, want)
		}
	}
	save := func(name string, message int) {
		t.Helper()
		if err := w.SaveLive(t.Context(), 7, name, message); err != nil {
			t.Fatal(err)
		}
	}
	check("a name that stands for nothing", "card", 0)
	save("card", 5)
	save("list", 6)
	check("a name", "card", 5)
	save("card", 8)
	check("a name that moved on", "card", 8)
	check("the other name", "list", 6)
	w.at("2026-12-03 08:59")
	check("a minute before two days are over", "card", 8)
	w.at("2026-12-03 09:00")
	check("after two days", "card", 0)
	save("list", 9)
	check("a name that is used again", "list", 9)
}

func TestTick(t *testing.T) {
	t.Parallel()
	tick(t, newWorld(t))
}

func tick(t *testing.T, w *world) {
	if got, err := w.Tick(t.Context()); err != nil || !got.IsZero() {
		t.Errorf("before the first: got %s, %v", got, err)
	}
	want := clock("2026-12-01 09:00").Add(123456789 * time.Nanosecond)
	if err := w.SaveTick(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if got, err := w.Tick(t.Context()); err != nil || !got.Equal(want) {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	const good = `{"app":"recbot","schema":1,"shards":64,"created":"2026-12-01T04:00:00Z"}`
	for _, tc := range []struct {
		name string
		docs map[string]string
		want error
	}{
		{"An empty store is made ours", nil, nil},
		{"Our own data are opened", map[string]string{"schema": good, "revision": "x"}, nil},
		{"A newer schema is refused", map[string]string{"schema": `{"app":"recbot","schema":2,"shards":64}`}, store.ErrSchema},
		{"Another shard count is refused", map[string]string{"schema": `{"app":"recbot","schema":1,"shards":16}`}, store.ErrSchema},
		{"Another program's data are refused", map[string]string{"schema": `{"app":"other","schema":1,"shards":64}`}, store.ErrSchema},
		{"What cannot be read is refused", map[string]string{"schema": `7 of 9`}, store.ErrSchema},
		{"A schema without a version is refused", map[string]string{"schema": `{"app":"recbot"}`}, store.ErrSchema},
		{"Data that do not say whose they are are refused", map[string]string{"tick": `"x"`}, store.ErrSchema},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := openBolt(t)
			for key, value := range tc.docs {
				if _, err := b.Apply(t.Context(), store.Global, store.Batch{Do: []store.Mutation{store.Put(key, []byte(value), 0)}}); err != nil {
					t.Fatal(err)
				}
			}
			before, err := b.Get(t.Context(), store.Global, "schema", "revision", "tick")
			if err != nil {
				t.Fatal(err)
			}
			s := store.New(b, time.Now)
			for range 2 {
				if err := s.Open(t.Context()); !errors.Is(err, tc.want) {
					t.Fatalf("got %v, want %v", err, tc.want)
				}
			}
			after, err := b.Get(t.Context(), store.Global, "schema", "revision", "tick")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, after); diff != "" && tc.docs != nil {
				t.Errorf("the data were touched (-before +after):\n%s", diff)
			}
			if tc.docs == nil && after[0].Rev == 0 {
				t.Error("the store does not say whose it is")
			}
		})
	}
}
