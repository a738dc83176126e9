package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"recbot/bot"
	"recbot/bot/dialog"
	"recbot/store"
)

// The conversation in which question and answer of an entry are written in one language.
const (
	entryFlow    = "fe"
	stepEntryQ   = "q"
	stepEntryA   = "a"
	entryID      = "id"
	entryLang    = "lang"
	entryHeading = "question" // the question as it was just written
	valueKeep    = "keep"
)

// maxHeading is the length of an entry's question, in characters.
const maxHeading = 300

func (d *Desk) entryFlow() dialog.Flow {
	return dialog.Flow{
		Name: entryFlow, Title: "FlowFaq",
		Steps: []dialog.Step{
			{Name: stepEntryQ, Ask: d.askEntry, Take: d.takeEntryQuestion, Any: true},
			{Name: stepEntryA, Ask: d.askEntry, Take: d.takeEntryAnswer, Any: true},
		},
	}
}

// askEntry asks for the question or the answer in a language, and offers to keep what there is.
func (d *Desk) askEntry(ctx context.Context, t *dialog.Talk) (*bot.Reply, error) {
	f, err := d.entry(ctx, t.Answer(entryID), t.Person)
	if errors.Is(err, store.ErrNotFound) {
		return bot.Say("FaqGone").Row(dialog.Cancel(entryFlow)), nil
	}
	if err != nil {
		return nil, err
	}
	lang := store.Lang(t.Answer(entryLang))
	key, step, there := "FaqWriteQuestion", stepEntryQ, f.Question[lang] != ""
	if t.Step() == stepEntryA {
		key, step, there = "FaqWriteAnswer", stepEntryA, f.Answer[lang] != ""
	}
	reply := bot.Say(key, "Language", ownName(lang), "Question", f.Question)
	if there {
		reply.Button("ButtonKeep", dialog.Data(entryFlow, step, valueKeep))
	}
	return reply.Row(dialog.Cancel(entryFlow)), nil
}

// mayEdit tells whether the person may still edit entries, and the language is one; reply is what to say if not.
func (d *Desk) mayEdit(ctx context.Context, t *dialog.Talk) (reply *bot.Reply, err error) {
	if t.Person.Role.AtLeast(store.Organizer) && slices.Contains(store.Langs, store.Lang(t.Answer(entryLang))) {
		return nil, nil
	}
	return d.Unknown(ctx, t.Request)
}

// takeEntryQuestion takes the question. It is plain: it becomes a heading.
func (d *Desk) takeEntryQuestion(ctx context.Context, t *dialog.Talk) (dialog.Move, error) {
	if refused, err := d.mayEdit(ctx, t); refused != nil || err != nil {
		return dialog.End(refused), err
	}
	if !t.Typed {
		t.Keep(entryHeading, "")
		return dialog.To(stepEntryA), nil
	}
	if refusal := unfitAnswer(t.Request); refusal != nil {
		return dialog.Stay(refusal.Row(dialog.Cancel(entryFlow))), nil
	}
	if utf8.RuneCountInString(t.Value) > maxHeading {
		return dialog.Stay(bot.Say("FaqQuestionLong", "N", maxHeading).Row(dialog.Cancel(entryFlow))), nil
	}
	t.Keep(entryHeading, t.Value)
	return dialog.To(stepEntryA), nil
}

// takeEntryAnswer takes the answer and writes both into the entry.
func (d *Desk) takeEntryAnswer(ctx context.Context, t *dialog.Talk) (dialog.Move, error) {
	if refused, err := d.mayEdit(ctx, t); refused != nil || err != nil {
		return dialog.End(refused), err
	}
	if t.Typed {
		if refusal := unfitAnswer(t.Request); refusal != nil {
			return dialog.Stay(refusal.Row(dialog.Cancel(entryFlow))), nil
		}
	}
	lang := store.Lang(t.Answer(entryLang))
	f, err := d.store.ChangeEntry(ctx, t.Answer(entryID), func(f *store.FAQ) error {
		if heading := t.Answer(entryHeading); heading != "" {
			f.Question = with(f.Question, lang, heading)
		}
		if t.Typed {
			f.Answer, f.Formatted, f.At = with(f.Answer, lang, t.HTML), true, t.Now.UTC()
		}
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return dialog.End(bot.Say("FaqGone").Row(menuButton())), nil
	}
	if errors.Is(err, store.ErrTooMany) {
		return dialog.Stay(bot.Say("AnswerTooLong", "N", maxAnswer).Row(dialog.Cancel(entryFlow))), nil
	}
	if err != nil {
		return dialog.Move{}, fmt.Errorf("text of an entry: %w", err)
	}
	reply, err := d.editEntry(ctx, f)
	return dialog.End(reply), err
}

// with is a text with other words in one language. Texts are shared and never changed in place.
func with(t store.Text, lang store.Lang, words string) store.Text {
	all := store.Text{lang: words}
	for l, s := range t {
		if l != lang {
			all[l] = s
		}
	}
	return all
}
