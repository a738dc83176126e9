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

// /queue and qe: the announcements that are planned or on their way, of all organizers.
var _ = command(spec{Name: "queue", For: store.Organizer, Order: 150, Buttons: []string{"qe"}, Run: (*Desk).queue, Press: (*Desk).pressQueue})

// fromQueue stands in the buttons of the list: what they show has a way back to it.
const fromQueue = "q"

// queueStart is how many characters of an announcement stand in the list.
const queueStart = 60

// queue lists what is planned or on its way, what leaves first at the head.
func (d *Desk) queue(ctx context.Context, _ *bot.Request) (*bot.Reply, error) {
	all, err := d.store.Drafts(ctx)
	if err != nil {
		return nil, err
	}
	open := slices.DeleteFunc(all, func(draft store.Draft) bool {
		return draft.State != store.DraftSending && draft.State != store.DraftAsking
	})
	if len(open) == 0 {
		return bot.Say("QueueNone").Row(menuButton()), nil
	}
	reply := bot.Say("QueueHeading")
	for i, draft := range open {
		names, err := d.audienceNames(ctx, draft)
		if err != nil {
			return nil, err
		}
		key := "QueueItem"
		if draft.State == store.DraftAsking {
			key = "QueueItemAsked"
		}
		reply.Parts = append(reply.Parts, bot.NewPart(key, "No", strconv.Itoa(i+1), "At", bot.At{Time: draft.Due, Style: bot.AtFull},
			"To", names, "Text", beginning(draft)))
		reply.Button("ButtonQueueItem", an(draft, "state", fromQueue), "No", strconv.Itoa(i+1))
	}
	return reply.Row(menuButton()), nil
}

// pressQueue handles qe.
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
