package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"recbot/bot/sim"
	"recbot/store"
	"recbot/store/storetest"
)

// TestKillAroundAReminder kills the real binary with kill -9 at moments drawn by lot around a reminder for many people, and
// starts it again. Everybody gets the reminder; twice only who had it in flight at the kill, and nobody more often.
//
// RECBOT_CHAOS=n draws n moments instead of twenty, and plays them on Redis as well.
func TestKillAroundAReminder(t *testing.T) {
	t.Parallel()
	eachMoment(t, killOnce)
}

// eachMoment plays a test with every lot.
func eachMoment(t *testing.T, play func(t *testing.T, seed uint64, redis string)) {
	points, chaos := 20, os.Getenv("RECBOT_CHAOS")
	if chaos != "" {
		var err error
		if points, err = strconv.Atoi(chaos); err != nil {
			t.Fatalf("RECBOT_CHAOS=%q: write a number of moments", chaos)
		}
	}
	for seed := range points {
		t.Run(fmt.Sprintf("embedded, seed %d", seed), func(t *testing.T) {
			t.Parallel()
			play(t, uint64(seed), "")
		})
		if chaos != "" {
			t.Run(fmt.Sprintf("redis, seed %d", seed), func(t *testing.T) {
				t.Parallel()
				play(t, uint64(seed), storetest.Redis(t))
			})
		}
	}
}

const (
	audience = 12             // followers of the reminder
	dueLead  = store.Lead(42) // minutes
)

// fatal is one job with a kill in it.
type fatal struct {
	*exchange
	t     *testing.T
	data  string
	redis string // URL; "" = embedded
	job   store.JobID

	mu   sync.Mutex
	luck *rand.Rand
}

func killOnce(t *testing.T, seed uint64, redis string) {
	f := &fatal{exchange: newExchange(t), t: t, data: shortDir(t), redis: redis, luck: rand.New(rand.NewPCG(seed, 7))}
	f.work(ago(2*time.Hour), f.prepare)
	f.strike(int(seed % 4))
	f.OnCall(func(c sim.Call) *sim.Fault { return f.slowly(c) })
	inFlight := map[store.PersonID]bool{}
	for lives := 1; ; lives++ {
		var waits map[store.PersonID]bool
		f.work(nil, func(ctx context.Context, s *store.Store) error {
			var err error
			waits, err = f.takeStock(ctx, s, inFlight)
			return err
		})
		if len(waits) == 0 {
			break
		}
		if lives > 4 {
			t.Fatalf("after %d lives still nothing is settled for %v", lives, waits)
		}
		f.live(waits)
	}
	f.judge(inFlight)
}

func ago(d time.Duration) func() time.Time {
	return func() time.Time { return time.Now().Add(-d) }
}

// work opens the store while no bot runs.
func (f *fatal) work(now func() time.Time, do func(context.Context, *store.Store) error) {
	f.t.Helper()
	if f.redis == "" {
		withStore(f.t, f.data, now, do)
		return
	}
	withRedis(f.t, f.redis, now, do)
}

// prepare leaves the store of a bot that was last up an hour ago. A reminder fell due meanwhile, of a meeting that is still
// ahead.
func (f *fatal) prepare(ctx context.Context, s *store.Store) error {
	start := time.Now().Add(40 * time.Minute).UTC().Truncate(time.Minute)
	m := store.Meeting{ID: "wg-b-3", UID: "wg-b-3@recbot", Kind: "working_group_meeting", Bodies: []string{"wg-b"},
		Date: start.Format(time.DateOnly), StartHour: start.Format("15:04"), Zone: "UTC",
		Attendance: store.InPerson, Status: store.Confirmed, Visibility: store.Public, Name: store.Text{"en": "Third meeting"},
		Location: store.Location{City: store.Text{"en": "Tashkent"}}}
	f.job = m.ReminderID(dueLead)
	if _, err := s.Import(ctx, []store.Meeting{m}, store.ImportOptions{Silent: "a test"}); err != nil {
		return err
	}
	for n := range store.PersonID(audience) {
		err := settle(ctx, s, f.person(n+1), func(p *store.Person) {
			p.Topics, p.Leads = []store.Topic{"wg-b"}, []store.Lead{dueLead}
		})
		if err != nil {
			return err
		}
	}
	return s.SaveTick(ctx, time.Now().Add(-time.Hour))
}

func (f *fatal) env() []string {
	if f.redis == "" {
		return nil
	}
	return []string{"REDIS_URL=" + f.redis}
}

// lot draws from [0, n).
func (f *fatal) lot(n int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.luck.IntN(n)
}

// slowly lets a letter take as long as in life, or shorter.
func (f *fatal) slowly(c sim.Call) *sim.Fault {
	if c.Method != "sendMessage" {
		return nil
	}
	return &sim.Fault{Delay: time.Duration(f.lot(15)) * time.Millisecond}
}

// strike starts the bot and kills it: in front of a letter, behind one that got no answer, or some time after the start or
// after its first word to Telegram.
func (f *fatal) strike(how int) {
	f.t.Helper()
	var (
		p      *process
		letter = 1 + f.lot(audience)
		pause  = time.Duration(f.lot(120)) * time.Millisecond
		ready  = make(chan struct{})
		up     = make(chan struct{})
		first  sync.Once
		sends  int
	)
	f.OnCall(func(c sim.Call) *sim.Fault {
		<-ready
		first.Do(func() { close(up) })
		if c.Method != "sendMessage" || c.Chat > audience || how > 1 {
			return f.slowly(c)
		}
		f.mu.Lock()
		sends++
		hit := sends == letter
		f.mu.Unlock()
		if !hit {
			return f.slowly(c)
		}
		p.kill()
		return &sim.Fault{Lose: how == 0, Swallow: how == 1}
	})
	p = f.serve(f.data, f.env()...)
	close(ready)
	switch how {
	case 2:
		<-time.After(pause)
		p.kill()
	case 3:
		<-up
		<-time.After(pause)
		p.kill()
	}
	if p.wait(); p.cmd.ProcessState.Exited() {
		f.t.Fatalf("the bot ended by itself with code %d", p.cmd.ProcessState.ExitCode())
	}
}

// takeStock gives those who must get the letter in the next life. Those who had it under way when the last one ended are
// noted, and their time is made to come: a bot that lives on waits a minute and a half for word of them.
func (f *fatal) takeStock(ctx context.Context, s *store.Store, inFlight map[store.PersonID]bool) (map[store.PersonID]bool, error) {
	waits := map[store.PersonID]bool{}
	for n := range store.PersonID(audience) {
		letters, err := s.LettersOf(ctx, n+1)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(letters, func(r store.Recipient) bool { return r.Job == f.job })
		switch {
		case i < 0 || letters[i].State == store.Later:
			waits[n+1] = true
		case letters[i].State == store.Sending:
			waits[n+1], inFlight[n+1] = true, true
		case letters[i].State != store.Sent:
			return nil, fmt.Errorf("the letter to person %d is %s: %s", n+1, letters[i].State, letters[i].Reason)
		}
	}
	return waits, hasten(ctx, s.Backend())
}

// hasten makes everything in the queue of letters due.
func hasten(ctx context.Context, b store.Backend) error {
	const queue = "letters"
	for shard := range store.Shard(store.Shards) {
		entries, err := b.Due(ctx, queue, time.Now().Add(time.Hour), 100, shard)
		if err != nil {
			return err
		}
		var batch store.Batch
		for _, e := range entries {
			batch.Do = append(batch.Do, store.Schedule(queue, e.ID, time.Now().Add(-time.Second)))
		}
		if len(entries) == 0 {
			continue
		}
		if _, err := b.Apply(ctx, shard, batch); err != nil {
			return err
		}
	}
	return nil
}

// live lets the bot live until everybody in waits has got one more letter than before, and ends it as an operator does.
func (f *fatal) live(waits map[store.PersonID]bool) {
	f.t.Helper()
	before := f.reminders()
	p := f.serve(f.data, f.env()...)
	eventually(f.t, soon, "the reminder for everybody who waits for it", func() bool {
		now := f.reminders()
		for who := range waits {
			if now[who] == before[who] {
				return false
			}
		}
		return true
	})
	p.stop()
}

// reminders counts what each person was reminded of.
func (f *fatal) reminders() map[store.PersonID]int { return f.letters("Reminder: ") }

// letters counts what each person got that begins with a text.
func (f *fatal) letters(prefix string) map[store.PersonID]int {
	n := map[store.PersonID]int{}
	for who := range store.PersonID(audience) {
		for _, text := range f.sent(who + 1) {
			if strings.HasPrefix(text, prefix) {
				n[who+1]++
			}
		}
	}
	return n
}

func (f *fatal) judge(inFlight map[store.PersonID]bool) {
	f.t.Helper()
	got := f.reminders()
	for n := range store.PersonID(audience) {
		switch who := n + 1; {
		case got[who] == 0:
			f.t.Errorf("person %d was not reminded", who)
		case got[who] > 2, got[who] == 2 && !inFlight[who]:
			f.t.Errorf("person %d was reminded %d times; in flight at the kill: %v", who, got[who], inFlight[who])
		}
	}
}
