package locales

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/bot/script"
	"recbot/store"
)

// pluralForms are the forms of a text that counts. Uzbek nouns stay singular after a number, so its authors write one.
var pluralForms = map[store.Lang][]string{
	store.English: {"one", "other"}, store.Russian: {"few", "many", "one", "other"}, store.Uzbek: {"one", "other"}, store.UzbekCyrl: {"one", "other"},
}

// messagesIn are the messages of a language as its catalogue has them.
func messagesIn(lang store.Lang) []message {
	messages, err := readMessages(lang)
	if err != nil {
		panic(err)
	}
	return messages
}

// eachText calls f for every text of the catalogues, with a name for messages of the test.
func eachText(f func(name string, lang store.Lang, m message, text string)) {
	for _, lang := range store.Langs {
		for _, m := range messagesIn(lang) {
			for form, text := range m.forms {
				f(fmt.Sprintf("%s.yaml:%d: %s/%s", lang, m.line, m.key, form), lang, m, text)
			}
		}
	}
}

func blankNames(text string) []string {
	pieces, err := parseBlanks(text)
	if err != nil {
		panic(err)
	}
	var names []string
	for i := 1; i < len(pieces); i += 2 {
		names = append(names, pieces[i])
	}
	return names
}

// blanksOf are the names of all blanks of a message, in any of its forms.
func blanksOf(m message) []string {
	var names []string
	for _, text := range m.forms {
		names = append(names, blankNames(text)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestEveryLanguageHasEveryKey(t *testing.T) {
	t.Parallel()
	c := loaded(t)
	want := slices.Sorted(slices.Values(c.Keys()))
	for _, lang := range store.Langs {
		var got []string
		for _, m := range messagesIn(lang) {
			got = append(got, m.key)
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("keys of %s differ from English (-en +%s):\n%s", lang, lang, diff)
		}
	}
}

func TestPluralForms(t *testing.T) {
	t.Parallel()
	counts := make(map[string]bool)
	for _, m := range messagesIn(store.English) {
		counts[m.key] = len(m.forms) > 1
	}
	for _, lang := range store.Langs {
		for _, m := range messagesIn(lang) {
			forms := make([]string, 0, 4)
			for form, text := range m.forms {
				forms = append(forms, form)
				if text == "" {
					t.Errorf("%s.yaml:%d: %s/%s is empty", lang, m.line, m.key, form)
				}
			}
			slices.Sort(forms)
			plain := len(forms) == 1 && (lang != store.Russian || !counts[m.key])
			if !plain && !slices.Equal(forms, pluralForms[lang]) {
				t.Errorf("%s.yaml:%d: %s has the forms %v, want %v", lang, m.line, m.key, forms, pluralForms[lang])
			}
		}
	}
}

func TestBlanksAreTheSameInAllLanguages(t *testing.T) {
	t.Parallel()
	want := make(map[string][]string)
	for _, m := range messagesIn(store.English) {
		want[m.key] = blanksOf(m)
	}
	for _, lang := range store.Langs {
		for _, m := range messagesIn(lang) {
			if got := blanksOf(m); !slices.Equal(got, want[m.key]) {
				t.Errorf("%s.yaml:%d: %s has the blanks %v, English has %v", lang, m.line, m.key, got, want[m.key])
			}
		}
	}
}

// TestSpelling finds slips of the keyboard: blanks at the ends, wrong quotation marks and apostrophes, letters of the
// other alphabet.
func TestSpelling(t *testing.T) {
	t.Parallel()
	eachText(func(name string, lang store.Lang, m message, text string) {
		if strings.HasPrefix(m.key, "Language_") {
			return // the names of languages are written in themselves
		}
		bare := bareText(text)
		wrong := map[store.Lang]string{
			store.English: `"'«»`, store.Russian: `"'“”ʻʼ’`, store.Uzbek: `"«»` + strings.NewReplacer("ʻ", "", "ʼ", "").Replace(straight), store.UzbekCyrl: `"«»` + straight,
		}[lang]
		switch {
		case text != strings.TrimSpace(text):
			t.Errorf("%s: blanks at the ends", name)
		case strings.Contains(text, "  "):
			t.Errorf("%s: two blanks in a row", name)
		case strings.ContainsAny(bare, wrong):
			t.Errorf("%s: one of %s in %q", name, wrong, text)
		case lang == store.Uzbek && script.Normalize(bare) != bare:
			t.Errorf("%s: %q should be %q", name, bare, script.Normalize(bare))
		case lang == store.Uzbek && strings.ContainsFunc(bare, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }):
			t.Errorf("%s: Cyrillic letters in %q", name, text)
		case lang == store.Russian && mixed(bare) != "":
			t.Errorf("%s: %q mixes two alphabets", name, mixed(bare))
		}
	})
}

var blanksAndTags = regexp.MustCompile(`<[^>]*>|\{\{[^}]*\}\}`)

// bareText is a text without tags, with 0 for each blank.
func bareText(text string) string {
	return blanksAndTags.ReplaceAllStringFunc(text, func(s string) string {
		if s[0] == '<' {
			return ""
		}
		return "0"
	})
}

// straight are the apostrophes that people type.
const straight = "'`´‘’‛ʻʼ′"

// mixed gives the first word that has letters of two alphabets.
func mixed(text string) string {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		latin := strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
		if latin && strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }) {
			return word
		}
	}
	return ""
}

// terms are the words that the Council uses: where English says one, the other languages say theirs.
var terms = []struct{ en, ru, uz string }{
	{`\bworking groups?\b`, `рабоч`, `guruh`},
	{`\bmeetings?\b`, `заседани`, `yigʻilish`},
	{`\bagendas?\b`, `повестк`, `kun tartib`},
	{`\breminders?\b`, `напомин`, `eslat`},
	{`\b[Cc]ouncil\b`, `совет`, `kengash`},
	{`\btime zone\b`, `часово`, `vaqt mintaqa`},
	{`\bquiet hours\b`, `тих`, `sokin`},
	{`\borganizers?\b`, `организатор`, `tashkilotchi`},
	{`\bsecretariat\b`, `секретариат`, `kotibiyat`},
	{`\bspeakers?\b`, `доклад|выступа|спикер`, `maʼruza|soʻzlov`},
	{`\bcancelled\b`, `отмен`, `bekor`},
	{`\bparticipants?\b`, `участ`, `ishtirok|qatnash`},
	{`\bdocuments?\b`, `документ`, `hujjat`},
	{`\bsources?\b`, `источник`, `manba`},
}

// foreignTerms are words that other councils use, or nobody should.
var foreignTerms = map[store.Lang]string{
	store.English: `\b(encounter|returner|subscriber)`,
	store.Russian: `(встреч|собрани|митинг|возвращен[ец]|напоминалк|хост|Вы[ ,]\S+.*\bВас\b)`,
	store.Uzbek:   `\b(majlis|uchrashuv|sobraniye|siyosiy)`,
}

func TestTerms(t *testing.T) {
	t.Parallel()
	texts := make(map[string]map[store.Lang]string)
	eachText(func(_ string, lang store.Lang, m message, text string) {
		if texts[m.key] == nil {
			texts[m.key] = make(map[store.Lang]string)
		}
		texts[m.key][lang] += strings.ToLower(bareText(text)) + "\n"
	})
	for _, term := range terms {
		en := regexp.MustCompile("(?i)" + term.en)
		for key, text := range texts {
			if !en.MatchString(text[store.English]) || key == "ChangePlace" { // "venue changed" names no meeting elsewhere
				continue
			}
			for lang, want := range map[store.Lang]string{store.Russian: term.ru, store.Uzbek: term.uz} {
				if !regexp.MustCompile(want).MatchString(text[lang]) {
					t.Errorf("%s: English says %s, %s does not say %s: %q", key, term.en, lang, want, text[lang])
				}
			}
		}
	}
	for lang, words := range foreignTerms {
		wrong := regexp.MustCompile("(?i)" + words)
		for key, text := range texts {
			if s := wrong.FindString(text[lang]); s != "" {
				t.Errorf("%s: %s says %q", key, lang, s)
			}
		}
	}
}

// TestLengths keeps texts where Telegram and phones take them whole: a paragraph with long values far below a message,
// a toast with names in it below 200 units, a button's own words below its label.
func TestLengths(t *testing.T) {
	t.Parallel()
	limits := []struct {
		prefix        string
		limit, perVal int
	}{
		{"Toast", maxToast, 40}, {"Button", maxLabel, 16}, {"Menu_", 100, 0}, {"BotName", 64, 0}, {"BotDescription", 512, 0}, {"BotShortDescription", 120, 0}, {"", maxText, 600},
	}
	said := readSources(t).toasts
	eachText(func(name string, _ store.Lang, m message, text string) {
		for _, l := range limits {
			// What is said over the chat has to be short whatever it is called.
			toast := l.limit == maxToast && said[m.key]
			if !toast && !strings.HasPrefix(m.key, l.prefix) {
				continue
			}
			values := len(blankNames(text))
			pieces, _ := parseBlanks(text)
			n := values * l.perVal
			for i := 0; i < len(pieces); i += 2 {
				n += length(pieces[i])
			}
			if n > l.limit {
				t.Errorf("%s: %d units with its values, limit %d", name, n, l.limit)
			}
			return
		}
	})
}

// TestToastOfALongTitle: of the word that no reminder will come, what matters stands before the title, which may be cut.
func TestToastOfALongTitle(t *testing.T) {
	t.Parallel()
	c := loaded(t)
	part := bot.NewPart("FollowedLate", "In", bot.Span{Length: 40 * time.Minute}, "Title", strings.Repeat("word ", 80))
	for lang, want := range map[store.Lang]string{
		store.English: "in 40 minutes", store.Russian: "через 40 минут", store.Uzbek: "40 daqiqadan keyin", store.UzbekCyrl: "40 дақиқадан кейин",
	} {
		got, err := c.Toast(part, Reader{Lang: lang}, time.Time{})
		if err != nil || telegramLength(got) > maxToast || !strings.Contains(got, want) || !strings.HasSuffix(got, ellipsis) {
			t.Errorf("%s: %d units, %v: %q", lang, telegramLength(got), err, got)
		}
	}
}

func TestHTMLOfTexts(t *testing.T) {
	t.Parallel()
	eachText(func(name string, _ store.Lang, m message, text string) {
		if err := validHTML(strings.NewReplacer("{{", "", "}}", "").Replace(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, prefix := range []string{"Button", "Toast", "Menu_", "Bot"} {
			if strings.HasPrefix(m.key, prefix) && strings.Contains(text, "<") {
				t.Errorf("%s: HTML where none is shown", name)
			}
		}
	})
}

func TestParseMessagesErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, yaml, want string }{
		{"not YAML", "a: [", "did not find"},
		{"no map", "- a", "not a map"},
		{"nothing at all", "", "not a map"},
		{"a key twice", "A: x\nB: y\nA: z", "line 3: A"},
		{"no text", "A: ''", "line 1: A: no text"},
		{"a list", "A: [x]", "line 1: A: neither"},
		{"an unknown form", "A: {one: x, two: y, other: z}", `unknown plural form "two"`},
		{"no other form", "A: {one: x}", "no text"},
		{"a condition of Go", "A: '{{if .X}}y{{end}}'", "not a blank"},
		{"an open blank", "A: 'x {{.X'", "not a blank"},
		{"a closing without an opening", "A: 'x }} y'", "}} without {{"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if _, err := parseMessages([]byte(tc.yaml)); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want an error with %q", err, tc.want)
			}
		})
	}
}
