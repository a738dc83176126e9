package main

import (
	"context"
	"time"

	"recbot/handlers"
)

// mostUntold bounds the alerts that wait for the store. More would be the same trouble over and over.
const mostUntold = 16

// alert tells the owners of a trouble. What ails the store is often the reason of one, so an alert that it does not take is kept,
// and tried again by [app.alertAgain].
func (a *app) alert(ctx context.Context, what handlers.Alert) {
	if err := a.desk.Alert(ctx, what); err != nil {
		a.log.Error("the owners cannot be told of a trouble yet", "kind", string(what.Kind), "err", err)
		a.state.vigil.keep(what)
	}
}

// alertAgain tries to tell what could not be told. A failure was logged at the first try.
func (a *app) alertAgain(ctx context.Context) {
	for _, what := range a.state.vigil.take() {
		if a.desk.Alert(ctx, what) != nil {
			a.state.vigil.keep(what)
		}
	}
}

// keep remembers an alert for later.
func (v *vigil) keep(what handlers.Alert) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.untold) < mostUntold {
		v.untold = append(v.untold, what)
	}
}

// take gives the alerts that were kept, and forgets them.
func (v *vigil) take() []handlers.Alert {
	v.mu.Lock()
	defer v.mu.Unlock()
	all := v.untold
	v.untold = nil
	return all
}

// lookEvery is how often the leader looks for troubles that last.
const lookEvery = 10 * time.Minute

// lasting has the owners told of a trouble that lasts: once until it is over, and anew when it comes back. Since when it lasts
// stands in the store, so that neither a restart nor another leader tells it again. One that lasts longer than 35 days is told
// again about every 35 days, see [handlers.Desk.Alert]: by then it may be forgotten. What does not succeed is made up for at
// the next look.
func (a *app) lasting(ctx context.Context, wrong bool, alert handlers.Alert) {
	if err := a.tellLasting(ctx, wrong, alert); err != nil && ctx.Err() == nil {
		a.log.Error("a trouble cannot be noted or told yet", "kind", string(alert.Kind), "err", err)
	}
}

func (a *app) tellLasting(ctx context.Context, wrong bool, alert handlers.Alert) error {
	name := string(alert.Kind)
	since, err := a.store.LastsSince(ctx, name)
	switch {
	case err != nil:
		return err
	case !wrong && since.IsZero():
		return nil
	case !wrong:
		a.log.Info("a trouble is over", "kind", name)
		return a.store.SetLasting(ctx, name, time.Time{})
	case since.IsZero():
		// Noted first: a crash in between is followed by a look that finds it noted, and tells it.
		since = a.now().UTC()
		if err := a.store.SetLasting(ctx, name, since); err != nil {
			return err
		}
	}
	alert.From = since
	return a.desk.Alert(ctx, alert) // at each look, which tells nobody twice in 35 days, and an owner who is new
}

// watchRoom tells the owners when the store is nearly full, while it still takes the letter that says so.
func (a *app) watchRoom(ctx context.Context) {
	info, err := a.store.Backend().Info(ctx)
	if err != nil { // the next look may show more
		return
	}
	if info.Tight {
		a.log.Warn("the store has little room left", "bytes", info.Free)
	}
	a.lasting(ctx, info.Tight, handlers.Alert{Kind: handlers.AlertRoom, Free: info.Free})
}

// askTime is how long Telegram may take to answer when it is asked for the time. A slower answer would tell too little.
const askTime = 5 * time.Second

// watchClock tells the owners when the clock of this machine is wrong: by it reminders leave.
func (a *app) watchClock(ctx context.Context) {
	if !a.stepped {
		// In a quiet hour there are only long polls, and of such an answer nobody knows when in its minute it was written.
		call, cancel := context.WithTimeout(ctx, askTime)
		_ = a.wire.Ping(call) // whether Telegram is there is for others to watch
		cancel()
	}
	skew, known := a.wire.Skew()
	switch {
	case !known || !skew.Wrong(clockLimit) && !skew.Right(clockLimit): // then it is left as it was
		return
	case skew.Wrong(clockLimit):
		a.warnOfClock()
	}
	a.lasting(ctx, skew.Wrong(clockLimit), handlers.Alert{Kind: handlers.AlertSkew, Jump: skew.Middle()})
}

// warnOfClock logs a clock that is wrong, as far as Telegram's last answer tells. Each process does so at its start, for only the
// leader tells the owners.
func (a *app) warnOfClock() {
	if skew, known := a.wire.Skew(); known && skew.Wrong(clockLimit) {
		a.log.Warn("the clock of this machine is wrong; keep it by NTP", "ahead_seconds", skew.Middle().Round(time.Second).Seconds())
	}
}
