package broadcast

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"recbot/bot"
	"recbot/store"
)

// remote is a store behind a network: a batch takes a second, and who stops waiting is not told that it was applied.
type remote struct{ store.Backend }

func (r remote) Apply(ctx context.Context, shard store.Shard, b store.Batch) (store.Result, error) {
	result, err := r.Backend.Apply(ctx, shard, b)
	select {
	case <-time.After(time.Second):
		return result, err
	case <-ctx.Done():
		return store.Result{}, ctx.Err()
	}
}

// TestAStopLeavesNoLetterUnderWay ends a runner while the store is taking letters for it: a window of an announcement, or one
// whose time has come. None is left as sending, which would make it unknown and an announcement never arrive.
func TestAStopLeavesNoLetterUnderWay(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		held bool // the letters were put off, and are due again
	}{{"a window", false}, {"letters that were put off", true}} {
		t.Run(tc.name, func(t *testing.T) {
			play(t, func(t *testing.T, s *stage) {
				ids := people(4)
				s.greet(nil, ids...)
				s.open("announce", store.JobAnnounce, nil)
				if tc.held {
					s.answer = func(*bot.Letter, int) *bot.Receipt { return &bot.Receipt{Fate: bot.FateLater, After: time.Minute} }
					first := s.start(nil)
					first.rest()
					first.stop()
					s.answer = nil
					s.set(s.Now().Add(time.Hour))
				}
				near := s.backend
				s.backend = remote{near}
				p := s.start(nil)
				s.untilTaken(ids)
				p.stop()
				for id, state := range s.states("announce", ids...) {
					if strings.HasPrefix(state, string(store.Sending)) {
						t.Errorf("the letter to person %d was left as %s", id, state)
					}
				}
				s.backend = near
				next := s.start(nil)
				next.step(s.Now().Add(time.Hour))
				next.stop()
				if n := len(s.got()); n != len(ids) {
					t.Errorf("%d letters arrived, want %d: %v", n, len(ids), s.states("announce", ids...))
				}
			})
		})
	}
}

// untilTaken waits until some letter of the job stands as sending.
func (s *stage) untilTaken(ids []store.PersonID) {
	s.t.Helper()
	for range 600 {
		for _, state := range s.states("announce", ids...) {
			if strings.HasPrefix(state, string(store.Sending)) {
				return
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.t.Fatal("no letter is taken within a minute")
}

// A restart a moment after a stop does not put off the last word about the job.
func TestTheLastWordAfterAStopAndARestart(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		ids := people(1)
		s.greet(nil, ids...)
		s.takes = 3 * time.Second
		var reported []string
		begin := s.Now()
		opt := func(o *Options) {
			o.Progress = func(_ context.Context, j store.Job, c store.Counts, over bool) error {
				if over {
					reported = append(reported, fmt.Sprintf("%v %+v", s.Now().Sub(begin), c))
				}
				return nil
			}
		}
		s.open("announce", store.JobAnnounce, nil)
		p := s.start(opt)
		s.untilTaken(ids)
		time.Sleep(time.Second) // the letters are on the wire
		must(t, s.WithdrawJob(t.Context(), "announce"))
		p.stop()
		next := s.start(opt)
		next.step(begin.Add(time.Minute))
		if len(reported) == 0 {
			t.Errorf("nobody says what came of it: %v", s.states("announce", ids...))
		}
		next.step(begin.Add(49 * time.Hour))
		if _, due, err := s.NextDue(t.Context()); due || err != nil {
			t.Errorf("something is due still: %v", err)
		}
		next.stop()
	})
}
