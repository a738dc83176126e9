package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

func withdrawAndBack(t *testing.T, w *world) {
	ids := neighbours(4)
	for _, id := range ids {
		w.greet(t, id, nil)
	}
	j := w.audience("j", store.JobReminder)
	j.Deadline = w.Now().Add(5 * time.Hour)
	must(t, w.OpenJob(t.Context(), j))
	got, err := w.TakeWindow(t.Context(), j, 5, first, 3)
	must(t, err)
	r := got.Recipients
	w.settle(t, j, r[0], store.Outcome{State: store.Sent})
	soon := w.settle(t, j, r[1], store.Outcome{State: store.Later, At: w.Now().Add(time.Hour)})
	must(t, w.WithdrawJob(t.Context(), "j"))
	must(t, w.WithdrawJob(t.Context(), "never opened"))
	if left := w.walk(t, j, first, 3); len(left) != 0 {
		t.Errorf("taken of a withdrawn job: %v", persons(left))
	}
	w.at("2026-12-01 10:00")
	skipped, err := w.Claim(t.Context(), soon, first)
	must(t, err)
	if skipped.State != store.Skipped || skipped.Reason != "withdrawn" {
		t.Errorf("a letter of a withdrawn job is %s (%s)", skipped.State, skipped.Reason)
	}
	if done, err := w.FinishJob(t.Context(), j); err != nil || done {
		t.Errorf("a withdrawn job that may come back is done: %v, %v", done, err)
	}
	w.counts(t, store.Counts{Waiting: 1, Sent: 1, Skipped: 1})
	must(t, w.PostponeJob(t.Context(), j, w.Now()))
	if due, err := w.DueJobs(t.Context(), w.Now(), 10); err != nil || len(due) > 0 {
		t.Errorf("a withdrawn job is due before its deadline: %v, %v", due, err)
	}

	must(t, w.OpenJob(t.Context(), j))
	back := persons(w.walk(t, j, second, 3))
	want := []store.PersonID{r[1].Person}
	for _, id := range ids {
		if !slices.Contains(persons(r), id) {
			want = append(want, id)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, back); diff != "" {
		t.Errorf("edited back, the job reaches (-want +got):\n%s", diff)
	}
	w.counts(t, store.Counts{Waiting: 3, Sent: 1})
	if now := w.settle(t, j, r[2], store.Outcome{State: store.Sent}); now.State != store.Sent {
		t.Errorf("what was in flight while the job came and went is %s", now.State)
	}
}

// What was withdrawn before it reached anybody is forgotten when it could be opened again no longer than anything else.
func withdrawnUnsaid(t *testing.T, w *world) {
	w.follow(t, 3)
	j := w.opened(t, "j", "announce")
	must(t, w.WithdrawJob(t.Context(), "j"))
	w.at("2026-12-04 09:00")
	if done, err := w.FinishJob(t.Context(), j); err != nil || !done {
		t.Fatalf("a job that was taken back three days ago is done: %v, %v", done, err)
	}
	if due := w.dueJobs(t); len(due) != 0 {
		t.Errorf("still due: %v", due)
	}
	must(t, w.OpenJob(t.Context(), j))
	if all := w.walk(t, j, first, 10); len(all) != 3 {
		t.Errorf("opened again it reaches %v, want three", persons(all))
	}
}

func crashLeftovers(t *testing.T, w *world) {
	w.follow(t, 1)
	for kind, want := range map[store.JobKind]store.State{store.JobReminder: store.Sending, "announce": store.Unknown} {
		j := w.opened(t, store.JobID(kind), kind)
		w.walk(t, j, first, 10)
		if due := w.dueLetters(t); len(due) != 0 {
			t.Fatalf("a letter in flight is due: %+v", due)
		}
		w.at("2026-12-01 09:02")
		due := w.dueLetters(t)
		if len(due) != 1 || due[0].Try != 1 {
			t.Fatalf("due after the crash: %+v", due)
		}
		r, err := w.Claim(t.Context(), due[0], second)
		must(t, err)
		if r.State != want {
			t.Errorf("%s: what was in flight is %s, want %s", kind, r.State, want)
		}
		if again, err := w.Claim(t.Context(), due[0], second); err != nil || again.Try != r.Try {
			t.Errorf("%s: taken up twice: %+v, %v", kind, again, err)
		}
		w.settle(t, j, r, store.Outcome{State: store.Unknown})
		if left := w.dueLetters(t); len(left) != 0 {
			t.Errorf("%s: still due: %+v", kind, left)
		}
		w.at("2026-12-01 09:00")
	}
}

func lateResults(t *testing.T, w *world) {
	w.follow(t, 1)
	j := w.opened(t, "j", "announce")
	r := w.walk(t, j, first, 10)[0]
	w.settle(t, j, r, store.Outcome{State: store.Unknown})
	w.counts(t, store.Counts{Unknown: 1})
	if now := w.settle(t, j, r, store.Outcome{State: store.Gone}); now.State != store.Unknown {
		t.Errorf("a late dead chat wins over unknown: %s", now.State)
	}
	w.settle(t, j, r, store.Outcome{State: store.Sent, Message: 3})
	w.settle(t, j, r, store.Outcome{State: store.Sent, Message: 3})
	w.counts(t, store.Counts{Sent: 1})
	letters, err := w.LettersOf(t.Context(), 1000)
	must(t, err)
	if len(letters) != 1 || letters[0].Message != 3 {
		t.Errorf("letters: %+v", letters)
	}
	w.at("2026-12-03 09:00")
	if letters, err = w.LettersOf(t.Context(), 1000); err != nil || len(letters) != 0 {
		t.Errorf("two days later: %+v, %v", letters, err)
	}
}

// Of letters that are settled together each has its own outcome, as if it was settled alone.
func resultsAtOnce(t *testing.T, w *world) {
	ids := neighbours(6)
	for _, id := range ids {
		w.greet(t, id, nil)
	}
	j, k := w.opened(t, "j", "announce"), w.opened(t, "k", store.JobReminder)
	taken, err := w.TakeWindow(t.Context(), j, 5, first, 10)
	must(t, err)
	other, err := w.TakeWindow(t.Context(), k, 5, first, 1)
	must(t, err)
	rs, outcomes := taken.Recipients, []store.State{store.Sent, store.Gone, store.Unknown, store.Later, store.Sent}
	stale := rs[4]
	stale.Try = 7                                                                                            // of which nobody knows
	batch := []store.Settlement{{k.Kind, other.Recipients[0], store.Outcome{State: store.Sent, Message: 9}}} // of who gets two
	for i, r := range append(slices.Clone(rs[:4]), stale) {
		batch = append(batch, store.Settlement{Kind: j.Kind, Letter: r, Outcome: store.Outcome{State: outcomes[i], Message: i, At: w.Now()}})
	}
	for try, want := range [][]store.State{
		{store.Sent, store.Sent, store.Gone, store.Unknown, store.Later, store.Sending}, // the answer to the batch is lost
		{store.Sent, store.Sent, store.Gone, store.Unknown, store.Later, store.Sending}, // and settled again
	} {
		w.b.fail(loseAnswers(1))
		now, err := w.SettleLetters(t.Context(), batch...)
		must(t, err)
		var got []store.State
		for _, r := range now {
			got = append(got, r.State)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("try %d, entries (-want +got):\n%s", try+1, diff)
		}
		w.counts(t, store.Counts{Sent: 1, Gone: 1, Unknown: 1, Waiting: 3})
	}
	w.b.fail(nil)
	if both, err := w.LettersOf(t.Context(), other.Recipients[0].Person); err != nil || len(both) != 2 {
		t.Errorf("letters of who got two: %+v, %v", both, err)
	}
	w.greet(t, 1, nil) // of another shard
	for name, wrong := range map[string][]store.Settlement{
		"of two shards": append(batch[:1:1], store.Settlement{Letter: store.Recipient{Person: 1}}),
		"too many":      make([]store.Settlement, store.MaxSettlements+1),
		"none":          nil,
	} {
		if _, err := w.SettleLetters(t.Context(), wrong...); err == nil {
			t.Errorf("settled although they are %s", name)
		}
	}
}

func doneShrinks(t *testing.T, w *world) {
	w.follow(t, 8)
	j := w.audience("j", "announce")
	j.Content = []byte(`{"secret":1}`)
	must(t, w.OpenJob(t.Context(), j))
	unwalked, err := w.FinishJob(t.Context(), j)
	if must(t, err); unwalked {
		t.Error("a job is done before its walk")
	}
	rs := w.walk(t, j, first, 10)
	outcomes := []store.State{store.Sent, store.Gone, store.Rejected, store.Skipped, store.Unknown}
	for i, r := range rs[:5] {
		w.settle(t, j, r, store.Outcome{State: outcomes[i]})
	}
	if done, err := w.FinishJob(t.Context(), j); err != nil || done {
		t.Fatalf("a job is done while a letter waits: %v, %v", done, err)
	}
	if due := w.dueJobs(t); len(due) != 0 {
		t.Errorf("a walked job that waits is due at once again: %v", due)
	}
	w.at("2026-12-01 10:00")
	if due := w.dueJobs(t); len(due) != 1 {
		t.Error("nobody looks at the job again, should the last letter's leader have crashed")
	}
	w.settle(t, j, rs[5], store.Outcome{State: store.Sent})
	if done, err := w.FinishJob(t.Context(), j); err != nil || !done {
		t.Fatalf("done: %v, %v", done, err)
	}
	w.counts(t, store.Counts{Sent: 2, Gone: 1, Rejected: 1, Skipped: 1, Unknown: 1})
	docs, err := w.Backend().Get(t.Context(), store.Global, "job:j")
	must(t, err)
	if text := string(docs[0].Value); strings.Contains(text, "secret") || strings.Contains(text, "wg-b") {
		t.Errorf("a finished job keeps content or audience: %s", text)
	}
	for _, shard := range store.JobShards(j) {
		docs, err := w.Backend().Get(t.Context(), shard, "walk:j")
		must(t, err)
		if docs[0].Rev != 0 {
			t.Fatalf("shard %d keeps the cursor of a finished job", shard)
		}
	}
	if due := w.dueJobs(t); len(due) != 0 {
		t.Errorf("a finished job is due: %v", due)
	}
	if _, err := w.JobCounts(t.Context(), "never"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("counts of a job that never was: %v", err)
	}
}
