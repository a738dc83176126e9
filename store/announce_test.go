package store_test

import (
	"errors"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// audiences counts and walks the same people.
func audiences(t *testing.T, w *world) {
	change := map[store.PersonID]func(*store.Person){
		1: func(p *store.Person) { p.MemberOf, p.Topics = []string{"wg-b"}, []store.Topic{"wg-b"} },
		2: func(p *store.Person) { p.Topics, p.Language = []store.Topic{"wg-b"}, store.Russian },
		3: func(p *store.Person) { p.Topics = []store.Topic{store.TopicAll} },
		4: func(p *store.Person) { p.Topics, p.Muted = []store.Topic{"wg-b"}, true },
		5: func(p *store.Person) { p.MemberOf, p.Stopped = []string{"wg-b"}, true },
		6: func(p *store.Person) { p.Role, p.Topics = store.Delegate, nil },
	}
	for id, f := range change {
		w.greet(t, id, f)
	}
	for _, tc := range []struct {
		name string
		of   store.Audience
		sees func(store.Person) bool
		want map[store.Lang]int
	}{
		{"everybody who takes messages", store.Audience{Everybody: true}, nil, map[store.Lang]int{store.Uzbek: 3, store.Russian: 1}},
		{"members, but for who stopped", store.Audience{Members: []string{"wg-b"}}, nil, map[store.Lang]int{store.Uzbek: 1}},
		{"followers by two topics are counted once", store.Audience{Topics: []store.Topic{"wg-b", store.TopicAll}}, nil, map[store.Lang]int{store.Uzbek: 2, store.Russian: 1}},
		{"a role", store.Audience{Roles: []store.Role{store.Delegate}}, nil, map[store.Lang]int{store.Uzbek: 1}},
		{"who was never given a role is a guest", store.Audience{Roles: []store.Role{store.Guest}}, nil, map[store.Lang]int{store.Uzbek: 2, store.Russian: 1}},
		{"members or followers, each once", store.Audience{Members: []string{"wg-b"}, Topics: []store.Topic{"wg-b"}}, nil, map[store.Lang]int{store.Uzbek: 1, store.Russian: 1}},
		{"readers of one language", store.Audience{Everybody: true, Languages: []store.Lang{store.Russian}}, nil, map[store.Lang]int{store.Russian: 1}},
		{"those who may see it", store.Audience{Everybody: true}, func(p store.Person) bool { return p.ID == 1 }, map[store.Lang]int{store.Uzbek: 1}},
		{"nobody", store.Audience{}, nil, map[store.Lang]int{}},
	} {
		heads, err := w.CountAudience(t.Context(), tc.of, tc.sees)
		must(t, err)
		if diff := cmp.Diff(tc.want, heads.ByLang); diff != "" || heads.More {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
	j := store.Job{ID: "announce:a", Kind: store.JobAnnounce, Audience: store.Audience{Everybody: true}, Opened: w.Now(), Due: w.Now()}
	must(t, w.OpenJob(t.Context(), j))
	if got := len(w.walk(t, j, first, 10)); got != len(change) {
		t.Errorf("walked over %d of %d: who is not told is left out when their letter is composed", got, len(change))
	}
}

// toldAndSwept keeps whom an announcement went to for 48 h after its end.
func toldAndSwept(t *testing.T, w *world) {
	w.follow(t, 3)
	j := w.opened(t, "announce:a", store.JobAnnounce)
	rs := w.walk(t, j, first, 10)
	for _, r := range rs {
		w.settle(t, j, r, store.Outcome{State: store.Sent, Message: 7})
	}
	if c, over, err := w.JobProgress(t.Context(), j); err != nil || !over || c.Sent != 3 {
		t.Errorf("before it is finished: %+v, %v, %v", c, over, err)
	}
	_, err := w.FinishJob(t.Context(), j)
	must(t, err)
	if c, over, err := w.JobProgress(t.Context(), j); err != nil || !over || c.Sent != 3 {
		t.Errorf("finished: %+v, %v, %v", c, over, err)
	}
	told := store.Audience{Of: j.ID}
	count := func(want int) {
		t.Helper()
		heads, err := w.CountAudience(t.Context(), told, nil)
		if err != nil || heads.N != want {
			t.Errorf("told are %d, %v, want %d", heads.N, err, want)
		}
	}
	count(3)
	letters, _, err := w.Told(t.Context(), []store.JobID{j.ID}, 100)
	must(t, err)
	if some, more, err := w.Told(t.Context(), []store.JobID{j.ID}, 1); err != nil || len(some) == 0 || !more {
		t.Errorf("of some are kept %d letters, more %v, %v", len(some), more, err)
	}
	for _, r := range letters {
		if r.State != store.Sent || r.Message != 7 {
			t.Errorf("of a letter that was sent is kept %+v", r)
		}
	}
	if len(letters) != 3 {
		t.Errorf("kept are %d letters", len(letters))
	}
	holders := func(want int, jobs ...store.JobID) {
		t.Helper()
		heads, err := w.CountHolders(t.Context(), jobs, nil)
		if err != nil || heads.N != want {
			t.Errorf("a message of %q have %d, %v, want %d", jobs, heads.N, err, want)
		}
	}
	holders(3, j.ID)
	holders(3, "announce:another", j.ID)
	holders(0, "announce:another")
	holders(0)
	must(t, w.Forget(t.Context(), rs[0].Person))
	count(2)
	if in := w.stands(t, rs[0].Person, store.OfIndex(j.ID)); len(in) > 0 {
		t.Error("who was forgotten still stands among those who were told")
	}
	must(t, w.SweepTold(t.Context()))
	count(2)
	w.at("2026-12-03 09:01")
	must(t, w.SweepTold(t.Context()))
	count(0)
}

// drafts changes and lists drafts.
func drafts(t *testing.T, w *world) {
	ctx := t.Context()
	w.greet(t, 1, func(p *store.Person) { p.Role = store.Organizer })
	a, err := w.NewDraft(ctx, store.Draft{ID: "a", By: 1, Texts: store.Text{store.Uzbek: "x"}})
	must(t, err)
	must1(w.ChangeDraft(ctx, a.ID, func(d *store.Draft) error { d.N = 5; return nil }))(t)
	if again, err := w.NewDraft(ctx, store.Draft{ID: "a", By: 2}); err != nil || again.By != 1 || again.N != 5 {
		t.Errorf("begun twice it is another one: %+v, %v", again, err)
	}
	refused := errors.New("no")
	if _, err := w.ChangeDraft(ctx, a.ID, func(*store.Draft) error { return refused }); !errors.Is(err, refused) {
		t.Errorf("the error of a change is %v", err)
	}
	if _, err := w.ChangeDraft(ctx, "b", func(*store.Draft) error { return nil }); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a draft that is not there: %v", err)
	}
	must1(w.NewDraft(ctx, store.Draft{ID: "b", By: 2, Due: w.Now(), Approved: 1}))(t)
	list := func(want ...store.DraftID) {
		t.Helper()
		all, err := w.Drafts(ctx)
		must(t, err)
		var got []store.DraftID
		for _, d := range all {
			got = append(got, d.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("drafts (-want +got):\n%s", diff)
		}
	}
	list("a", "b")

	same := a
	same.ID = "c"
	if _, yes, err := w.SaidBefore(ctx, same); yes || err != nil {
		t.Errorf("said before anything was: %v, %v", yes, err)
	}
	must(t, w.NoteSaid(ctx, a))
	if _, yes, err := w.SaidBefore(ctx, a); yes || err != nil {
		t.Errorf("a draft repeats itself: %v, %v", yes, err)
	}
	if at, yes, err := w.SaidBefore(ctx, same); !yes || err != nil || !at.Equal(w.Now()) {
		t.Errorf("the same again: %v at %s, %v", yes, at, err)
	}
	anew := func(id string) store.Draft {
		d := same
		d.ID, d.File = store.DraftID(id), &store.DraftFile{ID: id, Name: "agenda.pdf"}
		return d
	}
	if _, yes, err := w.SaidBefore(ctx, anew("f1")); yes || err != nil {
		t.Errorf("the same with a file: %v, %v", yes, err)
	}
	must(t, w.NoteSaid(ctx, anew("f1")))
	if _, yes, err := w.SaidBefore(ctx, anew("f2")); !yes || err != nil {
		t.Errorf("the same with the same file, sent to the bot anew: %v, %v", yes, err)
	}
	elsewhere := same
	elsewhere.Meeting = "m"
	if _, yes, err := w.SaidBefore(ctx, elsewhere); yes || err != nil {
		t.Errorf("the same to the followers of a meeting: %v, %v", yes, err)
	}
	must(t, w.Unsay(ctx, same))
	if _, yes, err := w.SaidBefore(ctx, same); !yes || err != nil {
		t.Errorf("what one draft takes back another one has still said: %v, %v", yes, err)
	}
	must(t, w.Unsay(ctx, a))
	if _, yes, err := w.SaidBefore(ctx, same); yes || err != nil {
		t.Errorf("the same after it was taken back: %v, %v", yes, err)
	}
	must(t, w.NoteSaid(ctx, a))
	w.at("2026-12-01 09:10")
	if _, yes, err := w.SaidBefore(ctx, same); yes || err != nil {
		t.Errorf("the same after 10 minutes: %v, %v", yes, err)
	}

	must(t, w.Forget(ctx, 1))
	list("b")
	if b, err := w.Draft(ctx, "b"); err != nil || b.Approved == 1 {
		t.Errorf("who approved it is not forgotten: %+v, %v", b, err)
	}
	must(t, w.DropDraft(ctx, "b"))
	list()

	for i := range store.MaxOperations + 1 { // more than are read at once
		must1(w.NewDraft(ctx, store.Draft{ID: store.DraftID("n" + strconv.Itoa(i)), By: 2}))(t)
	}
	if all, err := w.Drafts(ctx); err != nil || len(all) != store.MaxOperations+1 {
		t.Errorf("of many drafts %d are listed, %v", len(all), err)
	}
}

func must1[T any](_ T, err error) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		must(t, err)
	}
}

func TestAnnounceID(t *testing.T) {
	t.Parallel()
	if got := store.AnnounceID("a", 1); got != "announce:a" {
		t.Errorf("the first round is %q", got)
	}
	if got := store.AnnounceID("a", 2); got != "announce:a:2" {
		t.Errorf("the second round is %q", got)
	}
}
