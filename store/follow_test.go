package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

var bodies = []string{"rec", "exec", "wg-a", "wg-b"}

func TestFollow(t *testing.T) {
	t.Parallel()
	type step struct {
		topic store.Topic
		on    bool
	}
	for _, tc := range []struct {
		name  string
		has   []store.Topic
		steps []step
		want  []store.Topic
	}{
		{"A body is added", []store.Topic{"rec"}, []step{{"wg-b", true}}, []store.Topic{"rec", "wg-b"}},
		{"Following twice is following once", []store.Topic{"rec"}, []step{{"rec", true}, {"rec", true}}, []store.Topic{"rec"}},
		{"Unfollowing what is not followed changes nothing", []store.Topic{"rec"}, []step{{"wg-b", false}}, []store.Topic{"rec"}},
		{"The Council can be left", []store.Topic{"rec"}, []step{{"rec", false}}, nil},
		{"All stands beside what was chosen", []store.Topic{"rec"}, []step{{"all", true}}, []store.Topic{"rec", "all"}},
		{"Leaving All leaves what was chosen", []store.Topic{"rec", "all"}, []step{{"all", false}}, []store.Topic{"rec"}},
		{"A body under All is covered already", []store.Topic{"all"}, []step{{"wg-b", true}}, []store.Topic{"all"}},
		{"A body unticked under All leaves the others", []store.Topic{"all"}, []step{{"wg-b", false}}, []store.Topic{"rec", "exec", "wg-a"}},
		{"The Council unticked under All leaves the bodies", []store.Topic{"rec", "all"}, []step{{"rec", false}}, []store.Topic{"exec", "wg-a", "wg-b"}},
		{"A single meeting stays when a body is unticked under All", []store.Topic{"all", "m.x"}, []step{{"wg-a", false}}, []store.Topic{"m.x", "rec", "exec", "wg-b"}},
		{"A single meeting is followed although All reaches it", []store.Topic{"all"}, []step{{"m.x", true}}, []store.Topic{"all", "m.x"}},
		{"A single meeting unticked leaves All alone", []store.Topic{"all", "m.x"}, []step{{"m.x", false}}, []store.Topic{"all"}},
		{"The same button pressed twice under All is pressed once", []store.Topic{"all"}, []step{{"wg-b", false}, {"wg-b", false}}, []store.Topic{"rec", "exec", "wg-a"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := store.Person{Topics: tc.has}
			for _, s := range tc.steps {
				if err := p.Follow(s.topic, s.on, bodies); err != nil {
					t.Fatalf("follow %q %t: %v", s.topic, s.on, err)
				}
			}
			if diff := cmp.Diff(asSet(tc.want), asSet(p.Topics)); diff != "" {
				t.Errorf("topics (-want +got):\n%s", diff)
			}
		})
	}
}

func asSet(topics []store.Topic) map[store.Topic]int {
	set := map[store.Topic]int{}
	for _, t := range topics {
		set[t]++
	}
	return set
}

func TestFollowTooManyMeetings(t *testing.T) {
	t.Parallel()
	p := store.Person{Topics: []store.Topic{"rec", "all"}}
	for i := range store.MaxMeetingTopics {
		if err := p.Follow(store.TopicOf(store.MeetingID(fmt.Sprintf("m-%d", i))), true, bodies); err != nil {
			t.Fatalf("meeting %d: %v", i, err)
		}
	}
	if err := p.Follow("m.one-more", true, bodies); !errors.Is(err, store.ErrTooMany) {
		t.Errorf("one more: got %v, want ErrTooMany", err)
	}
	if err := p.Follow("m.m-3", true, bodies); err != nil {
		t.Errorf("one that is followed already: %v", err)
	}
	if err := p.Follow("wg-a", true, bodies); err != nil {
		t.Errorf("a body: %v", err)
	}
	if got, want := len(p.Topics), 2+store.MaxMeetingTopics; got != want {
		t.Errorf("topics: got %d, want %d", got, want)
	}
}

func TestFollowEndsMute(t *testing.T) {
	t.Parallel()
	p := store.Person{}
	p.MuteMeeting("x", true)
	p.MuteMeeting("x", true)
	p.MuteMeeting("y", true)
	if diff := cmp.Diff([]store.MeetingID{"x", "y"}, p.MutedOnes); diff != "" {
		t.Errorf("muted (-want +got):\n%s", diff)
	}
	if err := p.Follow("m.x", true, bodies); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]store.MeetingID{"y"}, p.MutedOnes); diff != "" {
		t.Errorf("muted after following (-want +got):\n%s", diff)
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		has   []store.Topic
		topic store.Topic
		want  bool
	}{
		{"A body that was chosen", []store.Topic{"wg-a"}, "wg-a", true},
		{"Another body", []store.Topic{"wg-a"}, "wg-b", false},
		{"Any body under All", []store.Topic{"all"}, "wg-z", true},
		{"The Council under All", []store.Topic{"all"}, "rec", true},
		{"A single meeting only by itself", []store.Topic{"all"}, "m.x", false},
		{"All itself is not the sum of the bodies", []store.Topic{"rec", "exec", "wg-a", "wg-b"}, "all", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := (store.Person{Topics: tc.has}).Covers(tc.topic); got != tc.want {
				t.Errorf("covers %q: got %t, want %t", tc.topic, got, tc.want)
			}
		})
	}
}

func TestSetLead(t *testing.T) {
	t.Parallel()
	p := store.Newcomer(1, store.Uzbek, time.Now())
	for _, l := range []store.Lead{store.LeadWeek, store.Lead15Min, store.LeadWeek} {
		if err := p.SetLead(l, true); err != nil {
			t.Fatalf("lead %d: %v", l, err)
		}
	}
	want := []store.Lead{store.LeadWeek, store.LeadDay, store.LeadHour, store.Lead15Min}
	if diff := cmp.Diff(want, p.Leads); diff != "" {
		t.Errorf("leads (-want +got):\n%s", diff)
	}
	if err := p.SetLead(30, true); !errors.Is(err, store.ErrTooMany) {
		t.Errorf("a fifth lead: got %v, want ErrTooMany", err)
	}
	if err := p.SetLead(store.LeadDay, false); err != nil {
		t.Fatal(err)
	}
	if err := p.SetLead(47, true); err == nil || errors.Is(err, store.ErrTooMany) {
		t.Errorf("47 minutes: got %v, want an error of its own", err)
	}
	if diff := cmp.Diff([]store.Lead{store.LeadWeek, store.LeadHour, store.Lead15Min}, p.Leads); diff != "" {
		t.Errorf("leads after refusals (-want +got):\n%s", diff)
	}
}
