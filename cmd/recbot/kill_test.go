package main

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"recbot/bot"
	"recbot/bot/sim"
	"recbot/store"
)

// TestKillAroundAReminder kills the real binary with kill -9 at every step of a reminder for many people, and at moments
// drawn by lot, and starts it again. Everybody gets the reminder; twice only who had it in flight at the kill, and nobody
// more often. Nothing of the job is left behind in the store.
//
// RECBOT_CHAOS=n draws n moments instead of a few, and plays everything on Redis as well.
func TestKillAroundAReminder(t *testing.T) {
	t.Parallel()
	scene{
		named: aroundJob("claim", "open", "tick"),
		redis: []point{
			{{after, "open", 1}}, {{after, "window", 1}}, {{before, "settle", 1}}, {{taken, "", 3}}, {{after, "bury", 1}},
		},
		draw: drawn,
		play: func(t *testing.T, p point, seed uint64, redis string) {
			f := newReminder(t, seed, redis)
			f.dieAt(p)
			f.recover(func() bool { return true })
			f.judge()
		},
	}.eachPoint(t)
}

const (
	audience = 12             // recipients of the job
	windows  = 6              // that hold them, see invitees; letters of one shard may be settled by one batch
	dueLead  = store.Lead(42) // minutes

	fatefulMeeting = store.MeetingID("wg-b-3") // of which people are reminded
)

// invitees are the recipients: six in one shard, two in another, the others in shards of their own. So a window may hold
// several letters, and several windows are under way at once.
var invitees = func() []store.PersonID {
	room := []int{6, 2, 1, 1, 1, 1}
	byShard, all := map[store.Shard]int{}, []store.PersonID{}
	for id := store.PersonID(1); len(all) < audience; id++ {
		shard := store.ShardOf(store.ChatID(id))
		if _, known := byShard[shard]; !known && len(byShard) < len(room) {
			byShard[shard] = room[len(byShard)]
		}
		if byShard[shard] > 0 {
			byShard[shard]--
			all = append(all, id)
		}
	}
	return all
}()

// fatal is one job, and bots that die while they carry it.
type fatal struct {
	*exchange
	t        *testing.T
	data     string
	redis    string // URL; "" = embedded
	job      store.JobID
	to       []store.PersonID       // its recipients
	own      bool                   // the job is for one of them alone, and lives with them
	brings   bot.LetterKind         // what its letters are
	prefix   string                 // of the text that the job brings
	reported string                 // before the number that the organizer is told in the end
	changed  []store.JobID          // it changes the messages of these, or deletes them
	begins   time.Time              // of the meeting that it is about
	resends  bool                   // a letter whose fate is unknown is sent once more
	repeats  bool                   // and as often as it takes, for it changes a message: done twice it is done once
	flights  map[store.PersonID]int // how often a letter was under way when a bot died
	front    *front                 // Telegram brings updates through it; nil = they are polled for
	flooded  atomic.Bool            // Telegram takes no message

	mu   sync.Mutex
	luck *rand.Rand
}

// newFatal prepares a job to die around. A test that fails says how to play it again; its name holds the moment.
func newFatal(t *testing.T, seed uint64, redis string) *fatal {
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s, with seed %d. To play it again:\n%s", t.Name(), seed, again(t))
		}
	})
	return &fatal{
		exchange: newExchange(t), t: t, data: shortDir(t), redis: redis, to: invitees, flights: map[store.PersonID]int{},
		luck: rand.New(rand.NewPCG(seed, 11)),
	}
}

// newReminder is a reminder that is due.
func newReminder(t *testing.T, seed uint64, redis string) *fatal {
	f := newFatal(t, seed, redis)
	f.prefix, f.resends = "Reminder: ", true
	f.work(ago(2*time.Hour), f.prepareReminder)
	return f
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

// prepareReminder leaves the store of a bot that was last up an hour ago. A reminder fell due meanwhile, of a meeting that is
// still ahead.
func (f *fatal) prepareReminder(ctx context.Context, s *store.Store) error {
	start := time.Now().Add(40 * time.Minute).UTC().Truncate(time.Minute)
	m := store.Meeting{ID: fatefulMeeting, UID: "wg-b-3@recbot", Kind: "working_group_meeting", Bodies: []string{"wg-b"},
		Date: start.Format(time.DateOnly), StartHour: start.Format("15:04"), Zone: "UTC",
		Attendance: store.InPerson, Status: store.Confirmed, Visibility: store.Public, Name: store.Text{"en": "Third meeting"},
		Location: store.Location{City: store.Text{"en": "Tashkent"}}}
	f.job = m.ReminderID(dueLead)
	if _, err := s.Import(ctx, []store.Meeting{m}, store.ImportOptions{Silent: "a test"}); err != nil {
		return err
	}
	for _, who := range invitees {
		err := settle(ctx, s, f.person(who), func(p *store.Person) {
			p.Topics, p.Leads = []store.Topic{"wg-b"}, []store.Lead{dueLead}
		})
		if err != nil {
			return err
		}
	}
	return s.SaveTick(ctx, time.Now().Add(-time.Hour))
}

// start starts a bot: the released one, or a test build where there is something to tell it.
func (f *fatal) start(crashpoint string) *process {
	f.t.Helper()
	path, env := f.program(crashpoint)
	if f.front == nil {
		return launchThe(f.t, path, f.env(f.data, env...), "serve")
	}
	p := launchThe(f.t, path, f.env(f.data, f.front.env(env...)...), "serve")
	f.front.leads(p)
	return p
}

// program gives the binary for a crashpoint, "" for none, and what its environment has beyond the usual.
func (f *fatal) program(crashpoint string) (path string, env []string) {
	f.t.Helper()
	if f.redis != "" {
		env = append(env, "REDIS_URL="+f.redis)
	}
	if f.redis == "" && crashpoint == "" {
		return binary(f.t), env
	}
	return crashing(f.t), append(env, "CRASHPOINT="+crashpoint, "CRASHLEASE="+leaseOfTests.String())
}

// lot draws from [0, n).
func (f *fatal) lot(n int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.luck.IntN(n)
}

// slowly lets a letter take as long as in life, or shorter.
func (f *fatal) slowly(c sim.Call) *sim.Fault {
	switch {
	case c.Method != f.method():
		return nil
	case f.flooded.Load():
		return sim.Flood(600)
	}
	return &sim.Fault{Delay: time.Duration(f.lot(15)) * time.Millisecond}
}

// method is the call of Telegram that carries a letter of the job.
func (f *fatal) method() string {
	switch f.brings {
	case bot.LetterEdit:
		return "editMessageText"
	case bot.LetterDelete:
		return "deleteMessage"
	}
	return "sendMessage"
}

// got counts how often each person got what the job brings.
func (f *fatal) got() map[store.PersonID]int {
	n := map[store.PersonID]int{}
	for _, d := range f.Deliveries(0) {
		if d.Kind == f.brings && strings.HasPrefix(d.Text, f.prefix) {
			n[store.PersonID(d.Chat)]++
		}
	}
	return n
}

// maxLives is how many bots may be needed after the deaths: one would do, but for a press that comes again.
const maxLives = 3

// recover lets bots live and end as an operator ends them, until all that the job brings has arrived, over says that the
// rest has happened too, and nothing of the job is left to do.
func (f *fatal) recover(over func() bool) {
	f.t.Helper()
	for range maxLives {
		f.live(over)
		s := f.takeStock()
		for who := range s.sending {
			f.t.Errorf("the letter to person %d was still under way when the bot had ended well", who)
		}
		if len(s.waits) == 0 && s.finished && over() {
			return
		}
	}
	f.t.Fatalf("after %d more lives the job is not finished", maxLives)
}

// live lets a bot live until everybody who waits has got one more letter than before and the job is finished.
func (f *fatal) live(over func() bool) {
	f.t.Helper()
	s, had := f.takeStock(), f.got()
	const passed = "crashpoint: passed"
	p := f.start("note unqueue 1 of " + string(f.job))
	p.ready()
	eventually(f.t, soon, "everybody who waits gets a letter, and the job ends", func() bool {
		for who := range s.waits {
			done := f.repeats && had[who] > 0 // what is done again is not seen again
			if f.got()[who] == had[who] && !done {
				return false
			}
		}
		return over() && (s.finished || strings.Contains(p.out.String(), passed))
	})
	p.stop()
}
