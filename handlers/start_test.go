package handlers_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/bot/council"
	"recbot/store"
)

func TestFirstStart(t *testing.T) {
	t.Parallel()
	k := newStage(t).talk(1, store.English)
	hears(t, k.says("/start"), "Welcome, Aigul!", "[Oʻzbekcha][Ўзбекча]\n[Русский][English]")
	hears(t, k.presses("Русский"), "09:00", "[Ташкент +5][Бишкек +6][Астана +5]\n[Другое место]")
	if !k.last.Menu || !k.last.Edit {
		t.Error("the language was chosen, but the menu is not set, or the question is not replaced")
	}
	hears(t, k.presses("Другое место"), "Душанбе", "[Ташкент +5]")
	hears(t, k.says("Душнбе"), "имели в виду Душанбе", "[Душанбе +5]")
	hears(t, k.says("xyz"), "не знаю", "[Ташкент +5]")
	hears(t, k.says("Душанбе"), "Душанбе, +05:00", "09:00", "[Да][Изменить]")
	hears(t, k.presses("Да"), "[☑ Совет: заседания для всех]", "[☐ (a) Ответственность")
	if got := k.record().Zone; got != "Asia/Dushanbe" {
		t.Errorf("zone = %q", got)
	}
	k.presses("fl:start:follow:wg-b:1")
	hears(t, k.pressesData("fl:start:follow:wg-b:1"), "[☑ (b) ", "[☐ (d) ") // a double tap shows the wanted state
	k.presses("fl:start:follow:wg-d:1")
	hears(t, k.presses("Готово"), "Региональный экспертный совет, рабочие группы (b), (d)",
		"1 день, 1 час", "пока не объявлены. Как только объявят, я напишу", "[Напоминания]", "[Меню]")

	p := k.record()
	if diff := cmp.Diff([]store.Topic{"rec", "wg-b", "wg-d"}, p.Topics); diff != "" || !p.Welcomed {
		t.Errorf("welcomed %t, topics (-want +got):\n%s", p.Welcomed, diff)
	}
	hears(t, k.says("/start"), "Ваши настройки", "Русский", "Душанбе, UTC+5", "рабочие группы (b), (d)")
	if diff := cmp.Diff(p, k.record()); diff != "" {
		t.Errorf("a second start changed the record (-first +second):\n%s", diff)
	}
	hears(t, k.pressesData("fl:start:zone:Asia/Bishkek"), "Ваши настройки", "(Этот вопрос уже закрыт.)")
}

func TestFirstStartInEveryLanguage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for i, lang := range store.Langs {
		k := s.talk(store.PersonID(i+1), lang)
		k.name = ""
		hears(t, k.says("/start"), "[Oʻzbekcha][Ўзбекча]\n[Русский][English]")
		k.pressesData("fl:start:lang:" + string(lang))
		k.pressesData("fl:start:zone:Asia/Tashkent")
		k.pressesData("fl:start:follow:all:1")
		got := k.pressesData("fl:start:follow:done")
		misses(t, got, "{{", "}}", "<", "  ")
		if p := k.record(); !p.Welcomed || p.Language != lang || !p.Follows(store.TopicAll) {
			t.Errorf("%s: record %+v", lang, p)
		}
	}
}

func TestStartInterrupted(t *testing.T) {
	t.Parallel()
	k := newStage(t).talk(1, store.English)
	k.says("/start")
	k.presses("English")
	hears(t, k.says("/start"), "Which time zone") // goes on where it stopped
	hears(t, k.says("/help"), "Commands", "[Continue: first settings]")
	hears(t, k.presses("Continue: first settings"), "Which time zone")
	k.now = k.now.Add(7 * 24 * time.Hour)
	hears(t, k.pressesData("fl:start:zone:Asia/Tashkent"), "Which meetings shall I tell you about?")
	hears(t, k.says("something"), "Which meetings shall I tell you about?")
	hears(t, k.pressesData("fl:start:lang:ru"), "Ваш часовой пояс: Ташкент") // an old button
	hears(t, k.says("/cancel"), "Настройка прервана")
	if k.record().Welcomed {
		t.Error("welcomed, although the first settings were cancelled")
	}
	hears(t, k.says("/start"), "Здравствуйте, Aigul!")
	hears(t, k.says("oʻzbekcha"), "Vaqt mintaqangiz: Toshkent")
}

func TestStartLinks(t *testing.T) {
	t.Parallel()
	s := newStage(t, council.ExampleMeetings()...)
	for i, tc := range []struct {
		name, param, want string
	}{
		{"to a meeting", "m_ex-workshop", "Example: joint meeting of the working groups"},
		{"to a body", "b_wg-b", "Working Group (b)"},
		{"to a meeting that is not there for them", "m_ex-online", "I found no such meeting"},
		{"to a meeting that is not there at all", "m_ex-nothing", "I found no such meeting"},
		{"to a body that is not there", "b_wg-z", ""},
		{"that means nothing", "spring-2026", "The link you came by is not valid"},
		{"that is long and strange", strings.Repeat("_", 64), "The link you came by is not valid"},
	} {
		k := s.known(store.PersonID(i+1), store.English)
		hears(t, k.says("/start "+tc.param), tc.want)
	}
	k := s.talk(100, store.English)
	k.says("/start m_ex-workshop")
	k.presses("English")
	k.presses("Tashkent +5")
	hears(t, k.says("/start b_wg-b"), "Working Group (b) on", "----", "Which meetings shall I tell you about?")
	hears(t, k.pressesData("fl:start:follow:done"), "All set.", "----", "Who meets: Working Groups (a), (b), (c), (d)")
}

func TestInvites(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	secret, err := s.store.MakeInvite(t.Context(), store.Invite{Role: store.Owner, Expires: s.now.Add(15 * time.Minute)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	k := s.talk(1, store.English)
	hears(t, k.says("/start "+secret), "Your role: owner of the bot", "Please choose a language")
	if !k.last.Menu {
		t.Error("a new role, and the menu is not set")
	}
	if got := k.record().Role; got != store.Owner {
		t.Errorf("role = %q", got)
	}
	second := s.talk(2, store.English)
	hears(t, second.says("/start "+secret), "not valid", "Please choose a language")
	if got := second.record().Role; got.AtLeast(store.Delegate) {
		t.Errorf("the invite was used twice: %q", got)
	}
}

func TestReturned(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.known(1, store.English)
	k.set(func(p *store.Person) { p.Topics = []store.Topic{"wg-b", "wg-d"} })
	r := k.update()
	reply, err := k.desk.Returned(t.Context(), r)
	hears(t, k.hear(r, reply, err), "Welcome back!", "You follow: Working Groups (b), (d).")

	newcomer := s.talk(2, store.English)
	r = newcomer.update()
	reply, err = s.desk.Returned(t.Context(), r)
	hears(t, newcomer.hear(r, reply, err), "Please choose a language")
}

// The button that unblocks the bot sends a /start with it.
func TestStartBehindTheReturn(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		after time.Duration
		says  string
		set   func(p *store.Person)
		want  string
	}{
		{"at once", 0, "/start", nil, "What would you like to see?"},
		{"half a minute later", 30 * time.Second, "/start", nil, "What would you like to see?"},
		{"a minute later", time.Minute, "/start", nil, "Your settings"},
		{"by a link to a body", time.Second, "/start b_wg-b", nil, "Working Group (b) on psychosocial support"},
		{"in the middle of the first conversation", time.Second, "/start", func(p *store.Person) { p.Welcomed = false }, "[Continue: first settings]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			k := newStage(t).known(1, store.English)
			k.set(func(p *store.Person) {
				p.Back = k.now
				if tc.set != nil {
					tc.set(p)
				}
			})
			r := k.update()
			reply, err := k.desk.Returned(t.Context(), r)
			k.hear(r, reply, err)
			k.now = k.now.Add(tc.after)
			hears(t, k.says(tc.says), tc.want)
		})
	}
	k := newStage(t).known(1, store.English)
	k.set(func(p *store.Person) { p.Back = k.now })
	r := k.update()
	r.Away = k.now // blocked once more, and this /start is what brings them back
	for _, c := range k.desk.Commands() {
		if c.Name == "start" {
			hears(t, k.read(r.Person, k.must(c.Run(t.Context(), r))), "Your settings")
		}
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	k := newStage(t).known(1, store.English)
	hears(t, k.says("/language"), "Language: English", "[Oʻzbekcha][Ўзбекча]\n[Русский][English]")
	hears(t, k.presses("Ўзбекча"), "Энди сизга ўзбек тилида, кирилл алифбосида ёзаман.")
	if got := k.record().Language; got != store.UzbekCyrl || !k.last.Menu {
		t.Errorf("language = %q, menu %t", got, k.last.Menu)
	}
	hears(t, k.says("/language english"), "From now on I write to you in English.")
	hears(t, k.pressesData("la:xx"), "Language: English")
	hears(t, k.pressesData("la"), "Language: English")

	k.says("/timezone")
	hears(t, k.says("/language"), "[Continue: time zone]")
	hears(t, k.presses("Русский"), "Теперь я пишу вам по-русски.", "----", "Ваш часовой пояс", "[Бишкек +6]")
	hears(t, k.pressesData("fl:zone:zone:Asia/Tashkent"), "Сохранено", "Ташкент, UTC+5")
}

func TestTimezone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for i, tc := range []struct {
		name    string
		answers []string // after /timezone; what has a colon is pressed
		want    string   // zone
		hears   string
	}{
		{"a button", []string{"fl:zone:zone:Asia/Tashkent"}, "Asia/Tashkent", "Tashkent, UTC+5, now 09:00"},
		{"a city, confirmed by button", []string{"Almaty", "fl:zone:sure:yes"}, "Asia/Almaty", "now 09:00"},
		{"a city, confirmed by text", []string{"Samarqand", "ha"}, "Asia/Samarkand", "now 09:00"},
		{"an offset", []string{"UTC+3", "да"}, "+03:00", "UTC+3, now 07:00"},
		{"an IANA name", []string{"Europe/Vienna", "fl:zone:sure:yes"}, "Europe/Vienna", "now 05:00"},
		{"a slip, and the button under the question", []string{"Dushnbe", "fl:zone:zone:Asia/Dushanbe"}, "Asia/Dushanbe", "now 09:00"},
		{"another city instead of yes", []string{"Dushanbe", "Tashkent", "yes"}, "Asia/Tashkent", "now 09:00"},
		{"no", []string{"Dushanbe", "no"}, "Asia/Bishkek", "Your time zone: Bishkek"},
		{"change", []string{"Dushanbe", "fl:zone:sure:no"}, "Asia/Bishkek", "Your time zone: Bishkek"},
		{"an old question's yes", []string{"fl:zone:zone:Asia/Tashkent", "fl:zone:sure:yes"}, "Asia/Tashkent", "Your time zone: Tashkent"},
		{"a button that nobody made", []string{"fl:zone:zone:Mars/Base"}, "Asia/Bishkek", "Your time zone: Bishkek"},
		{"nothing of the kind", []string{"qwerty"}, "Asia/Bishkek", "I do not know this place"},
	} {
		k := s.known(store.PersonID(i+1), store.English)
		hears(t, k.says("/timezone"), "Your time zone: Bishkek, UTC+6", "10:00")
		got := ""
		for _, a := range tc.answers {
			if strings.HasPrefix(a, "fl:") {
				got = k.pressesData(a)
			} else {
				got = k.says(a)
			}
		}
		hears(t, got, tc.hears)
		if zone := k.record().Zone; zone != tc.want {
			t.Errorf("%s: zone = %q, want %q", tc.name, zone, tc.want)
		}
	}
	k := s.known(100, store.English)
	hears(t, k.says("/timezone Dushanbe"), "Dushanbe, +05:00, now 09:00. Correct?")
	hears(t, k.pressesData("tz"), "Your time zone: Bishkek")
	hears(t, k.says("/cancel"), "Nothing was changed")
	hears(t, k.says("/cancel"), "nothing to cancel")
	k.says("/timezone")
	hears(t, k.presses("Cancel"), "Nothing was changed", "[Menu]")
}

func TestHelpFollowsTheTable(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for i, lang := range store.Langs {
		k := s.known(store.PersonID(i+1), lang)
		for _, role := range []store.Role{"", store.Delegate, store.Organizer, store.Owner} {
			k.set(func(p *store.Person) { p.Role = role })
			got := k.says("/help")
			for _, c := range s.desk.Commands() {
				line := strings.Contains(got, "/"+c.Name+" – ")
				if shown := c.Name != "" && !c.Hidden && role.AtLeast(c.For); shown != line {
					t.Errorf("%s: /%s stands in the /help of role %q: %t, want %t", lang, c.Name, role, line, shown)
				}
			}
		}
		if items := s.words.Menu(s.desk.Commands(), lang); slices.ContainsFunc(items, func(m bot.MenuItem) bool { return m.Description == "" }) {
			t.Errorf("%s: a line of the menu has no words: %v", lang, items)
		}
	}
}

func TestWhatIsNoQuestion(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for i, lang := range store.Langs {
		k := s.known(store.PersonID(i+1), lang)
		for name, answer := range map[string]bot.Handler{"command": s.desk.Unknown, "sticker": s.desk.Unreadable, "text": s.desk.NotUnderstood} {
			reply, err := answer(t.Context(), k.update())
			if err != nil || len(reply.Parts) != 1 || len(reply.Rows) != 1 || len(reply.Rows[0]) != 3 {
				t.Errorf("%s: want one line and three buttons, got %+v, %v", name, reply, err)
			}
		}
		hears(t, k.says("/nonsense"), "]")
		hears(t, k.pressesData("zz:1"), "]")
	}
	k := s.known(100, store.English)
	hears(t, k.read(k.record(), s.ask(k.record(), bot.Question{Intent: "greeting"})), "Hello!", "[Meetings]")
	hears(t, k.says("/menu"), "What would you like to see?")
	hears(t, k.presses("Help"), "Commands")
	hears(t, k.presses("Menu"), "[Time zone]")
}
