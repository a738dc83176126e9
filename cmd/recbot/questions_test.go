package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"recbot/bot/answer"
	"recbot/bot/council"
	"recbot/locales"
	"recbot/store"
)

// reading is a reader of the shipped words and the shipped catalogue. Teaching takes a moment, so that all tests share one.
var reading = sync.OnceValue(func() *questions {
	words, err := locales.Load()
	if err != nil {
		panic(err)
	}
	q, err := newQuestions(council.Embedded(), words, nil, council.Embedded().Timezone)
	if err != nil {
		panic(err)
	}
	return q
})

// seeds is a book of the catalogue's own meetings.
var seeds = sync.OnceValue(func() *answer.Book {
	return reading().reader.NewBook(meetingsToRead(council.Embedded().Meetings), nil)
})

// week is when the second meeting of the Council is a week away.
func week() time.Time {
	return time.Date(2024, 11, 20, 10, 0, 0, 0, time.FixedZone("", 5*60*60))
}

// TestReferences holds the reader to which meeting, group or person a text is about.
func TestReferences(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		want       answer.Reading // of which only the slots that are set are compared
	}{
		{"the next one where none is named", "where is the meeting held?", answer.Reading{Intent: "meeting_where", Meeting: "rec-2"}},
		{"by number", "what was decided at the first meeting", answer.Reading{Intent: "meeting_outcome", Meeting: "rec-1"}},
		{"by number, of the groups", "повестка первого заседания рабочих групп", answer.Reading{Intent: "meeting_agenda", Meeting: "wg-1"}},
		{"by date", "27-noyabrdagi yigʻilishni kim tashkil qilyapti", answer.Reading{Intent: "meeting_organizers", Meeting: "rec-2"}},
		{"by a date in figures", "кто участвует во встрече 27.11.2024?", answer.Reading{Intent: "meeting_participants", Meeting: "rec-2"}},
		{"by month", "iyuldagi yigʻilish natijalari", answer.Reading{Intent: "meeting_outcome", Meeting: "wg-1"}},
		{"the last one", "what were the results of the last meeting?", answer.Reading{Intent: "meeting_outcome", Meeting: "wg-1"}},
		{"by its whole name", "agenda of the First Meeting of the Regional Expert Council", answer.Reading{Intent: "meeting_agenda", Meeting: "rec-1"}},
		{"of two the one that decided", "что решила первая встреча о месте второй", answer.Reading{Intent: "meeting_outcome", Meeting: "rec-1"}},
		{"another than there is", "agenda of the seventh meeting on 3 March 2025", answer.Reading{Intent: "meeting_agenda", Named: true}},
		{"a group by letter", "what does group c do", answer.Reading{Intent: "group_about", Body: "wg-c"}},
		{"a capital Cyrillic В is group c", "В гуруҳи нима билан шуғулланади", answer.Reading{Intent: "group_about", Body: "wg-c"}},
		{"a group by number", "чем занимается вторая рабочая группа", answer.Reading{Intent: "group_about", Body: "wg-b"}},
		{"a group by what it deals with", "which group works on legal issues", answer.Reading{Intent: "group_about", Body: "wg-a"}},
		{"a person with a slip", "кто такой Варонков", answer.Reading{Intent: "person", Person: "voronkov"}},
		{"a lead", "remind me two hours before the meeting", answer.Reading{Intent: "reminders", Lead: 2 * store.LeadHour}},
		{"a language", "Ўзбекча кирилл ёзувига ўтинг", answer.Reading{Intent: "language", Switch: store.UzbekCyrl}},
		{"what one needs to travel", "нужна ли мне виза", answer.Reading{Intent: "meeting_practical", Topic: "visa"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := reading().reader.Read(tc.text, seeds(), answer.Asker{Now: week()})
			w := tc.want
			if got.Intent != w.Intent || got.Body != w.Body && w.Body != "" || got.Person != w.Person || got.Lead != w.Lead || got.Switch != w.Switch || w.Topic != "" && got.Topic != w.Topic {
				t.Errorf("%q: got %+v, want %+v", tc.text, got, w)
			}
			if (w.Meeting != "" || w.Named) && got.Meeting != w.Meeting {
				t.Errorf("%q: got meeting %q, want %q", tc.text, got.Meeting, w.Meeting)
			}
		})
	}
}

// TestUnseen: what a person may not see is not understood, by whatever name it is called.
func TestUnseen(t *testing.T) {
	t.Parallel()
	blind := func(id store.MeetingID) bool { return id != "wg-1" }
	for _, text := range []string{
		"when was the first meeting of the working groups", "what happened on 26 July", "итоги июльского заседания",
		"Ishchi guruhlarning birinchi yigʻilishi qachon boʻlgan", "list all meetings", "agenda of the First Meeting of the Working Groups of the Regional Expert Council",
	} {
		got := reading().reader.Read(text, seeds(), answer.Asker{Now: week(), Sees: blind})
		if got.Meeting == "wg-1" {
			t.Errorf("%q leads to a meeting that the person may not see", text)
		}
		for _, id := range got.Fits {
			if id == "wg-1" {
				t.Errorf("%q lists a meeting that the person may not see", text)
			}
		}
	}
}

// TestVague: a word or two that hardly say anything are not taken for a question, and questions of a word are answered.
func TestVague(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text   string
		intent string
		chance float64
		known  float64
		want   bool
	}{
		{"Answer", "contact", 0.57, 0.87, true},
		{"Ҳа, бор", "unknown_fact", 0.51, 0.83, true},
		{"asdf", "off_topic", 0.83, 0.45, true},
		{"Ответ", "thanks", 0.63, 0.85, true},
		{"No", "unsubscribe", 0.99, 0.70, true},
		{"нет", "thanks", 0.99, 1, true},
		{"Ok!", "thanks", 0.99, 1, false},
		{"Нет, спасибо", "thanks", 0.46, 0.83, false},
		{"Онлайн?", "meeting_join", 0.63, 1, false},
		{"виза", "meeting_practical", 1, 1, false},
		{"Расскажи анекдот", "off_topic", 0.99, 1, false},
		{"What about the fourth one?", "meeting_about", 0.4, 0.5, false},
	} {
		if got := vague(tc.text, answer.Reading{Intent: tc.intent, Chance: tc.chance, Known: tc.known}); got != tc.want {
			t.Errorf("%q as %s: got %v", tc.text, tc.intent, got)
		}
	}
	entry := answer.Reading{Intent: "off_topic", Entry: "parking"}
	if vague("parking", entry) {
		t.Error("a word that an answered question is found by counts as vague")
	}
}

// TestLanguages: the language of a question is that of its words, whatever names and borrowed words stand among them.
func TestLanguages(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]store.Lang{
		"when is the next meeting":                   store.English,
		"когда следующее заседание":                  store.Russian,
		"kogda sleduyuschee zasedanie":               store.Russian,
		"keyingi yig'ilish qachon":                   store.Uzbek,
		"кейинги йиғилиш қачон":                      store.UzbekCyrl,
		"кейинги йигилиш качон буладими":             store.UzbekCyrl,
		"is there any news of группа г":              store.English,
		"agenda июльского заседания, пожалуйста":     store.Russian,
		"povestka bormi?":                            store.Uzbek,
		"Kim bu Kaha Imnadze, qayerda ishlaydi?":     store.Uzbek,
		"Что означает CICA и кто там главный сейчас": store.Russian,
	} {
		if got := reading().reader.Read(text, seeds(), answer.Asker{Now: week()}); got.Lang != want {
			t.Errorf("%q: got %s, want %s", text, got.Lang, want)
		}
	}
}

// TestLanguageOfAnswers: answers are told apart by their words, and a word that is in two languages is in neither.
func TestLanguageOfAnswers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]store.Lang{
		"Yes, behind the building and free of charge.": store.English,
		"Да, за зданием. Въезд с улицы Навои.":         store.Russian,
		"Ha, binoning orqasida, bepul.":                store.Uzbek,
		"Ҳа, бинонинг орқасида, бепул.":                store.UzbekCyrl,
		"12:00": "",
	} {
		if got := reading().languageOf(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestAnsweredBefore: a question that was answered is found again by what it means, in another language too, and never by
// whom it is not for.
func TestAnsweredBefore(t *testing.T) {
	t.Parallel()
	book := reading().reader.NewBook(nil, []answer.Entry{
		{ID: "parking", Questions: []string{"Is there parking at the venue?"}},
		{ID: "flag", Questions: []string{"Нужно ли привезти флаг страны?"}},
	})
	for _, tc := range []struct{ text, want string }{
		{"is there parking at the venue", "parking"},
		{"Is there any parking near the venue?", "parking"},
		{"есть ли парковка у места проведения?", "parking"},
		{"нужно привезти флаг?", "flag"},
		{"when is the next meeting", ""},
		{"is lunch provided", ""},
	} {
		if got := reading().reader.Read(tc.text, book, answer.Asker{Now: week()}); got.Entry != tc.want {
			t.Errorf("%q: got entry %q, want %q", tc.text, got.Entry, tc.want)
		}
	}
	hidden := answer.Asker{Now: week(), SeesEntry: func(id string) bool { return id != "parking" }}
	if got := reading().reader.Read("is there parking at the venue", book, hidden); got.Entry != "" {
		t.Errorf("an entry that the person may not see was found: %q", got.Entry)
	}
}

// TestHiddenEntriesDoNotCrowdOut: however many answered questions a person may not see, the one that they may is found.
func TestHiddenEntriesDoNotCrowdOut(t *testing.T) {
	t.Parallel()
	var list []answer.Entry
	for i := range 40 {
		list = append(list, answer.Entry{ID: fmt.Sprintf("hidden%02d", i), Questions: []string{"Where at the venue is the parking?"}})
	}
	list = append(list, answer.Entry{ID: "seen", Questions: []string{"Есть ли парковка у места проведения?"}})
	guest := answer.Asker{Now: week(), SeesEntry: func(id string) bool { return id == "seen" }}
	got := reading().reader.Read("is there any parking at the venue", reading().reader.NewBook(nil, list), guest)
	if got.Entry != "seen" {
		t.Errorf("got entry %q", got.Entry)
	}
}

// TestEntriesAreLearnedOnce: an answered question is learned again when its words change, and only then.
func TestEntriesAreLearnedOnce(t *testing.T) {
	t.Parallel()
	q := &questions{reader: reading().reader, learned: map[string]answer.Entry{}}
	parking := store.FAQ{ID: "p", Question: store.Text{store.English: "Is there parking at the venue?"}}
	q.learned["p"] = q.learn(parking)
	find := func(text string) string {
		return q.reader.Read(text, q.reader.NewBook(nil, []answer.Entry{q.learn(parking)}), answer.Asker{Now: week()}).Entry
	}
	if got := find("is there parking at the venue"); got != "p" {
		t.Errorf("what was learned is not found: got %q", got)
	}
	(&questions{learned: q.learned}).learn(parking) // without a reader nothing can be learned again
	parking.Question = store.Text{store.English: "Do we have to bring the flag of our country?"}
	if got := find("do we have to bring the flag of our country"); got != "p" {
		t.Errorf("new words are not found: got %q", got)
	}
	if got := find("is there parking at the venue"); got != "" {
		t.Errorf("the old words are still found: got %q", got)
	}
}

// TestFewWords: a word or two that people say in several languages are answered in the person's own, however the phrases
// that taught the reader are weighed; what is said in one language only tells it.
func TestFewWords(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		own, want  store.Lang
		sure       bool
	}{
		{"a borrowed word, of a Russian speaker", "agenda", store.Russian, store.Russian, false},
		{"a borrowed word, of an Uzbek speaker", "agenda", store.Uzbek, store.Uzbek, false},
		{"a borrowed word, of one who writes Uzbek in Cyrillic letters", "agenda", store.UzbekCyrl, store.UzbekCyrl, false},
		{"a borrowed word, in the person's own language too", "agenda", store.English, store.English, false},
		{"with a sign", "Agenda?", store.Russian, store.Russian, false},
		{"a word of two languages in one alphabet, of a Russian speaker", "виза", store.Russian, store.Russian, false},
		{"and of one who writes Uzbek", "виза", store.UzbekCyrl, store.UzbekCyrl, false},
		{"Russian in Latin letters or Uzbek", "viza", store.Uzbek, store.Uzbek, false},
		{"a word nobody was taught", "xyzzy", store.Russian, store.Russian, false},
		{"a word of one language", "qachon", store.Russian, store.Uzbek, true},
		{"another", "помощь", store.Uzbek, store.Russian, true},
		{"a Russian word that Uzbek speakers use", "повестка", store.Uzbek, store.Uzbek, false},
		{"of somebody new the likeliest is taken", "повестка", "", store.Russian, true},
		{"two words of one language", "кун тартиби", store.Russian, store.UzbekCyrl, true},
		{"a borrowed word beside one that is not", "agenda bormi", store.Russian, store.Uzbek, true},
		{"a borrowed word and courtesy", "agenda please", store.Russian, store.English, true},
		{"a whole sentence tells, borrowed words or not", "please send the agenda of the meeting", store.Russian, store.English, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := reading().reader.Read(tc.text, seeds(), answer.Asker{Now: week(), Lang: tc.own})
			if got.LangSure != tc.sure || got.Lang != tc.want {
				t.Errorf("%q of a speaker of %s: got %s, sure %v, want %s, sure %v", tc.text, tc.own, got.Lang, got.LangSure, tc.want, tc.sure)
			}
		})
	}
}

// TestDatesLeaveTheLanguage: whoever types a date or a number alone is answered in their own language. Of somebody new a Russian
// case tells, and a date in a text does not speak against its other words.
func TestDatesLeaveTheLanguage(t *testing.T) {
	t.Parallel()
	unsure := []string{"5 март", "9 мартда", "март", "5 August", "5 avgust", "27-noyabr", "5 marta", "12.03", "5", "15-00", "2027-03-05"}
	russian := []string{"5 января", "5 февраля", "5 марта", "9 марта, 15-00", "5 апреля", "5 мая?", "5 июня", "5 июля", "5 августа", "5 сентября", "октября", "5 ноября 2027", "5 декабря"}
	for _, own := range store.Langs {
		texts := unsure
		if own != store.English { // which is that of whoever has not chosen one
			texts = slices.Concat(unsure, russian)
		}
		for _, text := range texts {
			if got := reading().reader.Read(text, seeds(), answer.Asker{Now: week(), Lang: own}); got.Lang != own || got.LangSure {
				t.Errorf("%q of a speaker of %s: got %s, sure %v", text, own, got.Lang, got.LangSure)
			}
		}
	}
	for _, text := range russian {
		for _, own := range []store.Lang{"", store.English} {
			if got := reading().reader.Read(text, seeds(), answer.Asker{Now: week(), Lang: own}); got.Lang != store.Russian || !got.LangSure {
				t.Errorf("%q of a speaker of %q: got %s, sure %v, want ru", text, own, got.Lang, got.LangSure)
			}
		}
	}
	for _, tc := range []struct {
		text      string
		own, want store.Lang
		sure      bool
	}{
		{"виза 5 марта", store.Russian, store.Russian, false},
		{"виза 5 марта", store.UzbekCyrl, store.UzbekCyrl, false},
		{"сессия 5 марта", store.Russian, store.Russian, false},
		{"5 марта утром", store.Uzbek, store.Russian, true},
		{"будет ли заседание 9 марта", store.UzbekCyrl, store.Russian, true},
		{"йиғилиш 5 март куними", store.Russian, store.UzbekCyrl, true},
		{"неча марта йиғилдинглар", store.Russian, store.UzbekCyrl, true},
		{"what is on 5 марта", store.Uzbek, store.English, true},
	} {
		got := reading().reader.Read(tc.text, seeds(), answer.Asker{Now: week(), Lang: tc.own})
		if got.Lang != tc.want || got.LangSure != tc.sure {
			t.Errorf("%q of a speaker of %s: got %s, sure %v, want %s, sure %v", tc.text, tc.own, got.Lang, got.LangSure, tc.want, tc.sure)
		}
	}
}

// keyboards makes one of the letters in which Uzbek is typed with and without its own keys.
var keyboards = strings.NewReplacer("q", "k", "x", "h")

// FuzzQuestions: whatever bytes come, something is understood, nothing panics, and what is explained is text.
func FuzzQuestions(f *testing.F) {
	for _, seed := range []string{"", " ", "когда", "27.11.2024 99.99 2024-13-45", "{meeting} {group", "ййййййй", "\xff\xfe", strings.Repeat("guruh 1 ", 200), "2nd 3rd 4th wg wg wg a b c d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		who := answer.Asker{Now: week()}
		got := reading().reader.Read(text, seeds(), who)
		if got.Intent == "" || got.Chance < 0 || got.Chance > 1.0001 {
			t.Errorf("%q: got %+v", text, got)
		}
		for _, line := range reading().reader.Explain(text, seeds(), who) {
			if !utf8.ValidString(line) {
				t.Errorf("%q: explained by bytes that are no text: %q", text, line)
			}
		}
	})
}

// BenchmarkQuestion reads questions of all languages, and one as long as the bot reads them.
func BenchmarkQuestion(b *testing.B) {
	texts := []string{"when is the next meeting?", "что решили на первой встрече о месте второй?", "b guruhi nima bilan shugʻullanadi", "Кейинги йиғилиш қаерда ўтади"}
	long := strings.Repeat("нужна ли виза для участия во встрече, ", 26)
	for name, list := range map[string][]string{"usual": texts, "long": {long}} {
		b.Run(name, func(b *testing.B) {
			reading()
			for i := 0; b.Loop(); i++ {
				reading().reader.Read(list[i%len(list)], seeds(), answer.Asker{Now: week()})
			}
		})
	}
}

// BenchmarkReader is what the reader costs at start.
func BenchmarkReader(b *testing.B) {
	words, err := locales.Load()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := newReader(council.Embedded(), words); err != nil {
			b.Fatal(err)
		}
	}
}
