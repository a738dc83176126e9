package handlers

import (
	"slices"

	"recbot/bot"
)

// declined marks a reply that does not have what was asked for: it says so, or declines.
func declined(reply *bot.Reply) *bot.Reply {
	reply.Lacks = true
	return reply
}

// unpublished finishes an answer that says that something is not known. Every such answer passes here, so that none of them
// leaves without the offer to ask those who do know.
func (d *Desk) unpublished(r *bot.Request, reply *bot.Reply) *bot.Reply {
	before := len(reply.Rows)
	reply = d.offerAsking(r, declined(reply))
	// The offer stands last in the text, so its buttons come first.
	reply.Rows = slices.Concat(reply.Rows[before:], reply.Rows[:before])
	return reply
}
