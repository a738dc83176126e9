package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"recbot/bot/remind"
	"recbot/bot/web"
	"recbot/handlers"
	"recbot/store"
)

const (
	// telegramPatience is how long Telegram may be silent. A poller hears of it every minute, a webhook is looked at as
	// often, and whoever has not heard for so long asks.
	telegramPatience = 2 * time.Minute
	// tickPatience is how long the scheduler may do nothing, which ticks each minute.
	tickPatience = 5 * time.Minute
)

// vigil is what a running app notices of its own health.
type vigil struct {
	pulse atomic.Pointer[time.Time] // of the scheduler: its last tick, or when this process began to lead; by the clock of the machine
	tick  atomic.Pointer[time.Time] // the last one, by the bot's clock

	mu     sync.Mutex
	untold []handlers.Alert // that could not be opened
}

// beat notes that the scheduler is alive.
func (v *vigil) beat() {
	now := time.Now()
	v.pulse.Store(&now)
}

// checks are what must be right for the bot to be ready.
func (a *app) checks() []web.Check {
	return []web.Check{
		{Name: "telegram", Run: a.telegramAnswers},
		{Name: "store", Run: func(ctx context.Context) error {
			if err := a.storeReachable(ctx); err != nil {
				return err
			}
			if !a.state.opened.Load() {
				return errors.New("the store is not filled yet")
			}
			return nil
		}},
		{Name: "scheduler", Run: a.schedulerTicks},
	}
}

// telegramAnswers tells whether Telegram was heard of lately. Who follows may have had no reason to ask, and asks now.
func (a *app) telegramAnswers(ctx context.Context) error {
	if !a.state.telling.Load() {
		return errors.New("no answer from Telegram yet")
	}
	silent := time.Since(a.wire.Heard())
	if silent < telegramPatience {
		return nil
	}
	if err := a.wire.Ping(ctx); err != nil {
		return fmt.Errorf("no answer for %s: %w", silent.Round(time.Second), err)
	}
	return nil
}

// schedulerTicks tells whether this process's scheduler does its work. Where another process leads there is nothing to do.
func (a *app) schedulerTicks(context.Context) error {
	pulse := a.state.vigil.pulse.Load()
	if pulse == nil || !a.state.leading.Load() {
		return nil
	}
	if still := time.Since(*pulse); still > tickPatience {
		return fmt.Errorf("no tick for %s; the log says why", still.Round(time.Second))
	}
	return nil
}

const (
	// stallOver is how long the scheduler may stand still before the owners are told.
	stallOver = 5 * time.Minute
	// tickSaved is by how much the tick that stands in the store may be older than the last one.
	tickSaved = 10 * time.Minute
)

// ticked notes a tick of the scheduler, and tells the owners when there was none for long before it.
func (a *app) ticked(ctx context.Context, t remind.Tick) {
	before := a.state.vigil.tick.Swap(&t.To)
	a.state.vigil.beat()
	a.metrics.Tick(t.To)
	_ = a.fates.save(ctx, a.store) // the next tick makes up for it
	if err := a.desk.Tend(ctx); err != nil {
		a.log.Warn("announcements are not looked through; the next tick does it", "err", err)
	}
	own := before != nil && before.Equal(t.From)
	if t.From.IsZero() || own && a.stepped || t.To.Sub(t.From) <= stallLimit(own) {
		return
	}
	a.log.Warn("nothing was scheduled for a while", "seconds", t.To.Sub(t.From).Seconds())
	alert := handlers.Alert{Kind: handlers.AlertStall, From: t.From, To: t.To}
	for _, id := range t.Opened {
		if kind, _ := id.About(); kind == store.JobReminder {
			alert.Jobs = append(alert.Jobs, id)
		}
	}
	alert.Lost, alert.Dropped = a.dropped(ctx, t.Lost)
	a.alert(ctx, alert)
}

// dropped counts the meetings that began while nothing was scheduled, and the reminders that were to come of them: to everybody
// who would have got one at the time. It reads those who have the lead, and happens after an outage only.
func (a *app) dropped(ctx context.Context, lost []remind.Notice) (meetings, reminders int) {
	seen := map[store.MeetingID]bool{}
	for _, n := range lost {
		seen[n.Meeting.ID] = true
		to := store.Audience{Topics: n.Meeting.Topics(), Lead: n.Lead}
		heads, err := a.store.CountAudience(ctx, to, func(p store.Person) bool { return p.SkipReminder(n.Meeting, n.Lead, n.At) == "" })
		if err != nil { // the owners are told all the same
			a.log.Error("dropped reminders could not be counted", "meeting", n.Meeting.ID, "err", err)
			continue
		}
		reminders += heads.N
	}
	return len(seen), reminders
}

// stallLimit is how far apart two ticks may be. Of another process's last one it is known only roughly when it was.
func stallLimit(own bool) time.Duration {
	if own {
		return stallOver
	}
	return stallOver + tickSaved
}

// watchEvery is how often the leader looks at what it alone can see.
const watchEvery = 10 * time.Second

// watch looks after things that nothing else happens to show, until ctx ends.
func (a *app) watch(ctx context.Context) error {
	defer a.metrics.JobLag(0) // it is the next leader's now
	seen := time.Now()
	var looked time.Time // for what lasts, by the clock of the machine
	for {
		if lag, err := a.lag(ctx); err == nil { // else the failure is counted, and the bar stays where it was
			a.metrics.JobLag(lag)
		}
		now := time.Now()
		if by := jump(now.Round(0).Sub(seen.Round(0)), now.Sub(seen)); by != 0 {
			a.log.Warn("the clock of the machine jumped", "seconds", by.Seconds())
			a.alert(ctx, handlers.Alert{Kind: handlers.AlertClock, From: a.now().Truncate(jumpsTold), Jump: by})
		}
		if seen = now; looked.IsZero() || now.Sub(looked) >= lookEvery {
			looked = now
			a.watchRoom(ctx)
			a.watchClock(ctx)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(watchEvery):
		}
	}
}

const (
	// clockLimit is by how much the clock on the wall may differ from the time that has passed, and from Telegram's.
	clockLimit = 30 * time.Second
	// jumpsTold is in what time one jump is told: a calendar hour in UTC, by the clock after the jump. A clock that is being set wrong and
	// right again must not bring a letter each time; but two jumps are two alerts when a full hour lies between them, however close they are.
	jumpsTold = time.Hour
)

// jump tells by how much the clock on the wall went wrong while some time passed; 0 = by no more than clocks are set right.
func jump(wall, passed time.Duration) time.Duration {
	if by := wall - passed; by.Abs() > clockLimit {
		return by
	}
	return 0
}

// lag is by how much the oldest unfinished job or letter is overdue.
func (a *app) lag(ctx context.Context) (time.Duration, error) {
	due, some, err := a.store.NextDue(ctx)
	if err != nil || !some {
		return 0, err
	}
	return max(0, a.now().Sub(due)), nil
}
