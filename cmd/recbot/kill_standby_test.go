package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"recbot/store"
	"recbot/store/storetest"
)

// TestKillBesideAStandby kills the leader of two bots on one Redis at steps of a job, while the other one waits for the
// lease. It carries the job to its end: what [TestKillAroundAReminder] and [TestKillAroundAnAnnouncement] promise of one bot
// after the other holds for two at once.
func TestKillBesideAStandby(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		name string
		make func(t *testing.T, redis string) *fatal
	}{
		{"reminder", func(t *testing.T, redis string) *fatal { return newReminder(t, 1, redis) }},
		{"announcement", func(t *testing.T, redis string) *fatal { return newAnnouncement(t, 1, redis, false) }},
	} {
		for _, m := range []moment{{after, "window", 2}, {before, "settle", windows}, {after, "end", 50}, {before, "bury", 1}} {
			t.Run(kind.name+", "+m.String(), func(t *testing.T) {
				t.Parallel()
				f := kind.make(t, storetest.Redis(t))
				f.takeOver(m)
				f.recover(func() bool { return true })
				f.judge()
			})
		}
	}
}

// takeOver lets a leader die at a step, and a bot that was there all the time carry the job to its end.
func (f *fatal) takeOver(m moment) {
	f.t.Helper()
	f.OnCall(f.slowly)
	f.hold()
	leader := f.start(f.crashpoint(m))
	leader.says("msg=leading")
	standby := f.start("note unqueue 1 of " + string(f.job))
	standby.ready()
	f.takeStock() // which lets it begin
	if leader.wait(); leader.cmd.ProcessState.Exited() {
		f.t.Fatalf("%s the leader did not die", m)
	}
	f.flights = f.orphans()
	f.takeStock() // nobody waits a minute and a half for word of what was under way
	standby.says("crashpoint: passed")
	standby.stop()
}

// hold opens the job, where that is not done, and puts off its walk until both bots are there.
func (f *fatal) hold() {
	f.t.Helper()
	f.work(nil, func(ctx context.Context, s *store.Store) error {
		now := time.Now().UTC()
		if f.resends {
			m, err := s.Meeting(ctx, fatefulMeeting, store.Person{})
			if err != nil {
				return err
			}
			err = errors.Join(s.SaveTick(ctx, now), s.OpenJob(ctx, store.Job{
				ID: f.job, Kind: store.JobReminder, Meeting: m.ID, Start: m.Start(), Lead: dueLead, Sequence: m.Sequence,
				Audience: store.Audience{Topics: m.Topics(), Lead: dueLead}, Opened: now, Due: m.RemindAt(dueLead), Deadline: m.Start(),
			}))
			if err != nil {
				return err
			}
		}
		return s.PostponeJob(ctx, store.Job{ID: f.job}, now.Add(30*time.Minute))
	})
}

// orphans counts the letters that the leader which was first had under way. The one behind it has a higher token.
func (f *fatal) orphans() map[store.PersonID]int {
	f.t.Helper()
	left := map[store.PersonID]int{}
	f.work(nil, func(ctx context.Context, s *store.Store) error {
		var first store.Rev
		for _, who := range f.to {
			l, err := f.letter(ctx, s, who)
			if err != nil {
				return err
			}
			if l.Token != 0 && (first == 0 || l.Token < first) {
				first, left = l.Token, map[store.PersonID]int{}
			}
			if l.State == store.Sending && l.Token == first {
				left[who] = l.Unknowns + 1
			}
		}
		return nil
	})
	return left
}
