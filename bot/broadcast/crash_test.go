package broadcast

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"recbot/bot"
	"recbot/store"
	"recbot/store/storetest"
)

// TestCrashes kills runners at points drawn by lot, before or after the batch or letter they were at, and lets others go on.
// What the README promises must hold: nobody is silently missed, no announcement arrives twice, a reminder at most twice,
// and only if it was in flight at a crash.
func TestCrashes(t *testing.T) {
	t.Parallel()
	seeds := 120
	if testing.Short() {
		seeds = 20
		t.Log("short: 20 seeds instead of 120")
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "recbot.db")
			synctest.Test(t, func(t *testing.T) {
				onStage(t, path, func(t *testing.T, s *stage) {
					c := &crashes{stage: s, rng: rand.New(rand.NewPCG(uint64(seed), 1)), inFlight: map[hand]bool{}}
					c.play(t)
				})
			})
		})
	}
}

// crashes is one history of crashes.
type crashes struct {
	*stage
	rng      *rand.Rand
	ids      []store.PersonID
	inFlight map[hand]bool // letters that stood as sending when a process died
}

// both is the jobs of a history, with what may happen to their letters.
var both = []struct {
	id   store.JobID
	kind store.JobKind
	most int // times that a letter may arrive
}{{"remind", store.JobReminder, 2}, {"announce", "announce", 1}}

func (c *crashes) play(t *testing.T) {
	c.ids = people(5 + c.rng.IntN(25))
	c.greet(func(p *store.Person) { p.Topics = []store.Topic{"rec", "wg-b"} }, c.ids...)
	for _, j := range both {
		c.open(j.id, j.kind, func(j *store.Job) { j.Audience.Topics = []store.Topic{"rec", "wg-b"} })
	}
	c.takes = time.Duration(c.rng.IntN(2000)) * time.Millisecond
	if c.rng.IntN(3) == 0 {
		c.answer = flood(1+c.rng.IntN(20), 7*time.Second)
	}
	for range 1 + c.rng.IntN(3) {
		c.crash()
		c.set(c.Now().Add(time.Duration(c.rng.IntN(4)) * time.Minute))
	}
	p := c.start(func(o *Options) { o.Window = 1 + c.rng.IntN(8) })
	p.step(c.Now().Add(2 * time.Hour))
	p.stop()
	c.check(t)
}

// crash lets a process live for a while and kills it, unless it is done before.
func (c *crashes) crash() {
	l := &life{left: c.rng.IntN(8 * len(c.ids)), after: c.rng.IntN(2) == 0, killed: make(chan struct{})}
	p := c.startWith(l, func(o *Options) { o.Window = 1 + c.rng.IntN(8) })
	select {
	case <-l.killed:
	case <-time.After(2 * time.Minute):
	}
	p.end()
	<-p.ended
	for _, j := range both {
		for id, state := range c.states(j.id, c.ids...) {
			if state == string(store.Sending) {
				c.inFlight[hand{id, j.id}] = true
			}
		}
	}
}

func (c *crashes) check(t *testing.T) {
	arrived := map[hand]int{}
	for _, d := range c.got() {
		arrived[hand{d.To, store.JobID(d.Text)}]++
	}
	for _, j := range both {
		states := c.states(j.id, c.ids...)
		for _, id := range c.ids {
			h := hand{id, j.id}
			switch n := arrived[h]; {
			case n > j.most:
				t.Errorf("%s reached %d %d times", j.id, id, n)
			case n > 1 && !c.inFlight[h]:
				t.Errorf("%s reached %d twice and was not in flight at a crash", j.id, id)
			case n == 0 && (states[id] != "unknown no word of it" || !c.inFlight[h]):
				t.Errorf("%s did not reach %d, and the ledger says %q", j.id, id, states[id])
			}
		}
		counts, err := c.JobCounts(t.Context(), j.id)
		must(t, err)
		if counts.Sent+counts.Unknown != len(c.ids) || counts.Waiting != 0 {
			t.Errorf("%s to %d persons: %+v", j.id, len(c.ids), counts)
		}
	}
	if at, ok, err := c.NextDue(t.Context()); ok || err != nil {
		t.Errorf("something is due at %s still: %v", at, err)
	}
}

// An outage of the store makes bulk wait and loses nothing: what is known of a letter is noted when the store is back.
func TestAnOutageOfTheStore(t *testing.T) {
	t.Parallel()
	for _, down := range []error{store.ErrUnavailable, store.ErrUnknown} {
		t.Run(down.Error(), func(t *testing.T) {
			play(t, func(t *testing.T, s *stage) {
				s.greet(nil, people(60)...)
				flaky := storetest.NewFlaky(s.backend)
				s.backend = flaky
				s.takes = time.Second
				s.answer = func(_ *bot.Letter, n int) *bot.Receipt {
					if n == 20 {
						flaky.Fail(down)
					}
					return nil
				}
				s.open("a", "announce", nil)
				p := s.start(nil)
				time.Sleep(time.Minute)
				if p.Idle() {
					t.Error("idle while the store is away")
				}
				flaky.Fail(nil)
				p.rest()
				s.counts("a", store.Counts{Sent: 60})
				if len(s.got()) != 60 {
					t.Errorf("%d letters left", len(s.got()))
				}
				p.stop()
			})
		})
	}
}
