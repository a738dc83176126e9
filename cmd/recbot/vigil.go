package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"recbot/bot/remind"
	"recbot/bot/web"
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

// ticked notes a tick of the scheduler.
func (a *app) ticked(t remind.Tick) {
	a.state.vigil.beat()
	a.state.vigil.tick.Store(&t.To)
	a.metrics.Tick(t.To)
}

// watchEvery is how often the leader looks at what it alone can see.
const watchEvery = 10 * time.Second

// watch looks after things that nothing else happens to show, until ctx ends.
func (a *app) watch(ctx context.Context) error {
	defer a.metrics.JobLag(0) // it is the next leader's now
	for {
		if lag, err := a.lag(ctx); err == nil { // else the failure is counted, and the bar stays where it was
			a.metrics.JobLag(lag)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(watchEvery):
		}
	}
}

// lag is by how much the oldest unfinished job or letter is overdue.
func (a *app) lag(ctx context.Context) (time.Duration, error) {
	due, some, err := a.store.NextDue(ctx)
	if err != nil || !some {
		return 0, err
	}
	return max(0, a.now().Sub(due)), nil
}
