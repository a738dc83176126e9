package dialog

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"recbot/bot"
	"recbot/store"
)

// current gives the flow on top if it has not expired, else nil.
func (r *Runner) current(ctx context.Context, req *bot.Request) (*store.Flow, error) {
	f, err := r.load(ctx, req)
	if err != nil || f == nil || req.Now.After(f.Expires) {
		return nil, err
	}
	return f, nil
}

// save remembers the flow as it is now, and that this update brought it there.
func (r *Runner) save(ctx context.Context, t *Talk) error {
	f := t.flow
	f.Last = t.ID
	f.Expires = t.Now.Add(cmp.Or(r.flows[f.Name].Lasts, Lasts))
	if err := r.store.SaveFlow(ctx, t.Chat, *f); err != nil {
		return fmt.Errorf("remembering step %s of flow %s: %w", f.Step, f.Name, err)
	}
	return nil
}

// drop forgets a flow and brings back the one that it had put aside, unless that has expired meanwhile.
func (r *Runner) drop(ctx context.Context, req *bot.Request, f *store.Flow) error {
	// Nobody remembers by then what an expired question was about.
	under := f.Under
	for under != nil && req.Now.After(under.Expires) {
		under = under.Under
	}
	var err error
	if under != nil {
		err = r.store.SaveFlow(ctx, req.Chat, *under)
	} else {
		err = r.store.EndFlow(ctx, req.Chat)
	}
	if err != nil {
		return fmt.Errorf("ending flow %s: %w", f.Name, err)
	}
	return nil
}

// enter goes to a step. To one that was answered before it goes back, so that the way to it never holds a step twice.
func enter(f *store.Flow, step string) {
	if i := slices.Index(f.Path, step); i >= 0 {
		f.Path = f.Path[:i]
	} else if step != f.Step {
		f.Path = append(f.Path, f.Step)
	}
	f.Step = step
}

// find looks for a flow among those that are open and put aside.
func find(f *store.Flow, name string) *store.Flow {
	for f != nil && f.Name != name {
		f = f.Under
	}
	return f
}

// without takes a flow out of those that are open and put aside; so no chat has more of them than there are names.
func without(f *store.Flow, name string) *store.Flow {
	if f == nil {
		return nil
	}
	f.Under = without(f.Under, name)
	if f.Name == name {
		return f.Under
	}
	return f
}
