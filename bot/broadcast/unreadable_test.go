package broadcast

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/store"
)

// A record that cannot be read costs its person the letter, and nobody else.
func TestAnUnreadableRecordHoldsNobodyUp(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		ids := neighbours(3) // of one window
		s.greet(nil, ids...)
		_, err := s.backend.Apply(t.Context(), store.ShardOf(store.ChatID(ids[1])), store.Batch{Do: []store.Mutation{
			store.Put("person:"+strconv.FormatInt(int64(ids[1]), 10), []byte("{"), 0),
		}})
		must(t, err)
		j := s.open("a", store.JobReminder, nil)
		p := s.start(nil)
		p.rest()
		s.counts(j.ID, store.Counts{Sent: 2, Skipped: 1})
		p.stop()
	})
}

// spoil writes over a document what nobody can read.
func (s *stage) spoil(shard store.Shard, key string) {
	s.t.Helper()
	_, err := s.backend.Apply(s.t.Context(), shard, store.Batch{Do: []store.Mutation{store.Put(key, []byte("{"), 0)}})
	must(s.t, err)
}

// One job, letterbox or cursor that cannot be read holds up no other.
func TestWhatCannotBeReadHoldsNothingUp(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		ids := neighbours(3) // of one shard
		s.greet(nil, ids...)
		s.answer = func(l *bot.Letter, _ int) *bot.Receipt {
			if l.Text == "lost" && s.Now().Before(local(t, "01 09:01")) {
				return &bot.Receipt{Fate: bot.FateLater, After: 30 * time.Second}
			}
			return nil
		}
		s.open("lost", store.JobReminder, nil)
		p := s.start(nil)
		p.rest()
		s.spoil(store.Global, "job:lost")                          // of letters that wait
		s.spoil(store.ShardOf(store.ChatID(ids[0])), "walk:stuck") // a cursor
		s.spoil(store.ShardOf(store.ChatID(ids[1])), "letters:"+strconv.FormatInt(int64(ids[1]), 10))
		s.greet(nil, 7)
		s.set(local(t, "01 09:02"))
		s.open("stuck", store.JobReminder, nil)
		s.open("fine", store.JobReminder, nil)
		p.rest()
		want := map[store.PersonID]string{ids[0]: "fine at 01 09:02", ids[2]: "fine at 01 09:02", 7: "fine at 01 09:02, stuck at 01 09:02"}
		if diff := cmp.Diff(want, s.times()); diff != "" {
			t.Errorf("letters (-want +got):\n%s", diff)
		}
		p.stop()
	})
}

// moody is a store that shows a mood when a shard of it is walked.
type moody struct {
	store.Backend
	mood func(shard store.Shard) error
}

func (m *moody) Members(ctx context.Context, shard store.Shard, index string, after store.Cursor, limit int) ([]string, store.Cursor, error) {
	if err := m.mood(shard); err != nil {
		return nil, "", err
	}
	return m.Backend.Members(ctx, shard, index, after, limit)
}

// What fails for long is tried again in peace. In a bubble a loop without rest would never let the time pass.
func TestAWalkThatFailsIsTriedAgainInPeace(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, neighbours(1)...)
		s.greet(nil, people(5)...)
		s.backend = &moody{s.backend, func(shard store.Shard) error {
			if shard == 9 {
				return store.ErrFull
			}
			return nil
		}}
		s.open("a", store.JobReminder, nil)
		p := s.start(nil)
		time.Sleep(time.Minute)
		if got := len(s.got()); got != 5 {
			t.Errorf("%d persons of other shards were told, want 5", got)
		}
		p.stop()
	})
}

// A mistake of ours in the walk is tried again an hour later, and meanwhile other jobs go on.
func TestAPanicInTheWalkHoldsNothingUp(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, people(5)...)
		var healed atomic.Bool
		s.backend = &moody{s.backend, func(store.Shard) error {
			if !healed.Load() {
				panic("no such index")
			}
			return nil
		}}
		s.open("a", store.JobReminder, nil)
		p := s.start(nil)
		p.rest()
		healed.Store(true)
		s.open("b", store.JobReminder, nil)
		p.rest()
		p.step(local(t, "01 10:00"))
		if got, want := s.times()[101], "b at 01 09:00, a at 01 10:00"; got != want {
			t.Errorf("letters: %s, want %s", got, want)
		}
		p.stop()
	})
}

// A clock that was ahead has opened a job and been set right: its letters wait for their time.
func TestWhatWasOpenedEarlyWaits(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, 1)
		j := s.open("a", store.JobReminder, func(j *store.Job) { j.Due = local(t, "01 12:00") })
		s.set(local(t, "01 12:00"))
		w, err := s.TakeWindow(t.Context(), j, store.ShardOf(1), 1, 5)
		must(t, err)
		_, err = s.SettleLetter(t.Context(), j.Kind, w.Recipients[0], store.Outcome{State: store.Later, At: local(t, "01 09:30")})
		must(t, err)
		s.mu.Lock()
		s.now, s.token = local(t, "01 09:00"), 1
		s.mu.Unlock()
		p := s.start(nil)
		p.step(local(t, "01 13:00"))
		if got, want := s.times()[1], "a at 01 12:00"; got != want {
			t.Errorf("letters: %s, want %s", got, want)
		}
		p.stop()
	})
}
