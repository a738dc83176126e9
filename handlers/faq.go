package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"recbot/bot"
	"recbot/store"
)

// /faq and fq: what the organizers have answered, and the answer to a question that means the same as one of those.
var _ = command(spec{
	Name: "faq", Order: 92, Buttons: []string{faqButton}, Intents: []string{"faq"}, Run: (*Desk).faq, Press: (*Desk).pressFaq,
})

const (
	faqButton = "fq"
	faqPage   = 8 // entries on a page
)

// faq lists the entries that the person may see, or answers the question that was understood as one of them.
func (d *Desk) faq(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	if r.Ask.Entry == "" {
		return d.faqList(ctx, r, 0)
	}
	f, err := d.entry(ctx, r.Ask.Entry, r.Person)
	// It may have been removed, or closed to this person, since the names were made of which the question was understood.
	if errors.Is(err, store.ErrNotFound) {
		reply := bot.Say("FaqGone")
		reply.Lacks = true
		return d.offerAsking(r, reply), nil
	}
	if err != nil {
		return nil, err
	}
	reply := d.showEntry(f, r.Person)
	// What was asked may be another thing after all.
	return d.offerAsking(r, reply), nil
}

// entries lists the answered questions of catalogue, meetings and store that a person may see.
func (d *Desk) entries(ctx context.Context, p store.Person) ([]store.FAQ, error) {
	all, err := d.store.VisibleEntries(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("answered questions: %w", err)
	}
	for _, f := range d.council.FAQ {
		if f.VisibleTo(p) && !slices.ContainsFunc(all, func(other store.FAQ) bool { return other.ID == f.ID }) {
			all = append(all, f)
		}
	}
	return all, nil
}

// entry gives one of them, else [store.ErrNotFound].
func (d *Desk) entry(ctx context.Context, id string, p store.Person) (store.FAQ, error) {
	all, err := d.entries(ctx, p)
	if err != nil {
		return store.FAQ{}, err
	}
	i := slices.IndexFunc(all, func(f store.FAQ) bool { return f.ID == id })
	if i < 0 {
		return store.FAQ{}, fmt.Errorf("entry %q: %w", id, store.ErrNotFound)
	}
	return all[i], nil
}

// EntriesOn lists the answered questions on a topic (registration, visa, meals ...) that a person may see: those of the meeting
// first, then those of no meeting. Of other meetings none is an answer.
func (d *Desk) EntriesOn(ctx context.Context, p store.Person, topic string, meeting store.MeetingID) ([]store.FAQ, error) {
	all, err := d.entries(ctx, p)
	if err != nil {
		return nil, err
	}
	var own, general []store.FAQ
	for _, f := range all {
		switch {
		case f.Topic != topic:
		case f.Meeting == "":
			general = append(general, f)
		case f.Meeting == meeting:
			own = append(own, f)
		}
	}
	return append(own, general...), nil
}

// faqList shows a page of the entries, each with a button that shows its answer.
func (d *Desk) faqList(ctx context.Context, r *bot.Request, at int) (*bot.Reply, error) {
	all, err := d.entries(ctx, r.Person)
	if err != nil {
		return nil, err
	}
	organizer := r.Person.Role.AtLeast(store.Organizer)
	if len(all) == 0 {
		reply := bot.Say("FaqEmpty")
		if organizer {
			reply.Say("FaqEmptyHow").Button("ButtonInbox", inboxButton)
		}
		return reply.Button("ButtonAsk", askButton).Row(menuButton()), nil
	}
	pages := (len(all) + faqPage - 1) / faqPage
	at = max(0, min(at, pages-1))
	reply := bot.Say("FaqHeading")
	var buttons []bot.Button
	for i := at * faqPage; i < min(len(all), (at+1)*faqPage); i++ {
		no := bot.Raw(strconv.Itoa(i + 1))
		reply.Line("FaqLine", "N", no, "Question", all[i].Question)
		buttons = append(buttons, bot.Press("ButtonFaqEntry", bot.Data(faqButton, "e", all[i].ID), "N", no))
	}
	for row := range slices.Chunk(buttons, 4) {
		reply.Row(row...)
	}
	reply.Row(pager(at, pages, func(to int) string { return bot.Data(faqButton, "p", to) })...)
	if organizer {
		reply.Button("ButtonInbox", inboxButton)
	}
	return reply.Button("ButtonAsk", askButton).Row(menuButton()), nil
}

// pressFaq handles fq, fq:p:<page> and fq:e:<entry>. An entry that there is not, or not for this person, leads to the list.
func (d *Desk) pressFaq(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	if r.Arg(0) != "e" {
		page, _ := strconv.Atoi(r.Arg(1)) // what is no number is the first page
		return editing(d.faqList(ctx, r, page))
	}
	f, err := d.entry(ctx, r.Arg(1), r.Person)
	if errors.Is(err, store.ErrNotFound) {
		reply, err := editing(d.faqList(ctx, r, 0))
		return toasted(reply, "ToastOldList"), err
	}
	if err != nil {
		return nil, err
	}
	return d.showEntry(f, r.Person).Button("ButtonAsk", askButton).Button("ButtonFaqBack", faqButton).Editing(), nil
}

// showEntry shows an entry: the question as a heading, the answer, and who says so. Organizers may change what was made in chat.
func (d *Desk) showEntry(f store.FAQ, p store.Person) *bot.Reply {
	reply := bot.Say("FaqQuestion", "Question", f.Question).Say("FaqAnswer", "Text", entryText(f))
	sayWho(reply, f)
	if f.Rev != 0 && p.Role.AtLeast(store.Organizer) {
		reply.Button("ButtonFaqEdit", entryData(f.ID))
	}
	return reply
}

// sayWho says that an answer is the organizers', and since when, if that is known.
func sayWho(reply *bot.Reply, f store.FAQ) {
	if f.At.IsZero() {
		reply.Line("FaqSaid")
	} else {
		reply.Line("FaqSaidOn", "At", bot.At{Time: f.At, Style: bot.AtDate})
	}
}

// entryText is the answer of an entry as a value: formatted or plain.
func entryText(f store.FAQ) any {
	if f.Formatted {
		return bot.HTML(f.Answer)
	}
	return f.Answer
}
