package broadcast

import (
	"strconv"
	"testing"

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
