package store_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

func TestEntriesSeen(t *testing.T) {
	t.Parallel()
	entriesSeen(t, newWorld(t))
}

// entriesSeen asks as many persons what they find among answered questions.
func entriesSeen(t *testing.T, w *world) {
	ctx := t.Context()
	meeting := func(id store.MeetingID, v store.Visibility) store.Meeting {
		return store.Meeting{
			ID: id, Date: "2026-12-09", Zone: "Asia/Tashkent", Visibility: v, Bound: []string{"wg-b"},
			FAQ: []store.FAQ{{ID: "in-" + string(id), Topic: "visa", Question: store.Text{store.English: "q"}, Answer: store.Text{store.English: "a"}}},
		}
	}
	_, err := w.Import(ctx, []store.Meeting{meeting("open", store.Public), meeting("closed", store.Restricted)}, store.ImportOptions{Silent: "test"})
	must(t, err)
	for _, f := range []store.FAQ{
		{ID: "all", Visibility: store.Public},
		{ID: "delegates", Visibility: store.Delegates},
		{ID: "b", Visibility: store.Restricted, Bound: []string{"wg-b"}},
		{ID: "of-closed", Visibility: store.Public, Meeting: "closed"},
		{ID: "of-nothing", Visibility: store.Public, Meeting: "gone"},
		{ID: "unset"},
	} {
		_, err := w.SaveEntry(ctx, f)
		must(t, err)
	}
	for _, tc := range []struct {
		name string
		who  store.Person
		want []string
	}{
		{"a guest sees what is public", store.Person{}, []string{"all", "in-open"}},
		{"a delegate sees what is for delegates too", store.Person{Role: store.Delegate}, []string{"all", "delegates", "in-open"}},
		{"a member sees what is for the group, and what its meeting answers", store.Person{MemberOf: []string{"wg-b"}},
			[]string{"all", "b", "delegates", "in-closed", "in-open", "of-closed"}},
		{"a member of another group does not", store.Person{MemberOf: []string{"wg-a"}}, []string{"all", "delegates", "in-open"}},
		{"an organizer sees everything", store.Person{Role: store.Organizer},
			[]string{"all", "b", "delegates", "in-closed", "in-open", "of-closed", "of-nothing", "unset"}},
	} {
		list, err := w.VisibleEntries(ctx, tc.who)
		must(t, err)
		var got []string
		for _, f := range list {
			got = append(got, f.ID)
			if _, err := w.Entry(ctx, f.ID, tc.who); err != nil {
				t.Errorf("%s: %q is listed but gives %v", tc.name, f.ID, err)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
	if _, err := w.Entry(ctx, "b", store.Person{}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("what is closed to a guest gives %v, want ErrNotFound", err)
	}
}

func TestEntriesChange(t *testing.T) {
	t.Parallel()
	entriesChange(t, newWorld(t))
}

// entriesChange looks at entries from two processes while one of them writes.
func entriesChange(t *testing.T, w *world) {
	ctx, other := t.Context(), w.again()
	seen := func() (list []string, rev store.Rev) {
		t.Helper()
		all, err := other.Entries(ctx)
		must(t, err)
		for _, f := range all {
			list = append(list, f.ID+" "+f.Answer[store.English])
		}
		rev, err = other.Revision(ctx)
		must(t, err)
		return list, rev
	}
	last := store.Rev(-1)
	step := func(name string, want ...string) {
		t.Helper()
		got, rev := seen()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if rev <= last {
			t.Errorf("%s: the revision is %d after %d, so nobody reads anew", name, rev, last)
		}
		last = rev
	}
	step("at first there are none")
	first, err := w.SaveEntry(ctx, store.FAQ{ID: "q41", Answer: store.Text{store.English: "yes"}, From: 41})
	must(t, err)
	step("one was added", "q41 yes")
	if _, err := w.SaveEntry(ctx, store.FAQ{ID: "q41"}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a second one of the same id: got %v, want ErrConflict", err)
	}
	if f, err := other.EntryOf(ctx, 41); err != nil || f.Rev != first.Rev {
		t.Errorf("the entry of No. 41: got %+v, %v", f, err)
	}
	_, err = w.ChangeEntry(ctx, "q41", func(f *store.FAQ) error {
		f.Answer = store.Text{store.English: "no"}
		return nil
	})
	must(t, err)
	step("it was changed", "q41 no")
	must(t, w.DropEntry(ctx, "q41"))
	step("it was removed")
	if _, err := w.ChangeEntry(ctx, "q41", func(*store.FAQ) error { return nil }); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a change of what is removed: got %v, want ErrNotFound", err)
	}
	if _, err := w.SaveEntry(ctx, store.FAQ{ID: "A B"}); err == nil {
		t.Error("an id with a blank was taken")
	}
}
