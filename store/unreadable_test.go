package store_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// spoil writes over a document what nobody can read.
func (w *world) spoil(t *testing.T, shard store.Shard, key string) {
	t.Helper()
	_, err := w.Backend().Apply(t.Context(), shard, store.Batch{Do: []store.Mutation{store.Put(key, []byte("{"), 0)}})
	must(t, err)
}

// One document that cannot be read costs what it is about, told of once, and nothing else.
func TestWhatCannotBeReadIsPutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opened(t, "a", "announce")
	w.opened(t, "b", "announce")
	w.spoil(t, store.Global, "job:a")
	look := func() (ids []store.JobID, odd bool) {
		jobs, err := w.DueJobs(t.Context(), w.Now(), 10)
		for _, j := range jobs {
			ids = append(ids, j.ID)
		}
		if err != nil && !errors.Is(err, store.ErrCorrupt) {
			t.Fatal(err)
		}
		return ids, err != nil
	}
	for i, odd := range []bool{true, false} {
		ids, told := look()
		if diff := cmp.Diff([]store.JobID{"b"}, ids); diff != "" || told != odd {
			t.Errorf("look %d: told %t, jobs (-want +got):\n%s", i, told, diff)
		}
	}
	w.at("2026-12-01 10:00")
	if _, odd := look(); !odd {
		t.Error("what cannot be read was dropped")
	}
}

func TestAnUnreadableLetterboxIsPutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.follow(t, 2)
	j := w.opened(t, "j", store.JobReminder)
	for _, r := range w.walk(t, j, first, 10) {
		w.settle(t, j, r, store.Outcome{State: store.Later, At: w.Now()})
	}
	w.spoil(t, store.ShardOf(1000), "letters:1000")
	_, err := w.Backend().Apply(t.Context(), 7, store.Batch{Do: []store.Mutation{store.Schedule("letters", "nobody:j", w.Now())}})
	must(t, err)
	for i, want := range []error{store.ErrCorrupt, nil} {
		due, err := w.DueLetters(t.Context(), w.Now(), 10)
		if diff := cmp.Diff([]store.PersonID{1001}, persons(due)); diff != "" || !errors.Is(err, want) {
			t.Errorf("look %d: error %v, due to (-want +got):\n%s", i, err, diff)
		}
	}
	w.at("2026-12-01 10:00")
	if _, err := w.DueLetters(t.Context(), w.Now(), 10); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("after an hour: %v", err)
	}
}

// Whoever cannot be read, or is nobody, is left out of a window, and the walk goes on.
func TestAWalkGoesOnBehindWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var ids []store.PersonID
	for id := store.PersonID(1000); len(ids) < 4; id++ {
		if store.ShardOf(store.ChatID(id)) == 5 {
			w.greet(t, id, nil)
			ids = append(ids, id)
		}
	}
	w.spoil(t, 5, "letters:"+strconv.FormatInt(int64(ids[1]), 10))
	_, err := w.Backend().Apply(t.Context(), 5, store.Batch{Do: []store.Mutation{store.Add("topic:rec", "no number")}})
	must(t, err)
	j := w.opened(t, "j", "announce")
	window, err := w.TakeWindow(t.Context(), j, 5, first, 10)
	must(t, err)
	if diff := cmp.Diff([]store.PersonID{ids[0], ids[2], ids[3]}, persons(window.Recipients)); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
	if !window.End || !errors.Is(window.Odd, store.ErrCorrupt) {
		t.Errorf("end %t, left out: %v", window.End, window.Odd)
	}
}

func TestForgetErasesWhatNobodyCanRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.greet(t, 7, nil)
	w.spoil(t, store.ShardOf(7), "letters:7")
	must(t, w.Forget(t.Context(), 7))
	docs, err := w.Backend().Get(t.Context(), store.ShardOf(7), "letters:7")
	must(t, err)
	if docs[0].Rev != 0 {
		t.Error("the letterbox is still there")
	}
}

// TestUnreadableNewsAreLeftOut tells of the others, opens new ones, and drops them when their neighbours are old.
func TestUnreadableNewsAreLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, begin := t.Context(), w.Now()
	open := func(id store.JobID) {
		t.Helper()
		must(t, w.OpenJob(ctx, store.Job{
			ID: id, Kind: store.JobChange, Audience: store.Audience{Topics: []store.Topic{"wg-b"}}, Opened: w.Now(), Due: w.Now(),
		}))
	}
	_, err := w.Backend().Apply(ctx, store.Global, store.Batch{Do: []store.Mutation{store.Append("news", []byte("{"))}})
	must(t, err)
	open("a")
	if diff := cmp.Diff([]store.JobID{"a"}, w.missed(t, begin)); diff != "" {
		t.Errorf("missed (-want +got):\n%s", diff)
	}
	news, err := w.NewsBetween(ctx, begin.Add(-time.Hour), begin)
	if len(news) != 1 || !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("a digest tells of %d and complains of %v, want 1 and what cannot be read", len(news), err)
	}
	w.at("2027-02-01 09:00")
	open("b")
	if records, err := w.Backend().Read(ctx, store.Global, "news", 0, 10); err != nil || len(records) != 1 {
		t.Errorf("%d records are kept, %v; want that of b", len(records), err)
	}
}
