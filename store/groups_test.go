package store_test

import (
	"errors"
	"testing"

	"recbot/store"
)

// TestGroups follows groups through what can happen to them.
func TestGroups(t *testing.T) {
	t.Parallel()
	groups(t, newWorld(t))
}

func groups(t *testing.T, w *world) {
	const a, b, c store.ChatID = -7, -1007, -1008
	step := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	want := func(chat, now store.ChatID, gone bool) {
		t.Helper()
		gotNow, gotGone, err := w.Group(t.Context(), chat)
		if err != nil || gotNow != now || gotGone != gone {
			t.Errorf("group %d: got %d, gone %v, %v, want %d, gone %v", chat, gotNow, gotGone, err, now, gone)
		}
	}
	want(a, a, false) // nobody heard of it

	step("the update tells that it moved", w.MoveGroup(t.Context(), a, b))
	step("a refused letter tells so too", w.MoveGroup(t.Context(), a, b))
	want(a, b, false)
	want(b, b, false)

	step("the bot is put out", w.GroupGone(t.Context(), b, "kicked"))
	want(a, b, true)
	step("a late word about the old id changes nothing", w.GroupGone(t.Context(), a, "kicked"))
	step("nor does moving once more", w.MoveGroup(t.Context(), a, b))
	want(a, b, true)
	step("the bot is let in", w.GroupBack(t.Context(), b))
	want(a, b, false)

	step("it moves again", w.MoveGroup(t.Context(), b, c))
	want(a, c, false)
	step("a chat is no tombstone of itself", w.MoveGroup(t.Context(), c, c))
	step("nor of none", w.MoveGroup(t.Context(), c, 0))
	want(c, c, false)
	step("who is told that it came back does not run in circles", w.MoveGroup(t.Context(), c, a))
	want(b, a, false)
	want(a, a, false)
}

// TestAGroupTakesItsBanAlong moves a group that must not be written to.
func TestAGroupTakesItsBanAlong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.GroupGone(t.Context(), -7, "kicked"); err != nil {
		t.Fatal(err)
	}
	if err := w.MoveGroup(t.Context(), -7, -1007); err != nil {
		t.Fatal(err)
	}
	for _, chat := range []store.ChatID{-7, -1007} {
		if now, gone, err := w.Group(t.Context(), chat); now != -1007 || !gone || err != nil {
			t.Errorf("group %d: got %d, gone %v, %v, want -1007, gone", chat, now, gone, err)
		}
	}
}

// TestACrashWhileAGroupMoves ends the process before each of the two batches of a move: until both are there the group is
// found under its old id, ban included, and the next word of the move makes it whole. A tombstone written first would point
// to a group of which nothing is known, and the ban would be lost for good, for the move counts as noted then.
func TestACrashWhileAGroupMoves(t *testing.T) {
	t.Parallel()
	const old, next store.ChatID = -7, -1007
	for _, tc := range []struct {
		name  string
		batch int // the one that is not made any more
	}{
		{"before anything is written", 0},
		{"between the new record and the tombstone", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			must(t, w.GroupGone(t.Context(), old, "kicked"))
			w.b.fail(func(n int, apply func() (store.Result, error)) (store.Result, error) {
				if n >= tc.batch {
					return store.Result{}, store.ErrUnavailable
				}
				return apply()
			})
			if err := w.MoveGroup(t.Context(), old, next); !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("a move that was cut off gives %v, want %v", err, store.ErrUnavailable)
			}
			w.b.fail(nil)
			if now, gone, err := w.Group(t.Context(), old); now != old || !gone || err != nil {
				t.Errorf("after the crash: got %d, gone %v, %v, want %d, gone", now, gone, err, old)
			}
			must(t, w.MoveGroup(t.Context(), old, next))
			for _, chat := range []store.ChatID{old, next} {
				if now, gone, err := w.Group(t.Context(), chat); now != next || !gone || err != nil {
					t.Errorf("told again, group %d: got %d, gone %v, %v, want %d, gone", chat, now, gone, err, next)
				}
			}
		})
	}
}
