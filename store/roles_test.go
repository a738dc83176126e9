package store_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

func TestHolders(t *testing.T) {
	t.Parallel()
	holders(t, newWorld(t))
}

func holders(t *testing.T, w *world) {
	w.greet(t, 1, func(p *store.Person) { p.Role, p.Name = store.Organizer, "Saodat" })
	w.greet(t, 2, func(p *store.Person) { p.Role, p.Name = store.Organizer, "Dilshod" })
	w.greet(t, 3, func(p *store.Person) { p.Role = store.Owner })
	w.greet(t, 4, func(p *store.Person) { p.Role, p.MemberOf = store.Delegate, []string{"wg-b"} })
	w.greet(t, 5, func(p *store.Person) { p.Role = store.Coordinator })
	for id := range 150 { // more than are read at once, in one shard
		w.greet(t, store.PersonID(1000+id*int(store.Shards)), nil)
	}
	list := func(roles ...store.Role) (got []string) {
		people, err := w.Holders(t.Context(), roles...)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range people {
			got = append(got, fmt.Sprintf("%d %s %s", p.ID, p.Role, p.Name))
		}
		return got
	}
	want := []string{"3 owner ", "2 organizer Dilshod", "1 organizer Saodat", "5 coordinator "}
	if diff := cmp.Diff(want, list(store.Coordinator, store.Organizer, store.Owner)); diff != "" {
		t.Errorf("who runs things (-want +got):\n%s", diff)
	}
	if got := len(list(store.Guest)); got != 150 {
		t.Errorf("%d guests, want 150", got)
	}
}

func TestDismiss(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		is, want store.Person
		done     bool
	}{
		{"An organizer becomes a guest, without a name", store.Person{Role: store.Organizer, Name: "Saodat"}, store.Person{Role: store.Guest}, true},
		{"A coordinator stays a member", store.Person{Role: store.Coordinator, MemberOf: []string{"wg-b"}, Coordinates: []string{"wg-b"}},
			store.Person{Role: store.Delegate, MemberOf: []string{"wg-b"}}, true},
		{"An owner stays one", store.Person{Role: store.Owner, Name: "Aziz"}, store.Person{Role: store.Owner, Name: "Aziz"}, false},
		{"A delegate has nothing to lose", store.Person{Role: store.Delegate}, store.Person{Role: store.Delegate}, false},
	} {
		p := tc.is
		done := p.Dismiss()
		if diff := cmp.Diff(tc.want, p); diff != "" || done != tc.done {
			t.Errorf("%s: %t (-want +got):\n%s", tc.name, done, diff)
		}
	}
}
