package handlers

import (
	"context"

	"recbot/bot"
)

// The answers to what is no command, no button and no question. Each says in a line what the matter is and offers three
// ways on; none of them is ever silence.

// Unknown answers a command that there is not, or not for this person.
func (d *Desk) Unknown(context.Context, *bot.Request) (*bot.Reply, error) {
	return declined(bot.Say("UnknownCommand").Row(ways()...)), nil
}

// Unreadable answers a sticker, a voice message, a photo.
func (d *Desk) Unreadable(context.Context, *bot.Request) (*bot.Reply, error) {
	return declined(bot.Say("Unreadable").Row(ways()...)), nil
}

// NotUnderstood answers a text that is neither an answer nor a question the bot knows.
func (d *Desk) NotUnderstood(context.Context, *bot.Request) (*bot.Reply, error) {
	return declined(bot.Say("NotUnderstood").Row(ways()...)), nil
}

// Stale answers a button that there is not any more: its message becomes the menu.
func (d *Desk) Stale(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	return d.menu(ctx, r)
}

// ways are the three ways on.
func ways() []bot.Button {
	return []bot.Button{bot.Press("ButtonMeetings", bot.Data("mt")), bot.Press("ButtonHelp", bot.Data("he")), menuButton()}
}
