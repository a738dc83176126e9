package handlers

import (
	"context"
	"errors"
	"fmt"

	"recbot/bot"
	"recbot/store"
)

// Answers to questions. What was asked for comes first, in a sentence or two; then where it is from; then the buttons of
// what one may want next. A question about one thing gets that thing and not the whole card. What is not known is said to
// be so, beside what is known of it, and nothing is filled in.

// telling answers a question about one meeting.
type telling func(d *Desk, r *bot.Request, m store.Meeting) *bot.Reply

// onMeeting makes an action of an answer about one meeting: the one that the question is about, or the next one.
func onMeeting(tell telling) action {
	return func(d *Desk, ctx context.Context, r *bot.Request) (*bot.Reply, error) {
		m, reply, err := d.askedOne(ctx, r)
		if err != nil || reply != nil {
			return reply, err
		}
		return tell(d, r, m), nil
	}
}

// askedOne finds the meeting that a question is about. Where there is none, or more than one, reply says that instead.
func (d *Desk) askedOne(ctx context.Context, r *bot.Request) (m store.Meeting, reply *bot.Reply, err error) {
	if id := r.Ask.Meeting; id != "" {
		m, err = d.store.Meeting(ctx, id, r.Person)
		if errors.Is(err, store.ErrNotFound) {
			return m, declined(meetingNone()), nil
		}
		if err != nil {
			return m, nil, fmt.Errorf("meeting %q of a question: %w", id, err)
		}
		return d.orTied(ctx, r, m)
	}
	found, err := d.candidates(ctx, r)
	switch {
	case err != nil:
		return m, nil, err
	case len(found) > 1:
		return m, d.whichAsked(r.Ask, found), nil
	case len(found) == 1:
		return found[0], nil, nil
	}
	reply, err = d.noneAsked(ctx, r)
	return m, reply, err
}

// orTied asks which meeting is meant where the text names none and another one begins together with the next.
func (d *Desk) orTied(ctx context.Context, r *bot.Request, next store.Meeting) (store.Meeting, *bot.Reply, error) {
	if r.Ask.Named || !next.Upcoming(r.Now) {
		return next, nil, nil
	}
	all, err := d.store.VisibleMeetings(ctx, r.Person)
	if err != nil {
		return next, nil, fmt.Errorf("meetings beside %q: %w", next.ID, err)
	}
	tied := keep(all, func(m store.Meeting) bool { return m.Upcoming(r.Now) && m.Start().Equal(next.Start()) })
	if len(tied) > 1 {
		return next, d.whichAsked(r.Ask, tied), nil
	}
	return next, nil, nil
}

// noneAsked says that nothing lies ahead to which the question could belong. That answers when and where the next meeting
// is; what else was asked of it remains open.
func (d *Desk) noneAsked(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	reply, err := d.noCandidate(ctx, r)
	if err != nil {
		return nil, err
	}
	switch r.Ask.Intent {
	case "meeting_documents", "meeting_join", "meeting_practical", "meeting_outcome":
		return d.unpublished(r, reply), nil
	}
	return reply, nil
}

// ways adds the buttons under an answer about a meeting: to be told of it, its agenda, its card.
func (d *Desk) ways(reply *bot.Reply, r *bot.Request, m store.Meeting) *bot.Reply {
	tellRows(reply, r, m)
	var row []bot.Button
	if len(m.Agenda) > 0 && r.Ask.Intent != "meeting_agenda" {
		row = append(row, bot.Press("ButtonAgenda", bot.Data("ag", m.ID, 0)))
	}
	return reply.Row(append(row, bot.Press("ButtonCard", bot.Data("mc", m.ID)))...)
}

// enough is how many sources a date, a place or an office is given with. The card names all of them; an answer is to be
// read at a glance.
const enough = 1

// brief marks a fact of a meeting with some of its sources, and gives those, for [citations.list]: announcements come first
// while it lies ahead, afterwards reports.
func (c *citations) brief(r *bot.Request, m store.Meeting) (marks bot.Raw, named []string) {
	first := "announcement"
	if m.Over(r.Now) {
		first = reportKind
	}
	var others []string
	for _, id := range m.Sources {
		switch s, known := c.known.Source(id); {
		case known && s.Kind == first:
			named = append(named, id)
		case known:
			others = append(others, id)
		}
	}
	named = append(named, others...)
	named = named[:min(enough, len(named))]
	return c.mark(named), named
}

// reportKind is the kind of a source that tells of a meeting after it was held.
const reportKind = "report"

// reported tells whether somebody told of a meeting after it was held. Else nobody knows that it was.
func (d *Desk) reported(m store.Meeting) bool {
	if m.Announced {
		return false
	}
	for _, id := range m.Sources {
		if s, ok := d.council.Source(id); ok && s.Kind == reportKind {
			return true
		}
	}
	return false
}

// tenses are the ways to say one thing of a meeting: before it and after it, each as known or as announced only.
type tenses struct{ will, announced, was, wasAnnounced string }

// tense chooses the key that is true at the time of a request. That something was so is said only where somebody reported
// it.
func (d *Desk) tense(r *bot.Request, m store.Meeting, keys tenses) string {
	switch over := m.Over(r.Now); {
	case over && d.reported(m):
		return keys.was
	case over:
		return keys.wasAnnounced
	case m.Announced:
		return keys.announced
	}
	return keys.will
}

// disputesOf tells the two versions of those facts of a meeting for which yes holds.
func (d *Desk) disputesOf(cites *citations, m store.Meeting, yes func(store.Dispute) bool) []block {
	own := m
	own.Disputed = nil
	for _, dispute := range m.Disputed {
		if yes(dispute) {
			own.Disputed = append(own.Disputed, dispute)
		}
	}
	return d.disputes(cites, own)
}

// What a dispute is about stands in its id, behind the meeting's: rec-2-place.
const (
	aboutPlace = "-place"
	aboutDate  = "-date"
)

// about tells whether a dispute is about the date, or the place, of the meeting itself.
func about(m store.Meeting, what string) func(store.Dispute) bool {
	return func(d store.Dispute) bool { return d.ID == string(m.ID)+what }
}

// bodyTitle names a body in full, or the Council.
func (d *Desk) bodyTitle(id string) (name store.Text, ok bool) {
	if id == string(store.TopicCouncil) {
		return d.council.Council.ShortName, true
	}
	b, ok := d.council.Body(id)
	return b.Name, ok
}
