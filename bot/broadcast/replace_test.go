package broadcast

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/store"
)

// correcting sends an announcement to one person and gives what corrects it, and what that made of the message, in order.
// trouble is what becomes of an edit with a text; nil = it is made.
func correcting(s *stage, p *process, trouble func(text string) *bot.Receipt) (correct func(id store.JobID), made func() []string) {
	s.greet(nil, 1)
	first := s.open("announce:d", store.JobAnnounce, nil)
	p.rest()
	var texts []string
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries, s.answer = 0, func(l *bot.Letter, _ int) *bot.Receipt {
		if r := trouble(l.Text); r != nil {
			return r
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		texts = append(texts, l.Text)
		return &bot.Receipt{Fate: bot.FateSent, Message: l.Target}
	}
	correct = func(id store.JobID) {
		s.open(id, store.JobAnnounce, func(j *store.Job) {
			j.Audience, j.Replaces = store.Audience{Of: first.ID}, []store.JobID{first.ID}
		})
		p.rest()
	}
	made = func() []string {
		s.mu.Lock()
		defer s.mu.Unlock()
		return slices.Clone(texts)
	}
	return correct, made
}

// A correction that is lost leaves words standing that are wrong, and to make it twice does no harm.
func TestACorrectionOfUnknownFateIsRepeated(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name          string
		unsure, tries int
		want          string
	}{
		{"Once more when no answer came", 1, 2, "sent"},
		{"and again through minutes of it", 4, 5, "sent"},
		{"but not for ever", 99, 5, "unknown"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			play(t, func(t *testing.T, s *stage) {
				p := s.start(nil)
				left := tc.unsure
				correct, _ := correcting(s, p, func(string) *bot.Receipt {
					if left--; left >= 0 {
						return &bot.Receipt{Fate: bot.FateUnknown}
					}
					return nil
				})
				correct("announce:c")
				p.step(s.Now().Add(time.Hour))
				if got := s.states("announce:c", 1)[1]; !strings.HasPrefix(got, tc.want) || s.tries != tc.tries {
					t.Errorf("%s after %d tries, want %s after %d", got, s.tries, tc.want, tc.tries)
				}
				p.stop()
			})
		})
	}
}

// A correction that waits must not undo the one behind it.
func TestALateCorrectionDoesNotUndoTheNext(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		late string // the correction that has to wait a minute
		want []string
	}{
		{"The first one has nothing to say any more", "announce:c1", []string{"announce:c2"}},
		{"The second one still has", "announce:c2", []string{"announce:c1", "announce:c2"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			play(t, func(t *testing.T, s *stage) {
				p := s.start(nil)
				waited := false
				correct, made := correcting(s, p, func(text string) *bot.Receipt {
					if text != tc.late || waited {
						return nil
					}
					waited = true
					return &bot.Receipt{Fate: bot.FateLater, After: time.Minute}
				})
				correct("announce:c1")
				p.step(s.Now().Add(time.Second))
				correct("announce:c2")
				p.step(s.Now().Add(time.Hour))
				if diff := cmp.Diff(tc.want, made()); diff != "" {
					t.Errorf("the message was changed to (-want +got):\n%s", diff)
				}
				p.stop()
			})
		})
	}
}

// The second correction is urgent and its letters leave first; the first one, which is not, must not bring the old text back.
func TestAnUrgentCorrectionIsNotUndone(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, people(300)...)
		first := s.open("announce:d", store.JobAnnounce, nil)
		p := s.start(nil)
		p.rest()
		shown := map[store.ChatID]string{}
		s.mu.Lock()
		s.answer = func(l *bot.Letter, _ int) *bot.Receipt {
			s.mu.Lock()
			defer s.mu.Unlock()
			shown[l.Chat] = l.Text
			return &bot.Receipt{Fate: bot.FateSent, Message: l.Target}
		}
		s.mu.Unlock()
		for _, id := range []store.JobID{"announce:c1", "announce:c2"} {
			s.open(id, store.JobAnnounce, func(j *store.Job) {
				j.Audience, j.Replaces = store.Audience{Of: first.ID}, []store.JobID{first.ID}
				j.Urgent = id == "announce:c2"
			})
			p.Wake()
			time.Sleep(3 * time.Second)
			s.set(s.Now().Add(3 * time.Second))
		}
		p.rest()
		old := 0
		for _, text := range shown {
			if text != "announce:c2" {
				old++
			}
		}
		if old > 0 || len(shown) != 300 {
			t.Errorf("%d of %d read the first correction in the end, want 0 of 300", old, len(shown))
		}
		p.stop()
	})
}

// Stopped and recalled at once: the letter that was under way arrives all the same, and is deleted then.
func TestARecallWaitsForWhatIsUnderWay(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, 1)
		s.takes = 20 * time.Second
		first := s.open("announce:d", store.JobAnnounce, func(j *store.Job) { j.Urgent = true })
		p := s.start(nil)
		p.Wake()
		time.Sleep(2 * time.Second) // it is under way
		s.open("announce:r", store.JobAnnounce, func(j *store.Job) {
			j.Audience, j.Replaces, j.Recalls = store.Audience{Of: first.ID}, []store.JobID{first.ID}, true
		})
		p.step(s.Now().Add(time.Minute))
		if got := s.states("announce:r", 1)[1]; got != "sent" {
			t.Errorf("the recall is %q, want sent", got)
		}
		p.stop()
	})
}
