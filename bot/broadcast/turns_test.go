package broadcast

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"recbot/bot"
	"recbot/store"
)

// TestTheLaterTurnIsReported stops an announcement and lets it go on while one letter of it takes longer than all that is left: the
// one who lets go last is at work on the earlier turn, and must not end the later one without a word.
func TestTheLaterTurnIsReported(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		ids := people(4)
		s.greet(nil, ids...)
		s.answer = func(_ *bot.Letter, n int) *bot.Receipt {
			switch {
			case n == 1: // Telegram takes its time for the first
				time.Sleep(20 * time.Second)
			case n <= 4 && s.Now().Equal(local(t, "01 09:00")):
				return &bot.Receipt{Fate: bot.FateLater, Flood: true, After: time.Minute}
			}
			return nil
		}
		var said reports
		j := s.open("announce", store.JobAnnounce, func(j *store.Job) { j.Turn = 1 })
		p := s.start(said.listen)
		s.untilTaken(ids)
		time.Sleep(3 * time.Second)
		must(t, s.WithdrawJob(t.Context(), j.ID))
		j.Turn = 2
		must(t, s.OpenJob(t.Context(), j))
		s.set(s.Now().Add(2 * time.Minute))
		p.rest()
		p.step(s.Now().Add(100 * time.Hour))
		said.are(t, "announce turn 2: 4 sent")
		p.stop()
	})
}

// TestWhatWaitsBehindAnotherGoesOn stops one of two announcements and lets it go on, in other words, while it stands in line behind the
// first: whoever took it up as it was walks nothing any more.
func TestWhatWaitsBehindAnotherGoesOn(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, people(400)...)
		var old atomic.Int64
		s.compose = func(j store.Job, _ store.Person) (*bot.Reply, string, error) {
			if string(j.Content) == `"old"` {
				old.Add(1)
			}
			return bot.Say(string(j.Content)), string(j.Content), nil
		}
		s.takes = 2 * time.Second
		var said reports
		s.open("announce:a", store.JobAnnounce, func(j *store.Job) { j.Turn, j.Content = 1, []byte(`"a"`) })
		j := s.open("announce:b", store.JobAnnounce, func(j *store.Job) { j.Turn, j.Content = 1, []byte(`"old"`) })
		p := s.start(func(o *Options) {
			o.Rate = 1
			said.listen(o)
		})
		time.Sleep(500 * time.Millisecond)
		must(t, s.WithdrawJob(t.Context(), j.ID))
		j.Turn, j.Content = 2, []byte(`"new"`)
		must(t, s.OpenJob(t.Context(), j))
		p.rest()
		p.step(s.Now().Add(100 * time.Hour))
		said.are(t, "announce:a turn 1: 400 sent", "announce:b turn 2: 400 sent")
		if n := old.Load(); n > 0 {
			t.Errorf("%d got the words of the turn that was stopped", n)
		}
		p.stop()
	})
}

// reports collects what is said of jobs that are over.
type reports struct {
	mu  sync.Mutex
	all []string
}

func (r *reports) listen(o *Options) {
	o.Progress = func(_ context.Context, j store.Job, c store.Counts, over bool) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		if over {
			r.all = append(r.all, fmt.Sprintf("%s turn %d: %d sent", j.ID, j.Turn, c.Sent))
		}
		return nil
	}
}

func (r *reports) are(t *testing.T, want ...string) {
	t.Helper()
	if got := fmt.Sprint(r.all); got != fmt.Sprint(want) {
		t.Errorf("reported: %s, want %s", got, want)
	}
}

// TestWhatCannotBeAskedAboutIsPutOff has something that belongs to an announcement damaged in the store: it is asked about again in an hour,
// its letters that wait as well, and others go on.
func TestWhatCannotBeAskedAboutIsPutOff(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		ids := people(2)
		s.greet(nil, ids...)
		var asked atomic.Int64
		var odd atomic.Bool
		s.answer = func(l *bot.Letter, n int) *bot.Receipt {
			if n == 1 { // one has to wait
				return &bot.Receipt{Fate: bot.FateLater, Flood: true, After: 10 * time.Second}
			}
			return nil
		}
		s.open("announce:a", store.JobAnnounce, nil)
		p := s.start(func(o *Options) {
			o.Begin = func(_ context.Context, j store.Job) error {
				asked.Add(1)
				if odd.Load() && j.ID != "announce:c" {
					return fmt.Errorf("the draft: %w", store.ErrCorrupt)
				}
				return nil
			}
		})
		p.rest()
		odd.Store(true)
		s.open("announce:b", store.JobAnnounce, nil)
		s.open("announce:c", store.JobAnnounce, nil)
		asked.Store(0)
		for range 30 {
			p.step(s.Now().Add(time.Minute))
		}
		if got := fmt.Sprint(s.states("announce:c", ids...)); got != "map[101:sent 102:sent]" {
			t.Errorf("another announcement: %s", got)
		}
		if n := asked.Load(); n > 8 {
			t.Errorf("asked %d times in half an hour", n)
		}
		odd.Store(false)
		p.step(s.Now().Add(2 * time.Hour))
		for _, id := range []store.JobID{"announce:a", "announce:b"} {
			if got := fmt.Sprint(s.states(id, ids...)); got != "map[101:sent 102:sent]" {
				t.Errorf("%s, once it can be read: %s", id, got)
			}
		}
		p.stop()
	})
}
