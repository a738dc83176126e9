package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"recbot/bot"
	"recbot/store"
)

// questionCard is a question as a job brings it to one of the organizers, or changes or takes away what another job brought
// them. It is read as it stands now.
func (d *Desk) questionCard(ctx context.Context, job store.Job, p store.Person) (*bot.Reply, string, error) {
	var c store.Card
	if err := json.Unmarshal(job.Content, &c); err != nil {
		return nil, "", fmt.Errorf("composing job %q: %w", job.ID, err)
	}
	if job.Recalls { // the words are not shown: the message is deleted
		return bot.Say("QuestionGone"), "", nil
	}
	q, err := d.store.Question(ctx, c.N)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, "forgotten", nil
	case err != nil:
		return nil, "", fmt.Errorf("composing job %q: %w", job.ID, err)
	case !mayAnswer(p, q):
		return nil, "not theirs to answer", nil
	case q.State != store.QuestionOpen && len(job.Replaces) == 0:
		return nil, "answered meanwhile", nil
	}
	reply, err := d.cardOf(ctx, q, p)
	if err != nil {
		return nil, "", err
	}
	if c.Reminder > 0 && q.State == store.QuestionOpen {
		above(reply, bot.NewPart("QuestionWaits", "For", bot.Span{Length: waited(d.now().Sub(q.At)), Style: bot.SpanPlain}))
	}
	return reply, "", nil
}

// waited is a length of time in the unit that people would say it in: whole days, hours or minutes.
func waited(d time.Duration) time.Duration {
	unit := time.Minute
	switch {
	case d >= 24*time.Hour:
		unit = 24 * time.Hour
	case d >= time.Hour:
		unit = time.Hour
	}
	return max(time.Minute, d.Truncate(unit))
}

// mayAnswer tells whether a person sees a question and may answer it: organizers all, coordinators those about their bodies.
func mayAnswer(p store.Person, q store.Question) bool {
	return p.Role.AtLeast(store.Organizer) ||
		p.Role == store.Coordinator && q.Body != "" && slices.Contains(p.Coordinates, q.Body)
}

// cardOf is the card of a question for one of those who may answer it: who asks what, how it stands, and what can be done.
func (d *Desk) cardOf(ctx context.Context, q store.Question, p store.Person) (*bot.Reply, error) {
	reply, err := d.sayQuestion(ctx, q, p)
	if err != nil {
		return nil, err
	}
	if err := d.sayAnswers(ctx, reply, q); err != nil {
		return nil, err
	}
	label := "ButtonAnswer"
	if q.State == store.QuestionAnswered {
		label = "ButtonAnswerMore"
	}
	// The answer has a row of its own: three labels side by side are cut off on a phone.
	reply.Row(bot.Press(label, inbox(q.N, "ans")))
	// What everybody reads, and whom nobody hears any more, is for organizers to say.
	if !p.Role.AtLeast(store.Organizer) {
		return reply, nil
	}
	blocked, err := d.store.IsBlocked(ctx, q.From)
	if err != nil {
		return nil, err
	}
	block := bot.Press("ButtonBlock", inbox(q.N, "blk", true))
	if blocked {
		reply.Line("QuestionBlocked")
		block = bot.Press("ButtonUnblock", inbox(q.N, "blk", false))
	}
	return reply.Row(bot.Press("ButtonMakeFaq", inbox(q.N, "faq")), block), nil
}

// inbox is the data of a button of a question.
func inbox(n int, args ...any) string {
	return bot.Data(inboxButton, append([]any{n}, args...)...)
}

// sayQuestion says who asks what. Of the asker nothing is shown but language, role and groups, as they are now.
// The meeting is named to who may see it.
func (d *Desk) sayQuestion(ctx context.Context, q store.Question, p store.Person) (*bot.Reply, error) {
	asker, err := d.store.Person(ctx, q.From)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("question No. %d: %w", q.N, err)
	}
	who := d.standingAs(roleOf(asker), asker.MemberOf)
	reply := bot.Say("QuestionCard", "N", number(q.N), "Language", bot.Raw(q.Lang), "Who", who).
		Line("QuestionText", "Text", bot.Raw(q.Text))
	m, err := d.store.Meeting(ctx, q.Meeting, p)
	if err == nil {
		reply.Line("QuestionMeeting", "Title", m.Name)
	} else if !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("question No. %d: %w", q.N, err)
	}
	return reply, nil
}

// asIs shows formatted words as they are to readers of every language, without a remark on the language that they are in.
func asIs(html string) bot.HTML {
	all := make(bot.HTML, len(store.Langs))
	for _, lang := range store.Langs {
		all[lang] = html
	}
	return all
}

// sayAnswers says how a question stands: who is answering it, or what was answered.
func (d *Desk) sayAnswers(ctx context.Context, reply *bot.Reply, q store.Question) error {
	if claimed(q, 0, d.now()) {
		who, err := d.colleague(ctx, q.Taken.By)
		if err != nil {
			return err
		}
		reply.Line("QuestionTaken", "Who", who, "Since", bot.At{Time: q.Taken.At, Style: bot.AtClock})
	}
	if q.State == store.QuestionClosed {
		reply.Line("QuestionClosed")
	}
	for i, g := range q.Answers {
		who, err := d.colleague(ctx, g.By)
		if err != nil {
			return err
		}
		key := "QuestionAnswered"
		if i > 0 {
			key = "QuestionAdded"
		}
		reply.Say(key, "Who", who, "At", bot.At{Time: g.At, Style: bot.AtFull})
		reply.Line("QuestionAnswer", "Text", asIs(g.HTML))
	}
	return nil
}

// claimed tells whether somebody other than a person has a question in hand.
func claimed(q store.Question, p store.PersonID, now time.Time) bool {
	return q.State == store.QuestionOpen && q.Held(now) && q.Taken.By != p
}

// colleague is what an organizer is called among their colleagues; who is not there any more has no name.
func (d *Desk) colleague(ctx context.Context, id store.PersonID) (bot.Value, error) {
	if id == 0 {
		return phrase("FormerOrganizer"), nil
	}
	p, err := d.store.Person(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return phrase("FormerOrganizer"), nil
	}
	if err != nil {
		return bot.Value{}, fmt.Errorf("name of a colleague: %w", err)
	}
	return nameOf(p), nil
}
