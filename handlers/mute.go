package handlers

import (
	"context"

	"recbot/bot"
	"recbot/store"
)

// /mute, /unmute and si: all reminders at once. Those of a single meeting are muted at its card.
var (
	_ = command(spec{Name: "mute", Order: 80, Buttons: []string{"si"}, Run: (*Desk).mute, Press: (*Desk).pressMute})
	_ = command(spec{Name: "unmute", Hidden: true, Run: (*Desk).unmute})
)

// mute silences reminders, digests and announcements. Changes of what the person follows still come, without a sound.
func (d *Desk) mute(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	return d.setMuted(ctx, r, true)
}

// unmute is the command of the button under /mute, for who has scrolled away from it.
func (d *Desk) unmute(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	return d.setMuted(ctx, r, false)
}

// pressMute handles si:<1|0>.
func (d *Desk) pressMute(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	return editing(d.setMuted(ctx, r, r.Arg(0) == "1"))
}

// setMuted says what still comes: a person who mutes must not fear to miss that a meeting moved.
func (d *Desk) setMuted(ctx context.Context, r *bot.Request, on bool) (*bot.Reply, error) {
	err := d.amend(ctx, r, "mute", func(p *store.Person) error {
		p.Muted = on
		return nil
	})
	if err != nil {
		return nil, err
	}
	if on {
		reply := bot.Say("Muted").Button("ButtonUnmute", bot.Data("si", false))
		return reply.Row(bot.Press("ButtonStop", bot.Data("so", true)), menuButton()), nil
	}
	reply := bot.Say("Unmuted")
	silence(reply, r.Person)
	return reply.Row(wakeButton(r.Person)...).Row(bot.Press("ButtonReminders", bot.Data("re")), menuButton()), nil
}
