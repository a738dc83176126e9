package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// indexes are all in which the persons of these tests can stand.
var indexes = []string{
	"everybody", "role:guest", "role:delegate", "role:owner", "member:wg-a", "member:wg-b",
	"topic:all", "topic:rec", "topic:wg-b", "lead:rec:1440", "lead:rec:60", "lead:wg-b:1440", "lead:wg-b:60", "lead:wg-b:15",
}

func TestPersonIndexes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(*store.Person)
		want   []string
	}{
		{"A newcomer follows the Council with two leads", func(*store.Person) {},
			[]string{"everybody", "role:guest", "topic:rec", "lead:rec:1440", "lead:rec:60"}},
		{"Every topic is joined with every lead", func(p *store.Person) { p.Topics, p.Leads = []store.Topic{"wg-b"}, []store.Lead{15, 60} },
			[]string{"everybody", "role:guest", "topic:wg-b", "lead:wg-b:60", "lead:wg-b:15"}},
		{"Role and membership have indexes of their own", func(p *store.Person) { p.Role, p.MemberOf, p.Leads = store.Delegate, []string{"wg-a"}, nil },
			[]string{"everybody", "role:delegate", "member:wg-a", "topic:rec"}},
		{"Who stopped stands in none of the topics", func(p *store.Person) { p.Stopped, p.MemberOf = true, []string{"wg-b"} },
			[]string{"everybody", "role:guest", "member:wg-b"}},
		{"Who blocked the bot stands in none of the topics", func(p *store.Person) { p.Unreachable = "blocked" },
			[]string{"everybody", "role:guest"}},
		{"Who is muted stands in all, for changes still come", func(p *store.Person) { p.Muted = true },
			[]string{"everybody", "role:guest", "topic:rec", "lead:rec:1440", "lead:rec:60"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			greeted := w.greet(t, 7, tc.change)
			if diff := cmp.Diff(tc.want, w.stands(t, 7, indexes...)); diff != "" {
				t.Errorf("a newcomer stands in (-want +got):\n%s", diff)
			}

			// The way there by a change of the record ends in the same indexes.
			w.greet(t, 8, func(p *store.Person) { p.Role, p.Topics = store.Owner, []store.Topic{"all", "wg-b"} })
			changed, err := w.ChangePerson(t.Context(), 8, store.Cause{}, func(p *store.Person) error {
				*p = store.Newcomer(8, store.Uzbek, w.Now())
				tc.change(p)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, w.stands(t, 8, indexes...)); diff != "" {
				t.Errorf("who was changed stands in (-want +got):\n%s", diff)
			}
			changed.ID, changed.Rev = greeted.ID, greeted.Rev
			if diff := cmp.Diff(greeted, changed); diff != "" {
				t.Errorf("records differ (-greeted +changed):\n%s", diff)
			}

			if err := w.Forget(t.Context(), 8); err != nil {
				t.Fatal(err)
			}
			if got := w.stands(t, 8, indexes...); got != nil {
				t.Errorf("who was forgotten still stands in %q", got)
			}
		})
	}
}

func TestPersonRoundTrip(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.Person(t.Context(), 7); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("before the first word: got %v, want ErrNotFound", err)
	}
	if _, err := w.ChangePerson(t.Context(), 7, store.Cause{}, func(*store.Person) error { return nil }); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("change before the first word: got %v, want ErrNotFound", err)
	}
	want := w.greet(t, 7, func(p *store.Person) {
		p.Zone, p.Coordinates, p.GoneSince = "+06:00", []string{"wg-b"}, w.Now().UTC()
		p.MutedOnes = []store.MeetingID{"x"}
	})
	got, err := w.Person(t.Context(), 7)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("person read (-greeted +read):\n%s", diff)
	}
	again := w.greet(t, 7, func(p *store.Person) { p.Language = store.Russian })
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("greeted twice (-first +second):\n%s", diff)
	}
}

func TestPeopleOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	shard := store.ShardOf(1)
	var there []store.PersonID
	for id := store.PersonID(1); len(there) < 5; id++ {
		if store.ShardOf(store.ChatID(id)) == shard {
			there = append(there, id)
			w.greet(t, id, nil)
		}
	}
	before := w.b.reads()
	people, err := w.PeopleOf(t.Context(), shard, append(there, 999_999)...)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.b.reads() - before; got != 1 {
		t.Errorf("asked the store %d times, want once", got)
	}
	if len(people) != len(there) {
		t.Errorf("got %d persons, want %d", len(people), len(there))
	}
	for _, id := range there {
		if people[id].ID != id {
			t.Errorf("person %d: got %d", id, people[id].ID)
		}
	}
	if none, err := w.PeopleOf(t.Context(), shard); err != nil || len(none) != 0 {
		t.Errorf("of nobody: got %v, %v", none, err)
	}
}

func TestChangePersonOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.greet(t, 7, nil)
	add := func(p *store.Person) error {
		p.MemberOf = append(p.MemberOf, fmt.Sprintf("b-%d", len(p.MemberOf)))
		return nil
	}
	for _, step := range []struct {
		name string
		by   store.Cause
		want int
	}{
		{"An update makes its effect", store.Cause{Update: 100, Step: "join"}, 1},
		{"The same update comes again and makes none", store.Cause{Update: 100, Step: "join"}, 1},
		{"Another step of it makes its own", store.Cause{Update: 100, Step: "more"}, 2},
		{"Another update makes the same one", store.Cause{Update: 101, Step: "join"}, 3},
		{"What has no cause is always made", store.Cause{}, 4},
		{"And made again", store.Cause{}, 5},
	} {
		p, err := w.ChangePerson(t.Context(), 7, step.by, add)
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if len(p.MemberOf) != step.want {
			t.Errorf("%s: got %d bodies, want %d", step.name, len(p.MemberOf), step.want)
		}
		stored, err := w.Person(t.Context(), 7)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(stored, p); diff != "" {
			t.Errorf("%s: returned another record than is stored (-stored +returned):\n%s", step.name, diff)
		}
	}
}

func TestChangePersonRefusals(t *testing.T) {
	t.Parallel()
	sentinel := errors.New("no")
	for _, tc := range []struct {
		name   string
		change func(*store.Person) error
		want   error
	}{
		{"An error of the change is given back", func(p *store.Person) error { p.Muted = true; return sentinel }, sentinel},
		{"Five leads are too many", func(p *store.Person) error { p.Leads = []store.Lead{5, 10, 15, 20, 25}; return nil }, store.ErrTooMany},
		{"Sixteen meetings are too many", func(p *store.Person) error {
			for i := range 16 {
				p.Topics = append(p.Topics, store.TopicOf(store.MeetingID(fmt.Sprint(i))))
			}
			return nil
		}, store.ErrTooMany},
		{"A lead of a minute is none", func(p *store.Person) error { p.Leads = []store.Lead{1}; return nil }, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			before := w.greet(t, 7, nil)
			_, err := w.ChangePerson(t.Context(), 7, store.Cause{Update: 1, Step: "x"}, tc.change)
			if err == nil || tc.want != nil && !errors.Is(err, tc.want) {
				t.Errorf("got error %v, want %v", err, tc.want)
			}
			after, err := w.Person(t.Context(), 7)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("something was stored (-before +after):\n%s", diff)
			}
			p, err := w.ChangePerson(t.Context(), 7, store.Cause{Update: 1, Step: "x"}, func(p *store.Person) error { p.Muted = true; return nil })
			if err != nil || !p.Muted {
				t.Errorf("the refused cause does not make its effect later: muted %t, %v", p.Muted, err)
			}
		})
	}
}

func TestChangePersonLeavesNothingWhereNothingChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.greet(t, 7, nil)
	after, err := w.ChangePerson(t.Context(), 7, store.Cause{}, func(p *store.Person) error { return p.Follow("rec", true, nil) })
	if err != nil {
		t.Fatal(err)
	}
	if after.Rev != before.Rev {
		t.Errorf("written anew although nothing is different: revision %d, then %d", before.Rev, after.Rev)
	}
}

// TestChangePersonTogether lets many change one record at once: every change stands there in the end, in the record and
// in the indexes.
func TestChangePersonTogether(t *testing.T) {
	t.Parallel()
	changeTogether(t, newWorld(t))
}

func changeTogether(t *testing.T, w *world) {
	w.greet(t, 7, nil)
	const writers = 16
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			_, err := w.ChangePerson(context.Background(), 7, store.Cause{Update: store.UpdateID(i + 1), Step: "x"}, func(p *store.Person) error {
				return p.Follow(store.Topic(fmt.Sprintf("b-%d", i)), true, nil)
			})
			if err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	p, err := w.Person(t.Context(), 7)
	if err != nil {
		t.Fatal(err)
	}
	for i := range writers {
		body := fmt.Sprintf("b-%d", i)
		if !p.Follows(store.Topic(body)) || len(w.stands(t, 7, "topic:"+body)) == 0 {
			t.Errorf("the follow of %s is lost", body)
		}
	}
}

func TestChangePersonLostAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.greet(t, 7, nil)
	calls := 0
	w.b.fail(loseAnswers(2))
	p, err := w.ChangePerson(t.Context(), 7, store.Cause{}, func(p *store.Person) error {
		calls++
		p.MemberOf = append(p.MemberOf, fmt.Sprintf("b-%d", len(p.MemberOf)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.MemberOf) != 1 || calls != 1 {
		t.Errorf("made %d times, decided %d times; want once each", len(p.MemberOf), calls)
	}

	w.b.fail(loseAnswers(1000))
	if _, err := w.ChangePerson(t.Context(), 7, store.Cause{}, func(p *store.Person) error { p.Muted = true; return nil }); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("with every answer lost: got %v, want ErrUnknown", err)
	}
}

func TestChangePersonEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.greet(t, 7, nil)
	ctx, cancel := context.WithCancel(t.Context())
	w.b.fail(func(int, func() (store.Result, error)) (store.Result, error) {
		cancel()
		return store.Result{}, store.ErrConflict
	})
	_, err := w.ChangePerson(ctx, 7, store.Cause{}, func(p *store.Person) error { p.Muted = true; return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// Quiet hours are written only where they are not the default ones, and read as they were either way.
func TestQuietHoursAreKept(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		quiet store.Quiet
		says  bool // of the record
	}{
		{"The default ones go without saying", store.DefaultQuiet, false},
		{"A span of no length is written", store.Quiet{}, true},
		{"Hours that were switched off keep their span", store.Quiet{Off: true, From: store.DefaultQuiet.From, To: store.DefaultQuiet.To}, true},
		{"Own ones are written", store.Quiet{From: 60, To: 120}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			want := w.greet(t, 7, func(p *store.Person) { p.Quiet = tc.quiet })
			docs, err := w.b.Get(t.Context(), store.ShardOf(7), "person:7")
			if err != nil {
				t.Fatal(err)
			}
			if says := strings.Contains(string(docs[0].Value), `"quiet"`); says != tc.says {
				t.Errorf("the record says so: %t, want %t: %s", says, tc.says, docs[0].Value)
			}
			got, err := w.Person(t.Context(), 7)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}
