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

const (
	quarter = store.Lead15Min
	hour    = store.LeadHour
	day     = store.LeadDay
	week    = store.LeadWeek
)

// at reads a time of Tashkent (+05:00), or of the offset that is given.
func at(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04 -07:00", s)
	if err != nil {
		t, err = time.ParseInLocation("2006-01-02 15:04", s, time.FixedZone("+05", 5*60*60))
	}
	if err != nil {
		panic(err)
	}
	return t
}

// on makes a meeting of two hours, "2026-12-09 10:00" or "2026-12-09" for a whole day, in Tashkent.
func on(id, start string, change ...func(*store.Meeting)) store.Meeting {
	m := store.Meeting{
		ID: store.MeetingID(id), Bodies: []string{"wg-b"}, Date: start[:10], Zone: "Asia/Tashkent",
		Attendance: store.Online, Status: store.Confirmed, Visibility: store.Public,
	}
	if len(start) > 10 {
		m.StartHour, m.EndHour = start[11:], "23:30"
	}
	for _, c := range change {
		c(&m)
	}
	return m
}

func in(zone string) func(*store.Meeting) { return func(m *store.Meeting) { m.Zone = zone } }

func status(s store.Status) func(*store.Meeting) { return func(m *store.Meeting) { m.Status = s } }

func startSet(s string) func(*store.Meeting) {
	return func(m *store.Meeting) { m.StartSet = at(s) }
}

func TestDue(t *testing.T) {
	t.Parallel()
	timed := []store.Meeting{on("x", "2026-12-09 10:00")}
	whole := []store.Meeting{on("x", "2026-12-09")}
	with := func(change func(*store.Meeting)) []store.Meeting {
		return []store.Meeting{on("x", "2026-12-09 10:00", change)}
	}
	all := []store.Lead{week, day, hour, quarter}
	for _, tc := range []struct {
		name     string
		meetings []store.Meeting
		leads    []store.Lead
		from, to string
		want     []string // id, lead in minutes, instant in Tashkent
	}{
		{"A minute too early", timed, all, "2026-12-08 09:58", "2026-12-08 09:59", nil},
		{"A day before, to the minute", timed, all, "2026-12-08 09:59", "2026-12-08 10:00", []string{"x 1440 12-08 10:00"}},
		{"Once only", timed, all, "2026-12-08 10:00", "2026-12-08 10:01", nil},
		{"A week before", timed, all, "2026-12-02 09:59", "2026-12-02 10:00", []string{"x 10080 12-02 10:00"}},
		{"An hour before", timed, all, "2026-12-09 08:59", "2026-12-09 09:00", []string{"x 60 12-09 09:00"}},
		{"A quarter of an hour before", timed, all, "2026-12-09 09:44", "2026-12-09 09:45", []string{"x 15 12-09 09:45"}},
		{"Only the leads in use", timed, []store.Lead{week}, "2026-12-08 09:59", "2026-12-09 09:59", nil},
		{"No leads at all", timed, nil, "2026-12-01 00:00", "2026-12-09 09:59", nil},
		{"No meetings at all", nil, all, "2026-12-01 00:00", "2026-12-31 00:00", nil},
		{"After a night offline every lead that fell due", timed, all, "2026-12-07 23:00", "2026-12-09 09:05", []string{"x 1440 12-08 10:00", "x 60 12-09 09:00"}},
		{"After a month offline every one", timed, all, "2026-11-01 00:00", "2026-12-09 09:59",
			[]string{"x 10080 12-02 10:00", "x 1440 12-08 10:00", "x 60 12-09 09:00", "x 15 12-09 09:45"}},
		{"In the last minute before the start", timed, all, "2026-12-09 09:00", "2026-12-09 09:59", []string{"x 15 12-09 09:45"}},
		{"Nothing at the start", timed, all, "2026-12-07 09:00", "2026-12-09 10:00", nil},
		{"Nothing while it goes on", timed, all, "2026-12-07 09:00", "2026-12-09 11:00", nil},
		{"Nothing when it is over", timed, all, "2026-12-07 09:00", "2026-12-20 10:00", nil},
		{"An empty span", timed, all, "2026-12-08 10:00", "2026-12-08 10:00", nil},
		{"A clock that went back", timed, all, "2026-12-08 12:00", "2026-12-08 09:00", nil},

		{"A cancelled meeting", with(status(store.Cancelled)), all, "2026-12-08 09:59", "2026-12-08 10:00", nil},
		{"A postponed meeting", with(status(store.Postponed)), all, "2026-12-08 09:59", "2026-12-08 10:00", nil},
		{"A tentative meeting", with(status(store.Tentative)), all, "2026-12-08 09:59", "2026-12-08 10:00", []string{"x 1440 12-08 10:00"}},
		{"A lead that passed before the start was set", with(startSet("2026-12-08 10:01")), all, "2026-12-08 09:00", "2026-12-09 09:00", []string{"x 60 12-09 09:00"}},
		{"A lead at the instant at which the start was set", with(startSet("2026-12-08 10:00")), all, "2026-12-08 09:00", "2026-12-08 10:00", []string{"x 1440 12-08 10:00"}},
		{"A zone that is none", with(in("Asia/Nowhere")), all, "1999-01-01 00:00", "2027-01-01 00:00", nil},

		{"Of a whole day a day before nine", whole, []store.Lead{day}, "2026-12-08 08:59", "2026-12-08 09:00", []string{"x 1440 12-08 09:00"}},
		{"Of a whole day the hour leads come with it", whole, all, "2026-12-08 08:59", "2026-12-08 09:00", []string{"x 1440 12-08 09:00", "x 60 12-08 09:00", "x 15 12-08 09:00"}},
		{"Of a whole day nothing on the day itself", whole, all, "2026-12-08 09:00", "2026-12-09 08:59", nil},
		{"Of a whole day a week before", whole, all, "2026-12-02 08:59", "2026-12-02 09:00", []string{"x 10080 12-02 09:00"}},
		{"Of a whole day late, but before nine", whole, []store.Lead{hour}, "2026-12-07 00:00", "2026-12-09 08:59", []string{"x 60 12-08 09:00"}},
		{"Of a whole day nothing after nine", whole, []store.Lead{hour}, "2026-12-07 00:00", "2026-12-09 09:00", nil},
		{"Of a whole day in Bishkek nine is an hour earlier", []store.Meeting{on("x", "2026-12-09", in("Asia/Bishkek"))}, []store.Lead{day}, "2026-12-08 07:59", "2026-12-08 08:00", []string{"x 1440 12-08 08:00"}},

		{"Almaty had +06 in February 2024", []store.Meeting{on("x", "2024-02-20 10:00", in("Asia/Almaty"))}, []store.Lead{hour}, "2024-02-20 07:59", "2024-02-20 08:00", []string{"x 60 02-20 08:00"}},
		{"Almaty has +05 since March 2024", []store.Meeting{on("x", "2024-03-20 10:00", in("Asia/Almaty"))}, []store.Lead{hour}, "2024-03-20 08:59", "2024-03-20 09:00", []string{"x 60 03-20 09:00"}},
		{"A week across the change in Almaty keeps its length", []store.Meeting{on("x", "2024-03-04 10:00", in("Asia/Almaty"))}, []store.Lead{week}, "2024-02-26 09:59", "2024-02-26 10:00", []string{"x 10080 02-26 10:00"}},
		{"New York before its clocks go forward", []store.Meeting{on("x", "2027-03-12 10:00", in("America/New_York"))}, []store.Lead{hour}, "2027-03-12 18:59", "2027-03-12 19:00", []string{"x 60 03-12 19:00"}},
		{"New York after its clocks went forward", []store.Meeting{on("x", "2027-03-16 10:00", in("America/New_York"))}, []store.Lead{hour}, "2027-03-16 17:59", "2027-03-16 18:00", []string{"x 60 03-16 18:00"}},
		{"A day before across New York's night is 24 hours", []store.Meeting{on("x", "2027-03-14 10:00", in("America/New_York"))}, []store.Lead{day}, "2027-03-13 18:59", "2027-03-13 19:00", []string{"x 1440 03-13 19:00"}},

		{"Several meetings, in the order of the instants", []store.Meeting{on("b", "2026-12-10 10:00"), on("a", "2026-12-09 10:00"), on("c", "2026-12-10 10:00")}, []store.Lead{day, hour}, "2026-12-08 00:00", "2026-12-09 09:59",
			[]string{"a 1440 12-08 10:00", "a 60 12-09 09:00"}},
		{"Several at the same instant, by id", []store.Meeting{on("c", "2026-12-10 10:00"), on("b", "2026-12-10 10:00"), on("a", "2026-12-09 11:00")}, []store.Lead{day, hour}, "2026-12-09 09:30", "2026-12-09 10:00",
			[]string{"a 60 12-09 10:00", "b 1440 12-09 10:00", "c 1440 12-09 10:00"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, n := range remind.Due(tc.meetings, tc.leads, at(tc.from), at(tc.to)) {
				got = append(got, fmt.Sprintf("%s %d %s", n.Meeting.ID, n.Lead, n.At.In(at(tc.to).Location()).Format("01-02 15:04")))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("due in (%s, %s] (-want +got):\n%s", tc.from, tc.to, diff)
			}
		})
	}
}

func TestNextInstant(t *testing.T) {
	t.Parallel()
	all := []store.Lead{week, day, hour}
	two := []store.Meeting{on("a", "2026-12-09 10:00"), on("b", "2026-12-10")}
	for _, tc := range []struct {
		name     string
		meetings []store.Meeting
		leads    []store.Lead
		after    string
		want     string // "" = never
	}{
		{"The first of all", two, all, "2026-11-01 00:00", "2026-12-02 10:00"},
		{"After one the next", two, all, "2026-12-02 10:00", "2026-12-03 09:00"},
		{"A minute before", two, all, "2026-12-08 09:59", "2026-12-08 10:00"},
		{"At the instant it is past", two, all, "2026-12-08 10:00", "2026-12-09 09:00"},
		{"Two leads of a whole day fall together", two, []store.Lead{hour, day}, "2026-12-08 10:00", "2026-12-09 09:00"},
		{"The last one is over", two, all, "2026-12-09 09:00", ""},
		{"No leads", two, nil, "2026-11-01 00:00", ""},
		{"No meetings", nil, all, "2026-11-01 00:00", ""},
		{"A cancelled meeting has none", []store.Meeting{on("a", "2026-12-09 10:00", status(store.Cancelled))}, all, "2026-11-01 00:00", ""},
		{"A lead that passed before the start was set is none", []store.Meeting{on("a", "2026-12-09 10:00", startSet("2026-12-08 12:00"))}, all, "2026-11-01 00:00", "2026-12-09 09:00"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, ok := remind.NextInstant(tc.meetings, tc.leads, at(tc.after))
			if ok != (tc.want != "") || ok && !got.Equal(at(tc.want)) {
				t.Errorf("got %s, %t, want %q", got, ok, tc.want)
			}
		})
	}
}

// TestNextInstantMeetsDue walks from instant to instant: nothing falls due in between, and nothing is left out.
func TestNextInstantMeetsDue(t *testing.T) {
	t.Parallel()
	meetings := []store.Meeting{
		on("a", "2026-12-09 10:00"), on("b", "2026-12-10"), on("c", "2026-12-09 18:30", in("America/New_York")),
		on("d", "2026-12-20 09:00", startSet("2026-12-19 12:00")), on("e", "2026-12-11 09:00", status(store.Postponed)),
	}
	leads := []store.Lead{30 * day, week, day, 5 * hour, hour, 45, 5}
	begin, end := at("2026-11-01 00:00"), at("2027-01-01 00:00")
	var walked, swept []string
	name := func(n remind.Notice) string { return fmt.Sprintf("%s %d %s", n.Meeting.ID, n.Lead, n.At.UTC()) }
	for now := begin; ; {
		next, ok := remind.NextInstant(meetings, leads, now)
		if !ok {
			break
		}
		if early := remind.Due(meetings, leads, now, next.Add(-time.Second)); len(early) > 0 {
			t.Fatalf("between %s and %s falls due %s", now, next, name(early[0]))
		}
		due := remind.Due(meetings, leads, now, next)
		if len(due) == 0 {
			t.Fatalf("nothing falls due at %s", next)
		}
		for _, n := range due {
			walked = append(walked, name(n))
		}
		now = next
	}
	for now := begin; now.Before(end); now = now.Add(time.Minute) {
		for _, n := range remind.Due(meetings, leads, now, now.Add(time.Minute)) {
			swept = append(swept, name(n))
		}
	}
	if diff := cmp.Diff(swept, walked); diff != "" || len(walked) < 15 {
		t.Errorf("%d instants (-each minute +each instant):\n%s", len(walked), diff)
	}
	if !slices.Equal(slices.Compact(slices.Sorted(slices.Values(walked))), slices.Sorted(slices.Values(walked))) {
		t.Error("something fell due twice")
	}
}
