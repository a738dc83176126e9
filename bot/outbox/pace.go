package outbox

import "time"

const (
	// spare is by how much a second's worth of letters takes longer than a second: the way to Telegram is not equally long for
	// each, and none of them must seem to belong to the second before.
	spare = 10 * time.Millisecond
	// slack is by how much a letter may be behind its turn without its time being lost: a turn, within these bounds. Timers
	// of a busy machine ring late, and now and then the whole process stands still for some milliseconds. Where the letters of
	// the last second are counted none sees too many for all that; where they are not, what is spared must make up for it.
	leastSlack   = spare
	countedSlack = 3 * spare // the least, where they are counted
	mostSlack    = 100 * time.Millisecond
	// remembered is up to which rate the letters of the last second are counted; above it the slack is all there is.
	remembered = 1000

	// How the pace comes back after Telegram has asked to slow down: by a hundredth of the full one each second, but around the
	// pace at which it asked by half a thousandth of that, for it may be what Telegram grants today, and each try costs a refusal.
	quickly = 0.01
	warily  = 0.0005
	around  = 0.1 // of that pace, below and above it

	leastPace = 1.0 / 8 // of the full one; a door that does not open at all is what closures are for
)

// pace spreads all letters but replies over time. It is a bucket with room for very little: what was missed is gone, so a
// stall is not followed by a burst. No second ever sees more letters leave than the rate says. Its times are real ones.
type pace struct {
	full float64 // letters a second at most

	rate    float64   // letters a second at the time of slowed, below full only after a 429
	slowed  time.Time // from when on the pace comes back
	refused float64   // the pace at which Telegram last asked to slow down; 0 = it never did

	turn time.Time   // of the next letter
	left []time.Time // when the letters of the last second left, as many as may; the oldest one at first
	old  int         // its place
}

// at gives the pace at a time, in letters a second.
func (p *pace) at(real time.Time) float64 {
	rate, left := p.rate, max(0, real.Sub(p.slowed).Seconds())
	// Three slopes behind one another: up to near the refused pace, past it, and on to the full one.
	for _, slope := range []struct{ to, gain float64 }{
		{p.refused * (1 - around), quickly * p.full}, {p.refused * (1 + around), warily * p.refused}, {p.full, quickly * p.full},
	} {
		to := min(slope.to, p.full)
		if to <= rate {
			continue
		}
		if takes := (to - rate) / slope.gain; takes < left {
			rate, left = to, left-takes
			continue
		}
		return rate + slope.gain*left
	}
	return rate
}

// slow halves the pace. It stays so until a time, when letters leave again, and comes back from then on.
func (p *pace) slow(real, until time.Time) {
	p.refused = p.at(real)
	p.rate, p.slowed = max(p.refused/2, p.full*leastPace), until
}

// next gives when the next letter may leave.
func (p *pace) next() time.Time {
	if p.old >= len(p.left) || p.left[p.old].IsZero() {
		return p.turn
	}
	// What is made up for must not make one letter too many in any second, and half of what is spared stays so.
	return latest(p.turn, p.left[p.old].Add(time.Second+spare/2))
}

// take counts a letter that leaves now.
func (p *pace) take(real time.Time) {
	each := time.Duration(float64(time.Second+spare) / p.at(real))
	// A letter that is a little late does not put off those behind it. One that is later was not held up by a timer: there was
	// nothing to send, or the process stood still.
	least := leastSlack
	if p.full <= remembered {
		least = countedSlack
	}
	if slack := min(max(each, least), mostSlack); p.turn.Before(real.Add(-slack)) {
		p.turn = real
	}
	p.turn = p.turn.Add(each)
	if p.left == nil && p.full <= remembered {
		p.left = make([]time.Time, int(p.full))
	}
	if len(p.left) > 0 {
		p.left[p.old] = real
		p.old = (p.old + 1) % len(p.left)
	}
}
