package broadcast

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/store"
)

// people gives the ids of n persons.
func people(n int) []store.PersonID {
	ids := make([]store.PersonID, n)
	for i := range ids {
		ids[i] = store.PersonID(101 + i)
	}
	return ids
}

// neighbours gives the ids of persons of one shard, in the order of its indexes.
func neighbours(n int) []store.PersonID {
	var ids []store.PersonID
	for id := store.PersonID(10_000); len(ids) < n; id++ {
		if store.ShardOf(store.ChatID(id)) == 9 {
			ids = append(ids, id)
		}
	}
	return ids
}

func (s *stage) counts(id store.JobID, want store.Counts) {
	s.t.Helper()
	got, err := s.JobCounts(s.t.Context(), id)
	must(s.t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("counts of %s (-want +got):\n%s", id, diff)
	}
}

func TestEverybodyIsToldOnce(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		ids := people(120)
		s.greet(func(p *store.Person) { p.Topics = []store.Topic{"rec", "wg-b"} }, ids...)
		s.greet(func(p *store.Person) { p.Topics = []store.Topic{"wg-c"} }, 7)
		j := s.open("a", "announce", func(j *store.Job) { j.Audience.Topics = []store.Topic{"rec", "wg-b"} })
		p := s.start(nil)
		p.rest()
		told := map[store.PersonID]int{}
		for _, d := range s.got() {
			told[d.To]++
		}
		for _, id := range ids {
			if told[id] != 1 {
				t.Errorf("person %d was told %d times", id, told[id])
			}
		}
		if told[7] != 0 {
			t.Error("who does not follow was told")
		}
		s.counts("a", store.Counts{Sent: 120})
		must(t, s.OpenJob(t.Context(), j))
		p.rest()
		if len(s.got()) != 120 {
			t.Errorf("opened again, the job told %d more", len(s.got())-120)
		}
		p.stop()
	})
}

func TestWhoUnfollowsBeforeTheirTurnIsNotTold(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		all := neighbours(handful + 31) // of one shard, and more than are taken before the first one is told
		ids, joiner := all[:len(all)-1], all[len(all)-1]
		last := ids[len(ids)-1]
		s.greet(nil, ids...)
		s.answer = func(_ *bot.Letter, n int) *bot.Receipt {
			if n == 1 {
				s.change(last, func(p *store.Person) { p.Topics = nil })
				s.greet(func(p *store.Person) { p.Topics = []store.Topic{"wg-b"} }, joiner) // comes by a topic that is walked later
			}
			return nil
		}
		s.open("a", "announce", func(j *store.Job) { j.Audience.Topics = []store.Topic{"rec", "wg-b"} })
		p := s.start(nil)
		p.rest()
		told := s.times()
		if told[last] != "" || told[joiner] == "" || len(told) != len(ids) {
			t.Errorf("%d were told, of whom one unfollowed (%q) and one came by another topic (%q)", len(told), told[last], told[joiner])
		}
		p.stop()
	})
}

func TestSkips(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, 1, 2, 3)
		s.compose = func(j store.Job, p store.Person) (*bot.Reply, string, error) {
			switch {
			case p.ID == 1 && j.ID == "a":
				return nil, "cancelled", nil
			case p.ID == 2 && j.ID == "a":
				return nil, "", errors.New("broken template")
			}
			return bot.Say(string(j.ID)), "", nil
		}
		s.open("a", store.JobReminder, nil)
		s.open("b", store.JobReminder, func(j *store.Job) { j.Deadline = s.Now().Add(-time.Minute) })
		for i, change := range []func(*store.Person){
			func(p *store.Person) { p.Stopped = true },
			func(p *store.Person) { p.Unreachable = "blocked" },
		} {
			id := store.PersonID(21 + i)
			s.greet(change, id)
			s.open(store.JobID(fmt.Sprint("own", id)), store.JobLetter, func(j *store.Job) { j.Audience = store.Audience{Person: id} })
			s.open(store.JobID(fmt.Sprint("answer", id)), store.JobReply, func(j *store.Job) { j.Audience = store.Audience{Person: id} })
		}
		s.open("own23", store.JobLetter, func(j *store.Job) { j.Audience = store.Audience{Person: 23} })
		p := s.start(nil)
		p.step(s.Now().Add(10 * time.Minute))
		want := map[store.PersonID]string{1: "skipped cancelled", 2: "rejected cannot be written", 3: "sent"}
		if diff := cmp.Diff(want, s.states("a", 1, 2, 3)); diff != "" {
			t.Errorf("states (-want +got):\n%s", diff)
		}
		want = map[store.PersonID]string{1: "skipped late", 2: "skipped late", 3: "skipped late"}
		if diff := cmp.Diff(want, s.states("b", 1, 2, 3)); diff != "" {
			t.Errorf("states of what came too late (-want +got):\n%s", diff)
		}
		for id, want := range map[store.PersonID]string{21: "skipped stopped", 22: "skipped unreachable", 23: "skipped unknown person"} {
			if got := s.states(store.JobID(fmt.Sprint("own", id)), id)[id]; got != want {
				t.Errorf("letter to %d: %s, want %s", id, got, want)
			}
		}
		// The answer to /stop reaches who stopped.
		for id := range map[store.PersonID]bool{21: true, 22: true} {
			if got := s.states(store.JobID(fmt.Sprint("answer", id)), id)[id]; got != "sent" {
				t.Errorf("answer to %d: %s", id, got)
			}
		}
		p.stop()
	})
}

func TestQuietHoursAreKept(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, 1)
		s.greet(func(p *store.Person) { p.Zone = "Europe/Moscow" }, 2)
		s.greet(func(p *store.Person) { p.Quiet.Off = true }, 3)
		s.greet(func(p *store.Person) { p.Muted = true }, 4)
		s.set(local(t, "02 23:30"))
		s.open("far", store.JobReminder, func(j *store.Job) { j.Start = local(t, "05 10:00") })
		s.open("near", store.JobReminder, func(j *store.Job) { j.Start = local(t, "03 08:00"); j.Audience.Topics = []store.Topic{"rec"} })
		s.open("change", store.JobChange, func(j *store.Job) { j.Start = local(t, "03 10:00") })
		p := s.start(nil)
		p.step(local(t, "04 12:00"))
		want := map[store.PersonID]string{
			1: "change at 02 23:30, near at 03 06:00, far at 03 07:00",
			2: "change at 02 23:30, far at 02 23:30, near at 02 23:30", // 21:30 in Moscow
			3: "change at 02 23:30, far at 02 23:30, near at 02 23:30",
			4: "change at 02 23:30, near at 03 06:00, far at 03 07:00", // Compose would skip the reminders
		}
		if diff := cmp.Diff(want, s.times()); diff != "" {
			t.Errorf("letters (-want +got):\n%s", diff)
		}
		for _, d := range s.got() {
			if d.Silent != (d.To == 4) {
				t.Errorf("%s to %d is silent: %v", d.Text, d.To, d.Silent)
			}
		}
		p.stop()
	})
}

func TestWithdrawnAndEditedBack(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, 1)
		s.greet(func(p *store.Person) { p.Quiet.Off = true }, 2)
		s.set(local(t, "02 23:30"))
		j := s.open("a", store.JobReminder, func(j *store.Job) { j.Start, j.Deadline = local(t, "05 10:00"), local(t, "05 10:00") })
		p := s.start(nil)
		p.rest()
		must(t, s.WithdrawJob(t.Context(), "a"))
		p.step(local(t, "03 08:00"))
		want := map[store.PersonID]string{1: "skipped withdrawn", 2: "sent"}
		if diff := cmp.Diff(want, s.states("a", 1, 2)); diff != "" {
			t.Errorf("states after the withdrawal (-want +got):\n%s", diff)
		}
		must(t, s.OpenJob(t.Context(), j))
		p.step(local(t, "03 09:00"))
		if diff := cmp.Diff(map[store.PersonID]string{1: "a at 03 08:00", 2: "a at 02 23:30"}, s.times()); diff != "" {
			t.Errorf("letters after all (-want +got):\n%s", diff)
		}
		s.counts("a", store.Counts{Sent: 2})
		p.stop()
	})
}

func TestOnePersonsLettersKeepTheirOrder(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, 1)
		s.compose = func(j store.Job, _ store.Person) (*bot.Reply, string, error) {
			time.Sleep(map[store.JobID]time.Duration{"d": 3 * time.Second, "b": 2 * time.Second, "c": time.Second}[j.ID])
			return bot.Say(string(j.ID)), "", nil
		}
		for _, id := range []store.JobID{"d", "b", "c", "a"} {
			s.open(id, store.JobReminder, nil)
			s.set(s.Now().Add(time.Second))
		}
		p := s.start(nil)
		p.rest()
		var order string
		for _, d := range s.got() {
			order += d.Text
		}
		if order != "dbca" {
			t.Errorf("letters came in the order %s, fell due in the order dbca", order)
		}
		p.stop()
	})
}

func TestUrgentOvertakesBulk(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, people(100)...)
		s.open("announcement", "announce", nil)
		p := s.start(nil)
		time.Sleep(time.Second)
		s.open("reminder", store.JobReminder, nil)
		p.Wake()
		p.rest()
		last := map[string]int{}
		for i, d := range s.delivered {
			last[d.Text] = i
		}
		if last["reminder"] > last["announcement"] {
			t.Error("the reminder ended behind the announcement that was under way")
		}
		p.stop()
	})
}

// An urgent announcement goes before one that is under way, and holds up no reminder that falls due while it is itself.
func TestAnUrgentAnnouncementIsBetween(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, people(150)...)
		s.open("invitation", store.JobAnnounce, nil)
		p := s.start(nil)
		time.Sleep(time.Second)
		s.open("closed", store.JobAnnounce, func(j *store.Job) { j.Urgent = true })
		p.Wake()
		time.Sleep(time.Second)
		s.open("reminder", store.JobReminder, nil)
		p.Wake()
		p.rest()
		last, n := map[string]int{}, map[string]int{}
		for i, d := range s.delivered {
			last[d.Text], n[d.Text] = i, n[d.Text]+1
		}
		if !(last["reminder"] < last["closed"] && last["closed"] < last["invitation"]) {
			t.Errorf("the last letter of each is %v, want reminder, closed, invitation", last)
		}
		if diff := cmp.Diff(map[string]int{"invitation": 150, "closed": 150, "reminder": 150}, n); diff != "" {
			t.Errorf("letters (-want +got):\n%s", diff)
		}
		p.stop()
	})
}

// A notice of a change must not arrive before a letter about the older state that is under way.
func TestAChangeWaitsForOlderLetters(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		ids := people(3)
		s.greet(nil, ids...)
		s.answer = func(l *bot.Letter, _ int) *bot.Receipt {
			if l.Text == "remind" {
				time.Sleep(30 * time.Second)
			}
			return nil
		}
		s.open("remind", store.JobReminder, func(j *store.Job) { j.Meeting, j.Sequence = "m", 1 })
		p := s.start(nil)
		time.Sleep(2 * time.Second)
		s.greet(nil, 500) // gets the change alone
		s.open("change", store.JobChange, func(j *store.Job) { j.Meeting, j.Sequence, j.Start = "m", 2, s.Now() })
		p.Wake()
		p.rest()
		for i, d := range s.delivered {
			if (d.Text == "remind") != (i < 3) {
				t.Errorf("letter %d is %s to %d", i, d.Text, d.To)
			}
		}
		p.stop()
	})
}

func TestEqualLettersAreRenderedOnce(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, people(50)...)
		s.greet(func(p *store.Person) { p.Language = store.Russian }, 1, 2)
		s.greet(func(p *store.Person) { p.Zone = "Asia/Almaty" }, 3, 4)
		s.open("a", "announce", nil)
		p := s.start(nil)
		p.rest()
		if s.rendered != 3 || len(s.got()) != 54 {
			t.Errorf("%d renderings for %d letters, want 3 for 54", s.rendered, len(s.got()))
		}
		p.stop()
	})
}

func TestALateAnswerComesWhole(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		s.greet(nil, 1)
		s.compose = func(j store.Job, p store.Person) (*bot.Reply, string, error) {
			return bot.Say("first").Then(bot.Say("second")), "", nil
		}
		for _, id := range []store.PersonID{1, -77, 8} { // a person, a group, and who was there until they asked to be forgotten
			s.open(store.JobID(fmt.Sprint("reply", id)), store.JobReply, func(j *store.Job) { j.Audience = store.Audience{Person: id} })
		}
		p := s.start(nil)
		p.rest()
		want := map[store.PersonID]string{1: "first at 01 09:00, second at 01 09:00", -77: "first at 01 09:00, second at 01 09:00", 8: "first at 01 09:00, second at 01 09:00"}
		if diff := cmp.Diff(want, s.times()); diff != "" {
			t.Errorf("letters (-want +got):\n%s", diff)
		}
		p.stop()
	})
}
