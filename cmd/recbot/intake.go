package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"recbot/bot/telegram"
	"recbot/store"
)

// stranding is what the intake knows of a store out of reach. Only one goroutine uses it.
type stranding struct {
	since   time.Time // of the real clock; zero = the store answers
	gaveWay bool      // to another poller, which may have a store
}

// outagePatience is how long a process that did not poll waits for its store before it does. A leader that has died is
// replaced by then, and one that lives is not ousted because somebody else's store was slow for a moment. For as long the
// webhook leaves updates with Telegram, which may bring them to a process that has a store.
const outagePatience = 15 * time.Second

// takeIn takes updates in until ctx ends: by the webhook, or by polling. It polls while this process leads, and also while
// the store is out of reach, for people must be told to try again, until Telegram says that another process polls.
func (a *app) takeIn(ctx context.Context) error {
	if err := a.introduce(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	go a.setProfile(ctx)
	if a.Webhook {
		return a.receive(ctx)
	}
	for ctx.Err() == nil {
		err := a.pollInTurn(ctx)
		switch {
		case errors.Is(err, telegram.ErrRival):
			a.state.stranded.gaveWay = true
			a.log.Warn("leaving the updates to it while the store is out of reach", "err", err)
		case err != nil:
			return err
		}
	}
	return nil
}

// introduce asks Telegram who the bot is.
func (a *app) introduce(ctx context.Context) error {
	me, err := a.wire.Me(ctx)
	if err != nil {
		return err
	}
	a.username.set(me.Username)
	a.warnOfClock()
	a.state.set(&a.state.telling, true)
	return nil
}

// pollInTurn waits until this process should poll, polls until it should no longer, and returns. The error is
// ErrUnauthorized or ErrRival.
func (a *app) pollInTurn(ctx context.Context) error {
	for !a.shouldPoll(ctx, false) {
		if !a.pause(ctx) {
			return nil
		}
	}
	poll, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- a.wire.Poll(poll, a.lanes.Handle, a.follows) }()
	for a.shouldPoll(ctx, true) && a.pause(ctx) {
		select {
		case err := <-done:
			return err
		default:
		}
	}
	stop()
	return <-done
}

// follows tells that another process may lead.
func (a *app) follows() bool { return !a.state.leading.Load() }

// pause waits a second, or until something changed; false when ctx ended.
func (a *app) pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-a.state.change:
	case <-time.After(time.Second):
	}
	return true
}

// shouldPoll tells whether this process is to poll, or to go on with it.
func (a *app) shouldPoll(ctx context.Context, polling bool) bool {
	if a.state.leading.Load() {
		a.state.stranded = stranding{}
		return true
	}
	call, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	err := a.storeReachable(call)
	switch {
	case ctx.Err() != nil:
		return false
	case err == nil:
		a.state.stranded = stranding{}
		return false
	case a.state.stranded.since.IsZero():
		a.state.stranded.since = time.Now()
	}
	// Without a store since the start nothing is known of a leader; Telegram tells if there is one.
	early := a.state.opened.Load() && time.Since(a.state.stranded.since) < outagePatience
	return !a.state.stranded.gaveWay && (polling || !early)
}

// storeReachable makes the cheapest call there is.
func (a *app) storeReachable(ctx context.Context) error {
	if _, err := a.backend.Get(ctx, store.Global, "ping"); err != nil {
		return fmt.Errorf("the store does not answer: %w", err)
	}
	return nil
}
