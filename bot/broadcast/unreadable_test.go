package broadcast

import (
	"strconv"
	"testing"
	"time"

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

// What fails for long is tried again in peace. In a bubble a loop without rest would never let the time pass.
func TestAWalkThatFailsIsTriedAgainInPeace(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		broken := neighbours(1)[0]
		s.greet(nil, broken)
		s.greet(nil, people(5)...)
		_, err := s.backend.Apply(t.Context(), store.ShardOf(store.ChatID(broken)), store.Batch{Do: []store.Mutation{
			store.Put("letters:"+strconv.FormatInt(int64(broken), 10), []byte("{"), 0),
		}})
		must(t, err)
		s.open("a", store.JobReminder, nil)
		p := s.start(nil)
		time.Sleep(time.Minute)
		if got := len(s.got()); got != 5 {
			t.Errorf("%d persons of other shards were told, want 5", got)
		}
		p.stop()
	})
}
