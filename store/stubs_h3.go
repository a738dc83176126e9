package store

// STUBS: the owner of jobs and ledger replaces this file by jobs.go, ledger.go, lease.go.

import (
	"context"
	"time"
)

// openJob lists the mutations that open a job, all in shard jobShard(j): the global one, or the person's. Opening twice by id must
// change nothing: the caller adds Absent(jobKey(j.ID)) as a condition, or reads first.
func openJob(j Job) []Mutation { panic("stub") }

func jobShard(j Job) Shard { panic("stub") }

func jobKey(id JobID) string { return "job:" + string(id) }

// OpenJob opens a job unless one of that id was opened before, finished ones included.
func (s *Store) OpenJob(ctx context.Context, j Job) error { panic("stub") }

// WithdrawJob ends a job before its time: what has not left does not leave. Unknown ids are no error.
func (s *Store) WithdrawJob(ctx context.Context, id JobID) error { panic("stub") }

// NextDue gives the earliest instant after which something of the jobs is due; ok is false when there is nothing.
func (s *Store) NextDue(ctx context.Context) (at time.Time, ok bool, err error) { panic("stub") }
