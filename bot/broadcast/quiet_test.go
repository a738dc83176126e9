package broadcast

import (
	"encoding/json"
	"testing"
	"time"

	"recbot/store"
)

const tashkent = "Asia/Tashkent"

// local reads a time of Tashkent in December 2026: "02 23:30".
func local(t testing.TB, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	loc, err := time.LoadLocation(tashkent)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01 02 15:04", "2026-12 "+s, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestHold(t *testing.T) {
	t.Parallel()
	night := store.DefaultQuiet
	was := func(day, hour string) json.RawMessage {
		data, err := json.Marshal(store.Change{Date: "2026-12-" + day, StartHour: hour, Zone: tashkent})
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for _, tc := range []struct {
		name  string
		kind  store.JobKind
		quiet store.Quiet
		zone  string
		now   string
		start string
		was   json.RawMessage
		want  string // "" = at once
	}{
		{"A reminder by day goes at once", store.JobReminder, night, "", "02 12:00", "03 12:00", nil, ""},
		{"A reminder at 22:00 is held until 07:00", store.JobReminder, night, "", "02 22:00", "03 22:00", nil, "03 07:00"},
		{"One minute before, it goes", store.JobReminder, night, "", "02 21:59", "03 21:59", nil, ""},
		{"A reminder after midnight is held until 07:00 of the same day", store.JobReminder, night, "", "03 00:30", "04 00:30", nil, "03 07:00"},
		{"At 07:00 the night is over", store.JobReminder, night, "", "03 07:00", "04 07:00", nil, ""},
		{"Two hours before the start come first", store.JobReminder, night, "", "03 02:00", "03 08:00", nil, "03 06:00"},
		{"A start at 09:00 is two hours after the night", store.JobReminder, night, "", "03 01:00", "03 09:00", nil, "03 07:00"},
		{"With less than two hours left it goes at once", store.JobReminder, night, "", "03 05:00", "03 06:30", nil, ""},
		{"With just two hours left it goes at once", store.JobReminder, night, "", "03 05:00", "03 07:00", nil, ""},
		{"Quarter of an hour before a start at night", store.JobReminder, night, "", "02 23:00", "02 23:15", nil, ""},
		{"No quiet hours, no wait", store.JobReminder, store.Quiet{Off: true, From: 1320, To: 420}, "", "03 01:00", "04 01:00", nil, ""},
		{"Quiet hours of no length are none", store.JobReminder, store.Quiet{From: 420, To: 420}, "", "03 07:00", "04 07:00", nil, ""},
		{"Quiet hours of one's own end when they end", store.JobReminder, store.Quiet{From: 0, To: 9*60 + 30}, "", "03 08:00", "04 08:00", nil, "03 09:30"},
		{"Quiet hours by day", store.JobReminder, store.Quiet{From: 13 * 60, To: 14 * 60}, "", "02 13:20", "03 13:20", nil, "02 14:00"},
		{"and not outside them", store.JobReminder, store.Quiet{From: 13 * 60, To: 14 * 60}, "", "02 14:00", "03 13:20", nil, ""},
		{"The reader's zone counts: in Moscow it is 21:00 yet", store.JobReminder, night, "Europe/Moscow", "02 23:00", "03 23:00", nil, ""},
		{"and 22:30 a while later, until 07:00 there", store.JobReminder, night, "Europe/Moscow", "03 00:30", "04 00:30", nil, "03 09:00"},
		{"A fixed offset is a zone too", store.JobReminder, night, "+06:00", "02 21:00", "03 21:00", nil, "03 06:00"},
		{"A zone that nobody knows is the council's", store.JobReminder, night, "Nowhere/Land", "02 22:00", "03 22:00", nil, "03 07:00"},

		{"A change waits when both starts are far", store.JobChange, night, "", "02 23:00", "05 10:00", was("06", "10:00"), "03 07:00"},
		{"A change by day does not", store.JobChange, night, "", "02 20:00", "05 10:00", was("06", "10:00"), ""},
		{"The new start is within 24 hours", store.JobChange, night, "", "02 23:00", "03 23:00", was("06", "10:00"), ""},
		{"The old start is within 24 hours", store.JobChange, night, "", "02 23:00", "06 10:00", was("03", "10:00"), ""},
		{"A day and a minute are more than 24 hours", store.JobChange, night, "", "02 23:00", "03 23:01", was("04", "10:00"), "03 07:00"},
		{"A start that has passed already is near as well", store.JobChange, night, "", "02 23:00", "06 10:00", was("02", "22:00"), ""},
		{"A change whose old start cannot be read goes by the new one", store.JobChange, night, "", "02 23:00", "05 10:00", json.RawMessage(`{}`), "03 07:00"},

		{"News of a meeting wait", store.JobNew, night, "", "02 23:00", "09 10:00", nil, "03 07:00"},
		{"but not if it is near, so that no change of it comes first", store.JobNew, night, "", "02 23:00", "03 22:00", nil, ""},
		{"An agenda that somebody waits for comes in the morning", store.JobWish, night, "", "02 23:00", "03 10:00", nil, "03 07:00"},
		{"or two hours before an early start", store.JobWish, night, "", "02 23:00", "03 08:00", nil, "03 06:00"},
		{"or at once when that is past", store.JobWish, night, "", "03 06:30", "03 08:00", nil, ""},
		{"On the evening after the first day it waits for the second", store.JobWish, night, "", "02 23:00", "02 10:00", nil, "03 07:00"},
		{"An answer never waits", store.JobReply, night, "", "02 23:00", "", nil, ""},
		{"A letter to one person never waits", store.JobLetter, night, "", "02 23:00", "", nil, ""},
		{"What somebody asked to be reminded of at that time never waits", store.JobSnooze, night, "", "02 23:00", "04 12:00", nil, ""},
		{"Anything else waits for the morning", "announce", night, "", "02 23:00", "", nil, "03 07:00"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			j := store.Job{Kind: tc.kind, Start: local(t, tc.start), Content: tc.was}
			now, want := local(t, tc.now), local(t, tc.want)
			got := Hold(j, store.Person{Zone: tc.zone, Quiet: tc.quiet}, tashkent, now)
			if !got.Equal(want) {
				t.Errorf("at %s held until %s, want %s", now, got.In(now.Location()), want)
			}
		})
	}
}

// Whatever the person chose and wherever they live: never early, never held for longer than a day, never past two hours
// before the start, and free to leave when the time has come.
func TestHeldLettersLeave(t *testing.T) {
	t.Parallel()
	zones := []string{"Asia/Tashkent", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "-11:00"}
	begin := time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC) // summer time begins in Europe, ends in Australia
	for _, zone := range zones {
		for _, q := range []store.Quiet{store.DefaultQuiet, {From: 90, To: 150}, {From: 150, To: 90}, {From: 0, To: 1439}} {
			p := store.Person{Zone: zone, Quiet: q}
			for at := begin; at.Before(begin.Add(15 * 24 * time.Hour)); at = at.Add(7 * time.Minute) {
				j := store.Job{Kind: store.JobReminder, Start: at.Add(6 * time.Hour)}
				until := Hold(j, p, tashkent, at)
				if until.IsZero() {
					continue
				}
				if !until.After(at) || until.After(at.Add(25*time.Hour)) || until.After(j.Start.Add(-2*time.Hour)) {
					t.Fatalf("%s %v: at %s held until %s for a start at %s", zone, q, at, until, j.Start)
				}
				if again := Hold(j, p, tashkent, until); !again.IsZero() && !until.Equal(j.Start.Add(-2*time.Hour)) {
					t.Fatalf("%s %v: held until %s, and there again until %s", zone, q, until, again)
				}
			}
		}
	}
}
