package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"recbot/bot"
	"recbot/store"
)

// questionCard is a question as a job brings it to one of the organizers. It is read as it stands now.
func (d *Desk) questionCard(ctx context.Context, job store.Job, p store.Person) (*bot.Reply, string, error) {
	var c store.Card
	if err := json.Unmarshal(job.Content, &c); err != nil {
		return nil, "", fmt.Errorf("composing job %q: %w", job.ID, err)
	}
	q, err := d.store.Question(ctx, c.N)
	if errors.Is(err, store.ErrNotFound) {
		return nil, "forgotten", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("composing job %q: %w", job.ID, err)
	}
	if !mayAnswer(p, q) {
		return nil, "not theirs to answer", nil
	}
	reply, err := d.showQuestion(ctx, q)
	return reply, "", err
}

// mayAnswer tells whether a person sees a question and may answer it: organizers all, coordinators those about their bodies.
func mayAnswer(p store.Person, q store.Question) bool {
	return p.Role.AtLeast(store.Organizer) ||
		p.Role == store.Coordinator && q.Body != "" && slices.Contains(p.Coordinates, q.Body)
}

// showQuestion is the card of a question: who asks what.
func (d *Desk) showQuestion(ctx context.Context, q store.Question) (*bot.Reply, error) {
	asker, err := d.store.Person(ctx, q.From)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("question No. %d: %w", q.N, err)
	}
	who := d.standingAs(roleOf(asker), asker.MemberOf)
	return bot.Say("QuestionCard", "N", number(q.N), "Language", bot.Raw(q.Lang), "Who", who).
		Line("QuestionText", "Text", bot.Raw(q.Text)), nil
}
