package handlers

import (
	"context"

	"recbot/bot"
)

// Questions about the Council as a whole. They are answered by the chapters of /about, each of which is about one thing.
var (
	_ = command(spec{Intents: []string{"council_about"}, Run: tellChapter("")})
	_ = command(spec{Intents: []string{"council_structure"}, Run: tellChapter("structure")})
	_ = command(spec{Intents: []string{"council_partners"}, Run: tellChapter("partners")})
	_ = command(spec{Intents: []string{"council_history"}, Run: tellChapter("history")})
	_ = command(spec{Intents: []string{"council_figures"}, Run: tellChapter("figures")})
)

// tellChapter answers with a chapter. One that the catalogue says nothing of is not known.
func tellChapter(name string) action {
	return func(d *Desk, _ context.Context, r *bot.Request) (*bot.Reply, error) {
		for _, c := range chapters {
			if c.name == name && len(c.blocks(d, d.citations())) == 0 {
				return d.unpublished(r, bot.Say("Unknown_other").Button("ButtonAbout", bot.Data("ab"))), nil
			}
		}
		return d.aboutChapter(name), nil
	}
}
