package handlers_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"recbot/store"
)

// TestTwoForEverybody sends to everybody: at once while there is one organizer, else after another one approved what stands
// there now.
func TestTwoForEverybody(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member(1)
	author := s.colleague(7, store.Organizer)
	everybody := func(d *store.Draft) { d.Audience = store.Audience{Everybody: true} }
	alone := s.draft(7, everybody)
	hears(t, author.pressesData("an:"+string(alone.ID)+":send"), "Sending in one minute")

	second := s.colleague(8, store.Organizer)
	both := s.draft(7, func(d *store.Draft) { everybody(d); d.Texts = store.Text{store.English: "Another"} })
	data := "an:" + string(both.ID)
	hears(t, author.pressesData(data+":send"), "Waiting for another organizer")
	asked := s.draftNow(both.ID)
	version := strconv.FormatInt(int64(asked.Rev), 36)
	author.pressesData(data + ":ok:" + version)
	if now := s.draftNow(both.ID); now.State != store.DraftAsking {
		t.Errorf("approved by its own author: %q", now.State)
	}
	second.pressesData(data + ":ok:" + strconv.FormatInt(int64(asked.Rev)-1, 36))
	if now := s.draftNow(both.ID); now.State != store.DraftAsking {
		t.Errorf("approved as it was before: %q", now.State)
	}
	second.pressesData(data + ":ok:" + version)
	if now := s.draftNow(both.ID); now.State != store.DraftSending || now.Approved != 8 || now.Due.Before(s.now.Add(time.Minute)) {
		t.Errorf("approved: %+v", now)
	}
	small := s.draft(7, nil)
	hears(t, author.pressesData("an:"+string(small.ID)+":send"), "Sending in one minute")

	// A correction of what everybody got says something new to everybody.
	job := store.Job{ID: store.AnnounceID(alone.ID, 1), Kind: store.JobAnnounce, Audience: store.Audience{Everybody: true}, Opened: s.now, Due: s.now, Turn: s.draftNow(alone.ID).Turn}
	if err := s.store.OpenJob(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	w, err := s.store.TakeWindow(t.Context(), job, store.ShardOf(1), 1, 10)
	if err != nil || len(w.Recipients) == 0 {
		t.Fatalf("taken: %v, %v", w.Recipients, err)
	}
	if _, err := s.store.SettleLetter(t.Context(), job.Kind, w.Recipients[0], store.Outcome{State: store.Sent, Message: 5}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.ChangeDraft(t.Context(), alone.ID, func(d *store.Draft) error { d.State = store.DraftDone; return nil }); err != nil {
		t.Fatal(err)
	}
	wide := s.draft(7, func(d *store.Draft) {
		d.Audience, d.Replaces, d.Wide = store.Audience{Of: job.ID}, []store.JobID{job.ID}, true
		d.Texts = store.Text{store.English: "Corrected"}
	})
	hears(t, author.pressesData("an:"+string(wide.ID)+":send"), "Waiting for another organizer")
}

// TestWhatAnotherOrganizerApproves shows the other organizer all of it, also to who looks for it by themselves, and the author
// that it waits.
func TestWhatAnotherOrganizerApproves(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member(1)
	author, second := s.colleague(7, store.Organizer), s.colleague(8, store.Organizer)
	draft := s.draft(7, func(d *store.Draft) {
		d.Audience, d.Urgent = store.Audience{Everybody: true}, true
		d.Texts = store.Text{store.English: "Hello", store.Russian: "Здравствуйте"}
	})
	data := "an:" + string(draft.ID)
	at := s.now.Add(48 * time.Hour)
	author.pressesData(data + ":plan:" + strconv.FormatInt(at.Unix(), 10))
	all := []string{"Hello", "Здравствуйте", "3 recipients", "Scheduled: Thursday, 3 December 2026, 10:00 (your time, UTC+6)", "Urgent", "[Agree]", "[Decline]"}
	letters := s.letters(second.record())
	if len(letters) != 1 || letters[0] != "Здравствуйте" { // and the rest behind it
		t.Errorf("the other organizer got %q", letters)
	}
	hears(t, second.pressesData(data+":state"), all...)
	shown := author.pressesData(data + ":state")
	hears(t, shown, "Waiting for another organizer", "[Withdraw the request]")
	misses(t, shown, "[Agree]")

	now := s.draftNow(draft.ID)
	hears(t, second.pressesData(data+":ok:"+strconv.FormatInt(int64(now.Rev), 36)), "Scheduled")
	if told := s.letters(author.record()); len(told) != 1 || !strings.HasPrefix(told[0], "Another organizer has agreed.\n") {
		t.Errorf("the author is told %q", told)
	}
}

// TestTheSameTwice asks before the same text goes to the same audience within ten minutes.
func TestTheSameTwice(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(*store.Draft)
		after  time.Duration
		asks   bool
	}{
		{"the same a little later", nil, 9 * time.Minute, true},
		{"the same after ten minutes", nil, 10 * time.Minute, false},
		{"another text", func(d *store.Draft) { d.Texts = store.Text{store.English: "Goodbye"} }, time.Minute, false},
		{"to others", func(d *store.Draft) { d.Audience = store.Audience{Roles: []store.Role{store.Delegate}} }, time.Minute, false},
		{"with a photo", func(d *store.Draft) { d.File = &store.DraftFile{ID: "x", Photo: true} }, time.Minute, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.member(1)
			s.person(2, store.English, func(p *store.Person) { p.Role = store.Delegate })
			author := s.colleague(7, store.Organizer)
			first := s.draft(7, nil)
			hears(t, author.pressesData("an:"+string(first.ID)+":send"), "Sending in one minute")
			hears(t, author.pressesData("an:"+string(first.ID)+":undo"), "Draft of an announcement")
			hears(t, author.pressesData("an:"+string(first.ID)+":send"), "Sending in one minute") // it is the same one
			author.now = author.now.Add(tc.after)
			next := s.draft(7, tc.change)
			got := author.pressesData("an:" + string(next.ID) + ":send")
			if asks := !strings.Contains(got, "Sending in one minute"); asks != tc.asks {
				t.Errorf("asks %v, want %v:\n%s", asks, tc.asks, got)
			}
			if tc.asks {
				hears(t, author.pressesData("an:"+string(next.ID)+":send:again"), "Sending in one minute")
			}
		})
	}
}
