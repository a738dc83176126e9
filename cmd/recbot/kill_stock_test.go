package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// stock is what a bot that has ended left in the store.
type stock struct {
	waits    map[store.PersonID]bool // the letter must still arrive
	sending  map[store.PersonID]int  // it was under way, and for so many tries nobody knows what came of them
	finished bool                    // the job is over and has left the queue
}

// takeStock looks into the store while no bot runs, and makes everything due that waits: a bot that lives on waits a minute
// and a half for word of a letter under way.
func (f *fatal) takeStock() stock {
	f.t.Helper()
	s := stock{waits: map[store.PersonID]bool{}, sending: map[store.PersonID]int{}}
	f.work(nil, func(ctx context.Context, db *store.Store) error {
		for _, who := range f.to {
			l, err := f.letter(ctx, db, who)
			if err != nil {
				return err
			}
			if l.State == store.Sending {
				s.sending[who] = l.Unknowns + 1
			}
			// Of a letter that was under way at two deaths it stays unknown what came of it, unless it does no harm to repeat it.
			again := f.resends && s.sending[who] == 1 || f.repeats && s.sending[who] > 0
			if l.State == "" || l.State == store.Later || again {
				s.waits[who] = true
			}
		}
		job, err := db.Backend().Get(ctx, f.shard(), "job:"+string(f.job))
		if err != nil {
			return err
		}
		queued, err := db.Backend().Due(ctx, "jobs", time.Now().Add(1000*time.Hour), 100, f.shard())
		if err != nil {
			return err
		}
		s.finished = job[0].Rev != 0 && !slices.ContainsFunc(queued, func(e store.Entry) bool { return e.ID == string(f.job) })
		return f.hasten(ctx, db.Backend())
	})
	return s
}

// shard is where the job lives.
func (f *fatal) shard() store.Shard {
	if f.own {
		return store.ShardOf(store.ChatID(f.to[0]))
	}
	return store.Global
}

// counts gives what became of the letters.
func (f *fatal) counts(ctx context.Context, s *store.Store) (store.Counts, error) {
	j := store.Job{ID: f.job}
	if f.own {
		j.Audience.Person = f.to[0]
	}
	counts, _, err := s.JobProgress(ctx, j)
	return counts, err
}

// letter gives what stands in the ledger of a person; the zero Recipient when that is nothing.
func (f *fatal) letter(ctx context.Context, s *store.Store, who store.PersonID) (store.Recipient, error) {
	letters, err := s.LettersOf(ctx, who)
	for _, l := range letters {
		if l.Job == f.job {
			return l, nil
		}
	}
	return store.Recipient{}, err
}

// hasten makes everything in the queues due, and the job itself.
func (f *fatal) hasten(ctx context.Context, b store.Backend) error {
	// What was put off for an hour a moment ago is hastened too.
	now := time.Now()
	past, within := now.Add(-time.Second), now.Add(time.Hour)
	for shard := range store.Global + 1 {
		var batch store.Batch
		for _, queue := range []string{"jobs", "letters"} {
			entries, err := b.Due(ctx, queue, within, 100, shard)
			if err != nil {
				return err
			}
			for _, e := range entries {
				batch.Do = append(batch.Do, store.Schedule(queue, e.ID, past))
			}
		}
		if len(batch.Do) == 0 {
			continue
		}
		if _, err := b.Apply(ctx, shard, batch); err != nil {
			return err
		}
	}
	return f.hastenJob(ctx, b, past)
}

// hastenJob rewrites when the job is due: a letter that is early waits, whatever the queue says.
func (f *fatal) hastenJob(ctx context.Context, b store.Backend, due time.Time) error {
	key := "job:" + string(f.job)
	docs, err := b.Get(ctx, f.shard(), key)
	if err != nil || docs[0].Rev == 0 {
		return err
	}
	fields := map[string]any{}
	if err := json.Unmarshal(docs[0].Value, &fields); err != nil {
		return err
	}
	if at, err := time.Parse(time.RFC3339, fmt.Sprint(fields["due"])); err != nil || at.Before(due) {
		return err
	}
	fields["due"] = due.UTC()
	value, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	_, err = b.Apply(ctx, f.shard(), store.Batch{Do: []store.Mutation{store.Put(key, value, 0)}})
	return err
}

// judge compares what everybody got, what the ledger says of it and what is left of the job with what must be.
func (f *fatal) judge() {
	f.t.Helper()
	got := f.got()
	f.work(nil, func(ctx context.Context, s *store.Store) error {
		var want store.Counts
		for _, who := range f.to {
			l, err := f.letter(ctx, s, who)
			if err != nil {
				return err
			}
			state, least, most := f.fate(who)
			if state == store.Sent {
				want.Sent++
			} else {
				want.Unknown++
			}
			if l.State != state || got[who] < least || got[who] > most {
				f.t.Errorf("person %d, whose letter was under way at %d deaths: the ledger says %q, and %d arrived; want %q, and %d to %d",
					who, f.flights[who], l.State, got[who], state, least, most)
			}
		}
		counts, err := f.counts(ctx, s)
		if diff := cmp.Diff(want, counts); diff != "" {
			f.t.Errorf("the report (-want +got):\n%s", diff)
		}
		if err != nil {
			return err
		}
		return f.leavesNothing(ctx, s.Backend())
	})
}

// fate is what must have become of a letter, and how many copies of it may have arrived.
func (f *fatal) fate(who store.PersonID) (state store.State, least, most int) {
	switch n := f.flights[who]; {
	case n == 0 || f.repeats:
		return store.Sent, 1, 1
	case f.resends && n == 1:
		return store.Sent, 1, 2
	case f.resends:
		return store.Unknown, 0, 2
	}
	return store.Unknown, 0, 1
}

// leavesNothing looks for what a finished job must not leave behind: cursors, and places in the queues.
func (f *fatal) leavesNothing(ctx context.Context, b store.Backend) error {
	for shard := range store.Global + 1 {
		docs, err := b.Get(ctx, shard, "walk:"+string(f.job))
		if err != nil {
			return err
		}
		if docs[0].Rev != 0 {
			f.t.Errorf("shard %d still has a cursor of the job", shard)
		}
		for _, queue := range []string{"jobs", "letters"} {
			entries, err := b.Due(ctx, queue, time.Now().Add(1000*time.Hour), 100, shard)
			if err != nil {
				return err
			}
			for _, e := range entries { // the letter with the report is a job of its own
				if strings.HasSuffix(":"+e.ID, ":"+string(f.job)) {
					f.t.Errorf("shard %d still has %q in its queue of %s", shard, e.ID, queue)
				}
			}
		}
	}
	return nil
}
