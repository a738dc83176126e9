package store_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
	"recbot/store/redisstore"
	"recbot/store/storetest"
)

// ledgerPlays are played on both backends.
var ledgerPlays = map[string]func(*testing.T, *world){
	"opening is idempotent":                 openTwice,
	"everybody is taken once":               everybodyOnce,
	"whoever leaves or comes in between":    comeAndGo,
	"an older leader is fenced off":         fencing,
	"a job for one person":                  jobForOne,
	"withdrawn and opened again":            withdrawAndBack,
	"withdrawn and opened much later":       withdrawnUnsaid,
	"what a crash leaves in flight":         crashLeftovers,
	"late results":                          lateResults,
	"several results at once":               resultsAtOnce,
	"done jobs shrink to counts":            doneShrinks,
	"lost answers make nothing twice":       lostAnswers,
	"looking costs what is due":             nextInstants,
	"forgetting takes letters along":        forgetsLetters,
	"a job postponed goes on later":         postponed,
	"a job handed over while it is counted": handedOverMeanwhile,
	"leases have growing tokens":            leases,
	"entries of a queue without documents":  strayEntries,
	"an announcement's audience":            audiences,
	"whom an announcement went to":          toldAndSwept,
	"drafts of announcements":               drafts,
}

func TestLedger(t *testing.T) {
	t.Parallel()
	for name, play := range ledgerPlays {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, newWorld(t))
		})
	}
}

// openRedis opens a store of the test's own on a server.
func openRedis(t *testing.T, url string) store.Backend {
	t.Helper()
	b, err := redisstore.Open(url, redisstore.Options{Prefix: t.Name() + ":"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func TestLedgerOnRedis(t *testing.T) {
	t.Parallel()
	url := storetest.Redis(t)
	for name, play := range ledgerPlays {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, worldOn(t, openRedis(t, url)))
		})
	}
}

// Three leaders' tokens.
const first, second, third = store.Rev(1), store.Rev(2), store.Rev(3)

// audience is a job for the followers of two topics.
func (w *world) audience(id store.JobID, kind store.JobKind) store.Job {
	return store.Job{ID: id, Kind: kind, Opened: w.Now(), Due: w.Now(), Audience: store.Audience{Topics: []store.Topic{"rec", "wg-b"}}}
}

func (w *world) opened(t *testing.T, id store.JobID, kind store.JobKind) store.Job {
	t.Helper()
	j := w.audience(id, kind)
	must(t, w.OpenJob(t.Context(), j))
	return j
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// follow greets people who follow what the audience is made of, in turn one topic, the other, and both.
func (w *world) follow(t *testing.T, n int) {
	t.Helper()
	topics := [][]store.Topic{{"rec"}, {"wg-b"}, {"rec", "wg-b"}, {"wg-c"}}
	for i := range n {
		w.greet(t, store.PersonID(1000+i), func(p *store.Person) { p.Topics = topics[i%4] })
	}
}

// walk takes every window of a job that is left.
func (w *world) walk(t *testing.T, j store.Job, token store.Rev, n int) []store.Recipient {
	t.Helper()
	var all []store.Recipient
	for _, shard := range store.JobShards(j) {
		for end := false; !end; {
			window, err := w.TakeWindow(t.Context(), j, shard, token, n)
			must(t, err)
			if len(window.Recipients) > n {
				t.Fatalf("a window of %d holds %d", n, len(window.Recipients))
			}
			all, end = append(all, window.Recipients...), window.End
		}
	}
	return all
}

func (w *world) settle(t *testing.T, j store.Job, r store.Recipient, o store.Outcome) store.Recipient {
	t.Helper()
	now, err := w.SettleLetter(t.Context(), j.Kind, r, o)
	must(t, err)
	return now
}

func (w *world) counts(t *testing.T, want store.Counts) {
	t.Helper()
	got, err := w.JobCounts(t.Context(), "j")
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func persons(rs []store.Recipient) []store.PersonID {
	var ids []store.PersonID
	for _, r := range rs {
		ids = append(ids, r.Person)
	}
	slices.Sort(ids)
	return ids
}

func (w *world) dueJobs(t *testing.T) []store.JobID {
	t.Helper()
	jobs, err := w.DueJobs(t.Context(), w.Now(), 10)
	must(t, err)
	var ids []store.JobID
	for _, j := range jobs {
		ids = append(ids, j.ID)
	}
	return ids
}

func (w *world) dueLetters(t *testing.T) []store.Recipient {
	t.Helper()
	rs, err := w.DueLetters(t.Context(), w.Now(), 100)
	must(t, err)
	return rs
}

func everybodyOnce(t *testing.T, w *world) {
	w.follow(t, 200)
	j := w.opened(t, "j", "announce")
	got := w.walk(t, j, first, 3)
	var want []store.PersonID
	for i := range 200 {
		if i%4 != 3 {
			want = append(want, store.PersonID(1000+i))
		}
	}
	if diff := cmp.Diff(want, persons(got)); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
	w.counts(t, store.Counts{Waiting: 150})
	if r := got[0]; r.State != store.Sending || r.Try != 1 || r.Token != first || !r.At.Equal(w.Now().Add(store.LetterTimeout)) {
		t.Errorf("the entry of a taken recipient is %+v", r)
	}
}

// neighbours gives ids of persons of one shard.
func neighbours(n int) []store.PersonID {
	var ids []store.PersonID
	for id := store.PersonID(1); len(ids) < n; id++ {
		if store.ShardOf(store.ChatID(id)) == 5 {
			ids = append(ids, id)
		}
	}
	return ids
}

func comeAndGo(t *testing.T, w *world) {
	ids := neighbours(6)
	for _, id := range ids[:5] {
		w.greet(t, id, nil)
	}
	j := w.opened(t, "j", "announce")
	window, err := w.TakeWindow(t.Context(), j, 5, first, 2)
	must(t, err)
	taken := persons(window.Recipients)
	var left []store.PersonID // behind the cursor: the last of these unfollows
	for _, id := range ids[:5] {
		if !slices.Contains(taken, id) {
			left = append(left, id)
		}
	}
	unfollow := func(p *store.Person) error { p.Topics = nil; return nil }
	_, err = w.ChangePerson(t.Context(), left[2], store.Cause{}, unfollow)
	must(t, err)
	// Whoever was taken and now follows by the other topic is not told again.
	_, err = w.ChangePerson(t.Context(), taken[0], store.Cause{}, func(p *store.Person) error { p.Topics = []store.Topic{"wg-b"}; return nil })
	must(t, err)
	w.greet(t, ids[5], func(p *store.Person) { p.Topics = []store.Topic{"wg-b"} }) // comes in time by the other topic
	want := []store.PersonID{left[0], left[1], ids[5]}
	slices.Sort(want)
	if diff := cmp.Diff(want, persons(w.walk(t, j, first, 2))); diff != "" {
		t.Errorf("taken after the change (-want +got):\n%s", diff)
	}
	w.greet(t, 4242, nil)
	if late := w.walk(t, j, first, 2); len(late) != 0 {
		t.Errorf("who came after the walk was taken: %v", persons(late))
	}
}

func fencing(t *testing.T, w *world) {
	for _, id := range neighbours(9) {
		w.greet(t, id, nil)
	}
	j := w.opened(t, "j", store.JobReminder)
	old, err := w.TakeWindow(t.Context(), j, 5, first, 3)
	must(t, err)
	taken, err := w.TakeWindow(t.Context(), j, 5, second, 3)
	must(t, err)
	if _, err := w.TakeWindow(t.Context(), j, 5, first, 3); !errors.Is(err, store.ErrFenced) {
		t.Errorf("an older leader takes a window: %v", err)
	}
	if all := append(persons(old.Recipients), persons(taken.Recipients)...); len(all) != 6 {
		t.Errorf("two leaders took %v", all)
	}
	// What the older one sent still counts, but it takes up nothing.
	if r := w.settle(t, j, old.Recipients[0], store.Outcome{State: store.Sent}); r.State != store.Sent {
		t.Errorf("the older leader's letter is %s", r.State)
	}
	later := w.settle(t, j, old.Recipients[1], store.Outcome{State: store.Later, At: w.Now()})
	if _, err := w.Claim(t.Context(), later, first); !errors.Is(err, store.ErrFenced) {
		t.Errorf("an older leader takes up a letter: %v", err)
	}
	if r, err := w.Claim(t.Context(), later, second); err != nil || r.State != store.Sending || r.Try != 2 || r.Token != second {
		t.Errorf("the newer leader takes up %+v, %v", r, err)
	}
	// The newer one may come in the very moment between an older one's look and its batch.
	between := func(_ int, apply func() (store.Result, error)) (store.Result, error) {
		w.b.fail(nil)
		_, err := w.TakeWindow(t.Context(), j, 5, third, 1)
		must(t, err)
		return apply()
	}
	later = w.settle(t, j, old.Recipients[2], store.Outcome{State: store.Later, At: w.Now()})
	w.b.fail(between)
	if _, err := w.Claim(t.Context(), later, second); !errors.Is(err, store.ErrFenced) {
		t.Errorf("a leader fenced off in the middle takes up a letter: %v", err)
	}
	// Taking up a letter alone fences as well.
	j2 := w.opened(t, "k", store.JobReminder)
	one, err := w.TakeWindow(t.Context(), j2, 5, first, 1)
	must(t, err)
	later = w.settle(t, j2, one.Recipients[0], store.Outcome{State: store.Later, At: w.Now()})
	_, err = w.Claim(t.Context(), later, second)
	must(t, err)
	if _, err := w.TakeWindow(t.Context(), j2, 5, first, 1); !errors.Is(err, store.ErrFenced) {
		t.Errorf("an older leader takes a window after a newer one took up a letter: %v", err)
	}
	// A window that takes nobody, because all were taken already, has nothing but the cursor to be fenced by.
	j3 := w.opened(t, "l", store.JobReminder)
	if all, err := w.TakeWindow(t.Context(), j3, 5, first, 9); err != nil || len(all.Recipients) != 9 || all.End {
		t.Fatalf("a window of nine is %+v, %v", all, err)
	}
	w.b.fail(func(_ int, apply func() (store.Result, error)) (store.Result, error) {
		w.b.fail(nil)
		_, err := w.TakeWindow(t.Context(), j3, 5, third, 1)
		must(t, err)
		return apply()
	})
	if _, err := w.TakeWindow(t.Context(), j3, 5, second, 1); !errors.Is(err, store.ErrFenced) {
		t.Errorf("a leader fenced off in the middle ends the walk: %v", err)
	}
}

func lostAnswers(t *testing.T, w *world) {
	w.follow(t, 3)
	j := w.audience("j", "announce")
	w.b.fail(loseAnswers(1))
	must(t, w.OpenJob(t.Context(), j))
	var all []store.Recipient
	for _, shard := range store.JobShards(j) {
		w.b.fail(loseAnswers(1))
		window, err := w.TakeWindow(t.Context(), j, shard, first, 10)
		must(t, err)
		all = append(all, window.Recipients...)
	}
	if len(all) != 3 {
		t.Errorf("taken although the answers were lost: %v", persons(all))
	}
	for _, r := range all {
		w.b.fail(loseAnswers(1))
		w.settle(t, j, r, store.Outcome{State: store.Sent})
	}
	w.b.fail(nil)
	w.counts(t, store.Counts{Sent: 3})
}

func forgetsLetters(t *testing.T, w *world) {
	w.follow(t, 1)
	j := w.opened(t, "j", store.JobReminder)
	own := store.Job{ID: "reply:9", Kind: store.JobReply, Due: w.Now(), Audience: store.Audience{Person: 1000}, Content: []byte(`{"secret":1}`)}
	must(t, w.OpenJob(t.Context(), own))
	r := w.walk(t, j, first, 10)[0]
	must(t, w.Forget(t.Context(), 1000))
	if letters, err := w.LettersOf(t.Context(), 1000); err != nil || len(letters) != 0 {
		t.Errorf("letters of a forgotten person: %+v, %v", letters, err)
	}
	if diff := cmp.Diff([]store.JobID{"j"}, w.dueJobs(t)); diff != "" {
		t.Errorf("due jobs after forgetting (-want +got):\n%s", diff)
	}
	if now := w.settle(t, j, r, store.Outcome{State: store.Sent}); now.State != "" {
		t.Errorf("a letter in flight brings the forgotten person back: %+v", now)
	}
	w.at("2026-12-01 09:10")
	if due := w.dueLetters(t); len(due) != 0 {
		t.Errorf("due letters of a forgotten person: %+v", due)
	}
	if done, err := w.FinishJob(t.Context(), j); err != nil || !done {
		t.Errorf("the job waits for a forgotten person: %v, %v", done, err)
	}
}
