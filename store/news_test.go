package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// missed lists the ids of what a follower of wg-b missed since an instant.
func (w *world) missed(t *testing.T, since time.Time) (ids []store.JobID) {
	t.Helper()
	p := store.Newcomer(1, store.English, w.Now())
	p.Topics = []store.Topic{"wg-b"}
	news, err := w.Missed(t.Context(), p, since)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range news {
		ids = append(ids, n.Job)
	}
	return ids
}

func TestMissed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		due  string
		kind store.JobKind
		to   store.Audience
		fate store.State // in the person's ledger; "" = it has no word of it
		want bool
	}{
		{"news of what they follow", "12:00", store.JobNew, store.Audience{Topics: []store.Topic{"wg-b"}}, "", true},
		{"a change of it", "12:00", store.JobChange, store.Audience{Topics: []store.Topic{"rec", "wg-b"}}, "", true},
		{"news of what they do not follow", "12:00", store.JobNew, store.Audience{Topics: []store.Topic{"wg-a"}}, "", false},
		{"an announcement", "12:00", store.JobAnnounce, store.Audience{Everybody: true}, "", true},
		{"one to others", "12:00", store.JobAnnounce, store.Audience{Roles: []store.Role{store.Organizer}}, "", false},
		{"a second try at one", "12:00", store.JobAnnounce, store.Audience{Of: "announce:x"}, "", false},
		{"a reminder", "12:00", store.JobReminder, store.Audience{Topics: []store.Topic{"wg-b"}}, "", false},
		{"a letter to somebody", "12:00", store.JobChange, store.Audience{Person: 2}, "", false},
		{"news from before", "09:00", store.JobNew, store.Audience{Topics: []store.Topic{"wg-b"}}, "", false},
		{"the one at which their chat was found dead", "09:00", store.JobNew, store.Audience{Topics: []store.Topic{"wg-b"}}, store.Gone, true},
		{"news they got all the same", "12:00", store.JobNew, store.Audience{Topics: []store.Topic{"wg-b"}}, store.Sent, false},
		{"news still to come", "18:00", store.JobNew, store.Audience{Topics: []store.Topic{"wg-b"}}, "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			at := clock("2026-12-01 " + tc.due)
			job := store.Job{ID: "j", Kind: tc.kind, Audience: tc.to, Opened: at, Due: at}
			if tc.fate != "" {
				p := store.Newcomer(1, store.English, w.Now())
				p.Topics = []store.Topic{"wg-b"}
				if _, err := w.Greet(t.Context(), p); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.OpenJob(t.Context(), job); err != nil {
				t.Fatal(err)
			}
			if tc.fate != "" {
				w.settleFor(t, job, tc.fate)
			}
			w.at("2026-12-01 15:00")
			if job.Kind == store.JobAnnounce { // what has not begun comes to who is back
				w.walk(t, job, first, 10)
			}
			want := []store.JobID(nil)
			if tc.want {
				want = []store.JobID{"j"}
			}
			if diff := cmp.Diff(want, w.missed(t, clock("2026-12-01 10:00"))); diff != "" {
				t.Errorf("missed (-want +got):\n%s", diff)
			}
		})
	}
}

// settleFor takes a job's only recipient in hand and notes what came of it.
func (w *world) settleFor(t *testing.T, j store.Job, fate store.State) {
	t.Helper()
	window, err := w.TakeWindow(t.Context(), j, store.ShardOf(1), 1, 10)
	if err != nil || len(window.Recipients) != 1 {
		t.Fatalf("%d recipients, %v", len(window.Recipients), err)
	}
	if _, err := w.SettleLetter(t.Context(), j.Kind, window.Recipients[0], store.Outcome{State: fate}); err != nil {
		t.Fatal(err)
	}
}

// A job that was withdrawn and goes on is one piece of news, and news are kept for a while only.
func TestNewsAreKeptForAWhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, begin := t.Context(), w.Now()
	open := func(id store.JobID) {
		t.Helper()
		job := store.Job{ID: id, Kind: store.JobChange, Audience: store.Audience{Topics: []store.Topic{"wg-b"}}, Opened: w.Now(), Due: w.Now()}
		if err := w.OpenJob(ctx, job); err != nil {
			t.Fatal(err)
		}
	}
	open("a")
	if err := w.WithdrawJob(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	open("a")
	for i := range 300 { // more than a page of the log
		open(store.JobID(fmt.Sprint("b", i)))
	}
	if got := w.missed(t, begin); len(got) != 301 || got[0] != "a" || got[300] != "b299" {
		t.Errorf("%d missed, want a and b0 to b299", len(got))
	}
	w.at("2027-02-01 09:00")
	open("c")
	open("d")
	records, err := w.Backend().Read(ctx, store.Global, "news", 0, 1000)
	if err != nil || len(records) != 2 {
		t.Errorf("%d records are kept, %v; want c and d", len(records), err)
	}
}

// What was stopped and goes on comes to whoever it did not reach; until its walk has begun anew it is not missed.
func TestWhatGoesOnIsNotMissed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var ids []store.PersonID // two of one shard
	for id := store.PersonID(1); len(ids) < 2; id++ {
		if store.ShardOf(store.ChatID(id)) == store.ShardOf(1) {
			w.greet(t, id, nil)
			ids = append(ids, id)
		}
	}
	j := store.Job{ID: "announce:x", Kind: store.JobAnnounce, Audience: store.Audience{Everybody: true}, Opened: w.Now(), Due: w.Now(), Turn: 1}
	must(t, w.OpenJob(t.Context(), j))
	first, err := w.TakeWindow(t.Context(), j, store.ShardOf(1), 1, 1)
	if err != nil || len(first.Recipients) != 1 {
		t.Fatalf("%v, %v", first.Recipients, err)
	}
	must(t, w.WithdrawJob(t.Context(), j.ID))
	j.Turn = 2
	must(t, w.OpenJob(t.Context(), j))
	other := ids[0]
	if other == first.Recipients[0].Person {
		other = ids[1]
	}
	p, err := w.Person(t.Context(), other)
	must(t, err)
	news, err := w.Missed(t.Context(), p, w.Now().Add(-time.Hour))
	if err != nil || len(news) > 0 {
		t.Errorf("it is on its way and was missed: %v, %v", news, err)
	}
	if next, err := w.TakeWindow(t.Context(), j, store.ShardOf(1), 1, 5); err != nil || len(next.Recipients) != 1 {
		t.Errorf("it comes to %v, %v, want to one", next.Recipients, err)
	}
	if news, err = w.Missed(t.Context(), p, w.Now().Add(-time.Hour)); err != nil || len(news) > 1 {
		t.Errorf("once it was taken: %v, %v", news, err)
	}
}

// A correction is no news of its own, but told with what it corrects, and so is a recall.
func TestMissedCorrections(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, j := range []store.Job{
		{ID: "announce:a", Audience: store.Audience{Topics: []store.Topic{"wg-b"}}},
		{ID: "announce:b", Audience: store.Audience{Of: "announce:a"}, Replaces: []store.JobID{"announce:a"}},
		{ID: "announce:c", Audience: store.Audience{Of: "announce:a"}, Replaces: []store.JobID{"announce:a", "announce:b"}},
	} {
		j.Kind, j.Due = store.JobAnnounce, w.Now()
		if err := w.OpenJob(t.Context(), j); err != nil {
			t.Fatal(err)
		}
		if j.ID == "announce:a" {
			if coming := w.missed(t, w.Now()); len(coming) != 0 {
				t.Errorf("what has still to come is missed: %v", coming)
			}
			w.walk(t, j, first, 10)
		}
	}
	p := store.Newcomer(1, store.English, w.Now())
	p.Topics = []store.Topic{"wg-b"}
	news, err := w.Missed(t.Context(), p, w.Now())
	if err != nil || len(news) != 1 {
		t.Fatalf("%d missed, %v; want the first", len(news), err)
	}
	if digest, err := w.NewsBetween(t.Context(), w.Now().Add(-time.Hour), w.Now()); err != nil || len(digest) != 0 {
		t.Errorf("a digest would tell of %d announcements, %v", len(digest), err)
	}
	if diff := cmp.Diff([]store.JobID{"announce:c", "announce:b"}, news[0].Later); diff != "" {
		t.Errorf("its corrections (-want +got):\n%s", diff)
	}
}
