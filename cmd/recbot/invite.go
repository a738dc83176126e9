package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"recbot/bot/council"
	"recbot/bot/telegram"
	"recbot/bot/web"
	"recbot/store"
)

var inviteCommand = subcommand{
	name: "invite",
	line: "make a link that gives one person a role, once",
	flags: func(f *flags) {
		f.set.String("role", "", "organizer, coordinator, delegate or owner")
		f.set.Var(&words{}, "body", "body the person becomes a member of, for example wg-b; may be given several times")
		f.set.String("lasts", "168h", "how long the link works, at most 720h")
	},
	run: invite,
}

const (
	longestInvite = 720 * time.Hour
	askName       = 10 * time.Second // for the bot's name
)

// words are the values of a flag that may be given several times, or with commas.
type words []string

func (w *words) String() string { return strings.Join(*w, ",") }

// Set adds to the words.
func (w *words) Set(s string) error {
	*w = append(*w, strings.FieldsFunc(s, func(c rune) bool { return c == ',' || c == ' ' })...)
	return nil
}

// invitation is what a link is to give.
type invitation struct {
	role   store.Role
	bodies []string
	lasts  time.Duration
}

// invite prints a link on stdout, and on stderr what it is good for.
func invite(ctx context.Context, c *invocation) error {
	i, err := c.invitation()
	if err != nil {
		return err
	}
	link, why, err := c.inviteLink(ctx, i)
	if err != nil {
		return fmt.Errorf("invite: %w", err)
	}
	fmt.Fprintln(c.out, link)
	if why != "" {
		fmt.Fprintf(c.err, "The name of the bot is not known (%s): put this behind https://t.me/NAME?start=\n", why)
	}
	fmt.Fprintf(c.err, "It makes one person %s and works once, until %s.\n", i, c.now().Add(i.lasts).UTC().Format("2006-01-02 15:04 MST"))
	return nil
}

// invitation reads the flags. What is wrong with them is said before anything is opened.
func (c *invocation) invitation() (invitation, error) {
	i := invitation{role: store.Role(c.command.str("role")), bodies: *c.command.set.Lookup("body").Value.(*words)}
	var err error
	if i.lasts, err = time.ParseDuration(c.command.str("lasts")); err != nil {
		return i, usagef("--lasts: %q is not a length of time; write it like 72h or 30m", c.command.str("lasts"))
	}
	catalogue, err := loadCatalogue(c.Config)
	if err == nil {
		if err = i.valid(catalogue); err != nil {
			err = usagef("%v", err)
		}
	}
	return i, err
}

// valid tells what is wrong with an invitation. A running bot asks again: its catalogue may be another one.
func (i invitation) valid(known *council.Catalogue) error {
	roles := []store.Role{store.Organizer, store.Coordinator, store.Delegate, store.Owner}
	switch {
	case !slices.Contains(roles, i.role):
		return fmt.Errorf("--role: %q is none of organizer, coordinator, delegate, owner", i.role)
	case i.role == store.Coordinator && len(i.bodies) == 0:
		return errors.New("--body: which body does the coordinator coordinate? for example --body wg-b")
	case i.lasts < time.Minute || i.lasts > longestInvite:
		return fmt.Errorf("--lasts: %s is not between 1m and %s", i.lasts, longestInvite)
	}
	for _, id := range i.bodies {
		if _, ok := known.Body(id); !ok {
			return fmt.Errorf("--body: %q is no body of the catalogue; it knows %s", id, bodyIDs(known))
		}
	}
	return nil
}

func bodyIDs(known *council.Catalogue) string {
	ids := make([]string, len(known.Bodies))
	for i, b := range known.Bodies {
		ids[i] = b.ID
	}
	return strings.Join(ids, ", ")
}

// String says what the link gives.
func (i invitation) String() string {
	if len(i.bodies) == 0 {
		return string(i.role)
	}
	return fmt.Sprintf("%s of %s", i.role, strings.Join(i.bodies, ", "))
}

// inviteLink makes the link through the running bot, or in the store itself. Without the bot's name it is the start parameter
// alone, and why says what was in the way.
func (c *invocation) inviteLink(ctx context.Context, i invitation) (link, why string, err error) {
	backend, err := openBackend(c.Config, c.logger(c.streams))
	if errors.Is(err, store.ErrLocked) {
		// A running bot has the file, and knows its own name.
		link, err = web.Dial(filepath.Join(c.Data, web.SocketName)).Invite(ctx, string(i.role), i.bodies, i.lasts)
		return strings.TrimSpace(link), "", err
	}
	if err != nil {
		return "", "", err
	}
	defer backend.Close()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	s := store.New(backend, c.now)
	if err := s.Open(ctx); err != nil {
		return "", "", err
	}
	secret, err := i.make(ctx, s, c.now())
	if err != nil {
		return "", "", err
	}
	name, why := c.botName(ctx)
	return startLink(name, secret), why, nil
}

func (i invitation) make(ctx context.Context, s *store.Store, now time.Time) (secret string, err error) {
	return s.MakeInvite(ctx, store.Invite{Role: i.role, Bodies: i.bodies, Expires: now.Add(i.lasts)}, 0)
}

// startLink is the link that hands the bot a start parameter, or the parameter alone where the bot's name is not known.
func startLink(name, parameter string) string {
	if name == "" {
		return parameter
	}
	return "https://t.me/" + name + "?start=" + parameter
}

// botName asks Telegram for the bot's name. Without it a link can still be put together by hand, so this is no failure.
func (c *invocation) botName(ctx context.Context) (name, why string) {
	if c.Token == "" {
		return "", "TELEGRAM_BOT_TOKEN is not set"
	}
	ctx, cancel := context.WithTimeout(ctx, askName)
	defer cancel()
	client, err := telegram.New(telegram.Options{Token: c.Token, URL: c.API})
	if err != nil {
		return "", err.Error()
	}
	me, err := client.Me(ctx)
	switch {
	case errors.Is(err, telegram.ErrUnauthorized):
		return "", "Telegram refused the token"
	case err != nil:
		return "", "no answer from " + c.API
	}
	return me.Username, ""
}

// inviteHere makes a link in the running bot.
func (a *app) inviteHere(ctx context.Context, role string, bodies []string, lasts time.Duration) (string, error) {
	if !a.state.opened.Load() || a.username.get() == "" {
		return "", errors.New("the bot is starting; try again in a moment")
	}
	i := invitation{store.Role(role), bodies, lasts}
	if err := i.valid(a.catalogue); err != nil {
		return "", err
	}
	secret, err := i.make(ctx, a.store, a.now())
	if err != nil {
		return "", err
	}
	return startLink(a.username.get(), secret), nil
}
