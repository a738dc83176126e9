package handlers_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"recbot/bot"
	"recbot/store"
)

// wonders asks a question that nothing is known of, and gives the data of the button that sends it.
func (s *stage) wonders(p store.Person, body string) string {
	s.t.Helper()
	r := s.request(p)
	r.Kind, r.Text, r.Message = bot.UpdateText, "who chairs <it>?", 5
	r.Ask = bot.Question{Intent: "unknown_fact", Aspect: "chair", Body: body, Lang: store.English}
	for _, c := range s.desk.Commands() {
		if len(c.Intents) == 1 && c.Intents[0] == r.Ask.Intent {
			for _, d := range data(s.must(c.Run(s.t.Context(), r))) {
				if strings.HasPrefix(d, "qa:") && strings.HasSuffix(d, ":1") {
					return d
				}
			}
		}
	}
	s.t.Fatal("no offer to send the question")
	return ""
}

func TestOfferSendsOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.person(7, store.English, nil)
	send := s.wonders(p, "wg-d")
	no := strings.TrimSuffix(send, "1") + "0"
	for _, step := range []struct{ name, data, want string }{
		{"sent", send, "Sent, No. 1."},
		{"pressed again", send, "Sent, No. 1."},
		{"thought better of it too late", no, "not sent"},
		{"a button of what was dropped", send, "too old"},
	} {
		if got := s.read(p, s.press(p, step.data)); !strings.Contains(got, step.want) {
			t.Errorf("%s: got %q, want %q in it", step.name, got, step.want)
		}
	}
	other := s.person(8, store.English, nil)
	if got := s.read(other, s.press(other, send)); !strings.Contains(got, "too old") {
		t.Errorf("somebody else's button: got %q", got)
	}
	if open, err := s.store.OpenQuestions(t.Context()); err != nil || len(open) != 1 || open[0].Text != "who chairs <it>?" || open[0].Message != 5 {
		t.Errorf("open questions: %+v, %v", open, err)
	}
}

func TestCardIsForThoseWhoMayAnswer(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	asker := s.person(7, store.English, nil)
	s.press(asker, s.wonders(asker, "wg-d"))
	coordinates := func(body string) func(*store.Person) {
		return func(p *store.Person) { p.Role, p.Coordinates = store.Coordinator, []string{body} }
	}
	card := s.onlyJob(s.now)
	for _, tc := range []struct {
		name    string
		id      store.PersonID
		change  func(*store.Person)
		sees    bool
		buttons int
	}{
		{"an organizer", 10, func(p *store.Person) { p.Role = store.Organizer }, true, 3},
		{"an owner", 11, func(p *store.Person) { p.Role = store.Owner }, true, 3},
		{"the coordinator of the group", 12, coordinates("wg-d"), true, 1},
		{"the coordinator of another group", 13, coordinates("wg-b"), false, 0},
		{"a member of the group", 14, func(p *store.Person) { p.MemberOf = []string{"wg-d"} }, false, 0},
		{"a delegate", 15, func(p *store.Person) { p.Role = store.Delegate }, false, 0},
	} {
		p := s.person(tc.id, store.English, tc.change)
		reply, why := s.compose(card, p)
		if (reply != nil) != tc.sees {
			t.Errorf("%s: shown %t (%s), want %t", tc.name, reply != nil, why, tc.sees)
			continue
		}
		if tc.sees && (len(data(reply)) != tc.buttons || !strings.Contains(s.read(p, reply), "who chairs <it>?")) {
			t.Errorf("%s: %s", tc.name, s.read(p, reply))
		}
		if r := s.request(p); !tc.sees { // nor by a reply to a card that was forwarded to them
			r.Kind, r.Text, r.HTML, r.ReplyTo, r.ReplyData = bot.UpdateText, "a", "a", 9, "qb:1:ans"
			if reply := s.must(s.desk.Replied(t.Context(), r)); reply != nil {
				t.Errorf("%s answers: %s", tc.name, s.read(p, reply))
			}
		}
	}
}

// TestAnswerComesAgain gives the same update twice, as after a crash behind any of its batches.
func TestAnswerComesAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	asker := s.person(7, store.Russian, nil)
	s.press(asker, s.wonders(asker, ""))
	o := s.person(8, store.English, func(p *store.Person) { p.Role, p.Name = store.Organizer, "Dilshod" })
	r := s.request(o)
	r.Kind, r.Text, r.HTML, r.ReplyTo, r.ReplyData = bot.UpdateText, "a & b", "<b>a</b> &amp; b", 9, "qb:1:ans"
	for range 2 {
		if got := s.read(o, s.must(s.desk.Replied(t.Context(), r))); !strings.Contains(got, "No. 1: the answer is on its way.") {
			t.Errorf("the organizer reads %q", got)
		}
	}
	q, err := s.store.Question(t.Context(), 1)
	if err != nil || len(q.Answers) != 1 {
		t.Fatalf("the question is %+v, %v", q, err)
	}
	reply, _ := s.compose(store.Job{ID: store.AnswerID(1, 0), Kind: store.JobAnswer}, asker)
	got := s.read(asker, reply)
	if reply.Quote != 5 || reply.Lang != store.English || !strings.Contains(got, "a & b") || strings.Contains(got, "Dilshod") || !strings.Contains(got, "Secretariat") {
		t.Errorf("the asker gets a reply to %d in %s: %s", reply.Quote, reply.Lang, got)
	}
}

func TestEntryIsNoWiderThanItsAsker(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(*store.Person)
		want   store.Visibility
	}{
		{"a guest asked", nil, store.Public},
		{"a delegate asked", func(p *store.Person) { p.Role = store.Delegate }, store.Delegates},
		{"a member of a group asked", func(p *store.Person) { p.MemberOf = []string{"wg-b"} }, store.Delegates},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			asker := s.person(7, store.English, tc.change)
			s.press(asker, s.wonders(asker, ""))
			o := s.person(8, store.English, func(p *store.Person) { p.Role = store.Organizer })
			if _, _, err := s.store.AnswerQuestion(t.Context(), 1, store.Given{By: 8, HTML: "a", Update: 90}); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				s.press(o, "qb:1:faq")
			}
			all, err := s.store.Entries(t.Context())
			if err != nil || len(all) != 1 || all[0].Visibility != tc.want {
				t.Errorf("entries %+v, %v; want one for %s", all, err, tc.want)
			}
		})
	}
}

// TestEntryKnowsItsLanguage: what was answered in another language than it was asked is an original in that one.
func TestEntryKnowsItsLanguage(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		answers []store.Lang
		want    store.Text
	}{
		{"in the language of the question", []store.Lang{store.English}, store.Text{store.English: "a0"}},
		{"in a language that nobody could tell", []store.Lang{""}, store.Text{store.English: "a0"}},
		{"in another one", []store.Lang{store.Russian, store.Russian}, store.Text{store.Russian: "a0\n\na1"}},
		{"in two", []store.Lang{store.Russian, store.Uzbek}, store.Text{store.English: "a0\n\na1"}},
		{"in another one, with an addition that nobody could tell", []store.Lang{store.Russian, ""}, store.Text{store.English: "a0\n\na1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.press(s.person(7, store.English, nil), s.wonders(s.person(7, store.English, nil), ""))
			for i, lang := range tc.answers {
				given := store.Given{By: 8, HTML: fmt.Sprint("a", i), Lang: lang, Update: store.UpdateID(90 + i)}
				if _, _, err := s.store.AnswerQuestion(t.Context(), 1, given); err != nil {
					t.Fatal(err)
				}
			}
			s.press(s.person(8, store.English, func(p *store.Person) { p.Role = store.Organizer }), "qb:1:faq")
			all, err := s.store.Entries(t.Context())
			if err != nil || len(all) != 1 || !maps.Equal(all[0].Answer, tc.want) {
				t.Errorf("entries %+v, %v; want the answer %v", all, err, tc.want)
			}
		})
	}
}

// TestFaqAnswersByEntry gives the answer of an entry, and nothing of one that the person may not see.
func TestFaqAnswersByEntry(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	entry := store.FAQ{ID: "q1", Question: store.Text{store.English: "Parking?"}, Answer: store.Text{store.English: "Behind."}, Visibility: store.Delegates, At: s.now}
	if _, err := s.store.SaveEntry(t.Context(), entry); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name        string
		id          store.PersonID
		change      func(*store.Person)
		want, never string
		lacks       bool
	}{
		{"a delegate", 7, func(p *store.Person) { p.Role = store.Delegate }, "Answered by the organizers on 1 December 2026", "withdrawn", false},
		{"a guest", 8, nil, "withdrawn", "Behind", true},
	} {
		p := s.person(tc.id, store.English, tc.change)
		reply := s.ask(p, bot.Question{Intent: "faq", Entry: "q1"})
		got := s.read(p, reply)
		if !strings.Contains(got, tc.want) || strings.Contains(got, tc.never) || reply.Lacks != tc.lacks {
			t.Errorf("%s reads (lacks %t): %s", tc.name, reply.Lacks, got)
		}
	}
}
