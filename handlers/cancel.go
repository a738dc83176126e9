package handlers

import (
	"context"

	"recbot/bot"
)

// /cancel is the way out of every conversation of several steps. It stands in no menu: the questions have a button for it.
var _ = command(spec{Name: "cancel", Hidden: true, Run: (*Desk).cancel})

// cancel ends the open conversation. What that leaves behind its flow says; see package dialog.
func (d *Desk) cancel(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	reply, err := d.talks.Cancel(ctx, r)
	if reply == nil && err == nil {
		reply = bot.Say("CancelNothing").Row(menuButton())
	}
	return reply, err
}
