package handlers

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"recbot/bot"
)

// /forget and fg: a person and everything about them is erased, here and in every queue.
var _ = command(spec{Name: "forget", Order: 120, Buttons: []string{"fg"}, Run: (*Desk).forget, Press: (*Desk).pressForget})

// A confirmation is good for a while only: an old message must not erase anything when it is touched by mistake.
const forgetLasts = time.Hour

// forget asks before anything is erased.
func (d *Desk) forget(_ context.Context, r *bot.Request) (*bot.Reply, error) {
	// The confirmation carries the time it was asked at, so that nothing need be remembered about it.
	asked := strconv.FormatInt(r.Now.Unix(), 36)
	return bot.Say("ForgetQuestion").
		Button("ButtonForgetYes", bot.Data("fg", "yes", asked)).
		Button("ButtonForgetNo", bot.Data("fg", "no")), nil
}

// pressForget handles fg, fg:no and fg:yes:<when it was asked>.
func (d *Desk) pressForget(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	switch r.Arg(0) {
	case "no":
		return bot.Say("ForgetKept").Row(menuButton()).Editing(), nil
	case "yes":
		asked, err := strconv.ParseInt(r.Arg(1), 36, 64)
		if err == nil && r.Now.Sub(time.Unix(asked, 0)) <= forgetLasts {
			return d.erase(ctx, r)
		}
	}
	return editing(d.forget(ctx, r))
}

// erase forgets the person. The answer speaks their language once more, from the request. Should the update come again
// after a crash, the person is a newcomer by then and is forgotten once more.
func (d *Desk) erase(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	if err := d.store.Forget(ctx, r.Person.ID); err != nil {
		return nil, fmt.Errorf("forgetting a person: %w", err)
	}
	return bot.Say("Forgotten").Editing(), nil
}
