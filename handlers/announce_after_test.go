package handlers_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot/council"
	"recbot/handlers"
	"recbot/store"
)

// TestAfterAnAnnouncement presses what stands under a report: in time, and after the 48 hours for which Telegram lets messages
// be changed.
func TestAfterAnAnnouncement(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		verb  string
		after time.Duration
		want  string
	}{
		{"a correction in time", "fix", 47 * time.Hour, "Correction"},
		{"a correction too late", "fix", 48 * time.Hour, "48 hours"},
		{"a recall in time asks first", "back", 47 * time.Hour, "[Yes"},
		{"a recall too late", "back", 48 * time.Hour, "48 hours"},
		{"a recall that was confirmed too late", "back:yes", 48 * time.Hour, "48 hours"},
		{"a retry in time", "retry:2:yes", 35 * time.Hour, "Sending"},
		{"a retry too late", "retry:2:yes", 36 * time.Hour, "36 hours"},
		{"an old button of a retry", "retry:1", time.Hour, "Delivered: 5"},
		{"the table in time", "csv", time.Hour, "{announcement-"},
		{"the table too late", "csv", 48 * time.Hour, "48 hours"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.member(1, 2)
			author := s.colleague(7, store.Organizer)
			draft := s.draft(7, func(d *store.Draft) {
				d.State, d.Round, d.Due, d.Counts = store.DraftDone, 1, s.now, &store.Counts{Sent: 5, Rejected: 1, Unknown: 1}
			})
			author.now = author.now.Add(tc.after)
			got := author.pressesData("an:" + string(draft.ID) + ":" + tc.verb)
			if author.last.Toast != nil {
				got += s.read(author.record(), author.last)
			}
			if author.last.File != nil {
				got += "{" + author.last.File.Name + "}"
			}
			hears(t, got, tc.want)
		})
	}
}

// TestARetryProlongsNothing counts the 48 hours from when the first letters left.
func TestARetryProlongsNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	author := s.colleague(7, store.Organizer)
	draft := s.draft(7, func(d *store.Draft) {
		d.State, d.Round, d.Due, d.Counts = store.DraftDone, 1, s.now, &store.Counts{Sent: 5, Unknown: 1}
	})
	data := "an:" + string(draft.ID)
	author.now = author.now.Add(30 * time.Hour)
	hears(t, author.pressesData(data+":retry:2:yes"), "Sending")
	if _, err := s.store.ChangeDraft(t.Context(), draft.ID, func(d *store.Draft) error {
		d.State, d.Counts = store.DraftDone, &store.Counts{Sent: 1}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	author.now = author.now.Add(17 * time.Hour)
	hears(t, author.pressesData(data+":back"), "[Yes")
	author.now = author.now.Add(2 * time.Hour)
	author.pressesData(data + ":back")
	if author.last.Toast == nil {
		t.Error("what the first letters are too old for is offered")
	}
}

// TestCorrectionReplacesEveryRound makes a successor of an announcement that was sent in two rounds.
func TestCorrectionReplacesEveryRound(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	author := s.colleague(7, store.Organizer)
	draft := s.draft(7, func(d *store.Draft) {
		d.State, d.Round, d.Due = store.DraftDone, 2, s.now
		d.Counts, d.Before = &store.Counts{Sent: 1}, &store.Counts{Sent: 4}
	})
	author.pressesData("an:" + string(draft.ID) + ":back:yes")
	all, err := s.store.Drafts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, next := range all {
		if next.ID == draft.ID {
			continue
		}
		want := []store.JobID{store.AnnounceID(draft.ID, 1), store.AnnounceID(draft.ID, 2)}
		if diff := cmp.Diff(want, next.Replaces); diff != "" || !next.Recall || next.N != 5 || next.State != store.DraftSending {
			t.Errorf("recall %+v (-want +got):\n%s", next, diff)
		}
		// A correction is not corrected: the button shows how it stands.
		author.pressesData("an:" + string(next.ID) + ":fix")
		if again, err := s.store.Drafts(t.Context()); err != nil || len(again) != len(all) {
			t.Errorf("%d drafts, %v, want %d", len(again), err, len(all))
		}
		return
	}
	t.Fatal("nothing recalls the announcement")
}

// TestARecallPressedTwice makes one recall, whoever presses and whenever; only what a recall left over is tried again.
func TestARecallPressedTwice(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		before func(*store.Draft) // what became of the first recall before the second press; nil = it is under way
		says   string             // to the second press
		made   int
	}{
		{"while it is under way", nil, "Deleting: 0 of 5", 1},
		{"when all was deleted", func(d *store.Draft) { d.State, d.Counts = store.DraftDone, &store.Counts{Sent: 5} }, "(This announcement has already been recalled: nothing is left to delete.)", 1},
		{"when some have blocked the bot", func(d *store.Draft) { d.State, d.Counts = store.DraftDone, &store.Counts{Sent: 4, Gone: 1} }, "nothing is left to delete", 1},
		{"when one was refused", func(d *store.Draft) { d.State, d.Counts = store.DraftDone, &store.Counts{Sent: 4, Rejected: 1} }, "Deleting: 0 of 5", 2},
		{"when of one it is not known", func(d *store.Draft) { d.State, d.Counts = store.DraftDone, &store.Counts{Sent: 4, Unknown: 1} }, "Deleting: 0 of 5", 2},
		{"when it was stopped", func(d *store.Draft) { d.State, d.Counts = store.DraftStopped, &store.Counts{Sent: 2} }, "Deleting: 0 of 5", 2},
	} {
		for second, who := range map[string]store.PersonID{"by the same organizer": 7, "by another": 8} {
			t.Run(tc.name+", "+second, func(t *testing.T) {
				t.Parallel()
				s := newStage(t)
				talks := map[store.PersonID]*talk{7: s.colleague(7, store.Organizer), 8: s.colleague(8, store.Organizer)}
				draft := s.draft(7, func(d *store.Draft) {
					d.State, d.Round, d.Due, d.Counts = store.DraftDone, 1, s.now, &store.Counts{Sent: 5}
				})
				data := "an:" + string(draft.ID) + ":back:yes"
				hears(t, talks[7].pressesData(data), "Deleting: 0 of 5")
				if tc.before != nil {
					recall := s.recalls(draft.ID)[0]
					if _, err := s.store.ChangeDraft(t.Context(), recall.ID, func(d *store.Draft) error { tc.before(d); return nil }); err != nil {
						t.Fatal(err)
					}
				}
				hears(t, talks[who].pressesData(data), tc.says)
				if n := len(s.recalls(draft.ID)); n != tc.made {
					t.Errorf("%d recalls, want %d", n, tc.made)
				}
			})
		}
	}
}

// recalls lists the recalls of an announcement.
func (s *stage) recalls(id store.DraftID) []store.Draft {
	s.t.Helper()
	all, err := s.store.Successors(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(d store.Draft) bool { return !d.Recall })
}

// TestTheTableSaysWhereItStops names everybody as long as there are no more than fit, and says so when there are.
func TestTheTableSaysWhereItStops(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	author := s.colleague(7, store.Organizer)
	draft := s.draft(7, func(d *store.Draft) {
		d.State, d.Round, d.Due, d.Counts = store.DraftDone, 1, s.now, &store.Counts{Sent: 3}
		d.Audience = store.Audience{Everybody: true}
	})
	job := store.Job{ID: store.AnnounceID(draft.ID, 1), Kind: store.JobAnnounce, Audience: draft.Audience, Opened: s.now, Due: s.now, Turn: draft.Turn}
	s.member(2, 31, 100) // each in a shard of their own
	for _, id := range []store.PersonID{2, 31, 100} {
		s.tell(job, store.Person{ID: id})
	}
	for _, tc := range []struct {
		name      string
		rows      int
		lines     int
		says, not string
	}{
		{"all fit", 10, 4, "What became of each message", "only some"},
		{"one fits", 1, 2, "The table names only some of the recipients: 1; the report counts all of them.", "{"},
	} {
		s.desk = handlers.New(handlers.Options{Store: s.store, Council: council.Embedded(), Now: func() time.Time { return s.now }, Zone: tashkent, TableRows: tc.rows})
		reply := s.press(author.record(), "an:"+string(draft.ID)+":csv")
		got := s.read(author.record(), reply)
		hears(t, got, tc.says)
		misses(t, got, tc.not)
		if n := strings.Count(string(reply.File.Data), "\n"); n != tc.lines {
			t.Errorf("%s: %d lines, want %d:\n%s", tc.name, n, tc.lines, reply.File.Data)
		}
	}
}

// TestARecallThatWasStoppedCanBeMadeAgain offers it where its report stands, which may be the only message about it.
func TestARecallThatWasStoppedCanBeMadeAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	author := s.colleague(7, store.Organizer)
	for _, tc := range []struct {
		name   string
		state  store.DraftState
		counts store.Counts
		want   bool
	}{
		{"stopped", store.DraftStopped, store.Counts{Sent: 1}, true},
		{"with some that could not be deleted", store.DraftDone, store.Counts{Sent: 1, Rejected: 2}, true},
		{"complete", store.DraftDone, store.Counts{Sent: 3}, false},
	} {
		recall := s.draft(7, func(d *store.Draft) {
			d.Recall, d.Replaces, d.State, d.Round = true, []store.JobID{"announce:first:2"}, tc.state, 1
			d.Counts = &tc.counts
		})
		shown := author.pressesData("an:" + string(recall.ID) + ":state")
		if got := strings.Contains(shown, "[Recall]"); got != tc.want {
			t.Errorf("%s: it can be made again: %v, want %v", tc.name, got, tc.want)
		}
	}
}

// TestStoppedReportsSayWhatIsLeft reads reports of what was stopped: each kind in its words, with those who are left.
func TestStoppedReportsSayWhatIsLeft(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	author := s.colleague(7, store.Organizer)
	first := []store.JobID{"announce:first:1"}
	for _, tc := range []struct {
		name   string
		change func(*store.Draft)
		want   []string
	}{
		{"an announcement", func(*store.Draft) {}, []string{"Sending was stopped.", "Delivered: 2", "Not delivered: 1", "Not sent: 4", "[Go on (4)]"}},
		{"a repetition, of whom it did not reach", func(d *store.Draft) { d.Round, d.Before = 2, &store.Counts{Sent: 10, Gone: 1} }, []string{"Delivered: 12", "Not tried again: 4", "[Go on (4)]"}},
		{"a correction", func(d *store.Draft) { d.Replaces = first }, []string{"Changing was stopped.", "Changed: 2", "Could not be changed: 1", "Left as it was: 4", "[Go on (4)]"}},
		{"a recall", func(d *store.Draft) { d.Replaces, d.Recall = first, true }, []string{"Deleting was stopped.", "Deleted: 2", "Could not be deleted: 1", "Not deleted: 4", "[Recall]"}},
	} {
		draft := s.draft(7, func(d *store.Draft) {
			d.State, d.Round, d.N, d.Counts = store.DraftStopped, 1, 7, &store.Counts{Sent: 2, Rejected: 1}
			tc.change(d)
		})
		shown := author.pressesData("an:" + string(draft.ID) + ":state")
		for _, want := range tc.want {
			if !strings.Contains(shown, want) {
				t.Errorf("%s: the report lacks %q:\n%s", tc.name, want, shown)
			}
		}
	}
}

// TestWhatWasRecalledIsNotCorrected presses the button of a report that still stands in the chat of another organizer.
func TestWhatWasRecalledIsNotCorrected(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	author := s.colleague(7, store.Organizer)
	draft := s.draft(7, func(d *store.Draft) {
		d.State, d.Round, d.Due, d.Counts = store.DraftDone, 1, s.now, &store.Counts{Sent: 5}
	})
	author.pressesData("an:" + string(draft.ID) + ":back:yes")
	hears(t, author.pressesData("an:"+string(draft.ID)+":fix"), "This announcement has been recalled: there is nothing left to correct.")
}
