package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"recbot/bot"
	"recbot/store"
)

// replyLives is how long an answer that could not be sent is worth sending.
const replyLives = 24 * time.Hour

// send sends a reply and what follows it. Nil answers the pressed button, if there was one, and says nothing.
func (d *Dispatcher) send(ctx context.Context, t *turn, r *bot.Request, reply *bot.Reply) outcome {
	if reply == nil {
		d.answerQuery(ctx, t, "")
		return marked
	}
	d.refresh(ctx, r, reply)
	// The button's word comes before the message: Telegram shows its waiting until then.
	reply = d.toast(ctx, t, r, reply)
	for part := reply; part != nil; part = part.Follow {
		receipt, err := d.sendOne(ctx, t, r, part, part == reply)
		d.learn(ctx, r, receipt)
		switch {
		case err != nil:
			return d.sorry(ctx, t, r, err)
		case receipt.Fate == bot.FateLater && ctx.Err() != nil, receipt.Fate == bot.FateUnauthorized:
			return refused // the bot is ending: Telegram keeps the update for the next one
		case receipt.Fate == bot.FateLater:
			d.keepReply(ctx, r, part, receipt.After)
			return marked
		case receipt.Fate == bot.FateRejected:
			return d.sorry(ctx, t, r, fmt.Errorf("telegram refused the letter: %s", receipt.Reason))
		case receipt.Fate == bot.FateGone:
			d.lost(ctx, r, receipt.Reason)
			return marked
		}
		d.setMenu(ctx, t, r, part)
	}
	return marked
}

// refresh reads the person again where the reply says that language or role changed.
func (d *Dispatcher) refresh(ctx context.Context, r *bot.Request, reply *bot.Reply) {
	for part := reply; part != nil; part = part.Follow {
		if !part.Menu {
			continue
		}
		if p, err := d.o.Store.Person(ctx, r.From); err == nil {
			r.Person = p
			d.known.put(r.Chat, p)
		}
		return
	}
}

// toast answers the pressed button's query with the reply's toast, or without a word. A toast that comes too late, or
// without a button, is said as a message if the reply has nothing else to say.
func (d *Dispatcher) toast(ctx context.Context, t *turn, r *bot.Request, reply *bot.Reply) *bot.Reply {
	text := ""
	if reply.Toast != nil {
		var err error
		if text, err = d.o.Toast(*reply.Toast, r.Person, r.Now); err != nil {
			d.o.Log.Error("a toast cannot be rendered", "update", r.ID, "err", err)
		}
	}
	if d.answerQuery(ctx, t, text) || text == "" || len(reply.Parts) > 0 {
		return reply
	}
	spoken := *reply
	spoken.Parts = []bot.Part{*reply.Toast}
	spoken.Edit = false
	return &spoken
}

// answerQuery answers the query of a pressed button, once. It tells whether this text was the answer.
func (d *Dispatcher) answerQuery(ctx context.Context, t *turn, text string) bool {
	defer d.recovered("answering a button", t)
	if t.u.Query == "" || t.asked.Swap(true) {
		return false
	}
	d.o.Send(ctx, &bot.Letter{Chat: t.u.Chat, Kind: bot.LetterToast, Query: t.u.Query, Text: text, Class: store.ClassReply})
	return true // one that did not arrive is not worth a word: the button only stops waiting later
}

// sendOne renders and sends one message of a reply.
func (d *Dispatcher) sendOne(ctx context.Context, t *turn, r *bot.Request, reply *bot.Reply, first bool) (bot.Receipt, error) {
	letter, err := d.o.Render(reply, r.Person, r.Now)
	if err != nil || letter == nil {
		return bot.Receipt{Fate: bot.FateSent}, err
	}
	letter.Chat, letter.Class, letter.Kind = r.Chat, store.ClassReply, bot.LetterSend
	live, err := d.live(ctx, r, reply)
	if err != nil {
		return bot.Receipt{}, err
	}
	letter.Target = live
	// The message whose button was pressed is the one that is looked at: it goes on as the live one, wherever that stood.
	if first && reply.Edit && r.Kind == bot.UpdateButton {
		letter.Target = r.Message
	}
	if letter.Target != 0 {
		letter.Kind = bot.LetterEdit
	}
	receipt := d.deliver(ctx, t, letter)
	// An edit of a message that is gone was sent as a new one, which is the live one from now on.
	if reply.Live != "" && receipt.Fate == bot.FateSent && receipt.Message != live {
		if err := d.o.Store.SaveLive(ctx, r.Chat, reply.Live, receipt.Message); err != nil {
			d.o.Log.Warn("a live message is not remembered", "chat", r.Chat, "err", err)
		}
	}
	if reply.Passing && d.o.Last != nil && receipt.Fate == bot.FateSent {
		return d.lastWord(ctx, t, r, reply.Live, receipt)
	}
	return receipt, nil
}

// lastWord says how work ended that was under way when the letter of a receipt was written. The end is stored before it is told:
// if it is not in the store now, its letter is still to come and will stand in the place of this one; if it is, its letter may have
// come first and would be lost.
func (d *Dispatcher) lastWord(ctx context.Context, t *turn, r *bot.Request, live string, sent bot.Receipt) (bot.Receipt, error) {
	last, err := d.o.Last(ctx, live)
	if err != nil {
		d.o.Log.Warn("whether work is over cannot be told", "chat", r.Chat, "err", err)
		return sent, nil
	}
	if last == nil {
		return sent, nil
	}
	said := *last
	said.Passing = false // and it cannot be asked for again without end
	return d.sendOne(ctx, t, r, &said, false)
}

// live is the message that the reply's live name stands for; 0 = none.
func (d *Dispatcher) live(ctx context.Context, r *bot.Request, reply *bot.Reply) (int, error) {
	if reply.Live == "" {
		return 0, nil
	}
	return d.o.Store.Live(ctx, r.Chat, reply.Live)
}

// Tell says something to a person that is no answer, such as how their work goes on; a live reply replaces the message of
// its name. It is tried for some seconds and not kept: what must arrive is a job.
func (d *Dispatcher) Tell(ctx context.Context, to store.PersonID, reply *bot.Reply) error {
	p, err := d.o.Store.Person(ctx, to)
	if err != nil {
		return fmt.Errorf("telling a person: %w", err)
	}
	r := &bot.Request{Update: bot.Update{Chat: store.ChatID(to), From: to, Private: true}, Person: p, Now: d.o.Now()}
	receipt, err := d.sendOne(ctx, newTurn(&r.Update, nil), r, reply, true)
	if err == nil && receipt.Fate != bot.FateSent {
		err = fmt.Errorf("it is %s: %s", receipt.Fate, receipt.Reason)
	}
	if err != nil {
		return fmt.Errorf("telling a person: %w", err)
	}
	return nil
}

// deliver hands a letter to the outbox, which tries until it is too late for this turn. A letter that may have arrived is
// sent once more: a person waits for it.
func (d *Dispatcher) deliver(ctx context.Context, t *turn, letter *bot.Letter) bot.Receipt {
	receipt := d.try(ctx, t, letter)
	if receipt.Fate == bot.FateUnknown && ctx.Err() == nil {
		receipt = d.try(ctx, t, letter)
		if receipt.MayHaveArrived() {
			d.o.Metrics.Resent(store.ClassReply)
		}
	}
	return receipt
}

func (d *Dispatcher) try(ctx context.Context, t *turn, letter *bot.Letter) bot.Receipt {
	// A handler may have used up the patience; its reply still gets a moment, or every slow one would end as a job.
	patience := t.patience
	if least := time.Now().Add(leastPatience); patience.Before(least) {
		patience = least
	}
	ctx, cancel := context.WithDeadline(ctx, patience)
	defer cancel()
	return d.o.Send(ctx, letter)
}

// lost notes that a person cannot be reached any more, so that nothing is written to them until they return.
func (d *Dispatcher) lost(ctx context.Context, r *bot.Request, reason string) {
	if !r.Private {
		return
	}
	if err := d.o.Store.PersonGone(ctx, r.From, reason); err != nil {
		d.o.Log.Warn("a dead chat is not remembered", "chat", r.Chat, "err", err)
	}
}

// keepReply writes a reply that could not be sent in time to the store, as a job for the chat. What it was to edit may be
// far up by then: it becomes a message of its own.
func (d *Dispatcher) keepReply(ctx context.Context, r *bot.Request, reply *bot.Reply, after time.Duration) {
	if !r.Private {
		return // a link to the private chat; whoever wants it asks again
	}
	content, err := json.Marshal(later(reply, r.Person.Language))
	if err == nil {
		now := d.o.Now()
		err = d.o.Store.OpenJob(ctx, store.Job{
			ID: store.ReplyID(r.ID), Kind: store.JobReply, Audience: store.Audience{Person: store.PersonID(r.Chat)},
			Content: content, Opened: now, Due: now.Add(after), Deadline: now.Add(replyLives),
		})
	}
	if err != nil {
		d.o.Log.Error("a reply could be neither sent nor kept", "chat", r.Chat, "update", r.ID, "err", err)
	}
}

// later is a reply as it is said later, with what follows it: as a message of its own, and in the language of now, for the
// answer to /forget has nobody's record to go by.
func later(reply *bot.Reply, lang store.Lang) *bot.Reply {
	first := *reply
	first.Edit, first.Toast = false, nil
	for next := &first; ; next = next.Follow {
		if next.Lang == "" {
			next.Lang = lang
		}
		if next.Follow == nil {
			return &first
		}
		follow := *next.Follow
		next.Follow = &follow
	}
}

// setMenu sets the chat's commands anew. It is not worth a second try: the next change of language or role does it again.
func (d *Dispatcher) setMenu(ctx context.Context, t *turn, r *bot.Request, reply *bot.Reply) {
	if !reply.Menu || !r.Private {
		return
	}
	receipt := d.deliver(ctx, t, &bot.Letter{Chat: r.Chat, Kind: bot.LetterMenu, Menu: d.o.Menu(r.Person), Class: store.ClassReply})
	if receipt.Fate != bot.FateSent {
		d.o.Log.Warn("a chat's menu is not set", "chat", r.Chat, "err", receipt.Reason)
	}
}

// sorry says that a reply could not be said.
func (d *Dispatcher) sorry(ctx context.Context, t *turn, r *bot.Request, err error) outcome {
	if ctx.Err() != nil {
		return refused
	}
	d.sayAside(ctx, t, d.apologize(r, err))
	return marked
}

// sayAside says something that is not the answer: if it fails, it is only logged.
func (d *Dispatcher) sayAside(ctx context.Context, t *turn, reply *bot.Reply) {
	letter, err := d.o.Render(reply, d.stranger(t.u), d.o.Now())
	if err != nil {
		d.o.Log.Error("a message cannot be rendered", "chat", t.u.Chat, "update", t.u.ID, "err", err)
		return
	}
	letter.Chat, letter.Class, letter.Kind = t.u.Chat, store.ClassReply, bot.LetterSend
	if receipt := d.try(ctx, t, letter); receipt.Fate != bot.FateSent {
		d.o.Log.Warn("a message did not arrive", "chat", t.u.Chat, "update", t.u.ID, "err", receipt.Reason)
	}
}
