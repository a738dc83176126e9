package dialog

import (
	"context"

	"recbot/bot"
	"recbot/store"
)

// Runner runs the flows.
type Runner struct {
	store *store.Store
	flows map[string]Flow
}

// New returns a runner of flows. It panics on two flows of one name, which is a mistake of the program.
func New(s *store.Store, flows ...Flow) *Runner {
	r := &Runner{store: s, flows: make(map[string]Flow, len(flows))}
	for _, f := range flows {
		if _, twice := r.flows[f.Name]; twice {
			panic("two flows are named " + f.Name)
		}
		r.flows[f.Name] = f
	}
	return r
}

// Start opens a flow and asks its first step. Keep is a name and its answer in turn. A flow of another name that is open is put
// aside until this one ends; one of the same name begins anew.
func (r *Runner) Start(ctx context.Context, req *bot.Request, name string, keep ...string) (*bot.Reply, error) {
	panic("in work")
}

// Step goes on with the open flow of the chat. It takes typed texts and the buttons with [Prefix].
//
// When handled is true the reply is the answer. When it is false and the reply is not nil, the text was not what the open
// step asks for, but may be a question to the bot; if it is not, the reply is what to say. A button is always handled.
func (r *Runner) Step(ctx context.Context, req *bot.Request) (reply *bot.Reply, handled bool, err error) {
	panic("in work")
}

// Offer adds a button to the answer of a command or a question that came in the middle of a flow: it asks the open step
// again. Without an open flow, for a pressed button, or where the reply asks a step itself, it gives the reply as it is.
func (r *Runner) Offer(ctx context.Context, req *bot.Request, reply *bot.Reply) (*bot.Reply, error) {
	panic("in work")
}

// Again asks the open step again, for instance because the language changed; nil without an open flow.
func (r *Runner) Again(ctx context.Context, req *bot.Request) (*bot.Reply, error) {
	panic("in work")
}

// Cancel ends the open flow; nil without one.
func (r *Runner) Cancel(ctx context.Context, req *bot.Request) (*bot.Reply, error) {
	panic("in work")
}
