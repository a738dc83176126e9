package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// digestIndexes are those of the persons in these tests.
var digestIndexes = []string{"digest:daily:", "digest:daily:Asia/Bishkek", "digest:weekly:", "digest:weekly:Asia/Bishkek"}

func TestDigestIndexes(t *testing.T) {
	t.Parallel()
	both := func(p *store.Person) {
		p.Digests, p.Zone = []store.DigestKind{store.Weekly, store.Daily}, "Asia/Bishkek"
	}
	for _, tc := range []struct {
		name   string
		change func(*store.Person)
		want   []string
	}{
		{"A newcomer gets none", func(*store.Person) {}, nil},
		{"By the council's clock", func(p *store.Person) { p.Digests = []store.DigestKind{store.Daily} }, []string{"digest:daily:"}},
		{"Both, by their own clock", both, []string{"digest:daily:Asia/Bishkek", "digest:weekly:Asia/Bishkek"}},
		{"Who is muted gets none", func(p *store.Person) { both(p); p.Muted = true }, nil},
		{"Who stopped gets none", func(p *store.Person) { both(p); p.Stopped = true }, nil},
		{"Who blocked the bot gets none", func(p *store.Person) { both(p); p.Unreachable = "blocked" }, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.greet(t, 7, nil)
			_, err := w.ChangePerson(t.Context(), 7, store.Cause{}, func(p *store.Person) error { tc.change(p); return nil })
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, w.stands(t, 7, digestIndexes...)); diff != "" {
				t.Errorf("stands in (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDigestsInUse(t *testing.T) {
	t.Parallel()
	digestsInUse(t, newWorld(t))
}

func digestsInUse(t *testing.T, w *world) {
	check := func(when string, want ...store.Digest) {
		t.Helper()
		got, err := w.DigestsInUse(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	set := func(by *store.Store, change func(*store.Person) error) error {
		_, err := by.ChangePerson(t.Context(), 7, store.Cause{}, change)
		return err
	}
	w.greet(t, 7, nil)
	check("after a newcomer")
	if err := set(w.Store, func(p *store.Person) error { return p.SetDigest(store.Weekly, true) }); err != nil {
		t.Fatal(err)
	}
	check("after a choice", store.Digest{Kind: store.Weekly})
	if err := set(w.again(), func(p *store.Person) error { p.Zone = "Asia/Bishkek"; return nil }); err != nil {
		t.Fatal(err)
	}
	check("after another process moved them", store.Digest{Kind: store.Weekly}, store.Digest{Kind: store.Weekly, Zone: "Asia/Bishkek"})

	// Killed between the digest's batch and the person's, the digest stands there and the person gets it not.
	w.b.fail(dieAfter(1))
	if err := set(w.Store, func(p *store.Person) error { return p.SetDigest(store.Daily, true) }); err == nil {
		t.Error("no error although the store died")
	}
	w.b.fail(nil)
	check("after a crash", store.Digest{Kind: store.Daily, Zone: "Asia/Bishkek"}, store.Digest{Kind: store.Weekly}, store.Digest{Kind: store.Weekly, Zone: "Asia/Bishkek"})
	if p, err := w.Person(t.Context(), 7); err != nil || p.Wants(store.Daily) || !p.Wants(store.Weekly) {
		t.Errorf("digests %v, %v; want what was chosen before", p.Digests, err)
	}
	if err := set(w.Store, func(p *store.Person) error { return p.SetDigest("hourly", true) }); err == nil {
		t.Error("no error for a digest that does not exist")
	}
}

// TestDigestWalk opens a digest and walks it: it reaches those who get it in that zone, and nobody else.
func TestDigestWalk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	daily := func(zone string) func(*store.Person) {
		return func(p *store.Person) { p.Digests, p.Zone = []store.DigestKind{store.Daily}, zone }
	}
	w.greet(t, 7, daily("Asia/Bishkek"))
	w.greet(t, 8, daily(""))
	w.greet(t, 9, nil)
	d := store.Digest{Kind: store.Daily, Zone: "Asia/Bishkek"}
	job := store.Job{ID: store.DigestID(d, "2026-12-09"), Kind: store.JobDigest, Audience: store.Audience{Digest: d}, Due: w.Now()}
	if err := w.OpenJob(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	var got []store.PersonID
	for _, shard := range store.JobShards(job) {
		window, err := w.TakeWindow(t.Context(), job, shard, 1, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range window.Recipients {
			got = append(got, r.Person)
		}
	}
	if diff := cmp.Diff([]store.PersonID{7}, got); diff != "" {
		t.Errorf("reached (-want +got):\n%s", diff)
	}
	if job.Kind.Class() != store.ClassBulk || job.Kind.Resends() {
		t.Error("a digest is to go behind what is urgent, and never again by itself")
	}
}
