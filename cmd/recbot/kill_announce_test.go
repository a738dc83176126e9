package main

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// TestKillAroundAnAnnouncement kills the real binary as [TestKillAroundAReminder] does, around an announcement. Nobody gets
// it twice; everybody gets it but those who had it in flight at the kill, and of exactly these the report says that nobody
// knows.
func TestKillAroundAnAnnouncement(t *testing.T) {
	t.Parallel()
	eachMoment(t, killAnnouncement)
}

const (
	announcer = store.PersonID(audience + 1)
	said      = "The hall is another."
)

func killAnnouncement(t *testing.T, seed uint64, redis string) {
	f := &fatal{exchange: newExchange(t), t: t, data: shortDir(t), redis: redis, luck: rand.New(rand.NewPCG(seed, 11))}
	f.work(ago(2*time.Hour), f.prepareAnnouncement)
	f.strike(int(seed % 4))
	f.OnCall(f.slowly)
	inFlight := map[store.PersonID]bool{}
	f.work(nil, func(ctx context.Context, s *store.Store) error {
		_, err := f.takeStock(ctx, s, inFlight)
		return err
	})
	p := f.serve(f.data, f.env()...)
	p.ready()
	eventually(t, soon, "the report to the organizer", f.reported)
	p.stop()
	f.work(nil, func(ctx context.Context, s *store.Store) error {
		got, err := s.JobCounts(ctx, f.job)
		want := store.Counts{Sent: audience - len(inFlight), Unknown: len(inFlight)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the report (-want +got):\n%s", diff)
		}
		return err
	})
	got := f.letters(said)
	for n := range store.PersonID(audience) {
		if who := n + 1; got[who] > 1 || got[who] == 0 && !inFlight[who] {
			t.Errorf("person %d got the announcement %d times; in flight at the kill: %v", who, got[who], inFlight[who])
		}
	}
}

// prepareAnnouncement leaves the store of a bot that was killed as soon as an organizer had pressed Send.
func (f *fatal) prepareAnnouncement(ctx context.Context, s *store.Store) error {
	for n := range store.PersonID(audience) {
		err := settle(ctx, s, f.person(n+1), func(p *store.Person) { p.Topics = []store.Topic{"wg-b"} })
		if err != nil {
			return err
		}
	}
	if err := settle(ctx, s, f.person(announcer), func(p *store.Person) { p.Role = store.Organizer }); err != nil {
		return err
	}
	texts, now := store.Text{store.English: said}, time.Now().UTC()
	draft, err := s.NewDraft(ctx, store.Draft{ID: "d", By: announcer, Texts: texts, N: audience, Round: 1,
		Audience: store.Audience{Topics: []store.Topic{"wg-b"}}, State: store.DraftSending, Due: now})
	if err != nil {
		return err
	}
	content, err := json.Marshal(map[string]any{"texts": texts})
	if err != nil {
		return err
	}
	f.job = store.AnnounceID(draft.ID, draft.Round)
	return s.OpenJob(ctx, store.Job{ID: f.job, Kind: store.JobAnnounce, Audience: draft.Audience, Content: content,
		Opened: now, Due: now})
}

// reported tells whether the organizer was told what became of the announcement.
func (f *fatal) reported() bool {
	return slices.ContainsFunc(f.sent(announcer), func(text string) bool { return strings.Contains(text, "Delivered: ") })
}
