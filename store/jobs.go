package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// How jobs are kept. A job copies nothing of its audience; it stands in one place and is walked in others.
//
//	job:<id>            in the job's shard: the job, later its tombstone
//	walk:<id>           in each shard with recipients: the cursor, with the leader's token
//	letters:<person>    in the person's shard: all ledger entries of that person
//	count:<id>:<state>  in each shard with recipients: how many entries of the job are in a state
//	of:<id>             in each shard with recipients: an index of who was taken, of announcements, until 48 h after their end
//	queue jobs          in the job's shard: ids of jobs, by when they are to be looked at
//	queue letters       in the person's shard: <person>:<job>, by when an entry's time comes
//
// Only a person's shard holds something that leads to them, so one shard is all that /forget has to clean. An entry, its
// place in the queue and the counters change in one batch; nothing needs two shards to be atomic, because the order in
// which shards are written makes every half-done state one that is repaired by going on: a job is opened before it is
// walked, walked before it is counted, counted before it is buried.

// The queues of jobs and letters; each shard has one of both.
const (
	jobQueue    = "jobs"    // ids of jobs: to be walked, or looked at whether they are done
	letterQueue = "letters" // <person>:<job> of recipients who are sending or later
	toldQueue   = "told"    // of the global shard: ids of finished announcements, by when it is forgotten whom they went to
)

const (
	// doneTTL is how long a finished job keeps its id. The longest lead is 30 days, so no tick that is made up for can
	// open a reminder again that went out.
	doneTTL = 35 * 24 * time.Hour
	// lookAgain is when a walked job is looked at again although nothing happened to it. It matters after a crash only:
	// else the last letter that is settled finishes the job. What cannot be read is looked at again as late.
	lookAgain = time.Hour
	// withdrawnKept is how long a withdrawn job without a deadline can be opened again to go on with its ledger.
	withdrawnKept = 48 * time.Hour

	maxJobID      = 160      // bytes, so that every key and queue entry made of it is a name
	maxJobContent = 48 << 10 // bytes
)

// jobState is how far a job is.
type jobState string

const (
	jobOpen      jobState = ""
	jobWithdrawn jobState = "withdrawn"
	jobDone      jobState = "done"
)

// jobRecord is the document of a job. A finished one is a tombstone with counts: content and audience are gone.
type jobRecord struct {
	Job
	State  jobState  `json:"state,omitempty"`
	Round  int       `json:"round,omitempty"` // grows when a withdrawn job is opened again: every cursor starts anew
	Until  time.Time `json:"until,omitzero"`  // how long a withdrawn job can be opened again
	Counts *Counts   `json:"counts,omitempty"`
	rev    Rev
}

func jobKey(id JobID) string { return "job:" + string(id) }

// jobShard is where a job lives: that of one person with the person, that of an audience in the global shard.
func jobShard(j Job) Shard {
	if j.Audience.Person != 0 {
		return j.Audience.Person.shard()
	}
	return Global
}

// openJob lists the mutations that open a job, all in shard jobShard(j). Opening twice by id must change nothing: the
// caller adds Absent(jobKey(j.ID)) as a condition.
func openJob(j Job) []Mutation { return putJob(jobRecord{Job: j}) }

// putJob writes a job and its place in the queue, and notes it among the news if it is one. Its document has no TTL while it
// is open: garbage may go, jobs may not.
func putJob(r jobRecord) []Mutation {
	due := r.Due
	if due.Before(firstDue) {
		due = firstDue
	}
	return append(logNews(r.Job), Put(jobKey(r.ID), encode(r), 0), Schedule(jobQueue, string(r.ID), due))
}

// OpenJob opens a job unless one of that id was opened before; one that has finished stays finished for 35 days. A
// withdrawn job goes on with its ledger: who was sent the letter is left out, everybody else gets it. One that was withdrawn
// before it reached anybody can be opened at any time. A job with a [Job.Turn] goes on for a later turn alone.
func (s *Store) OpenJob(ctx context.Context, j Job) error {
	if err := j.valid(); err != nil {
		return fmt.Errorf("open job %q: %w", j.ID, err)
	}
	shard := jobShard(j)
	err := attempt(ctx, func() error {
		found, err := s.readJob(ctx, shard, j.ID)
		if err != nil {
			return err
		}
		next := jobRecord{Job: j}
		if found.rev != 0 {
			if !found.givesWay(j) {
				return nil
			}
			next.Round = found.Round + 1
		}
		_, err = s.apply(ctx, shard, Batch{If: []Condition{RevIs(jobKey(j.ID), found.rev)}, Do: putJob(next)})
		return err
	})
	if err == nil && j.Kind.told() {
		err = s.trimNews(ctx)
	}
	if err != nil {
		return fmt.Errorf("open job %q: %w", j.ID, err)
	}
	return nil
}

// givesWay tells whether a job that is there is replaced when it is opened once more: by one of a later turn unless it is over, and
// where there are no turns when it was withdrawn.
func (r jobRecord) givesWay(to Job) bool {
	if to.Turn > 0 {
		return r.State != jobDone && to.Turn > r.Turn
	}
	return r.State == jobWithdrawn
}

// valid tells what keeps a job from being stored.
func (j Job) valid() error {
	switch {
	case len(j.ID) > maxJobID:
		return fmt.Errorf("the id is longer than %d bytes", maxJobID)
	case len(j.Content) > maxJobContent:
		return fmt.Errorf("%d bytes of content are more than %d", len(j.Content), maxJobContent)
	}
	return checkName(string(j.ID))
}

// WithdrawJob ends a job for an audience before its time: what has not left does not leave, but for the letters of a
// window that is under way. The job keeps its ledger until its deadline (48 h when it has none), see [Store.OpenJob].
// Unknown and finished ids are no error; nor are those of jobs for one person, which cannot be withdrawn.
func (s *Store) WithdrawJob(ctx context.Context, id JobID) error {
	return s.WithdrawTurn(ctx, id, math.MaxInt)
}

// WithdrawTurn is WithdrawJob for who knows of a job up to one of its turns: a later one is left alone.
func (s *Store) WithdrawTurn(ctx context.Context, id JobID, turn int) error {
	err := attempt(ctx, func() error {
		r, err := s.readJob(ctx, Global, id)
		if err != nil || r.rev == 0 || r.State != jobOpen || r.Turn > turn {
			return err
		}
		r.State, r.Until = jobWithdrawn, r.Deadline
		if r.Until.IsZero() {
			r.Until = s.now().Add(withdrawnKept)
		}
		_, err = s.apply(ctx, Global, Batch{
			If: []Condition{RevIs(jobKey(id), r.rev)},
			Do: []Mutation{Put(jobKey(id), encode(r), 0), Schedule(jobQueue, string(id), r.Until)},
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("withdraw job %q: %w", id, err)
	}
	return nil
}

// PostponeJob moves the time at which a job is looked at next: the walk goes on then where it stands, and ends the job when
// nothing is left to do. A job that is not open is left alone: a withdrawn one waits for its deadline.
func (s *Store) PostponeJob(ctx context.Context, j Job, until time.Time) error {
	err := attempt(ctx, func() error {
		r, err := s.readJob(ctx, jobShard(j), j.ID)
		if err != nil || r.rev == 0 || r.State != jobOpen {
			return err
		}
		return s.lookAt(ctx, r, until)
	})
	if err != nil {
		return fmt.Errorf("postpone job %q: %w", j.ID, err)
	}
	return nil
}

// HandOverJob makes a job due at now for whoever leads next, a withdrawn one too: its last word may not be said yet. The job is
// written anew as it is, so that who finds at this moment that letters of it wait counts again instead of putting it off.
func (s *Store) HandOverJob(ctx context.Context, j Job, now time.Time) error {
	err := attempt(ctx, func() error {
		r, err := s.readJob(ctx, jobShard(j), j.ID)
		if err != nil || r.rev == 0 || r.State == jobDone {
			return err
		}
		return s.lookAt(ctx, r, now, Put(jobKey(r.ID), encode(r), 0))
	})
	if err != nil {
		return fmt.Errorf("hand over job %q: %w", j.ID, err)
	}
	return nil
}

// lookAt moves the place of a job in the queue, and does what else is to be done with it. It is conditional on the job as it was
// read: one that was finished in the meantime must not come back into the queue.
func (s *Store) lookAt(ctx context.Context, r jobRecord, at time.Time, also ...Mutation) error {
	_, err := s.apply(ctx, jobShard(r.Job), Batch{
		If: []Condition{RevIs(jobKey(r.ID), r.rev)},
		Do: append(also, Schedule(jobQueue, string(r.ID), at)),
	})
	return err
}

func (s *Store) readJob(ctx context.Context, shard Shard, id JobID) (jobRecord, error) {
	r, rev, err := readDoc[jobRecord](ctx, s, shard, jobKey(id))
	r.rev = rev
	return r, err
}

// JobEnded gives the counts of a job for an audience that is over and was shrunk to them; ended is false for any other, and where
// there is none.
func (s *Store) JobEnded(ctx context.Context, id JobID) (c Counts, ended bool, err error) {
	r, err := s.readJob(ctx, Global, id)
	if err != nil {
		return c, false, fmt.Errorf("end of job %q: %w", id, err)
	}
	if r.Counts != nil {
		c = *r.Counts
	}
	return c, r.State == jobDone, nil
}

// JobOpened tells when a job for an audience was opened, also when it has finished since. ErrNotFound when there is no such
// job, or none any more.
func (s *Store) JobOpened(ctx context.Context, id JobID) (time.Time, error) {
	r, err := s.readJob(ctx, Global, id)
	if err == nil && r.rev == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("opening of job %q: %w", id, err)
	}
	return r.Opened, nil
}

// Opened tells whether a job for one person was opened, also when it has finished since, for as long as that is known.
func (s *Store) Opened(ctx context.Context, id JobID, who PersonID) (bool, error) {
	r, err := s.readJob(ctx, who.shard(), id)
	if err != nil {
		return false, fmt.Errorf("opening of job %q: %w", id, err)
	}
	return r.rev != 0, nil
}

// JobShards lists the shards in which a job has recipients, and so cursors.
func JobShards(j Job) []Shard {
	if j.Audience.Person != 0 {
		return []Shard{jobShard(j)}
	}
	return personShards()
}

func personShards() []Shard {
	shards := make([]Shard, Shards)
	for i := range shards {
		shards[i] = Shard(i)
	}
	return shards
}

// allShards lists the shards of persons and the global one.
func allShards() []Shard { return append(personShards(), Global) }

// DueJobs lists jobs whose walk is due at now, or that may be done by now, at most limit of each shard, earliest first. It
// costs what is due: one round trip over the shards, and one more for each shard that has something.
//
// With [ErrCorrupt] the list is good all the same: what could not be read was put off for an hour and is left out of it.
func (s *Store) DueJobs(ctx context.Context, now time.Time, limit int) ([]Job, error) {
	entries, err := s.b.Due(ctx, jobQueue, now, limit, allShards()...)
	if err != nil {
		return nil, fmt.Errorf("due jobs: %w", err)
	}
	var jobs []Job
	var odd error
	// Nearly all jobs are for an audience and stand in the global shard, so this is one more read most of the time.
	for shard, due := range byShard(entries) {
		keys := make([]string, len(due))
		for i, e := range due {
			keys[i] = jobKey(JobID(e.ID))
		}
		docs, err := s.b.Get(ctx, shard, keys...)
		if err != nil {
			return nil, fmt.Errorf("due jobs: %w", err)
		}
		for i, d := range docs {
			if d.Rev == 0 {
				err = s.unschedule(ctx, shard, jobQueue, due[i].ID)
			} else if r, unread := decode[jobRecord](d); unread != nil {
				odd, err = errors.Join(odd, unread), s.putOff(ctx, shard, jobQueue, due[i].ID)
			} else {
				jobs = append(jobs, r.Job)
			}
			if err != nil {
				return nil, fmt.Errorf("due jobs: %w", err)
			}
		}
	}
	slices.SortFunc(jobs, func(a, b Job) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
	return jobs, odd
}

// walked tells whether every cursor of a job is at the end.
func (s *Store) walked(ctx context.Context, r jobRecord) (bool, error) {
	for _, shard := range JobShards(r.Job) {
		w, err := s.readWalk(ctx, shard, r)
		if err != nil || !w.End {
			return false, err
		}
	}
	return true, nil
}
