package handlers

import (
	"context"

	"recbot/bot"
)

var _ = command(spec{Name: "cancel", Hidden: true, Run: (*Desk).cancel})

// cancel ends the open conversation.
func (d *Desk) cancel(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	reply, err := d.talks.Cancel(ctx, r)
	if reply == nil && err == nil {
		reply = bot.Say("CancelNothing").Row(menuButton())
	}
	return reply, err
}
