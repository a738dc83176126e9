package broadcast

import (
	"context"
	"testing"
	"time"

	"recbot/bot"
	"recbot/store"
)

// A letter that hangs holds up the change of its own meeting and nothing else.
func TestASlowLetterHoldsUpItsOwnMeetingOnly(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, 1)
		begin := time.Now()
		left := map[string]time.Duration{}
		s.answer = func(l *bot.Letter, _ int) *bot.Receipt {
			if l.Text == "remind" {
				time.Sleep(59 * time.Second)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			left[l.Text] = time.Since(begin)
			return nil
		}
		s.open("remind", store.JobReminder, func(j *store.Job) { j.Meeting, j.Sequence = "m", 1 })
		p := s.start(nil)
		time.Sleep(time.Second)
		s.greet(nil, 2)
		s.open("change", store.JobChange, func(j *store.Job) { j.Meeting, j.Sequence, j.Start = "m", 2, s.Now() })
		p.Wake()
		time.Sleep(time.Second)
		s.open("other", store.JobReminder, func(j *store.Job) {
			j.Meeting, j.Sequence, j.Audience = "n", 1, store.Audience{Person: 2}
		})
		p.Wake()
		p.rest()
		if left["other"] > 10*time.Second || left["change"] < left["remind"] {
			t.Errorf("letters left after %v, want the other meeting's at once and the change behind the hanging one", left)
		}
		p.stop()
	})
}

// A report that fails once is made up for in a moment, also when the job was put off because a letter of it had to wait.
func TestAReportThatFailsIsMadeUpFor(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, people(3)...)
		s.answer = flood(2, 2*time.Minute)
		s.open("a", "announce", nil)
		failed, reported := false, time.Time{}
		p := s.start(func(o *Options) {
			o.Progress = func(_ context.Context, _ store.Job, _ store.Counts, over bool) error {
				switch {
				case over && !failed:
					failed = true
					return store.ErrUnavailable
				case over:
					reported = s.Now()
				}
				return nil
			}
		})
		begin := s.Now()
		p.step(begin.Add(10 * time.Minute))
		if late := reported.Sub(begin); !failed || reported.IsZero() || late > 3*time.Minute {
			t.Errorf("the report came after %v (it failed once: %v), want it right behind the last letter, after 2m", late, failed)
		}
		p.stop()
	})
}

// After a break of two days nobody gets the announcement any more, whoever has it already included, and the count says so.
func TestAnAnnouncementIsNotSentDaysLater(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(func(p *store.Person) { p.Topics = []store.Topic{store.TopicCouncil, "wg-a"} }, people(200)...)
		both := func(j *store.Job) { j.Audience.Topics = []store.Topic{store.TopicCouncil, "wg-a"} }
		job := s.open("a", "announce", both)
		l := &life{left: -1}
		s.answer = func(_ *bot.Letter, n int) *bot.Receipt {
			if n < 7 {
				return nil
			}
			l.kill()
			return &bot.Receipt{Fate: bot.FateUnknown}
		}
		p := s.startWith(l, nil)
		time.Sleep(time.Minute)
		p.end()
		<-p.ended
		some := len(s.got())
		if some != 6 {
			t.Fatalf("%d letters left before the break, want 6", some)
		}
		s.answer = nil
		s.set(s.Now().Add(49 * time.Hour))
		p = s.start(nil)
		p.step(s.Now().Add(time.Hour))
		if n := len(s.got()); n != some {
			t.Errorf("%d letters left after the break", n-some)
		}
		counts, err := s.JobCounts(t.Context(), job.ID)
		must(t, err)
		// Windows that were written when the process died are unknown, whether their letters left or not.
		if counts.Sent+counts.Unknown < some || counts.Rejected == 0 || counts.Sent+counts.Unknown+counts.Rejected != 200 {
			t.Errorf("counts %+v, want at least %d sent or unknown, the others rejected and nobody waiting", counts, some)
		}
		p.stop()
	})
}
