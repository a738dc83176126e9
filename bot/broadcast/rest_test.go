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
