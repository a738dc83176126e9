package handlers_test

import (
	"context"
	"path/filepath"
	"slices"
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

// interrupted is a stage with one member and one organizer, whose store can go away in the midst of a press.
func interrupted(t *testing.T) (s *stage, b *cutAfterDraft, author store.Person) {
	t.Helper()
	s = newStage(t)
	s.onBackend(func(db store.Backend) store.Backend { b = &cutAfterDraft{Backend: db}; return b })
	s.member(1)
	return s, b, s.person(7, store.English, func(p *store.Person) { p.Role = store.Organizer })
}

// pressesInto presses a button while the store goes away behind the first batch. Then it is back.
func (s *stage) pressesInto(b *cutAfterDraft, p store.Person, data string) {
	s.t.Helper()
	b.armed = true
	if _, err := s.presses(p, data); err == nil {
		s.t.Fatalf("%s did not notice that the store is away", data)
	}
	b.armed, b.cut = false, false
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

// meanwhile does something once, in the midst of a press: after so many more reads, or the next batch.
type meanwhile struct {
	store.Backend
	skip                  int // reads before the one that counts
	afterRead, afterApply func()
}

func (b *meanwhile) Get(ctx context.Context, shard store.Shard, keys ...string) ([]store.Doc, error) {
	docs, err := b.Backend.Get(ctx, shard, keys...)
	if b.afterRead != nil && b.skip > 0 {
		b.skip--
		return docs, err
	}
	if f := b.afterRead; f != nil && err == nil {
		b.afterRead = nil
		f()
	}
	return docs, err
}

func (b *meanwhile) Apply(ctx context.Context, shard store.Shard, batch store.Batch) (store.Result, error) {
	r, err := b.Backend.Apply(ctx, shard, batch)
	if f := b.afterApply; f != nil && err == nil {
		b.afterApply = nil
		f()
	}
	return r, err
}

// disturbed is a stage with one member and two organizers, in whose midst something can be done.
func disturbed(t *testing.T) (s *stage, b *meanwhile, author, other store.Person) {
	t.Helper()
	s = newStage(t)
	s.onBackend(func(db store.Backend) store.Backend { b = &meanwhile{Backend: db}; return b })
	s.member(1)
	organizer := func(p *store.Person) { p.Role = store.Organizer }
	return s, b, s.person(7, store.English, organizer), s.person(8, store.English, organizer)
}

func (s *stage) mustPress(p store.Person, data string) string {
	s.t.Helper()
	says, err := s.presses(p, data)
	if err != nil {
		s.t.Fatal(err)
	}
	return says
}

// leaves tells whether the first round of a draft reaches somebody now.
func (s *stage) leaves(draft store.Draft) bool {
	s.t.Helper()
	w, _ := s.opens(store.AnnounceID(draft.ID, 1))
	return len(w.Recipients) > 0
}

// tellsOf tells how a job stands, as a runner does.
func (s *stage) tellsOf(j store.Job) {
	s.t.Helper()
	c, over, err := s.store.JobProgress(s.t.Context(), j)
	if err == nil {
		err = s.desk.Progress(s.t.Context(), j, c, over)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// concludes does what a runner does when it lets go of a job.
func (s *stage) concludes(j store.Job) {
	s.t.Helper()
	s.tellsOf(j)
	if _, err := s.store.FinishJob(s.t.Context(), j); err != nil {
		s.t.Fatal(err)
	}
}

// onlyJob gives the one job that is due at an instant.
func (s *stage) onlyJob(at time.Time) store.Job {
	s.t.Helper()
	jobs, err := s.store.DueJobs(s.t.Context(), at, 20)
	if err != nil || len(jobs) != 1 {
		s.t.Fatalf("jobs %+v, %v, want one", jobs, err)
	}
	return jobs[0]
}

// correcting makes a draft the correction of another one's first round.
func correcting(d *store.Draft, of store.Draft) {
	first := store.AnnounceID(of.ID, 1)
	d.Note, d.Replaces, d.Audience = true, []store.JobID{first}, store.Audience{Of: first}
}
