package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// errSame ends a change of a question that changes nothing.
var errSame = errors.New("nothing is different")

// changeQuestion applies change to a question and keeps its index and queue right, in one batch; what shows is told the
// organizers by their cards. An error from change is given back, and nothing is stored.
func (s *Store) changeQuestion(ctx context.Context, n int, change func(*Question) error, more ...Mutation) (q Question, err error) {
	err = attempt(ctx, func() error {
		if q, err = s.Question(ctx, n); err != nil {
			return err
		}
		was, answers := q.State, len(q.Answers)
		if err := change(&q); err != nil {
			return err
		}
		now, ttl := s.now().UTC(), time.Duration(0)
		do := slices.Clone(more)
		if q.State != QuestionOpen {
			ttl = answeredKept
			do = append(do, Remove(openQuestions, strconv.Itoa(n)), Unschedule(unansweredQueue, strconv.Itoa(n)))
		}
		if q.State != was || len(q.Answers) != answers {
			q.Shown++
			do = append(do, q.cardShown(now, false)...)
		}
		result, err := s.apply(ctx, Global, Batch{
			If: []Condition{RevIs(questionKey(n), q.Rev)},
			Do: append(do, Put(questionKey(n), encode(q), ttl)),
		})
		if err == nil {
			q.Rev = result.Rev
		}
		return err
	})
	if err != nil && !errors.Is(err, errSame) {
		return q, fmt.Errorf("change question No. %d: %w", n, err)
	}
	return q, nil
}

// Held tells whether somebody has the question in hand at now.
func (q Question) Held(now time.Time) bool { return q.Taken != nil && now.Sub(q.Taken.At) < ClaimLasts }

// TakeQuestion puts a question into the hands of an organizer, if nobody else has it in theirs, or over their head. With taken
// false somebody else has it, see Question.Taken. It is in hand until it is answered or given back, for an hour at most.
func (s *Store) TakeQuestion(ctx context.Context, n int, by PersonID, over bool) (q Question, taken bool, err error) {
	q, err = s.changeQuestion(ctx, n, func(q *Question) error {
		now := s.now().UTC()
		held := q.Held(now)
		if taken = !held || over || q.Taken.By == by; !taken || held && q.Taken.By == by {
			return errSame
		}
		q.Taken = &Claim{by, now}
		return nil
	}, Add(handsIndex(by), strconv.Itoa(n)))
	return q, taken, err
}

// GiveBack takes a question out of the hands of an organizer who does not answer it after all.
func (s *Store) GiveBack(ctx context.Context, n int, by PersonID) error {
	_, err := s.changeQuestion(ctx, n, func(q *Question) error {
		if q.Taken == nil || q.Taken.By != by {
			return errSame
		}
		q.Taken = nil
		return nil
	})
	return err
}

// AnswerQuestion adds an answer and gives its place among the question's answers; the same update adds one once. To bring it to
// who asked is for the job [AnswerID]. ErrTooMany when the question has as many answers as are kept.
func (s *Store) AnswerQuestion(ctx context.Context, n int, g Given) (q Question, i int, err error) {
	q, err = s.changeQuestion(ctx, n, func(q *Question) error {
		if i = slices.IndexFunc(q.Answers, func(old Given) bool { return old.Update == g.Update }); i >= 0 {
			return errSame
		}
		i = len(q.Answers)
		q.Answers, q.State, q.Taken = append(q.Answers, g), QuestionAnswered, nil
		if i >= maxAnswers || len(encode(q)) > maxEntry {
			return ErrTooMany
		}
		return nil
	}, Add(handsIndex(g.By), strconv.Itoa(n)))
	return q, i, err
}

// CloseQuestion takes a question off the list of those that wait, without an answer.
func (s *Store) CloseQuestion(ctx context.Context, n int) (Question, error) {
	return s.changeQuestion(ctx, n, func(q *Question) error {
		if q.State != QuestionOpen {
			return errSame
		}
		q.State, q.Taken = QuestionClosed, nil
		return nil
	})
}

// NoteFate notes what became of the letter that brought an answer, and gives the question. ErrNotFound when it was forgotten.
func (s *Store) NoteFate(ctx context.Context, n, i int, fate State) (Question, error) {
	return s.changeQuestion(ctx, n, func(q *Question) error {
		if i >= len(q.Answers) || q.Answers[i].Fate == fate {
			return errSame
		}
		q.Answers[i].Fate = fate
		return nil
	})
}

// NoteRetold notes which update brought who asked an answer that had not reached them. ErrNotFound when it was forgotten.
func (s *Store) NoteRetold(ctx context.Context, n, i int, by UpdateID) error {
	_, err := s.changeQuestion(ctx, n, func(q *Question) error {
		if i >= len(q.Answers) || q.Answers[i].Retold != 0 {
			return errSame
		}
		q.Answers[i].Retold = by
		return nil
	})
	return err
}

// OpenQuestions lists the questions that wait for an answer, the oldest first.
func (s *Store) OpenQuestions(ctx context.Context) ([]Question, error) {
	all, err := questions.listed(ctx, s, openQuestions)
	if err != nil {
		return nil, fmt.Errorf("open questions: %w", err)
	}
	all = slices.DeleteFunc(all, func(q Question) bool { return q.State != QuestionOpen })
	slices.SortFunc(all, func(a, b Question) int { return cmp.Compare(a.N, b.N) })
	return all, nil
}

// RemindQuestions opens the job that reminds the organizers of each question that has waited for a day since it was asked or
// they were reminded last, and lists the jobs. That is done seven times for each question.
//
// With [ErrCorrupt] the list is good all the same: what could not be read was put off for an hour and is left out of it.
func (s *Store) RemindQuestions(ctx context.Context, now time.Time) (opened []JobID, err error) {
	due, err := s.b.Due(ctx, unansweredQueue, now, MaxOperations, Global)
	if err != nil {
		return nil, fmt.Errorf("remind of questions: %w", err)
	}
	var odd error
	for _, e := range due {
		id, err := s.remindOf(ctx, e.ID, now.UTC())
		if errors.Is(err, ErrNotFound) { // it was forgotten in this moment
			err = s.unschedule(ctx, Global, unansweredQueue, e.ID)
		}
		if errors.Is(err, ErrCorrupt) {
			odd, err = errors.Join(odd, err), s.putOff(ctx, Global, unansweredQueue, e.ID)
		}
		if err != nil {
			return opened, fmt.Errorf("remind of questions: %w", err)
		}
		if id != "" {
			opened = append(opened, id)
		}
	}
	return opened, odd
}

// remindOf counts the reminder, opens its job and arranges the next one, together or not at all.
func (s *Store) remindOf(ctx context.Context, number string, now time.Time) (id JobID, err error) {
	n, err := strconv.Atoi(number)
	if err != nil {
		return "", fmt.Errorf("entry %q of the queue of questions: %w", number, ErrCorrupt)
	}
	err = attempt(ctx, func() error {
		id = ""
		q, err := s.Question(ctx, n)
		if err != nil {
			return err
		}
		if q.State != QuestionOpen {
			return s.unschedule(ctx, Global, unansweredQueue, number)
		}
		q.Reminded++
		next := Schedule(unansweredQueue, number, now.Add(remindAfter))
		if q.Reminded >= maxReminders {
			next = Unschedule(unansweredQueue, number)
		}
		job := q.card(now)
		_, err = s.apply(ctx, Global, Batch{
			If: []Condition{RevIs(questionKey(n), q.Rev)},
			Do: append(openJob(job), Put(questionKey(n), encode(q), 0), next),
		})
		id = job.ID
		return err
	})
	return id, err
}

// NextReminderOfQuestions gives when the organizers are reminded of a question next; ok is false when none waits.
func (s *Store) NextReminderOfQuestions(ctx context.Context) (at time.Time, ok bool, err error) {
	due, err := s.b.Due(ctx, unansweredQueue, lastDue, 1, Global)
	if err != nil || len(due) == 0 {
		return at, false, err
	}
	return due[0].At, true, nil
}
