package handlers_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"recbot/store"
)

// An announcement that was undone stays where it is, although the store goes away between the two steps of the press, and whoever
// looks at it or presses again does so when its minute is over.
func TestUndoCutInTwo(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"undo", "state"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			s, b, author := interrupted(t)
			draft := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N, d.Due = store.DraftSending, 1, 1, s.now.Add(time.Minute) })
			data := "an:" + string(draft.ID) + ":"
			s.mustPress(author, data+"state")
			s.now = s.now.Add(56 * time.Second)
			s.pressesInto(b, author, data+"undo")
			s.now = s.now.Add(6 * time.Second)
			says, err := s.presses(author, data+verb)
			if err != nil || !strings.Contains(says, "Draft of an announcement") {
				t.Errorf("pressed again it says %q, %v", says, err)
			}
			if w, _ := s.opens(store.AnnounceID(draft.ID, 1)); len(w.Recipients) > 0 {
				t.Errorf("the announcement leaves to %d", len(w.Recipients))
			}
		})
	}
}

// A stop that was cut in two is a stop: whoever leads makes up for the second step, and the report says who is left.
func TestStopCutInTwo(t *testing.T) {
	t.Parallel()
	s, b, author := interrupted(t)
	draft := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N, d.Due = store.DraftSending, 1, 100, s.now })
	data := "an:" + string(draft.ID) + ":"
	s.mustPress(author, data+"state")
	w, j := s.opens(store.AnnounceID(draft.ID, 1))
	s.pressesInto(b, author, data+"stop")
	s.tellsOf(j) // of the pace, some seconds later
	for _, r := range w.Recipients {
		if _, err := s.store.SettleLetter(t.Context(), j.Kind, r, store.Outcome{State: store.Sent, Message: 3}); err != nil {
			t.Fatal(err)
		}
	}
	s.tellsOf(j)
	if got := s.letters(author); len(got) != 1 || !strings.Contains(got[0], "[Go on (99)]") {
		t.Errorf("one of 100 was told, and the report says %q", got)
	}
}

// What was withdrawn is not sent by somebody who looks at it.
func TestALookSendsNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member(1)
	author, other := s.colleague(7, store.Organizer), s.colleague(8, store.Organizer)
	draft := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N, d.Due = store.DraftSending, 1, 1, s.now.Add(time.Minute) })
	data := "an:" + string(draft.ID)
	author.pressesData(data + ":state")
	if err := s.store.WithdrawJob(t.Context(), store.AnnounceID(draft.ID, 1)); err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(2 * time.Hour)
	other.now = s.now
	other.pressesData(data + ":state")
	if err := s.desk.Tend(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w, _ := s.opens(store.AnnounceID(draft.ID, 1)); len(w.Recipients) > 0 {
		t.Errorf("it is sent to %d", len(w.Recipients))
	}
}

// The author of an announcement that is refused is told, although the store goes away in between.
func TestRefusedIsTold(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var b *shaky
	s.onBackend(func(db store.Backend) store.Backend { b = &shaky{Backend: db, shard: store.ShardOf(7)}; return b })
	p := s.person(7, store.English, nil) // no organizer any more
	draft := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N, d.Due, d.Planned = store.DraftSending, 1, 1, s.now, true })
	j := store.Job{ID: store.AnnounceID(draft.ID, 1), Kind: store.JobAnnounce, Audience: draft.Audience, Opened: s.now, Due: s.now, Turn: draft.Turn}
	if err := s.store.OpenJob(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	b.away = true
	if err := s.desk.Begin(t.Context(), j); err == nil {
		t.Error("nothing went wrong while the author's shard was away")
	}
	b.away = false
	if err := s.desk.Begin(t.Context(), j); err != nil { // it is asked again in a second
		t.Fatal(err)
	}
	if got := s.letters(p); len(got) != 1 || !strings.Contains(got[0], "no longer an organizer") {
		t.Errorf("the announcement is %q and its author was told %q", s.draftNow(draft.ID).State, got)
	}
}

// What was given in leaves although the store went away before its job was opened.
func TestGivenInWithoutAJob(t *testing.T) {
	t.Parallel()
	s, b, author := interrupted(t)
	draft := s.draft(7, nil)
	at := s.now.Add(20 * time.Hour)
	s.pressesInto(b, author, "an:"+string(draft.ID)+":plan:"+strconv.FormatInt(at.Unix(), 10)+":again")
	for range 2 {
		if err := s.desk.Tend(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if j := s.onlyJob(at); !j.Due.Equal(at) {
		t.Errorf("its job is due at %s; want %s", j.Due, at)
	}
}
