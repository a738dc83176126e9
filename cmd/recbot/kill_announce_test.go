package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recbot/store"
)

// TestKillAroundAnAnnouncement kills the real binary as [TestKillAroundAReminder] does, around an announcement, from the
// organizer's press to the report. Nobody gets it twice; everybody gets it but those who had it in flight at the kill, and of
// exactly these the report says that nobody knows.
func TestKillAroundAnAnnouncement(t *testing.T) {
	t.Parallel()
	scene{
		named: aroundJob("settle", "draft", "said", "open", "mark", "over", "report"),
		redis: []point{
			{{after, "draft", 1}}, {{after, "window", windows}}, {{lost, "", 2}}, {{after, "settle", 1}}, {{before, "over", 1}},
		},
		draw: drawn,
		play: func(t *testing.T, p point, seed uint64, redis string) {
			pressed := pressing(p)
			f := newAnnouncement(t, seed, redis, pressed)
			if pressed {
				f.press("an:d:send")
			}
			f.dieAt(p)
			if pressed {
				f.pressAgain()
			}
			f.recover(func() bool { return f.reports() > 0 })
			f.judge()
			f.judgeReport()
		},
	}.eachPoint(t)
}

// pressing tells that a point lies around the organizer's press.
func pressing(p point) bool {
	return slices.Contains([]string{"draft", "said", "open", "mark"}, p[0].step)
}

const (
	announcer = store.PersonID(900)
	said      = "The hall is another."
)

// newAnnouncement is an announcement that is due, or whose Send was not pressed yet.
func newAnnouncement(t *testing.T, seed uint64, redis string, unsent bool) *fatal {
	f := newFatal(t, seed, redis)
	f.prefix, f.reported, f.job = said, "Delivered: ", store.AnnounceID("d", 1)
	f.work(ago(2*time.Hour), func(ctx context.Context, s *store.Store) error { return f.prepareAnnouncement(ctx, s, unsent) })
	return f
}

// prepareAnnouncement leaves the store of a bot that was killed as soon as an organizer had pressed Send, or just before.
func (f *fatal) prepareAnnouncement(ctx context.Context, s *store.Store, unsent bool) error {
	for _, who := range invitees {
		err := settle(ctx, s, f.person(who), func(p *store.Person) { p.Topics = []store.Topic{"wg-b"} })
		if err != nil {
			return err
		}
	}
	if err := settle(ctx, s, f.person(announcer), func(p *store.Person) { p.Role = store.Organizer }); err != nil {
		return err
	}
	texts, now := store.Text{store.English: said}, time.Now().UTC()
	draft := store.Draft{ID: "d", By: announcer, Texts: texts, Audience: store.Audience{Topics: []store.Topic{"wg-b"}}}
	if !unsent {
		draft.N, draft.Round, draft.State, draft.Due = audience, 1, store.DraftSending, now
	}
	draft, err := s.NewDraft(ctx, draft)
	if err != nil || unsent {
		return err
	}
	content, err := json.Marshal(map[string]any{"texts": texts})
	if err != nil {
		return err
	}
	return s.OpenJob(ctx, store.Job{ID: f.job, Kind: store.JobAnnounce, Audience: draft.Audience, Content: content,
		Opened: now, Due: now})
}

// press lets the organizer press a button: Send, mostly.
func (f *fatal) press(data string) store.UpdateID {
	return f.Inject(fmt.Sprintf(`{"callback_query":{"id":"1","chat_instance":"1","data":%q,"from":{"id":%[2]d,"first_name":"O"},`+
		`"message":{"message_id":1,"date":%[3]d,"text":"Draft","chat":{"id":%[2]d,"type":"private"}}}}`, data, announcer, time.Now().Unix()))
}

// pressAgain lets a bot live until it has dealt with the update, which Telegram brings again.
func (f *fatal) pressAgain() {
	f.t.Helper()
	p := f.start("")
	p.ready() // there may be nothing left to deal with
	eventually(f.t, soon, "the update is dealt with", f.Idle)
	p.stop()
	f.takeStock() // which lets time pass: the minute in which the organizer may undo it, say
}

// reports counts the messages that tell the organizer what became of the announcement.
func (f *fatal) reports() (n int) {
	for _, text := range f.told() {
		if strings.Contains(text, f.reported) {
			n++
		}
	}
	return n
}

// told lists what the organizer was told, in new messages and in changed ones.
func (f *fatal) told() (texts []string) {
	for _, d := range f.Deliveries(0) {
		if d.Chat == store.ChatID(announcer) {
			texts = append(texts, d.Text)
		}
	}
	return texts
}

// judgeReport looks at what the organizer was told in the end.
func (f *fatal) judgeReport() {
	f.t.Helper()
	unknown := len(f.flights)
	if f.repeats {
		unknown = 0
	}
	told := f.told()
	last := told[len(told)-1]
	for _, want := range []struct {
		line string
		n    int
	}{{f.reported, audience - unknown}, {"Unknown, it may have arrived: ", unknown}} {
		if line := fmt.Sprint(want.line, want.n); want.n > 0 && !strings.Contains(last+"\n", line+"\n") {
			f.t.Errorf("the organizer's report does not say %q:\n%s", line, last)
		}
	}
	if n := f.reports(); n > 2 {
		f.t.Errorf("the organizer got %d reports", n)
	}
	var drafts []store.Draft
	f.work(nil, func(ctx context.Context, s *store.Store) (err error) {
		drafts, err = s.Drafts(ctx)
		return err
	})
	unfinished := slices.ContainsFunc(drafts, func(d store.Draft) bool { return d.State != store.DraftDone })
	if want := 1 + len(f.changed); unfinished || len(drafts) != want {
		f.t.Errorf("the drafts are left as %+v", drafts)
	}
}
