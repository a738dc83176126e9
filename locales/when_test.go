package locales

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/store"
)

// loaded gives the embedded catalogue.
func loaded(tb testing.TB) *Catalog {
	tb.Helper()
	c, err := Load()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// inAll writes a value in every language for a reader in a zone.
func inAll(tb testing.TB, c *Catalog, v any, zone string, now time.Time) map[store.Lang]string {
	tb.Helper()
	got := make(map[store.Lang]string)
	for _, lang := range store.Langs {
		s, err := c.page(Reader{Lang: lang, Zone: zone, CouncilZone: "Asia/Tashkent"}, now).value(bot.V(v))
		if err != nil {
			tb.Fatalf("%s: %v", lang, err)
		}
		got[lang] = s
	}
	return got
}

// of writes the wanted texts in the order en, ru, uz, uz-Cyrl; _ is a no-break space, which nobody sees in a table.
func of(en, ru, uz, cyrl string) map[store.Lang]string {
	return map[store.Lang]string{
		store.English: en, store.Russian: strings.ReplaceAll(ru, "_", nbsp), store.Uzbek: uz, store.UzbekCyrl: cyrl,
	}
}

func at(date string) time.Time {
	t, err := time.Parse(time.RFC3339, date)
	if err != nil {
		panic(err)
	}
	return t
}

const tashkent = "Asia/Tashkent"

func TestDates(t *testing.T) {
	t.Parallel()
	c, now := loaded(t), at("2022-01-01T00:00:00Z")
	for _, tc := range []struct {
		name string
		when bot.When
		zone string
		want map[store.Lang]string
	}{
		{
			"full", bot.When{Date: "2024-11-27", Zone: tashkent, Style: bot.WhenDate}, "",
			of("Wednesday, 27 November 2024", "среда, 27_ноября 2024_г.", "2024-yil 27-noyabr, chorshanba", "2024 йил 27 ноябрь, чоршанба"),
		}, {
			"with time", bot.When{Date: "2024-11-27", Start: "14:05", Zone: tashkent}, "",
			of("Wednesday, 27 November 2024, 14:05 (Tashkent time, UTC+5)", "среда, 27_ноября 2024_г., 14:05 (по ташкентскому времени, UTC+5)",
				"2024-yil 27-noyabr, chorshanba, soat 14:05 (Toshkent vaqti bilan, UTC+5)", "2024 йил 27 ноябрь, чоршанба, соат 14:05 (Тошкент вақти билан, UTC+5)"),
		}, {
			"a range of hours", bot.When{Date: "2024-11-27", Start: "09:00", End: "17:30", Zone: tashkent}, "",
			of("Wednesday, 27 November 2024, 09:00–17:30 (Tashkent time, UTC+5)", "среда, 27_ноября 2024_г., 09:00–17:30 (по ташкентскому времени, UTC+5)",
				"2024-yil 27-noyabr, chorshanba, soat 09:00–17:30 (Toshkent vaqti bilan, UTC+5)", "2024 йил 27 ноябрь, чоршанба, соат 09:00–17:30 (Тошкент вақти билан, UTC+5)"),
		}, {
			"a reader elsewhere gets a second line", bot.When{Date: "2026-12-09", Start: "09:00", End: "17:00", Zone: tashkent}, "Asia/Bishkek",
			of("Wednesday, 9 December 2026, 09:00–17:00 (Tashkent time, UTC+5)\n10:00–18:00 your time (Bishkek, UTC+6)",
				"среда, 9_декабря 2026_г., 09:00–17:00 (по ташкентскому времени, UTC+5)\n10:00–18:00 по вашему времени (Бишкек, UTC+6)",
				"2026-yil 9-dekabr, chorshanba, soat 09:00–17:00 (Toshkent vaqti bilan, UTC+5)\nsizning vaqtingiz bilan soat 10:00–18:00 (Bishkek, UTC+6)",
				"2026 йил 9 декабрь, чоршанба, соат 09:00–17:00 (Тошкент вақти билан, UTC+5)\nсизнинг вақтингиз билан соат 10:00–18:00 (Бишкек, UTC+6)"),
		}, {
			"which names the day if it is another one", bot.When{Date: "2026-12-09", Start: "18:00", Zone: "America/New_York"}, "+05:30",
			of("Wednesday, 9 December 2026, 18:00 (New York time, UTC-5)\nThursday, 10 December 2026, 04:30 your time (UTC+5:30)",
				"среда, 9_декабря 2026_г., 18:00 (по времени Нью-Йорка, UTC-5)\nчетверг, 10_декабря 2026_г., 04:30 по вашему времени (UTC+5:30)",
				"2026-yil 9-dekabr, chorshanba, soat 18:00 (Nyu-York vaqti bilan, UTC-5)\nsizning vaqtingiz bilan 2026-yil 10-dekabr, payshanba, soat 04:30 (UTC+5:30)",
				"2026 йил 9 декабрь, чоршанба, соат 18:00 (Нью-Йорк вақти билан, UTC-5)\nсизнинг вақтингиз билан 2026 йил 10 декабрь, пайшанба, соат 04:30 (UTC+5:30)"),
		}, {
			"another zone with the same clock gets none", bot.When{Date: "2026-12-09", Start: "09:00", Zone: "Asia/Almaty"}, "Asia/Dushanbe",
			of("Wednesday, 9 December 2026, 09:00 (Astana time, UTC+5)", "среда, 9_декабря 2026_г., 09:00 (по времени Астаны, UTC+5)",
				"2026-yil 9-dekabr, chorshanba, soat 09:00 (Ostona vaqti bilan, UTC+5)", "2026 йил 9 декабрь, чоршанба, соат 09:00 (Остона вақти билан, UTC+5)"),
		}, {
			"the offset is the one of that day", bot.When{Date: "2024-02-01", Start: "09:00", Zone: "Asia/Almaty"}, "Asia/Almaty",
			of("Thursday, 1 February 2024, 09:00 (Astana time, UTC+6)", "четверг, 1_февраля 2024_г., 09:00 (по времени Астаны, UTC+6)",
				"2024-yil 1-fevral, payshanba, soat 09:00 (Ostona vaqti bilan, UTC+6)", "2024 йил 1 февраль, пайшанба, соат 09:00 (Остона вақти билан, UTC+6)"),
		}, {
			"an hour that is not known, ahead", bot.When{Date: "2026-12-09", Zone: tashkent}, "Asia/Tokyo",
			of("Wednesday, 9 December 2026, time to be announced", "среда, 9_декабря 2026_г., время уточняется",
				"2026-yil 9-dekabr, chorshanba, vaqti aniqlashtirilmoqda", "2026 йил 9 декабрь, чоршанба, вақти аниқлаштирилмоқда"),
		}, {
			"an hour that was never known", bot.When{Date: "2021-12-09", Zone: tashkent}, "",
			of("Thursday, 9 December 2021", "четверг, 9_декабря 2021_г.", "2021-yil 9-dekabr, payshanba", "2021 йил 9 декабрь, пайшанба"),
		}, {
			"days of one month", bot.When{Date: "2022-03-03", EndDate: "2022-03-04", Zone: tashkent, Style: bot.WhenDate}, "",
			of("3–4 March 2022, Thursday–Friday", "3–4_марта 2022_г., четверг–пятница", "2022-yil 3–4-mart, payshanba–juma", "2022 йил 3–4 март, пайшанба–жума"),
		}, {
			"days of two months", bot.When{Date: "2025-04-30", EndDate: "2025-05-02", Zone: tashkent, Style: bot.WhenDate}, "",
			of("30 April – 2 May 2025, Wednesday–Friday", "30_апреля – 2_мая 2025_г., среда–пятница", "2025-yil 30-aprel – 2-may, chorshanba–juma", "2025 йил 30 апрель – 2 май, чоршанба–жума"),
		}, {
			"days of two years", bot.When{Date: "2025-12-31", EndDate: "2026-01-01", Zone: tashkent, Style: bot.WhenDate}, "",
			of("31 December 2025 – 1 January 2026, Wednesday–Thursday", "31_декабря 2025_г. – 1_января 2026_г., среда–четверг",
				"2025-yil 31-dekabr – 2026-yil 1-yanvar, chorshanba–payshanba", "2025 йил 31 декабрь – 2026 йил 1 январь, чоршанба–пайшанба"),
		}, {
			"two days with hours", bot.When{Date: "2027-01-20", EndDate: "2027-01-21", Start: "09:00", End: "13:00", Zone: "Asia/Almaty"}, "",
			of("Wednesday, 20 January, 09:00 – Thursday, 21 January 2027, 13:00 (Astana time, UTC+5)",
				"среда, 20_января, 09:00 – четверг, 21_января 2027_г., 13:00 (по времени Астаны, UTC+5)",
				"2027-yil 20-yanvar, chorshanba, soat 09:00 – 21-yanvar, payshanba, soat 13:00 (Ostona vaqti bilan, UTC+5)",
				"2027 йил 20 январь, чоршанба, соат 09:00 – 21 январь, пайшанба, соат 13:00 (Остона вақти билан, UTC+5)"),
		}, {
			"two days with a first hour only, over the new year", bot.When{Date: "2026-12-31", EndDate: "2027-01-01", Start: "09:00", Zone: tashkent}, "",
			of("Thursday, 31 December 2026, 09:00 – Friday, 1 January 2027 (Tashkent time, UTC+5)",
				"четверг, 31_декабря 2026_г., 09:00 – пятница, 1_января 2027_г. (по ташкентскому времени, UTC+5)",
				"2026-yil 31-dekabr, payshanba, soat 09:00 – 2027-yil 1-yanvar, juma (Toshkent vaqti bilan, UTC+5)",
				"2026 йил 31 декабрь, пайшанба, соат 09:00 – 2027 йил 1 январь, жума (Тошкент вақти билан, UTC+5)"),
		}, {
			"inside a sentence", bot.When{Date: "2024-11-27", Start: "14:05", Zone: tashkent, Style: bot.WhenOn}, "Asia/Tokyo",
			of("on Wednesday, 27 November 2024", "в среду, 27_ноября 2024_г.", "2024-yil 27-noyabr, chorshanba kuni", "2024 йил 27 ноябрь, чоршанба куни"),
		}, {
			"several days inside a sentence", bot.When{Date: "2022-03-03", EndDate: "2022-03-04", Zone: tashkent, Style: bot.WhenOn}, "",
			of("on 3–4 March 2022", "3–4_марта 2022_г.", "2022-yil 3–4-mart kunlari", "2022 йил 3–4 март кунлари"),
		}, {
			"hours without the date", bot.When{Date: "2026-12-09", Start: "09:00", End: "17:00", Zone: tashkent, Style: bot.WhenClock}, "Asia/Bishkek",
			of("09:00–17:00 (Tashkent time, UTC+5)\n10:00–18:00 your time (Bishkek, UTC+6)",
				"09:00–17:00 (по ташкентскому времени, UTC+5)\n10:00–18:00 по вашему времени (Бишкек, UTC+6)",
				"soat 09:00–17:00 (Toshkent vaqti bilan, UTC+5)\nsizning vaqtingiz bilan soat 10:00–18:00 (Bishkek, UTC+6)",
				"соат 09:00–17:00 (Тошкент вақти билан, UTC+5)\nсизнинг вақтингиз билан соат 10:00–18:00 (Бишкек, UTC+6)"),
		}, {
			"hours that are not known", bot.When{Date: "2026-12-09", Zone: tashkent, Style: bot.WhenClock}, "",
			of("", "", "", ""),
		}, {
			"the list date", bot.When{Date: "2024-11-27", Zone: tashkent, Style: bot.WhenShort}, "Asia/Tokyo",
			of("27 Nov 2024", "27.11.2024", "27.11.2024", "27.11.2024"),
		}, {
			"the list date with an hour", bot.When{Date: "2024-11-27", Start: "14:05", End: "16:00", Zone: tashkent, Style: bot.WhenShort}, "",
			of("27 Nov 2024, 14:05", "27.11.2024, 14:05", "27.11.2024, 14:05", "27.11.2024, 14:05"),
		}, {
			"the list date elsewhere", bot.When{Date: "2024-11-27", Start: "22:05", Zone: tashkent, Style: bot.WhenShort}, "Asia/Tokyo",
			of("28 Nov 2024, 02:05 your time", "28.11.2024, 02:05 по вашему времени", "28.11.2024, 02:05 (sizning vaqtingiz bilan)", "28.11.2024, 02:05 (сизнинг вақтингиз билан)"),
		}, {
			"list dates of one month", bot.When{Date: "2022-03-03", EndDate: "2022-03-04", Zone: tashkent, Style: bot.WhenShort}, "",
			of("3–4 Mar 2022", "03.03–04.03.2022", "03.03–04.03.2022", "03.03–04.03.2022"),
		}, {
			"list dates of two months", bot.When{Date: "2025-04-30", EndDate: "2025-05-02", Zone: tashkent, Style: bot.WhenShort}, "",
			of("30 Apr – 2 May 2025", "30.04–02.05.2025", "30.04–02.05.2025", "30.04–02.05.2025"),
		}, {
			"list dates of two years", bot.When{Date: "2025-12-31", EndDate: "2026-01-01", Zone: tashkent, Style: bot.WhenShort}, "",
			of("31 Dec 2025 – 1 Jan 2026", "31.12.2025–01.01.2026", "31.12.2025–01.01.2026", "31.12.2025–01.01.2026"),
		}, {
			"hours of the host", bot.When{Date: "2026-12-09", Start: "09:30", End: "10:00", Zone: tashkent, Style: bot.WhenHours}, "Asia/Tokyo",
			of("09:30–10:00", "09:30–10:00", "09:30–10:00", "09:30–10:00"),
		}, {
			"an hour without an end", bot.When{Date: "2026-12-09", Start: "09:30", Zone: tashkent, Style: bot.WhenHours}, "",
			of("09:30", "09:30", "09:30", "09:30"),
		}, {
			"hours that are not known", bot.When{Date: "2026-12-09", Zone: tashkent, Style: bot.WhenHours}, "",
			of("", "", "", ""),
		}, {
			"the reader's time alone", bot.When{Date: "2026-12-09", Start: "15:00", Zone: tashkent, Style: bot.WhenReader}, "Asia/Bishkek",
			of("Wednesday, 9 December 2026, 16:00 (your time, UTC+6)", "среда, 9_декабря 2026_г., 16:00 (по вашему времени, UTC+6)",
				"2026-yil 9-dekabr, chorshanba, soat 16:00 (sizning vaqtingiz bilan, UTC+6)", "2026 йил 9 декабрь, чоршанба, соат 16:00 (сизнинг вақтингиз билан, UTC+6)"),
		}, {
			"the reader's time where it is the host's", bot.When{Date: "2026-12-09", Start: "15:00", Zone: tashkent, Style: bot.WhenReader}, "Asia/Dushanbe",
			of("Wednesday, 9 December 2026, 15:00 (Tashkent time, UTC+5)", "среда, 9_декабря 2026_г., 15:00 (по ташкентскому времени, UTC+5)",
				"2026-yil 9-dekabr, chorshanba, soat 15:00 (Toshkent vaqti bilan, UTC+5)", "2026 йил 9 декабрь, чоршанба, соат 15:00 (Тошкент вақти билан, UTC+5)"),
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, inAll(t, c, tc.when, tc.zone, now)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestMonthsAndWeekdays(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		lang     store.Lang
		months   string
		weekdays string
	}{
		{store.English, "January February March April May June July August September October November December", "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"},
		{store.Russian, "января февраля марта апреля мая июня июля августа сентября октября ноября декабря", "понедельник вторник среда четверг пятница суббота воскресенье"},
		{store.Uzbek, "yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr", "dushanba seshanba chorshanba payshanba juma shanba yakshanba"},
		{store.UzbekCyrl, "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь", "душанба сешанба чоршанба пайшанба жума шанба якшанба"},
	} {
		w := datesOf[tc.lang]
		if got := strings.Join(w.months[:], " "); got != tc.months {
			t.Errorf("%s: months %q", tc.lang, got)
		}
		var days []string
		for d := range 7 { // 1 March 2027 was a Monday
			days = append(days, w.weekday(time.Date(2027, 3, 1+d, 0, 0, 0, 0, time.UTC)))
		}
		if got := strings.Join(days, " "); got != tc.weekdays {
			t.Errorf("%s: weekdays %q", tc.lang, got)
		}
	}
}

func TestDatesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	c := loaded(t)
	for _, w := range []bot.When{
		{Date: "2026-02-30", Zone: tashkent}, {Date: "", Zone: tashkent}, {Date: "2026-02-01", Start: "25:00", Zone: tashkent},
		{Date: "2026-02-01", Zone: "Asia/Nowhere"}, {Date: "2026-02-01"}, {Date: "2026-02-01", EndDate: "soon", Zone: tashkent},
	} {
		if got, err := c.page(Reader{}, time.Time{}).when(w); err == nil {
			t.Errorf("%+v: got %q, want an error", w, got)
		}
	}
}

func TestInstants(t *testing.T) {
	t.Parallel()
	c, instant := loaded(t), at("2024-11-27T09:05:00Z")
	for _, tc := range []struct {
		name  string
		style bot.AtStyle
		want  map[store.Lang]string
	}{
		{"a clock", bot.AtClock, of("14:05", "14:05", "14:05", "14:05")},
		{"a long date", bot.AtDate, of("27 November 2024", "27_ноября 2024_г.", "2024-yil 27-noyabr", "2024 йил 27 ноябрь")},
		{"both", bot.AtFull, of("27 November 2024, 14:05", "27_ноября 2024_г., 14:05", "2024-yil 27-noyabr, soat 14:05", "2024 йил 27 ноябрь, соат 14:05")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, inAll(t, c, bot.At{Time: instant, Style: tc.style}, "", instant)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	c := loaded(t)
	for _, tc := range []struct {
		name string
		span bot.Span
		want map[store.Lang]string
	}{
		{"in one day", bot.Span{Length: day}, of("in 1 day", "через 1 день", "1 kundan keyin", "1 кундан кейин")},
		{"in two days", bot.Span{Length: 2 * day}, of("in 2 days", "через 2 дня", "2 kundan keyin", "2 кундан кейин")},
		{"in five days", bot.Span{Length: 5 * day}, of("in 5 days", "через 5 дней", "5 kundan keyin", "5 кундан кейин")},
		{"in one week", bot.Span{Length: 7 * day}, of("in 1 week", "через 1 неделю", "1 haftadan keyin", "1 ҳафтадан кейин")},
		{"in one hour", bot.Span{Length: time.Hour}, of("in 1 hour", "через 1 час", "1 soatdan keyin", "1 соатдан кейин")},
		{"in one minute, accusative", bot.Span{Length: time.Minute}, of("in 1 minute", "через 1 минуту", "1 daqiqadan keyin", "1 дақиқадан кейин")},
		{"in 21 minutes", bot.Span{Length: 21 * time.Minute}, of("in 21 minutes", "через 21 минуту", "21 daqiqadan keyin", "21 дақиқадан кейин")},
		{"two units", bot.Span{Length: 140 * time.Minute}, of("in 2 hours 20 minutes", "через 2 часа 20 минут", "2 soat 20 daqiqadan keyin", "2 соат 20 дақиқадан кейин")},
		{"days and hours, no minutes", bot.Span{Length: day + 3*time.Hour + 59*time.Minute}, of("in 1 day 3 hours", "через 1 день 3 часа", "1 kun 3 soatdan keyin", "1 кун 3 соатдан кейин")},
		{"no hours a week ahead", bot.Span{Length: 9*day + 3*time.Hour}, of("in 9 days", "через 9 дней", "9 kundan keyin", "9 кундан кейин")},
		{"rounded to the minute", bot.Span{Length: time.Hour - 2*time.Second}, of("in 1 hour", "через 1 час", "1 soatdan keyin", "1 соатдан кейин")},
		{"less than half a minute", bot.Span{Length: 20 * time.Second}, of("now", "сейчас", "hozir", "ҳозир")},
		{"past", bot.Span{Length: -time.Hour}, of("now", "сейчас", "hozir", "ҳозир")},
		{"a day before", bot.Span{Length: day, Style: bot.SpanBefore}, of("1 day before", "за 1 день до начала", "boshlanishidan 1 kun oldin", "бошланишидан 1 кун олдин")},
		{"a week before", bot.Span{Length: 7 * day, Style: bot.SpanBefore}, of("1 week before", "за 1 неделю до начала", "boshlanishidan 1 hafta oldin", "бошланишидан 1 ҳафта олдин")},
		{"minutes before", bot.Span{Length: 15 * time.Minute, Style: bot.SpanBefore}, of("15 minutes before", "за 15 минут до начала", "boshlanishidan 15 daqiqa oldin", "бошланишидан 15 дақиқа олдин")},
		{"plain, nominative", bot.Span{Length: time.Minute, Style: bot.SpanPlain}, of("1 minute", "1 минута", "1 daqiqa", "1 дақиқа")},
		{"plain, whole unit", bot.Span{Length: 26 * time.Hour, Style: bot.SpanPlain}, of("26 hours", "26 часов", "26 soat", "26 соат")},
		{"ago, rough", bot.Span{Length: 2*time.Hour + 13*time.Minute, Style: bot.SpanAgo}, of("2 hours ago", "2 часа назад", "2 soat oldin", "2 соат олдин")},
		{"days ago", bot.Span{Length: 5*day + time.Hour, Style: bot.SpanAgo}, of("5 days ago", "5 дней назад", "5 kun oldin", "5 кун олдин")},
		{"just now", bot.Span{Style: bot.SpanAgo}, of("now", "сейчас", "hozir", "ҳозир")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, inAll(t, c, tc.span, "", time.Time{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestCounts(t *testing.T) {
	t.Parallel()
	c := loaded(t)
	for _, tc := range []struct {
		n    int
		want map[store.Lang]string
	}{
		{0, of("0 meetings", "0 заседаний", "0 ta yigʻilish", "0 та йиғилиш")},
		{1, of("1 meeting", "1 заседание", "1 ta yigʻilish", "1 та йиғилиш")},
		{2, of("2 meetings", "2 заседания", "2 ta yigʻilish", "2 та йиғилиш")},
		{5, of("5 meetings", "5 заседаний", "5 ta yigʻilish", "5 та йиғилиш")},
		{11, of("11 meetings", "11 заседаний", "11 ta yigʻilish", "11 та йиғилиш")},
		{14, of("14 meetings", "14 заседаний", "14 ta yigʻilish", "14 та йиғилиш")},
		{21, of("21 meetings", "21 заседание", "21 ta yigʻilish", "21 та йиғилиш")},
		{22, of("22 meetings", "22 заседания", "22 ta yigʻilish", "22 та йиғилиш")},
		{25, of("25 meetings", "25 заседаний", "25 ta yigʻilish", "25 та йиғилиш")},
		{101, of("101 meetings", "101 заседание", "101 ta yigʻilish", "101 та йиғилиш")},
		{111, of("111 meetings", "111 заседаний", "111 ta yigʻilish", "111 та йиғилиш")},
		{2100, of("2,100 meetings", "2_100 заседаний", "2\u00a0100 ta yigʻilish", "2\u00a0100 та йиғилиш")},
		{-1000000, of("-1,000,000 meetings", "-1_000_000 заседаний", "-1\u00a0000\u00a0000 ta yigʻilish", "-1\u00a0000\u00a0000 та йиғилиш")},
	} {
		if diff := cmp.Diff(tc.want, inAll(t, c, bot.Count{N: tc.n, Of: "CountMeetings"}, "", time.Time{})); diff != "" {
			t.Errorf("%d: -want +got\n%s", tc.n, diff)
		}
	}
}

func TestZoneNames(t *testing.T) {
	t.Parallel()
	c := loaded(t)
	for _, tc := range []struct {
		name, zone, now string
		want            map[store.Lang]string
	}{
		{"a city", tashkent, "2026-12-09T00:00:00Z", of("Tashkent, UTC+5", "Ташкент, UTC+5", "Toshkent, UTC+5", "Тошкент, UTC+5")},
		{"a city in summer", "Europe/Vienna", "2026-07-09T00:00:00Z", of("Vienna, UTC+2", "Вена, UTC+2", "Vena, UTC+2", "Вена, UTC+2")},
		{"a fixed offset", "+05:30", "2026-12-09T00:00:00Z", of("UTC+5:30", "UTC+5:30", "UTC+5:30", "UTC+5:30")},
		{"west of Greenwich", "-03:30", "2026-12-09T00:00:00Z", of("UTC-3:30", "UTC-3:30", "UTC-3:30", "UTC-3:30")},
		{"none of our cities", "Pacific/Kiritimati", "2026-12-09T00:00:00Z", of("UTC+14", "UTC+14", "UTC+14", "UTC+14")},
		{"Greenwich", "UTC", "2026-12-09T00:00:00Z", of("UTC", "UTC", "UTC", "UTC")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, inAll(t, c, bot.ZoneName(tc.zone), "", at(tc.now))); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestPlaces holds places.yaml to its own rules; that zones exist is checked whenever it is read.
func TestPlaces(t *testing.T) {
	t.Parallel()
	c, ids := loaded(t), make(map[string]bool)
	for _, p := range c.Places() {
		if strings.Trim(p.ID, "abcdefghijklmnopqrstuvwxyz-") != "" || p.ID == "" || ids[p.ID] {
			t.Errorf("%q is no id, or stands there twice", p.ID)
		}
		ids[p.ID] = true
		for _, lang := range store.Langs {
			if p.Names[lang] == "" {
				t.Errorf("%s has no name in %s", p.ID, lang)
			}
		}
		if first := c.byZone[p.Zone]; first.ID == p.ID && p.clock[store.Russian] == "" {
			t.Errorf("%s names its zone and has no Russian clock", p.ID)
		}
	}
	for _, city := range strings.Fields("tashkent samarkand bukhara namangan andijan fergana nukus termez bishkek osh astana almaty shymkent aktau dushanbe khujand ashgabat mary moscow istanbul ankara vienna geneva brussels paris london berlin warsaw kyiv minsk baku tbilisi yerevan dubai doha riyadh tehran kabul islamabad delhi beijing urumqi ulaanbaatar seoul tokyo bangkok kuala-lumpur jakarta new-york washington nairobi cairo") {
		if !ids[city] {
			t.Errorf("%s is missing", city)
		}
	}
}
