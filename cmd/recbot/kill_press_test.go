package main

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"recbot/store"
)

// TestKillAroundGoingOn kills the real binary as [TestKillAroundAnAnnouncement] does, around an announcement that was stopped before
// anybody's turn and that an organizer lets go on: nobody gets it twice, and everybody in the end.
func TestKillAroundGoingOn(t *testing.T) {
	t.Parallel()
	scene{
		named: aroundJob("settle", "draft", "open", "mark", "over", "report"),
		few: []point{
			{{before, "draft", 1}}, {{after, "draft", 1}}, {{before, "open", 1}}, {{after, "open", 1}}, {{before, "mark", 1}},
			{{after, "window", 1}}, {{taken, "", audience}}, {{after, "over", 1}},
		},
		redis: []point{{{after, "draft", 1}}},
		draw:  drawn,
		play: func(t *testing.T, p point, seed uint64, redis string) {
			f := newAnnouncement(t, seed, redis, false)
			f.work(ago(time.Minute), func(ctx context.Context, s *store.Store) error { return f.stop(ctx, s) })
			f.press("an:d:go")
			f.dieAt(p)
			f.pressAgain()
			f.recover(func() bool { return f.reports() > 0 })
			f.judge()
			f.judgeReport()
		},
	}.eachPoint(t)
}

// stop leaves the announcement as it stands when it was stopped.
func (f *fatal) stop(ctx context.Context, s *store.Store) error {
	if err := s.WithdrawJob(ctx, f.job); err != nil {
		return err
	}
	_, err := s.ChangeDraft(ctx, "d", func(d *store.Draft) error {
		d.State = store.DraftStopped
		return nil
	})
	return err
}

// TestKillAroundUndo kills the real binary around the press that takes an announcement back. It is written anew and sent then: what
// everybody gets is what was written last, and nobody gets what was taken back.
func TestKillAroundUndo(t *testing.T) {
	t.Parallel()
	var points []point
	for _, step := range []string{"undone", "withdraw", "mark"} {
		points = append(points, around(step, 1)...)
	}
	scene{
		named: points,
		few:   points,
		redis: []point{{{after, "undone", 1}}},
		draw:  func(luck *rand.Rand) point { return points[luck.IntN(len(points))] },
		play: func(t *testing.T, p point, seed uint64, redis string) {
			f := newAnnouncement(t, seed, redis, true)
			f.work(nil, func(ctx context.Context, s *store.Store) error { return f.giveIn(ctx, s, takenBack) })
			f.press("an:d:undo")
			f.dieInside(p[0]) // within the minute: what waits is not made due
			f.pressAgain()
			f.work(nil, func(ctx context.Context, s *store.Store) error {
				_, err := s.ChangeDraft(ctx, "d", func(d *store.Draft) error {
					if d.State != store.DraftComposing {
						t.Errorf("after Undo it is %q", d.State)
					}
					d.Texts = store.Text{store.English: said}
					return nil
				})
				return err
			})
			f.press("an:d:send")
			f.pressAgain()
			f.recover(func() bool { return f.reports() > 0 })
			f.judge()
			f.judgeReport()
			for _, d := range f.Deliveries(0) {
				if strings.Contains(d.Text, takenBack) && d.Chat != store.ChatID(announcer) {
					t.Errorf("%d got what was taken back", d.Chat)
				}
			}
		},
	}.eachPoint(t)
}

// takenBack is what an announcement says before it is undone.
const takenBack = "The hall is the old one."

// giveIn leaves the announcement in its minute, with other words.
func (f *fatal) giveIn(ctx context.Context, s *store.Store, words string) error {
	texts, due := store.Text{store.English: words}, time.Now().Add(time.Minute).UTC()
	draft, err := s.ChangeDraft(ctx, "d", func(d *store.Draft) error {
		d.Texts, d.N, d.Round, d.Turn, d.State, d.Due = texts, audience, 1, 1, store.DraftSending, due
		return nil
	})
	if err != nil {
		return err
	}
	content, err := json.Marshal(map[string]any{"texts": texts})
	if err != nil {
		return err
	}
	return s.OpenJob(ctx, store.Job{ID: f.job, Kind: store.JobAnnounce, Audience: draft.Audience, Content: content, Opened: due.Add(-time.Minute), Due: due, Turn: 1})
}
