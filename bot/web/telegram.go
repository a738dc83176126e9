package web

import (
	"recbot/bot"
	"recbot/store"
)

// Telegram is what the demo's chat page needs of the simulated Telegram: the people's side of it.
//
// All methods may be called at once from many goroutines. A person's private chat has the person's number.
type Telegram interface {
	// People lists who one can be, in the order in which they are shown.
	People() []bot.Viewer
	// History gives the messages of a chat, oldest first, with edits applied; the caller owns it.
	History(chat store.ChatID) []bot.Bubble
	// Menu gives the command menu that the person's client shows.
	Menu(who store.PersonID) []bot.MenuItem
	// Say writes to the bot in the private chat.
	Say(who store.PersonID, text string) error
	// SayHTML is Say with formatting, as HTML that the Bot API reads.
	SayHTML(who store.PersonID, html string) error
	// SendFile sends the bot a photo or a document; the caption is HTML and may be empty.
	SendFile(who store.PersonID, f bot.File, caption string) error
	// Press presses the button with this data under a message.
	Press(who store.PersonID, message int, data string) error
	// Block blocks the bot or unblocks it.
	Block(who store.PersonID, blocked bool) error
	// Attached gives the contents of an [bot.Attachment].
	Attached(id string) (bot.File, bool)
	// Watch tells what changes from now on until stop is called. The channel is closed early when its reader falls
	// behind; who needs the missing changes reads the histories again.
	Watch() (events <-chan bot.ChatEvent, stop func())
}
