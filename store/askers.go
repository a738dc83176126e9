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

// Blocked is somebody whose questions the organizers do not take.
type Blocked struct {
	Person PersonID
	By     PersonID // 0 = a former organizer
	At     time.Time
	Last   int // the number of the last question that they sent, to tell them by
}

// Block makes the organizers take no questions of a person any more, or take them again.
func (s *Store) Block(ctx context.Context, id, by PersonID, on bool) error {
	move := Remove(blockedAskers, id.member())
	if on {
		move = Add(blockedAskers, id.member())
	}
	err := s.changeAsker(ctx, id, func(a *asker) bool {
		if (a.Blocked != nil) == on {
			return false
		}
		if a.Blocked = nil; on {
			a.Blocked = &Claim{by, s.now().UTC()}
		}
		return true
	}, move)
	if err != nil {
		return fmt.Errorf("block person %d: %w", id, err)
	}
	return nil
}

// changeAsker applies change to what is known of a person as one who asks; with false nothing is written.
func (s *Store) changeAsker(ctx context.Context, id PersonID, change func(*asker) bool, more ...Mutation) error {
	return attempt(ctx, func() error {
		a, rev, err := readDoc[asker](ctx, s, Global, askerKey(id))
		if err != nil || !change(&a) {
			return err
		}
		_, err = s.apply(ctx, Global, Batch{
			If: []Condition{RevIs(askerKey(id), rev)},
			Do: append([]Mutation{Put(askerKey(id), encode(a), 0)}, more...),
		})
		return err
	})
}

// IsBlocked tells whether the organizers take no questions of a person.
func (s *Store) IsBlocked(ctx context.Context, id PersonID) (bool, error) {
	a, _, err := readDoc[asker](ctx, s, Global, askerKey(id))
	if err != nil {
		return false, fmt.Errorf("person %d as one who asks: %w", id, err)
	}
	return a.Blocked != nil, nil
}

// BlockedAskers lists whose questions are not taken, the last to be blocked first. At most 256 are listed.
func (s *Store) BlockedAskers(ctx context.Context) ([]Blocked, error) {
	names, _, err := s.b.Members(ctx, Global, blockedAskers, "", MaxOperations)
	if err != nil {
		return nil, fmt.Errorf("blocked askers: %w", err)
	}
	var all []Blocked
	for _, name := range names {
		id, err := personOf(name)
		if err != nil {
			return nil, err
		}
		a, _, err := readDoc[asker](ctx, s, Global, askerKey(id))
		if err != nil {
			return nil, fmt.Errorf("blocked askers: %w", err)
		}
		if a.Blocked != nil {
			all = append(all, Blocked{id, a.Blocked.By, a.Blocked.At, a.last()})
		}
	}
	slices.SortFunc(all, func(a, b Blocked) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Person, b.Person)) })
	return all, nil
}

// last is the number of the newest question; 0 without one.
func (a asker) last() (n int) {
	for _, q := range a.Asked {
		n = max(n, q.N)
	}
	return n
}

// numbers lists the questions of an asker as they stand in keys.
func (a asker) numbers() []string {
	names := make([]string, len(a.Asked))
	for i, q := range a.Asked {
		names[i] = strconv.Itoa(q.N)
	}
	return names
}

// QuestionsOf lists the questions that a person sent and that are kept, the oldest first.
func (s *Store) QuestionsOf(ctx context.Context, id PersonID) ([]Question, error) {
	a, _, err := readDoc[asker](ctx, s, Global, askerKey(id))
	if err != nil {
		return nil, fmt.Errorf("questions of person %d: %w", id, err)
	}
	var all []Question
	for some := range slices.Chunk(a.numbers(), page) {
		if all, err = questions.read(ctx, s, all, some); err != nil {
			return nil, fmt.Errorf("questions of person %d: %w", id, err)
		}
	}
	return all, nil
}

// forgetQuestions erases the questions that a person sent, with their answers, and takes the cards out of the organizers'
// chats; then whatever says that the person answered or blocked somebody. What the organizers published of a question
// is theirs and stays.
func (s *Store) forgetQuestions(ctx context.Context, id PersonID) error {
	a, _, err := readDoc[asker](ctx, s, Global, askerKey(id))
	if errors.Is(err, ErrCorrupt) { // what nobody can read is erased like the rest
		err = nil
	}
	if err != nil {
		return err
	}
	for _, asked := range a.Asked {
		if err := s.dropQuestion(ctx, asked.N); err != nil {
			return err
		}
	}
	if _, err := s.apply(ctx, Global, Batch{Do: []Mutation{Delete(askerKey(id)), Remove(blockedAskers, id.member())}}); err != nil {
		return err
	}
	return s.forgetHands(ctx, id)
}

// dropQuestion erases a question and takes its cards back.
func (s *Store) dropQuestion(ctx context.Context, n int) error {
	return attempt(ctx, func() error {
		q, err := s.Question(ctx, n)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		}
		b := Batch{Do: []Mutation{
			Delete(questionKey(n)), Remove(openQuestions, strconv.Itoa(n)), Unschedule(unansweredQueue, strconv.Itoa(n)),
		}}
		if q.Rev != 0 {
			q.Shown++
			b.If, b.Do = []Condition{RevIs(questionKey(n), q.Rev)}, append(b.Do, q.cardShown(s.now().UTC(), true)...)
		}
		for _, by := range q.hands() {
			b.Do = append(b.Do, Remove(handsIndex(by), strconv.Itoa(n)))
		}
		_, err = s.apply(ctx, Global, b)
		return err
	})
}

// hands lists who has the question in hand, or answered it.
func (q Question) hands() (all []PersonID) {
	for _, g := range q.Answers {
		all = append(all, g.By)
	}
	if q.Taken != nil {
		all = append(all, q.Taken.By)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// forgetHands makes a person "a former organizer" wherever they had a question in hand or blocked somebody.
func (s *Store) forgetHands(ctx context.Context, id PersonID) error {
	names, _, err := s.b.Members(ctx, Global, handsIndex(id), "", MaxOperations)
	for ; err == nil && len(names) > 0; names, _, err = s.b.Members(ctx, Global, handsIndex(id), "", MaxOperations) {
		for _, name := range names {
			n, err := strconv.Atoi(name)
			if err != nil {
				return fmt.Errorf("member %q of an index of questions: %w", name, ErrCorrupt)
			}
			out := Remove(handsIndex(id), name)
			_, err = s.changeQuestion(ctx, n, func(q *Question) error {
				q.leave(id)
				return nil
			}, out)
			if errors.Is(err, ErrNotFound) { // it was forgotten, or ran out
				_, err = s.apply(ctx, Global, Batch{Do: []Mutation{out}})
			}
			if err != nil {
				return err
			}
		}
	}
	if err != nil {
		return err
	}
	blocked, err := s.BlockedAskers(ctx)
	for _, b := range blocked {
		if b.By != id {
			continue
		}
		if err := s.changeAsker(ctx, b.Person, func(a *asker) bool {
			if a.Blocked == nil {
				return false
			}
			a.Blocked.By = 0
			return true
		}); err != nil {
			return err
		}
	}
	return err
}

// leave takes a person's number out of a question that they worked on.
func (q *Question) leave(id PersonID) {
	if q.Taken != nil && q.Taken.By == id {
		q.Taken = nil
	}
	for i := range q.Answers {
		if q.Answers[i].By == id {
			q.Answers[i].By = 0
		}
	}
}
