package dialog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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

// Start opens a flow and asks its first step. Keep is a name and its answer in turn. A flow of another name that is open
// is put aside until this one ends; one of the same name begins anew.
func (r *Runner) Start(ctx context.Context, req *bot.Request, name string, keep ...string) (*bot.Reply, error) {
	open, err := r.load(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("starting flow %q: %w", name, err)
	}
	f := &store.Flow{Name: name, Step: r.flows[name].Steps[0].Name, Opened: req.Now, Under: without(open, name)}
	t := &Talk{Request: req, flow: f}
	// What is kept from the beginning is there for every step, like an answer.
	for i := 0; i+1 < len(keep); i += 2 {
		t.Keep(keep[i], keep[i+1])
	}
	if err := r.save(ctx, t); err != nil {
		return nil, err
	}
	return r.ask(ctx, t)
}

// Step goes on with the open flow of the chat. It takes typed texts and the buttons with [Prefix].
//
// When handled is true the reply is the answer. When it is false and the reply is not nil, the text was not what the open
// step asks for, but may be a question to the bot; if it is not, the reply is what to say. A button is always handled.
func (r *Runner) Step(ctx context.Context, req *bot.Request) (reply *bot.Reply, handled bool, err error) {
	if req.Kind == bot.UpdateButton {
		reply, err = r.press(ctx, req)
		return reply, true, err
	}
	f, err := r.load(ctx, req)
	if err != nil || f == nil {
		return nil, false, err
	}
	if req.Now.After(f.Expires) {
		reply, err = r.expire(ctx, req, f)
		return reply, false, err
	}
	if f.Last == req.ID && len(f.Path) > 0 {
		// The same text again, after a crash: it answered the step before.
		last := len(f.Path) - 1
		f.Step, f.Path = f.Path[last], f.Path[:last]
	}
	return r.take(ctx, &Talk{Request: req, Value: strings.TrimSpace(req.Text), Typed: true, flow: f})
}

// TakesAny tells whether the open step of the chat takes messages of every kind.
func (r *Runner) TakesAny(ctx context.Context, req *bot.Request) (bool, error) {
	f, err := r.current(ctx, req)
	if err != nil || f == nil {
		return false, err
	}
	step, ok := r.step(f)
	return ok && step.Any, nil
}

// Offer adds a button to the answer of a command or a question that came in the middle of a flow: it asks the open step
// again. Without an open flow, for a pressed button, or where the reply asks a step itself, it gives the reply as it is.
func (r *Runner) Offer(ctx context.Context, req *bot.Request, reply *bot.Reply) (*bot.Reply, error) {
	if reply == nil || req.Kind == bot.UpdateButton || asks(reply) {
		return reply, nil
	}
	f, err := r.current(ctx, req)
	if err != nil || f == nil {
		return reply, err
	}
	// A copy of the rows: the handler may have shared them.
	last := lastOf(reply)
	last.Rows = append(slices.Clip(last.Rows), []bot.Button{
		bot.Press("FlowContinue", Data(f.Name, anyStep, wordAsk), "What", bot.NewPart(r.flows[f.Name].Title)),
	})
	return reply, nil
}

// Again asks the open step again, for instance because the language changed; nil without an open flow.
func (r *Runner) Again(ctx context.Context, req *bot.Request) (*bot.Reply, error) {
	f, err := r.current(ctx, req)
	if err != nil || f == nil {
		return nil, err
	}
	return r.ask(ctx, &Talk{Request: req, flow: f})
}

// Cancel ends the open flow; nil without one.
func (r *Runner) Cancel(ctx context.Context, req *bot.Request) (*bot.Reply, error) {
	f, err := r.current(ctx, req)
	if err != nil || f == nil {
		return nil, err
	}
	return r.cancel(ctx, &Talk{Request: req, flow: f})
}

// take hands the answer to the open step and goes where it says.
func (r *Runner) take(ctx context.Context, t *Talk) (*bot.Reply, bool, error) {
	step, ok := r.step(t.flow)
	if !ok {
		// A flow of an older version of the program, whose step is gone.
		return nil, false, r.drop(ctx, t.Request, t.flow)
	}
	move, err := step.Take(ctx, t)
	if err != nil {
		return nil, true, fmt.Errorf("step %s of flow %s: %w", step.Name, t.flow.Name, err)
	}
	reply, err := r.move(ctx, t, move)
	if move.with != nil && reply != nil {
		move.with(reply)
	}
	return edited(t.Request, reply), move.kind != moveUnclear || !t.Typed, err
}

// move goes where the answer leads and gives what is to be said there.
func (r *Runner) move(ctx context.Context, t *Talk, move Move) (*bot.Reply, error) {
	switch move.kind {
	case moveUnclear:
		return move.reply, nil
	case moveEnd:
		return r.end(ctx, t, move.reply)
	case moveTo:
		enter(t.flow, move.to)
	}
	if err := r.save(ctx, t); err != nil {
		return nil, err
	}
	if move.reply != nil {
		return move.reply, nil
	}
	return r.ask(ctx, t)
}

// end closes the flow, says reply, and asks what was put aside for it.
func (r *Runner) end(ctx context.Context, t *Talk, reply *bot.Reply) (*bot.Reply, error) {
	if err := r.drop(ctx, t.Request, t.flow); err != nil {
		return nil, err
	}
	next, err := r.Again(ctx, t.Request)
	if err != nil || next == nil {
		return reply, err
	}
	if reply == nil {
		return next, nil
	}
	lastOf(reply).Then(next)
	return reply, nil
}

// cancel ends the flow and says what it leaves behind.
func (r *Runner) cancel(ctx context.Context, t *Talk) (*bot.Reply, error) {
	reply, err := bot.Say("FlowCancelled"), error(nil)
	if say := r.flows[t.flow.Name].Cancelled; say != nil {
		reply, err = say(ctx, t.Request)
	}
	if err != nil {
		return nil, fmt.Errorf("cancelling flow %s: %w", t.flow.Name, err)
	}
	reply, err = r.end(ctx, t, reply)
	return edited(t.Request, reply), err
}

// expire forgets a flow that was left alone for too long, and offers to begin anew.
func (r *Runner) expire(ctx context.Context, req *bot.Request, f *store.Flow) (*bot.Reply, error) {
	// It is forgotten first: whatever is typed next is no answer any more.
	if err := r.drop(ctx, req, f); err != nil {
		return nil, err
	}
	title := bot.NewPart(r.flows[f.Name].Title)
	return bot.Say("FlowExpired", "What", title).Button("ButtonStartAgain", Data(f.Name, anyStep, wordAnew)), nil
}

// ask asks the open step. A step that this version of the program has no more ends the flow without a word.
func (r *Runner) ask(ctx context.Context, t *Talk) (*bot.Reply, error) {
	step, ok := r.step(t.flow)
	if !ok {
		return nil, r.drop(ctx, t.Request, t.flow)
	}
	reply, err := step.Ask(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("asking step %s of flow %s: %w", step.Name, t.flow.Name, err)
	}
	return reply, nil
}

// step finds the open step among those of its flow.
func (r *Runner) step(f *store.Flow) (Step, bool) {
	steps := r.flows[f.Name].Steps
	i := slices.IndexFunc(steps, func(s Step) bool { return s.Name == f.Step })
	if i < 0 {
		return Step{}, false
	}
	return steps[i], true
}

// edited makes the answer to a pressed button replace the message of the button.
func edited(req *bot.Request, reply *bot.Reply) *bot.Reply {
	if reply != nil && req.Kind == bot.UpdateButton && len(reply.Parts) > 0 {
		reply.Edit = true
	}
	return reply
}

// asks tells whether a reply carries buttons of a flow already.
func asks(reply *bot.Reply) bool {
	for ; reply != nil; reply = reply.Follow {
		for _, row := range reply.Rows {
			if slices.ContainsFunc(row, func(b bot.Button) bool { return strings.HasPrefix(b.Data, Prefix+":") }) {
				return true
			}
		}
	}
	return false
}

// lastOf gives the last of the messages that leave together: the one people see when they come back to the chat.
func lastOf(reply *bot.Reply) *bot.Reply {
	for reply.Follow != nil {
		reply = reply.Follow
	}
	return reply
}

// load gives the flow on top, expired or not; nil without one, or if this program knows none of its name.
func (r *Runner) load(ctx context.Context, req *bot.Request) (*store.Flow, error) {
	f, err := r.store.Flow(ctx, req.Chat)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the open flow: %w", err)
	}
	if _, known := r.flows[f.Name]; !known {
		return nil, nil
	}
	return &f, nil
}
