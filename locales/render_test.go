package locales

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"recbot/bot"
	"recbot/store"
)

// made gives a catalogue of a few messages, the same in all languages, beside the embedded words that dates need. Tests of
// the renderer do not depend on what the bot says today.
func made(tb testing.TB, messages string) *Catalog {
	tb.Helper()
	c := loaded(tb)
	extra, err := parseMessages([]byte(messages))
	if err != nil {
		tb.Fatal(err)
	}
	for _, lang := range store.Langs {
		if c.tongues[lang], err = newTongue(lang, append(messagesIn(lang), extra...)); err != nil {
			tb.Fatal(err)
		}
	}
	return c
}

const someMessages = `
X: "{{.X}}"
Bold: "<b>{{.X}}</b>"
Two: "{{.X}} / {{.Y}}"
Fixed: "fixed words"
Meetings: {one: "one of {{.N}}", few: "few of {{.N}}", many: "many of {{.N}}", other: "other of {{.N}}"}
`

func TestRender(t *testing.T) {
	t.Parallel()
	c := made(t, someMessages)
	for _, tc := range []struct {
		name  string
		reply *bot.Reply
		lang  store.Lang
		want  string
	}{
		{"paragraphs and lines", bot.Say("Fixed").Line("X", "X", "a").Say("X", "X", "b"), "en", "fixed words\na\n\nb"},
		{"an empty part leaves no gap", bot.Say("Fixed").Say("X", "X", "").Line("X", "X", "b"), "en", "fixed words\nb"},
		{"a person's own words are escaped", bot.Say("Bold", "X", "<i>&\""), "en", "<b>&lt;i&gt;&amp;&quot;</b>"},
		{"a text in the reader's language", bot.Say("X", "X", store.Text{"en": "a", "ru": "б"}), "ru", "б"},
		{"a text in another language gets a note", bot.Say("X", "X", store.Text{"ru": "б"}), "en", "б\n\n<i>(original in Russian)</i>"},
		{"English comes before Russian", bot.Say("X", "X", store.Text{"ru": "б", "en": "a"}), "uz", "a\n\n<i>(asl matn ingliz tilida)</i>"},
		{"the note stands once", bot.Say("Two", "X", store.Text{"uz": "oʻ"}, "Y", store.Text{"uz": "gʻ"}), "ru", "oʻ / gʻ\n\n<i>(оригинал на узбекском языке)</i>"},
		{"two languages, one note", bot.Say("Two", "X", store.Text{"uz": "u"}, "Y", store.Text{"ru": "б"}), "en", "u / б\n\n<i>(original in Russian, Uzbek)</i>"},
		{"Cyrillic letters are no other language", bot.Say("X", "X", store.Text{"uz": "yigʻilish", "ru": "б"}), "uz-Cyrl", "йиғилиш"},
		{"nor are Latin ones", bot.Say("X", "X", store.Text{"uz-Cyrl": "йиғилиш", "ru": "б"}), "uz", "yigʻilish"},
		{"their own text in Cyrillic letters comes first", bot.Say("X", "X", store.Text{"uz": "ShHT", "uz-Cyrl": "ўзи"}), "uz-Cyrl", "ўзи"},
		{"a text that is there in Cyrillic Uzbek only", bot.Say("X", "X", store.Text{"uz-Cyrl": "йиғилиш"}), "en", "йиғилиш\n\n<i>(original in Uzbek)</i>"},
		{"the reply's language wins", &bot.Reply{Lang: "ru", Parts: []bot.Part{bot.NewPart("X", "X", bot.Span{Length: time.Hour})}}, "en", "через 1 час"},
		{"an unknown language is English", bot.Say("X", "X", bot.Span{Length: time.Hour}), "tlh", "in 1 hour"},
		{"a count chooses the form", bot.Say("Meetings", "N", 3), "ru", "few of 3"},
		{"in English", bot.Say("Meetings", "N", 1), "en", "one of 1"},
		{"N goes before other counts", bot.Say("Meetings", "A", 1, "N", 5), "ru", "many of 5"},
		{"without a count it is other", bot.Say("Meetings", "N", "x"), "ru", "other of x"},
		{"a number alone", bot.Say("X", "X", 2100), "en", "2,100"},
		{"a counted noun", bot.Say("X", "X", bot.Count{N: 2, Of: "CountMeetings"}), "ru", "2 заседания"},
		{"a phrase", bot.Say("X", "X", bot.NewPart("Bold", "X", "<")), "en", "<b>&lt;</b>"},
		{"a list leaves out what is empty", bot.Say("X", "X", []bot.Value{bot.V("a"), bot.V(""), bot.V("b")}), "en", "a, b"},
		{"lines", bot.Say("X", "X", []bot.Part{bot.NewPart("X", "X", "a"), bot.NewPart("X", "X", ""), bot.NewPart("X", "X", "b")}), "en", "a\nb"},
		{"a link with a text", bot.Say("X", "X", bot.Link{URL: `https://example.org/?a="b"&c`, Text: store.Text{"en": "a<b"}}), "en",
			`<a href="https://example.org/?a=&quot;b&quot;&amp;c">a&lt;b</a>`},
		{"a link with a message", bot.Say("X", "X", bot.Link{URL: "tg://user?id=1", Key: "Fixed"}), "en", `<a href="tg://user?id=1">fixed words</a>`},
		{"a bare link", bot.Say("X", "X", bot.Link{URL: "https://example.org"}), "en", `<a href="https://example.org">https://example.org</a>`},
		{"an address of another kind is not clickable", bot.Say("X", "X", bot.Link{URL: "javascript:alert(1)", Key: "Fixed"}), "en", "fixed words"},
		{"no address", bot.Say("X", "X", bot.Link{URL: "example"}), "en", "example"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			l, err := c.Render(tc.reply, Reader{Lang: tc.lang}, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, l.Text); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestRenderLetter(t *testing.T) {
	t.Parallel()
	c := made(t, someMessages)
	file := &bot.File{Name: "a.ics"}
	reply := bot.Say("Fixed").Editing().Row(bot.Box("X", "a:1", false, "X", "one & <two>"), bot.Box("X", "a:2", true, "X", "b")).
		Row(bot.Open("Bold", "https://example.org", "X", strings.Repeat("word ", 20)))
	reply.Silent, reply.File = true, file
	reply.Button("X", "a:3", "X", "")
	got, err := c.Render(reply, Reader{Chat: 7, Lang: "en", Class: store.ClassUrgent}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	want := &bot.Letter{
		Chat: 7, Kind: bot.LetterEdit, Text: "fixed words", Silent: true, File: file, Class: store.ClassUrgent,
		Rows: [][]bot.Key{
			{{Label: "☐ one & <two>", Data: "a:1"}, {Label: "☑ b", Data: "a:2"}},
			{{Label: "word word word word word word word word word word word word…", URL: "https://example.org"}},
			{{Label: "…", Data: "a:3"}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestRenderNothing(t *testing.T) {
	t.Parallel()
	if l, err := loaded(t).Render(bot.Toast("Fixed"), Reader{}, time.Time{}); l != nil || err != nil {
		t.Errorf("got %v, %v, want neither letter nor error", l, err)
	}
}

func TestRenderErrors(t *testing.T) {
	t.Parallel()
	c := made(t, someMessages)
	for _, tc := range []struct {
		name  string
		reply *bot.Reply
		want  string
	}{
		{"an unknown key", bot.Say("Nowhere"), `"Nowhere"`},
		{"a missing value", bot.Say("Two", "X", "a"), `blank "Y"`},
		{"an unknown noun", bot.Say("X", "X", bot.Count{N: 1, Of: "Nowhere"}), `"Nowhere"`},
		{"a button without words", bot.Say("Fixed").Button("Nowhere", "a"), "button"},
		{"an unknown zone", bot.Say("X", "X", bot.ZoneName("Asia/Nowhere")), "Asia/Nowhere"},
		{"a mistake deep inside", bot.Say("X", "X", []bot.Value{bot.V([]bot.Part{bot.NewPart("Two")})}), `blank "X"`},
		{"nothing is left", bot.Say("X", "X", ""), "no text"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if l, err := c.Render(tc.reply, Reader{Lang: "uz"}, time.Time{}); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, %v, want an error with %q", l, err, tc.want)
			}
		})
	}
}

// TestMissingInOneLanguage takes a message away from one language: it is logged and said in English, never in Russian.
func TestMissingInOneLanguage(t *testing.T) {
	t.Parallel()
	c := loaded(t)
	var log bytes.Buffer
	c.Log = slog.New(slog.NewTextHandler(&log, nil))
	tag := language.MustParse("uz-Cyrl")
	bundle := i18n.NewBundle(tag)
	if err := bundle.AddMessages(tag, &i18n.Message{ID: "Other", Other: "x"}); err != nil {
		t.Fatal(err)
	}
	c.tongues[store.UzbekCyrl].localizer = i18n.NewLocalizer(bundle, "uz-Cyrl")
	l, err := c.Render(bot.Say("SpanNow"), Reader{Lang: store.UzbekCyrl}, time.Time{})
	if err != nil || l.Text != "now" {
		t.Errorf("got %v, %v, want the English text", l, err)
	}
	if !strings.Contains(log.String(), "key=SpanNow lang=uz-Cyrl") {
		t.Errorf("the log says %q", log.String())
	}
}

func TestReaderOfABrokenZone(t *testing.T) {
	t.Parallel()
	c := made(t, someMessages)
	for zone, want := range map[string]string{"Asia/Nowhere": "14:05", "": "14:05", "Asia/Bishkek": "15:05"} {
		l, err := c.Render(bot.Say("X", "X", bot.At{Time: at("2024-11-27T09:05:00Z")}), Reader{Zone: zone, CouncilZone: tashkent}, time.Time{})
		if err != nil || l.Text != want {
			t.Errorf("zone %q: got %v, %v, want %s", zone, l, err, want)
		}
	}
}

func TestCutting(t *testing.T) {
	t.Parallel()
	c := made(t, someMessages)
	long := strings.Repeat("абв ", 250) // 1000 units
	render := func(t *testing.T, r *bot.Reply) string {
		l, err := c.Render(r, Reader{Lang: "en"}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if n := telegramLength(l.Text); n > maxText {
			t.Errorf("%d units", n)
		}
		if err := validHTML(l.Text); err != nil {
			t.Error(err)
		}
		return l.Text
	}
	t.Run("at the end of a paragraph", func(t *testing.T) {
		t.Parallel()
		got := render(t, bot.Say("X", "X", long).Say("X", "X", long).Say("Bold", "X", long).Say("X", "X", long).Say("X", "X", long))
		if want := 4; strings.Count(got, "\n\n") != want || !strings.HasSuffix(got, "абв\n\n…") {
			t.Errorf("got %d breaks and the end %q", strings.Count(got, "\n\n"), got[len(got)-20:])
		}
	})
	t.Run("exactly full is not cut", func(t *testing.T) {
		t.Parallel()
		if got := render(t, bot.Say("X", "X", strings.Repeat("&", maxText))); telegramLength(got) != maxText || strings.HasSuffix(got, "…") {
			t.Errorf("got %d units ending in %q", telegramLength(got), got[len(got)-3:])
		}
	})
	t.Run("one more is", func(t *testing.T) {
		t.Parallel()
		if got := render(t, bot.Say("Bold", "X", strings.Repeat("&", maxText+1))); !strings.HasSuffix(got, "</b>\n\n…") || telegramLength(got) != maxText {
			t.Errorf("got %d units ending in %q", telegramLength(got), got[len(got)-10:])
		}
	})
	t.Run("the note about a foreign text stays", func(t *testing.T) {
		t.Parallel()
		got := render(t, bot.Say("Bold", "X", store.Text{"ru": strings.Repeat(long, 5)}))
		if !strings.HasSuffix(got, "</b>\n\n…\n\n<i>(original in Russian)</i>") {
			t.Errorf("ends in %q", got[len(got)-60:])
		}
	})
	t.Run("a long part behind a short one is cut itself", func(t *testing.T) {
		t.Parallel()
		if got := render(t, bot.Say("Fixed").Say("X", "X", strings.Repeat(long, 5))); telegramLength(got) < maxText*9/10 {
			t.Errorf("only %d units", telegramLength(got))
		}
	})
	t.Run("a caption is shorter", func(t *testing.T) {
		t.Parallel()
		r := bot.Say("X", "X", long+long)
		r.File = &bot.File{Name: "a"}
		if got := render(t, r); telegramLength(got) > maxCaption {
			t.Errorf("%d units", telegramLength(got))
		}
	})
}

func TestToast(t *testing.T) {
	t.Parallel()
	c := made(t, someMessages)
	got, err := c.Toast(bot.NewPart("Bold", "X", "a < b & c"), Reader{}, time.Time{})
	if err != nil || got != "a < b & c" {
		t.Errorf("got %q, %v, want plain text", got, err)
	}
	got, err = c.Toast(bot.NewPart("X", "X", strings.Repeat("👩", 200)), Reader{}, time.Time{})
	if err != nil || telegramLength(got) > maxToast {
		t.Errorf("got %d units, %v", telegramLength(got), err)
	}
	if _, err := c.Toast(bot.NewPart("Nowhere"), Reader{}, time.Time{}); err == nil {
		t.Error("an unknown key is no error")
	}
}

func TestMenu(t *testing.T) {
	t.Parallel()
	c := made(t, "Menu_b: 'the b & c'\nMenu_a: a\nMenu_hidden: h")
	cmds := []bot.Command{{Name: "b", Order: 2}, {Name: "hidden", Hidden: true}, {}, {Name: "a", Order: 1}, {Name: "unwritten", Order: 3}}
	want := []bot.MenuItem{{Command: "a", Description: "a"}, {Command: "b", Description: "the b & c"}, {Command: "unwritten"}}
	if diff := cmp.Diff(want, c.Menu(cmds, store.Uzbek)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if cmds[0].Name != "b" {
		t.Error("the commands were put into another order")
	}
}

func TestDescriptions(t *testing.T) {
	t.Parallel()
	c := loaded(t)
	seen := make(map[string]bool)
	for _, lang := range store.Langs {
		d := c.Descriptions(lang)
		if d.Name == "" || d.Description == "" || d.Short == "" || seen[d.Description] {
			t.Errorf("%s: got %+v", lang, d)
		}
		seen[d.Description] = true
	}
}

// TestEveryMessageEscapesItsValues renders every message in every language with values that are full of HTML.
func TestEveryMessageEscapesItsValues(t *testing.T) {
	t.Parallel()
	c := loaded(t)
	const evil = `<b>&"</a><script>`
	eachText(func(name string, lang store.Lang, m message, _ string) {
		values := make(bot.Values)
		for i, blank := range blanksOf(m) {
			values[blank] = []bot.Value{bot.V(evil), bot.V(store.Text{"en": evil}), bot.V(bot.Link{URL: "https://" + evil}), bot.V([]bot.Value{bot.V(evil)})}[i%4]
		}
		for _, n := range []int{1, 2, 5} {
			values["N"] = bot.V(n)
			l, err := c.Render(&bot.Reply{Parts: []bot.Part{{Key: m.key, Values: values}}}, Reader{Lang: lang}, time.Time{})
			if err == nil {
				err = validHTML(l.Text)
			}
			if err == nil && strings.Contains(l.Text, evil) {
				err = errors.New("a value stands there as it was given")
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func FuzzRender(f *testing.F) {
	c := made(f, someMessages)
	f.Add("a", "https://example.org", "2026-12-09", "09:00", "Asia/Tashkent", 1, int64(time.Hour), uint8(0))
	f.Add(strings.Repeat("<&>👩\n", 1500), "tg://\"<>", "2024-02-29", "", "+05:30", -7, int64(-1), uint8(255))
	f.Add("\xff\u202e", ":", "", "", "", 1<<40, int64(1)<<62, uint8(7))
	f.Fuzz(func(t *testing.T, text, url, date, hour, zone string, n int, span int64, bits uint8) {
		lang := store.Langs[bits%4]
		raw := store.Text{lang: text, store.Langs[bits/4%4]: text + "x"}
		reply := bot.Say("Bold", "X", text).Line("Two", "X", raw, "Y", bot.Link{URL: url, Text: store.Text{"en": text}}).
			Say("X", "X", []bot.Part{bot.NewPart("Bold", "X", raw), bot.NewPart("Meetings", "N", n)}).
			Say("X", "X", []bot.Value{bot.V(bot.Span{Length: time.Duration(span), Style: bot.SpanStyle(bits % 4)}), bot.V(text)}).
			Row(bot.Box("Bold", "a", bits%2 == 0, "X", text))
		if _, err := c.Render(bot.Say("X", "X", bot.When{Date: date, Start: hour, Zone: zone}), Reader{}, time.Time{}); err == nil {
			reply.Say("Bold", "X", bot.When{Date: date, EndDate: date, Start: hour, End: hour, Zone: zone, Style: bot.WhenStyle(bits % 5)})
		}
		if bits%3 == 0 {
			reply.File = &bot.File{}
		}
		l, err := c.Render(reply, Reader{Lang: lang, Zone: zone, CouncilZone: tashkent}, time.Unix(span, 0))
		if err != nil {
			t.Fatal(err)
		}
		if err := checkLetter(l); err != nil {
			t.Error(err)
		}
	})
}

// checkLetter holds a letter to the limits of the Bot API.
func checkLetter(l *bot.Letter) error {
	limit := maxText
	if l.File != nil {
		limit = maxCaption
	}
	if n := telegramLength(l.Text); n == 0 || n > limit {
		return fmt.Errorf("%d units", n)
	}
	for _, row := range l.Rows {
		for _, k := range row {
			if n := telegramLength(escape(k.Label)); n == 0 || n > maxLabel || strings.TrimSpace(k.Label) == "" {
				return fmt.Errorf("label %q has %d units", k.Label, n)
			}
		}
	}
	return validHTML(l.Text)
}

// BenchmarkRender writes an agenda of ten items for a reader in another zone, as /agenda does.
func BenchmarkRender(b *testing.B) {
	c := made(b, someMessages)
	title := store.Text{"en": "Example: joint meeting of the working groups", "ru": "Пример: совместное заседание", "uz": "Namuna: ishchi guruhlarning qoʻshma yigʻilishi"}
	when := bot.When{Date: "2026-12-09", Start: "09:00", End: "17:00", Zone: tashkent}
	hours := when
	hours.Style = bot.WhenHours
	reply := bot.Say("Bold", "X", title).Say("X", "X", when)
	for range 10 {
		reply.Say("Two", "X", hours, "Y", title)
	}
	reply.Button("X", "ag:ex-workshop:2", "X", "More").Button("X", "fo:m.ex-workshop:1", "X", "Follow")
	for _, lang := range store.Langs {
		b.Run(string(lang), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Render(reply, Reader{Lang: lang, Zone: "Asia/Bishkek", CouncilZone: tashkent}, at("2026-12-01T00:00:00Z")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
