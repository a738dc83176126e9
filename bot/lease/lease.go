// Package lease keeps one leader at a time.
//
// Whoever holds the lease leads, with a token that is higher than every leader's before. The lease is renewed at a third
// of its length; when it is lost, or cannot be renewed until its length has passed, the leader's context ends. That alone
// proves nothing to the rest of the world, which is why what a leader writes is fenced with the token as well: a process
// that was stopped for a minute may go on for a moment before its timers run.
package lease

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"recbot/bot/metrics"
	"recbot/store"
)

// Options say which lease is kept, and how.
type Options struct {
	Name   string        // of the lease
	Holder string        // of this process, for the eyes of people who look into the store
	TTL    time.Duration // length of the lease; 0 = 10 s
	Renew  time.Duration // time between renewals, and between tries to get it; 0 = a third of TTL
	Log    *slog.Logger  // nil = none
	// Metrics is told whether this process leads; nil = nobody.
	Metrics *metrics.Metrics
}

// defaultTTL together with a pause between two tries stays below the 15 s within which a dead leader is replaced.
const defaultTTL = 10 * time.Second

// Run waits for the lease, calls lead while it is held, and begins again when it is lost. It ends when ctx ends, with nil,
// or when lead returns with the lease still held: then with lead's error. A lead that was fenced off counts as one that
// lost its lease.
//
// lead gets a context that ends with ctx and with the lease, and must return soon after. Until it has, the lease is renewed,
// so that nobody else leads while it puts its affairs in order; then the lease is released.
func Run(ctx context.Context, s *store.Store, o Options, lead func(ctx context.Context, token store.Rev) error) error {
	k := &keeper{store: s, o: o}
	if k.o.TTL == 0 {
		k.o.TTL = defaultTTL
	}
	if k.o.Renew == 0 {
		k.o.Renew = k.o.TTL / 3
	}
	if k.o.Log == nil {
		k.o.Log = slog.New(slog.DiscardHandler)
	}
	for {
		token, until, err := k.acquire(ctx)
		if err != nil {
			return nil
		}
		if over, err := k.term(ctx, token, until, lead); over {
			return err
		}
	}
}

// keeper keeps the lease for one Run.
type keeper struct {
	store   *store.Store
	o       Options
	trouble string // what was logged last, so that an outage is one line
}

// acquire waits until the lease is ours. It gives the token and the time until which the lease surely lasts, counted from
// before it was asked for. The error is that of ctx.
func (k *keeper) acquire(ctx context.Context) (store.Rev, time.Time, error) {
	for {
		asked := time.Now()
		call, cancel := context.WithTimeout(ctx, k.o.TTL)
		token, err := k.store.AcquireLease(call, k.o.Name, k.o.Holder, k.o.TTL)
		cancel()
		if err == nil {
			k.trouble = ""
			return token, asked.Add(k.o.TTL), nil
		}
		if !errors.Is(err, store.ErrConflict) && ctx.Err() == nil {
			k.complain("lease cannot be acquired", err)
		}
		select {
		case <-ctx.Done():
			return 0, time.Time{}, ctx.Err()
		case <-time.After(k.o.Renew):
		}
	}
}

// term is the time as a leader. over tells that Run is to end with err.
func (k *keeper) term(ctx context.Context, token store.Rev, until time.Time, lead func(context.Context, store.Rev) error) (over bool, err error) {
	k.o.Log.Info("leading")
	k.o.Metrics.Leader(true)
	defer k.o.Metrics.Leader(false)
	leading, depose := context.WithCancel(ctx)
	defer depose()
	done := make(chan error, 1)
	go func() { done <- guarded(leading, token, lead) }()

	lost, err := k.hold(token, until, done, depose)
	k.release(ctx, token)
	switch {
	case ctx.Err() != nil && (err == nil || errors.Is(err, ctx.Err())):
		return true, nil
	case lost || errors.Is(err, store.ErrFenced):
		k.o.Log.Warn("no longer leading", "err", err)
		return ctx.Err() != nil, nil
	}
	return true, err
}

// hold renews the lease until lead returns, and gives its error. When the lease is lost it deposes the leader first.
func (k *keeper) hold(token store.Rev, until time.Time, done <-chan error, depose func()) (lost bool, err error) {
	renew := time.NewTimer(k.o.Renew)
	defer renew.Stop()
	end := time.NewTimer(time.Until(until))
	defer end.Stop()
	for {
		select {
		case err := <-done:
			return lost, err
		case <-end.C:
			lost = true
		case <-renew.C:
			if lost {
				continue
			}
			var next time.Duration
			until, next, lost = k.renew(token, until)
			renew.Reset(next)
			end.Reset(time.Until(until))
		}
		if lost {
			depose()
		}
	}
}

// renew tries to renew once and gives how long the lease surely lasts now, and when to try again: sooner after a failure,
// to make the most of what is left.
func (k *keeper) renew(token store.Rev, until time.Time) (_ time.Time, next time.Duration, lost bool) {
	asked := time.Now()
	// Not the leader's context: while it is shutting down the lease is still needed.
	ctx, cancel := context.WithDeadline(context.Background(), until)
	defer cancel()
	err := k.store.RenewLease(ctx, k.o.Name, token, k.o.TTL)
	switch {
	case err == nil:
		k.trouble = ""
		return asked.Add(k.o.TTL), k.o.Renew, false
	case errors.Is(err, store.ErrConflict):
		return until, k.o.Renew, true
	}
	k.complain("lease cannot be renewed", err)
	return until, k.o.Renew / 4, !time.Now().Before(until)
}

func (k *keeper) release(ctx context.Context, token store.Rev) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), k.o.Renew)
	defer cancel()
	if err := k.store.ReleaseLease(ctx, k.o.Name, token); err != nil {
		k.complain("lease cannot be released", err)
	}
}

func (k *keeper) complain(what string, err error) {
	if text := what + err.Error(); text != k.trouble {
		k.trouble = text
		k.o.Log.Warn(what, "err", err)
	}
}

// guarded makes a panic of the leader an error, so that the lease is released.
func guarded(ctx context.Context, token store.Rev, lead func(context.Context, store.Rev) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("leader panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return lead(ctx, token)
}
