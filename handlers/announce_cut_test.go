package handlers_test

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"recbot/bot"
	"recbot/bot/council"
	"recbot/handlers"
	"recbot/store"
	"recbot/store/boltstore"
)

// opens does what a runner does with a job of an announcement that is due within an hour: it asks whether it may begin and takes
// the first window of person 1's shard.
func (s *stage) opens(id store.JobID) (store.Window, store.Job) {
	s.t.Helper()
	jobs, err := s.store.DueJobs(s.t.Context(), s.now.Add(time.Hour), 20)
	if err != nil {
		s.t.Fatal(err)
	}
	i := slices.IndexFunc(jobs, func(j store.Job) bool { return j.ID == id })
	if i < 0 {
		return store.Window{}, store.Job{}
	}
	if err := s.desk.Begin(s.t.Context(), jobs[i]); err != nil {
		s.t.Fatal(err)
	}
	w, err := s.store.TakeWindow(s.t.Context(), jobs[i], store.ShardOf(store.ChatID(1)), 1, 10)
	if err != nil {
		s.t.Fatal(err)
	}
	return w, jobs[i]
}

// onBackend moves a stage to a store on a backend that fails at will.
func (s *stage) onBackend(wrap func(store.Backend) store.Backend) {
	s.t.Helper()
	db, err := boltstore.Open(filepath.Join(s.t.TempDir(), "x.db"), boltstore.Options{NoSync: true})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = db.Close() })
	s.store = store.New(wrap(db), func() time.Time { return s.now })
	if err := s.store.Open(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	s.desk = handlers.New(handlers.Options{Store: s.store, Council: council.Embedded(), Now: func() time.Time { return s.now }, Zone: tashkent})
}

// presses presses a button of an announcement, and gives what is said, or the error.
func (s *stage) presses(p store.Person, data string) (string, error) {
	s.t.Helper()
	r := s.request(p)
	r.Kind, r.Button, r.Rest = bot.UpdateButton, data, strings.Split(data, ":")[1:]
	for _, c := range s.desk.Commands() {
		if slices.Contains(c.Buttons, "an") {
			reply, err := c.Press(s.t.Context(), r)
			if err != nil {
				return "", err
			}
			return s.read(p, reply), nil
		}
	}
	s.t.Fatal("no command takes the button")
	return "", nil
}

// cutAfterDraft goes away after the first batch once it is armed: that of the draft.
type cutAfterDraft struct {
	store.Backend
	armed, cut bool
}

func (b *cutAfterDraft) Apply(ctx context.Context, shard store.Shard, batch store.Batch) (store.Result, error) {
	if b.cut {
		return store.Result{}, store.ErrUnavailable
	}
	r, err := b.Backend.Apply(ctx, shard, batch)
	b.cut = b.armed && err == nil
	return r, err
}

// shaky is a store that is away for the batches of one shard.
type shaky struct {
	store.Backend
	shard store.Shard
	away  bool
}

func (b *shaky) Apply(ctx context.Context, shard store.Shard, batch store.Batch) (store.Result, error) {
	if b.away && shard == b.shard {
		return store.Result{}, store.ErrUnavailable
	}
	return b.Backend.Apply(ctx, shard, batch)
}

// An announcement that was undone stays where it is, although the store goes away between the two steps of the press, and whoever
// looks at it or presses again does so when its minute is over.
func TestUndoCutInTwo(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"undo", "state"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			var b *cutAfterDraft
			s.onBackend(func(db store.Backend) store.Backend { b = &cutAfterDraft{Backend: db}; return b })
			s.member(1)
			author := s.person(7, store.English, func(p *store.Person) { p.Role = store.Organizer })
			draft := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N, d.Due = store.DraftSending, 1, 1, s.now.Add(time.Minute) })
			data := "an:" + string(draft.ID) + ":"
			if _, err := s.presses(author, data+"state"); err != nil {
				t.Fatal(err)
			}
			s.now = s.now.Add(56 * time.Second)
			b.armed = true
			if _, err := s.presses(author, data+"undo"); err == nil {
				t.Fatal("the press did not notice that the store is away")
			}
			b.armed, b.cut = false, false
			s.now = s.now.Add(6 * time.Second)
			says, err := s.presses(author, data+verb)
			if err != nil || !strings.Contains(says, "Draft of an announcement") {
				t.Errorf("pressed again it says %q, %v", says, err)
			}
			if w, _ := s.opens(store.AnnounceID(draft.ID, 1)); len(w.Recipients) > 0 {
				t.Errorf("the announcement leaves to %d", len(w.Recipients))
			}
		})
	}
}

// A stop that was cut in two is a stop: whoever leads makes up for the second step, and the report says who is left.
func TestStopCutInTwo(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var b *cutAfterDraft
	s.onBackend(func(db store.Backend) store.Backend { b = &cutAfterDraft{Backend: db}; return b })
	s.member(1)
	author := s.person(7, store.English, func(p *store.Person) { p.Role = store.Organizer })
	draft := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N, d.Due = store.DraftSending, 1, 100, s.now })
	data := "an:" + string(draft.ID) + ":"
	if _, err := s.presses(author, data+"state"); err != nil {
		t.Fatal(err)
	}
	w, j := s.opens(store.AnnounceID(draft.ID, 1))
	b.armed = true
	if _, err := s.presses(author, data+"stop"); err == nil {
		t.Fatal("the press did not notice that the store is away")
	}
	b.armed, b.cut = false, false
	tell := func() {
		c, over, err := s.store.JobProgress(t.Context(), j)
		if err == nil {
			err = s.desk.Progress(t.Context(), j, c, over)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	tell() // of the pace, some seconds later
	for _, r := range w.Recipients {
		if _, err := s.store.SettleLetter(t.Context(), j.Kind, r, store.Outcome{State: store.Sent, Message: 3}); err != nil {
			t.Fatal(err)
		}
	}
	tell()
	if got := s.letters(author); len(got) != 1 || !strings.Contains(got[0], "[Go on (99)]") {
		t.Errorf("one of 100 was told, and the report says %q", got)
	}
}

// What was withdrawn is not sent by somebody who looks at it.
func TestALookSendsNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.member(1)
	author, other := s.colleague(7, store.Organizer), s.colleague(8, store.Organizer)
	draft := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N, d.Due = store.DraftSending, 1, 1, s.now.Add(time.Minute) })
	data := "an:" + string(draft.ID)
	author.pressesData(data + ":state")
	if err := s.store.WithdrawJob(t.Context(), store.AnnounceID(draft.ID, 1)); err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(2 * time.Hour)
	other.now = s.now
	other.pressesData(data + ":state")
	if err := s.desk.Tend(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w, _ := s.opens(store.AnnounceID(draft.ID, 1)); len(w.Recipients) > 0 {
		t.Errorf("it is sent to %d", len(w.Recipients))
	}
}

// The author of an announcement that is refused is told, although the store goes away in between.
func TestRefusedIsTold(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var b *shaky
	s.onBackend(func(db store.Backend) store.Backend { b = &shaky{Backend: db, shard: store.ShardOf(7)}; return b })
	p := s.person(7, store.English, nil) // no organizer any more
	draft := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N, d.Due, d.Planned = store.DraftSending, 1, 1, s.now, true })
	j := store.Job{ID: store.AnnounceID(draft.ID, 1), Kind: store.JobAnnounce, Audience: draft.Audience, Opened: s.now, Due: s.now, Turn: draft.Turn}
	if err := s.store.OpenJob(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	b.away = true
	if err := s.desk.Begin(t.Context(), j); err == nil {
		t.Error("nothing went wrong while the author's shard was away")
	}
	b.away = false
	if err := s.desk.Begin(t.Context(), j); err != nil { // it is asked again in a second
		t.Fatal(err)
	}
	if got := s.letters(p); len(got) != 1 || !strings.Contains(got[0], "no longer an organizer") {
		t.Errorf("the announcement is %q and its author was told %q", s.draftNow(draft.ID).State, got)
	}
}

// What was given in leaves although the store went away before its job was opened.
func TestGivenInWithoutAJob(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var b *cutAfterDraft
	s.onBackend(func(db store.Backend) store.Backend { b = &cutAfterDraft{Backend: db}; return b })
	s.member(1)
	author := s.person(7, store.English, func(p *store.Person) { p.Role = store.Organizer })
	draft := s.draft(7, nil)
	at := s.now.Add(20 * time.Hour)
	b.armed = true
	if _, err := s.presses(author, "an:"+string(draft.ID)+":plan:"+strconv.FormatInt(at.Unix(), 10)+":again"); err == nil {
		t.Fatal("the press did not notice that the store is away")
	}
	b.armed, b.cut = false, false
	for range 2 {
		if err := s.desk.Tend(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	jobs, err := s.store.DueJobs(t.Context(), at, 20)
	if err != nil || len(jobs) != 1 || !jobs[0].Due.Equal(at) {
		t.Errorf("jobs %v, %v; want one for %s", jobs, err, at)
	}
}
