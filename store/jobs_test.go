package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
	"recbot/store/storetest"
)

func openTwice(t *testing.T, w *world) {
	w.follow(t, 4)
	j := w.opened(t, "j", "announce")
	j.Due = j.Due.Add(time.Hour)
	must(t, w.OpenJob(t.Context(), j))
	if diff := cmp.Diff([]store.JobID{"j"}, w.dueJobs(t)); diff != "" {
		t.Fatalf("due jobs (-want +got):\n%s", diff)
	}
	for _, r := range w.walk(t, j, first, 10) {
		w.settle(t, j, r, store.Outcome{State: store.Sent})
	}
	if done, err := w.FinishJob(t.Context(), j); err != nil || !done {
		t.Fatalf("done: %v, %v", done, err)
	}
	must(t, w.OpenJob(t.Context(), j)) // a tick that is made up for
	if left := w.walk(t, j, first, 10); len(left)+len(w.dueJobs(t)) != 0 {
		t.Errorf("a finished job was opened again for %v", persons(left))
	}
	bad := w.audience(store.JobID(strings.Repeat("x", 200)), "announce")
	if err := w.OpenJob(t.Context(), bad); err == nil {
		t.Error("an id that makes no key was taken")
	}
}

func jobForOne(t *testing.T, w *world) {
	j := store.Job{ID: "reply:9", Kind: store.JobReply, Opened: w.Now(), Due: w.Now(), Audience: store.Audience{Person: 77}}
	must(t, w.OpenJob(t.Context(), j))
	if diff := cmp.Diff([]store.JobID{"reply:9"}, w.dueJobs(t)); diff != "" {
		t.Fatalf("due jobs (-want +got):\n%s", diff)
	}
	got := w.walk(t, j, first, 10)
	if len(got) != 1 || got[0].Person != 77 || !got[0].Own {
		t.Fatalf("taken: %+v", got)
	}
	if again := w.walk(t, j, first, 10); len(again) != 0 {
		t.Errorf("taken again: %+v", again)
	}
	if of, err := w.JobOf(t.Context(), got[0]); err != nil || of.ID != j.ID {
		t.Errorf("the letter's job is %q, %v", of.ID, err)
	}
	w.settle(t, j, got[0], store.Outcome{State: store.Sent})
	if done, err := w.FinishJob(t.Context(), j); err != nil || !done {
		t.Errorf("done: %v, %v", done, err)
	}
	if _, ok, err := w.NextDue(t.Context()); err != nil || ok {
		t.Errorf("something is due after all is done: %v, %v", ok, err)
	}
}

func nextInstants(t *testing.T, w *world) {
	if _, ok, err := w.NextDue(t.Context()); ok || err != nil {
		t.Fatalf("in an empty store something is due: %v, %v", ok, err)
	}
	w.follow(t, 2)
	j := w.audience("j", "announce")
	j.Due = w.Now().Add(time.Hour)
	must(t, w.OpenJob(t.Context(), j))
	next := func(want time.Time) {
		t.Helper()
		if at, ok, err := w.NextDue(t.Context()); err != nil || !ok || !at.Equal(want) {
			t.Errorf("next due at %s, %v, %v, want %s", at, ok, err, want)
		}
	}
	next(j.Due)
	if due := w.dueJobs(t); len(due) != 0 {
		t.Errorf("due before its time: %v", due)
	}
	w.at("2026-12-01 10:00")
	rs := w.walk(t, j, first, 10)
	w.settle(t, j, rs[0], store.Outcome{State: store.Later, At: w.Now().Add(20 * time.Minute)})
	w.settle(t, j, rs[1], store.Outcome{State: store.Later, At: w.Now().Add(10 * time.Minute)})
	_, err := w.FinishJob(t.Context(), j)
	must(t, err)
	next(w.Now().Add(10 * time.Minute))
	w.at("2026-12-01 10:20")
	if due := w.dueLetters(t); len(due) != 2 || due[0].Person != rs[1].Person {
		t.Errorf("due, earliest first: %+v", due)
	}
}

func postponed(t *testing.T, w *world) {
	w.follow(t, 3)
	j := w.opened(t, "j", "announce")
	must(t, w.PostponeJob(t.Context(), j, w.Now().Add(time.Minute)))
	if due := w.dueJobs(t); len(due) != 0 {
		t.Errorf("due although postponed: %v", due)
	}
	w.at("2026-12-01 09:01")
	if due := w.dueJobs(t); len(due) != 1 {
		t.Errorf("due when its time has come: %v", due)
	}
}

// An older leader settles its last letter and hands the job over, between the count of the one who leads now and what comes of
// that: nobody else would come by to end the job, and to report, for an hour.
func handedOverMeanwhile(t *testing.T, w *world) {
	w.follow(t, 2)
	j := w.opened(t, "j", "announce")
	rs := w.walk(t, j, first, 10)
	w.settle(t, j, rs[0], store.Outcome{State: store.Sent})
	w.b.fail(func(n int, apply func() (store.Result, error)) (store.Result, error) {
		if n == 0 {
			w.settle(t, j, rs[1], store.Outcome{State: store.Sent})
			must(t, w.HandOverJob(t.Context(), j, w.Now()))
		}
		return apply()
	})
	done, err := w.FinishJob(t.Context(), j)
	must(t, err)
	if due := w.dueJobs(t); !done && len(due) == 0 {
		t.Error("the job is neither over nor due")
	}
	w.b.fail(nil)
	if done, err = w.FinishJob(t.Context(), j); err != nil || !done {
		t.Errorf("done: %v, %v", done, err)
	}
}

func leases(t *testing.T, w *world) {
	ctx := t.Context()
	one, err := w.AcquireLease(ctx, "leader", "a", time.Minute)
	must(t, err)
	if _, err := w.AcquireLease(ctx, "leader", "b", time.Minute); !errors.Is(err, store.ErrConflict) {
		t.Errorf("two leaders at once: %v", err)
	}
	must(t, w.RenewLease(ctx, "leader", one, time.Minute))
	must(t, w.ReleaseLease(ctx, "leader", one))
	two, err := w.AcquireLease(ctx, "leader", "b", time.Minute)
	if must(t, err); two <= one {
		t.Errorf("token %d after %d", two, one)
	}
	must(t, w.ReleaseLease(ctx, "leader", one)) // lost already: no error, and no harm to the new leader
	if err := w.RenewLease(ctx, "leader", one, time.Minute); !errors.Is(err, store.ErrConflict) {
		t.Errorf("the old leader renews: %v", err)
	}
	must(t, w.RenewLease(ctx, "leader", two, time.Minute))
}

// What stands in a queue without a document behind it must not stand in the way of the rest for ever.
func strayEntries(t *testing.T, w *world) {
	ctx, shard := t.Context(), store.ShardOf(7)
	for _, b := range []struct {
		shard     store.Shard
		queue, id string
	}{{store.Global, "jobs", "stray"}, {shard, "letters", "7:stray"}} {
		_, err := w.Backend().Apply(ctx, b.shard, store.Batch{Do: []store.Mutation{store.Schedule(b.queue, b.id, w.Now())}})
		must(t, err)
	}
	if n := len(w.dueJobs(t)) + len(w.dueLetters(t)); n != 0 {
		t.Errorf("%d stray entries are due", n)
	}
	if at, ok, err := w.NextDue(ctx); ok || err != nil {
		t.Errorf("a stray entry is still due at %s, %v", at, err)
	}
}

// A minute in which nothing is due asks the store the same, however much it holds.
func TestLookingCostsWhatIsDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n := range 2 {
		j := w.audience(store.JobID(fmt.Sprint("future", n)), "announce")
		j.Due = w.Now().Add(time.Hour)
		must(t, w.OpenJob(t.Context(), j))
		w.follow(t, 40*n)
		count := storetest.NewCounting(w.Backend())
		s := store.New(count, w.Now)
		_, err := s.DueJobs(t.Context(), w.Now(), 10)
		must(t, err)
		_, err = s.DueLetters(t.Context(), w.Now(), 10)
		must(t, err)
		if got := count.Take(); got.Total() != 2 {
			t.Errorf("with %d jobs waiting, a look made the calls %+v", n+1, got)
		}
	}
}
