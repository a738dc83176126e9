package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"recbot/store"
)

// TestDemoteOwner makes owners organizers, but for the last one.
func TestDemoteOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for id := store.PersonID(1); id <= 3; id++ {
		w.greet(t, id, func(p *store.Person) { p.Role = store.Owner })
	}
	w.greet(t, 4, func(p *store.Person) { p.Role = store.Delegate })
	for _, tc := range []struct {
		name string
		id   store.PersonID
		role store.Role
		err  error
	}{
		{"one of three", 1, store.Organizer, nil},
		{"again", 1, "", store.ErrNotFound},
		{"a delegate stays one", 4, "", store.ErrNotFound},
		{"one of two", 2, store.Organizer, nil},
		{"the last", 3, "", store.ErrLastOwner},
		{"nobody", 9, "", store.ErrNotFound},
	} {
		p, err := w.DemoteOwner(t.Context(), tc.id, store.Cause{})
		if err != nil {
			p = store.Person{}
		}
		if p.Role != tc.role || !errors.Is(err, tc.err) {
			t.Errorf("%s: got %q, %v, want %q, %v", tc.name, p.Role, err, tc.role, tc.err)
		}
	}
}

// TestDemoteOwnerAgain repeats an update that was cut off: it is done already, and what it was is given.
func TestDemoteOwnerAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for id := store.PersonID(1); id <= 2; id++ {
		w.greet(t, id, func(p *store.Person) { p.Role = store.Owner })
	}
	for range 2 {
		p, err := w.DemoteOwner(t.Context(), 1, store.Cause{Update: 7, Step: "dismiss"})
		if err != nil || p.Role != store.Organizer {
			t.Errorf("got %q, %v, want an organizer", p.Role, err)
		}
	}
}

// TestOwnersDemoteEachOther lets everybody take everybody else's role at once: one owner is left.
func TestOwnersDemoteEachOther(t *testing.T) {
	t.Parallel()
	demoteTogether(t, newWorld(t))
}

func demoteTogether(t *testing.T, w *world) {
	const n = 6
	for id := store.PersonID(1); id <= n; id++ {
		w.greet(t, id, func(p *store.Person) { p.Role = store.Owner })
	}
	var all sync.WaitGroup
	for id := store.PersonID(1); id <= n; id++ {
		all.Go(func() {
			for {
				_, err := w.DemoteOwner(t.Context(), id, store.Cause{})
				if err == nil || errors.Is(err, store.ErrLastOwner) {
					return
				}
				if !errors.Is(err, store.ErrConflict) {
					t.Errorf("demote person %d: %v", id, err)
					return
				}
			}
		})
	}
	all.Wait()
	if owners, err := w.Owners(t.Context()); err != nil || len(owners) != 1 {
		t.Errorf("owners left: %v, %v, want one", owners, err)
	}
}

// TestDemoteOwnerCutOff dies between the note that an owner is leaving and their record: until the note is old they do not count
// as the one who stays.
func TestDemoteOwnerCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for id := store.PersonID(1); id <= 2; id++ {
		w.greet(t, id, func(p *store.Person) { p.Role = store.Owner })
	}
	w.b.fail(dieAfter(1))
	if _, err := w.DemoteOwner(t.Context(), 1, store.Cause{}); err == nil {
		t.Fatal("it did not die")
	}
	w.b.fail(nil)
	if _, err := w.DemoteOwner(t.Context(), 2, store.Cause{}); !errors.Is(err, store.ErrLastOwner) {
		t.Errorf("the other owner meanwhile: %v, want ErrLastOwner", err)
	}
	w.now = w.now.Add(11 * time.Minute)
	if p, err := w.DemoteOwner(t.Context(), 2, store.Cause{}); err != nil || p.Role != store.Organizer {
		t.Errorf("the other owner later: %q, %v, want an organizer", p.Role, err)
	}
}
