package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"recbot/bot"
	"recbot/store"
)

// draftOf gives the draft of an announcement's job, of its present round.
func (d *Desk) draftOf(ctx context.Context, job store.Job) (draft store.Draft, found bool, err error) {
	draft, err = d.store.Draft(ctx, job.Draft())
	if errors.Is(err, store.ErrNotFound) {
		return draft, false, nil
	}
	return draft, err == nil && store.AnnounceID(draft.ID, draft.Round) == job.ID, err
}

// Begin is asked before an announcement leaves: one that was taken back, whose author may not announce any more, or that would
// correct what was recalled, does not. Other jobs may go, and so may one that is over already and was cut off between its report
// and its end: nobody is left whom it could reach, and all that its walk does is to end it.
func (d *Desk) Begin(ctx context.Context, job store.Job) error {
	if job.Kind != store.JobAnnounce {
		return nil
	}
	draft, found, err := d.draftOf(ctx, job)
	if err != nil {
		return fmt.Errorf("beginning job %q: %w", job.ID, err)
	}
	if found && draft.State == store.DraftDone {
		return nil
	}
	if found && draft.State == store.DraftSending && draft.Turn == job.Turn {
		why, err := d.barred(ctx, draft)
		if err != nil {
			return fmt.Errorf("beginning job %q: %w", job.ID, err)
		}
		if why == "" {
			return nil
		}
		// The author first: once it is stopped nobody comes by here again to tell.
		err = d.tellRefused(ctx, draft, why)
		if err == nil {
			_, err = d.store.ChangeDraft(ctx, draft.ID, func(draft *store.Draft) error {
				if draft.State != store.DraftSending || draft.Turn != job.Turn {
					return errState
				}
				draft.State = store.DraftStopped
				return nil
			})
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, errState) {
			return fmt.Errorf("beginning job %q: %w", job.ID, err)
		}
	}
	return d.store.WithdrawTurn(ctx, job.ID, job.Turn)
}

// tellRefused tells the author of a draft why it does not leave. When they are no organizer any more, the others are told as well:
// they count on it.
func (d *Desk) tellRefused(ctx context.Context, draft store.Draft, why string) error {
	step := fmt.Sprintf("refused:%d", draft.Turn)
	if why == "AnnounceRefused" {
		others, err := d.store.PeopleWith(ctx, store.Organizer, store.Owner)
		if err != nil {
			return err
		}
		names, err := d.audienceNames(ctx, draft)
		if err != nil {
			return err
		}
		for _, p := range others {
			id := fmt.Sprintf("letter:an:%s:%s:%d", draft.ID, step, p.ID)
			if err := d.sendLetter(ctx, p.ID, id, bot.Say("AnnounceAuthorLeftTold", "To", names)); err != nil {
				return err
			}
		}
	}
	return d.tellLater(ctx, draft, step, bot.Say(why))
}

// barred is what the author of a draft is told when it must not leave any more; "" = it may.
func (d *Desk) barred(ctx context.Context, draft store.Draft) (key string, err error) {
	if may, err := d.mayAnnounce(ctx, draft.By); err != nil {
		return "", err
	} else if !may {
		return "AnnounceRefused", nil
	}
	if len(draft.Replaces) > 0 {
		_, why, err := d.aim(ctx, draft)
		return why, err
	}
	// It was stopped or over when it was recalled, and then let go on.
	if _, n, err := d.lastRecall(ctx, draft); n > 0 || err != nil {
		return "AnnounceRecalledNoSend", err
	}
	return "", nil
}

// mayAnnounce tells whether somebody is an organizer still.
func (d *Desk) mayAnnounce(ctx context.Context, who store.PersonID) (bool, error) {
	p, err := d.store.Person(ctx, who)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return p.Role.AtLeast(store.Organizer), err
}

// Progress tells the author of an announcement how it goes on, and in the end what became of it; and who answered a question,
// when the answer did not arrive.
func (d *Desk) Progress(ctx context.Context, job store.Job, c store.Counts, over bool) error {
	if job.Kind == store.JobAnswer {
		return d.answerFate(ctx, job, c, over)
	}
	draft, found, err := d.draftOf(ctx, job)
	if err != nil || !found || draft.State == store.DraftComposing || draft.State == store.DraftAsking || draft.Turn != job.Turn {
		return err // it was taken back, or goes on already
	}
	switch {
	case !over && draft.State == store.DraftStopped: // and the store was away before its job was
		return d.store.WithdrawTurn(ctx, job.ID, job.Turn)
	case !over && draft.State == store.DraftSending:
		if err := d.Begin(ctx, job); err != nil { // it may be recalled in the moment in which it was let go on
			return err
		}
		if draft, _, err = d.draftOf(ctx, job); err != nil || draft.State != store.DraftSending {
			return err
		}
		_ = d.inform(ctx, draft.By, d.progress(draft, c)) // the next one tells more
		return nil
	case !over:
		return nil
	}
	draft, err = d.store.ChangeDraft(ctx, draft.ID, func(draft *store.Draft) error {
		if draft.Turn != job.Turn {
			return errState
		}
		if draft.State == store.DraftSending {
			draft.State = store.DraftDone
		}
		draft.Counts = &c
		return nil
	})
	if errors.Is(err, errState) {
		return nil // somebody has let it go on in this moment
	}
	if err != nil {
		return fmt.Errorf("report of job %q: %w", job.ID, err)
	}
	said, err := d.report(ctx, draft, c)
	if err != nil {
		return fmt.Errorf("report of job %q: %w", job.ID, err)
	}
	return d.tellLater(ctx, draft, fmt.Sprintf("report:%d:%d", draft.Round, draft.Turn), said)
}

// Tend looks after announcements for which nobody presses anything: it asks other organizers once more for their agreement, and
// opens the job of each announcement that is to leave, where a crash or an outage of the store came between the press and
// that. Whatever is there already is left as it is.
func (d *Desk) Tend(ctx context.Context) error {
	all, err := d.store.Drafts(ctx)
	if err != nil {
		return fmt.Errorf("announcements on their way: %w", err)
	}
	for _, draft := range all {
		switch draft.State {
		case store.DraftAsking:
			err = errors.Join(err, d.askOnceMore(ctx, draft))
		case store.DraftSending:
			err = errors.Join(err, d.launch(ctx, draft, d.now()), d.endUntold(ctx, draft))
		}
	}
	return err
}

// endUntold reports an announcement whose job is over without a word: nothing else would come by to say it.
func (d *Desk) endUntold(ctx context.Context, draft store.Draft) error {
	job := store.Job{ID: store.AnnounceID(draft.ID, draft.Round), Kind: store.JobAnnounce, Turn: draft.Turn}
	c, ended, err := d.store.JobEnded(ctx, job.ID)
	if err != nil || !ended {
		return err
	}
	return d.Progress(ctx, job, c, true)
}

// tellLater tells the author of a draft something that must arrive. The same step of a draft is told once.
func (d *Desk) tellLater(ctx context.Context, draft store.Draft, step string, reply *bot.Reply) error {
	return d.sendLetter(ctx, draft.By, "letter:an:"+string(draft.ID)+":"+step, reply)
}

// sendLetter opens a job that says something to one person.
func (d *Desk) sendLetter(ctx context.Context, to store.PersonID, id string, reply *bot.Reply) error {
	content, err := json.Marshal(reply)
	if err != nil {
		return fmt.Errorf("letter %q: %w", id, err)
	}
	now := d.now().UTC()
	return d.store.OpenJob(ctx, store.Job{
		ID: store.JobID(id), Kind: store.JobLetter, Audience: store.Audience{Person: to}, Content: content, Opened: now, Due: now,
	})
}
