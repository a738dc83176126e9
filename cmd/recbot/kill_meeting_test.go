package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recbot/bot/council"
	"recbot/store"
)

// TestKillAroundAChange kills the real binary as [TestKillAroundAReminder] does, around the notice that a meeting was moved,
// from the import that moves it to the end. Everybody who follows it is told; twice only who had the notice in flight at the
// kill, and nobody more often.
func TestKillAroundAChange(t *testing.T) {
	t.Parallel()
	scene{
		named: aroundJob("claim", "open"),
		few: []point{
			{{before, "open", 1}}, {{after, "open", 1}}, {{before, "window", 1}}, {{after, "window", windows}}, {{before, "settle", 1}},
			{{lost, "", audience}}, {{taken, "", 1}}, {{taken, "", audience}, {before, "claim", 1}},
		},
		redis: []point{{{after, "open", 1}}, {{taken, "", 3}}},
		draw:  drawn,
		play: func(t *testing.T, p point, seed uint64, redis string) {
			f := newFatal(t, seed, redis)
			f.prefix, f.resends, f.job = "The meeting has been moved", true, store.ChangeID(fatefulMeeting, 0, 1)
			f.work(nil, f.publish)
			f.importing(p, "sequence: 0", "sequence: 1", f.begins.Format("15:04"), f.begins.Add(10*time.Minute).Format("15:04"))
			f.recover(func() bool { return true })
			f.judge()
		},
	}.eachPoint(t)
}

// TestKillAroundAWish kills the real binary around the letters to those who waited for the agenda of a meeting, from the import
// that brings it to the end. Everybody is told; twice only who had the letter in flight at the kill. A wish is fulfilled when
// it is known that the letter arrived, and stands until then.
func TestKillAroundAWish(t *testing.T) {
	t.Parallel()
	scene{
		named: aroundJob("claim", "open"),
		few: []point{
			{{before, "open", 1}}, {{after, "open", 1}}, {{after, "window", 1}}, {{before, "settle", 1}}, {{after, "settle", windows}},
			{{lost, "", 1}}, {{taken, "", audience}, {after, "claim", 1}},
		},
		redis: []point{{{before, "settle", 1}}, {{taken, "", 3}}},
		draw:  drawn,
		play: func(t *testing.T, p point, seed uint64, redis string) {
			f := newFatal(t, seed, redis)
			f.prefix, f.resends = "The agenda has been published", true
			f.work(nil, func(ctx context.Context, s *store.Store) error {
				if err := f.publish(ctx, s); err != nil {
					return err
				}
				return f.wish(ctx, s)
			})
			f.importing(p, "    status:", "    agenda: [{id: a, kind: opening, title: {en: Opening}}]\n    status:")
			f.recover(func() bool { return true })
			f.judge()
			f.judgeWishes()
		},
	}.eachPoint(t)
}

// publish leaves the store of a bot that knows a meeting, and people who follow it.
func (f *fatal) publish(ctx context.Context, s *store.Store) error {
	f.begins = time.Now().Add(40 * time.Minute).UTC().Truncate(time.Minute)
	file, err := council.ParseMeetings(strings.NewReader(f.meetingFile()), council.Embedded())
	if err != nil {
		return err
	}
	if _, err := s.Import(ctx, file.Meetings, store.ImportOptions{Silent: "a test"}); err != nil {
		return err
	}
	for _, who := range f.to {
		if err := settle(ctx, s, f.person(who), func(p *store.Person) { p.Leads = nil }); err != nil {
			return err
		}
	}
	return nil
}

// meetingFile is the file with the meeting, after some replacements.
func (f *fatal) meetingFile(replaced ...string) string {
	return strings.NewReplacer(replaced...).Replace(meetingFile(string(fatefulMeeting), f.begins))
}

// wish lets everybody wait for the agenda of the meeting.
func (f *fatal) wish(ctx context.Context, s *store.Store) error {
	m, err := s.Meeting(ctx, fatefulMeeting, store.Person{})
	if err != nil {
		return err
	}
	f.job = store.WishID(m.ID, m.Revision)
	for _, who := range f.to {
		if _, err := s.WishAgenda(ctx, who, m.ID, true, store.Cause{}); err != nil {
			return err
		}
	}
	return nil
}

// importing brings in the meeting with some replacements, and lets bots die at a point. When that is at the opening of the
// job, it is the import that dies, and is made again.
func (f *fatal) importing(p point, replaced ...string) {
	f.t.Helper()
	file := filepath.Join(shortDir(f.t), "meetings.yaml")
	if err := os.WriteFile(file, []byte(f.meetingFile(replaced...)), 0o600); err != nil {
		f.t.Fatal(err)
	}
	run := func(crashpoint string) *process {
		path, env := f.program(crashpoint)
		return launchThe(f.t, path, f.env(f.data, env...), "import", file)
	}
	opening := p[0].step == "open"
	if opening {
		f.diesOf(run(f.crashpoint(p[0])), p[0])
	}
	if code := run("").wait(); code != exitGood {
		f.t.Fatalf("import ended with code %d", code)
	}
	if !opening {
		f.dieAt(p)
	}
	f.OnCall(f.slowly)
}

// judgeWishes looks at what is left of the wishes.
func (f *fatal) judgeWishes() {
	f.t.Helper()
	f.work(nil, func(ctx context.Context, s *store.Store) error {
		for _, who := range f.to {
			p, err := s.Person(ctx, who)
			if err != nil {
				return err
			}
			state, _, _ := f.fate(who)
			if wishes := slices.Contains(p.Wished, fatefulMeeting); wishes == (state == store.Sent) {
				f.t.Errorf("person %d, whose letter is %s, waits for the agenda: %v", who, state, wishes)
			}
		}
		return nil
	})
}
