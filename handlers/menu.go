package handlers

import (
	"context"

	"recbot/bot"
)

// /menu, me, and greetings: everything the bot does, for who would rather press than type.
var _ = command(spec{Name: "menu", Order: 10, Buttons: []string{"me"}, Intents: []string{"greeting"}, Run: (*Desk).menu, Press: (*Desk).pressMenu})

// menu shows everything the bot does as buttons. A greeting gets it too, with a greeting.
func (d *Desk) menu(_ context.Context, r *bot.Request) (*bot.Reply, error) {
	reply := bot.Say("MenuHeading")
	if r.Ask.Intent != "" {
		reply = bot.Say("Greeting")
	}
	return reply.
		Row(bot.Press("ButtonMeetings", bot.Data("mt")), bot.Press("ButtonAgenda", bot.Data("ag"))).
		Row(bot.Press("ButtonGroups", bot.Data("gr")), bot.Press("ButtonAbout", bot.Data("ab"))).
		Row(bot.Press("ButtonFollows", bot.Data("fo")), bot.Press("ButtonReminders", bot.Data("re"))).
		Row(bot.Press("ButtonLanguageMenu", bot.Data("la")), bot.Press("ButtonTimezone", bot.Data("tz"))).
		Row(bot.Press("ButtonHelp", bot.Data("he"))), nil
}

// pressMenu handles me.
func (d *Desk) pressMenu(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	return editing(d.menu(ctx, r))
}

// menuButton leads back; it stands last under every screen that has no other way on.
func menuButton() bot.Button { return bot.Press("ButtonMenu", bot.Data("me")) }
