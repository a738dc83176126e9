package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// asks lets a person ask by an update.
func (w *world) asks(t *testing.T, who store.PersonID, by store.UpdateID) store.Question {
	t.Helper()
	q, err := w.Ask(t.Context(), store.Question{From: who, Message: 5, Text: "is there parking?", Lang: store.Russian}, by)
	must(t, err)
	return q
}

// open lists the numbers of the questions that wait.
func (w *world) open(t *testing.T) (numbers []int) {
	t.Helper()
	all, err := w.OpenQuestions(t.Context())
	must(t, err)
	for _, q := range all {
		numbers = append(numbers, q.N)
	}
	return numbers
}

func TestAskTogether(t *testing.T) {
	t.Parallel()
	askTogether(t, newWorld(t))
}

// askTogether lets many ask at once, each twice by the same update: numbers have no holes, and none is given twice.
func askTogether(t *testing.T, w *world) {
	const people = 12
	got := make(chan int, 2*people)
	var all sync.WaitGroup
	for i := range 2 * people {
		all.Go(func() {
			who := store.PersonID(100 + i%people)
			q, err := w.Ask(t.Context(), store.Question{From: who, Text: "q", Lang: store.English}, store.UpdateID(who))
			if err != nil {
				t.Errorf("person %d: %v", who, err)
			}
			got <- q.N
		})
	}
	all.Wait()
	close(got)
	times := map[int]int{}
	for n := range got {
		times[n]++
	}
	var want []int
	for n := range people {
		want = append(want, n+1)
		if times[n+1] != 2 {
			t.Errorf("No. %d was given %d times, want twice to the same", n+1, times[n+1])
		}
	}
	if diff := cmp.Diff(want, w.open(t)); diff != "" {
		t.Errorf("open questions (-want +got):\n%s", diff)
	}
	if jobs := w.jobs(t); len(jobs) != people {
		t.Errorf("%d jobs bring %d questions to the organizers", len(jobs), people)
	}
}

func TestAskRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	for i := range store.MaxQuestions {
		w.asks(t, 7, store.UpdateID(i+1))
	}
	again := func(by store.UpdateID) error {
		_, err := w.Ask(ctx, store.Question{From: 7, Text: "q"}, by)
		return err
	}
	for _, step := range []struct {
		name string
		do   func() error
		want error
	}{
		{"one too many in a minute", func() error { return again(100) }, store.ErrTooMany},
		{"an update that asked already is not one more", func() error { return again(1) }, nil},
		{"a minute later", func() error { w.at("2026-12-01 09:01"); return again(100) }, nil},
		{"who is blocked", func() error { must(t, w.Block(ctx, 7, 9, true)); return again(101) }, store.ErrBlocked},
		{"who was unblocked", func() error { must(t, w.Block(ctx, 7, 9, false)); return again(101) }, nil},
	} {
		if err := step.do(); !errors.Is(err, step.want) {
			t.Errorf("%s: got %v, want %v", step.name, err, step.want)
		}
	}
}

func TestAnswering(t *testing.T) {
	t.Parallel()
	answering(t, newWorld(t))
}

// answering takes a question from hand to hand until it is answered, and answered again.
func answering(t *testing.T, w *world) {
	ctx := t.Context()
	w.asks(t, 7, 1)
	take := func(by store.PersonID, over bool) string {
		t.Helper()
		q, taken, err := w.TakeQuestion(ctx, 1, by, over)
		must(t, err)
		return fmt.Sprint(taken, " by ", q.Taken.By)
	}
	answer := func(by store.PersonID, update store.UpdateID) string {
		t.Helper()
		q, i, err := w.AnswerQuestion(ctx, 1, store.Given{By: by, At: w.Now(), HTML: fmt.Sprint("a", update), Update: update})
		must(t, err)
		return fmt.Sprint("place ", i, " of ", len(q.Answers), ", ", q.State, ", free ", q.Taken == nil)
	}
	for _, step := range []struct{ name, got, want string }{
		{"the first takes it", take(8, false), "true by 8"},
		{"the second does not get it", take(9, false), "false by 8"},
		{"the first has it still", take(8, false), "true by 8"},
		{"the second takes it over", take(9, true), "true by 9"},
		{"the first may answer all the same", answer(8, 10), "place 0 of 1, answered, free true"},
		{"the same update answers once", answer(8, 10), "place 0 of 1, answered, free true"},
		{"the second adds to it", answer(9, 11), "place 1 of 2, answered, free true"},
	} {
		if step.got != step.want {
			t.Errorf("%s: %s, want %s", step.name, step.got, step.want)
		}
	}
	if open := w.open(t); open != nil {
		t.Errorf("still open: %v", open)
	}
	w.asks(t, 7, 2)
	if _, _, err := w.TakeQuestion(ctx, 2, 8, false); err != nil {
		t.Fatal(err)
	}
	must(t, w.GiveBack(ctx, 2, 9)) // it is not in their hands
	w.at("2026-12-01 10:30")
	if _, taken, err := w.TakeQuestion(ctx, 2, 9, false); err != nil || !taken {
		t.Errorf("an hour later a question is free again: %t, %v", taken, err)
	}
	must(t, w.GiveBack(ctx, 2, 9))
	if q, err := w.Question(ctx, 2); err != nil || q.Taken != nil {
		t.Errorf("a question that was given back is in the hands of %+v, %v", q.Taken, err)
	}
}

func TestRemindQuestions(t *testing.T) {
	t.Parallel()
	remindQuestions(t, newWorld(t))
}

// remindQuestions lets questions wait for days.
func remindQuestions(t *testing.T, w *world) {
	ctx := t.Context()
	w.asks(t, 7, 1)
	w.asks(t, 7, 2)
	if _, err := w.CloseQuestion(ctx, 2); err != nil {
		t.Fatal(err)
	}
	remind := func(at string) []store.JobID {
		t.Helper()
		w.at(at)
		opened, err := w.RemindQuestions(ctx, w.Now())
		must(t, err)
		return opened
	}
	var got []store.JobID
	for _, at := range []string{"2026-12-02 08:59", "2026-12-02 09:00", "2026-12-02 09:01", "2026-12-04 12:00", "2026-12-04 12:00"} {
		got = append(got, remind(at)...)
	}
	// An outage of a day is one reminder, not two.
	if diff := cmp.Diff([]store.JobID{"ask:1:1", "ask:1:2"}, got); diff != "" {
		t.Errorf("reminders (-want +got):\n%s", diff)
	}
	if at, ok, err := w.NextReminderOfQuestions(ctx); err != nil || !ok || !at.Equal(clock("2026-12-05 12:00")) {
		t.Errorf("the next one is due at %v, %t, %v", at, ok, err)
	}
	days := 0
	for day := 5; day < 20; day++ {
		days += len(remind(fmt.Sprintf("2026-12-%02d 12:00", day)))
	}
	if days != 5 {
		t.Errorf("%d more reminders came, want 5: seven in all", days)
	}
	if _, ok, err := w.NextReminderOfQuestions(ctx); err != nil || ok {
		t.Errorf("something is still due: %t, %v", ok, err)
	}
}

// TestAskDies lets the bot die before each batch of asking, answering and reminding: what is done again gives what there was.
func TestAskDies(t *testing.T) {
	t.Parallel()
	for dies := range 2 {
		for _, lost := range []bool{false, true} {
			t.Run(fmt.Sprintf("at batch %d, its answer lost %t", dies, lost), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				hook := dieAfter(dies)
				if lost {
					hook = loseAnswers(dies + 1)
				}
				twice := func(do func() error) {
					t.Helper()
					w.b.fail(hook)
					_ = do()
					w.b.fail(nil)
					must(t, do())
				}
				ctx := t.Context()
				twice(func() error {
					_, err := w.Ask(ctx, store.Question{From: 7, Text: "q"}, 1)
					return err
				})
				w.at("2026-12-02 09:00")
				twice(func() error {
					_, err := w.RemindQuestions(ctx, w.Now())
					return err
				})
				twice(func() error {
					_, _, err := w.AnswerQuestion(ctx, 1, store.Given{By: 8, HTML: "a", Update: 2})
					return err
				})
				q, err := w.Question(ctx, 1)
				must(t, err)
				if len(q.Answers) != 1 || q.Reminded != 1 || w.open(t) != nil {
					t.Errorf("the question is %+v", q)
				}
				// The card, the reminder, and the changes of both once it was answered.
				want := []store.JobID{"ask:1", "ask:1:1", "ask:1:1:1s", "ask:1:1s"}
				got := jobIDs(w.jobs(t))
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("jobs (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestForgetQuestions lets an asker and an organizer leave, wherever the bot dies on the way.
func TestForgetQuestions(t *testing.T) {
	t.Parallel()
	for dies := range 14 {
		t.Run(fmt.Sprintf("killed after %d batches", dies), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ctx := t.Context()
			for _, id := range []store.PersonID{7, 8, 9} {
				w.greet(t, id, nil)
			}
			must(t, w.KeepAsking(ctx, 7, store.Asking{Update: 3, Text: "secret", At: w.Now()}))
			w.asks(t, 7, 1)
			w.asks(t, 9, 2)
			for n := 1; n <= 2; n++ {
				_, _, err := w.AnswerQuestion(ctx, n, store.Given{By: 8, HTML: "a", Update: store.UpdateID(10 + n)})
				must(t, err)
			}
			must(t, w.Block(ctx, 7, 8, true))
			must(t, w.Block(ctx, 9, 8, true))
			for _, leaver := range []store.PersonID{7, 8} {
				w.b.fail(dieAfter(dies))
				_ = w.Forget(ctx, leaver)
				w.b.fail(nil)
				must(t, w.Forget(ctx, leaver))
			}
			if _, err := w.Question(ctx, 1); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("the question: got %v, want ErrNotFound", err)
			}
			if all, err := w.Askings(ctx, 7); err != nil || len(all) != 0 {
				t.Errorf("what was not sent: got %+v, %v", all, err)
			}
			if all, err := w.QuestionsOf(ctx, 7); err != nil || len(all) != 0 {
				t.Errorf("what was sent: got %+v, %v", all, err)
			}
			q, err := w.Question(ctx, 2)
			must(t, err)
			if q.Answers[0].By != 0 || q.Answers[0].HTML != "a" {
				t.Errorf("an answer of a former organizer is %+v", q.Answers[0])
			}
			blocked, err := w.BlockedAskers(ctx)
			must(t, err)
			if want := []store.Blocked{{Person: 9, At: w.Now().UTC(), Last: 2}}; !cmp.Equal(want, blocked) {
				t.Errorf("blocked (-want +got):\n%s", cmp.Diff(want, blocked))
			}
			recalled := slices.IndexFunc(w.jobs(t), func(j store.Job) bool { return j.Recalls && strings.HasPrefix(string(j.ID), "ask:1:") })
			if recalled < 0 {
				t.Error("the card stays in the chats of the organizers")
			}
		})
	}
}

func TestAskings(t *testing.T) {
	t.Parallel()
	askings(t, newWorld(t))
}

// askings keeps what may be sent later: the newest, for a week.
func askings(t *testing.T, w *world) {
	ctx := t.Context()
	for u := range 25 {
		must(t, w.KeepAsking(ctx, 7, store.Asking{Update: store.UpdateID(100 + u), Text: "q", At: w.Now()}))
	}
	must(t, w.KeepAsking(ctx, 7, store.Asking{Update: 124, Text: "q", At: w.Now()})) // the same update again
	all, err := w.Askings(ctx, 7)
	must(t, err)
	if len(all) != 20 || all[0].Update != 105 || all[19].Update != 124 {
		t.Errorf("%d are kept, from %d to %d", len(all), all[0].Update, all[len(all)-1].Update)
	}
	must(t, w.DropAsking(ctx, 7, 110))
	for u, want := range map[store.UpdateID]error{100: store.ErrNotFound, 110: store.ErrNotFound, 120: nil} {
		if _, err := w.Asking(ctx, 7, u); !errors.Is(err, want) {
			t.Errorf("update %d: got %v, want %v", u, err, want)
		}
	}
	if _, err := w.Asking(ctx, 8, 120); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another person finds it: %v", err)
	}
	w.mu.Lock()
	w.now = w.now.Add(8 * 24 * time.Hour)
	w.mu.Unlock()
	if _, err := w.Asking(ctx, 7, 120); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after a week: got %v, want ErrNotFound", err)
	}
}

func TestCardIDs(t *testing.T) {
	t.Parallel()
	for id, want := range map[store.JobID]int{store.CardID(41, 0): 41, store.CardID(41, 3): 41, "ask:41:2s": 41, "ask:": 0, "announce:41": 0} {
		if n, ok := store.CardOf(id); n != want || ok != (want != 0) {
			t.Errorf("%q is the card of %d, %t; want %d", id, n, ok, want)
		}
	}
	if n, i, ok := store.AnswerOf(store.AnswerID(41, 2)); n != 41 || i != 2 || !ok {
		t.Errorf("the answer is %d, %d, %t", n, i, ok)
	}
	if _, _, ok := store.AnswerOf("answer:x:1"); ok {
		t.Error("what is no number was read as one")
	}
}
