package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"recbot/bot"
	"recbot/store"
)

// /inbox and qb: the questions that wait, for those who may answer them, and what can be done with each.
var _ = command(spec{
	Name: "inbox", For: store.Coordinator, Order: 135, Buttons: []string{inboxButton}, Run: (*Desk).inbox, Press: (*Desk).pressInbox,
})

const (
	inboxButton = "qb"
	inboxPage   = 6  // questions on a page
	blockedRoom = 20 // people on the block list that are shown
	glance      = 90 // characters of a question in the list
)

// questionVerbs are what a button does to a question: qb:<n>:<verb>. Without a verb the question is shown.
var questionVerbs = map[string]func(*Desk, context.Context, *bot.Request, store.Question) (*bot.Reply, error){
	"": (*Desk).viewQuestion,
	"ans": func(d *Desk, ctx context.Context, r *bot.Request, q store.Question) (*bot.Reply, error) {
		return d.writeAnswer(ctx, r, q, false)
	},
	"over": func(d *Desk, ctx context.Context, r *bot.Request, q store.Question) (*bot.Reply, error) {
		return editing(d.writeAnswer(ctx, r, q, true))
	},
	"faq": (*Desk).faqOfQuestion,
	"blk": (*Desk).blockAsker,
	"end": (*Desk).closeQuestion,
}

// inbox lists the open questions that the person may answer, the oldest first.
func (d *Desk) inbox(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	open, err := d.store.OpenQuestions(ctx)
	if err != nil {
		return nil, fmt.Errorf("the inbox: %w", err)
	}
	open = slices.DeleteFunc(open, func(q store.Question) bool { return !mayAnswer(r.Person, q) })
	pages := max(1, (len(open)+inboxPage-1)/inboxPage)
	page := 0
	if r.Arg(0) == "page" {
		page = pageOf(r.Arg(1), pages)
	}
	reply := bot.Say("InboxEmpty")
	if len(open) > 0 {
		reply = bot.Say("InboxHeading", "N", len(open))
	}
	var buttons []bot.Button
	for _, q := range open[page*inboxPage : min(len(open), (page+1)*inboxPage)] {
		ago := bot.Span{Length: waited(r.Now.Sub(q.At)), Style: bot.SpanAgo}
		reply.Say("InboxLine", "N", number(q.N), "Language", bot.Raw(q.Lang), "Ago", ago, "Text", bot.Raw(clip(q.Text, glance)))
		buttons = append(buttons, bot.Press("ButtonQuestion", inbox(q.N), "N", number(q.N)))
	}
	for row := range slices.Chunk(buttons, 3) {
		reply.Row(row...)
	}
	reply.Row(pager(page, pages, func(to int) string { return bot.Data(inboxButton, "page", to) })...)
	if r.Person.Role.AtLeast(store.Organizer) {
		blocked, err := d.store.BlockedAskers(ctx)
		if err != nil {
			return nil, fmt.Errorf("the inbox: %w", err)
		}
		if n := len(blocked); n > 0 {
			reply.Button("ButtonBlocked", bot.Data(inboxButton, "blocked"), "N", number(n))
		}
	}
	return reply.Button("ButtonFaq", bot.Data(faqButton)).Row(menuButton()), nil
}

// clip cuts a text to some characters of one line.
func clip(text string, room int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= room {
		return string(runes)
	}
	return strings.TrimSpace(string(runes[:room])) + "…"
}

// pressInbox handles qb, qb:page:<n>, qb:blocked, qb:free:<person> and qb:<question>:<verb>. A question that is not there, or not
// for this person, leads to the list as it is now.
func (d *Desk) pressInbox(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	switch r.Arg(0) {
	case "blocked":
		return editing(d.blockList(ctx, r))
	case "free":
		return d.unblock(ctx, r)
	}
	n, err := strconv.Atoi(r.Arg(0))
	if err != nil {
		return editing(d.inbox(ctx, r))
	}
	q, err := d.store.Question(ctx, n)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	do, known := questionVerbs[r.Arg(1)]
	if err != nil || !known || !mayAnswer(r.Person, q) {
		reply, err := editing(d.inbox(ctx, r))
		return toasted(reply, "ToastOldList"), err
	}
	return do(d, ctx, r, q)
}

// viewQuestion shows a question in place of the list.
func (d *Desk) viewQuestion(ctx context.Context, r *bot.Request, q store.Question) (*bot.Reply, error) {
	reply, err := d.cardOf(ctx, q, r.Person)
	if err != nil {
		return nil, err
	}
	if q.State == store.QuestionOpen {
		reply.Button("ButtonCloseQuestion", inbox(q.N, "end"))
	}
	return reply.Button("ButtonInbox", inboxButton).Editing(), nil
}

// closeQuestion ends a question without an answer.
func (d *Desk) closeQuestion(ctx context.Context, r *bot.Request, q store.Question) (*bot.Reply, error) {
	if _, err := d.store.CloseQuestion(ctx, q.N); err != nil {
		return nil, fmt.Errorf("closing a question: %w", err)
	}
	reply, err := editing(d.inbox(ctx, r))
	return toasted(reply, "ToastQuestionClosed", "N", number(q.N)), err
}

// blockAsker handles qb:<n>:blk:<1|0>: no questions of who asked this one are taken any more, or they are again. What they have
// asked and waits is closed with it.
func (d *Desk) blockAsker(ctx context.Context, r *bot.Request, q store.Question) (*bot.Reply, error) {
	on := r.Arg(2) == "1"
	if !r.Person.Role.AtLeast(store.Organizer) {
		return bot.Toast("ToastOldList"), nil
	}
	if err := d.store.Block(ctx, q.From, r.Person.ID, on); err != nil {
		return nil, err
	}
	said := "ToastUnblocked"
	if on {
		said = "ToastBlocked"
		if err := d.closeAll(ctx, q.From); err != nil {
			return nil, err
		}
	}
	q, err := d.store.Question(ctx, q.N)
	if err != nil {
		return nil, err
	}
	reply, err := editing(d.cardOf(ctx, q, r.Person))
	return toasted(reply, said), err
}

// closeAll ends all questions of a person that wait.
func (d *Desk) closeAll(ctx context.Context, who store.PersonID) error {
	all, err := d.store.QuestionsOf(ctx, who)
	if err != nil {
		return err
	}
	for _, q := range all {
		if q.State != store.QuestionOpen {
			continue
		}
		if _, err := d.store.CloseQuestion(ctx, q.N); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

// blockList shows whose questions are not taken. They are told by their last question: no name is kept of them.
func (d *Desk) blockList(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	if !r.Person.Role.AtLeast(store.Organizer) {
		return d.inbox(ctx, r)
	}
	all, err := d.store.BlockedAskers(ctx)
	if err != nil {
		return nil, fmt.Errorf("the block list: %w", err)
	}
	if len(all) == 0 {
		return d.inbox(ctx, r)
	}
	reply := bot.Say("BlockedHeading", "N", len(all))
	for _, b := range all[:min(len(all), blockedRoom)] {
		by, err := d.colleague(ctx, b.By)
		if err != nil {
			return nil, err
		}
		reply.Line("BlockedLine", "N", number(b.Last), "Who", by, "At", bot.At{Time: b.At, Style: bot.AtDate})
		reply.Button("ButtonUnblockOf", bot.Data(inboxButton, "free", personArg(b.Person)), "N", number(b.Last))
	}
	return reply.Button("ButtonInbox", inboxButton), nil
}

// unblock handles qb:free:<person>.
func (d *Desk) unblock(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	id, err := strconv.ParseInt(r.Arg(1), 10, 64)
	if err == nil && r.Person.Role.AtLeast(store.Organizer) {
		if err := d.store.Block(ctx, store.PersonID(id), r.Person.ID, false); err != nil {
			return nil, err
		}
	}
	reply, err := editing(d.blockList(ctx, r))
	return toasted(reply, "ToastUnblocked"), err
}
