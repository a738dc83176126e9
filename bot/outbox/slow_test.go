package outbox

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"recbot/store"
)

// The number of calls under way follows the answer time. At ten letters a second and answers that take
// four seconds forty calls have to be under way; with the ten that are enough at first the pace is a quarter of that.
func TestSlowAnswersDoNotSlowThePace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, Options{Rate: 10}, &wire{takes: 4 * time.Second})
		const letters = 500
		for i := range letters {
			s.send(store.ClassBulk, store.ChatID(i+1), fmt.Sprint(i))
		}
		s.receipts()
		got := s.wire.arrivals()
		if took := got[letters-1].At - got[letters-101].At; took > 12*time.Second {
			t.Errorf("the last hundred letters left within %s, want 10 s; %d were under way at once", took, s.wire.most)
		}
	})
}
