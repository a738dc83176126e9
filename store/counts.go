package store

import (
	"context"
	"fmt"
)

// Counts says what became of a job's letters.
type Counts struct {
	Waiting  int `json:"waiting,omitempty"` // sending or later
	Sent     int `json:"sent,omitempty"`
	Gone     int `json:"gone,omitempty"`
	Rejected int `json:"rejected,omitempty"`
	Skipped  int `json:"skipped,omitempty"`
	Unknown  int `json:"unknown,omitempty"`
}

// counted lists the names of the counters in the order of Counts.
var counted = []State{"waiting", Sent, Gone, Rejected, Skipped, Unknown}

func (c *Counts) add(n []int64) {
	for i, field := range []*int{&c.Waiting, &c.Sent, &c.Gone, &c.Rejected, &c.Skipped, &c.Unknown} {
		*field += int(n[i])
	}
}

// JobCounts tells what has become of the letters of a job for an audience so far. ErrNotFound when there is no such job.
func (s *Store) JobCounts(ctx context.Context, id JobID) (Counts, error) {
	r, err := s.readJob(ctx, Global, id)
	if err == nil && r.rev == 0 {
		err = ErrNotFound
	}
	if err == nil && r.Counts == nil {
		r.Counts, err = s.countJob(ctx, r.Job)
	}
	if err != nil {
		return Counts{}, fmt.Errorf("counts of job %q: %w", id, err)
	}
	return *r.Counts, nil
}

// countJob adds up a job's counters. Letters change while it adds, so the sum is exact only once none waits.
func (s *Store) countJob(ctx context.Context, j Job) (*Counts, error) {
	var sum Counts
	for _, shard := range JobShards(j) {
		n, err := s.b.Counters(ctx, shard, counterKeys(j.ID)...)
		if err != nil {
			return nil, err
		}
		sum.add(n)
	}
	return &sum, nil
}

func counterKey(id JobID, of State) string { return "count:" + string(id) + ":" + string(of) }

func counterKeys(id JobID) []string {
	keys := make([]string, len(counted))
	for i, of := range counted {
		keys[i] = counterKey(id, of)
	}
	return keys
}

// JobProgress tells what has become of a job's letters so far, and whether nothing will come of it any more: it was
// walked to the end, or withdrawn, and nobody waits. A job that is not there is over and has no counts; one that has given way to a
// later turn is not over, for all that is left of it is the later one's.
func (s *Store) JobProgress(ctx context.Context, j Job) (c Counts, over bool, err error) {
	fail := func(err error) (Counts, bool, error) {
		return c, false, fmt.Errorf("progress of job %q: %w", j.ID, err)
	}
	r, err := s.readJob(ctx, jobShard(j), j.ID)
	if err != nil {
		return fail(err)
	}
	if r.rev == 0 || r.Counts != nil {
		if r.Counts != nil {
			c = *r.Counts
		}
		return c, true, nil
	}
	over = r.State == jobWithdrawn
	if !over {
		if over, err = s.walked(ctx, r); err != nil {
			return fail(err)
		}
	}
	// In this order: once all is walked nobody comes to wait any more.
	sum, err := s.countJob(ctx, r.Job)
	if err != nil {
		return fail(err)
	}
	return *sum, over && sum.Waiting == 0 && r.Turn == j.Turn, nil
}
