package handlers

import (
	"context"
	"fmt"
	"slices"

	"recbot/bot"
	"recbot/store"
)

// Questions that the bot has no answer to: facts of the Council that nobody published, and everything else in the world.
var (
	_ = command(spec{Intents: []string{"unknown_fact"}, Run: (*Desk).unknownFact})
	_ = command(spec{Intents: []string{"off_topic"}, Run: (*Desk).offTopic})
)

// unknowns are the aspects of unknown facts with words of their own: Unknown_chair and so on.
var unknowns = []string{"chair", "members", "count", "budget", "join", "country", "document", "speech"}

// unknownFact says what is not known, by its name, and what is known beside it.
func (d *Desk) unknownFact(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	aspect := "other"
	if slices.Contains(unknowns, r.Ask.Aspect) {
		aspect = r.Ask.Aspect
	}
	reply := bot.Say("Unknown_" + aspect)
	if name, ok := d.bodyTitle(r.Ask.Body); ok {
		reply = bot.Say("GroupTitle", "Name", name).Line("Unknown_" + aspect)
	}
	// The nearest thing that is known may be of use, as long as it is not mistaken for the answer.
	switch {
	case aspect == "country" && len(d.council.Figures) > 0:
		reply.Say("UnknownButKnown")
		cites := d.citations()
		cites.show(reply, d.figures(cites)[:1])
		reply.Button("ButtonAboutFigures", bot.Data("ab", "figures"))
	case aspect == "speech":
		if err := d.sayAppearances(ctx, r, reply); err != nil {
			return nil, err
		}
	}
	if b, ok := d.council.Body(r.Ask.Body); ok {
		reply.Row(d.bodyButton(b, bot.Data("gc", b.ID)))
	} else {
		reply.Button("ButtonAbout", bot.Data("ab"))
	}
	return d.unpublished(r, reply), nil
}

// sayAppearances adds what is known of somebody's part in meetings, which is less than their words.
func (d *Desk) sayAppearances(ctx context.Context, r *bot.Request, reply *bot.Reply) error {
	p, ok := d.council.Person(r.Ask.Person)
	if !ok {
		return nil
	}
	all, err := d.store.VisibleMeetings(ctx, r.Person)
	if err != nil {
		return fmt.Errorf("meetings of person %q: %w", p.ID, err)
	}
	cites := d.citations()
	var page []block
	for _, m := range all {
		for _, c := range filter(m.Speakers, func(c store.Credit) bool { return c.Person == p.ID }) {
			page = append(page, d.appearance(cites, r, m, c))
		}
	}
	if len(page) > 0 {
		reply.Say("UnknownButKnown")
		cites.show(reply, page)
	}
	return nil
}

// offTopic declines in a line, and shows three things that the bot can do.
func (d *Desk) offTopic(context.Context, *bot.Request) (*bot.Reply, error) {
	return declined(bot.Say("OffTopic").
		Row(bot.Press("ButtonMeetings", bot.Data("mt")), bot.Press("ButtonAgenda", bot.Data("ag"))).
		Row(bot.Press("ButtonGroups", bot.Data("gr")))), nil
}
