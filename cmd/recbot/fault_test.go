package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/bot/sim"
	"recbot/store"
	"recbot/store/boltstore"
)

const (
	throng    = 1500                   // recipients; at the default pace they take a minute
	organizer = store.PersonID(900000) // who announces
	inLife    = 60 * time.Millisecond  // that Telegram takes for a letter
	slow      = 15 * time.Second       // that it takes at worst
	slack     = 1.3                    // of the time that the job takes when nothing goes wrong
)

// TestFaultMatrix lets a reminder and an announcement go to a crowd through every trouble. Whoever can be reached gets it,
// or the ledger says exactly of whom that is not known; nobody gets an announcement twice, and a reminder only whose first
// letter may not have arrived; and one person's trouble costs the others no time.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	template := filepath.Join(t.TempDir(), storeFile)
	gather(t, template)
	for _, kind := range []store.JobKind{store.JobReminder, store.JobAnnounce} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			var calm time.Duration
			t.Run("Nothing goes wrong", func(t *testing.T) {
				calm = suffer(t, template, kind, mishap{}, time.Minute*5)
			})
			for _, tr := range mishaps {
				t.Run(tr.name, func(t *testing.T) {
					t.Parallel()
					limit := time.Duration(slack*float64(calm)) + tr.own
					if tr.outage {
						limit = 10 * time.Minute
					}
					suffer(t, template, kind, tr, limit)
				})
			}
		})
	}
}

// noon is when the jobs fall due: nobody sleeps.
var noon = time.Date(2026, 12, 1, 7, 0, 0, 0, time.UTC)

// fateful is the meeting of which people are reminded, an hour ahead.
func fateful() store.Meeting {
	return store.Meeting{ID: "wg-b-3", UID: "wg-b-3@recbot", Kind: "working_group_meeting", Bodies: []string{"wg-b"},
		Date: "2026-12-01", StartHour: "08:00", Zone: "UTC", Attendance: store.InPerson, Status: store.Confirmed,
		Visibility: store.Public, Name: store.Text{"en": "Third meeting"},
		Location: store.Location{City: store.Text{"en": "Tashkent"}}}
}

// gather makes a store with a crowd, a meeting they follow and an organizer in it.
func gather(t *testing.T, path string) {
	t.Helper()
	before := noon.Add(-time.Minute)
	db, err := boltstore.Open(path, boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	work(t, db, func() time.Time { return before }, func(ctx context.Context, s *store.Store) error {
		if _, err := s.Import(ctx, []store.Meeting{fateful()}, store.ImportOptions{Silent: "a test"}); err != nil {
			return err
		}
		for n := range store.PersonID(throng) {
			if err := settle(ctx, s, n+1, func(p *store.Person) {
				p.Topics, p.Leads = []store.Topic{"wg-b"}, []store.Lead{60}
			}); err != nil {
				return err
			}
		}
		if err := settle(ctx, s, organizer, func(p *store.Person) { p.Role = store.Organizer }); err != nil {
			return err
		}
		return s.SaveTick(ctx, before)
	})
}

// storm is one job that goes through one trouble.
type storm struct {
	*world
	mishap
	kind store.JobKind
	job  store.JobID

	mu      sync.Mutex
	begun   time.Time      // when the first letter left
	first   store.PersonID // who it was for
	tries   map[store.PersonID]int
	struck  map[store.PersonID]int  // how often a try failed
	touched map[store.PersonID]bool // who met a fault
}

// suffer plays a job through a trouble and gives how long it took.
func suffer(t *testing.T, template string, kind store.JobKind, tr mishap, limit time.Duration) (took time.Duration) {
	path := filepath.Join(t.TempDir(), storeFile)
	data, err := os.ReadFile(template)
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s := newStorm(t, path, kind, tr)
		s.open()
		counts := s.outlast()
		s.judge(counts)
		took = s.measure(limit)
	})
	return took
}

func newStorm(t *testing.T, path string, kind store.JobKind, tr mishap) *storm {
	w := &world{t: t, zone: time.UTC, clock: newClock(noon.Add(-30*time.Second), time.Now), path: path, rate: 25, doomed: -1}
	w.sim = sim.New(w.clock.Now)
	s := &storm{world: w, mishap: tr, kind: kind, tries: map[store.PersonID]int{}, struck: map[store.PersonID]int{}, touched: map[store.PersonID]bool{}}
	for n := range store.PersonID(throng) {
		w.sim.Join(sim.Person{ID: n + 1, Name: "Somebody", Locale: "en", Started: true})
		if s.isDead(n+1) && s.says == nil {
			w.sim.Deactivate(n + 1)
		}
	}
	w.sim.Join(sim.Person{ID: organizer, Name: "Organizer", Locale: "en", Started: true})
	w.sim.OnCall(s.answer)
	w.start()
	t.Cleanup(w.stop)
	return s
}

func (s *storm) isDead(who store.PersonID) bool {
	return attempt{who: who}.hits(float64(s.dead))
}

// answer decides what a letter meets.
func (s *storm) answer(c sim.Call) *sim.Fault {
	if c.Method != "sendMessage" || c.Chat > throng {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	who := store.PersonID(c.Chat)
	if s.first == 0 {
		s.first, s.begun = who, c.At
	}
	s.tries[who]++
	if s.says != nil && s.isDead(who) {
		return s.says
	}
	a := attempt{who: who, try: s.tries[who], since: c.At.Sub(s.begun), first: who == s.first}
	if s.fault != nil {
		if f := s.fault(a); f != nil {
			s.touched[who] = true
			if f.Delay == 0 {
				s.struck[who]++
			}
			return f
		}
	}
	return &sim.Fault{Delay: inLife}
}

// open lets the job fall due: the scheduler opens the reminder, and the announcement is opened as an organizer's press does.
func (s *storm) open() {
	s.t.Helper()
	<-time.After(time.Minute)
	ctx, a := s.t.Context(), s.life.app
	if s.kind == store.JobReminder {
		m := fateful()
		s.job = m.ReminderID(60)
		if err := a.tick(ctx); err != nil {
			s.t.Fatal(err)
		}
		return
	}
	draft, err := a.store.NewDraft(ctx, store.Draft{ID: "d", By: organizer, Texts: store.Text{store.English: "The hall is another."},
		Audience: store.Audience{Topics: []store.Topic{"wg-b"}}, State: store.DraftSending, Due: s.clock.Now(), N: throng, Round: 1})
	if err != nil {
		s.t.Fatal(err)
	}
	s.job = store.AnnounceID(draft.ID, draft.Round)
	err = a.store.OpenJob(ctx, store.Job{ID: s.job, Kind: s.kind, Audience: draft.Audience, Opened: draft.Due, Due: draft.Due,
		Content: []byte(`{"texts":{"en":"The hall is another."}}`)})
	if err != nil {
		s.t.Fatal(err)
	}
}

// outlast waits until the fate of every letter is known, or known not to be, and gives the numbers of the report.
func (s *storm) outlast() store.Counts {
	s.t.Helper()
	for range 1200 {
		<-time.After(time.Second)
		c, err := s.life.app.store.JobCounts(s.t.Context(), s.job)
		if err != nil {
			s.t.Fatal(err)
		}
		if c.Waiting == 0 && c.Sent+c.Gone+c.Rejected+c.Skipped+c.Unknown >= throng {
			return c
		}
	}
	s.t.Fatal("after 20 minutes letters still wait")
	return store.Counts{}
}

// got counts what each recipient got.
func (s *storm) got() map[store.PersonID]int {
	n := map[store.PersonID]int{}
	for _, d := range s.arrivals() {
		n[store.PersonID(d.Chat)]++
	}
	return n
}

// arrivals are the letters of the job that reached somebody, oldest first.
func (s *storm) arrivals() []sim.Delivery {
	return slices.DeleteFunc(s.sim.Deliveries(0), func(d sim.Delivery) bool {
		return d.Kind != bot.LetterSend || d.Chat > throng
	})
}

// fate is what must have become of the letter to one person.
func (s *storm) fate(who store.PersonID) (state store.State, tries int, copies []int) {
	struck := s.struck[who]
	lives := 1 // tries until the fate of a letter is given up as unknown
	if s.kind == store.JobReminder {
		lives = 2
	}
	switch {
	case s.isDead(who):
		return store.Gone, 1, []int{0}
	case !s.unsure:
		return store.Sent, struck + 1, []int{1}
	case struck >= lives:
		return store.Unknown, lives, []int{0, lives}
	}
	return store.Sent, struck + 1, []int{1, struck + 1}
}

// judge compares the ledger and what arrived with what must have become of each letter.
func (s *storm) judge(counts store.Counts) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.touched) == 0 && s.fault != nil {
		s.t.Error("nothing went wrong")
	}
	want, got := store.Counts{}, s.got()
	for who := range store.PersonID(throng) {
		who++
		state, tries, copies := s.fate(who)
		switch state {
		case store.Sent:
			want.Sent++
		case store.Gone:
			want.Gone++
		case store.Unknown:
			want.Unknown++
		}
		if p, err := s.life.app.store.Person(s.t.Context(), who); err != nil || (p.Unreachable != "") != s.isDead(who) {
			s.t.Errorf("person %d is noted as unreachable for %q (%v)", who, p.Unreachable, err)
		}
		if is := s.state(who); is != state || s.tries[who] != tries || !slices.Contains(copies, got[who]) {
			s.t.Errorf("person %d, struck %d times: %s after %d tries, got %d; want %s after %d, and one of %v",
				who, s.struck[who], is, s.tries[who], got[who], state, tries, copies)
		}
		if got[who] > 1 && s.kind == store.JobAnnounce {
			s.t.Errorf("person %d got the announcement %d times", who, got[who])
		}
	}
	if diff := cmp.Diff(want, counts); diff != "" {
		s.t.Errorf("the report (-want +got):\n%s", diff)
	}
}

// state is where the letter to a person stands.
func (s *storm) state(who store.PersonID) store.State {
	letters, err := s.life.app.store.LettersOf(s.t.Context(), who)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, l := range letters {
		if l.Job == s.job {
			return l.State
		}
	}
	return ""
}

// measure gives how long the job took, by the clock of the bubble, which no machine slows down.
func (s *storm) measure(limit time.Duration) time.Duration {
	s.t.Helper()
	all := s.arrivals()
	s.mu.Lock()
	defer s.mu.Unlock()
	took := all[len(all)-1].At.Sub(s.begun)
	if took > limit {
		s.t.Errorf("it took %v, which is more than %v", took, limit)
	}
	if s.halts {
		return took
	}
	// Whom nothing happened to must not feel what happens to others.
	last := s.begun
	for _, d := range all {
		if s.touched[store.PersonID(d.Chat)] {
			continue
		}
		if gap := d.At.Sub(last); gap > time.Second {
			s.t.Errorf("at %v nothing left for %v", last.Sub(s.begun), gap)
		}
		last = d.At
	}
	return took
}
