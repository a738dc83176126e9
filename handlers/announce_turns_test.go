package handlers_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"recbot/store"
)

// An organizer takes an announcement back, and between the two steps of that its author gives it in once more.
func TestUndoLeavesTheNextTurnAlone(t *testing.T) {
	t.Parallel()
	s, b, author, other := disturbed(t)
	draft := s.draft(7, nil)
	data := "an:" + string(draft.ID)
	s.mustPress(author, data+":send:again")
	b.afterApply = func() { s.mustPress(author, data+":send:again") }
	s.mustPress(other, data+":undo")
	now := s.draftNow(draft.ID)
	if now.State != store.DraftSending || now.Turn != 2 {
		t.Fatalf("it was not given in again: %+v", now)
	}
	s.now = now.Due.Add(time.Minute)
	if !s.leaves(draft) {
		t.Error("what was given in again does not leave")
	}
}

// Whoever leads sees an announcement that was stopped, to make up for a stop that was cut in two; it goes on in that moment.
func TestALateWithdrawalLeavesTheNextTurnAlone(t *testing.T) {
	t.Parallel()
	for name, comes := range map[string]func(*stage, store.Job) error{
		"telling how it goes on":      func(s *stage, j store.Job) error { return s.desk.Progress(s.t.Context(), j, store.Counts{}, false) },
		"asking whether it may go on": func(s *stage, j store.Job) error { return s.desk.Begin(s.t.Context(), j) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, b, author, _ := disturbed(t)
			draft := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N, d.Due = store.DraftSending, 1, 1, s.now })
			data := "an:" + string(draft.ID)
			s.mustPress(author, data+":state")
			j := s.onlyJob(s.now)
			s.mustPress(author, data+":stop")
			b.afterRead = func() { s.mustPress(author, data+":go") }
			if err := comes(s, j); err != nil {
				t.Fatal(err)
			}
			if now := s.draftNow(draft.ID); now.State != store.DraftSending || !s.leaves(draft) {
				t.Errorf("it was let go on and does not leave; it is %q", now.State)
			}
		})
	}
}

// The job of a turn that was taken back, by a press that was cut in two, stands there still when the draft is given in in other words,
// by one that was cut in two as well: its minute is not that of the new words.
func TestAnEarlierTurnDoesNotBegin(t *testing.T) {
	t.Parallel()
	s, b, author := interrupted(t)
	draft := s.draft(7, nil)
	data := "an:" + string(draft.ID)
	s.mustPress(author, data+":send:again")
	s.now = s.now.Add(30 * time.Second)
	s.pressesInto(b, author, data+":undo")
	if _, err := s.store.ChangeDraft(t.Context(), draft.ID, func(d *store.Draft) error {
		d.Texts = store.Text{store.English: "New words"}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(25 * time.Second)
	s.pressesInto(b, author, data+":send:again")
	s.now = s.now.Add(6 * time.Second) // the first minute is over
	old := s.onlyJob(s.now)
	if err := s.desk.Begin(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if w, err := s.store.TakeWindow(t.Context(), old, store.ShardOf(1), 1, 10); err != nil || len(w.Recipients) > 0 {
		t.Errorf("the old words leave to %d, %v", len(w.Recipients), err)
	}
	if err := s.desk.Tend(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, j := s.opens(old.ID); j.Turn != 2 || !strings.Contains(string(j.Content), "New words") {
		t.Errorf("turn %d stands ready, saying %s", j.Turn, j.Content)
	}
}

// A press that a crash cut off comes once more when somebody has let the announcement go on: it ends nothing then.
func TestAnOldPressEndsNoLaterTurn(t *testing.T) {
	t.Parallel()
	everybody := func(d *store.Draft) { d.Audience = store.Audience{Everybody: true} }
	for name, tc := range map[string]struct {
		change     func(*store.Draft)
		verb, then string
		state      store.DraftState
		turn       int
	}{
		"a stop, and it goes on":              {nil, ":stop", ":go", store.DraftSending, 2},
		"an undo, and it is given in again":   {nil, ":undo", ":send:again", store.DraftSending, 2},
		"an undo, and it is asked about anew": {everybody, ":undo", ":send:again", store.DraftAsking, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _, author, other := disturbed(t)
			draft := s.draft(7, tc.change)
			data := "an:" + string(draft.ID)
			s.mustPress(author, data+":send:again")
			at := s.count
			s.mustPress(other, data+tc.verb)
			s.mustPress(author, data+tc.then)
			s.count = at
			s.mustPress(other, data+tc.verb)
			if now := s.draftNow(draft.ID); now.State != tc.state || now.Turn != tc.turn {
				t.Errorf("after the old press turn %d is %q", now.Turn, now.State)
			}
		})
	}
}

// A correction that was begun while its announcement stood still waits until that has ended again: else the old words would come to
// some people after it. Then it changes the messages of all rounds.
func TestACorrectionWaitsForWhatGoesOn(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		verb   string
		counts store.Counts
		rounds int
	}{
		"stopped, and goes on":     {":go", store.Counts{Sent: 1}, 1},
		"sent again to the others": {":retry:2:yes", store.Counts{Sent: 1, Unknown: 1}, 2},
	} {
		for _, wide := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, to everybody %v", name, wide), func(t *testing.T) {
				t.Parallel()
				s := newStage(t)
				s.member(1, 2)
				author, other := s.colleague(7, store.Organizer), s.colleague(8, store.Organizer)
				draft := s.draft(7, func(d *store.Draft) {
					d.State, d.Round, d.N, d.Due, d.Counts = store.DraftStopped, 1, 2, s.now, &tc.counts
					if tc.rounds > 1 {
						d.State = store.DraftDone
					}
				})
				first := store.Job{ID: store.AnnounceID(draft.ID, 1), Kind: store.JobAnnounce, Audience: draft.Audience, Opened: s.now, Due: s.now, Turn: 1}
				s.tell(first, store.Person{ID: 1})
				fix := s.draft(7, func(d *store.Draft) {
					d.Texts, d.Wide = store.Text{store.English: "Right words"}, wide
					correcting(d, draft)
				})
				give := func() string {
					if s.draftNow(fix.ID).State != store.DraftAsking {
						return author.pressesData("an:" + string(fix.ID) + ":send:again")
					}
					return other.pressesData("an:" + string(fix.ID) + ":ok:" + strconv.FormatInt(int64(s.draftNow(fix.ID).Rev), 36))
				}
				if wide { // it is asked about before, and agreed to when it is too late
					hears(t, give(), "Waiting for another organizer")
				}
				other.pressesData("an:" + string(draft.ID) + tc.verb)
				if now := s.draftNow(draft.ID); now.State != store.DraftSending {
					t.Fatalf("it does not go on: %q", now.State)
				}
				hears(t, give(), "The correction cannot leave")
				if now := s.draftNow(fix.ID); now.State == store.DraftSending {
					t.Fatal("both are on their way")
				}
				if _, err := s.store.ChangeDraft(t.Context(), draft.ID, func(d *store.Draft) error { d.State = store.DraftDone; return nil }); err != nil {
					t.Fatal(err)
				}
				give()
				if now := s.draftNow(fix.ID); now.State != store.DraftSending || len(now.Replaces) != tc.rounds {
					t.Errorf("it is %q, of %v, want the messages of %d rounds", now.State, now.Replaces, tc.rounds)
				}
			})
		}
	}
}

// An announcement is reported whoever ended its job: the next tick makes up for what was not said.
func TestAnEndWithoutAWordIsReported(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member(1)
	author := s.colleague(7, store.Organizer)
	draft := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N, d.Due, d.Turn = store.DraftSending, 1, 1, s.now, 1 })
	author.pressesData("an:" + string(draft.ID) + ":state")
	j := s.onlyJob(s.now)
	for _, shard := range store.JobShards(j) {
		w, err := s.store.TakeWindow(t.Context(), j, shard, 1, 10)
		for _, r := range w.Recipients {
			_, err = s.store.SettleLetter(t.Context(), j.Kind, r, store.Outcome{State: store.Sent, Message: 3})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.desk.Tend(t.Context()); err != nil || len(s.letters(author.record())) > 0 {
		t.Fatalf("it is reported before it is over: %q, %v", s.letters(author.record()), err)
	}
	if done, err := s.store.FinishJob(t.Context(), j); err != nil || !done {
		t.Fatal(done, err)
	}
	for range 2 {
		if err := s.desk.Tend(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.letters(author.record()); len(got) != 1 || !strings.Contains(got[0], "Delivered: 1") {
		t.Errorf("its author is told %q", got)
	}
}

// The last to let go is at work on a turn that is over: the later one is reported all the same.
func TestTheLastToLetGoIsOfAnEarlierTurn(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member(1, 2)
	author := s.colleague(7, store.Organizer)
	draft := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N, d.Due = store.DraftSending, 1, 2, s.now })
	data, id := "an:"+string(draft.ID), store.AnnounceID(draft.ID, 1)
	author.pressesData(data + ":state")
	w, earlier := s.opens(id) // person 1's letter is under way
	author.pressesData(data + ":stop")
	author.pressesData(data + ":go")
	_, later := s.opens(id)
	settle := func(some []store.Recipient) {
		for _, r := range some {
			if _, err := s.store.SettleLetter(t.Context(), later.Kind, r, store.Outcome{State: store.Sent, Message: 3}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, shard := range store.JobShards(later) {
		w, err := s.store.TakeWindow(t.Context(), later, shard, 1, 10)
		if err != nil {
			t.Fatal(err)
		}
		settle(w.Recipients)
	}
	s.concludes(later)
	settle(w.Recipients)
	s.concludes(earlier)
	if _, j := s.opens(id); j.ID != "" { // what a runner sees when it looks next
		s.concludes(j)
	}
	if got := s.letters(author.record()); s.draftNow(draft.ID).State != store.DraftDone || len(got) != 1 || !strings.Contains(got[0], "Delivered: 2") {
		t.Errorf("it is %q, and its author was told %q", s.draftNow(draft.ID).State, got)
	}
}

// A recall is pressed in the moment in which somebody lets the announcement go on, and finds it stopped still: what is under way ends
// with the next word about it.
func TestARecallEndsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member(1)
	author := s.colleague(7, store.Organizer)
	draft := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N, d.Due, d.Turn = store.DraftSending, 1, 1, s.now, 2 })
	author.pressesData("an:" + string(draft.ID) + ":state")
	j := s.onlyJob(s.now)
	s.draft(7, func(d *store.Draft) {
		d.ID, d.State, d.Recall, d.Replaces, d.Round = draft.ID+"-1", store.DraftSending, true, []store.JobID{j.ID}, 1
	})
	if err := s.desk.Progress(t.Context(), j, store.Counts{}, false); err != nil {
		t.Fatal(err)
	}
	if now := s.draftNow(draft.ID); now.State != store.DraftStopped || s.leaves(draft) {
		t.Errorf("it is %q", now.State)
	}
}
