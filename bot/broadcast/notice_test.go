package broadcast

import (
	"testing"
	"time"

	"recbot/bot"
	"recbot/store"
)

// TestALetterThatHasToWait is put off until it may leave, is no failure, and leaves once.
func TestALetterThatHasToWait(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, 1)
		begin := s.Now()
		s.compose = func(j store.Job, _ store.Person) (*bot.Reply, string, error) {
			if s.Now().Before(begin.Add(91 * time.Second)) {
				return nil, "", &bot.Wait{Until: begin.Add(91 * time.Second), Reason: "an older letter"}
			}
			reply := bot.Say("moved")
			reply.Sequence = j.Sequence
			return reply, "", nil
		}
		s.open("change", store.JobChange, func(j *store.Job) { j.Meeting, j.Sequence = "m", 3 })
		p := s.start(nil)
		p.step(begin.Add(90 * time.Second))
		if got := s.got(); len(got) > 0 {
			t.Errorf("before its time left %v", got)
		}
		p.step(begin.Add(2 * time.Minute))
		if got := s.got(); len(got) != 1 {
			t.Errorf("got %v, want one letter", got)
		}
		l := s.entry(t, 1)
		if l.State != store.Sent || l.Sequence != 3 || l.Fails != 0 {
			t.Errorf("the ledger says %+v, want sent, of sequence 3, without a failure", l)
		}
		p.stop()
	})
}

// TestWhoKnowsAlready is skipped, and the ledger keeps which state of the meeting they know.
func TestWhoKnowsAlready(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, 1)
		s.compose = func(j store.Job, _ store.Person) (*bot.Reply, string, error) {
			return &bot.Reply{Sequence: j.Sequence}, "no net change", nil
		}
		s.open("change", store.JobChange, func(j *store.Job) { j.Meeting, j.Sequence = "m", 5 })
		p := s.start(nil)
		p.rest()
		if got := s.got(); len(got) > 0 {
			t.Errorf("left %v, want nothing", got)
		}
		if l := s.entry(t, 1); l.State != store.Skipped || l.Reason != "no net change" || l.Sequence != 5 {
			t.Errorf("the ledger says %+v, want skipped for no net change at sequence 5", l)
		}
		p.stop()
	})
}

// entry gives the only ledger entry of a person.
func (s *stage) entry(t *testing.T, who store.PersonID) store.Recipient {
	t.Helper()
	letters, err := s.LettersOf(t.Context(), who)
	if err != nil || len(letters) != 1 {
		t.Fatalf("letters of person %d: %v, %v, want one", who, letters, err)
	}
	return letters[0]
}
