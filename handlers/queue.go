package handlers

import (
	"context"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"recbot/bot"
	"recbot/store"
)

// /queue and qe: the announcements that are planned or on their way, of all organizers, and behind them what one has not finished.
var _ = command(spec{Name: "queue", For: store.Organizer, Order: 150, Buttons: []string{"qe"}, Run: (*Desk).queue, Press: (*Desk).pressQueue})

// fromQueue stands in the buttons of the list: what they show has a way back to it.
const fromQueue = "q"

// queuePage is how many announcements stand on a page of the list. Names of bodies can be long, and eight to each of several bodies
// stay below the 4096 characters of a message.
const queuePage = 8

// queueStart is how many characters of an announcement stand in the list.
const queueStart = 60

// queue lists what is planned or on its way, what leaves first at the head, then the reader's own drafts that have a text.
func (d *Desk) queue(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	all, err := d.store.Drafts(ctx)
	if err != nil {
		return nil, err
	}
	var open, unfinished []store.Draft
	for _, draft := range all {
		switch {
		case draft.State == store.DraftSending, draft.State == store.DraftAsking:
			open = append(open, draft)
		case draft.State == store.DraftComposing && draft.By == r.Person.ID && len(draft.Texts) > 0:
			unfinished = append(unfinished, draft)
		}
	}
	open = append(open, unfinished...)
	if len(open) == 0 {
		return bot.Say("QueueNone").Row(menuButton()), nil
	}
	pages := (len(open) + queuePage - 1) / queuePage
	page := pageOf(r.Arg(0), pages)
	first := page * queuePage
	reply := bot.Say("QueueHeading")
	var buttons []bot.Button
	for i, draft := range open[first:min(first+queuePage, len(open))] {
		part, button, err := d.queued(ctx, draft, strconv.Itoa(first+i+1))
		if err != nil {
			return nil, err
		}
		reply.Parts, buttons = append(reply.Parts, part), append(buttons, button)
	}
	for row := range slices.Chunk(buttons, 3) {
		reply.Row(row...)
	}
	return reply.Row(pager(page, pages, func(to int) string { return bot.Data("qe", to) })...).Row(menuButton()), nil
}

// queued is an announcement in the list, and the button that shows it. The number is that in the whole list, so that two people
// who look at different pages mean the same one by it.
func (d *Desk) queued(ctx context.Context, draft store.Draft, no string) (bot.Part, bot.Button, error) {
	names, err := d.audienceNames(ctx, draft)
	key := "QueueItem"
	switch {
	case draft.State == store.DraftAsking:
		key = "QueueItemAsked"
	case draft.State == store.DraftComposing && !chosen(draft):
		key = "QueueItemNobody"
	case draft.State == store.DraftComposing:
		key = "QueueItemDraft"
	}
	return bot.NewPart(key, "No", no, "At", bot.At{Time: draft.Due, Style: bot.AtFull}, "To", names, "Text", beginning(draft)),
		bot.Press("ButtonQueueItem", an(draft, "state", fromQueue), "No", no), err
}

// pressQueue handles qe and qe:<page>.
func (d *Desk) pressQueue(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	return editing(d.queue(ctx, r))
}

var tag = regexp.MustCompile(`<[^>]*>`)

// beginning is how an announcement begins, in each of its languages, to recognise it by.
func beginning(draft store.Draft) store.Text {
	starts := make(store.Text, len(draft.Texts))
	for lang, text := range draft.Texts {
		words := []rune(strings.Join(strings.Fields(html.UnescapeString(tag.ReplaceAllString(text, ""))), " "))
		if len(words) > queueStart {
			words = append(words[:queueStart], '…')
		}
		starts[lang] = string(words)
	}
	return starts
}
