package remind_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot/remind"
	"recbot/store"
)

func daily(zone string) store.Digest  { return store.Digest{Kind: store.Daily, Zone: zone} }
func weekly(zone string) store.Digest { return store.Digest{Kind: store.Weekly, Zone: zone} }

func TestDueEditions(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		digest   store.Digest
		from, to string
		want     string // date, since when, in Tashkent; "" = nothing due
	}{
		{"At eight of the council's clock", daily(""), "2027-03-03 07:59", "2027-03-03 08:00", "2027-03-03 since 03-02 08:00"},
		{"A minute early", daily(""), "2027-03-03 07:58", "2027-03-03 07:59", ""},
		{"A minute later it was opened", daily(""), "2027-03-03 08:00", "2027-03-03 08:01", ""},
		{"In Bishkek an hour earlier", daily("Asia/Bishkek"), "2027-03-03 06:59", "2027-03-03 07:00", "2027-03-03 since 03-02 07:00"},
		{"By an offset", daily("+05:30"), "2027-03-03 07:29", "2027-03-03 07:30", "2027-03-03 since 03-02 07:30"},
		{"In New York it is the evening here", daily("America/New_York"), "2027-03-03 17:59", "2027-03-03 18:00", "2027-03-03 since 03-02 18:00"},
		{"When its clocks went forward the day before was an hour longer ago", daily("America/New_York"), "2027-03-14 16:59", "2027-03-14 17:00", "2027-03-14 since 03-13 18:00"},
		{"After an outage of hours", daily(""), "2027-03-03 07:00", "2027-03-03 19:59", "2027-03-03 since 03-02 08:00"},
		{"In the evening it is too late", daily(""), "2027-03-03 07:00", "2027-03-03 20:00", ""},
		{"After an outage of days only the last", daily(""), "2027-03-01 07:00", "2027-03-03 09:00", "2027-03-03 since 03-02 08:00"},
		{"On Monday the week", weekly(""), "2027-03-01 07:59", "2027-03-01 08:00", "2027-03-01 since 02-22 08:00"},
		{"On no other day", weekly(""), "2027-03-01 08:00", "2027-03-07 23:00", ""},
		{"On Tuesday afternoon the week is still worth reading", weekly(""), "2027-03-01 07:00", "2027-03-02 15:00", "2027-03-01 since 02-22 08:00"},
		{"On Wednesday not any more", weekly(""), "2027-03-01 07:00", "2027-03-03 09:00", ""},
		{"On Monday before eight nothing of the week before", weekly(""), "2027-02-22 09:00", "2027-03-01 07:59", ""},
		{"A zone that is none", daily("Asia/Nowhere"), "2027-03-03 00:00", "2027-03-04 00:00", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			for _, e := range remind.DueEditions([]store.Digest{tc.digest}, "Asia/Tashkent", at(tc.from), at(tc.to)) {
				got += e.Date + " since " + e.Before.In(at(tc.to).Location()).Format("01-02 15:04")
			}
			if got != tc.want {
				t.Errorf("due in (%s, %s]: got %q, want %q", tc.from, tc.to, got, tc.want)
			}
		})
	}
}

// TestNextEditionMeetsDue walks a month from instant to instant, across a change of the clocks, and finds what a walk by
// the minute finds.
func TestNextEditionMeetsDue(t *testing.T) {
	t.Parallel()
	inUse := []store.Digest{daily(""), daily("America/New_York"), weekly(""), weekly("Asia/Bishkek")}
	begin, end := at("2027-03-01 00:00"), at("2027-04-01 00:00")
	find := func(step func(now time.Time) time.Time) (all []string) {
		for now := begin; now.Before(end); {
			next := step(now)
			for _, e := range remind.DueEditions(inUse, "Asia/Tashkent", now, next) {
				all = append(all, fmt.Sprint(e.At.UTC(), e.Digest, e.Date))
			}
			now = next
		}
		slices.Sort(all)
		return all
	}
	walked := find(func(now time.Time) time.Time {
		next, ok := remind.NextEdition(inUse, "Asia/Tashkent", now)
		if !ok || !next.After(now) {
			t.Fatalf("after %s comes %s, %t", now, next, ok)
		}
		return next
	})
	swept := find(func(now time.Time) time.Time { return now.Add(time.Minute) })
	if diff := cmp.Diff(swept, walked[:min(len(swept), len(walked))]); diff != "" || len(swept) < 70 {
		t.Errorf("%d editions (-each minute +each instant):\n%s", len(swept), diff)
	}
	if _, ok := remind.NextEdition(nil, "Asia/Tashkent", begin); ok {
		t.Error("without digests there is a next one")
	}
}

// TestTickOpensDigests opens a digest once, with what was news since the one before.
func TestTickOpensDigests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.Greet(t.Context(), store.Newcomer(7, store.English, w.now)); err != nil {
		t.Fatal(err)
	}
	_, err := w.ChangePerson(t.Context(), 7, store.Cause{}, func(p *store.Person) error { return p.SetDigest(store.Daily, true) })
	if err != nil {
		t.Fatal(err)
	}
	s := remind.New(w.Store, remind.Options{Zone: "Asia/Tashkent"})
	for _, now := range []string{"2027-03-03 07:50", "2027-03-03 07:59", "2027-03-03 08:00", "2027-03-03 08:01"} {
		w.tick(t, s, now)
	}
	// Another leader looks at the same time again.
	w.tick(t, remind.New(w.Store, remind.Options{Zone: "Asia/Tashkent"}), "2027-03-03 08:02")
	if diff := cmp.Diff([]string{"digest:daily:2027-03-03:"}, w.opened(t)); diff != "" {
		t.Errorf("opened (-want +got):\n%s", diff)
	}
}
