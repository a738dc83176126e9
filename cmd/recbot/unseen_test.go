package main

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot/council"
	"recbot/bot/dispatch"
	"recbot/store"
	"recbot/store/boltstore"
	"recbot/store/storetest"
)

// unseen is a meeting for one group only, with all that could give it away: names, a place that only it has, a month of its
// own, somebody who speaks, answers of its own.
func unseen() store.Meeting {
	return store.Meeting{
		ID: "wg-b-secret", UID: "wg-b-secret", Kind: "working_group_meeting", Number: 7, Bodies: []string{"wg-b"},
		Name:    store.Text{store.English: "Budget Retreat of Working Group B", store.Russian: "Бюджетная сессия рабочей группы b", store.Uzbek: "B guruhining byudjet yigʻilishi"},
		Aliases: map[store.Lang][]string{store.English: {"the quiet retreat", "Second Meeting of the Regional Expert Council, closed part"}},
		Date:    "2027-03-04", StartHour: "15:00", EndHour: "16:00", Zone: "Asia/Almaty", Attendance: store.Mixed,
		Location: store.Location{City: store.Text{store.English: "Zarbuloq", store.Russian: "Зарбулак", store.Uzbek: "Zarbuloq"}},
		JoinURL:  "https://example.org/secret", Status: store.Confirmed, Visibility: store.Restricted, Bound: []string{"wg-b"},
		Agenda: []store.AgendaItem{{Title: store.Text{store.English: "Staffing of the hotline"}}},
		FAQ: []store.FAQ{{ID: "secret-visa", Topic: "visa", Question: store.Text{store.English: "Do I need a visa for Zarbuloq?"},
			Answer: store.Text{store.English: "No visa for thirty days."}}},
	}
}

// closed are answers for delegates, one of them of the meeting.
func closed() []store.FAQ {
	return []store.FAQ{
		{ID: "q1", Topic: "transport", Question: store.Text{store.English: "Is there parking at the villa?"}, Answer: store.Text{store.English: "Behind the villa."}, Visibility: store.Delegates},
		{ID: "q2", Topic: "other", Question: store.Text{store.Russian: "Где стоит кофейный автомат?"}, Answer: store.Text{store.Russian: "В подвале."}, Visibility: store.Restricted, Bound: []string{"wg-b"}},
		{ID: "q3", Topic: "meals", Question: store.Text{store.English: "Is lunch served?"}, Answer: store.Text{store.English: "At noon."}, Visibility: store.Public, Meeting: "wg-b-secret"},
	}
}

// unseenWorld is a bot that counts what it asks of its store, with or without what a guest may not see.
func unseenWorld(t *testing.T, with bool) (*asker, *storetest.Counting) {
	t.Helper()
	a := &asker{}
	a.clock.Store(&longAgo)
	db, err := boltstore.Open(filepath.Join(t.TempDir(), storeFile), boltstore.Options{Now: a.now, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	calls := storetest.NewCounting(db)
	p := parts{Config: Config{Token: nowhere, Timezone: "Asia/Tashkent"}, catalogue: council.Embedded(), backend: calls, now: a.now, log: slog.New(slog.DiscardHandler)}
	if a.app, err = newApp(p); err != nil {
		t.Fatal(err)
	}
	if err := a.app.store.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if with {
		a.app.meetings = []store.Meeting{unseen()}
	}
	if err := a.app.fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if with {
		for _, f := range closed() {
			if _, err := a.app.store.SaveEntry(t.Context(), f); err != nil {
				t.Fatal(err)
			}
		}
	}
	a.lanes = dispatch.New(a.watched(a.app.laneOptions()))
	return a, calls
}

// TestUnseenIsUnheard: asked in every way about what they may not see, a guest gets word for word, and at the price of the
// same calls to the store, what they would get if it did not exist.
func TestUnseenIsUnheard(t *testing.T) {
	t.Parallel()
	with, callsWith := unseenWorld(t, true)
	without, callsWithout := unseenWorld(t, false)
	now := time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
	ask := func(a *asker, calls *storetest.Counting, text string) (string, storetest.Calls) {
		calls.Take()
		said, err := a.answer(t.Context(), asked{text: text, now: now})
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		return said.forReader(), calls.Take()
	}
	// The first question of all makes the names of all meetings, which costs what there is.
	for _, text := range append([]string{"hello"}, strings.Split(strings.TrimSpace(`
/meetings
/agenda
/faq
/groups b
/start m_wg-b-secret
/start m_no-such-one
when is the next meeting
когда следующее заседание
when does group b meet
b guruhi qachon yigʻiladi
When is the Budget Retreat of Working Group B?
agenda of the quiet retreat
повестка бюджетной сессии рабочей группы b
Где пройдёт бюджетная сессия рабочей группы b?
who takes part in the budget retreat of working group b
link to the quiet retreat please
documents of the quiet retreat
what came out of the quiet retreat
meetings in Zarbuloq
Zarbuloq
Зарбулак?
who will be in Zarbuloq
заседания в Зарбулаке
Zarbuloqdagi yigʻilishlar
Зарбулоқдаги йиғилишлар
what happens in Zarbuloq in March
meetings in March
что будет в марте 2027 года
what is on 4 March 2027
4-martda nima boʻladi
list all meetings
upcoming meetings
the seventh meeting of the working groups
wg-b-secret
tell me about wg-b-secret
do I need a visa for Zarbuloq?
do I need a visa
is lunch served?
is there parking at the villa?
где можно припарковаться у виллы?
Где стоит кофейный автомат?
кофе автомати қаерда?
who spoke about staffing of the hotline
remind me an hour before the quiet retreat
subscribe me to the quiet retreat
subscribe me to group b
what do I follow
put the quiet retreat into my calendar
in wg b december
when was the Second Meeting of the Regional Expert Council, closed part
`), "\n")...) {
		got, costs := ask(with, callsWith, text)
		want, cost := ask(without, callsWithout, text)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q tells that there is something (- without, + with it):\n%s", text, diff)
		}
		if diff := cmp.Diff(cost, costs); diff != "" && text != "hello" {
			t.Errorf("%q asks other things of the store (- without, + with it):\n%s", text, diff)
		}
	}
}
