package handlers

import "recbot/bot"

// declined marks a reply that does not have what was asked for: it says so, or declines.
func declined(reply *bot.Reply) *bot.Reply {
	reply.Lacks = true
	return reply
}
