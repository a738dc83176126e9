package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/robfig/cron/v3"
	"golang.org/x/sync/errgroup"

	"recbot/bot/broadcast"
	"recbot/bot/telegram"
	"recbot/bot/web"
	"recbot/store"
	"recbot/store/boltstore"
)

var serveCommand = subcommand{
	name:  "serve",
	line:  "run the bot",
	needs: needs{token: true},
	run:   serve,
}

// ownerLinkLasts is how long the link on stderr makes somebody an owner.
const ownerLinkLasts = 15 * time.Minute

func serve(ctx context.Context, c *invocation) error {
	log := c.logger(c.streams)
	catalogue, err := loadCatalogue(c.Config)
	if err != nil {
		return err
	}
	backend, err := openBackend(c.Config, log)
	if err != nil {
		return err
	}
	defer backend.Close()
	log.Info("recbot "+versionOf(), "store", describeStore(ctx, c.Config, backend))
	a, err := newApp(parts{Config: c.Config, backend: backend, catalogue: catalogue, now: c.now, log: log})
	if err != nil {
		return err
	}
	return explainStop(a.serve(ctx, c))
}

// explainStop turns what ended the bot into one plain line.
func explainStop(err error) error {
	switch {
	case errors.Is(err, telegram.ErrUnauthorized), errors.Is(err, broadcast.ErrUnauthorized):
		return usagef("TELEGRAM_BOT_TOKEN: Telegram refused the token (401); @BotFather shows the right one")
	case errors.Is(err, store.ErrSchema):
		return fmt.Errorf("%w; it was left as it is", err)
	}
	return err
}

// serve runs the bot with everything around it: the HTTP address, the control socket, the owner's link, nightly copies.
func (a *app) serve(ctx context.Context, c *invocation) error {
	listener, err := net.Listen("tcp", a.Listen)
	if err != nil {
		return fmt.Errorf("RECBOT_LISTEN: %w; choose another address", err)
	}
	defer listener.Close()
	db, embedded := a.backend.(*boltstore.DB)
	var socket net.Listener
	if embedded {
		if socket, err = web.Listen(a.Data); err != nil {
			return err
		}
		defer socket.Close()
	}
	a.log.Info("listening", "address", listener.Addr().String())
	g, ctx := errgroup.WithContext(ctx)
	// Telegram gets its answers to what was taken in, so the address outlives the intake.
	answering, done := context.WithCancel(context.WithoutCancel(ctx))
	g.Go(func() error { defer done(); return a.run(ctx) })
	g.Go(func() error { return serveHTTP(answering, listener, web.New(a.webOptions())) })
	g.Go(func() error { return a.offerOwnership(ctx, c) })
	g.Go(func() error { giveBack(ctx); return nil })
	if embedded {
		g.Go(func() error {
			return serveHTTP(ctx, socket, web.Control(web.Work{Import: a.importFile, Invite: a.inviteHere}))
		})
		g.Go(func() error { return a.copyNightly(ctx, db) })
	}
	return g.Wait()
}

// settledIn is when a bot that was begun has done what beginning takes.
const settledIn = 5 * time.Second

// giveBack returns once to the system what beginning took: reading catalogue, texts and phrases needs several times the
// memory that is kept, and an idle bot would hold it for minutes.
func giveBack(ctx context.Context) {
	select {
	case <-time.After(settledIn):
		debug.FreeOSMemory()
	case <-ctx.Done():
	}
}

// webOptions says when the bot is ready, and what else it answers.
func (a *app) webOptions() web.Options {
	o := web.Options{Metrics: a.metrics.Handler(), Checks: a.checks()}
	if a.Webhook {
		a.addWebhook(&o)
	}
	return o
}

// serveHTTP serves until ctx ends, and returns when nothing is being answered any more.
func serveHTTP(ctx context.Context, l net.Listener, h http.Handler) error {
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	quiet := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(quiet)
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if s.Shutdown(grace) != nil {
			s.Close()
		}
	})
	defer stop()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving at %s: %w", l.Addr(), err)
	}
	<-quiet // Serve returns as soon as Shutdown begins
	return nil
}

// offerOwnership prints a link on stderr that makes whoever opens it the owner, while there is none.
func (a *app) offerOwnership(ctx context.Context, c *invocation) error {
	if !a.introduced(ctx) || len(a.Owners) > 0 {
		return nil
	}
	var secret string
	err := a.tryUntilUp(ctx, "looking for an owner", func(ctx context.Context) error {
		known, err := a.store.HasOwner(ctx)
		if err != nil || known {
			return err // without an answer no link: nobody must become an owner by an outage
		}
		secret, err = a.store.MakeInvite(ctx, store.Invite{Role: store.Owner, Expires: a.now().Add(ownerLinkLasts)}, 0)
		return err
	})
	if err != nil && ctx.Err() == nil {
		a.log.Warn("the owner's link could not be made; restart to try again", "err", err)
	}
	if err != nil || secret == "" {
		return nil
	}
	fmt.Fprintf(c.err, "\nNobody owns this bot yet. Open this link within 15 minutes to become its owner; it works once:\n  https://t.me/%s?start=%s\n\n",
		a.username.get(), secret)
	return nil
}

// introduced waits until the store is filled and Telegram has told who the bot is; false when ctx ends before.
func (a *app) introduced(ctx context.Context) bool {
	for !a.state.opened.Load() || !a.state.telling.Load() {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(200 * time.Millisecond):
		}
	}
	return true
}

// backupFolder is where hot copies go, in RECBOT_DATA.
const backupFolder = "backup"

// copiesKept is how many nightly copies are kept.
const copiesKept = 7

// copyNightly writes a hot copy of the embedded store every night at 03:30 of the council's zone.
func (a *app) copyNightly(ctx context.Context, db *boltstore.DB) error {
	zone, err := store.LoadZone(a.Timezone)
	if err != nil {
		return err
	}
	nightly := cron.New(cron.WithLocation(zone))
	_, err = nightly.AddFunc("30 3 * * *", func() {
		defer a.recovered("copying the store")
		if err := db.HotCopy(filepath.Join(a.Data, backupFolder), copiesKept); err != nil {
			a.log.Error("the nightly copy of the store was not written", "err", err)
		}
	})
	if err != nil {
		return fmt.Errorf("scheduling the nightly copy: %w", err)
	}
	nightly.Start()
	<-ctx.Done()
	<-nightly.Stop().Done()
	return nil
}
