package telegram

import (
	"context"
	"errors"
	"slices"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"recbot/bot"
	"recbot/store"
)

// Scope says whose command menu is meant.
type Scope uint8

// The scopes.
const (
	ScopePrivate Scope = iota // all private chats
	ScopeGroups               // all groups
	ScopeChat                 // one chat, see CommandSet.Chat
)

// CommandSet is a command menu.
type CommandSet struct {
	Scope Scope
	Chat  store.ChatID // of ScopeChat
	Lang  string       // two letters of ISO 639-1, of the client's language; "" = every other language
	Items []bot.MenuItem
}

// SetCommands sets the command menus that are not yet as they should be. It waits while Telegram is out of reach, until
// ctx ends. A refused menu does not keep it from setting the others; the error joins what was refused.
func (c *Client) SetCommands(ctx context.Context, sets []CommandSet) error {
	var errs []error
	for _, s := range sets {
		want := commands(s.Items)
		errs = append(errs, c.settle(ctx, "setMyCommands",
			func(ctx context.Context) (bool, error) {
				got, err := c.api.GetMyCommands(ctx, &tg.GetMyCommandsParams{Scope: s.scope(), LanguageCode: s.Lang})
				return slices.Equal(got, want), err
			},
			func(ctx context.Context) error {
				if len(want) == 0 {
					_, err := c.api.DeleteMyCommands(ctx, &tg.DeleteMyCommandsParams{Scope: s.scope(), LanguageCode: s.Lang})
					return err
				}
				_, err := c.api.SetMyCommands(ctx, &tg.SetMyCommandsParams{Commands: want, Scope: s.scope(), LanguageCode: s.Lang})
				return err
			}))
	}
	return errors.Join(errs...)
}

func (s CommandSet) scope() models.BotCommandScope {
	switch s.Scope {
	case ScopeGroups:
		return &models.BotCommandScopeAllGroupChats{}
	case ScopeChat:
		return &models.BotCommandScopeChat{ChatID: int64(s.Chat)}
	}
	return &models.BotCommandScopeAllPrivateChats{}
}

func commands(items []bot.MenuItem) []models.BotCommand {
	list := make([]models.BotCommand, 0, len(items))
	for _, i := range items {
		list = append(list, models.BotCommand{Command: i.Command, Description: i.Description})
	}
	return list
}

// Profile is what people see of the bot before they write to it. What is empty is left as it is.
type Profile struct {
	Lang        string // two letters of ISO 639-1, of the client's language; "" = every other language
	Name        string // at most 64 characters
	Short       string // at most 120 characters; on the bot's page and beside its links
	Description string // at most 512 characters; in the empty chat
}

// SetProfiles sets names and descriptions that are not yet as they should be, in the way of [Client.SetCommands].
func (c *Client) SetProfiles(ctx context.Context, profiles []Profile) error {
	var errs []error
	for _, p := range profiles {
		errs = append(errs, c.setName(ctx, p), c.setShort(ctx, p), c.setDescription(ctx, p))
	}
	return errors.Join(errs...)
}

func (c *Client) setName(ctx context.Context, p Profile) error {
	if p.Name == "" {
		return nil
	}
	return c.settle(ctx, "setMyName",
		func(ctx context.Context) (bool, error) {
			got, err := c.api.GetMyName(ctx, &tg.GetMyNameParams{LanguageCode: p.Lang})
			return got.Name == p.Name, err
		},
		func(ctx context.Context) error {
			_, err := c.api.SetMyName(ctx, &tg.SetMyNameParams{Name: p.Name, LanguageCode: p.Lang})
			return err
		})
}

func (c *Client) setShort(ctx context.Context, p Profile) error {
	if p.Short == "" {
		return nil
	}
	return c.settle(ctx, "setMyShortDescription",
		func(ctx context.Context) (bool, error) {
			got, err := c.api.GetMyShortDescription(ctx, &tg.GetMyShortDescriptionParams{LanguageCode: p.Lang})
			return got.ShortDescription == p.Short, err
		},
		func(ctx context.Context) error {
			_, err := c.api.SetMyShortDescription(ctx, &tg.SetMyShortDescriptionParams{ShortDescription: p.Short, LanguageCode: p.Lang})
			return err
		})
}

func (c *Client) setDescription(ctx context.Context, p Profile) error {
	if p.Description == "" {
		return nil
	}
	return c.settle(ctx, "setMyDescription",
		func(ctx context.Context) (bool, error) {
			got, err := c.api.GetMyDescription(ctx, &tg.GetMyDescriptionParams{LanguageCode: p.Lang})
			return got.Description == p.Description, err
		},
		func(ctx context.Context) error {
			_, err := c.api.SetMyDescription(ctx, &tg.SetMyDescriptionParams{Description: p.Description, LanguageCode: p.Lang})
			return err
		})
}

// settle sets something unless it is right already: Telegram punishes those who set everything anew at each start.
func (c *Client) settle(ctx context.Context, method string, right func(context.Context) (bool, error), set func(context.Context) error) error {
	done := false
	err := c.retry(ctx, method, func(ctx context.Context) (err error) {
		done, err = right(ctx)
		return err
	})
	if err != nil || done {
		return err
	}
	return c.retry(ctx, method, set)
}
