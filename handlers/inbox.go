package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"recbot/bot"
	"recbot/bot/dialog"
	"recbot/store"
)

// /ask and qa: a question goes to the organizers. Under an answer that lacks what was asked it is one tap, for the text
// stands there already; else it is written in a conversation of one step.
var _ = command(spec{Name: "ask", Order: 95, Buttons: []string{askButton}, Run: (*Desk).ask, Press: (*Desk).pressAsk})

// The buttons: qa asks for a question; qa:<update>:1 sends the text of that update, qa:<update>:0 drops it.
const (
	askButton = "qa"
	askFlow   = "ask"
	stepAsk   = "text"

	// What an offer says under an answer that lacks what was asked, and under one that may be to something else.
	offerLack = "AskOffer"
	offerElse = "AskOfferElse"
)

// offerAsking adds to an answer that does not have what was asked the offer to ask the organizers. A text is kept until a
// button is pressed, see keepAsking; where there is none to send, or it only asks how to reach them, it is to be written.
func (d *Desk) offerAsking(r *bot.Request, reply *bot.Reply) *bot.Reply {
	if r.Kind == bot.UpdateButton || r.Command != "" || r.Text == "" || r.Ask.Intent == "contact" {
		return reply.Button("ButtonAsk", askButton)
	}
	if reply.Lacks {
		reply.Say(offerLack)
	} else {
		reply.Say(offerElse)
	}
	return reply.Row(bot.Press("ButtonAskSend", asking(r.ID, true)), bot.Press("ButtonAskNo", asking(r.ID, false)))
}

// asking is the data of the buttons under an offer.
func asking(u store.UpdateID, send bool) string {
	return bot.Data(askButton, strconv.FormatInt(int64(u), 36), send)
}

// keepAsking keeps the text of a request whose answer offers to send it. It is called behind every handler, so that the offer
// itself needs neither a context nor an error, and stands before the answer leaves: a button that can be pressed works.
func (d *Desk) keepAsking(ctx context.Context, r *bot.Request, reply *bot.Reply, err error) error {
	var refusal *bot.Refusal
	if errors.As(err, &refusal) {
		reply = refusal.Reply
	}
	if r.Text == "" || !hasButton(reply, asking(r.ID, true)) {
		return nil
	}
	said, err := json.Marshal(withoutOffer(reply))
	if err != nil {
		return fmt.Errorf("keeping a question: %w", err)
	}
	err = d.store.KeepAsking(ctx, r.Person.ID, store.Asking{
		Update: r.ID, Message: r.Message, Text: r.Text, Lang: r.Ask.Lang, Intent: r.Ask.Intent, Topic: r.Ask.Topic,
		Meeting: r.Ask.Meeting, Body: r.Ask.Body, At: r.Now.UTC(), Reply: said,
	})
	if err != nil {
		return fmt.Errorf("keeping a question: %w", err)
	}
	return nil
}

// hasButton tells whether a reply has a button with this data.
func hasButton(reply *bot.Reply, data string) bool {
	return reply != nil && slices.ContainsFunc(slices.Concat(reply.Rows...), func(b bot.Button) bool { return b.Data == data })
}

// withoutOffer is a reply as it stands when the offer is no more.
func withoutOffer(reply *bot.Reply) *bot.Reply {
	bare := *reply
	bare.Follow, bare.Toast = nil, nil
	bare.Parts = slices.DeleteFunc(slices.Clone(reply.Parts), func(p bot.Part) bool { return p.Key == offerLack || p.Key == offerElse })
	bare.Rows = nil
	for _, row := range reply.Rows {
		bare.Row(slices.DeleteFunc(slices.Clone(row), func(b bot.Button) bool {
			return strings.HasPrefix(b.Data, askButton+":")
		})...)
	}
	return &bare
}

// ask takes a question behind the command, or asks for it.
func (d *Desk) ask(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	if text := strings.TrimSpace(r.Args); text != "" {
		return d.sendQuestion(ctx, r, store.Question{Message: r.Message, Text: text})
	}
	return d.talks.Start(ctx, r, askFlow)
}

// pressAsk handles qa and qa:<update>:<1|0>.
func (d *Desk) pressAsk(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	u, err := strconv.ParseInt(r.Arg(0), 36, 64)
	if err != nil {
		return d.talks.Start(ctx, r, askFlow)
	}
	a, err := d.store.Asking(ctx, r.Person.ID, store.UpdateID(u))
	if errors.Is(err, store.ErrNotFound) {
		return bot.Say("AskGone").Button("ButtonAsk", askButton), nil
	}
	if err != nil {
		return nil, fmt.Errorf("sending a question: %w", err)
	}
	if r.Arg(1) != "1" {
		if err := d.store.DropAsking(ctx, r.Person.ID, a.Update); err != nil {
			return nil, fmt.Errorf("dropping a question: %w", err)
		}
		return inPlace(a, bot.NewPart("AskNotSent")), nil
	}
	// The text itself stays for its week: a button that is pressed again says the same number.
	q, refused, err := d.hand(ctx, r, store.Question{
		Message: a.Message, Text: a.Text, Lang: a.Lang, Intent: a.Intent, Topic: a.Topic, Meeting: a.Meeting, Body: a.Body,
	}, a.Update)
	if err != nil || refused != nil {
		return refused, err
	}
	return inPlace(a, bot.NewPart("AskSent", "N", number(q.N))), nil
}

// inPlace is what was said under a question, with last behind it in place of the offer.
func inPlace(a store.Asking, last bot.Part) *bot.Reply {
	reply := &bot.Reply{}
	if json.Unmarshal(a.Reply, reply) != nil { // it was too long to be kept
		reply = &bot.Reply{}
	}
	reply.Parts = append(reply.Parts, last)
	reply.Lang = a.Lang
	return reply.Editing()
}

// number writes the number of a question.
func number(n int) bot.Raw { return bot.Raw(strconv.Itoa(n)) }

// sendQuestion hands in a question that was written to be sent.
func (d *Desk) sendQuestion(ctx context.Context, r *bot.Request, q store.Question) (*bot.Reply, error) {
	q, refused, err := d.hand(ctx, r, q, r.ID)
	if err != nil || refused != nil {
		return refused, err
	}
	return bot.Say("AskSent", "N", number(q.N)), nil
}

// hand gives a question to the organizers, once for the update that asked it. refused is what to say when they do not get it.
func (d *Desk) hand(ctx context.Context, r *bot.Request, q store.Question, by store.UpdateID) (asked store.Question, refused *bot.Reply, err error) {
	q.From = r.Person.ID
	if q.Lang == "" {
		q.Lang = r.Person.Language
	}
	asked, err = d.store.Ask(ctx, q, by)
	switch {
	case errors.Is(err, store.ErrTooMany):
		return asked, bot.Say("AskTooMany"), nil
	case errors.Is(err, store.ErrBlocked):
		return asked, bot.Say("AskBlocked"), nil
	case err != nil:
		return asked, nil, fmt.Errorf("asking the organizers: %w", err)
	}
	return asked, nil, nil
}

// askFlow is the conversation in which a question is written.
func (d *Desk) askFlow() dialog.Flow {
	return dialog.Flow{Name: askFlow, Title: "FlowAsk", Steps: []dialog.Step{{
		Name: stepAsk,
		Ask: func(context.Context, *dialog.Talk) (*bot.Reply, error) {
			return bot.Say("AskWrite").Row(dialog.Cancel(askFlow)), nil
		},
		Take: func(ctx context.Context, t *dialog.Talk) (dialog.Move, error) {
			if !t.Typed || t.Value == "" {
				return dialog.Stay(nil), nil
			}
			reply, err := d.sendQuestion(ctx, t.Request, store.Question{Message: t.Message, Text: t.Value})
			return dialog.End(reply), err
		},
	}}}
}
