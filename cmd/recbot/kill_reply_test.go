package main

import (
	"context"
	"math/rand/v2"
	"testing"

	"recbot/store"
)

// TestKillAroundALateReply kills the real binary as [TestKillAroundAReminder] does, around an answer that Telegram did not take
// in time, so that it became a job for its chat: from its being kept to the end. It arrives; twice only if it was in flight at
// the kill.
func TestKillAroundALateReply(t *testing.T) {
	t.Parallel()
	scene{
		named: aroundReply(),
		few: []point{
			{{before, "open", 1}}, {{after, "open", 1}}, {{before, "mark", 1}}, {{before, "settle", 1}}, {{taken, "", 1}},
			{{taken, "", 1}, {after, "claim", 1}},
		},
		redis: []point{{{after, "open", 1}}, {{taken, "", 1}}},
		draw:  drawnOfReply,
		play: func(t *testing.T, p point, seed uint64, redis string) {
			f := newFatal(t, seed, redis)
			f.to, f.own, f.resends, f.job = invitees[:1], true, true, store.ReplyID(firstUpdate)
			f.work(nil, func(ctx context.Context, s *store.Store) error {
				return settle(ctx, s, f.person(f.to[0]), func(*store.Person) {})
			})
			f.flooded.Store(true)
			f.OnCall(f.slowly)
			f.say(f.to[0], "/help")
			asking := p[0].step == "open" || p[0].step == "mark"
			if asking {
				f.dieAt(p)
			}
			f.pressAgain()
			f.flooded.Store(false)
			if !asking {
				f.dieAt(p)
			}
			f.recover(func() bool { return true })
			f.judge()
		},
	}.eachPoint(t)
}

// aroundReply lists the points around a job for one person. It ends with one batch.
func aroundReply() []point {
	var all []point
	for _, step := range []string{"open", "mark", "lease", "window", "settle", "bury"} {
		all = append(all, around(step, 1)...)
	}
	return append(all,
		point{{lost, "", 1}}, point{{taken, "", 1}},
		point{{taken, "", 1}, {before, "claim", 1}}, point{{taken, "", 1}, {after, "claim", 1}},
		point{{lost, "", 1}, {lost, "", 1}}, point{{taken, "", 1}, {taken, "", 1}},
	)
}

// drawnOfReply draws a point around a late reply by lot: one that has no name is a matter of time.
func drawnOfReply(luck *rand.Rand) point {
	m := moment{started, "", luck.IntN(150)}
	if luck.IntN(2) == 0 {
		m.how = called
	}
	return point{m}
}
