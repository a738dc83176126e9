package answer_test

import (
	"testing"
	"time"
	"unicode/utf8"

	"recbot/bot/answer"
	"recbot/bot/script"
	"recbot/locales"
)

func newDates(t testing.TB) *answer.Dates {
	t.Helper()
	words, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	return answer.NewDates(words.DateWords(), script.Fold)
}

// present is Tuesday, 1 December 2026, 14:00 in Tashkent.
var present = time.Date(2026, 12, 1, 14, 0, 0, 0, time.FixedZone("+05", 5*60*60))

func TestReadMoment(t *testing.T) {
	t.Parallel()
	dates := newDates(t)
	for _, tc := range []struct{ text, want string }{
		// An hour alone is the next one.
		{"18:30", "2026-12-01 18:30"}, {"9:00", "2026-12-02 09:00"}, {"14:00", "2026-12-02 14:00"},
		{"at 18", "2026-12-01 18:00"}, {"в 18", "2026-12-01 18:00"}, {"soat 18 da", "2026-12-01 18:00"}, {"соат 18 да", "2026-12-01 18:00"},
		{"6 pm", "2026-12-01 18:00"}, {"12 am", "2026-12-02 00:00"}, {"9 утра", "2026-12-02 09:00"}, {"в 7 вечера", "2026-12-01 19:00"},
		{"kechqurun 7", "2026-12-01 19:00"}, {"18.30", "2026-12-01 18:30"}, {"15-00", "2026-12-01 15:00"}, {"18:30!", "2026-12-01 18:30"},

		// Days by their distance, in four scripts.
		{"tomorrow 9:00", "2026-12-02 09:00"}, {"Tomorrow at 9", "2026-12-02 09:00"}, {"завтра в 9", "2026-12-02 09:00"},
		{"ЗАВТРА В 9.30", "2026-12-02 09:30"}, {"ertaga 9:00", "2026-12-02 09:00"}, {"эртага 9:00", "2026-12-02 09:00"},
		{"эртага соат 9 да", "2026-12-02 09:00"}, {"today 18:30", "2026-12-01 18:30"}, {"бугун 18:30", "2026-12-01 18:30"},
		{"завтра в 9 30", "2026-12-02 09:30"}, {"the day after tomorrow, 10:00", "2026-12-03 10:00"}, {"послезавтра в 10", "2026-12-03 10:00"},
		{"indinga 10:00", "2026-12-03 10:00"}, {"tomorrow", "2026-12-02"}, {"18:30 today", "2026-12-01 18:30"},

		// Days of the calendar.
		{"9 декабря 15:00", "2026-12-09 15:00"}, {"9 dek 15:00", "2026-12-09 15:00"}, {"9-dek 15:00", "2026-12-09 15:00"},
		{"9-dekabr kuni soat 15:00 da", "2026-12-09 15:00"}, {"9 декабрь соат 15:00", "2026-12-09 15:00"}, {"9 December, 3 pm", "2026-12-09 15:00"},
		{"December 9th at 15:00", "2026-12-09 15:00"}, {"9 дек. в 15", "2026-12-09 15:00"}, {"2026-yil 9-dekabr, soat 15:00", "2026-12-09 15:00"},
		{"2026 йил 9 декабрь, соат 15:00", "2026-12-09 15:00"}, {"9 декабря 2026 г., 15:00", "2026-12-09 15:00"},
		{"24.12 09:00", "2026-12-24 09:00"}, {"24.12 9.10", "2026-12-24 09:10"}, {"24/12, 09:00", "2026-12-24 09:00"},
		{"9.12.2026 15:00", "2026-12-09 15:00"}, {"09.12.26 15:00", "2026-12-09 15:00"}, {"2026-12-09 15:00", "2026-12-09 15:00"},
		{"15:00 9.12", "2026-12-09 15:00"}, {"9-е декабря", "2026-12-09"}, {"9 dekabrda", "2026-12-09"}, {"5 iyl 10:00", "2027-07-05 10:00"},
		{"5 may 10:00", "2027-05-05 10:00"}, {"5-mayda 10:00", "2027-05-05 10:00"}, {"5 sentyabr 10:00", "2027-09-05 10:00"}, {"1 декабря", "2026-12-01"},

		// What passed long since this year is next year's. What has just passed is a slip, see below.
		{"30 сентября 10:00", "2027-09-30 10:00"}, {"1.2 9:00", "2027-02-01 09:00"},

		// Days of the week are the next ones.
		{"в среду в 10", "2026-12-02 10:00"}, {"wed 10:00", "2026-12-02 10:00"}, {"chorshanba 10:00", "2026-12-02 10:00"}, {"чоршанба 10:00", "2026-12-02 10:00"},
		{"во вторник в 18:00", "2026-12-01 18:00"}, {"tuesday 9:00", "2026-12-08 09:00"}, {"пт 9:00", "2026-12-04 09:00"}, {"juma kuni 9:00", "2026-12-04 09:00"},
		{"Wednesday, 9 December, 15:00", "2026-12-09 15:00"},

		{"31.02 10:00", "no date"}, {"31 February 10:00", "no date"}, {"29.02 10:00", "no date"}, {"32.12 10:00", "no date"}, {"0 december", "no date"},
		{"tomorrow 25:00", "no hour"}, {"tomorrow 24:00", "no hour"}, {"завтра в 9:60", "no hour"}, {"завтра в 30", "no hour"},
		{"today 9:00", "past"}, {"сегодня в 14", "past"}, {"1.12.2026 9:00", "past"}, {"9 декабря 2025 15:00", "past"}, {"30.11.2026", "past"},
		{"30 ноября 10:00", "past"}, {"1.12 9:00", "past"},
		{"Thursday, 9 December 15:00", "weekday"}, {"среда 10.12 10:00", "weekday"},

		{"", "unclear"}, {"soon", "unclear"}, {"9", "unclear"}, {"tomorrow or 9:00 maybe", "unclear"}, {"9:00 10:00", "unclear"}, {"завтра послезавтра", "unclear"},
		{"9-12", "unclear"}, {"5 iyu 10:00", "unclear"}, {"december", "unclear"}, {"2026", "unclear"}, {"tomorrow 9.12 10:00", "unclear"}, {"9:5", "unclear"},
		{"1.2.3.4", "unclear"}, {"1:2-3", "unclear"}, {"99999 декабря", "unclear"}, {"am", "unclear"}, {"…", "unclear"},
	} {
		m, slip := dates.Read(tc.text, present)
		got := string(slip)
		switch {
		case slip == "" && m.Clock:
			got = m.At.Format("2006-01-02 15:04")
		case slip == "":
			got = m.At.Format("2006-01-02")
		}
		if got != tc.want {
			t.Errorf("%q: got %s, want %s", tc.text, got, tc.want)
		}
	}
}

// TestReadMomentInLeapYears looks for the next 29 February in this year and in the next.
func TestReadMomentInLeapYears(t *testing.T) {
	t.Parallel()
	dates := newDates(t)
	for _, tc := range []struct{ now, want string }{
		{"2027-06-01", "2028-02-29"},
		{"2028-02-01", "2028-02-29"},
		{"2028-03-01", ""},
	} {
		now, err := time.Parse(time.DateOnly, tc.now)
		if err != nil {
			t.Fatal(err)
		}
		m, slip := dates.Read("29 february 10:00", now)
		if got := m.At.Format(time.DateOnly); slip == "" && got != tc.want || slip != "" && tc.want != "" {
			t.Errorf("on %s: got %s, %q, want %s", tc.now, got, slip, tc.want)
		}
	}
}

// FuzzReadMoment reads anything: never a panic, never a moment together with a slip, never one that has passed.
func FuzzReadMoment(f *testing.F) {
	dates := newDates(f)
	for _, s := range []string{"tomorrow 9:00", "9 декабря 15:00", "9-dek 15:00", "2026-12-09", "24.12 9.10", "\x000", "в 18", "31.02", "9 pm", "эртага"} {
		f.Add(s, int64(1_800_000_000))
	}
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		now := time.Unix(unix%253_000_000_000, 0).UTC()
		m, slip := dates.Read(text, now)
		switch {
		case slip != "" && m != (answer.Moment{}):
			t.Errorf("%q: %v together with %q", text, m, slip)
		case slip == "" && m.Clock && !m.At.After(now):
			t.Errorf("%q at %s: %s has passed", text, now, m.At)
		case slip == "" && utf8.RuneCountInString(text) == 0:
			t.Error("nothing was understood as something")
		}
	})
}
