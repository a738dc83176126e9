package dispatch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"recbot/bot"
	"recbot/bot/dialog"
	"recbot/store"
)

// maxRead is how many characters of a text are read.
const maxRead = 1000

// table finds commands by what they answer to.
type table struct {
	names, buttons, intents map[string]bot.Command
}

func newTable(commands []bot.Command) table {
	t := table{make(map[string]bot.Command), make(map[string]bot.Command), make(map[string]bot.Command)}
	for _, c := range commands {
		enter(t.names, c, c.Aliases...)
		if c.Name != "" {
			enter(t.names, c, c.Name)
		}
		enter(t.buttons, c, c.Buttons...)
		enter(t.intents, c, c.Intents...)
	}
	return t
}

func enter(to map[string]bot.Command, c bot.Command, keys ...string) {
	for _, k := range keys {
		if _, twice := to[k]; twice {
			panic(fmt.Sprintf("two commands answer to %q", k))
		}
		to[k] = c
	}
}

// find gives the command that a key stands for. One for which the person's role does not suffice does not exist for them.
func find(in map[string]bot.Command, key string, p store.Person) (bot.Command, bool) {
	c, ok := in[key]
	return c, ok && p.Role.AtLeast(c.For)
}

// answer chooses who answers: a button's command, a command, the open flow, a question's command, and if none of them
// does, the fallback. An answer in the middle of a flow offers to go on with it.
func (d *Dispatcher) answer(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	if r.Kind == bot.UpdateButton {
		return d.press(ctx, r)
	}
	reply, inFlow, err := d.read(ctx, r)
	// A refusal is an answer too, and may be one in the middle of a flow.
	var refusal *bot.Refusal
	if inFlow || (err != nil && !errors.As(err, &refusal)) {
		return reply, err
	}
	if refusal != nil {
		reply = refusal.Reply
	}
	return d.o.Flows.Offer(ctx, r, reply)
}

// read answers a message. inFlow tells that the open flow took it.
func (d *Dispatcher) read(ctx context.Context, r *bot.Request) (reply *bot.Reply, inFlow bool, err error) {
	if r.ReplyTo != 0 && r.Command == "" && d.o.Reply != nil {
		if reply, err = d.call(ctx, r, "reply", d.o.Reply); reply != nil || err != nil {
			return reply, false, err
		}
	}
	long := utf8.RuneCountInString(r.Text) > maxRead
	if r.Command == "" && (long || r.Kind == bot.UpdateOther) {
		// Who composes something may send what is too much for a question.
		if takes, err := d.o.Flows.TakesAny(ctx, r); err != nil || takes {
			reply, _, err = d.step(ctx, r)
			return reply, true, err
		}
	}
	switch {
	case r.Kind == bot.UpdateOther:
		reply, err = d.call(ctx, r, "unreadable", d.o.Unreadable)
	case long:
		reply = bot.Say("TooLong")
		reply.Lacks = true
	case r.Command != "":
		if c, ok := find(d.table.names, r.Command, r.Person); ok {
			reply, err = d.call(ctx, r, c.Name, c.Run)
		} else {
			reply, err = d.call(ctx, r, "unknown", d.o.Unknown)
		}
	default:
		return d.listen(ctx, r)
	}
	return reply, false, err
}

// listen answers a text. What the open flow cannot use may be a question; if it is none, the flow's own words are said.
func (d *Dispatcher) listen(ctx context.Context, r *bot.Request) (*bot.Reply, bool, error) {
	unclear, inFlow, err := d.step(ctx, r)
	if inFlow || err != nil {
		return unclear, inFlow, err
	}
	// An open question of the bot does not make it deaf to other questions.
	question, err := d.o.Understand(ctx, r.Text, r.Person, r.Now)
	if err != nil {
		return nil, false, err
	}
	if c, ok := find(d.table.intents, question.Intent, r.Person); ok && (unclear == nil || question.Sure) {
		r.Ask = question
		run := c.Run
		if question.Or != nil && d.o.Which != nil {
			run = d.o.Which
		}
		reply, err := d.call(ctx, r, called(c, question.Intent), run)
		inLanguage(question.Lang, reply, err)
		return reply, false, err
	}
	if unclear != nil {
		return unclear, true, nil
	}
	reply, err := d.call(ctx, r, "fallback", d.o.Fallback)
	inLanguage(question.Lang, reply, err) // the language may be plain although the question is not
	return reply, false, err
}

// called is the name under which a command's work is measured: many questions belong to commands that cannot be typed.
func called(c bot.Command, intent string) string {
	if c.Name != "" {
		return c.Name
	}
	return intent
}

// inLanguage makes the answer to a question speak the question's language, a refusal too. It is the one place that does,
// for a handler need not know how it was asked. Where the language is not sure, or the handler chose one, nothing changes.
func inLanguage(lang store.Lang, reply *bot.Reply, err error) {
	var refusal *bot.Refusal
	if errors.As(err, &refusal) {
		reply = refusal.Reply
	}
	for ; lang != "" && reply != nil; reply = reply.Follow {
		if reply.Lang == "" {
			reply.Lang = lang
		}
	}
}

// step goes on with the open flow.
func (d *Dispatcher) step(ctx context.Context, r *bot.Request) (reply *bot.Reply, inFlow bool, err error) {
	reply, err = d.call(ctx, r, "flow", func(ctx context.Context, r *bot.Request) (reply *bot.Reply, err error) {
		reply, inFlow, err = d.o.Flows.Step(ctx, r)
		return reply, err
	})
	return reply, inFlow, err
}

// call runs a handler and notes how long it took.
func (d *Dispatcher) call(ctx context.Context, r *bot.Request, name string, run bot.Handler) (*bot.Reply, error) {
	start := time.Now() // measures the machine; what people see goes by Request.Now
	defer func() { d.o.Metrics.Handled(name, time.Since(start)) }()
	return run(ctx, r)
}

// press answers a button. One that is not known any more, or not for this person, gets today's truth in its place.
func (d *Dispatcher) press(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	// A button that was sent once can be pressed for ever, by whoever it was forwarded to: nothing in it is trusted.
	parts := strings.Split(r.Button, ":")
	r.Rest = parts[1:]
	if parts[0] == dialog.Prefix {
		reply, _, err := d.step(ctx, r)
		return reply, err
	}
	c, ok := find(d.table.buttons, parts[0], r.Person)
	switch {
	case !ok:
		return d.stale(ctx, r)
	case c.Press != nil:
		return d.call(ctx, r, c.Buttons[0], c.Press)
	}
	return d.call(ctx, r, c.Buttons[0], c.Run)
}

func (d *Dispatcher) stale(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	reply, err := d.call(ctx, r, "stale", d.o.Stale)
	if err != nil || reply == nil {
		return reply, err
	}
	if reply.Toast == nil {
		reply.Toasting("ToastOldList")
	}
	return reply.Editing(), nil
}
