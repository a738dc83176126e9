package outbox

import "time"

const (
	// spare is by how much a second's worth of letters takes longer than a second, and slack by how much a letter may be behind
	// its turn without its time being lost. As the first is not smaller than the second, no second ever sees more letters leave
	// than the rate says, although the timers of a busy machine ring late and some of that is made up for.
	spare = 10 * time.Millisecond
	slack = 10 * time.Millisecond

	// How the pace comes back after Telegram has asked to slow down: by a hundredth of the full one each second, but ten times
	// more slowly around the pace at which it asked, for that may be what it grants today.
	quickly = 0.01
	warily  = 0.001
	around  = 0.1 // of that pace, below and above it

	leastPace = 1.0 / 8 // of the full one; a door that does not open at all is what closures are for
)

// pace spreads urgent and bulk letters over time. It is a bucket with room for one letter: what was missed is gone, so a
// stall is not followed by a burst. Its times are real ones.
type pace struct {
	full float64 // letters a second at most

	rate    float64   // letters a second at the time of slowed, below full only after a 429
	slowed  time.Time // from when on the pace comes back
	refused float64   // the pace at which Telegram last asked to slow down; 0 = it never did

	next time.Time // when the next letter may leave
}

// at gives the pace at a time, in letters a second.
func (p *pace) at(real time.Time) float64 {
	rate, left := p.rate, max(0, real.Sub(p.slowed).Seconds())
	// Three slopes behind one another: up to near the refused pace, past it, and on to the full one.
	for _, slope := range []struct{ to, gain float64 }{
		{p.refused * (1 - around), quickly}, {p.refused * (1 + around), warily}, {p.full, quickly},
	} {
		to, gain := min(slope.to, p.full), slope.gain*p.full
		if to <= rate {
			continue
		}
		if takes := (to - rate) / gain; takes < left {
			rate, left = to, left-takes
			continue
		}
		return rate + gain*left
	}
	return rate
}

// slow halves the pace. It stays so until a time, when letters leave again, and comes back from then on.
func (p *pace) slow(real, until time.Time) {
	p.refused = p.at(real)
	p.rate, p.slowed = max(p.refused/2, p.full*leastPace), until
}

// take counts a letter that leaves now.
func (p *pace) take(real time.Time) {
	// A letter that is a little late does not put off those behind it. One that is later was not held up by a timer: there was
	// nothing to send, or the process stood still.
	if p.next.Before(real.Add(-slack)) {
		p.next = real
	}
	p.next = p.next.Add(time.Duration(float64(time.Second+spare) / p.at(real)))
}
