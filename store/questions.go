package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// How questions to the organizers are kept: all in the global shard, so that number, question, the list of those that wait
// and the job that brings it to the organizers come into being in one batch.
//
//	questions            the last number that was given
//	question:<number>    the question with its answers
//	asker:<person>       which questions are theirs, and whether they are blocked; what /forget and /mydata go by
//	index questions      the numbers of those that wait for an answer
//	index blocked        who is blocked
//	index hands:<person> which questions an organizer has or had in hand, for /forget
//	queue unanswered     numbers, by when the organizers are reminded
const (
	lastQuestion    = "questions"
	openQuestions   = "questions"
	blockedAskers   = "blocked"
	unansweredQueue = "unanswered"
)

const (
	// remindAfter is how long a question waits before the organizers are reminded of it, and how often they are.
	remindAfter = 24 * time.Hour
	// maxReminders bounds that: what nobody answers in a week stays in the inbox without a word.
	maxReminders = 7
	// answeredKept is how long a question is kept after its last answer.
	answeredKept = 90 * 24 * time.Hour
	// ClaimLasts is how long somebody has a question in hand who does not answer it.
	ClaimLasts = time.Hour
	// maxAnswers to one question are kept; together they have to fit into a document.
	maxAnswers = 10
	// MaxQuestions is how many questions one person may send within a minute.
	MaxQuestions = 5
)

// ErrBlocked means that the organizers do not take questions of a person.
var ErrBlocked = errors.New("blocked")

// QuestionState is how far a question is.
type QuestionState string

// The states.
const (
	QuestionOpen     QuestionState = ""
	QuestionAnswered QuestionState = "answered"
	QuestionClosed   QuestionState = "closed" // without an answer
)

// Question is what a person wants to know of the organizers.
type Question struct {
	N       int           `json:"n"`
	From    PersonID      `json:"from"`
	Message int           `json:"message,omitempty"` // the asker's, to which answers reply
	Text    string        `json:"text"`
	Lang    Lang          `json:"lang"`
	Intent  string        `json:"intent,omitempty"` // what it was understood as
	Topic   string        `json:"topic,omitempty"`
	Meeting MeetingID     `json:"meeting,omitempty"`
	Body    string        `json:"body,omitempty"` // whose coordinators may answer too
	At      time.Time     `json:"at"`
	State   QuestionState `json:"state,omitempty"`
	Taken   *Claim        `json:"taken,omitempty"` // who is answering
	Answers []Given       `json:"answers,omitempty"`
	// Reminded counts how often the organizers were told that it still waits.
	Reminded int `json:"reminded,omitempty"`
	// Shown counts how often the cards that the organizers have were changed.
	Shown int `json:"shown,omitempty"`
	Rev   Rev `json:"-"`
}

// Claim says who has a question in hand, and since when.
type Claim struct {
	By PersonID  `json:"by"` // 0 = a former organizer
	At time.Time `json:"at"`
}

// Given is one answer to a question.
type Given struct {
	By     PersonID  `json:"by"` // 0 = a former organizer
	At     time.Time `json:"at"`
	HTML   string    `json:"html"`           // as Telegram reads it
	Lang   Lang      `json:"lang"`           // of the text, as far as is known
	Update UpdateID  `json:"update"`         // that gave it
	Fate   State     `json:"fate,omitempty"` // of its letter; "" = under way
	// Retold is the update that brought an answer which had found nobody, once its asker was back; 0 = none did.
	Retold UpdateID `json:"retold,omitempty"`
}

// asker is what is known of a person as one who asks.
type asker struct {
	Asked   []asked `json:"asked,omitempty"`
	Blocked *Claim  `json:"blocked,omitempty"`
}

type asked struct {
	N      int       `json:"n"`
	Update UpdateID  `json:"update"` // that asked
	At     time.Time `json:"at"`
}

func handsIndex(id PersonID) string { return "hands:" + id.member() }

func questionKey(n int) string { return questions.key(strconv.Itoa(n)) }

// questions are known by their number in decimal, as it stands in the indexes.
var questions = kind[Question]{func(n string) string { return "question:" + n }, func(q *Question) *Rev { return &q.Rev }}

func askerKey(id PersonID) string { return "asker:" + id.member() }

// Ask gives a question its number and hands it to the organizers, together or not at all. The same update of the same person
// asks once: again it gives the question as it stands.
//
// [ErrBlocked] when the organizers take no questions of the person, [ErrTooMany] when they sent [MaxQuestions] within the
// last minute.
func (s *Store) Ask(ctx context.Context, q Question, by UpdateID) (Question, error) {
	err := attempt(ctx, func() error {
		docs, err := s.b.Get(ctx, Global, lastQuestion, askerKey(q.From))
		if err != nil {
			return err
		}
		last, who := 0, asker{}
		if docs[0].Rev != 0 {
			if last, err = decode[int](docs[0]); err != nil {
				return err
			}
		}
		if docs[1].Rev != 0 {
			if who, err = decode[asker](docs[1]); err != nil {
				return err
			}
		}
		now := s.now().UTC()
		if i := slices.IndexFunc(who.Asked, func(a asked) bool { return a.Update == by }); i >= 0 {
			q, err = s.Question(ctx, who.Asked[i].N)
			return err
		}
		if err := who.may(now); err != nil {
			return err
		}
		q.N, q.At = last+1, now
		who.Asked = append(slices.DeleteFunc(who.Asked, func(a asked) bool { return now.Sub(a.At) > 2*answeredKept }), asked{q.N, by, now})
		result, err := s.apply(ctx, Global, Batch{
			If: []Condition{RevIs(lastQuestion, docs[0].Rev), RevIs(askerKey(q.From), docs[1].Rev)},
			Do: append([]Mutation{
				Put(lastQuestion, encode(q.N), 0), Put(askerKey(q.From), encode(who), 0),
				Put(questionKey(q.N), encode(q), 0), Add(openQuestions, strconv.Itoa(q.N)),
				Schedule(unansweredQueue, strconv.Itoa(q.N), now.Add(remindAfter)),
			}, openJob(q.card(now))...),
		})
		q.Rev = result.Rev
		return err
	})
	if err != nil {
		return Question{}, fmt.Errorf("ask the organizers: %w", err)
	}
	return q, nil
}

// may tells why a person may not ask at present.
func (a asker) may(now time.Time) error {
	if a.Blocked != nil {
		return ErrBlocked
	}
	lately := 0
	for _, q := range a.Asked {
		if now.Sub(q.At) < time.Minute {
			lately++
		}
	}
	if lately >= MaxQuestions {
		return ErrTooMany
	}
	return nil
}

// Question reads a question by its number; ErrNotFound when there is none, or it was forgotten.
func (s *Store) Question(ctx context.Context, n int) (Question, error) {
	q, rev, err := readDoc[Question](ctx, s, Global, questionKey(n))
	if err == nil && rev == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Question{}, fmt.Errorf("question No. %d: %w", n, err)
	}
	q.Rev = rev
	return q, nil
}
