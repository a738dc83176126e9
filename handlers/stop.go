package handlers

import (
	"context"

	"recbot/bot"
	"recbot/store"
)

// /stop and so: whether anything comes at all.
var _ = command(spec{Name: "stop", Order: 85, Buttons: []string{"so"}, Run: (*Desk).stop, Press: (*Desk).pressStop})

// stop ends everything that comes by itself. What the person follows is kept, and one button brings all of it back.
func (d *Desk) stop(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	return d.setStopped(ctx, r, true)
}

// pressStop handles so:<1|0>.
func (d *Desk) pressStop(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	return editing(d.setStopped(ctx, r, r.Arg(0) == "1"))
}

// setStopped keeps everything else as it is, muting too.
func (d *Desk) setStopped(ctx context.Context, r *bot.Request, on bool) (*bot.Reply, error) {
	err := d.amend(ctx, r, "stop", func(p *store.Person) error {
		p.Stopped = on
		return nil
	})
	if err != nil {
		return nil, err
	}
	if on {
		return bot.Say("Stopped").Button("ButtonResume", bot.Data("so", false)).Row(menuButton()), nil
	}
	return d.summary(ctx, r, bot.Say("Resumed"))
}
