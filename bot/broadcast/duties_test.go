package broadcast

import (
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"recbot/bot"
	"recbot/bot/metrics"
	"recbot/store"
)

// Who leads erases whom nobody could reach for a year.
func TestTheRunnerErasesWhoIsGoneForAYear(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, 1)
		must(t, s.PersonGone(t.Context(), 1, "bot was blocked by the user"))
		s.set(s.Now().Add(store.GoneKept + time.Hour))
		p := s.start(nil)
		p.rest()
		time.Sleep(2 * time.Second)
		if _, err := s.Person(t.Context(), 1); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a year after they were lost the person is still there: %v", err)
		}
		p.stop()
	})
}

// A digest waits for the end of the reader's own quiet hours.
func TestADigestWaitsForTheMorning(t *testing.T) {
	p := store.Person{ID: 1, Quiet: store.Quiet{From: 22 * 60, To: 9*60 + 30}}
	now := local(t, "02 08:00")
	got := Hold(store.Job{Kind: store.JobDigest, Due: now}, p, tashkent, now)
	if want := local(t, "02 09:30"); !got.Equal(want) {
		t.Errorf("held until %s, want %s", got, want)
	}
}

// A letter that is sent again counts once, also when Telegram put it off before it took it.
func TestWhatIsSentAgainCountsOnce(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, 1)
		s.answer = func(_ *bot.Letter, n int) *bot.Receipt {
			switch {
			case n == 1:
				return &bot.Receipt{Fate: bot.FateUnknown}
			case n < 5: // not delivered: nothing is sent here
				return &bot.Receipt{Fate: bot.FateLater, Flood: true, After: 2 * time.Second}
			}
			return nil
		}
		s.open("a", store.JobReminder, nil)
		m := metrics.New()
		p := s.start(func(o *Options) { o.Metrics = m })
		p.step(s.Now().Add(time.Hour))
		s.counts("a", store.Counts{Sent: 1})
		p.stop()
		rec := httptest.NewRecorder()
		m.Handler().ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
		page, _ := io.ReadAll(rec.Body)
		if want := `recbot_letters_resent_total{class="urgent"} 1`; !strings.Contains(string(page), want+"\n") {
			for line := range strings.SplitSeq(string(page), "\n") {
				if strings.HasPrefix(line, "recbot_letters_resent") {
					t.Errorf("%s, want %s", line, want)
				}
			}
		}
	})
}
