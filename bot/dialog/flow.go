// Package dialog runs conversations of several steps, called flows.
//
// What it promises. Every answer is remembered in the store, so that a flow outlives a restart. A step is answered by its
// buttons and by typed text alike. A chat has one open flow; one that is started in the middle of another puts that aside
// and gives it back at its end. A command or a question in between is answered and leaves the flow open: [Runner.Offer]
// puts a button under the answer that asks the open question again. Buttons of steps that were answered before still
// work, in whatever language they were shown: pressing one changes that answer, and the flow goes on from there. The
// same update twice is harmless as long as Take is.
//
// What it does not promise: it knows no words (it says the message keys Flow... and Button...) and nothing of Telegram, and it does not
// keep order, for which there is one lane per chat.
package dialog

import (
	"context"
	"time"

	"recbot/bot"
	"recbot/store"
)

// Lasts is how long a flow stays open after its last answer, unless it says otherwise.
const Lasts = 24 * time.Hour

// Flow is a conversation of several steps. Names of flows and steps stand in button data: keep them short, a-z.
type Flow struct {
	Name  string
	Title string        // message key that names it, as in "Continue: time zone"
	Lasts time.Duration // since the last answer; 0 = [Lasts]
	Steps []Step        // the first one is asked first
	// Reopens tells that a button of the flow works after its end too: the flow opens again at that button's step. For
	// flows of which each step can be answered by itself.
	Reopens bool
	// Closed answers a button of the flow after its end; nil says so in a toast.
	Closed bot.Handler
	// Cancelled says what a cancelled flow leaves behind; nil says that nothing was changed.
	Cancelled bot.Handler
}

// Step is one question of a flow.
type Step struct {
	Name string
	// Ask asks. It may be asked any number of times, and in another language each time.
	Ask func(ctx context.Context, t *Talk) (*bot.Reply, error)
	// Take takes an answer and tells how the flow goes on. Lasting effects belong under [bot.Request.Cause]: after a crash
	// the same answer comes again.
	Take func(ctx context.Context, t *Talk) (Move, error)
	// Any tells that it takes messages of every kind: texts of any length, photos and documents, with or without a text.
	Any bool
}

// Talk is an open flow, together with the update that goes on with it.
type Talk struct {
	*bot.Request
	Value string // the answer: the value of the pressed button, or the text as typed
	Typed bool   // typed, not pressed
	flow  *store.Flow
}

// Step is the name of the open step.
func (t *Talk) Step() string { return t.flow.Step }

// Answer gives what was kept under a name, or "".
func (t *Talk) Answer(name string) string { return t.flow.Answers[name] }

// Keep remembers something until the flow ends.
func (t *Talk) Keep(name, value string) {
	if t.flow.Answers == nil {
		t.flow.Answers = make(map[string]string)
	}
	t.flow.Answers[name] = value
}

// Move tells how a flow goes on after an answer.
type Move struct {
	kind  moveKind
	to    string
	reply *bot.Reply
	with  func(*bot.Reply)
}

type moveKind uint8

const (
	moveStay moveKind = iota
	moveTo
	moveUnclear
	moveEnd
)

// To asks another step.
func To(step string) Move { return Move{kind: moveTo, to: step} }

// Stay leaves the step open and says reply, which repeats the step's buttons if they should be at hand; nil asks again.
func Stay(reply *bot.Reply) Move { return Move{kind: moveStay, reply: reply} }

// Unclear leaves the step open because the typed text is no answer to it. The reply is said only if the text turns out
// to be no question to the bot either.
func Unclear(reply *bot.Reply) Move { return Move{kind: moveUnclear, reply: reply} }

// End closes the flow and says reply; nil says nothing.
func End(reply *bot.Reply) Move { return Move{kind: moveEnd, reply: reply} }

// With lets f add to whatever is said next: a toast, or that the menu is to be set anew.
func (m Move) With(f func(*bot.Reply)) Move {
	m.with = f
	return m
}

// Prefix is the button prefix of all flows.
const Prefix = "fl"

// The buttons that every flow understands stand at no step.
const (
	anyStep    = "-"
	wordBack   = "back"
	wordCancel = "cancel"
	wordAsk    = "ask"
	wordAnew   = "anew"
)

// Data is the data of a button that answers a step with a value.
func Data(flow, step, value string) string { return bot.Data(Prefix, flow, step, value) }

// Back is a button that asks the question before again.
func Back(flow string) bot.Button { return bot.Press("ButtonBack", Data(flow, anyStep, wordBack)) }

// Cancel is a button that ends the flow without its effect.
func Cancel(flow string) bot.Button {
	return bot.Press("ButtonCancel", Data(flow, anyStep, wordCancel))
}
