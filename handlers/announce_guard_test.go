package handlers_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"recbot/store"
)

// After Stop nobody is taken any more, although a pass over the audience is going on that has asked whether it may.
func TestStopEndsTheWalk(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member(1, 2, 3)
	author := s.colleague(7, store.Organizer)
	draft := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.Due, d.N = store.DraftSending, 1, s.now, 3 })
	job := store.Job{ID: store.AnnounceID(draft.ID, 1), Kind: store.JobAnnounce, Audience: draft.Audience, Opened: s.now, Due: s.now}
	if err := s.store.OpenJob(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	author.pressesData("an:" + string(draft.ID) + ":stop")
	for _, shard := range store.JobShards(job) {
		w, err := s.store.TakeWindow(t.Context(), job, shard, 1, 25)
		if err != nil {
			t.Fatal(err)
		}
		if len(w.Recipients) > 0 {
			t.Errorf("after Stop persons are taken: %d", len(w.Recipients))
		}
	}
}

// The correction of what went to everybody needs a second organizer, like what it corrects.
func TestACorrectionForEverybodyNeedsTwo(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.person(1, store.English, nil)
	author := s.colleague(7, store.Organizer)
	s.colleague(8, store.Organizer)
	draft := s.draft(7, func(d *store.Draft) {
		d.Audience = store.Audience{Everybody: true}
		d.State, d.Round, d.Due, d.Counts = store.DraftDone, 1, s.now, &store.Counts{Sent: 1}
	})
	sent := store.Job{ID: store.AnnounceID(draft.ID, 1), Kind: store.JobAnnounce, Audience: draft.Audience, Opened: s.now, Due: s.now}
	if err := s.store.OpenJob(t.Context(), sent); err != nil {
		t.Fatal(err)
	}
	for _, shard := range store.JobShards(sent) {
		w, err := s.store.TakeWindow(t.Context(), sent, shard, 1, 25)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range w.Recipients {
			if _, err := s.store.SettleLetter(t.Context(), sent.Kind, r, store.Outcome{State: store.Sent, Message: 5}); err != nil {
				t.Fatal(err)
			}
		}
	}
	author.pressesData("an:" + string(draft.ID) + ":fix")
	drafts, err := s.store.Drafts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, fix := range drafts {
		if len(fix.Replaces) == 0 {
			continue
		}
		hears(t, author.pressesData("an:"+string(fix.ID)+":send"), "Nothing is different yet")
		if _, err := s.store.ChangeDraft(t.Context(), fix.ID, func(d *store.Draft) error { d.Texts = store.Text{store.English: "New words"}; return nil }); err != nil {
			t.Fatal(err)
		}
		hears(t, author.pressesData("an:"+string(fix.ID)+":send"), "Waiting for another organizer")
		if now := s.draftNow(fix.ID).State; now != store.DraftAsking {
			t.Errorf("the correction is %q", now)
		}
		return
	}
	t.Fatal("no correction was begun")
}

// What is written after Undo and sent within the same minute is said in the new words.
func TestAfterUndoTheNewWordsLeave(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member(1)
	author := s.colleague(7, store.Organizer)
	draft := s.draft(7, func(d *store.Draft) { d.Texts = store.Text{store.English: "Old words"} })
	data := "an:" + string(draft.ID)
	hears(t, author.pressesData(data+":send"), "Sending in one minute")
	author.pressesData(data + ":undo")
	if _, err := s.store.ChangeDraft(t.Context(), draft.ID, func(d *store.Draft) error {
		d.Texts = store.Text{store.English: "New words"}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	hears(t, author.pressesData(data+":send"), "Sending in one minute")
	if j := s.onlyJob(s.now.Add(time.Hour)); j.Kind != store.JobAnnounce || !strings.Contains(string(j.Content), "New words") {
		t.Errorf("the job %s says %s", j.ID, j.Content)
	}
}

// What was taken back is not called a repetition when it is composed anew.
func TestWhatWasTakenBackWasNotSaid(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member(1)
	author := s.colleague(7, store.Organizer)
	first := s.draft(7, nil)
	author.pressesData("an:" + string(first.ID) + ":send")
	author.pressesData("an:" + string(first.ID) + ":undo")
	author.now = author.now.Add(time.Minute)
	next := s.draft(7, nil)
	hears(t, author.pressesData("an:"+string(next.ID)+":send"), "Sending in one minute")
}

// Who comes back is not shown an announcement to the followers of a meeting that they may not see.
func TestMissedAnnouncementOfAHiddenMeeting(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		members []string
		shown   bool
	}{{"a member of the group", []string{"wg-b"}, true}, {"a follower of it", nil, false}} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, numbered(t, 1, func(m *store.Meeting) {
				m.Visibility, m.Bound, m.Bodies = store.Restricted, []string{"wg-b"}, []string{"wg-b"}
			})...)
			p := s.person(1, store.English, func(p *store.Person) {
				p.Welcomed, p.Topics, p.MemberOf = true, []store.Topic{"wg-b"}, tc.members
			})
			s.member(2)
			author := s.colleague(7, store.Organizer)
			s.change(7, func(p *store.Person) { p.MemberOf = []string{"wg-b"} })
			draft := s.draft(7, func(d *store.Draft) { d.Meeting, d.Audience = "new-0", store.Audience{}; d.Note = true })
			if _, err := s.store.ChangePerson(t.Context(), 2, store.Cause{}, func(p *store.Person) error { p.Topics = []store.Topic{"wg-b"}; return nil }); err != nil {
				t.Fatal(err)
			}
			gone := s.now
			hears(t, author.pressesData("an:"+string(draft.ID)+":send"), "Sending in one minute")
			s.now = s.now.Add(time.Hour)
			s.change(1, func(p *store.Person) { p.Unreachable = "blocked" })
			if _, job := s.opens(store.AnnounceID(draft.ID, 1)); job.ID == "" { // what has not begun is not missed
				t.Fatal("nothing is announced")
			}
			s.change(1, func(p *store.Person) { p.Unreachable = "" })
			r := s.request(p)
			r.Away = gone
			hello := s.read(p, s.must(s.desk.Returned(t.Context(), r)))
			if got := strings.Contains(hello, "1 announcement"); got != tc.shown {
				t.Errorf("told of it %v, want %v:\n%s", got, tc.shown, hello)
			}
			shown := s.read(p, s.press(p, fmt.Sprintf("mi:%d", gone.Unix())))
			if got := strings.Contains(shown, "Hello"); got != tc.shown {
				t.Errorf("shown %v, want %v:\n%s", got, tc.shown, shown)
			}
		})
	}
}

func (s *stage) change(id store.PersonID, f func(*store.Person)) {
	s.t.Helper()
	if _, err := s.store.ChangePerson(s.t.Context(), id, store.Cause{}, func(p *store.Person) error { f(p); return nil }); err != nil {
		s.t.Fatal(err)
	}
}

// Who agrees later than a minute after the question leaves a minute for Undo all the same.
func TestAgreementBeginsTheMinute(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.person(1, store.English, nil)
	author := s.colleague(7, store.Organizer)
	other := s.colleague(8, store.Organizer)
	draft := s.draft(7, func(d *store.Draft) { d.Audience = store.Audience{Everybody: true} })
	hears(t, author.pressesData("an:"+string(draft.ID)+":send"), "Waiting for another organizer")
	s.now = s.now.Add(5 * time.Minute)
	now := s.draftNow(draft.ID)
	hears(t, other.pressesData("an:"+string(draft.ID)+":ok:"+strconv.FormatInt(int64(now.Rev), 36)), "Sending in one minute")
	if due := s.draftNow(draft.ID).Due; due.Before(s.now.Add(time.Minute)) {
		t.Errorf("leaves at %s, agreed at %s", due, s.now)
	}
}
