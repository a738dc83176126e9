package handlers

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"recbot/bot"
	"recbot/bot/dialog"
	"recbot/store"
)

// The question for the name that colleagues see. It is put to coordinators, organizers and owners only, when they take their
// role; of nobody else a name is kept.
const (
	nameFlow = "name"
	stepName = "name"
	maxName  = 60 // characters
	// keptBy is the answer that holds who invited the person, and so is told the name.
	keptBy = "by"
)

// nameless tells that a name is still to be asked for.
func nameless(p store.Person) bool { return mayHaveName(p) && p.Name == "" }

func mayHaveName(p store.Person) bool { return p.Role.AtLeast(store.Coordinator) }

// nameFlow is the question by itself.
func (d *Desk) nameFlow() dialog.Flow {
	return dialog.Flow{
		Name: nameFlow, Title: "FlowName", Lasts: startLasts,
		Steps: []dialog.Step{d.nameStep(nameFlow, func(_ context.Context, _ *dialog.Talk, said *bot.Reply) (dialog.Move, error) {
			return dialog.End(said.Row(menuButton())), nil
		})},
	}
}

// nameStep is the question inside a flow. done is called with what was said of the answer.
func (d *Desk) nameStep(flow string, done func(ctx context.Context, t *dialog.Talk, said *bot.Reply) (dialog.Move, error)) dialog.Step {
	ask := func(key string) *bot.Reply {
		return bot.Say(key).Button("ButtonNoName", dialog.Data(flow, stepName, valueNo))
	}
	return dialog.Step{
		Name: stepName,
		Ask:  func(context.Context, *dialog.Talk) (*bot.Reply, error) { return ask("NameQuestion"), nil },
		Take: func(ctx context.Context, t *dialog.Talk) (dialog.Move, error) {
			name, ok := readName(t.Value)
			switch {
			case !t.Typed, !mayHaveName(t.Person): // the role may have been taken back since the question
				name = ""
			case !ok:
				return dialog.Unclear(ask("NameUnclear")), nil
			}
			if err := d.setName(ctx, t, name); err != nil {
				return dialog.Move{}, err
			}
			if name == "" {
				return done(ctx, t, bot.Say("NameNone"))
			}
			return done(ctx, t, bot.Say("NameSet", "Name", bot.Raw(name)))
		},
	}
}

// readName tidies a name. Whatever looks like a question or a command is none, for the bot goes on answering those.
func readName(text string) (name string, ok bool) {
	name = strings.Join(strings.Fields(text), " ")
	letters := 0
	for _, c := range name {
		switch {
		case unicode.IsLetter(c), unicode.IsMark(c):
			letters++
		case !strings.ContainsRune(" .-'’‘ʻʼ`", c):
			return "", false
		}
	}
	return name, letters >= 2 && utf8.RuneCountInString(name) <= maxName
}

// setName keeps the name, and tells it whoever invited the person if they still have a role to work with.
func (d *Desk) setName(ctx context.Context, t *dialog.Talk, name string) error {
	err := d.amend(ctx, t.Request, "name", func(p *store.Person) error {
		p.Name = name
		return nil
	})
	by, odd := strconv.ParseInt(t.Answer(keptBy), 10, 64)
	if err != nil || odd != nil || by == 0 || name == "" {
		return err
	}
	// Who invited may have left or lost the role since: then the name is not for them.
	colleagues, err := d.store.Holders(ctx, store.Organizer, store.Owner)
	if err != nil {
		return fmt.Errorf("who invited: %w", err)
	}
	for _, p := range colleagues {
		if p.ID == store.PersonID(by) {
			note := bot.Say("InviteUsedBy", "Name", bot.Raw(name), "Role", d.standingAs(roleOf(t.Person), t.Person.Coordinates))
			return d.notify(ctx, t.Request, p.ID, fmt.Sprintf("name:%d", t.ID), note)
		}
	}
	return nil
}
