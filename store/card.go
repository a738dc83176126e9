package store

import (
	"strconv"
	"strings"
	"time"
)

// Card is the content of a job that shows a question to the organizers.
type Card struct {
	N int `json:"n"`
	// Reminder is the how many-eth time that it is said that the question still waits; 0 = it is new.
	Reminder int `json:"reminder,omitempty"`
}

// CardID is the id of the job that brings a question to the organizers: when it is asked (reminder 0), and each time they are
// reminded of it.
func CardID(n, reminder int) JobID {
	id := "ask:" + strconv.Itoa(n)
	if reminder > 0 {
		id += ":" + strconv.Itoa(reminder)
	}
	return JobID(id)
}

// CardOf gives the question that a job with a [CardID] is about; false for another job.
func CardOf(id JobID) (n int, ok bool) {
	rest, ok := strings.CutPrefix(string(id), "ask:")
	if !ok {
		return 0, false
	}
	number, _, _ := strings.Cut(rest, ":")
	n, err := strconv.Atoi(number)
	return n, err == nil
}

// AnswerID is the id of the job that brings the i-th answer to who asked; the first one is 0.
func AnswerID(n, i int) JobID {
	return JobID("answer:" + strconv.Itoa(n) + ":" + strconv.Itoa(i))
}

// AnswerOf reads what [AnswerID] wrote; ok is false for another job.
func AnswerOf(id JobID) (n, i int, ok bool) {
	parts := strings.Split(string(id), ":")
	if len(parts) != 3 || parts[0] != "answer" {
		return 0, 0, false
	}
	n, bad := strconv.Atoi(parts[1])
	i, worse := strconv.Atoi(parts[2])
	return n, i, bad == nil && worse == nil
}

// card is the job that brings a question to those who may answer it. Of coordinators, who of them may is asked when it is
// composed.
func (q Question) card(now time.Time) Job {
	a := Audience{Roles: []Role{Organizer, Owner}}
	if q.Body != "" {
		a.Roles = append(a.Roles, Coordinator)
	}
	return Job{
		ID: CardID(q.N, q.Reminded), Kind: JobAsk, Audience: a, Content: encode(Card{q.N, q.Reminded}), Opened: now, Due: now,
	}
}

// cardShown lists the jobs that change the cards in the chats of the organizers, or take them away: how the question stands
// now is read when they are composed. Cards that were sent more than 48 h ago stay as they are: who has which is not known
// any more.
func (q Question) cardShown(now time.Time, recall bool) (all []Mutation) {
	for reminder := range q.Reminded + 1 {
		sent := q.At.Add(time.Duration(reminder) * remindAfter)
		if now.Sub(sent) > lettersKept {
			continue
		}
		j := q.card(now)
		j.ID = CardID(q.N, reminder) + JobID(":"+strconv.Itoa(q.Shown)+"s")
		j.Replaces, j.Recalls = []JobID{CardID(q.N, reminder)}, recall
		all = append(all, openJob(j)...)
	}
	return all
}
