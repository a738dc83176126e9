package handlers

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"

	"recbot/bot"
	"recbot/bot/dialog"
	"recbot/store"
)

// The conversation in which a question is answered. An answer can also be given by replying to the card, see Replied.
const (
	answerFlow   = "ans"
	stepAnswer   = "text"
	answerNumber = "n"
	answerText   = "html"   // written while somebody else took the question over
	answerEntry  = "faq"    // "1": it becomes an answer for everybody, too
	valueAnyway  = "anyway" // sends answerText all the same
)

// maxAnswer is the length of an answer in UTF-16 units; heading and signature fit beside it.
const maxAnswer = 3000

func (d *Desk) answerFlow() dialog.Flow {
	return dialog.Flow{
		Name: answerFlow, Title: "FlowAnswer", Lasts: store.ClaimLasts, Cancelled: d.answerCancelled,
		Steps: []dialog.Step{{Name: stepAnswer, Ask: d.askAnswer, Take: d.takeAnswer, Any: true}},
	}
}

// writeAnswer takes a question in hand and asks for the answer, unless a colleague has it in hand; over takes it from them.
func (d *Desk) writeAnswer(ctx context.Context, r *bot.Request, q store.Question, over bool, keep ...string) (*bot.Reply, error) {
	before := q
	q, taken, err := d.store.TakeQuestion(ctx, q.N, r.Person.ID, over)
	if err != nil {
		return nil, err
	}
	if !taken {
		who, err := d.colleague(ctx, q.Taken.By)
		if err != nil {
			return nil, err
		}
		return bot.Say("QuestionTaken", "Who", who, "Since", bot.At{Time: q.Taken.At, Style: bot.AtClock}).
			Button("ButtonTakeOver", inbox(q.N, "over")), nil
	}
	if claimed(before, r.Person.ID, r.Now) {
		note := bot.Say("QuestionTakenOver", "N", number(q.N), "Who", nameOf(r.Person))
		if err := d.notify(ctx, r, before.Taken.By, fmt.Sprintf("over:%d:%d", q.N, r.ID), note); err != nil {
			return nil, err
		}
	}
	return d.talks.Start(ctx, r, answerFlow, append([]string{answerNumber, strconv.Itoa(q.N)}, keep...)...)
}

// askAnswer asks for the answer, under the words of the question.
func (d *Desk) askAnswer(ctx context.Context, t *dialog.Talk) (*bot.Reply, error) {
	q, err := d.answered(ctx, t)
	if errors.Is(err, store.ErrNotFound) {
		return bot.Say("QuestionGone").Row(dialog.Cancel(answerFlow)), nil
	}
	if err != nil {
		return nil, err
	}
	reply, err := d.sayQuestion(ctx, q, t.Person)
	if err != nil {
		return nil, err
	}
	key := "AnswerWrite"
	if t.Answer(answerEntry) != "" {
		key = "AnswerWriteFaq"
	}
	return reply.Say(key).Row(dialog.Cancel(answerFlow)), nil
}

// answered reads the question that an open conversation is about.
func (d *Desk) answered(ctx context.Context, t *dialog.Talk) (store.Question, error) {
	n, err := strconv.Atoi(t.Answer(answerNumber))
	if err != nil {
		return store.Question{}, store.ErrNotFound
	}
	return d.store.Question(ctx, n)
}

// takeAnswer takes the text of an answer. The role is asked for again: it may have been taken back since the question.
func (d *Desk) takeAnswer(ctx context.Context, t *dialog.Talk) (dialog.Move, error) {
	q, err := d.answered(ctx, t)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return dialog.End(bot.Say("QuestionGone").Row(menuButton())), nil
	case err != nil:
		return dialog.Move{}, err
	case !mayAnswer(t.Person, q):
		reply, err := d.Unknown(ctx, t.Request)
		return dialog.End(reply), err
	}
	html := t.HTML
	if !t.Typed {
		if html = t.Answer(answerText); html == "" || t.Value != valueAnyway {
			return dialog.Stay(nil), nil
		}
	} else if refusal := unfitAnswer(t.Request); refusal != nil {
		return dialog.Stay(refusal.Row(dialog.Cancel(answerFlow))), nil
	} else if claimed(q, t.Person.ID, t.Now) { // somebody took it over meanwhile
		who, err := d.colleague(ctx, q.Taken.By)
		if err != nil {
			return dialog.Move{}, err
		}
		t.Keep(answerText, html)
		return dialog.Stay(bot.Say("AnswerTakenOver", "N", number(q.N), "Who", who, "Since", bot.At{Time: q.Taken.At, Style: bot.AtClock}).
			Button("ButtonSendAnyway", dialog.Data(answerFlow, stepAnswer, valueAnyway)).Row(dialog.Cancel(answerFlow))), nil
	}
	reply, err := d.giveAnswer(ctx, t.Request, q, html)
	if err == nil && t.Answer(answerEntry) != "" {
		var entry *bot.Reply
		if entry, err = d.makeEntry(ctx, t.Request, q.N); err == nil {
			reply.Rows = nil
			reply.Then(entry)
		}
	}
	return dialog.End(reply), err
}

// unfitAnswer says why a message cannot be an answer; nil = it can.
func unfitAnswer(r *bot.Request) *bot.Reply {
	switch {
	case r.File != nil || strings.TrimSpace(r.Text) == "":
		return bot.Say("AnswerTextOnly")
	case len(utf16.Encode([]rune(r.Text))) > maxAnswer:
		return bot.Say("AnswerTooLong", "N", maxAnswer)
	}
	return nil
}

// answerCancelled gives back what the person had in hand.
func (d *Desk) answerCancelled(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	open, err := d.store.OpenQuestions(ctx)
	if err != nil {
		return nil, err
	}
	for _, q := range open {
		if q.Taken == nil || q.Taken.By != r.Person.ID {
			continue
		}
		if err := d.store.GiveBack(ctx, q.N, r.Person.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
	}
	return bot.Say("AnswerCancelled"), nil
}

// Replied takes a text that replies to the card of a question: it is the answer. Everything else that replies to a message of
// the bot is left to be read as if it stood alone: the reply is nil then.
func (d *Desk) Replied(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	if !r.Person.Role.AtLeast(store.Coordinator) {
		return nil, nil
	}
	n, ok, err := d.repliedQuestion(ctx, r)
	if err != nil || !ok {
		return nil, err
	}
	q, err := d.store.Question(ctx, n)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return bot.Say("QuestionGone").Row(menuButton()), nil
	case err != nil:
		return nil, err
	case !mayAnswer(r.Person, q):
		return nil, nil
	}
	if refusal := unfitAnswer(r); refusal != nil {
		return refusal, nil
	}
	return d.giveAnswer(ctx, r, q, r.HTML)
}

// repliedQuestion tells whose card a text replies to. The buttons of a card name its question for ever; of a card that has
// lost them, the letters of the last 48 hours tell.
func (d *Desk) repliedQuestion(ctx context.Context, r *bot.Request) (n int, ok bool, err error) {
	prefix, rest, _ := strings.Cut(r.ReplyData, ":")
	if prefix == inboxButton {
		number, _, _ := strings.Cut(rest, ":")
		n, odd := strconv.Atoi(number)
		return n, odd == nil, nil
	}
	letters, err := d.store.LettersOf(ctx, r.Person.ID)
	if err != nil {
		return 0, false, fmt.Errorf("which message was replied to: %w", err)
	}
	for _, l := range letters {
		if l.Message == r.ReplyTo {
			n, ok := store.CardOf(l.Job)
			return n, ok, nil
		}
	}
	return 0, false, nil
}

// giveAnswer keeps an answer and opens the job that brings it to who asked; the same update gives one. Killed in between, the
// update comes again, finds its answer and opens the job.
func (d *Desk) giveAnswer(ctx context.Context, r *bot.Request, q store.Question, html string) (*bot.Reply, error) {
	q, i, err := d.store.AnswerQuestion(ctx, q.N, store.Given{By: r.Person.ID, At: r.Now.UTC(), HTML: html, Lang: d.tongueOf(html), Update: r.ID})
	if errors.Is(err, store.ErrTooMany) {
		return bot.Say("AnswerTooMany", "N", number(q.N)), nil
	}
	if err == nil {
		err = d.store.OpenJob(ctx, store.Job{
			ID: store.AnswerID(q.N, i), Kind: store.JobAnswer, Audience: store.Audience{Person: q.From}, Opened: r.Now.UTC(), Due: r.Now.UTC(),
		})
	}
	if err != nil {
		return nil, fmt.Errorf("answering a question: %w", err)
	}
	key := "AnswerGiven"
	if i > 0 {
		key = "AnswerAdded"
	}
	reply := bot.Say(key, "N", number(q.N))
	if r.Person.Role.AtLeast(store.Organizer) {
		reply.Button("ButtonMakeFaq", inbox(q.N, "faq"))
	}
	return reply, nil
}

// tongueOf tells what language a formatted text is in; "" = not known.
func (d *Desk) tongueOf(html string) store.Lang {
	if d.langOf == nil {
		return ""
	}
	return d.langOf(formatting.ReplaceAllString(html, " "))
}

// formatting is what says nothing of a text's language: tags and entities as Telegram writes them, and addresses.
var formatting = regexp.MustCompile(`<[^>]*>|&[a-z]+;|[a-z]+://[^\s<]+`)

// answer is what the person who asked gets: a reply to their own words, in the language of the question, by nobody's name.
func (d *Desk) answer(ctx context.Context, job store.Job) (*bot.Reply, string, error) {
	n, i, ok := store.AnswerOf(job.ID)
	q, err := d.store.Question(ctx, n)
	if errors.Is(err, store.ErrNotFound) || err == nil && (!ok || i >= len(q.Answers)) {
		return nil, "forgotten", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("composing job %q: %w", job.ID, err)
	}
	return answerLetter(q, i), "", nil
}

// answerLetter is the i-th answer to a question as its asker reads it.
func answerLetter(q store.Question, i int) *bot.Reply {
	key := "AnswerHeading"
	if i > 0 {
		key = "AnswerAddition"
	}
	reply := bot.Say(key, "N", number(q.N)).Say("AnswerText", "Text", bot.HTML{q.Lang: q.Answers[i].HTML}).Say("AnswerSigned")
	reply.Quote, reply.Lang = q.Message, q.Lang
	return reply.Button("ButtonAskMore", askButton)
}

// missedAnswers gives the answers to a person's questions that found nobody and were not brought since; those that this very
// request brought are among them when it comes again.
func (d *Desk) missedAnswers(ctx context.Context, r *bot.Request) (notices []notice, err error) {
	all, err := d.store.QuestionsOf(ctx, r.Person.ID)
	if err != nil {
		return nil, err
	}
	for _, q := range all {
		for i, g := range q.Answers {
			if g.Fate == store.Gone && (g.Retold == 0 || g.Retold == r.ID) {
				notices = append(notices, notice{kind: store.JobAnswer, reply: answerLetter(q, i), question: q.N, answer: i})
			}
		}
	}
	return notices, nil
}

// answerFate tells who answered when the answer did not arrive, once. What arrived is no news.
func (d *Desk) answerFate(ctx context.Context, job store.Job, c store.Counts, over bool) error {
	n, i, ok := store.AnswerOf(job.ID)
	if !over || !ok {
		return nil
	}
	fate, err := d.fateOf(ctx, job, c)
	if err != nil {
		return err
	}
	q, err := d.store.NoteFate(ctx, n, i, fate)
	if errors.Is(err, store.ErrNotFound) || err == nil && i >= len(q.Answers) {
		return nil
	}
	key := fateKey(fate)
	if err != nil || key == "" || q.Answers[i].By == 0 {
		return err
	}
	return d.sendLetter(ctx, q.Answers[i].By, "letter:"+string(job.ID)+":fate", bot.Say("AnswerFate", "N", number(n), "Fate", phrase(key)))
}

// fateOf reads the fate of a job for one person off its counts. Who was not written to because they had blocked the bot before
// counts like one who is found to have.
func (d *Desk) fateOf(ctx context.Context, job store.Job, c store.Counts) (store.State, error) {
	switch {
	case c.Sent > 0:
		return store.Sent, nil
	case c.Gone > 0:
		return store.Gone, nil
	case c.Unknown > 0:
		return store.Unknown, nil
	case c.Skipped > 0:
		p, err := d.store.Person(ctx, job.Audience.Person)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return "", fmt.Errorf("fate of job %q: %w", job.ID, err)
		}
		if p.Unreachable != "" {
			return store.Gone, nil
		}
	}
	return store.Rejected, nil
}

// fateKey names the message that says what became of an answer; "" = there is nothing to say.
func fateKey(fate store.State) string {
	switch fate {
	case store.Gone:
		return "AnswerGone"
	case store.Rejected:
		return "AnswerRejected"
	case store.Unknown:
		return "AnswerUnknown"
	}
	return ""
}
