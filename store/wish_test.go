package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// agenda gives a meeting so many sessions.
func agenda(n int) func(*store.Meeting) {
	return func(m *store.Meeting) {
		m.Agenda = nil
		for i := range n {
			m.Agenda = append(m.Agenda, store.AgendaItem{ID: fmt.Sprintf("s-%d", i)})
		}
	}
}

// wish makes people wait for the agenda of meeting x.
func (w *world) wish(t *testing.T, who ...store.PersonID) {
	t.Helper()
	for _, id := range who {
		_, err := w.WishAgenda(t.Context(), id, "x", true, store.Cause{})
		must(t, err)
	}
}

// publish imports a state of meeting x and gives the jobs that were opened for who waits.
func (w *world) publish(t *testing.T, opt store.ImportOptions, change ...func(*store.Meeting)) (opened []store.Job) {
	t.Helper()
	before := map[store.JobID]bool{}
	for _, j := range w.jobs(t) {
		before[j.ID] = true
	}
	_, err := w.Import(t.Context(), []store.Meeting{on("x", 9, change...)}, opt)
	must(t, err)
	for _, j := range w.jobs(t) {
		if j.Kind == store.JobWish && !before[j.ID] {
			opened = append(opened, j)
		}
	}
	return opened
}

// TestWishOpens imports one entry over another and looks whether those who wait for the agenda are told.
func TestWishOpens(t *testing.T) {
	t.Parallel()
	type changes = []func(*store.Meeting)
	for _, tc := range []struct {
		name        string
		first, then changes
		opt         store.ImportOptions
		now         string // "" = 1 December
		told        bool
	}{
		{name: "A first agenda is told, although the sequence is the same", first: changes{}, then: changes{agenda(2)}, told: true},
		{name: "And together with a move", first: changes{seq(1)}, then: changes{seq(2), moved("15:00"), agenda(2)}, told: true},
		{name: "An agenda that changes is not", first: changes{agenda(2)}, then: changes{agenda(3)}},
		{name: "Nor one that is taken back", first: changes{agenda(2)}, then: changes{}},
		{name: "Nor that of a meeting that was unknown, for nobody can wait for it", then: changes{agenda(2)}},
		{name: "Nor that of a meeting that was cancelled", first: changes{status(store.Cancelled)}, then: changes{status(store.Cancelled), agenda(2)}},
		{name: "Nor one that comes with the cancellation", first: changes{seq(1)}, then: changes{seq(2), status(store.Cancelled), agenda(2)}},
		{name: "It is told when the meeting is on again", first: changes{seq(1), status(store.Cancelled), agenda(2)}, then: changes{seq(2), agenda(2)}, told: true},
		{name: "Nor that of a meeting that is over", first: changes{}, then: changes{agenda(2)}, now: "2026-12-09 12:00"},
		{name: "While it goes on it is of use", first: changes{}, then: changes{agenda(2)}, now: "2026-12-09 11:59", told: true},
		{name: "A reason for silence does not silence this: it was promised", first: changes{}, then: changes{agenda(2)}, opt: store.ImportOptions{Silent: "told by mail"}, told: true},
		{name: "A dry run tells nobody", first: changes{}, then: changes{agenda(2)}, opt: store.ImportOptions{DryRun: true}},
		{name: "What is not applied tells nobody", first: changes{}, then: changes{moved("15:00"), agenda(2)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if tc.first != nil {
				w.fill(t, on("x", 9, tc.first...))
			}
			if tc.now != "" {
				w.at(tc.now)
			}
			before := w.stored(t, "x").Revision
			opened := w.publish(t, tc.opt, tc.then...)
			if !tc.told {
				if len(opened) != 0 {
					t.Errorf("opened %q, want nothing", jobIDs(opened))
				}
				return
			}
			m := w.stored(t, "x")
			want := []store.Job{{
				ID: store.WishID("x", before), Kind: store.JobWish, Meeting: "x", Start: m.Start().UTC(), Sequence: m.Sequence,
				Audience: store.Audience{Wish: "x"}, Opened: w.Now().UTC(), Due: w.Now().UTC(), Deadline: m.End().UTC(),
			}}
			if diff := cmp.Diff(want, opened); diff != "" {
				t.Errorf("opened (-want +got):\n%s", diff)
			}
			if again := w.publish(t, tc.opt, tc.then...); len(again) != 0 {
				t.Errorf("imported again: opened %q", jobIDs(again))
			}
		})
	}
}

// wishPlays are played on both backends, on Redis by TestOnRedis.
var wishPlays = map[string]func(*testing.T, *world){
	"who waits is told once":              wishToldOnce,
	"many wishes are fulfilled at once":   wishesTogether,
	"a wish goes with the person":         wishSilenced,
	"wishes are limited, and do not last": wishLimits,
}

func TestWishes(t *testing.T) {
	t.Parallel()
	for name, play := range wishPlays {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, newWorld(t))
		})
	}
}

// wishToldOnce has two who wait. One is told; to the other nothing could be sent yet when the agenda is taken back. When it
// comes again it is for the other alone.
func wishToldOnce(t *testing.T, w *world) {
	w.fill(t, on("x", 9))
	ids := neighbours(3)
	for _, id := range ids {
		w.greet(t, id, nil)
	}
	w.wish(t, ids[0], ids[0], ids[1])
	j := w.publish(t, store.ImportOptions{}, agenda(1))[0]
	taken := w.walk(t, j, first, 10)
	if diff := cmp.Diff(ids[:2], persons(taken)); diff != "" {
		t.Fatalf("taken (-want +got):\n%s", diff)
	}
	// The answer to the batch is lost: it is made again and finds its own work.
	w.b.fail(loseAnswers(1))
	_, err := w.SettleLetters(t.Context(),
		store.Settlement{Kind: j.Kind, Letter: taken[0], Outcome: store.Outcome{State: store.Sent, Message: 4}},
		store.Settlement{Kind: j.Kind, Letter: taken[1], Outcome: store.Outcome{State: store.Skipped, Reason: "no agenda"}})
	must(t, err)
	w.b.fail(nil)
	for i, waits := range []bool{false, true} {
		p, err := w.Person(t.Context(), taken[i].Person)
		must(t, err)
		if stands := w.stands(t, p.ID, store.WishIndex("x")) != nil; p.Wishes("x") != waits || stands != waits {
			t.Errorf("person %d waits: %v, stands in the index: %v, want both %v", i, p.Wishes("x"), stands, waits)
		}
	}
	if back := w.publish(t, store.ImportOptions{}); len(back) != 0 {
		t.Errorf("taken back: opened %q", jobIDs(back))
	}
	again := w.publish(t, store.ImportOptions{}, agenda(2))
	if len(again) != 1 || again[0].ID == j.ID {
		t.Fatalf("an agenda that comes again opens %q", jobIDs(again))
	}
	if diff := cmp.Diff([]store.PersonID{taken[1].Person}, persons(w.walk(t, again[0], first, 10))); diff != "" {
		t.Errorf("taken the second time (-want +got):\n%s", diff)
	}
}

// wishesTogether settles as many letters as can be settled at once: each takes a record and an index entry with it.
func wishesTogether(t *testing.T, w *world) {
	w.fill(t, on("x", 9))
	ids := neighbours(store.MaxSettlements)
	for _, id := range ids {
		w.greet(t, id, nil)
	}
	w.wish(t, ids...)
	j := w.publish(t, store.ImportOptions{}, agenda(1))[0]
	var batch []store.Settlement
	for _, r := range w.walk(t, j, first, store.MaxWindow) {
		batch = append(batch, store.Settlement{Kind: j.Kind, Letter: r, Outcome: store.Outcome{State: store.Sent}})
	}
	now, err := w.SettleLetters(t.Context(), batch...)
	must(t, err)
	for i, r := range now {
		if r.State != store.Sent || r.Person != batch[i].Letter.Person {
			t.Errorf("entry %d is %+v", i, r)
		}
	}
	if left, _, err := w.Backend().Members(t.Context(), 5, store.WishIndex("x"), "", 100); err != nil || len(left) != 0 {
		t.Errorf("still wait: %q, %v", left, err)
	}
	// Who is forgotten while their letter is under way leaves the ledger in order, and nothing else behind.
	w.publish(t, store.ImportOptions{})
	w.wish(t, ids[0])
	j = w.publish(t, store.ImportOptions{}, agenda(2))[0]
	r := w.walk(t, j, first, 10)[0]
	must(t, w.Forget(t.Context(), ids[0]))
	w.settle(t, j, r, store.Outcome{State: store.Sent})
	if _, err := w.Person(t.Context(), ids[0]); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a fulfilled wish brings back who was forgotten: %v", err)
	}
}

// wishSilenced looks at the index after what silences or erases a person, each time from the start.
func wishSilenced(t *testing.T, w *world) {
	w.fill(t, on("x", 9))
	for i, tc := range []struct {
		name   string
		change func(*store.Person)
		stands bool
	}{
		{"Who is there stands in it", func(*store.Person) {}, true},
		{"Who muted the bot too, for they asked for this very message", func(p *store.Person) { p.Muted = true }, true},
		{"Who stopped everything does not", func(p *store.Person) { p.Stopped = true }, false},
		{"Nor who cannot be reached", func(p *store.Person) { p.Unreachable = "blocked" }, false},
		{"Nor who took it back", func(p *store.Person) { p.Wished = nil }, false},
	} {
		id := store.PersonID(100 + i)
		w.greet(t, id, nil)
		w.wish(t, id)
		change := func(p *store.Person) error { tc.change(p); return nil }
		_, err := w.ChangePerson(t.Context(), id, store.Cause{}, change)
		must(t, err)
		if got := w.stands(t, id, store.WishIndex("x")) != nil; got != tc.stands {
			t.Errorf("%s: got %v", tc.name, got)
		}
		must(t, w.Forget(t.Context(), id))
		if got := w.stands(t, id, store.WishIndex("x")); got != nil {
			t.Errorf("%s: forgotten, but stands in %q", tc.name, got)
		}
	}
}

func wishLimits(t *testing.T, w *world) {
	var all []store.Meeting
	for i := range store.MaxWishes + 2 {
		all = append(all, on(fmt.Sprintf("m%02d", i), 9+i))
	}
	w.fill(t, all...)
	w.greet(t, 1, nil)
	for i, m := range all[:store.MaxWishes] {
		_, err := w.WishAgenda(t.Context(), 1, m.ID, true, store.Cause{Update: store.UpdateID(i + 1), Step: "wish"})
		must(t, err)
	}
	cause := store.Cause{Update: 900, Step: "wish"}
	if _, err := w.WishAgenda(t.Context(), 1, all[store.MaxWishes].ID, true, cause); !errors.Is(err, store.ErrTooMany) {
		t.Errorf("one too many: got %v, want ErrTooMany", err)
	}
	// A day on, the first of the meetings is over and counts no more. The refused press may be made again.
	w.at("2026-12-09 12:00")
	p, err := w.WishAgenda(t.Context(), 1, all[store.MaxWishes].ID, true, cause)
	must(t, err)
	if len(p.Wished) != store.MaxWishes || p.Wishes(all[0].ID) || !p.Wishes(all[store.MaxWishes].ID) {
		t.Errorf("a place that came free: waits for %q", p.Wished)
	}
	// An update that comes again has no second effect, though the person has taken the wish back since.
	_, err = w.WishAgenda(t.Context(), 1, all[1].ID, false, store.Cause{Update: 901, Step: "wish"})
	must(t, err)
	p, err = w.WishAgenda(t.Context(), 1, all[1].ID, true, store.Cause{Update: 2, Step: "wish"})
	if must(t, err); p.Wishes(all[1].ID) {
		t.Error("an update of the past has its effect again")
	}
	if _, err := w.WishAgenda(t.Context(), 7, "m01", true, store.Cause{}); !errors.Is(err, store.ErrNotFound) || !strings.Contains(err.Error(), "wish") {
		t.Errorf("of somebody unknown: got %v, want ErrNotFound", err)
	}
}
