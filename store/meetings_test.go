package store_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// fill imports meetings of which nobody is told.
func (w *world) fill(t testing.TB, meetings ...store.Meeting) {
	t.Helper()
	if _, err := w.Import(t.Context(), meetings, store.ImportOptions{Silent: "given"}); err != nil {
		t.Fatal(err)
	}
}

// on makes a meeting of an id on a day of December 2026.
func on(id string, day int, change ...func(*store.Meeting)) store.Meeting {
	there := func(m *store.Meeting) {
		m.ID, m.UID, m.Date = store.MeetingID(id), id+"@recbot", fmt.Sprintf("2026-12-%02d", day)
	}
	return meeting(append([]func(*store.Meeting){there}, change...)...)
}

func restricted(m *store.Meeting) { m.Visibility, m.Bound = store.Restricted, []string{"wg-b"} }

func status(s store.Status) func(*store.Meeting) {
	return func(m *store.Meeting) { m.Status = s }
}

func ids(meetings []store.Meeting) (list []store.MeetingID) {
	for _, m := range meetings {
		list = append(list, m.ID)
	}
	return list
}

func TestMeetings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got, err := w.Meetings(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("in an empty store: got %v, %v", got, err)
	}
	w.fill(t, on("c", 12), on("a", 10), on("b", 10), on("day", 10, allDay), on("secret", 9, restricted))
	all, err := w.Meetings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]store.MeetingID{"secret", "day", "a", "b", "c"}, ids(all)); diff != "" {
		t.Errorf("by start, then by id (-want +got):\n%s", diff)
	}
	for _, tc := range []struct {
		name   string
		person store.Person
		want   []store.MeetingID
	}{
		{"A guest sees what is public", store.Person{}, []store.MeetingID{"day", "a", "b", "c"}},
		{"A member of another group too", store.Person{MemberOf: []string{"wg-a"}}, []store.MeetingID{"day", "a", "b", "c"}},
		{"Following is not membership", store.Person{Topics: []store.Topic{"wg-b"}}, []store.MeetingID{"day", "a", "b", "c"}},
		{"A member sees what is theirs", store.Person{MemberOf: []string{"wg-b"}}, []store.MeetingID{"secret", "day", "a", "b", "c"}},
		{"An organizer sees all", store.Person{Role: store.Organizer}, []store.MeetingID{"secret", "day", "a", "b", "c"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := w.VisibleMeetings(t.Context(), tc.person)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, ids(got)); diff != "" {
				t.Errorf("visible (-want +got):\n%s", diff)
			}
		})
	}
}

// TestMeetingsAreNotReadTwice counts the calls: what is cached, and that one cannot tell from them what exists.
func TestMeetingsAreNotReadTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(t, on("open", 10), on("secret", 9, restricted))
	if _, err := w.Meetings(t.Context()); err != nil {
		t.Fatal(err)
	}
	guest := store.Person{}
	for _, tc := range []struct {
		name string
		ask  func() error
		want error
	}{
		{"A meeting that is public", func() error { _, err := w.Meeting(t.Context(), "open", guest); return err }, nil},
		{"A meeting that is not theirs", func() error { _, err := w.Meeting(t.Context(), "secret", guest); return err }, store.ErrNotFound},
		{"A meeting that is none", func() error { _, err := w.Meeting(t.Context(), "nothing", guest); return err }, store.ErrNotFound},
		{"The list", func() error { _, err := w.VisibleMeetings(t.Context(), guest); return err }, nil},
		{"The next one", func() error { _, err := w.NextMeeting(t.Context(), guest, w.Now()); return err }, nil},
		{"The next one after all", func() error { _, err := w.NextMeeting(t.Context(), guest, clock("2030-01-01 00:00")); return err }, store.ErrNotFound},
	} {
		before := w.b.reads()
		if err := tc.ask(); !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, err, tc.want)
		}
		if got := w.b.reads() - before; got != 1 {
			t.Errorf("%s: %d reads of the store, want 1", tc.name, got)
		}
	}
	secret, err1 := w.Meeting(t.Context(), "secret", guest)
	nothing, err2 := w.Meeting(t.Context(), "nothing", guest)
	if diff := cmp.Diff(nothing, secret); diff != "" || len(err1.Error())-len(err2.Error()) != len("secret")-len("nothing") {
		t.Errorf("what is hidden can be told from what is not there: %v, %v %s", err1, err2, diff)
	}
}

func TestMeetingsOfAnotherProcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.again()
	w.fill(t, on("a", 10))
	if _, err := other.Meeting(t.Context(), "a", store.Person{}); err != nil {
		t.Fatal(err)
	}
	w.fill(t, on("b", 11))
	m, err := other.Meeting(t.Context(), "b", store.Person{})
	if err != nil {
		t.Fatalf("saved by another process: %v", err)
	}
	rev, err := other.Revision(t.Context())
	if err != nil || m.Revision != rev {
		t.Errorf("revision of the last save: meeting has %d, the store %d, %v", m.Revision, rev, err)
	}
}

func TestManyMeetings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var many []store.Meeting
	for i := range 450 {
		many = append(many, on(fmt.Sprintf("m-%03d", i), 10))
	}
	w.fill(t, many...)
	got, err := w.Meetings(t.Context())
	if err != nil || len(got) != len(many) {
		t.Fatalf("got %d meetings, %v, want %d", len(got), err, len(many))
	}
}

func TestNextMeeting(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		meetings []store.Meeting
		now      string
		want     store.MeetingID // "" = none
	}{
		{"There is none", nil, "2026-12-01 09:00", ""},
		{"The nearest comes first", []store.Meeting{on("late", 12), on("soon", 10)}, "2026-12-01 09:00", "soon"},
		{"A past one is not next", []store.Meeting{on("past", 1), on("soon", 10)}, "2026-12-05 09:00", "soon"},
		{"One that is going on is, until it is over", []store.Meeting{on("now", 9), on("soon", 10)}, "2026-12-09 11:59", "now"},
		{"After its end the following is", []store.Meeting{on("now", 9), on("soon", 10)}, "2026-12-09 12:00", "soon"},
		{"A cancelled one is not", []store.Meeting{on("off", 9, status(store.Cancelled)), on("soon", 10)}, "2026-12-01 09:00", "soon"},
		{"A postponed one is not", []store.Meeting{on("off", 9, status(store.Postponed)), on("soon", 10)}, "2026-12-01 09:00", "soon"},
		{"A tentative one is", []store.Meeting{on("maybe", 9, status(store.Tentative)), on("soon", 10)}, "2026-12-01 09:00", "maybe"},
		{"One that is not theirs is not", []store.Meeting{on("secret", 9, restricted), on("soon", 10)}, "2026-12-01 09:00", "soon"},
		{"A whole day is next until it ends", []store.Meeting{on("day", 9, allDay), on("soon", 10)}, "2026-12-09 23:59", "day"},
		{"All are past", []store.Meeting{on("past", 1)}, "2026-12-05 09:00", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.fill(t, tc.meetings...)
			got, err := w.NextMeeting(t.Context(), store.Person{}, clock(tc.now))
			if tc.want == "" {
				if !errors.Is(err, store.ErrNotFound) {
					t.Errorf("got %q, %v, want ErrNotFound", got.ID, err)
				}
				return
			}
			if err != nil || got.ID != tc.want {
				t.Errorf("got %q, %v, want %q", got.ID, err, tc.want)
			}
		})
	}
}
