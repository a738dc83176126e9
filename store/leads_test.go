package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

func TestLeadsInUse(t *testing.T) {
	t.Parallel()
	leadsInUse(t, newWorld(t))
}

func leadsInUse(t *testing.T, w *world) {
	check := func(when string, want ...store.Lead) {
		t.Helper()
		got, err := w.LeadsInUse(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	check("before anybody came")
	w.greet(t, 7, nil)
	check("after a newcomer", 1440, 60)
	other := w.again()
	if _, err := other.ChangePerson(t.Context(), 7, store.Cause{}, func(p *store.Person) error { return p.SetLead(15, true) }); err != nil {
		t.Fatal(err)
	}
	check("after another process set a lead", 1440, 60, 15)

	// Killed between the lead's batch and the person's, the lead stands there and the person has it not.
	w.b.fail(dieAfter(1))
	if _, err := w.ChangePerson(t.Context(), 7, store.Cause{}, func(p *store.Person) error { return p.SetLead(2880, true) }); err == nil {
		t.Error("no error although the store died")
	}
	w.b.fail(nil)
	check("after a crash", 2880, 1440, 60, 15)
	if p, err := w.Person(t.Context(), 7); err != nil || len(p.Leads) != 3 {
		t.Errorf("leads %v, %v; want the three from before", p.Leads, err)
	}
}

func TestHasOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	check := func(when string, want bool) {
		t.Helper()
		if got, err := w.HasOwner(t.Context()); err != nil || got != want {
			t.Errorf("%s: got %t, %v, want %t", when, got, err, want)
		}
	}
	role := func(r store.Role) {
		t.Helper()
		if _, err := w.ChangePerson(t.Context(), 7, store.Cause{}, func(p *store.Person) error { p.Role = r; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	check("in an empty store", false)
	w.greet(t, 7, nil)
	check("with a guest", false)
	role(store.Owner)
	check("with an owner", true)
	role(store.Organizer)
	check("after the owner became an organizer", false)
	role(store.Owner)
	check("after they became owner again", true)
	if err := w.Forget(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	check("after the owner was forgotten", false)
}
