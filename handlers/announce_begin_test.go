package handlers_test

import (
	"testing"

	"recbot/store"
)

// TestBeginEndsWhatMayNotLeave begins the job of a draft in each of its states. Taken back, it is withdrawn, and can be opened
// again; over, it comes to its end, although a crash has cut it off behind its report.
func TestBeginEndsWhatMayNotLeave(t *testing.T) {
	t.Parallel()
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
		{"what was reported and not finished is finished", store.DraftDone, store.Organizer, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			ctx, audience := t.Context(), store.Audience{Topics: []store.Topic{"wg-b"}}
			s.person(7, store.English, func(p *store.Person) { p.Role = tc.role })
			draft, err := s.store.NewDraft(ctx, store.Draft{ID: "d", By: 7, Audience: audience, State: tc.state, Round: 1, Due: s.now})
			if err != nil {
				t.Fatal(err)
			}
			job := store.Job{ID: store.AnnounceID(draft.ID, 1), Kind: store.JobAnnounce, Audience: audience, Opened: s.now, Due: s.now}
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
