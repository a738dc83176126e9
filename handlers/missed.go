package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"recbot/bot"
	"recbot/store"
)

// mi: what was told to everybody else while somebody could not be reached.
var _ = command(spec{Buttons: []string{"mi"}, Press: (*Desk).showMissed})

// mostMissed is how many messages one press brings. Who was away for long finds the rest in the list of meetings.
const mostMissed = 8

// sayMissed adds to a reply how much the person missed, with a button that shows it; nothing when they missed nothing.
func (d *Desk) sayMissed(ctx context.Context, r *bot.Request, reply *bot.Reply) error {
	if r.Away.IsZero() {
		return nil
	}
	notices, err := d.missed(ctx, r, r.Away)
	if err != nil || len(notices) == 0 {
		return err
	}
	var counts []bot.Value
	for _, kind := range []struct {
		of  store.JobKind
		key string
	}{{store.JobAnswer, "CountAnswers"}, {store.JobWish, "CountAgendas"}, {store.JobChange, "CountChanges"}, {store.JobNew, "CountNewMeetings"}, {store.JobAnnounce, "CountAnnouncements"}} {
		n := 0
		for _, notice := range notices {
			if notice.kind == kind.of {
				n++
			}
		}
		if n > 0 {
			counts = append(counts, bot.V(bot.Count{N: n, Of: kind.key}))
		}
	}
	reply.Say("Missed", "What", counts)
	reply.Button("ButtonShowMissed", bot.Data("mi", strconv.FormatInt(r.Away.Unix(), 10)))
	return nil
}

// showMissed handles mi:<since, unix>: each notice as it would be told now, as a message of its own.
func (d *Desk) showMissed(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	since, err := strconv.ParseInt(r.Arg(0), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("button of what was missed: %w", err)
	}
	notices, err := d.missed(ctx, r, time.Unix(since, 0))
	if err != nil {
		return nil, err
	}
	if len(notices) == 0 {
		return bot.Say("MissedNothing").Row(menuButton()), nil
	}
	var rest *bot.Reply
	if len(notices) > mostMissed {
		rest = bot.Say("MissedMore", "N", len(notices)-mostMissed).Row(bot.Press("ButtonMeetings", bot.Data("mt")))
		notices = notices[:mostMissed]
	}
	for _, n := range slices.Backward(notices) {
		rest = n.reply.Then(rest)
		if n.kind != store.JobAnswer {
			continue
		}
		if err := d.store.NoteRetold(ctx, n.question, n.answer, r.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
	}
	return rest, nil
}

// notice is a piece of news as it is told now.
type notice struct {
	kind  store.JobKind
	reply *bot.Reply
	// Of an answer: to which question, and which of its answers.
	question, answer int
}

// missed gives what the person would have been told since an instant, as it stands now: the net change of each meeting,
// or that it is new, and announcements; before them the answers to their own questions and the agendas they asked to be told of. What is over by now, as it was,
// or taken back is left out, and so is what they may not see.
func (d *Desk) missed(ctx context.Context, r *bot.Request, since time.Time) (notices []notice, err error) {
	news, err := d.store.Missed(ctx, r.Person, since)
	if err != nil {
		return nil, err
	}
	if notices, err = d.missedAnswers(ctx, r); err != nil {
		return nil, err
	}
	wished, err := d.missedWishes(ctx, r)
	if err != nil {
		return nil, err
	}
	notices = append(notices, wished...)
	done := map[store.MeetingID]bool{}
	for _, n := range news {
		tell := d.meetingNews
		if n.Kind == store.JobAnnounce {
			tell = d.pastAnnouncement
		} else if done[n.Meeting] { // the first word on a meeting says what it was before all the others
			continue
		}
		done[n.Meeting] = done[n.Meeting] || n.Kind != store.JobAnnounce
		reply, err := tell(ctx, n, r)
		if err != nil {
			return nil, fmt.Errorf("telling job %q afterwards: %w", n.Job, err)
		}
		if reply != nil {
			reply.Silent = false // somebody is looking
			notices = append(notices, notice{kind: n.Kind, reply: reply})
		}
	}
	return notices, nil
}

// missedWishes gives the agendas that were published while somebody who waits for them was away. A wish stands in the record until
// its letter was sent, so what has an agenda by now and still stands there was not told. It stays: to look at it here is no proof
// of having read it, and who goes away once more before the meeting is told once more.
func (d *Desk) missedWishes(ctx context.Context, r *bot.Request) (notices []notice, err error) {
	for _, id := range r.Person.Wished {
		m, err := d.store.Meeting(ctx, id, r.Person)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("agendas missed by person %d: %w", r.Person.ID, err)
		}
		if reply, _ := d.wishMet(m, r.Person); reply != nil {
			reply.Silent = false // somebody is looking
			notices = append(notices, notice{kind: store.JobWish, reply: reply})
		}
	}
	return notices, nil
}

// meetingNews tells a person a piece of news of a meeting; nil when it is over, or not theirs to see.
func (d *Desk) meetingNews(ctx context.Context, n store.News, r *bot.Request) (*bot.Reply, error) {
	m, err := d.store.Meeting(ctx, n.Meeting, r.Person)
	if errors.Is(err, store.ErrNotFound) || err == nil && m.Over(r.Now) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return d.news(n, m, r.Person)
}

// news tells a person a piece of news; nil when there is nothing to tell any more.
func (d *Desk) news(n store.News, m store.Meeting, p store.Person) (*bot.Reply, error) {
	job := store.Job{ID: n.Job, Kind: n.Kind, Meeting: n.Meeting, Audience: n.Audience, Content: n.Content}
	if n.Kind == store.JobNew {
		reply, _ := d.published(job, m, p)
		return reply, nil
	}
	reply, _, err := d.change(job, m, p)
	return reply, err
}

// pastAnnouncement shows an announcement as it reads since its last correction; nil when it was stopped or recalled, or is
// older than announcements are kept.
func (d *Desk) pastAnnouncement(ctx context.Context, n store.News, r *bot.Request) (*bot.Reply, error) {
	if n.Meeting != "" {
		if _, err := d.store.Meeting(ctx, n.Meeting, r.Person); errors.Is(err, store.ErrNotFound) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
	}
	for _, id := range append(slices.Clone(n.Later), n.Job) {
		job := store.Job{ID: id, Kind: n.Kind, Meeting: n.Meeting, Audience: n.Audience}
		draft, err := d.store.Draft(ctx, job.Draft())
		switch {
		case errors.Is(err, store.ErrNotFound):
			continue
		case err != nil:
			return nil, err
		case draft.State != store.DraftSending && draft.State != store.DraftDone:
			continue // taken back: what it was to replace stands
		case draft.Recall:
			return nil, nil
		}
		if job.Content, err = json.Marshal(contentOf(draft)); err != nil {
			return nil, err
		}
		reply, _, err := d.announcement(ctx, job, r.Person)
		return reply, err
	}
	return nil, nil
}
