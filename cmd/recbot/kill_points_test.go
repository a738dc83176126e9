package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"recbot/store/storetest"
)

// moment is when a bot dies.
type moment struct {
	how  fall
	step string // of the work on the store, see crashpoints.go
	n    int    // which of these steps, which letter, or how many milliseconds
}

// fall is how a test comes by a moment.
type fall string

const (
	before  fall = "before" // a step of the work on the store, which is not done
	after   fall = "after"  // one that is done, and nothing behind it
	lost    fall = "lost"   // a letter is on its way, and Telegram does not get it
	taken   fall = "taken"  // Telegram has taken a letter, and the answer is on its way
	started fall = "started"
	called  fall = "called" // the first call of Telegram

	polled    fall = "polled"    // a call for updates is on its way, which confirms what is settled
	confirmed fall = "confirmed" // Telegram has it, and the answer is on its way
	brought   fall = "brought"   // an update is on its way to the webhook
	answered  fall = "answered"  // the webhook's answer is on its way
)

// falls say each in words. Of the moments inside it is what crashpoints.go reads.
var falls = map[fall]string{
	before:    "before %[1]s %[2]d",
	after:     "after %[1]s %[2]d",
	lost:      "with letter %[2]d before Telegram has it",
	taken:     "with letter %[2]d before its answer comes",
	started:   "%[2]d ms after the start",
	called:    "%[2]d ms after the first call",
	polled:    "with call %[2]d for updates before Telegram has it",
	confirmed: "with call %[2]d for updates before its answer comes",
	brought:   "with update %[2]d on its way to the webhook",
	answered:  "with the answer to update %[2]d on its way",
}

func (m moment) String() string { return fmt.Sprintf(falls[m.how], m.step, m.n) }

// inside tells that only a test build comes by the moment.
func (m moment) inside() bool { return m.how == before || m.how == after }

// point is a point of the matrix: the moments at which one bot after the other dies.
type point []moment

func (p point) String() string {
	var all []string
	for _, m := range p {
		all = append(all, m.String())
	}
	return strings.Join(all, ", then ")
}

// around lists the points before and after a step.
func around(step string, n int) []point {
	return []point{{{before, step, n}}, {{after, step, n}}}
}

// everywhere lists the steps of a job between its opening and its end, and what happens on the wire between them. Where a
// step is made for each recipient or shard, one of the first and one of the last stand for all.
func everywhere() []point {
	var all []point
	for _, at := range []moment{
		{step: "lease", n: 1},
		{step: "window", n: 1}, {step: "window", n: windows}, {step: "end", n: 1}, {step: "end", n: 50},
		{step: "settle", n: 1}, {step: "settle", n: windows}, // one batch of each shard is certain: letters settle together where they can
		{step: "bury", n: 1}, {step: "sweep", n: 1}, {step: "sweep", n: 50}, {step: "unqueue", n: 1},
	} {
		all = append(all, around(at.step, at.n)...)
	}
	return append(all,
		point{{lost, "", 1}}, point{{lost, "", audience}}, point{{taken, "", 1}}, point{{taken, "", audience}},
		// What the first death leaves under way is taken up by the second life.
		point{{taken, "", audience}, {before, resumed, 1}}, point{{taken, "", audience}, {after, resumed, 1}},
	)
}

// resumed stands for the step in which a letter is taken up that was under way: "claim" where it is sent again, "settle" where
// it is not.
const resumed = "resumed"

// resuming puts a kind's step for resumed.
func resuming(points []point, step string) []point {
	for _, p := range points {
		for i := range p {
			if p[i].step == resumed {
				p[i].step = step
			}
		}
	}
	return points
}

// drawn draws a point around a job by lot.
func drawn(luck *rand.Rand) point {
	letter := 1 + luck.IntN(audience)
	switch luck.IntN(6) {
	case 0:
		return point{{lost, "", letter}}
	case 1:
		return point{{taken, "", letter}}
	case 2:
		return point{{started, "", luck.IntN(150)}}
	case 3:
		return point{{called, "", luck.IntN(150)}}
	}
	steps := []moment{
		{step: "window", n: windows}, {step: "end", n: 64}, {step: "settle", n: windows}, {step: "sweep", n: 64},
		{step: "open", n: 1}, {step: "bury", n: 1},
	}
	m := steps[luck.IntN(len(steps))]
	m.how, m.n = []fall{before, after}[luck.IntN(2)], 1+luck.IntN(m.n)
	return point{m}
}

// scene is something around which a bot is killed.
type scene struct {
	named []point // all that have a name
	few   []point // those of them that are played in every run, and none by lot; nil = all, and some by lot
	redis []point // those that are played on Redis too
	draw  func(*rand.Rand) point
	play  func(t *testing.T, p point, seed uint64, redis string)
}

// aroundJob lists the named points of a job: everywhere, and around the steps that only its kind has, before the first window and
// after the last letter. resumes is the step that [resumed] stands for.
func aroundJob(resumes string, own ...string) []point {
	all := resuming(everywhere(), resumes)
	for _, step := range own {
		all = append(all, around(step, 1)...)
	}
	return all
}

const drawnAlways = 6 // points by lot of a scene in every run

// eachPoint plays a scene with its points: on the embedded store the named ones, or few of them, and some by lot, on Redis a
// few. With RECBOT_CHAOS=n all named ones are played and n by lot, and all of them on Redis too.
func (s scene) eachPoint(t *testing.T) {
	t.Helper()
	lots, chaos := drawnAlways, os.Getenv("RECBOT_CHAOS")
	if chaos != "" {
		var err error
		if lots, err = strconv.Atoi(chaos); err != nil {
			t.Fatalf("RECBOT_CHAOS=%q: write a number of points", chaos)
		}
	}
	for _, onRedis := range []bool{false, true} {
		named, lots, where := s.named, lots, "embedded"
		if onRedis {
			where = "redis"
		}
		switch {
		case chaos != "":
		case onRedis:
			named, lots = s.redis, 0
		case s.few != nil:
			named, lots = s.few, 0
		}
		for _, p := range named {
			s.one(t, where, p.String(), p, 0)
		}
		for seed := range uint64(lots) {
			p := s.draw(rand.New(rand.NewPCG(seed, 7)))
			s.one(t, where, fmt.Sprintf("seed %d, %s", seed, p), p, seed)
		}
	}
}

// one plays one point. What is made for it says how to play it again when it fails, see newFatal.
func (s scene) one(t *testing.T, where, name string, p point, seed uint64) {
	t.Run(where+", "+name, func(t *testing.T) {
		t.Parallel()
		var redis string
		if where == "redis" {
			redis = storetest.Redis(t)
		}
		s.play(t, p, seed, redis)
	})
}

// again gives the command that repeats a test alone.
func again(t *testing.T) string {
	var levels []string
	for level := range strings.SplitSeq(t.Name(), "/") {
		levels = append(levels, "^"+regexp.QuoteMeta(level)+"$")
	}
	command := fmt.Sprintf("go test ./cmd/recbot -count=1 -run '%s'", strings.Join(levels, "/"))
	if chaos := os.Getenv("RECBOT_CHAOS"); chaos != "" {
		command = "RECBOT_CHAOS=" + chaos + " " + command
	}
	return command
}

// leaseOfTests is the length of the leader's lease in test builds: nobody waits ten seconds for a bot that was killed.
const leaseOfTests = 2 * time.Second
