package broadcast

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/store"
)

// TestMenuFollowsTheLetter sets the menu of who was told of a new role, behind the letter, and of nobody else.
func TestMenuFollowsTheLetter(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, 1, 2, 3)
		s.change(3, func(p *store.Person) { p.Stopped = true })
		var mu sync.Mutex
		left := map[store.ChatID][]string{}
		s.answer = func(l *bot.Letter, _ int) *bot.Receipt {
			mu.Lock()
			defer mu.Unlock()
			said := l.Text
			for _, item := range l.Menu {
				said += "/" + item.Command
			}
			left[l.Chat] = append(left[l.Chat], said)
			return nil
		}
		s.compose = func(j store.Job, p store.Person) (*bot.Reply, string, error) {
			reply := bot.Say("role")
			reply.Menu = p.ID != 2
			return reply, "", nil
		}
		for _, id := range []store.PersonID{1, 2, 3} {
			s.open(store.LetterID("role:"+string(rune('0'+id))), store.JobLetter, func(j *store.Job) { j.Audience = store.Audience{Person: id} })
		}
		p := s.start(func(o *Options) {
			o.Menu = func(p store.Person) []bot.MenuItem { return []bot.MenuItem{{Command: "invite"}} }
		})
		p.rest()
		p.stop()
		want := map[store.ChatID][]string{1: {"role", "/invite"}, 2: {"role"}}
		if diff := cmp.Diff(want, left); diff != "" {
			t.Errorf("left (-want +got):\n%s", diff)
		}
	})
}
