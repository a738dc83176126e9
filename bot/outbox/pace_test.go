package outbox

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recbot/bot"
	"recbot/store"
)

func TestPaceComesBackSlowly(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	slowed := pace{full: 20, rate: 20}
	slowed.slow(begun, begun.Add(3*time.Second))
	twice := slowed
	twice.slow(begun.Add(23*time.Second), begun.Add(26*time.Second))
	often := slowed
	for range 9 {
		often.slow(begun, begun.Add(3*time.Second))
	}
	for _, tc := range []struct {
		name string
		pace pace
		at   time.Duration
		want float64
	}{
		{"nobody has asked to slow down", pace{full: 20, rate: 20}, time.Hour, 20},
		{"half of it when somebody has", slowed, 0, 10},
		{"so it stays while the door is closed", slowed, 3 * time.Second, 10},
		{"a hundredth of the full pace comes back each second", slowed, 13 * time.Second, 12},
		{"up to near the pace that was refused", slowed, 43 * time.Second, 18},
		{"behind that, twenty times more slowly", slowed, 143 * time.Second, 19},
		{"all is back", slowed, 243 * time.Second, 20},
		{"and no more than all", slowed, time.Hour, 20},
		{"the second refusal halves what had come back", twice, 23 * time.Second, 7},
		{"warily up to near it", twice, 54 * time.Second, 12.6},
		{"and past it", twice, 454 * time.Second, 15.4},
		{"then more quickly, for it was a lower pace than it need be", twice, 464 * time.Second, 17.4},
		{"it never becomes less than an eighth", often, 0, 2.5},
		{"and comes back from there", often, time.Hour, 20},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.pace.at(begun.Add(tc.at)); math.Abs(got-tc.want) > 0.001 {
				t.Errorf("%.3f letters a second, want %.3f", got, tc.want)
			}
		})
	}
}

// Whenever letters come, and however late the timers are, Telegram never sees more of them in a second than it may.
func TestNoSecondSeesMoreThanTheRate(t *testing.T) {
	t.Parallel()
	for _, rate := range []int{1, 25, 30, 1000} {
		for _, late := range []time.Duration{0, 2 * time.Millisecond, 20 * time.Millisecond, 90 * time.Millisecond} {
			t.Run(fmt.Sprintf("%d a second, timers up to %s late", rate, late), func(t *testing.T) {
				t.Parallel()
				chance := rand.New(rand.NewPCG(uint64(rate), uint64(late)))
				p := pace{full: float64(rate), rate: float64(rate)}
				now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
				left := make([]time.Time, 5*rate)
				for i := range left {
					if chance.IntN(rate) == 0 { // now and then there is nothing to send for a while
						now = now.Add(time.Duration(chance.Int64N(int64(2 * time.Second))))
					}
					now = latest(now, p.next()).Add(time.Duration(chance.Float64() * float64(late)))
					p.take(now)
					left[i] = now
				}
				for i := rate; i < len(left); i++ {
					if span := left[i].Sub(left[i-rate]); span < time.Second {
						t.Fatalf("letters %d to %d left within %s", i-rate, i, span)
					}
				}
			})
		}
	}
}

// Timers of a busy machine are late by a millisecond or two. At a thousand letters a second that must not cost half of them.
func TestLateTimersCostNothing(t *testing.T) {
	t.Parallel()
	p := pace{full: 1000, rate: 1000}
	begun := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	now := begun
	for range 10_000 {
		now = latest(now, p.next().Add(1700*time.Microsecond)) // whoever is in time for the next one too takes it at once
		p.take(now)
	}
	if took, want := now.Sub(begun), 10200*time.Millisecond; took > want {
		t.Errorf("10,000 letters took %s, want at most %s", took, want)
	}
}

// What a process loses that stands still for a moment is made up for in the seconds behind it, none of which sees too many
// letters. Where nobody counts them, it is gone.
func TestAMomentsStandstillCostsNothing(t *testing.T) {
	t.Parallel()
	const still = 25 * time.Millisecond
	for _, tc := range []struct {
		name string
		rate float64
		lost time.Duration // of seven seconds, in the first of which it happens
	}{
		{"at the default rate a moment is less than a turn", 25, 0},
		{"at a hundred a second it is a few", 100, 0},
		{"at a thousand it is many", 1000, 0},
		{"beyond that, nobody counts", 2000, still},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := pace{full: tc.rate, rate: tc.rate}
			begun := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
			now := begun
			for i := range int(7 * tc.rate) {
				now = latest(now, p.next())
				if i == int(tc.rate)/2 {
					now = now.Add(still)
				}
				p.take(now)
			}
			turn := time.Duration(float64(time.Second) / tc.rate)
			if got := now.Sub(begun) + turn - 7*(time.Second+spare); (got - tc.lost).Abs() > 2*turn {
				t.Errorf("%s were lost, want %s", got, tc.lost)
			}
		})
	}
}

// all sends bulk letters to different chats, all at once, and gives when each arrived.
func (s *sender) all(n int) []arrival {
	before := len(s.wire.arrivals())
	for i := range n {
		s.send(store.ClassBulk, store.ChatID(1000+i), fmt.Sprint(before, "-", i))
	}
	s.receipts()
	return s.wire.arrivals()[before:]
}

func TestFloodsSlowEverybodyDown(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		seconds int
		class   store.Class
		want    float64
	}{
		{"a short wait means everybody", 3, store.ClassBulk, 10},
		{"a reply that is refused slows down too", 3, store.ClassReply, 10},
		{"a long one is that chat's own trouble", 60, store.ClassBulk, 20},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSender(t, Options{Rate: 20}, &wire{answer: flooding(tc.seconds)})
				s.send(tc.class, 1, "flood")
				time.Sleep(3 * time.Second)
				got := s.all(3)
				if gap, want := (got[2].At - got[1].At).Seconds(), 1.01/tc.want; math.Abs(gap-want) > 0.002 {
					t.Errorf("letters leave every %.3f s, want %.3f", gap, want)
				}
				time.Sleep(5 * time.Minute)
				if got := s.box.Rate(); got != 20 {
					t.Errorf("minutes later %.2f letters a second, want all 20", got)
				}
			})
		})
	}
}

// Of all letters that are under way when the door closes each is refused. That is no reason to slow down for each.
func TestLettersUnderWaySlowDownOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var closed time.Time
		s := newSender(t, Options{Rate: 40}, &wire{takes: time.Second, answer: func(*bot.Letter, int) bot.Receipt {
			mu.Lock()
			defer mu.Unlock()
			if closed.IsZero() {
				closed = time.Now().Add(3 * time.Second)
			}
			return bot.Receipt{Fate: bot.FateLater, Flood: true, After: time.Until(closed)}
		}})
		if n := len(s.all(30)); n < 20 {
			t.Fatalf("only %d letters were under way", n)
		}
		if got := s.box.Rate(); got != 0 {
			t.Errorf("%.1f letters a second although the door is closed", got)
		}
		time.Sleep(time.Until(closed))
		if got := s.box.Rate(); got < 20 || got > 21 {
			t.Errorf("%.1f letters a second, want half of 40", got)
		}
	})
}

// Whether Telegram grants what was set or less: the pace finds it, keeps most of it, and is seldom refused. Time is the
// bubble's, so these figures are exact.
func TestThePaceFindsWhatTelegramGrants(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		rate       float64
		grants     int
		efficiency float64 // of the time that a sender needs who knows the limit
		refused    int     // at most
	}{
		{"all of it", 30, 30, 0.97, 0},
		{"all of a thousand a second", 1000, 1000, 0.97, 0},
		{"two thirds of it", 30, 20, 0.85, 5},
		{"a third of it, which takes a few refusals to find", 30, 10, 0.90, 10},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const letters = 10_000
				g := &granting{perSecond: tc.grants}
				s := newSender(t, Options{Rate: tc.rate}, &wire{answer: g.answer})
				for i := range letters {
					for s.box.Send(t.Context(), &bot.Letter{Class: store.ClassBulk, Chat: store.ChatID(i + 1)}).Fate != bot.FateSent {
						time.Sleep(max(s.box.Pause(), time.Millisecond))
					}
				}
				ideal, took := letters/float64(tc.grants), time.Since(s.wire.begun).Seconds()
				if ideal/took < tc.efficiency {
					t.Errorf("%d letters took %.0f s, and need %.0f: %.3f, want %.2f", letters, took, ideal, ideal/took, tc.efficiency)
				}
				if g.refused > tc.refused {
					t.Errorf("%d of %d letters were refused, want %d at most", g.refused, letters, tc.refused)
				}
			})
		})
	}
}

// granting is a Telegram that takes so many letters in any second, and closes its door for three for each one over that.
type granting struct {
	perSecond int
	taken     []time.Time // in the last second
	closed    time.Time
	refused   int
}

func (g *granting) answer(_ *bot.Letter, n int) bot.Receipt {
	now := time.Now()
	for len(g.taken) > 0 && now.Sub(g.taken[0]) >= time.Second {
		g.taken = g.taken[1:]
	}
	if now.Before(g.closed) || len(g.taken) >= g.perSecond {
		g.refused++
		g.closed = latest(g.closed, now.Add(3*time.Second))
		return bot.Receipt{Fate: bot.FateLater, Flood: true, After: 3 * time.Second}
	}
	g.taken = append(g.taken, now)
	return bot.Receipt{Fate: bot.FateSent, Message: n}
}
