package store_test

import (
	"errors"
	"testing"
	"time"

	"recbot/store"
)

// TestSweepGone erases who could not be reached for a year, and nobody else.
func TestSweepGone(t *testing.T) {
	t.Parallel()
	sweepGone(t, newWorld(t))
}

func sweepGone(t *testing.T, w *world) {
	gone := func(id store.PersonID, since time.Time) {
		t.Helper()
		_, err := w.ChangePerson(t.Context(), id, store.Cause{}, func(p *store.Person) error {
			p.Unreachable, p.GoneSince = "", time.Time{}
			if !since.IsZero() {
				p.Unreachable, p.GoneSince = "user is deactivated", since
			}
			return nil
		})
		must(t, err)
	}
	begin := w.now
	for id := store.PersonID(1); id <= 4; id++ {
		w.greet(t, id, nil)
	}
	gone(1, begin)
	gone(2, begin)
	gone(2, time.Time{}) // came back
	gone(3, begin)
	gone(3, time.Time{})
	gone(3, begin.Add(time.Hour)) // and went again
	must(t, w.SaveFlow(t.Context(), 1, store.Flow{Name: "start", Expires: begin.Add(time.Hour)}))
	for _, tc := range []struct {
		after time.Duration
		left  []store.PersonID
	}{
		{store.GoneKept - time.Minute, []store.PersonID{1, 2, 3, 4}},
		{store.GoneKept, []store.PersonID{2, 3, 4}},
		{store.GoneKept + time.Hour, []store.PersonID{2, 4}},
		{10 * store.GoneKept, []store.PersonID{2, 4}},
	} {
		w.now = begin.Add(tc.after)
		must(t, w.SweepGone(t.Context()))
		must(t, w.SweepGone(t.Context())) // there is nothing left to do
		var left []store.PersonID
		for id := store.PersonID(1); id <= 4; id++ {
			if _, err := w.Person(t.Context(), id); err == nil {
				left = append(left, id)
			} else if !errors.Is(err, store.ErrNotFound) {
				t.Fatal(err)
			}
		}
		if len(left) != len(tc.left) || left[0] != tc.left[0] {
			t.Errorf("after %s persons %v are left, want %v", tc.after, left, tc.left)
		}
	}
	if _, err := w.Flow(t.Context(), 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the conversation of who was erased: %v", err)
	}
}

// TestSweepGoneAfterACrash dies behind each of its batches: the next sweep ends what was begun.
func TestSweepGoneAfterACrash(t *testing.T) {
	t.Parallel()
	for dies := range 5 {
		w := newWorld(t)
		w.greet(t, 7, func(p *store.Person) { p.Unreachable, p.GoneSince = "blocked the bot", w.now })
		must(t, w.OpenJob(t.Context(), store.Job{ID: "letter:x", Kind: store.JobLetter, Audience: store.Audience{Person: 7}, Opened: w.now, Due: w.now}))
		w.now = w.now.Add(store.GoneKept)
		w.b.fail(dieAfter(dies))
		_ = w.SweepGone(t.Context())
		w.b.fail(nil)
		must(t, w.SweepGone(t.Context()))
		if _, err := w.Person(t.Context(), 7); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("killed after %d batches: the record: %v", dies, err)
		}
		if jobs := w.jobs(t); len(jobs) != 0 {
			t.Errorf("killed after %d batches: jobs %q are still there", dies, jobIDs(jobs))
		}
	}
}

// TestPersonGone holds that the first note stays, with its time, and that who has no record is nobody to note anything of.
func TestPersonGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.greet(t, 1, nil)
	w.greet(t, 3, nil)
	since := w.now
	must(t, w.PersonGone(t.Context(), 1, "bot was blocked by the user"))
	w.now = since.Add(time.Hour)
	must(t, w.PersonGone(t.Context(), 1, "user is deactivated"))
	must(t, w.PersonGone(t.Context(), 2, "bot was blocked by the user"))
	p, err := w.Person(t.Context(), 1)
	if err != nil || p.Unreachable != "bot was blocked by the user" || !p.GoneSince.Equal(since) {
		t.Errorf("gone because %q since %v (%v), want what was noted first, at %v", p.Unreachable, p.GoneSince, err, since)
	}
	if _, err := w.Person(t.Context(), 2); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("somebody without a record has one now (%v)", err)
	}
	w.b.fail(func(int, func() (store.Result, error)) (store.Result, error) {
		return store.Result{}, store.ErrUnavailable
	})
	if err := w.PersonGone(t.Context(), 3, "bot was blocked by the user"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a store out of reach gives %v", err)
	}
}
