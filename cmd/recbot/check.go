package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"recbot/bot/council"
	"recbot/bot/telegram"
	"recbot/bot/web"
	"recbot/locales"
	"recbot/store"
)

var checkCommand = subcommand{
	name: "check",
	line: "verify token, clock, store, catalogue, texts and time zones: one OK or FAIL line each",
	run:  check,
}

// checkTime is how long one check may take.
const checkTime = 10 * time.Second

func check(ctx context.Context, c *invocation) error {
	failed := 0
	for _, one := range []struct {
		name string
		run  func(context.Context) (string, error)
	}{
		{"configuration", c.checkConfiguration},
		{"token", c.checkToken},
		{"clock", c.checkClock},
		{"store", c.checkStore},
		{"catalogue", c.checkCatalogue},
		{"texts", checkTexts},
		{"time zones", c.checkZones},
	} {
		ctx, cancel := context.WithTimeout(ctx, checkTime)
		said, err := one.run(ctx)
		cancel()
		if err != nil {
			failed++
			fmt.Fprintf(c.out, "FAIL  %-13s  %s\n", one.name, oneLine(err.Error()))
			continue
		}
		fmt.Fprintf(c.out, "OK    %-13s  %s\n", one.name, said)
	}
	if failed > 0 {
		return fmt.Errorf("%d of the checks failed", failed)
	}
	return nil
}

// oneLine keeps a check's line a line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func (c *invocation) checkConfiguration(context.Context) (string, error) {
	where := "embedded store in " + c.Data
	if c.Redis != "" {
		where = "Redis"
	}
	how := "polling"
	if c.Webhook {
		how = "updates come to " + c.PublicURL
	}
	return fmt.Sprintf("%s; zone %s; %d owners; listening at %s; %s", where, c.Timezone, len(c.Owners), c.Listen, how), nil
}

func (c *invocation) checkToken(ctx context.Context) (string, error) {
	if c.Token == "" {
		return "", errors.New("TELEGRAM_BOT_TOKEN is not set; @BotFather gives you a token")
	}
	client, err := telegram.New(telegram.Options{Token: c.Token, URL: c.API})
	if err != nil {
		return "", err
	}
	me, err := client.Me(ctx)
	switch {
	case errors.Is(err, telegram.ErrUnauthorized):
		return "", errors.New("the token was refused by Telegram (401)")
	case err != nil:
		return "", fmt.Errorf("no answer from %s: %w", c.API, err)
	}
	return "@" + me.Username, nil
}

// checkClock compares the clock of the machine with Telegram's, which answers with the time even where it refuses the token.
func (c *invocation) checkClock(ctx context.Context) (string, error) {
	const unknown = "not compared, for Telegram did not tell the time"
	if c.Token == "" {
		return unknown, nil // which is told of the token
	}
	client, err := telegram.New(telegram.Options{Token: c.Token, URL: c.API})
	if err != nil {
		return "", err
	}
	_ = client.Ping(ctx) // that nobody answers is told of the token as well
	skew, known := client.Skew()
	off := skew.Middle().Round(time.Second)
	switch {
	case !known:
		return unknown, nil
	case skew.Wrong(clockLimit) && off > 0:
		return "", fmt.Errorf("%s ahead of Telegram's; keep it by NTP, or reminders come too early", off)
	case skew.Wrong(clockLimit):
		return "", fmt.Errorf("%s behind Telegram's; keep it by NTP, or reminders come too late", -off)
	case skew.Right(clockLimit):
		return fmt.Sprintf("within %s of Telegram's", clockLimit), nil
	}
	return "not compared, for Telegram answered too slowly", nil
}

func (c *invocation) checkStore(ctx context.Context) (string, error) {
	if c.noStoreYet() {
		return checkFolder(c.Data)
	}
	backend, err := openBackend(c.Config, nil)
	if errors.Is(err, store.ErrLocked) {
		if err := web.Dial(filepath.Join(c.Data, web.SocketName)).Health(ctx); err != nil {
			return "", fmt.Errorf("another process has the file, and no recbot answers in it: %w", err)
		}
		return "in use by the running recbot", nil
	}
	if err != nil {
		return "", err
	}
	defer backend.Close()
	if err := store.New(backend, c.now).Check(ctx); err != nil {
		return "", err
	}
	info, err := backend.Info(ctx)
	if err != nil {
		return "", err
	}
	if len(info.Warnings) > 0 {
		return "", fmt.Errorf("%s %s: %s", info.Kind, info.Version, strings.Join(info.Warnings, "; "))
	}
	return oneLine(fmt.Sprintf("%s %s %s; %s", info.Kind, info.Version, info.Place, info.Durable)), nil
}

// checkFolder tells whether a store could be made in a folder, without making one.
func checkFolder(folder string) (string, error) {
	there := filepath.Clean(folder)
	for {
		stat, err := os.Stat(there)
		if err == nil && !stat.IsDir() {
			return "", fmt.Errorf("RECBOT_DATA: %s is no folder", there)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, os.ErrNotExist) || there == filepath.Dir(there) {
			return "", fmt.Errorf("RECBOT_DATA: %w", err)
		}
		there = filepath.Dir(there)
	}
	probe, err := os.CreateTemp(there, ".recbot-check-")
	if err != nil {
		return "", fmt.Errorf("RECBOT_DATA: %s cannot be written to: %w", there, err)
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return "", fmt.Errorf("RECBOT_DATA: %w", err)
	}
	return "none yet; serve makes " + filepath.Join(folder, storeFile), nil
}

func (c *invocation) checkCatalogue(context.Context) (string, error) {
	catalogue, err := loadCatalogue(c.Config)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d bodies, %d meetings, %d sources", len(catalogue.Bodies), len(catalogue.Meetings), len(catalogue.Sources)), nil
}

func checkTexts(context.Context) (string, error) {
	words, err := locales.Load()
	if err != nil {
		return "", err
	}
	if _, err := readerOf(council.Embedded(), words); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d messages in %d languages", len(words.Keys()), len(store.Langs)), nil
}

func (c *invocation) checkZones(context.Context) (string, error) {
	words, err := locales.Load()
	if err != nil {
		return "", err
	}
	places := words.Places()
	for _, p := range places {
		if _, err := store.LoadZone(p.Zone); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d places, council in %s", len(places), c.Timezone), nil
}
