package broadcast

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recbot/bot"
	"recbot/bot/outbox"
	"recbot/store"
	"recbot/store/boltstore"
)

// handful is how many letters of one class a runner of these tests has in hand.
const handful = 75

// stage is a bot's inside without Telegram and without handlers: a store, a clock that is stepped, and a wire that
// remembers what it delivered. Processes come and go on it.
type stage struct {
	*store.Store
	t       *testing.T
	backend store.Backend
	wg      sync.WaitGroup

	mu        sync.Mutex
	now       time.Time
	token     store.Rev
	delivered []delivery
	rendered  int
	answer    func(l *bot.Letter, n int) *bot.Receipt // n counts tries from 1; nil, or a nil receipt = delivered
	tries     int
	takes     time.Duration // of a call
	compose   func(j store.Job, p store.Person) (*bot.Reply, string, error)
}

// delivery is a letter that reached a person.
type delivery struct {
	To     store.PersonID
	Text   string
	At     string // by the bot's clock, in Tashkent
	Silent bool
}

// play runs a test in a bubble of time. It begins on 1 December 2026, 09:00 in Tashkent.
func play(t *testing.T, act func(t *testing.T, s *stage)) {
	t.Helper()
	t.Parallel()
	path := filepath.Join(t.TempDir(), "recbot.db")
	synctest.Test(t, func(t *testing.T) { onStage(t, path, act) })
}

func onStage(t *testing.T, path string, act func(t *testing.T, s *stage)) {
	b, err := boltstore.Open(path, boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, backend: b, now: local(t, "01 09:00")}
	s.Store = store.New(b, s.Now)
	act(t, s)
	s.wg.Wait()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func (s *stage) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *stage) set(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at.After(s.now) {
		s.now = at
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// greet stores followers of the Council.
func (s *stage) greet(change func(*store.Person), ids ...store.PersonID) {
	s.t.Helper()
	for _, id := range ids {
		p := store.Newcomer(id, store.Uzbek, s.Now())
		if change != nil {
			change(&p)
		}
		_, err := s.Greet(s.t.Context(), p)
		must(s.t, err)
	}
}

// change changes the record of a person.
func (s *stage) change(id store.PersonID, change func(*store.Person)) {
	_, err := s.ChangePerson(context.Background(), id, store.Cause{}, func(p *store.Person) error {
		change(p)
		return nil
	})
	if err != nil {
		s.t.Errorf("change person %d: %v", id, err)
	}
}

// open opens a job for the followers of the Council, due now.
func (s *stage) open(id store.JobID, kind store.JobKind, change func(*store.Job)) store.Job {
	s.t.Helper()
	j := store.Job{ID: id, Kind: kind, Opened: s.Now(), Due: s.Now(), Audience: store.Audience{Topics: []store.Topic{store.TopicCouncil}}}
	if change != nil {
		change(&j)
	}
	must(s.t, s.OpenJob(s.t.Context(), j))
	return j
}

// process is a running bot: a runner behind its own outbox and its own way to the store.
type process struct {
	*Runner
	s     *stage
	life  *life
	box   *outbox.Outbox
	end   context.CancelFunc
	ended chan error // of Run
	token store.Rev
}

// start starts a process that leads with a higher token than all before.
func (s *stage) start(change func(*Options)) *process { return s.startWith(&life{left: -1}, change) }

func (s *stage) startWith(l *life, change func(*Options)) *process {
	s.mu.Lock()
	s.token++
	token := s.token
	s.mu.Unlock()
	o := Options{Now: s.Now, Zone: tashkent, Window: 5, Compose: s.composed, Render: s.render}
	if change != nil {
		change(&o)
	}
	p := &process{s: s, life: l, ended: make(chan error, 1), token: token}
	p.box = outbox.New(&wire{s, l}, outbox.Options{Now: s.Now, Jitter: func() time.Duration { return 0 }})
	p.Runner = New(store.New(&mortal{s.backend, l}, s.Now), p.box, o)
	var ctx context.Context
	ctx, p.end = context.WithCancel(context.Background())
	s.wg.Go(func() { p.ended <- p.Run(ctx, token) })
	return p
}

// stop ends a process in good order.
func (p *process) stop() {
	p.s.t.Helper()
	p.end()
	if err := <-p.ended; err != nil {
		p.s.t.Errorf("a runner that was ended returns %v", err)
	}
}

// rest waits until nothing is left to do at this time of the clock.
func (p *process) rest() {
	p.Wake()
	for i := 0; !p.Idle(); i++ {
		if i == 3600 {
			p.s.t.Fatal("the runner does not come to rest within an hour")
		}
		time.Sleep(time.Second)
	}
}

// step moves the clock, visiting each due instant.
func (p *process) step(to time.Time) {
	p.s.t.Helper()
	for p.rest(); ; p.rest() {
		at, ok, err := p.s.NextDue(p.s.t.Context())
		must(p.s.t, err)
		if !ok || at.After(to) {
			break
		}
		p.s.set(at)
	}
	p.s.set(to)
	p.rest()
}

func (s *stage) composed(_ context.Context, j store.Job, p store.Person) (*bot.Reply, string, error) {
	s.mu.Lock()
	compose := s.compose
	s.mu.Unlock()
	if compose != nil {
		return compose(j, p)
	}
	return bot.Say(string(j.ID)), "same", nil
}

func (s *stage) render(r *bot.Reply, p store.Person, _ time.Time) (*bot.Letter, error) {
	s.mu.Lock()
	s.rendered++
	s.mu.Unlock()
	return &bot.Letter{Text: r.Parts[0].Key, Silent: r.Silent}, nil
}

// got lists what was delivered, by person and in order.
func (s *stage) got() []delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedStableFunc(slices.Values(s.delivered), func(a, b delivery) int { return cmp.Compare(a.To, b.To) })
}

// texts lists "person text" of what was delivered.
func (s *stage) times() map[store.PersonID]string {
	m := map[store.PersonID]string{}
	for _, d := range s.got() {
		m[d.To] = strings.TrimPrefix(m[d.To]+", ", ", ") + d.Text + " at " + d.At
	}
	return m
}

// states tells where the letters of a job stand.
func (s *stage) states(job store.JobID, ids ...store.PersonID) map[store.PersonID]string {
	s.t.Helper()
	m := map[store.PersonID]string{}
	for _, id := range ids {
		letters, err := s.LettersOf(s.t.Context(), id)
		must(s.t, err)
		for _, r := range letters {
			if r.Job == job {
				m[id] = strings.TrimSuffix(string(r.State)+" "+r.Reason, " ")
			}
		}
	}
	return m
}

// wire delivers letters as long as its process lives.
type wire struct {
	s *stage
	l *life
}

func (w *wire) Send(ctx context.Context, l *bot.Letter) bot.Receipt {
	if w.l.over() {
		return bot.Receipt{Fate: bot.FateUnknown}
	}
	select {
	case <-time.After(w.s.callTime()):
	case <-ctx.Done():
		return bot.Receipt{Fate: bot.FateUnknown, Reason: "cut"}
	}
	before, after := w.l.step()
	if before {
		return bot.Receipt{Fate: bot.FateUnknown}
	}
	r := w.s.deliver(l)
	if after {
		return bot.Receipt{Fate: bot.FateUnknown}
	}
	return r
}

func (s *stage) callTime() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.takes
}

func (s *stage) deliver(l *bot.Letter) bot.Receipt {
	s.mu.Lock()
	s.tries++
	answer, n := s.answer, s.tries
	s.mu.Unlock()
	if answer != nil {
		if r := answer(l, n); r != nil {
			return *r
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	loc, err := time.LoadLocation(tashkent)
	if err != nil {
		panic(err)
	}
	s.delivered = append(s.delivered, delivery{store.PersonID(l.Chat), l.Text, s.now.In(loc).Format("02 15:04"), l.Silent})
	return bot.Receipt{Fate: bot.FateSent, Message: len(s.delivered)}
}

// life is that of a process: after some steps (batches and letters) it is killed, before or after what it was doing.
type life struct {
	mu     sync.Mutex
	left   int  // steps; -1 = it lives on
	after  bool // the last step is done, and nobody hears of it
	dead   bool
	killed chan struct{} // closed at its death; may be nil
}

// step tells whether the process dies before or after this step.
func (l *life) step() (before, after bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead {
		return true, true
	}
	if l.left < 0 {
		return false, false
	}
	if l.left--; l.left >= 0 {
		return false, false
	}
	l.dead = true
	if l.killed != nil {
		close(l.killed)
	}
	return !l.after, true
}

func (l *life) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dead
}

// kill ends it between two steps.
func (l *life) kill() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead = true
}

// mortal is the store as a process sees it: after its death nothing gets through any more.
type mortal struct {
	store.Backend
	l *life
}

func (m *mortal) Apply(ctx context.Context, shard store.Shard, b store.Batch) (store.Result, error) {
	before, after := m.l.step()
	if before {
		return store.Result{}, store.ErrUnavailable
	}
	result, err := m.Backend.Apply(ctx, shard, b)
	if after {
		return store.Result{}, store.ErrUnavailable
	}
	return result, err
}

func (m *mortal) Get(ctx context.Context, shard store.Shard, keys ...string) ([]store.Doc, error) {
	if m.l.over() {
		return nil, store.ErrUnavailable
	}
	return m.Backend.Get(ctx, shard, keys...)
}

func (m *mortal) Due(ctx context.Context, queue string, until time.Time, limit int, shards ...store.Shard) ([]store.Entry, error) {
	if m.l.over() {
		return nil, store.ErrUnavailable
	}
	return m.Backend.Due(ctx, queue, until, limit, shards...)
}
