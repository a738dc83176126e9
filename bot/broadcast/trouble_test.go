package broadcast

import (
	"errors"
	"testing"
	"time"

	"recbot/bot"
	"recbot/store"
)

func TestADeadChatMakesThePersonUnreachable(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, 1, 2)
		s.answer = func(l *bot.Letter, _ int) *bot.Receipt {
			if l.Chat == 1 {
				return &bot.Receipt{Fate: bot.FateGone, Reason: "bot was blocked by the user"}
			}
			return nil
		}
		s.open("a", store.JobReminder, nil)
		p := s.start(nil)
		p.rest()
		s.counts("a", store.Counts{Sent: 1, Gone: 1})
		got, err := s.Person(t.Context(), 1)
		must(t, err)
		if got.Unreachable != "bot was blocked by the user" || !got.GoneSince.Equal(s.Now()) {
			t.Errorf("the record says %q since %s", got.Unreachable, got.GoneSince)
		}
		p.stop()
	})
}

// flood answers the n-th try with 429.
func flood(at int, after time.Duration) func(*bot.Letter, int) *bot.Receipt {
	return func(_ *bot.Letter, n int) *bot.Receipt {
		if n == at {
			return &bot.Receipt{Fate: bot.FateLater, Flood: true, After: after}
		}
		return nil
	}
}

func TestAFloodPutsTheJobOff(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		ids := people(200)
		s.greet(nil, ids...)
		s.answer = flood(20, 30*time.Second)
		s.open("a", "announce", nil)
		p := s.start(nil)
		p.rest()
		if n := len(s.got()); n == 0 || n == 200 {
			t.Fatalf("%d letters left before the wait was over", n)
		}
		if at, ok, err := s.NextDue(t.Context()); err != nil || !ok || !at.Equal(s.Now().Add(30*time.Second)) {
			t.Errorf("goes on at %s, %v, %v", at, ok, err)
		}
		p.step(s.Now().Add(time.Minute))
		s.counts("a", store.Counts{Sent: 200})
		if len(s.got()) != 200 {
			t.Errorf("%d letters left", len(s.got()))
		}
		p.stop()
	})
}

func TestTroubleOnTheWire(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		kind   store.JobKind
		answer bot.Receipt // to the tries up to until
		until  int
		tries  int
		want   string
	}{
		{"A reminder of unknown fate is sent once more", store.JobReminder, bot.Receipt{Fate: bot.FateUnknown}, 1, 2, "sent"},
		{"and not twice more", store.JobReminder, bot.Receipt{Fate: bot.FateUnknown}, 9, 2, "unknown"},
		{"An announcement of unknown fate is never sent again", "announce", bot.Receipt{Fate: bot.FateUnknown}, 1, 1, "unknown"},
		{"A letter that Telegram fails at is tried five times", "announce", bot.Receipt{Fate: bot.FateLater, After: time.Second, Failed: true}, 99, 5, "rejected"},
		{"A connection that does not come about is tried until it does", "announce", bot.Receipt{Fate: bot.FateLater, After: time.Second}, 30, 31, "sent"},
		{"What Telegram does not take is final", store.JobReminder, bot.Receipt{Fate: bot.FateRejected}, 99, 1, "rejected"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			play(t, func(t *testing.T, s *stage) {
				s.greet(nil, 1)
				s.answer = func(_ *bot.Letter, n int) *bot.Receipt {
					if n <= tc.until {
						return &tc.answer
					}
					return nil
				}
				s.open("a", tc.kind, nil)
				p := s.start(nil)
				p.step(s.Now().Add(time.Hour))
				if got := s.states("a", 1)[1]; got != tc.want || s.tries != tc.tries {
					t.Errorf("%s after %d tries, want %s after %d", got, s.tries, tc.want, tc.tries)
				}
				if _, ok, err := s.NextDue(t.Context()); ok || err != nil {
					t.Errorf("the job is not done: %v, %v", ok, err)
				}
				p.stop()
			})
		})
	}
}

func TestAWrongTokenEndsTheRun(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, 1)
		s.answer = func(*bot.Letter, int) *bot.Receipt { return &bot.Receipt{Fate: bot.FateUnauthorized} }
		s.open("a", "announce", nil)
		p := s.start(nil)
		if err := <-p.ended; err == nil {
			t.Error("the run ends without an error")
		}
		if got := s.states("a", 1)[1]; got != "later leader changed" {
			t.Errorf("the letter is %s", got)
		}
	})
}

func TestAnOlderRunnerStops(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, neighbours(handful+60)...) // more than the older one has in hand
		s.takes = 2 * time.Second
		s.open("a", "announce", nil)
		old := s.start(nil)
		time.Sleep(3 * time.Second) // in the middle of the walk
		p := s.start(nil)
		if err := <-old.ended; !errors.Is(err, store.ErrFenced) {
			t.Errorf("the older runner ends with %v", err)
		}
		p.step(s.Now().Add(time.Hour))
		s.counts("a", store.Counts{Sent: handful + 60})
		if len(s.got()) != handful+60 {
			t.Errorf("%d letters left", len(s.got()))
		}
		p.stop()
	})
}

// Ended in good order, a runner gives back what has not left, and nobody is told twice although it is an announcement.
func TestANewLeaderGoesOnAtOnce(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, people(100)...)
		s.takes = time.Second
		s.open("a", "announce", nil)
		p := s.start(nil)
		time.Sleep(1500 * time.Millisecond)
		p.stop()
		if n := len(s.got()); n == 0 || n == 100 {
			t.Fatalf("ended after %d letters", n)
		}
		p = s.start(nil)
		p.rest()
		s.counts("a", store.Counts{Sent: 100})
		if len(s.got()) != 100 {
			t.Errorf("%d letters left", len(s.got()))
		}
		p.stop()
	})
}

// A letter that takes longer than the ledger gives it is not taken for one that a crash has left, neither while it is in
// hand nor while it waits for room there: at a low pace that alone takes longer.
func TestLettersInHandAreNoLeftovers(t *testing.T) {
	for _, tc := range []struct {
		name    string
		readers int
		kind    store.JobKind
	}{
		{"one in hand", 1, store.JobReminder},
		{"more than there is room for", 2 * handful, store.JobReminder},
		{"an announcement, of which none is to count as unknown", 2 * handful, store.JobAnnounce},
	} {
		t.Run(tc.name, func(t *testing.T) {
			play(t, func(t *testing.T, s *stage) {
				s.greet(nil, people(tc.readers)...)
				s.takes = 30 * time.Second
				s.open("a", tc.kind, nil)
				p := s.start(nil)
				time.Sleep(time.Second)
				s.set(s.Now().Add(2 * store.LetterTimeout))
				p.rest()
				p.step(s.Now().Add(time.Hour))
				s.counts("a", store.Counts{Sent: tc.readers})
				if n := len(s.got()); n != tc.readers {
					t.Errorf("%d letters arrived, want one for each of %d", n, tc.readers)
				}
				p.stop()
			})
		})
	}
}

// A job that was put off because a letter waited is ended at once, and not an hour later, by whoever leads after a runner that
// settled that letter at the end of its term.
func TestTheLastLetterOfATerm(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, people(3)...)
		s.answer = flood(2, time.Minute)
		s.open("a", "announce", nil)
		p := s.start(nil)
		p.rest() // two have it, one waits for a minute
		s.takes = 20 * time.Second
		s.set(s.Now().Add(time.Minute + time.Second))
		p.Wake()
		time.Sleep(5 * time.Second) // it is under way
		p.stop()
		s.counts("a", store.Counts{Sent: 3})
		p = s.start(nil)
		p.rest()
		if at, ok, err := s.NextDue(t.Context()); ok || err != nil {
			t.Errorf("the job is still due at %v (%v)", at, err)
		}
		p.stop()
	})
}
