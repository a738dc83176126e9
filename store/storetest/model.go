package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// model is a shard as anybody would write it who had no disk, no network and no second caller to think of.
type model struct {
	docs    map[string]store.Doc
	members map[string]map[string]bool
	queues  map[string]map[string]int64
	counts  map[string]int64
	logs    map[string][]store.Record
	leases  map[string]store.Rev
	ops     map[string]store.Result
	last    store.Rev
}

// newModel is an empty shard.
func newModel() *model {
	m := &model{
		docs: map[string]store.Doc{}, counts: map[string]int64{}, logs: map[string][]store.Record{}, leases: map[string]store.Rev{},
		ops: map[string]store.Result{}, members: map[string]map[string]bool{}, queues: map[string]map[string]int64{},
	}
	for _, name := range indexes {
		m.members[name] = map[string]bool{}
	}
	for _, name := range queues {
		m.queues[name] = map[string]int64{}
	}
	return m
}

// conflict gives the first condition that does not hold, or nil.
func (m *model) conflict(b store.Batch) error {
	for i, c := range b.If {
		found := m.docs[c.Key].Rev
		if c.Kind == store.CondHolds {
			found = m.leases[c.Key]
		}
		if found != c.Rev {
			return &store.ConflictError{Index: i, Current: found}
		}
	}
	for i, mut := range b.Do {
		if (mut.Kind == store.MutAcquire || mut.Kind == store.MutRenew) && m.leases[mut.Key] != mut.Rev {
			return &store.ConflictError{Index: len(b.If) + i, Current: m.leases[mut.Key]}
		}
	}
	return nil
}

// apply makes the mutations of a batch that got a revision, and gives the counters.
func (m *model) apply(b store.Batch, rev store.Rev) (counts []int64) {
	m.last = rev
	for _, mut := range b.Do {
		switch mut.Kind {
		case store.MutPut:
			m.docs[mut.Key] = store.Doc{Key: mut.Key, Rev: rev, Value: mut.Value}
		case store.MutDelete:
			delete(m.docs, mut.Key)
		case store.MutAdd:
			m.members[mut.Key][mut.Member] = true
		case store.MutRemove:
			delete(m.members[mut.Key], mut.Member)
		case store.MutSchedule:
			m.queues[mut.Key][mut.Member] = mut.At.UnixMilli()
		case store.MutUnschedule:
			delete(m.queues[mut.Key], mut.Member)
		case store.MutIncr:
			m.counts[mut.Key] += mut.N
			counts = append(counts, m.counts[mut.Key])
		case store.MutAppend:
			m.logs[mut.Key] = append(m.logs[mut.Key], store.Record{Rev: rev, Value: mut.Value})
		case store.MutTrim:
			m.logs[mut.Key] = slices.DeleteFunc(m.logs[mut.Key], func(r store.Record) bool { return r.Rev < mut.Rev })
		case store.MutAcquire:
			m.leases[mut.Key] = rev
		case store.MutRelease:
			if m.leases[mut.Key] == mut.Rev {
				delete(m.leases, mut.Key)
			}
		}
	}
	return counts
}

// contents gives what the model holds, as read would give it.
func (m *model) contents() contents {
	c := newContents()
	for key, d := range m.docs {
		c.Docs[key] = string(d.Value)
	}
	for name, n := range m.counts {
		if n != 0 {
			c.Counts[name] = n
		}
	}
	for name, members := range m.members {
		for member := range members {
			c.Members[name] = append(c.Members[name], member)
		}
		slices.Sort(c.Members[name])
	}
	for name, queue := range m.queues {
		put(c.Due, name, dueLines(queue))
	}
	for name, records := range m.logs {
		for _, r := range records {
			c.Logs[name] = append(c.Logs[name], string(r.Value))
		}
	}
	return c
}

// dueLines sorts a queue as a backend has to.
func dueLines(queue map[string]int64) []string {
	var entries []store.Entry
	for id, ms := range queue {
		entries = append(entries, store.Entry{ID: id, At: time.UnixMilli(ms)})
	}
	slices.SortFunc(entries, func(a, b store.Entry) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return slices.Compare([]byte(a.ID), []byte(b.ID))
	})
	var lines []string
	for _, e := range entries {
		lines = append(lines, fmt.Sprintf("%d %s", e.At.UnixMilli(), e.ID))
	}
	return lines
}

// testModel plays random batches to the backend and to the model, and compares every answer and what is there in the end.
func testModel(t *testing.T, open func(t *testing.T) store.Backend) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			g := generator{rand.New(rand.NewPCG(seed, 1))}
			b := open(t)
			shards := map[store.Shard]*model{0: newModel(), 63: newModel(), store.Global: newModel()}
			for i := range 250 {
				s := pick(g.Rand, []store.Shard{0, 63, store.Global})
				step(t, b, s, shards[s], g.batch(shards[s]))
				if t.Failed() {
					t.Fatalf("at batch %d", i)
				}
			}
			for s, m := range shards {
				if diff := cmp.Diff(m.contents(), read(t, b, s)); diff != "" {
					t.Errorf("contents of shard %d (-model +backend):\n%s", s, diff)
				}
			}
		})
	}
}

// step applies one batch to both.
func step(t *testing.T, b store.Backend, s store.Shard, m *model, batch store.Batch) {
	got, err := b.Apply(t.Context(), s, batch)
	if first, ok := m.ops[batch.Op]; ok && batch.Op != "" {
		if diff := cmp.Diff(first, got); err != nil || diff != "" {
			t.Errorf("repeated operation: %v (-first +got):\n%s", err, diff)
		}
		return
	}
	if want := m.conflict(batch); want != nil || err != nil {
		var conflict *store.ConflictError
		if !errors.As(err, &conflict) {
			t.Errorf("got %v, want %v", err, want)
		} else if diff := cmp.Diff(want, error(conflict)); diff != "" {
			t.Errorf("conflict (-model +backend):\n%s", diff)
		}
		return
	}
	if got.Rev <= m.last {
		t.Errorf("revision %d after %d", got.Rev, m.last)
	}
	if diff := cmp.Diff(m.apply(batch, got.Rev), got.Counts); diff != "" {
		t.Errorf("counters (-model +backend):\n%s", diff)
	}
	if batch.Op != "" {
		m.ops[batch.Op] = got
	}
}

// RandomBatches gives valid batches of every shape, the same for the same seed.
func RandomBatches(seed uint64, n int) []store.Batch {
	g, m := generator{rand.New(rand.NewPCG(seed, 2))}, newModel()
	batches := make([]store.Batch, n)
	for i := range batches {
		batches[i] = g.batch(m)
	}
	return batches
}

// generator makes random batches that are valid and often meet what is there.
type generator struct{ *rand.Rand }

// pick takes one of several.
func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// batch makes up to two conditions and eight mutations. Operation ids come from so few that they are often repeated.
func (g generator) batch(m *model) store.Batch {
	var b store.Batch
	if g.IntN(3) == 0 {
		b.Op = fmt.Sprintf("op%d", g.IntN(40))
	}
	for range g.IntN(3) {
		b.If = append(b.If, g.condition(m))
	}
	for range g.IntN(9) {
		b.Do = append(b.Do, g.mutation(m))
		if b.Validate() != nil { // changes the same thing twice
			b.Do = b.Do[:len(b.Do)-1]
		}
	}
	return b
}

// condition mostly holds, so that most batches are applied.
func (g generator) condition(m *model) store.Condition {
	if lease := pick(g.Rand, leases); g.IntN(4) == 0 && m.leases[lease] != 0 {
		return store.Holds(lease, m.leases[lease]+store.Rev(g.IntN(5)/4))
	}
	key := pick(g.Rand, docs)
	return store.RevIs(key, m.docs[key].Rev+store.Rev(g.IntN(8)/7))
}

// mutation makes any kind, on names so few that they often meet.
func (g generator) mutation(m *model) store.Mutation {
	member := fmt.Sprintf("m%d", g.IntN(30))
	lease := pick(g.Rand, leases)
	token := max(m.leases[lease], 1)
	value := []byte(fmt.Sprintf("%x", g.IntN(1<<20)))
	switch store.MutationKind(g.IntN(int(store.MutRelease)) + 1) {
	case store.MutPut:
		return store.Put(pick(g.Rand, docs), value, time.Duration(g.IntN(2))*time.Hour)
	case store.MutDelete:
		return store.Delete(pick(g.Rand, docs))
	case store.MutAdd:
		return store.Add(pick(g.Rand, indexes), member)
	case store.MutRemove:
		return store.Remove(pick(g.Rand, indexes), member)
	case store.MutSchedule:
		return store.Schedule(pick(g.Rand, queues), member, time.UnixMilli(int64(g.IntN(100))))
	case store.MutUnschedule:
		return store.Unschedule(pick(g.Rand, queues), member)
	case store.MutIncr:
		return store.Incr(pick(g.Rand, counters), int64(g.IntN(2000)-1000), time.Duration(g.IntN(2))*time.Hour)
	case store.MutAppend:
		return store.Append(pick(g.Rand, logs), value)
	case store.MutTrim:
		return store.Trim(pick(g.Rand, logs), max(0, m.last-store.Rev(g.IntN(2000))))
	case store.MutAcquire:
		return store.Acquire(lease, member, time.Hour)
	case store.MutRenew:
		return store.Renew(lease, token, time.Hour)
	default:
		return store.Release(lease, token)
	}
}
