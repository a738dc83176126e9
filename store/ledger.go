package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	// MaxWindow is the most recipients that one window takes: a batch has three operations and a condition for each.
	MaxWindow = 60
	// LetterTimeout is how long a letter may be Sending before another leader counts it as unknown. Whoever took it up keeps
	// it in hand for as long as it takes, see package broadcast: at a low pace, or behind more urgent ones, a letter waits
	// for its turn much longer than this, and is not taken for one that a crash has left. It is longer than a call of the
	// outbox takes (60 s), and than a leader that lost its lease goes on before what waits comes back to it. So what is
	// found out of time was under way at a crash; or it still is, of a process that hung, and then it may come twice like
	// any letter that a crash has cut off.
	LetterTimeout = 90 * time.Second
	// MaxFails is how often a letter is tried that Telegram answers with an error of its own.
	MaxFails = 5
	// maxChanges is how often a letter that changes a message is sent again because nobody knows whether it arrived.
	maxChanges = 4

	// AnnounceLives is how long after its time an announcement still begins to go to anybody. It is less than the ledger remembers
	// who has it: after a longer break, who follows by two topics would be taken a second time.
	AnnounceLives = lettersKept - time.Hour

	lettersKept = 48 * time.Hour // of a recipient, after it was settled
	maxLetters  = 200            // of one person, the newest, unless more wait; with those a document stays far below MaxValue
	maxQueue    = 1 << 16        // entries of a queue, read at once when a person is forgotten
	// countTTL lets the counters of jobs go that are long over; each letter that is settled renews it.
	countTTL = 60 * 24 * time.Hour
)

// State is where a letter to a recipient stands.
type State string

// The states. Sending and Later stand in a queue with their time, all others are final; a late Sent still wins over
// Unknown.
const (
	Sending  State = "sending"
	Later    State = "later"
	Sent     State = "sent"
	Gone     State = "gone"     // the chat is dead
	Rejected State = "rejected" // Telegram will never take it
	Skipped  State = "skipped"
	Unknown  State = "unknown" // it may have arrived
)

// waiting tells that the letter may still leave.
func (s State) waiting() bool { return s == Sending || s == Later }

// counter gives the counter in which a state counts; "" has none.
func (s State) counter() State {
	if s.waiting() {
		return counted[0]
	}
	return s
}

// Recipient is an entry of a job's ledger: one person, and what became of their letter. All entries of a person stand in
// one document in their shard, for 48 h after they were settled; that is how /mydata and /forget find them.
type Recipient struct {
	Job      JobID     `json:"job"`
	Person   PersonID  `json:"-"`
	Own      bool      `json:"own,omitempty"`     // the job is for this person alone
	Changes  bool      `json:"changes,omitempty"` // a message that the person has, or deletes it: done twice it is done once
	State    State     `json:"state"`
	At       time.Time `json:"at"`                 // when Sending runs out, when Later is due, when it was settled
	Try      int       `json:"try"`                // how often it was taken up
	Fails    int       `json:"fails,omitempty"`    // how often Telegram, or we, failed at it
	Unknowns int       `json:"unknowns,omitempty"` // how often nobody knew whether it arrived
	Message  int       `json:"message,omitempty"`  // the id Telegram gave it
	Reason   string    `json:"reason,omitempty"`
	Sequence int       `json:"sequence,omitempty"` // of the meeting as it was told, or found to be known; 0 = told of none
	Token    Rev       `json:"token,omitempty"`    // of the leader who took it up
}

// Outcome is what came of one try.
type Outcome struct {
	State   State
	At      time.Time // of Later
	Message int       // of Sent
	Reason  string    // a few plain words; never text of the letter
	Failed  bool      // of Later: counts towards MaxFails, with which it becomes Rejected
	// Sequence of the meeting that the person knows with this outcome, of Sent and Skipped; 0 = it brought news of none.
	Sequence int
}

// Resends tells whether a letter of the kind is sent once more when it is not known whether it arrived. What reminds or
// answers one person must arrive; an announcement never comes twice by itself. What changes or deletes a message is sent again
// whatever its kind: see [Recipient].Changes.
func (k JobKind) Resends() bool {
	switch k {
	case JobReminder, JobSnooze, JobChange, JobNew, JobWish, JobReply, JobLetter, JobAsk, JobAnswer:
		return true
	}
	return false
}

// settle gives the entry after a try ended; false when the outcome has nothing to say about it (any more). try is the one
// that ended.
func (r Recipient) settle(try int, o Outcome, kind JobKind, now time.Time) (Recipient, bool) {
	// A try that was given up for unknown may still be answered: by a leader of the past that was only slow, say. Then it is
	// known after all that the letter arrived, which is worth more than the order of events.
	unsure := r.State == Unknown || r.State == Later && r.Unknowns > 0
	if r.Try != try || r.State != Sending && !(o.State == Sent && unsure) {
		return r, false
	}
	r.State, r.At, r.Reason, r.Message, r.Sequence = o.State, now.UTC(), o.Reason, o.Message, o.Sequence
	switch o.State {
	case Later:
		r.At = o.At.UTC()
		if o.Failed {
			r.Fails++
		}
		if r.Fails >= MaxFails {
			r.State, r.At = Rejected, now.UTC()
		}
	case Unknown:
		r.Unknowns++
		if r.Unknowns <= r.resends(kind) {
			// At once, and then at growing distances: an outage that swallows answers lasts for minutes.
			r.State, r.At = Later, r.At.Add(time.Duration(r.Unknowns-1)*LetterTimeout)
		}
	}
	return r, true
}

// resends is how often a letter is sent again of which nobody knows whether it arrived. A correction or a recall that is lost
// would leave words standing that are wrong, and to repeat it does no harm.
func (r Recipient) resends(kind JobKind) int {
	switch {
	case r.Changes:
		return maxChanges
	case kind.Resends():
		return 1
	}
	return 0
}

// claim gives the entry as it is taken up again when its time has come. A letter that was under way is unknown by then.
func (r Recipient) claim(kind JobKind, token Rev, now time.Time) Recipient {
	if r.State == Sending {
		r, _ = r.settle(r.Try, Outcome{State: Unknown, Reason: "no word of it"}, kind, now)
	}
	if r.State == Later {
		r.State, r.Reason, r.Token, r.At = Sending, "", token, now.Add(LetterTimeout).UTC()
		r.Try++
	}
	return r
}

// DueLetters lists recipients who are Later and due at now, or Sending and out of time, at most limit of each shard,
// earliest first. It costs what is due.
//
// With [ErrCorrupt] the list is good all the same: what could not be read was put off for an hour and is left out of it.
func (s *Store) DueLetters(ctx context.Context, now time.Time, limit int) ([]Recipient, error) {
	entries, err := s.b.Due(ctx, letterQueue, now, limit, personShards()...)
	if err != nil {
		return nil, fmt.Errorf("due letters: %w", err)
	}
	var due []Recipient
	var odd error
	for shard, some := range byShard(entries) {
		found, unread, err := s.dueOf(ctx, shard, some)
		if err != nil {
			return nil, fmt.Errorf("due letters: %w", err)
		}
		due, odd = append(due, found...), errors.Join(odd, unread)
	}
	slices.SortFunc(due, func(a, b Recipient) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Job, b.Job), cmp.Compare(a.Person, b.Person))
	})
	return due, odd
}

// PostponeLetter puts off a recipient who is listed by [Store.DueLetters] and cannot be taken up. One that is settled
// meanwhile stays settled: its place in the queue goes when it is looked at.
func (s *Store) PostponeLetter(ctx context.Context, r Recipient, until time.Time) error {
	_, err := s.apply(ctx, r.Person.shard(), Batch{Do: []Mutation{Schedule(letterQueue, letterID(r.Person, r.Job), until)}})
	if err != nil {
		return fmt.Errorf("postpone letter of job %q to person %d: %w", r.Job, r.Person, err)
	}
	return nil
}

// dueOf reads the entries of one shard that stand in its queue; odd tells what could not be read and was put off. One
// without an entry is taken out of the queue.
func (s *Store) dueOf(ctx context.Context, shard Shard, entries []Entry) (due []Recipient, odd, err error) {
	ids, jobs := make([]PersonID, len(entries)), make([]JobID, len(entries))
	for i, e := range entries {
		// A name that leads nowhere is nobody's letterbox, and so it is taken out below.
		ids[i], jobs[i], _ = readLetterID(e.ID)
	}
	boxes, err := s.letterboxes(ctx, shard, ids)
	if err != nil {
		return nil, nil, err
	}
	for i, box := range boxes {
		r, ok := box.of(jobs[i])
		switch {
		case box.odd != nil:
			odd, err = errors.Join(odd, box.odd), s.putOff(ctx, shard, letterQueue, entries[i].ID)
		case ok && r.State.waiting():
			due = append(due, r)
		default:
			err = s.unschedule(ctx, shard, letterQueue, entries[i].ID)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return due, odd, nil
}

// JobOf gives the job of an entry, to learn what it is about. ErrNotFound when it is finished.
func (s *Store) JobOf(ctx context.Context, r Recipient) (Job, error) {
	rec, err := s.readJob(ctx, r.jobShard(), r.Job)
	if err == nil && (rec.rev == 0 || rec.State == jobDone) {
		err = ErrNotFound
	}
	if err != nil {
		return Job{}, fmt.Errorf("job %q: %w", r.Job, err)
	}
	return rec.Job, nil
}

// jobShard is where the entry's job stands, see the function of that name.
func (r Recipient) jobShard() Shard {
	if r.Own {
		return r.Person.shard()
	}
	return Global
}

// Claim takes up a recipient whose time has come, see [Store.DueLetters]. The entry it gives is Sending for the caller to
// send, or it was settled by somebody, or here: as Skipped when the job was withdrawn or is gone, as Unknown when nobody
// knows whether the last try arrived and it was the last. ErrFenced means that a newer leader has taken the shard.
func (s *Store) Claim(ctx context.Context, r Recipient, token Rev) (got Recipient, err error) {
	err = attempt(ctx, func() error {
		got, err = s.tryClaim(ctx, r, token)
		return err
	})
	if err != nil {
		return r, fmt.Errorf("claim letter of job %q to person %d: %w", r.Job, r.Person, err)
	}
	return got, nil
}

func (s *Store) tryClaim(ctx context.Context, r Recipient, token Rev) (Recipient, error) {
	job, err := s.readJob(ctx, r.jobShard(), r.Job)
	if err != nil {
		return r, err
	}
	walk, err := s.readWalk(ctx, r.Person.shard(), jobRecord{Job: Job{ID: r.Job}, Round: job.Round})
	if err != nil {
		return r, err
	}
	if walk.Token > token {
		return r, ErrFenced
	}
	box, err := s.letterbox(ctx, r.Person)
	if err != nil {
		return r, err
	}
	// The caller's entry may be old news: somebody settled it, or took it up, since it was read.
	now, found := box.of(r.Job)
	if !found || now.Try != r.Try || now.State != r.State {
		return now, nil
	}
	next := now.claim(job.Kind, token, s.now())
	if why := job.closed(); why != "" {
		next = now.close(why, s.now())
	}
	// The cursor stands for the shard: while its revision holds, no newer leader has come, and with our token in it no older
	// one can go on. An entry of a closed job is only put to rest, which anybody may do.
	var c entryChanges
	c.change(&box, now, next, s.now())
	b := c.batch()
	if job.State == jobOpen && job.rev != 0 {
		b.If = append(b.If, RevIs(walkKey(r.Job), walk.rev))
		if walk.Token < token {
			walk.Token = token
			b.Do = append(b.Do, Put(walkKey(r.Job), encode(walk), 0))
		}
	}
	_, err = s.apply(ctx, r.Person.shard(), b)
	return next, err
}

// closed tells why no letter of a job leaves any more; "" while it is open.
func (r jobRecord) closed() string {
	switch {
	case r.rev == 0 || r.State == jobDone:
		return "no such job"
	case r.State == jobWithdrawn:
		return reasonWithdrawn
	}
	return ""
}

const reasonWithdrawn = "withdrawn"

// close settles an entry of a job that is not open: what may have left is unknown, the rest is skipped.
func (r Recipient) close(why string, now time.Time) Recipient {
	state := Skipped
	if r.State == Sending {
		state = Unknown
	}
	r.State, r.At, r.Reason = state, now.UTC(), why
	return r
}
