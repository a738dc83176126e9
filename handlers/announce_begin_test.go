package handlers_test

import (
	"testing"
	"time"

	"recbot/store"
)

// TestBeginEndsWhatMayNotLeave begins the job of a draft in each of its states. Taken back, it is withdrawn, and can be opened
// again; over, it comes to its end, although a crash has cut it off behind its report.
func TestBeginEndsWhatMayNotLeave(t *testing.T) {
	t.Parallel()
	const gone = store.DraftState("gone") // with who composed it
	for _, tc := range []struct {
		name  string
		state store.DraftState
		role  store.Role
		ends  bool // is finished once it is walked
	}{
		{"what is being sent leaves", store.DraftSending, store.Organizer, true},
		{"what was taken back does not", store.DraftComposing, store.Organizer, false},
		{"what was stopped does not", store.DraftStopped, store.Organizer, false},
		{"what waits for a second organizer does not", store.DraftAsking, store.Organizer, false},
		{"what somebody sends who may not any more does not", store.DraftSending, store.Guest, false},
		{"what is forgotten does not", gone, store.Organizer, false},
		{"what was reported and not finished is finished", store.DraftDone, store.Organizer, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			ctx, audience := t.Context(), store.Audience{Topics: []store.Topic{"wg-b"}}
			s.person(7, store.English, func(p *store.Person) { p.Role = tc.role })
			if tc.state != gone {
				if _, err := s.store.NewDraft(ctx, store.Draft{ID: "d", By: 7, Audience: audience, State: tc.state, Round: 1, Due: s.now}); err != nil {
					t.Fatal(err)
				}
			}
			job := store.Job{ID: store.AnnounceID("d", 1), Kind: store.JobAnnounce, Audience: audience, Opened: s.now, Due: s.now}
			if err := s.store.OpenJob(ctx, job); err != nil {
				t.Fatal(err)
			}
			if err := s.desk.Begin(ctx, job); err != nil {
				t.Fatal(err)
			}
			for _, shard := range store.JobShards(job) {
				if _, err := s.store.TakeWindow(ctx, job, shard, 1, 25); err != nil {
					t.Fatal(err)
				}
			}
			if ends, err := s.store.FinishJob(ctx, job); err != nil || ends != tc.ends {
				t.Errorf("walked, the job is finished: %v (%v), want %v", ends, err, tc.ends)
			}
		})
	}
}

// TestWhoMayGoOn presses the button of what was stopped, as it may still stand in an old message.
func TestWhoMayGoOn(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(*store.Draft)
		author store.Role
		after  time.Duration
		says   string
		goes   bool
	}{
		{"what was stopped", nil, store.Organizer, 0, "Sending: 0 of 5", true},
		{"what was stopped two days ago", nil, store.Organizer, 48 * time.Hour, "More than 36 hours have passed", false},
		{"what is over", func(d *store.Draft) { d.State = store.DraftDone }, store.Organizer, 0, "has been sent", false},
		{"of who is no organizer any more", nil, store.Guest, 0, "Its author is no longer an organizer", false},
		{"what another one had agreed to", func(d *store.Draft) { d.Approved = 9 }, store.Organizer, 0, "Sending was stopped", false},
		{"a recall, which is begun anew", func(d *store.Draft) { d.Recall, d.Replaces = true, []store.JobID{"announce:x:1"} }, store.Organizer, 0, "Deleting was stopped", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.colleague(7, tc.author)
			other := s.colleague(8, store.Organizer)
			draft := s.draft(7, func(d *store.Draft) {
				d.State, d.Round, d.Due, d.N, d.Counts = store.DraftStopped, 1, s.now, 5, &store.Counts{Sent: 1}
				if tc.change != nil {
					tc.change(d)
				}
			})
			job := store.Job{ID: store.AnnounceID(draft.ID, 1), Kind: store.JobAnnounce, Audience: draft.Audience, Opened: s.now, Due: s.now, Turn: draft.Turn}
			if err := s.store.OpenJob(t.Context(), job); err != nil {
				t.Fatal(err)
			}
			if err := s.store.WithdrawJob(t.Context(), job.ID); err != nil {
				t.Fatal(err)
			}
			s.now = s.now.Add(tc.after)
			hears(t, other.pressesData("an:"+string(draft.ID)+":go"), tc.says)
			if goes := s.draftNow(draft.ID).State == store.DraftSending; goes != tc.goes {
				t.Errorf("it goes on: %v, want %v", goes, tc.goes)
			}
		})
	}
}
