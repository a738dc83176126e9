package handlers_test

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/bot/council"
	"recbot/handlers"
	"recbot/store"
)

// draft puts an announcement to the members of group B into the store, changed, and gives it.
func (s *stage) draft(by store.PersonID, change func(*store.Draft)) store.Draft {
	s.t.Helper()
	s.count++
	draft := store.Draft{
		ID: store.DraftID("d" + string(rune('a'+s.count%26))), By: by, Texts: store.Text{store.English: "Hello"}, Units: map[store.Lang]int{store.English: 5},
		Audience: store.Audience{Members: []string{"wg-b"}},
	}
	if change != nil {
		change(&draft)
	}
	if draft.State != store.DraftComposing && draft.State != store.DraftAsking {
		draft.Turn = max(draft.Turn, 1)
	}
	draft, err := s.store.NewDraft(s.t.Context(), draft)
	if err != nil {
		s.t.Fatal(err)
	}
	return draft
}

func (s *stage) draftNow(id store.DraftID) store.Draft {
	s.t.Helper()
	draft, err := s.store.Draft(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return draft
}

// member stores a member of group B who reads English.
func (s *stage) member(ids ...store.PersonID) {
	s.t.Helper()
	for _, id := range ids {
		s.person(id, store.English, func(p *store.Person) { p.MemberOf = []string{"wg-b"} })
	}
}

// TestAnnouncementProgress tells the author, and only while there is something to tell.
func TestAnnouncementProgress(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		state  store.DraftState
		counts store.Counts
		over   bool
		want   store.DraftState
		says   string // the letter to the author, "" = none
	}{
		{"under way nothing is kept for the author", store.DraftSending, store.Counts{Sent: 3, Waiting: 9}, false, store.DraftSending, ""},
		{"the end is told", store.DraftSending, store.Counts{Sent: 10, Gone: 1, Unknown: 1}, true, store.DraftDone, "Delivered: 10\nNot reachable (bot blocked or account deleted): 1\nUnknown, it may have arrived: 1"},
		{"with those who did not want it any more when their turn came", store.DraftSending, store.Counts{Sent: 10, Skipped: 2}, true, store.DraftDone, "Delivered: 10\nNot sent, because they unfollowed or muted meanwhile: 2"},
		{"and what was stopped, with what had left", store.DraftStopped, store.Counts{Sent: 3}, true, store.DraftStopped, "Delivered: 3"},
		{"what was stopped before anything left is told too, for somebody else may have stopped it", store.DraftStopped, store.Counts{}, true, store.DraftStopped, "Not sent: 12"},
		{"what was taken back is none of its business", store.DraftComposing, store.Counts{Sent: 3}, true, store.DraftComposing, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			author := s.colleague(7, store.Organizer)
			draft := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N = tc.state, 1, 12 })
			job := store.Job{ID: store.AnnounceID(draft.ID, 1), Kind: store.JobAnnounce, Turn: draft.Turn}
			for range 2 { // a crash between the report and the end of the job brings it again
				if err := s.desk.Progress(t.Context(), job, tc.counts, tc.over); err != nil {
					t.Fatal(err)
				}
			}
			got := s.letters(author.record())
			if tc.says == "" && len(got) > 0 || tc.says != "" && (len(got) != 1 || !strings.Contains(got[0], tc.says)) {
				t.Errorf("told %q, want once %q", got, tc.says)
			}
			if now := s.draftNow(draft.ID); now.State != tc.want {
				t.Errorf("the draft is %q, want %q", now.State, tc.want)
			}
		})
	}
}

// TestProgressSaysWhatItWaitsFor shows the one message that follows an announcement while Telegram lets nothing leave.
func TestProgressSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	author := s.colleague(7, store.Organizer).record()
	draft := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N = store.DraftSending, 1, 12 })
	var pause time.Duration
	var shown *bot.Reply
	desk := handlers.New(handlers.Options{
		Store: s.store, Council: council.Embedded(), Now: func() time.Time { return s.now }, Zone: tashkent, Pause: func() time.Duration { return pause },
		Tell: func(_ context.Context, _ store.PersonID, reply *bot.Reply) error { shown = reply; return nil },
	})
	for _, tc := range []struct {
		name   string
		pause  time.Duration
		counts store.Counts
		want   string
	}{
		{"under way", 0, store.Counts{Sent: 9, Waiting: 3}, "Sending: 9 of 12\nWaiting, for quiet hours or for Telegram: 3\n[Stop]"},
		{"Telegram asks to wait", 29500 * time.Millisecond, store.Counts{Sent: 9, Waiting: 3},
			"Sending: 9 of 12\nWaiting, for quiet hours or for Telegram: 3\nTelegram asks to wait: 30 seconds. It goes on by itself.\n[Stop]"},
		{"nobody of it waits", time.Minute, store.Counts{Sent: 9}, "Sending: 9 of 12\n[Stop]"},
	} {
		pause, shown = tc.pause, nil
		if err := desk.Progress(t.Context(), store.Job{ID: store.AnnounceID(draft.ID, 1), Kind: store.JobAnnounce, Turn: draft.Turn}, tc.counts, false); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, s.read(author, shown)); diff != "" || shown.Live == "" {
			t.Errorf("%s: live %q (-want +got):\n%s", tc.name, shown.Live, diff)
		}
	}
}

// TestALongQueueHasPages reads a queue of twenty to its end: nothing twice, nothing left out, and every message fits.
func TestALongQueueHasPages(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	reader := s.colleague(7, store.Organizer).record()
	for i := range 20 {
		s.draft(7, func(d *store.Draft) {
			d.ID, d.State, d.Planned = store.DraftID("p"+strconv.Itoa(i)), store.DraftSending, true
			d.Due = s.now.Add(time.Duration(i+1) * time.Hour)
			d.Texts = store.Text{store.English: strings.Repeat("<b>A long text</b> ", 20)}
			d.Audience.Members = []string{"rec-ec", "wg-a", "wg-b", "wg-c", "wg-d"}
		})
	}
	for _, tc := range []struct {
		name, data  string
		first, last int
		pager       []string
	}{
		{"the first page", "qe", 1, 8, []string{"qe:1"}},
		{"the middle", "qe:1", 9, 16, []string{"qe:0", "qe:2"}},
		{"the last", "qe:2", 17, 20, []string{"qe:1"}},
		{"a page that is there no more", "qe:9", 17, 20, []string{"qe:1"}},
	} {
		reply := s.press(reader, tc.data)
		got := s.read(reader, reply)
		for no := range 22 {
			shown := strings.Contains(got, "\n"+strconv.Itoa(no)+". ")
			if want := tc.first <= no && no <= tc.last; shown != want {
				t.Errorf("%s: No. %d is shown %v, want %v", tc.name, no, shown, want)
			}
		}
		pages := slices.DeleteFunc(data(reply), func(d string) bool { return !strings.HasPrefix(d, "qe:") })
		if diff := cmp.Diff(tc.pager, pages); diff != "" {
			t.Errorf("%s: pages (-want +got):\n%s", tc.name, diff)
		}
		hears(t, got, "["+strconv.Itoa(tc.first)+"]", "["+strconv.Itoa(tc.last)+"]")
	}
}

// TestLastWord is the report, and nothing before it.
func TestLastWord(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	author := s.colleague(7, store.Organizer).record()
	under := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N = store.DraftSending, 1, 5 })
	over := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.Counts = store.DraftDone, 1, &store.Counts{Sent: 5} })
	for _, tc := range []struct{ name, live, want string }{
		{"under way", "an:" + string(under.ID), ""},
		{"over", "an:" + string(over.ID), "Delivered: 5"},
		{"deleted meanwhile", "an:gone", ""},
		{"of another kind", "qu:41", ""},
	} {
		last, err := s.desk.Last(t.Context(), tc.live)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.read(author, last); (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestKeptProgress tells how an announcement goes on when that could not be said at once: by the time it can be, the announcement may
// be over, and nothing may stand over its report.
func TestKeptProgress(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	author := s.colleague(7, store.Organizer).record()
	under := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.N = store.DraftSending, 1, 5 })
	over := s.draft(7, func(d *store.Draft) { d.State, d.Round, d.Counts = store.DraftDone, 1, &store.Counts{Sent: 5} })
	for _, tc := range []struct {
		name    string
		kind    store.JobKind
		live    store.DraftID
		passing bool
		want    string
	}{
		{"it goes on", store.JobReply, under.ID, true, "MeetingNone"},
		{"it is over", store.JobReply, over.ID, true, "Delivered: 5"},
		{"it is over, by a letter", store.JobLetter, over.ID, true, "Delivered: 5"},
		{"a last word stays what it is", store.JobReply, over.ID, false, "MeetingNone"},
	} {
		kept := bot.Say("MeetingNone").Then(bot.Say("AnnounceNothing"))
		kept.Live, kept.Passing = "an:"+string(tc.live), tc.passing
		content, err := json.Marshal(kept)
		if err != nil {
			t.Fatal(err)
		}
		reply, _ := s.compose(store.Job{ID: "reply:1", Kind: tc.kind, Audience: store.Audience{Person: 7}, Content: content}, author)
		if tc.want == "MeetingNone" {
			if diff := cmp.Diff(kept, reply); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.name, diff)
			}
			continue
		}
		if got := s.read(author, reply); !strings.Contains(got, tc.want) || reply.Passing || reply.Live != kept.Live {
			t.Errorf("%s: %q, live %q, passing %t; want %q", tc.name, got, reply.Live, reply.Passing, tc.want)
		}
		if diff := cmp.Diff(kept.Follow, reply.Follow); diff != "" {
			t.Errorf("%s: what follows (-want +got):\n%s", tc.name, diff)
		}
	}
}

// TestOddMarks finds signs that were meant as formatting, and says where they stand.
func TestOddMarks(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("слово ", 30)
	for _, tc := range []struct{ name, html, want string }{
		{"a typed tag", "Room &lt;b&gt;5&lt;/b&gt; today", "“Room <b>5</b> today”"},
		{"Markdown", "See **room 5** today", "“See **room 5** today”"},
		{"as other messengers take it", "*Tomorrow* at 10", "“*Tomorrow* at 10”"},
		{"behind a blank", "Room *5 A*, please", "“Room *5 A*, please”"},
		{"a footnote is none", "1,000 sum* a day; *without meals", ""},
		{"struck through", "Room ~~5~~ 6", "“Room ~~5~~ 6”"},
		{"a link of Markdown", "[here](https://example.org)", "“[here](https://example.org)”"},
		{"in a long text the place alone", long + "&lt;i&gt;" + long, "“…о слово слово слово <i>слово слово слово сл…”"},
		{"formatting of Telegram is none", "<b>Room 5</b> and <a href=\"https://example.org\">here</a>", ""},
		{"signs of arithmetic are none", "2 * 3 &lt; 7 and 7 &gt; 3, a_b_c, 5 ** 2", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.member(1)
			author := s.colleague(7, store.Organizer)
			draft := s.draft(7, func(d *store.Draft) { d.Texts = store.Text{store.English: tc.html} })
			got := author.pressesData("an:" + string(draft.ID) + ":state")
			if tc.want == "" {
				misses(t, got, "these very signs")
			} else {
				hears(t, got, tc.want+" will be shown with these very signs")
			}
		})
	}
}

// TestWhoLeavesTheAudience is not told when their turn comes.
func TestWhoLeavesTheAudience(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.colleague(7, store.Organizer)
	job := store.Job{ID: "announce:x", Kind: store.JobAnnounce, Content: []byte(`{"texts":{"en":"Hello"}}`), Audience: store.Audience{Topics: []store.Topic{"wg-b"}}}
	p := s.person(1, store.English, func(p *store.Person) { p.Topics = []store.Topic{"wg-b"} })
	for _, tc := range []struct {
		name   string
		change func(*store.Person)
		want   string
	}{
		{"who follows is told", func(*store.Person) {}, ""},
		{"who unfollows is not", func(p *store.Person) { p.Topics = nil }, "not in the audience any more"},
		{"who mutes is not", func(p *store.Person) { p.Muted = true }, "muted"},
		{"who reads another language is not", func(p *store.Person) { p.Language = store.Russian }, "no text in their language"},
	} {
		now := p
		tc.change(&now)
		reply, key, err := s.desk.Compose(context.Background(), job, now)
		if err != nil || (reply == nil) != (tc.want != "") || reply == nil && key != tc.want {
			t.Errorf("%s: got %v, %q, %v, want %q", tc.name, reply, key, err, tc.want)
		}
	}
}
