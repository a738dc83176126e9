package dialog

import (
	"context"
	"slices"
	"strings"

	"recbot/bot"
	"recbot/store"
)

// press goes on with a flow whose button was pressed, be it on the last message or on an old one.
func (r *Runner) press(ctx context.Context, req *bot.Request) (*bot.Reply, error) {
	name, step, value := parse(req.Button)
	flow, known := r.flows[name]
	if !known {
		return bot.Toast("FlowClosed"), nil
	}
	top, err := r.load(ctx, req)
	if err != nil {
		return nil, err
	}
	f := find(top, name)
	switch {
	case f == nil && value == wordAnew:
		reply, err := r.Start(ctx, req, name)
		return edited(req, reply), err
	case f == nil && flow.Reopens && slices.ContainsFunc(flow.Steps, func(s Step) bool { return s.Name == step }):
		f = &store.Flow{Name: name, Step: step, Opened: req.Now, Under: top}
	case f == nil:
		return r.closed(ctx, req, flow)
	case req.Now.After(f.Expires) && !flow.Reopens:
		return r.anew(ctx, req, f)
	}
	// From here on f is the open flow, whatever was put on top of it: a press says what the person is at now. What lay above
	// is let go with the next save, or two questions would wait for the same text.
	t := &Talk{Request: req, Value: value, flow: f}
	if step == anyStep {
		return r.word(ctx, t)
	}
	return r.answer(ctx, t, step)
}

// answer takes the pressed value for a step that is open or was answered before.
func (r *Runner) answer(ctx context.Context, t *Talk, step string) (*bot.Reply, error) {
	// A button of a step that lies ahead comes from an earlier round of the same flow.
	if step != t.flow.Step && !slices.Contains(t.flow.Path, step) {
		reply, err := r.ask(ctx, t)
		if reply == nil {
			return bot.Toast("FlowClosed"), err
		}
		return edited(t.Request, reply.Toasting("FlowNotYet")), err
	}
	enter(t.flow, step)
	reply, handled, err := r.take(ctx, t)
	if !handled && err == nil {
		reply = bot.Toast("FlowClosed")
	}
	return reply, err
}

// word does what the buttons that stand at no step say.
func (r *Runner) word(ctx context.Context, t *Talk) (*bot.Reply, error) {
	switch t.Value {
	case wordCancel:
		return r.cancel(ctx, t)
	case wordBack:
		return r.back(ctx, t)
	}
	return r.ask(ctx, t)
}

// back asks the question before again. The same press again after a crash goes no further back.
func (r *Runner) back(ctx context.Context, t *Talk) (*bot.Reply, error) {
	if n := len(t.flow.Path); n > 0 && t.flow.Last != t.ID {
		enter(t.flow, t.flow.Path[n-1])
		if err := r.save(ctx, t); err != nil {
			return nil, err
		}
	}
	reply, err := r.ask(ctx, t)
	return edited(t.Request, reply), err
}

// closed answers a button of a flow that is not open.
func (r *Runner) closed(ctx context.Context, req *bot.Request, flow Flow) (*bot.Reply, error) {
	if flow.Closed == nil {
		return bot.Toast("FlowClosed"), nil
	}
	reply, err := flow.Closed(ctx, req)
	return edited(req, reply), err
}

// anew begins an expired flow from its first step, in place of the old question.
func (r *Runner) anew(ctx context.Context, req *bot.Request, f *store.Flow) (*bot.Reply, error) {
	reply, err := r.Start(ctx, req, f.Name)
	if err != nil || reply == nil {
		return reply, err
	}
	return edited(req, reply.Toasting("FlowExpiredToast")), nil
}

// parse takes button data apart; what is missing is "". The value may hold colons of its own, as +05:30 does.
func parse(data string) (flow, step, value string) {
	parts := strings.SplitN(data, ":", 4)
	for len(parts) < 4 {
		parts = append(parts, "")
	}
	return parts[1], parts[2], parts[3]
}
