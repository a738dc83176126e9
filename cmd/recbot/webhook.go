package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"recbot/bot"
	"recbot/bot/telegram"
	"recbot/bot/web"
)

// webhookSecret is what Telegram takes for a secret.
var webhookSecret = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// webhookPorts are where Telegram's own servers bring updates to; a server of one's own has no such limit.
var webhookPorts = []string{"", "443", "80", "88", "8443"}

// setWebhook checks one of the settings that have to do with the webhook. None of their values is shown: each may hold
// something secret.
func (c *Config) setWebhook(s setting, v string, wrong func(setting, string, ...any)) {
	switch s.variable {
	case "RECBOT_PUBLIC_URL":
		c.PublicURL = strings.TrimRight(v, "/")
		u, err := url.Parse(v)
		if v != "" && (err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "") {
			wrong(s, "not a plain https:// address; write it like https://bot.example.org")
		}
	case "RECBOT_WEBHOOK":
		c.Webhook = v == "true"
		if v != "true" && v != "false" {
			wrong(s, "%q is neither true nor false", v)
		}
	case "RECBOT_WEBHOOK_SECRET":
		c.WebhookSecret = v
		if v != "" && !webhookSecret.MatchString(v) {
			wrong(s, "1 to 256 of A-Z a-z 0-9 _ and -, nothing else; unset it and one is derived from the token")
		}
	}
}

// webhookMistakes finds what is wrong with the settings of the webhook together.
func (c *Config) webhookMistakes() []string {
	u, err := url.Parse(c.PublicURL)
	switch {
	case !c.Webhook:
		return nil
	case c.PublicURL == "":
		return []string{"RECBOT_WEBHOOK: needs RECBOT_PUBLIC_URL, the https address under which the outside reaches RECBOT_LISTEN"}
	case err == nil && c.API == telegram.DefaultURL && !slices.Contains(webhookPorts, u.Port()):
		return []string{"RECBOT_PUBLIC_URL: Telegram brings updates to the ports 443, 80, 88 and 8443 only"}
	}
	return nil
}

// webhook is where Telegram brings updates to.
func (c *Config) webhook() telegram.Webhook {
	secret := c.WebhookSecret
	if secret == "" {
		secret = telegram.WebhookSecret(c.Token)
	}
	return telegram.Webhook{URL: c.PublicURL + telegram.WebhookPath(c.Token, secret), Secret: secret}
}

// hook is how the intake by webhook stands.
type hook struct {
	set  atomic.Bool // Telegram brings updates here
	open atomic.Bool // they are taken in
}

// receive keeps the webhook set and takes updates in until ctx ends. Every process does so, whoever leads.
func (a *app) receive(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return a.wire.KeepWebhook(ctx, a.webhook(), a.state.hook.set.Store) })
	g.Go(func() error { a.tendHook(ctx); return nil })
	return g.Wait()
}

// tendHook opens and closes the intake.
func (a *app) tendHook(ctx context.Context) {
	defer a.state.hook.open.Store(false)
	for {
		a.state.hook.open.Store(a.shouldTake(ctx))
		if !a.pause(ctx) {
			return
		}
	}
}

// shouldTake tells whether to take in what Telegram brings. Without the store that is left to another process, or to a
// later moment, for a short while; then people must be told to try again.
func (a *app) shouldTake(ctx context.Context) bool {
	call, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if a.storeReachable(call) == nil {
		a.state.stranded = stranding{}
		return a.state.opened.Load()
	}
	if a.state.stranded.since.IsZero() {
		a.state.stranded.since = time.Now()
	}
	return time.Since(a.state.stranded.since) >= outagePatience
}

// addWebhook puts the webhook among the addresses, and its state among the checks.
func (a *app) addWebhook(o *web.Options) {
	to := a.webhook()
	o.Others = map[string]http.Handler{
		telegram.WebhookPath(a.Token, to.Secret): a.wire.WebhookHandler(to.Secret, func(ctx context.Context, u *bot.Update, raw json.RawMessage) <-chan struct{} {
			if !a.state.hook.open.Load() {
				return nil
			}
			return a.lanes.Handle(ctx, u, raw)
		}),
	}
	o.Checks = append(o.Checks, web.Check{Name: "webhook", Run: func(context.Context) error {
		switch {
		case !a.state.hook.set.Load():
			return errors.New("not set at Telegram; the log says why")
		case !a.state.hook.open.Load():
			return errors.New("no updates are taken in")
		}
		return nil
	}})
}
