package handlers_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"recbot/bot"
	"recbot/bot/council"
	"recbot/handlers"
	"recbot/store"
)

// moments is at how many of the reads of one press somebody else presses, one after the other: more than a press makes.
const moments = 30

// stopped is an announcement that ended, and a correction of it that was stopped.
func (s *stage) stopped(state store.DraftState) (draft, fix store.Draft) {
	s.t.Helper()
	draft = s.draft(7, func(d *store.Draft) {
		d.State, d.Round, d.N, d.Due, d.Counts = state, 1, 2, s.now, &store.Counts{Sent: 1}
	})
	fix = s.draft(7, func(d *store.Draft) {
		d.State, d.Round, d.N, d.Due, d.Counts = store.DraftStopped, 1, 2, s.now, &store.Counts{}
		d.Texts = store.Text{store.English: "Right words"}
		correcting(d, draft)
	})
	return draft, fix
}

// A correction that was stopped is let go on while somebody lets its announcement go on, or recalls it: whatever comes of that, it is a
// correction, and never a message of its own.
func TestACorrectionStaysOne(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		state store.DraftState
		verb  string
	}{
		"the announcement goes on":     {store.DraftStopped, ":go"},
		"the announcement is recalled": {store.DraftDone, ":back:yes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := range moments {
				s, b, author, other := disturbed(t)
				draft, fix := s.stopped(tc.state)
				b.skip, b.afterRead = n, func() { s.mustPress(other, "an:"+string(draft.ID)+tc.verb) }
				_, _ = s.presses(author, "an:"+string(fix.ID)+":go") // which may be refused
				now := s.draftNow(fix.ID)
				if len(now.Replaces) == 0 {
					t.Fatalf("at read %d: the correction is %q and replaces nothing", n, now.State)
				}
			}
		})
	}
}

// Begin refuses a correction while its announcement is on its way; in that moment that ends, and the correction is stopped and let go on:
// the refusal was for the turn before.
func TestARefusalEndsNoLaterTurn(t *testing.T) {
	t.Parallel()
	passed := 0
	for n := range moments {
		s, b, author, _ := disturbed(t)
		draft, fix := s.stopped(store.DraftSending)
		if _, err := s.store.ChangeDraft(t.Context(), fix.ID, func(d *store.Draft) error { d.State, d.Turn = store.DraftSending, 1; return nil }); err != nil {
			t.Fatal(err)
		}
		b.skip, b.afterRead = n, func() {
			if _, err := s.store.ChangeDraft(context.Background(), draft.ID, func(d *store.Draft) error { d.State = store.DraftDone; return nil }); err != nil {
				t.Error(err)
			}
			_, _ = s.presses(author, "an:"+string(fix.ID)+":stop")
			_, _ = s.presses(author, "an:"+string(fix.ID)+":go")
		}
		job := store.Job{ID: store.AnnounceID(fix.ID, 1), Kind: store.JobAnnounce, Turn: 1, Replaces: fix.Replaces}
		if err := s.desk.Begin(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		switch now := s.draftNow(fix.ID); {
		case now.Turn == 2 && now.State == store.DraftStopped:
			t.Errorf("at read %d: turn 2 was stopped", n)
		case now.Turn == 2:
			passed++
		}
	}
	if passed == 0 {
		t.Error("no moment of it was met")
	}
}

// What has just been stopped is not shown as being sent.
func TestNoProgressOfWhatWasRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member(1)
	var said []string
	author := s.person(7, store.English, func(p *store.Person) { p.Role = store.Organizer })
	s.desk = handlers.New(handlers.Options{
		Store: s.store, Council: council.Embedded(), Now: func() time.Time { return s.now }, Zone: tashkent,
		Tell: func(_ context.Context, _ store.PersonID, r *bot.Reply) error {
			said = append(said, s.read(author, r))
			return nil
		},
	})
	draft := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N, d.Due, d.Turn = store.DraftSending, 1, 1, s.now, 2 })
	job := store.Job{ID: store.AnnounceID(draft.ID, 1), Kind: store.JobAnnounce, Turn: 2}
	tell := func() {
		t.Helper()
		if err := s.desk.Progress(t.Context(), job, store.Counts{}, false); err != nil {
			t.Fatal(err)
		}
	}
	tell()
	if len(said) != 1 || !strings.Contains(said[0], "Sending: 0 of 1") {
		t.Fatalf("under way it says %q", said)
	}
	s.draft(7, func(d *store.Draft) {
		d.ID, d.State, d.Recall, d.Replaces, d.Round = draft.ID+"-1", store.DraftSending, true, []store.JobID{job.ID}, 1
	})
	tell()
	if now := s.draftNow(draft.ID); now.State != store.DraftStopped || len(said) != 1 {
		t.Errorf("it is %q, and it says %q", now.State, said)
	}
}

// The last report of a stopped correction comes while its announcement is on its way: it can go on when that has ended.
func TestACorrectionCanGoOnLater(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member(1, 2)
	author := s.colleague(7, store.Organizer)
	_, fix := s.stopped(store.DraftSending)
	job := store.Job{ID: store.AnnounceID(fix.ID, 1), Kind: store.JobAnnounce, Turn: fix.Turn, Replaces: fix.Replaces}
	if err := s.desk.Progress(t.Context(), job, store.Counts{Sent: 1}, true); err != nil {
		t.Fatal(err)
	}
	if got := s.letters(author.record()); len(got) != 1 || !strings.Contains(got[0], "[Go on (1)]") {
		t.Errorf("its author is told %q", got)
	}
	hears(t, author.pressesData("an:"+string(fix.ID)+":go"), "The correction cannot leave")
}
