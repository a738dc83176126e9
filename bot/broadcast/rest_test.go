package broadcast

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/store"
)

// TestTheRestOfALetterComesLater lets Telegram put off the second of three messages of a letter: all come, once and in order.
func TestTheRestOfALetterComesLater(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, 5)
		s.compose = func(j store.Job, _ store.Person) (*bot.Reply, string, error) {
			var reply bot.Reply
			err := json.Unmarshal(j.Content, &reply)
			return &reply, "", err
		}
		s.answer = func(l *bot.Letter, n int) *bot.Receipt {
			if l.Text == "two" && n == 2 {
				return &bot.Receipt{Fate: bot.FateLater, Flood: true, After: 2 * time.Minute}
			}
			return nil
		}
		content, err := json.Marshal(bot.Say("one").Then(bot.Say("two").Then(bot.Say("three"))))
		must(t, err)
		s.open("letter:x", store.JobLetter, func(j *store.Job) { j.Audience, j.Content = store.Audience{Person: 5}, content })
		p := s.start(nil)
		p.step(s.Now().Add(time.Hour))
		var texts []string
		for _, d := range s.got() {
			texts = append(texts, d.Text)
		}
		if diff := cmp.Diff([]string{"one", "two", "three"}, texts); diff != "" {
			t.Errorf("messages (-want +got):\n%s", diff)
		}
		p.stop()
	})
}

// TestTheRestReachesWhomTheBeginningReached lets somebody leave between two messages of a letter of which the second has to wait.
func TestTheRestReachesWhomTheBeginningReached(t *testing.T) {
	t.Parallel()
	stop := func(p *store.Person) { p.Stopped = true }
	for _, tc := range []struct {
		name  string
		kind  store.JobKind
		leave func(*store.Person) // nil = nobody knew them from the beginning
		want  []string
	}{
		{"a reply to who stopped the bot", store.JobReply, stop, []string{"one", "two"}},
		{"a reply to who was out of reach", store.JobReply, func(p *store.Person) { p.Unreachable = "blocked" }, []string{"one", "two"}},
		{"a reply to who is not known", store.JobReply, nil, []string{"one", "two"}},
		{"an answer to who stopped the bot", store.JobAnswer, stop, []string{"one", "two"}},
		{"a letter to who stopped the bot", store.JobLetter, stop, []string{"one"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			play(t, func(t *testing.T, s *stage) {
				if tc.leave != nil {
					s.greet(nil, 5)
				}
				s.compose = func(j store.Job, _ store.Person) (*bot.Reply, string, error) {
					if j.Kind == store.JobAnswer { // it is read from its question
						return bot.Say("one").Then(bot.Say("two")), "", nil
					}
					var reply bot.Reply
					err := json.Unmarshal(j.Content, &reply)
					return &reply, "", err
				}
				s.answer = func(l *bot.Letter, n int) *bot.Receipt {
					if l.Text == "two" && n == 2 {
						return &bot.Receipt{Fate: bot.FateLater, Flood: true, After: 2 * time.Minute}
					}
					return nil
				}
				content, err := json.Marshal(bot.Say("one").Then(bot.Say("two")))
				must(t, err)
				s.open("x", tc.kind, func(j *store.Job) { j.Audience, j.Content = store.Audience{Person: 5}, content })
				p := s.start(nil)
				p.step(s.Now().Add(time.Second))
				if tc.leave != nil {
					s.change(5, tc.leave)
				}
				p.step(s.Now().Add(time.Hour))
				var texts []string
				for _, d := range s.got() {
					texts = append(texts, d.Text)
				}
				if diff := cmp.Diff(tc.want, texts); diff != "" {
					t.Errorf("messages (-want +got):\n%s", diff)
				}
				p.stop()
			})
		})
	}
}
