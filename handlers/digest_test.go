package handlers_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/bot/council"
	"recbot/store"
)

// digestJob is the job of a digest on a date, for those who use the council's clock.
func digestJob(t *testing.T, kind store.DigestKind, date string, news ...store.News) store.Job {
	t.Helper()
	content, err := json.Marshal(store.DigestContent{Date: date, News: news})
	if err != nil {
		t.Fatal(err)
	}
	d := store.Digest{Kind: kind}
	return store.Job{ID: store.DigestID(d, date), Kind: store.JobDigest, Audience: store.Audience{Digest: d}, Content: content, Due: clock(t, date+" 08:00")}
}

// TestDigestSkips asks who gets no digest: the workshop of the examples is on 9 December.
func TestDigestSkips(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	for i, tc := range []struct {
		name   string
		kind   store.DigestKind
		date   string
		change func(*store.Person)
		want   string // "" = they get it
	}{
		{"On the day before", store.Daily, "2026-12-08", nil, ""},
		{"On the day itself", store.Daily, "2026-12-09", nil, ""},
		{"Two days before it is not near enough", store.Daily, "2026-12-07", func(p *store.Person) { p.Digests = []store.DigestKind{store.Daily} }, "nothing to tell"},
		{"In the week before the weekly one is enough", store.Weekly, "2026-12-07", nil, ""},
		{"On a Monday it stands for the daily one", store.Daily, "2026-12-07", nil, "weekly"},
		{"Two weeks before there is nothing", store.Weekly, "2026-11-23", nil, "nothing to tell"},
		{"Who did not choose it", store.Daily, "2026-12-08", func(p *store.Person) { p.Digests = nil }, "not wanted"},
		{"Who chose the other one", store.Daily, "2026-12-08", func(p *store.Person) { p.Digests = []store.DigestKind{store.Weekly} }, "not wanted"},
		{"Who muted everything", store.Daily, "2026-12-08", func(p *store.Person) { p.Muted = true }, "muted"},
		{"Who muted the only meeting", store.Daily, "2026-12-08", func(p *store.Person) { p.MutedOnes = []store.MeetingID{"ex-workshop"} }, "nothing to tell"},
		{"Who follows something else", store.Daily, "2026-12-08", func(p *store.Person) { p.Topics = []store.Topic{"rec"} }, "nothing to tell"},
		{"Who has another clock since", store.Daily, "2026-12-08", func(p *store.Person) { p.Zone = "Asia/Bishkek" }, "another zone"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := s.person(store.PersonID(i+1), store.English, func(p *store.Person) {
				p.Topics, p.Digests = []store.Topic{"wg-b"}, store.DigestKinds
				if tc.change != nil {
					tc.change(p)
				}
			})
			s.now = clock(t, tc.date+" 08:00")
			reply, why := s.compose(digestJob(t, tc.kind, tc.date), p)
			if reply != nil {
				why = ""
			}
			if why != tc.want {
				t.Errorf("got %q, want %q", why, tc.want)
			}
		})
	}
}

// TestDigestOnce moves somebody to another zone after their digest: eight o'clock comes again there, the digest does not.
func TestDigestOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	p := s.person(1, store.English, func(p *store.Person) {
		p.Topics, p.Digests, p.Zone = []store.Topic{"wg-b"}, []store.DigestKind{store.Daily}, "Asia/Bishkek"
	})
	s.now = clock(t, "2026-12-08 07:00")
	first := digestJob(t, store.Daily, "2026-12-08")
	first.Audience.Digest.Zone = p.Zone
	first.ID = store.DigestID(first.Audience.Digest, "2026-12-08")
	s.tell(first, p)
	p.Zone = ""
	s.now = clock(t, "2026-12-08 08:00")
	if reply, why := s.compose(digestJob(t, store.Daily, "2026-12-08"), p); reply != nil || why != "told already" {
		t.Errorf("got %q, want it skipped as told already", why)
	}
	s.now = clock(t, "2026-12-09 08:00")
	if reply, why := s.compose(digestJob(t, store.Daily, "2026-12-09"), p); reply == nil {
		t.Errorf("the next day: got %q, want the digest", why)
	}
}

// tell plays a job's letter to a person through the ledger.
func (s *stage) tell(job store.Job, p store.Person) {
	s.t.Helper()
	ctx := s.t.Context()
	if err := s.store.OpenJob(ctx, job); err != nil {
		s.t.Fatal(err)
	}
	window, err := s.store.TakeWindow(ctx, job, store.ShardOf(store.ChatID(p.ID)), 1, 10)
	if err != nil || len(window.Recipients) != 1 {
		s.t.Fatalf("took %d, %v", len(window.Recipients), err)
	}
	if _, err := s.store.SettleLetter(ctx, job.Kind, window.Recipients[0], store.Outcome{State: store.Sent, Message: 5}); err != nil {
		s.t.Fatal(err)
	}
}

// TestDigestKeys asks that equal keys mean equal digests, and that many meetings stay readable.
func TestDigestKeys(t *testing.T) {
	t.Parallel()
	var many []store.Meeting
	for i := range 12 {
		m := example(t, "ex-workshop", func(m *store.Meeting) {
			m.ID, m.Name = store.MeetingID(fmt.Sprintf("many-%02d", i)), store.Text{store.English: fmt.Sprintf("Meeting %d", i)}
		})
		m.UID = string(m.ID)
		many = append(many, m)
	}
	s := newStage(t, many...)
	get := func(id store.PersonID, topics ...store.Topic) (store.Person, string, string) {
		p := s.person(id, store.English, func(p *store.Person) { p.Topics, p.Digests = topics, []store.DigestKind{store.Daily} })
		reply, key := s.compose(digestJob(t, store.Daily, "2026-12-08"), p)
		if reply == nil {
			t.Fatalf("skipped: %s", key)
		}
		return p, s.read(p, reply), key
	}
	s.now = clock(t, "2026-12-08 08:00")
	_, all, key := get(1, store.TopicAll)
	_, same, sameKey := get(2, "wg-b")
	_, one, oneKey := get(3, store.TopicOf("many-03"))
	if diff := cmp.Diff(all, same); diff != "" || key != sameKey {
		t.Errorf("two ways to follow the same meetings give two digests, %q and %q:\n%s", key, sameKey, diff)
	}
	if one == all || oneKey == key {
		t.Errorf("who follows one meeting shares the digest of all: %q", key)
	}
	if !strings.Contains(all, "Meeting 7") || strings.Contains(all, "Meeting 8") || !strings.Contains(all, "and 4 meetings more") {
		t.Errorf("of twelve meetings eight are to be listed and four counted; got\n%s", all)
	}
}

func TestDigestsInMyData(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.person(1, store.English, nil)
	if got := s.read(p, s.command(p, "mydata", "")); strings.Contains(got, "Digests") {
		t.Errorf("of who chose none: got\n%s", got)
	}
	p = s.person(2, store.English, func(p *store.Person) { p.Digests = store.DigestKinds })
	if got := s.read(p, s.command(p, "mydata", "")); !strings.Contains(got, "Digests: daily, weekly.") {
		t.Errorf("of who chose both: got\n%s", got)
	}
	muted := s.person(3, store.English, func(p *store.Person) { p.Muted = true })
	if got := s.read(muted, s.press(muted, "di:daily:1")); !strings.Contains(got, "(Reminders, digests and announcements are muted") || !strings.Contains(got, "☑ Daily digest") {
		t.Errorf("of who muted everything: got\n%s", got)
	}
	if got := s.read(p, s.press(p, "di:hourly:1")); !strings.Contains(got, "☑ Weekly digest") {
		t.Errorf("a button that no message has: got\n%s", got)
	}
}
