package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"recbot/bot/lease"
	"recbot/bot/remind"
	"recbot/bot/telegram"
	"recbot/store"
)

// stopTime is how long lanes may take to empty after the intake has stopped. The lease is kept meanwhile, see [app.lead]:
// together with what it takes to cut them short, confirmTime and the pause between two tries to get the lease it stays below
// the 15 s within which another process leads.
const stopTime = 8 * time.Second

// state is what a running app knows of itself.
type state struct {
	opened  atomic.Bool // the store was checked and filled
	leading atomic.Bool
	telling atomic.Bool   // Telegram has told who the bot is
	change  chan struct{} // has room for one: leading or opened changed

	answered chan struct{}  // closed at the end, when what was taken in is answered and Telegram knows of it
	letters  sync.WaitGroup // of the runner, which may outlast the lease

	stranded stranding // of the intake alone
	hook     hook
	vigil    vigil
}

func (s *state) set(flag *atomic.Bool, to bool) {
	flag.Store(to)
	select {
	case s.change <- struct{}{}:
	default:
	}
}

// run serves until ctx ends, and then puts its affairs in order: the intake stops, lanes empty, the lease is given up, and
// letters under way arrive. It returns nil then, and an error when it cannot go on.
func (a *app) run(ctx context.Context) error {
	a.state.change, a.state.answered = make(chan struct{}, 1), make(chan struct{})
	work, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	g, work := errgroup.WithContext(work)
	intake, stop := context.WithCancel(ctx)
	defer stop()
	context.AfterFunc(work, stop) // what fails inside ends the intake too
	g.Go(func() error { return a.openAndLead(work, intake) })
	g.Go(func() error { return a.keepUp(work) })
	g.Go(func() error {
		defer end()
		err := a.takeIn(intake)
		a.windUp(work)
		return err
	})
	err := g.Wait()
	a.state.letters.Wait() // what came of them is to be in the ledger before the store is closed
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

const (
	// confirmTime is how long the last word to Telegram may take.
	confirmTime = 2 * time.Second
	// arriveTime is how long letters under way may take. Near a limit Telegram holds a request for some 15 s, and of one that
	// is cut off nobody knows whether it arrived.
	arriveTime = 20 * time.Second
)

// windUp answers what was taken in. Each step has a time of its own, so that a slow one costs the next nothing.
func (a *app) windUp(ctx context.Context) {
	if err := inTime(ctx, stopTime, a.lanes.Close); err != nil {
		a.log.Warn("some updates were not answered in time; they come again", "err", err)
	}
	if err := inTime(ctx, confirmTime, a.wire.Confirm); err != nil {
		a.log.Info("what was settled could not be confirmed; it comes again and is dropped", "err", err)
	}
	close(a.state.answered)
	if err := inTime(ctx, arriveTime, a.out.Close); err != nil {
		a.log.Warn("some letters did not leave in time", "err", err)
	}
	_ = inTime(ctx, confirmTime, func(ctx context.Context) error { return a.fates.save(ctx, a.store) }) // else a little less is counted
}

func inTime(ctx context.Context, limit time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return do(ctx)
}

// openAndLead waits for the store, checks and fills it, and then leads whenever the lease is ours.
func (a *app) openAndLead(ctx, intake context.Context) error {
	err := a.tryUntilUp(ctx, "opening the store", a.store.Open)
	if err == nil {
		err = a.tryUntilUp(ctx, "reading the catalogue in", a.fill)
	}
	if ctx.Err() != nil {
		return nil // what did not succeed did so because of the end, and must not hide why it came
	}
	if err != nil {
		return err
	}
	a.state.set(&a.state.opened, true)
	host, _ := os.Hostname() // only for the eyes of who looks into the store
	return lease.Run(ctx, a.store, lease.Options{
		Name: "leader", Holder: fmt.Sprintf("%s/%d", host, os.Getpid()), Log: a.log, Metrics: a.metrics, TTL: testOnlyLease(),
	}, func(ctx context.Context, token store.Rev) error { return a.lead(ctx, intake, token) })
}

// lead does what only one process may do: schedule, send what is due, and take updates in. When the intake ends nothing new
// is begun, but the lease is kept until what was taken in is answered: of that the next leader would be given by Telegram
// what is not confirmed, and would answer it as well.
//
// Letters under way do not hold up the next leader. Each stands in the ledger as sending for [store.LetterTimeout], which is
// longer than it can be under way, so nobody else takes it up; and its outcome is noted whoever leads by then.
func (a *app) lead(ctx, intake context.Context, token store.Rev) error {
	a.state.vigil.beat()
	a.state.set(&a.state.leading, true)
	defer a.state.set(&a.state.leading, false)
	g, held := errgroup.WithContext(ctx)
	g.Go(func() error { a.untilAnswered(held); return nil })
	ctx, rest := context.WithCancel(held)
	defer rest()
	defer context.AfterFunc(intake, rest)()
	sent := make(chan error, 1)
	a.state.letters.Go(func() { sent <- a.runner.Run(ctx, token) })
	g.Go(func() error {
		select {
		case err := <-sent:
			return err
		case <-a.state.answered:
			return nil
		}
	})
	g.Go(func() error { return a.resume(ctx) })
	g.Go(func() error { return a.watch(ctx) })
	if a.stepped {
		// Time begins here, and what fell due while nobody led is made up for; the rest comes with the steps of the clock.
		g.Go(func() error { return a.scheduler.Tick(ctx, a.now()) })
	} else {
		g.Go(func() error { return a.scheduler.Run(ctx) })
	}
	return g.Wait()
}

// untilAnswered waits until what was taken in is answered, or the lease is lost.
func (a *app) untilAnswered(held context.Context) {
	select {
	case <-held.Done():
	case <-a.state.answered:
	}
}

// resume looks now and then for updates whose handler was cut off by a crash.
func (a *app) resume(ctx context.Context) error {
	// Commands are read with the bot's name.
	for a.introduced(ctx) {
		if err := a.lanes.Resume(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("looking for kept updates", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Minute):
		}
	}
	return nil
}

// idle tells whether nothing is left to do at this instant.
func (a *app) idle() bool {
	return a.state.leading.Load() && a.state.telling.Load() && a.lanes.Idle() && a.runner.Idle() && a.out.Idle()
}

// next gives the earliest instant after t at which something falls due.
func (a *app) next(ctx context.Context, t time.Time) (time.Time, bool, error) {
	at, ok, err := a.store.NextDue(ctx)
	if err != nil {
		return at, false, err
	}
	if ok && !at.After(t) {
		at = t.Add(time.Second) // it is being dealt with, or waits for a retry
	}
	for _, next := range []func(context.Context, time.Time) (time.Time, bool, error){
		a.nextReminder, a.nextDigest, a.desk.NextTend,
		func(ctx context.Context, _ time.Time) (time.Time, bool, error) {
			return a.store.NextReminderOfQuestions(ctx)
		},
	} {
		n, due, err := next(ctx, t)
		if err != nil {
			return at, false, err
		}
		if due && (!ok || n.Before(at)) {
			at, ok = n, true
		}
	}
	return at, ok, nil
}

func (a *app) nextReminder(ctx context.Context, t time.Time) (at time.Time, ok bool, err error) {
	meetings, err := a.store.Meetings(ctx)
	if err != nil {
		return at, false, err
	}
	leads, err := a.store.LeadsInUse(ctx)
	if err != nil {
		return at, false, err
	}
	at, ok = remind.NextInstant(meetings, leads, t)
	return at, ok, nil
}

func (a *app) nextDigest(ctx context.Context, t time.Time) (at time.Time, ok bool, err error) {
	digests, err := a.store.DigestsInUse(ctx)
	if err != nil {
		return at, false, err
	}
	at, ok = remind.NextEdition(digests, a.Timezone, t)
	return at, ok, nil
}

// tick is what cron does each minute in a bot whose clock is the wall's.
func (a *app) tick(ctx context.Context) error {
	if err := a.scheduler.Tick(ctx, a.now()); err != nil {
		return err
	}
	a.runner.Wake()
	return nil
}

// recovered is deferred in goroutines beside the bot's proper work, so that a panic there does not end it.
func (a *app) recovered(doing string) {
	if p := recover(); p != nil {
		a.log.Error("panic beside the work", "doing", doing, "err", fmt.Sprintf("%v\n%s", p, debug.Stack()))
	}
}

// setProfile sets menus, name and descriptions. A failure is no reason to stop.
func (a *app) setProfile(ctx context.Context) {
	defer a.recovered("setting the profile")
	var sets []telegram.CommandSet
	var profiles []telegram.Profile
	for _, p := range profileLanguages {
		guest := store.Person{Language: p.lang}
		sets = append(sets, telegram.CommandSet{Scope: telegram.ScopePrivate, Lang: p.code, Items: a.menu(guest)})
		d := a.words.Descriptions(p.lang)
		profiles = append(profiles, telegram.Profile{Lang: p.code, Name: d.Name, Short: d.Short, Description: d.Description})
	}
	if err := a.wire.SetCommands(ctx, sets); err != nil && ctx.Err() == nil {
		a.log.Warn("setting the command menus", "err", err)
	}
	if err := a.wire.SetProfiles(ctx, profiles); err != nil && ctx.Err() == nil {
		a.log.Warn("setting name and descriptions", "err", err)
	}
}

// profileLanguages are the languages that Telegram can tell apart; it knows no scripts of one. Who chose Cyrillic
// letters gets a menu of their own chat.
var profileLanguages = []struct {
	code string
	lang store.Lang
}{{"", store.English}, {"en", store.English}, {"ru", store.Russian}, {"uz", store.Uzbek}}
