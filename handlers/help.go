package handlers

import (
	"context"

	"recbot/bot"
)

// /help, he, and the question what the bot can do.
var _ = command(spec{Name: "help", Order: 130, Buttons: []string{"he"}, Intents: []string{"help"}, Run: (*Desk).help, Press: (*Desk).pressHelp})

// help lists the commands that the person may use, from the table of commands: a new one needs nothing here but its line
// of the menu in the locales.
func (d *Desk) help(_ context.Context, r *bot.Request) (*bot.Reply, error) {
	reply := bot.Say("HelpIntro").Say("HelpCommands")
	for _, c := range d.Commands() {
		if c.Name != "" && !c.Hidden && r.Person.Role.AtLeast(c.For) {
			reply.Line("HelpLine", "Command", c.Name, "What", bot.NewPart(c.MenuKey()))
		}
	}
	return reply.Say("HelpAsk").Row(menuButton()), nil
}

// pressHelp handles he.
func (d *Desk) pressHelp(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	return editing(d.help(ctx, r))
}
