package handlers_test

import (
	"strings"
	"testing"
	"time"

	"recbot/store"
)

// It goes on while the runner is between reading that a stopped job is over and telling so: nothing false is told.
func TestGoOnWhileConcluding(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member(1)
	author := s.colleague(7, store.Organizer)
	draft := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N, d.Due = store.DraftSending, 1, 100, s.now })
	data := "an:" + string(draft.ID)
	author.pressesData(data + ":state")
	id := store.AnnounceID(draft.ID, 1)
	w, j := s.opens(id)
	author.pressesData(data + ":stop")
	for _, r := range w.Recipients {
		if _, err := s.store.SettleLetter(t.Context(), j.Kind, r, store.Outcome{State: store.Sent, Message: 3}); err != nil {
			t.Fatal(err)
		}
	}
	c, over, err := s.store.JobProgress(t.Context(), j) // the runner, in conclude
	if err != nil {
		t.Fatal(err)
	}
	author.pressesData(data + ":go")
	if err := s.desk.Progress(t.Context(), j, c, over); err != nil { // goes on here
		t.Fatal(err)
	}
	if d := s.draftNow(draft.ID); d.State != store.DraftSending {
		t.Errorf("the job runs, the draft is %q; stop says:\n%s\nletters: %q", d.State, author.pressesData(data+":stop"), s.letters(author.record()))
	}
}

// What is stopped, goes on and is stopped again is reported each time, and each time once.
func TestEachStopIsReported(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	author := s.colleague(7, store.Organizer)
	draft := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N, d.Due = store.DraftStopped, 1, 12, s.now })
	for turn, c := range []store.Counts{{Sent: 3, Unknown: 1}, {Sent: 4}} {
		if _, err := s.store.ChangeDraft(t.Context(), draft.ID, func(d *store.Draft) error { d.Turn = turn + 1; return nil }); err != nil {
			t.Fatal(err)
		}
		j := store.Job{ID: store.AnnounceID(draft.ID, 1), Kind: store.JobAnnounce, Turn: turn + 1}
		for range 2 {
			if err := s.desk.Progress(t.Context(), j, c, true); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := s.letters(author.record()); len(got) != 2 {
		t.Errorf("two stops brought %d reports: %q", len(got), got)
	}
}

// What was recalled neither goes on nor is sent again, from a button in another chat.
func TestWhatWasRecalledIsNotSentOn(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"go", "retry:2:yes"} {
		t.Run(verb, func(t *testing.T) {
			s := newStage(t)
			s.member(1)
			author, other := s.colleague(7, store.Organizer), s.colleague(8, store.Organizer)
			state := store.DraftStopped
			if verb != "go" {
				state = store.DraftDone
			}
			draft := s.draft(7, func(d *store.Draft) {
				d.State, d.Round, d.N, d.Due, d.Counts = state, 1, 12, s.now, &store.Counts{Sent: 3, Unknown: 2}
			})
			data := "an:" + string(draft.ID)
			author.pressesData(data + ":back:yes")
			recall := s.recalls(draft.ID)[0]
			if _, err := s.store.ChangeDraft(t.Context(), recall.ID, func(d *store.Draft) error {
				d.State, d.Counts = store.DraftDone, &store.Counts{Sent: 3}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			got := other.pressesData(data + ":" + verb)
			if d := s.draftNow(draft.ID); d.State == store.DraftSending {
				t.Errorf("what was recalled is being sent again: %s", got)
			}
		})
	}
}

// After a correction a stopped announcement goes on in the words as they were corrected, and so does a retry.
func TestWhatWasCorrectedGoesOnCorrected(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"go", "retry:2:yes"} {
		s := newStage(t)
		s.member(1)
		author := s.colleague(7, store.Organizer)
		state := store.DraftStopped
		if verb != "go" {
			state = store.DraftDone
		}
		draft := s.draft(7, func(d *store.Draft) {
			d.State, d.Round, d.N, d.Due, d.Counts = state, 1, 12, s.now, &store.Counts{Sent: 3, Unknown: 2}
		})
		s.draft(7, func(d *store.Draft) {
			d.State, d.Round, d.Due, d.Counts = store.DraftDone, 1, s.now, &store.Counts{Sent: 3}
			d.Texts = store.Text{store.English: "Right words"}
			correcting(d, draft)
		})
		author.pressesData("an:" + string(draft.ID) + ":" + verb)
		if j := s.onlyJob(s.now.Add(time.Hour)); j.Draft() != draft.ID || !strings.Contains(string(j.Content), "Right words") {
			t.Errorf("%s: the job %s says %s", verb, j.ID, j.Content)
		}
	}
}

// A correction that was stopped does not go on after a newer one is done.
func TestAnOlderCorrectionDoesNotGoOn(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	author := s.colleague(7, store.Organizer)
	draft := s.draft(7, func(d *store.Draft) {
		d.State, d.Round, d.N, d.Due, d.Counts = store.DraftDone, 1, 12, s.now, &store.Counts{Sent: 12}
	})
	fix := func(text string, state store.DraftState, after time.Duration) store.Draft {
		return s.draft(7, func(d *store.Draft) {
			d.State, d.Round, d.Due, d.N, d.Counts = state, 1, s.now.Add(after), 12, &store.Counts{Sent: 5}
			d.Texts = store.Text{store.English: text}
			correcting(d, draft)
		})
	}
	first := fix("first", store.DraftStopped, 0)
	fix("second", store.DraftDone, time.Minute)
	s.now = s.now.Add(time.Hour)
	author.now = s.now
	got := author.pressesData("an:" + string(first.ID) + ":go")
	if d := s.draftNow(first.ID); d.State == store.DraftSending {
		t.Errorf("the older correction goes over the newer one: %s", got)
	}
}

// A stopped correction does not go on when nobody's message is known any more.
func TestACorrectionGoesOnAsLongAsWhatItCorrects(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member(1)
	author := s.colleague(7, store.Organizer)
	first := s.draft(7, func(d *store.Draft) {
		d.State, d.Round, d.N, d.Due, d.Counts = store.DraftDone, 1, 12, s.now, &store.Counts{Sent: 12}
	})
	next := s.draft(7, func(d *store.Draft) {
		d.State, d.Round, d.Due, d.N, d.Counts = store.DraftStopped, 1, s.now.Add(40*time.Hour), 12, &store.Counts{Sent: 5}
		correcting(d, first)
	})
	s.now = s.now.Add(60 * time.Hour)
	author.now = s.now
	got := author.pressesData("an:" + string(next.ID) + ":go")
	if d := s.draftNow(next.ID); d.State == store.DraftSending {
		t.Errorf("nobody's message is known any more, and it goes on: %s", got)
	}
}

// The organizer who recalled is forgotten; another recalls again, and it is done.
func TestWhoRecalledIsForgotten(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member(1)
	author := s.colleague(7, store.Organizer)
	second := s.colleague(8, store.Organizer)
	draft := s.draft(7, func(d *store.Draft) {
		d.State, d.Round, d.Due, d.Counts = store.DraftDone, 1, s.now, &store.Counts{Sent: 1}
	})
	j := store.Job{ID: store.AnnounceID(draft.ID, 1), Kind: store.JobAnnounce, Audience: draft.Audience, Opened: s.now, Due: s.now}
	s.tell(j, store.Person{ID: 1})
	data := "an:" + string(draft.ID) + ":back:yes"
	second.pressesData(data)
	finish := func() (found bool) { // what the runner does
		s.now = s.now.Add(time.Minute)
		jobs, err := s.store.DueJobs(t.Context(), s.now, 20)
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range jobs {
			if !j.Recalls {
				continue
			}
			found = true
			for _, shard := range store.JobShards(j) {
				w, err := s.store.TakeWindow(t.Context(), j, shard, 1, 10)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range w.Recipients { // not deleted: refused
					if _, err := s.store.SettleLetter(t.Context(), j.Kind, r, store.Outcome{State: store.Rejected, Reason: "refused"}); err != nil {
						t.Fatal(err)
					}
				}
				// the end of the index
				if _, err := s.store.TakeWindow(t.Context(), j, shard, 1, 10); err != nil {
					t.Fatal(err)
				}
			}
			c, over, err := s.store.JobProgress(t.Context(), j)
			if err != nil || !over {
				t.Fatal(over, err)
			}
			if err := s.desk.Progress(t.Context(), j, c, over); err != nil {
				t.Fatal(err)
			}
			if _, err := s.store.FinishJob(t.Context(), j); err != nil {
				t.Fatal(err)
			}
		}
		return found
	}
	if !finish() {
		t.Fatal("no recall")
	}
	if err := s.store.Forget(t.Context(), 8); err != nil {
		t.Fatal(err)
	}
	author.now = s.now
	t.Logf("%s", author.pressesData(data))
	recall := s.recalls(draft.ID)
	ran := finish()
	t.Logf("%+v", recall)
	author.now = s.now.Add(24 * time.Hour)
	s.now = author.now
	if !ran {
		t.Errorf("the second recall has no job; a day later it says: %s (state %q)", author.pressesData("an:"+string(recall[0].ID)+":state"), s.draftNow(recall[0].ID).State)
	}
}
