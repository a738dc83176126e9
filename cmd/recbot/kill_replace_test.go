package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"testing"
	"time"

	"recbot/bot"
	"recbot/store"
)

// TestKillAroundACorrection kills the real binary as [TestKillAroundAReminder] does, around the correction of an announcement
// and around its recall, from the organizer's press to the report. To change a message twice is to change it once, so in the
// end that of everybody is corrected, or deleted, whatever was in flight at a kill.
func TestKillAroundACorrection(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		name   string
		recall bool
		named  []point
		few    []point
	}{
		{"correction", false, aroundJob("claim", "draft", "said", "open", "mark", "over", "report"), []point{
			{{after, "draft", 1}}, {{before, "open", 1}}, {{before, "settle", 1}}, {{lost, "", 1}}, {{taken, "", audience}},
			{{taken, "", audience}, {before, "claim", 1}}, {{taken, "", 1}, {lost, "", 1}}, {{after, "over", 1}},
		}},
		{"recall", true, aroundJob("claim", "draft", "open", "mark", "over", "report"), []point{
			{{after, "draft", 1}}, {{after, "open", 1}}, {{after, "window", windows}}, {{before, "settle", 1}}, {{taken, "", 1}, {taken, "", 1}},
		}},
	} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			// The same letter may be under way at more than one death.
			again := []point{{{lost, "", audience}, {lost, "", 1}}, {{taken, "", audience}, {taken, "", 1}}, {{taken, "", 1}, {lost, "", 1}, {lost, "", 1}}}
			scene{
				named: append(kind.named, again...),
				few:   kind.few,
				redis: []point{{{taken, "", 3}}},
				draw:  drawn,
				play: func(t *testing.T, p point, seed uint64, redis string) {
					pressed := pressing(p)
					f := newReplacement(t, seed, redis, kind.recall, pressed)
					switch {
					case pressed && kind.recall:
						f.press("an:d:back:yes")
					case pressed:
						f.press("an:" + string(correction) + ":send")
					}
					f.dieAt(p)
					if pressed {
						f.pressAgain()
					}
					f.recover(func() bool { return f.reports() > 0 })
					f.judge()
					f.judgeReport()
				},
			}.eachPoint(t)
		})
	}
}

// corrected is what an announcement says after its correction.
const corrected = "The hall is yet another."

// firstUpdate is the first update that the simulated Telegram has for a bot.
const firstUpdate = store.UpdateID(100_001)

// The drafts that take an announcement's place. The id of a correction is that of the update that made it; that of a recall says
// which recall it is of the announcement.
var (
	correction = store.DraftID(strconv.FormatInt(int64(firstUpdate), 36))
	recall     = store.DraftID("d-1")
)

// newReplacement is a correction or a recall of an announcement that everybody got. It is due, or its button was not pressed
// yet.
func newReplacement(t *testing.T, seed uint64, redis string, recalls, unsent bool) *fatal {
	f := newAnnouncement(t, seed, redis, false)
	f.OnCall(f.slowly)
	f.recover(func() bool { return f.reports() > 0 })
	f.judge()

	id := correction
	f.brings, f.prefix, f.reported = bot.LetterEdit, corrected, "Changed: "
	if recalls {
		id, f.brings, f.prefix, f.reported = recall, bot.LetterDelete, "", "Deleted: "
	}
	f.job, f.changed, f.repeats = store.AnnounceID(id, 1), []store.JobID{f.job}, true
	f.work(ago(time.Minute), func(ctx context.Context, s *store.Store) error { return f.prepareReplacement(ctx, s, id, unsent) })
	return f
}

// prepareReplacement leaves the store of a bot that was killed as soon as an organizer had pressed the button, or just before.
func (f *fatal) prepareReplacement(ctx context.Context, s *store.Store, id store.DraftID, unsent bool) error {
	recalls := id == recall
	if recalls && unsent {
		return nil // it begins with the press
	}
	texts, now := store.Text{store.English: corrected}, time.Now().UTC()
	draft := store.Draft{ID: id, By: announcer, Texts: texts, Note: true, Audience: store.Audience{Of: f.changed[0]}, Replaces: f.changed, Recall: recalls}
	if !unsent {
		draft.N, draft.Round, draft.State, draft.Due = audience, 1, store.DraftSending, now
	}
	draft, err := s.NewDraft(ctx, draft)
	if err != nil || unsent {
		return err
	}
	content, err := json.Marshal(map[string]any{"texts": texts, "note": true})
	if err != nil {
		return fmt.Errorf("content: %w", err)
	}
	return s.OpenJob(ctx, store.Job{ID: f.job, Kind: store.JobAnnounce, Audience: draft.Audience, Content: content,
		Opened: now, Due: now, Replaces: draft.Replaces, Recalls: recalls})
}
