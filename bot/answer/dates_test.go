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

		// The next of a weekday, where the first one from tomorrow on and the one of next week are the same day.
		{"next Monday 10:00", "2026-12-07 10:00"}, {"в следующий понедельник в 10", "2026-12-07 10:00"},
		{"keyingi dushanba 10:00", "2026-12-07 10:00"}, {"кейинги душанба куни соат 10 да", "2026-12-07 10:00"},
		{"next Tuesday 18:00", "2026-12-08 18:00"}, {"next monday", "2026-12-07"},
		{"next Friday 10:00", "unclear"}, {"в следующую пятницу в 10", "unclear"}, {"kelasi juma 10:00", "unclear"}, {"келаси жума 10:00", "unclear"},
		{"next 10:00", "unclear"}, {"next week 10:00", "unclear"}, {"monday next 10:00", "unclear"}, {"next Tuesday, 1 December 18:00", "unclear"},

		// Parts of the day.
		{"tonight 20:00", "2026-12-01 20:00"}, {"tonight at 8", "2026-12-01 20:00"}, {"this evening at 7", "2026-12-01 19:00"}, {"tonight", "2026-12-01"},
		{"today at 7 pm", "2026-12-01 19:00"}, {"tomorrow morning at 9", "2026-12-02 09:00"}, {"tomorrow evening at 8:30", "2026-12-02 20:30"},
		{"tomorrow at 9 in the morning", "2026-12-02 09:00"}, {"tomorrow at 8 in the evening", "2026-12-02 20:00"}, {"tomorrow afternoon at 3", "2026-12-02 15:00"},
		{"сегодня вечером в 7", "2026-12-01 19:00"}, {"завтра утром в 9", "2026-12-02 09:00"}, {"завтра вечером в 8", "2026-12-02 20:00"},
		{"в среду вечером в 8", "2026-12-02 20:00"}, {"завтра днём в 3", "2026-12-02 15:00"}, {"завтра в 11 дня", "2026-12-02 11:00"},
		{"bugun kechqurun soat 7 da", "2026-12-01 19:00"}, {"бугун кечқурун соат 7 да", "2026-12-01 19:00"}, {"ertaga kechqurun 8 da", "2026-12-02 20:00"},
		{"ertaga ertalab 9 da", "2026-12-02 09:00"}, {"эртага эрталаб 9 да", "2026-12-02 09:00"}, {"эртага эрталаб соат 9:30 да", "2026-12-02 09:30"},
		{"ertaga tushdan keyin soat 3 da", "2026-12-02 15:00"}, {"эртага тушдан кейин соат 3 да", "2026-12-02 15:00"},
		{"11 ночи", "2026-12-01 23:00"}, {"2 ночи", "2026-12-02 02:00"}, {"12 дня", "2026-12-02 12:00"}, {"12 pm", "2026-12-02 12:00"},
		{"сегодня вечером в 7 вечера", "2026-12-01 19:00"},
		// Hours that this part of the day does not have, or has for some.
		{"tomorrow afternoon at 11", "unclear"}, {"tonight at 2", "unclear"}, {"tonight at 12", "unclear"}, {"завтра вечером в 12", "unclear"}, {"завтра утром в 12", "unclear"},
		{"завтра утром в 15", "unclear"}, {"15:00 am", "unclear"}, {"ertaga ertalab soat 20 da", "unclear"}, {"эртага кечқурун соат 9:00 эрталаб", "unclear"},
		{"tomorrow morning at 9 pm", "unclear"}, {"завтра вечером", "unclear"}, {"tonight tomorrow 20:00", "unclear"},

		// Times that pass first, by a clock without seconds.
		{"in 2 hours", "2026-12-01 16:00"}, {"in 30 minutes", "2026-12-01 14:30"}, {"in half an hour", "2026-12-01 14:30"}, {"in an hour", "2026-12-01 15:00"},
		{"in 2h", "2026-12-01 16:00"}, {"In 1 hour 15 min.", "2026-12-01 15:15"}, {"in 48 hours", "2026-12-03 14:00"},
		{"через 2 часа", "2026-12-01 16:00"}, {"через полчаса", "2026-12-01 14:30"}, {"через 30 минут", "2026-12-01 14:30"}, {"через час", "2026-12-01 15:00"},
		{"через 1 час 30 минут", "2026-12-01 15:30"}, {"через 90 мин", "2026-12-01 15:30"},
		{"2 soatdan keyin", "2026-12-01 16:00"}, {"yarim soatdan keyin", "2026-12-01 14:30"}, {"30 daqiqadan keyin", "2026-12-01 14:30"},
		{"bir soatdan keyin", "2026-12-01 15:00"}, {"2 soatdan soʻng", "2026-12-01 16:00"},
		{"2 соатдан кейин", "2026-12-01 16:00"}, {"ярим соатдан кейин", "2026-12-01 14:30"}, {"30 дақиқадан кейин", "2026-12-01 14:30"},
		{"бир соатдан кейин", "2026-12-01 15:00"}, {"2 соатдан сўнг", "2026-12-01 16:00"},
		{"2 hours", "unclear"}, {"2 soatdan", "unclear"}, {"30 минут", "unclear"}, {"через 2", "unclear"}, {"in 2 hours at 9:00", "unclear"},
		{"завтра через 2 часа", "unclear"}, {"in 30 minutes 2 hours", "unclear"}, {"in 2 hours 3 hours", "unclear"}, {"in 0 minutes", "unclear"},
		{"2 da keyin", "unclear"}, {"2 да кейин", "unclear"}, {"soat 2 dan keyin", "unclear"}, {"in december", "unclear"}, {"через", "unclear"},
		{"oʻn bir soatdan keyin", "unclear"}, {"ўн бир соатдан кейин", "unclear"}, {"bir yarim soatdan keyin", "unclear"}, {"in an hour and a half", "unclear"},
		{"через полтора часа", "unclear"}, {"in 1.5 hours", "unclear"},

		{"yesterday 9:00", "past"}, {"вчера в 9", "past"}, {"kecha 9:00", "past"}, {"кеча 9:00", "past"}, {"вчера вечером в 9", "past"}, {"yesterday", "past"},
		{"вчера или 9:00", "unclear"}, {"вчера завтра", "unclear"}, {"yesterday 25:00", "no hour"},

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

// TestReadDelay has seconds on the clock, and a zone of quarters of an hour.
func TestReadDelay(t *testing.T) {
	t.Parallel()
	dates := newDates(t)
	now := time.Date(2026, 12, 31, 23, 40, 59, 999, time.FixedZone("+0545", (5*60+45)*60))
	for _, tc := range []struct{ text, want string }{
		{"in 1 minute", "2026-12-31 23:41:00"}, {"через 30 минут", "2027-01-01 00:10:00"},
		{"2 soatdan keyin", "2027-01-01 01:40:00"}, {"ярим соатдан кейин", "2027-01-01 00:10:00"},
	} {
		m, slip := dates.Read(tc.text, now)
		if got := m.At.Format(time.DateTime); slip != "" || !m.Clock || got != tc.want {
			t.Errorf("%q: got %s, %q, want %s", tc.text, got, slip, tc.want)
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
	for _, s := range []string{"tomorrow 9:00", "9 декабря 15:00", "9-dek 15:00", "2026-12-09", "24.12 9.10", "\x000", "в 18", "31.02", "9 pm", "эртага", "in 2 hours", "next monday 9:00", "tonight at 8"} {
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
