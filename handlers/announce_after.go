package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"recbot/bot"
	"recbot/store"
)

// keptFor is how long after it began to leave an announcement can be sent again, corrected or recalled. Telegram lets a bot
// delete a message as long after it was sent, and the ledger knows each letter as long after it was settled: what waited for
// somebody's quiet hours, or for Telegram, ends later than the first of it left.
const keptFor = 48 * time.Hour

// sentAgainFor is how long after it began to leave an announcement can go on, or be sent again. Letters may have to wait for the end
// of somebody's quiet hours, and after [store.AnnounceLives] none leaves; who has it is known for no longer.
const sentAgainFor = 36 * time.Hour

// goOnDraft handles an:<draft>:go: what was stopped goes on with those whose turn had not come. Its job is opened again with its
// ledger, so nobody is told twice.
func (d *Desk) goOnDraft(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	if !mayGoOn(draft) {
		return d.draftStatus(ctx, r, draft)
	}
	if why, err := d.hindered(ctx, r, draft); why != "" || err != nil {
		return bot.Toast(why), err
	}
	draft, err := d.sendOn(ctx, r, draft, func(draft *store.Draft) { draft.Counts = nil })
	if err != nil {
		return nil, err
	}
	if err := d.tellAuthor(ctx, r, draft, bot.Say("AnnounceGoesOnBy", "By", colleague(r.Person))); err != nil {
		return nil, err
	}
	return d.draftStatus(ctx, r, draft)
}

// retryDraft handles an:<draft>:retry:<round>: it goes once more to whom it did not reach, or of whom that is not known.
func (d *Desk) retryDraft(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	if draft.State != store.DraftDone || draft.Counts == nil || r.Arg(2) != strconv.Itoa(draft.Round+1) {
		return d.draftStatus(ctx, r, draft)
	}
	if why, err := d.hindered(ctx, r, draft); why != "" || err != nil {
		return bot.Toast(why), err
	}
	if n := draft.Counts.Unknown; n > 0 && r.Arg(3) != "yes" {
		return bot.Say("AnnounceRetrySure", "N", n).Button("ButtonSendAgain", an(draft, "retry", draft.Round+1, "yes")).
			Button("ButtonBack", an(draft, "state")), nil
	}
	draft, err := d.sendOn(ctx, r, draft, func(draft *store.Draft) {
		done := *draft.Counts
		if b := draft.Before; b != nil {
			done.Sent, done.Gone = done.Sent+b.Sent, done.Gone+b.Gone
		}
		draft.Before, draft.Counts, draft.N = &done, nil, done.Rejected+done.Unknown
		if draft.Left.IsZero() {
			draft.Left = draft.Due
		}
		draft.Due, draft.Planned = r.Now.UTC(), false
		draft.Round++
	})
	if err != nil {
		return nil, err
	}
	return d.draftStatus(ctx, r, draft)
}

// sendOn makes a draft that has ended one that is sending, in the words as they were corrected since.
func (d *Desk) sendOn(ctx context.Context, r *bot.Request, draft store.Draft, change func(*store.Draft)) (store.Draft, error) {
	corrected, replaces := draft, draft.Replaces
	var err error
	if len(draft.Replaces) == 0 {
		err = d.asCorrected(ctx, draft, &corrected)
	} else {
		var why string
		if replaces, why, err = d.aim(ctx, draft); why != "" && err == nil {
			err = errState
		}
	}
	if err != nil {
		return draft, err
	}
	draft, err = d.changeDraft(ctx, draft.ID, draft.State, func(draft *store.Draft) {
		change(draft)
		draft.State, draft.Texts, draft.Units, draft.Replaces = store.DraftSending, corrected.Texts, corrected.Units, replaces
		draft.Turn++
	})
	if err != nil {
		return draft, err
	}
	return draft, d.followHere(ctx, r, draft)
}

// hindered is what is said to who wants something that has ended to go on, or to be sent again, when it must not be; "" = it may.
func (d *Desk) hindered(ctx context.Context, r *bot.Request, draft store.Draft) (toast string, err error) {
	first := draft
	if len(draft.Replaces) > 0 {
		first, err = d.store.Draft(ctx, original(draft).ID)
		if errors.Is(err, store.ErrNotFound) {
			return "AnnounceTooOldToSend", nil
		}
		if err != nil {
			return "", err
		}
	}
	if r.Now.Sub(beganToLeave(first)) >= sentAgainFor {
		return "AnnounceTooOldToSend", nil
	}
	later, err := d.store.Successors(ctx, first.ID)
	if err != nil {
		return "", err
	}
	for _, l := range later {
		switch {
		case l.Recall:
			return "AnnounceRecalledNoSend", nil
		case l.State == store.DraftSending && len(draft.Replaces) == 0:
			return "AnnounceFixUnderWay", nil
		}
	}
	if n := len(later); n > 0 && len(draft.Replaces) > 0 && later[n-1].ID != draft.ID {
		return "AnnounceReplacedSince", nil
	}
	why, err := d.barred(ctx, draft)
	if why == "AnnounceRefused" { // which speaks to the author
		why = "AnnounceAuthorLeft"
	}
	return why, err
}

// over tells that an announcement has ended, and whether too long ago has it left to do anything about it.
func over(draft store.Draft, now time.Time) (ended, tooLong bool) {
	ended = draft.State == store.DraftDone || draft.State == store.DraftStopped
	return ended, ended && now.Sub(beganToLeave(draft)) >= keptFor
}

// beganToLeave is when the first round of an announcement was due.
func beganToLeave(draft store.Draft) time.Time {
	if !draft.Left.IsZero() {
		return draft.Left
	}
	return draft.Due
}

// reached tells why a job's letter is not sent to a person again; "" = it did not reach them, or nobody knows whether it did.
func (d *Desk) reached(ctx context.Context, job store.JobID, who store.PersonID) (why string, err error) {
	letters, err := d.store.LettersOf(ctx, who)
	i := slices.IndexFunc(letters, func(l store.Recipient) bool { return l.Job == job })
	switch {
	case err != nil:
		return "", err
	case i < 0:
		return "forgotten whether they have it", nil
	case letters[i].State == store.Rejected || letters[i].State == store.Unknown:
		return "", nil
	}
	return "has it", nil
}

// rounds are the jobs of an announcement.
func rounds(draft store.Draft) (ids []store.JobID) {
	for i := range max(1, draft.Round) {
		ids = append(ids, store.AnnounceID(draft.ID, i+1))
	}
	return ids
}

// successor is a draft that changes the messages of another one. Its number is that of the update. It knows no meeting: what
// is wrong is deleted also where the meeting may not be seen any more.
func successor(r *bot.Request, draft store.Draft) store.Draft {
	return store.Draft{
		ID: store.DraftID(strconv.FormatInt(int64(r.ID), 36)), By: r.Person.ID, Texts: draft.Texts, Units: draft.Units, File: draft.File,
		Note: true, Audience: store.Audience{Of: store.AnnounceID(draft.ID, 1)},
		Replaces: rounds(draft), Wide: draft.Audience.Everybody || draft.Wide,
	}
}

// correctDraft handles an:<draft>:fix: it begins a correction with the texts as they were sent.
func (d *Desk) correctDraft(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	ended, tooLong := over(draft, r.Now)
	switch {
	case tooLong:
		return bot.Toast("AnnounceTooOld"), nil
	case !ended || len(draft.Replaces) > 0:
		return d.draftStatus(ctx, r, draft)
	}
	if recalled, err := d.recalled(ctx, draft); recalled || err != nil {
		return bot.Toast("AnnounceRecalledNoFix"), err
	}
	next := successor(r, draft)
	// A correction says more to who has the message, so they must still see the meeting that it is about.
	next.Meeting = draft.Meeting
	if err := d.asCorrected(ctx, draft, &next); err != nil {
		return nil, err
	}
	next, err := d.store.NewDraft(ctx, next)
	if err != nil {
		return nil, err
	}
	return d.draftStatus(ctx, r, next)
}

// asCorrected gives a new correction of an announcement the texts as they stand since the last one: with those that were sent
// first it would undo it in the languages that it does not touch.
func (d *Desk) asCorrected(ctx context.Context, draft store.Draft, next *store.Draft) error {
	before, err := d.store.Successors(ctx, draft.ID)
	if err != nil {
		return err
	}
	for _, last := range before {
		if !last.Recall && last.State != store.DraftStopped {
			next.Texts, next.Units = last.Texts, last.Units
		}
	}
	return nil
}

// correctionControl says how a correction stands while it is composed; idle tells that it changes nothing yet.
func (d *Desk) correctionControl(draft store.Draft, heads store.Headcount, idle bool) *bot.Reply {
	reply := bot.Say("AnnounceCorrection")
	sayHeads(reply, heads)
	d.sayDoubts(reply, draft)
	for _, lang := range store.Langs {
		if draft.Texts[lang] != "" {
			reply.Button("ButtonWriteIn", an(draft, "text", lang), "Language", ownName(lang))
		}
	}
	reply.Button("ButtonPreview", an(draft, "view")).Button("ButtonTest", an(draft, "test"))
	if !idle {
		reply.Button("ButtonCorrectNow", an(draft, "send"))
	}
	return reply.Button("ButtonDiscard", an(draft, "drop"))
}

// recallDraft handles an:<draft>:back, which asks, and an:<draft>:back:yes, which deletes the messages of an announcement.
func (d *Desk) recallDraft(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	ended, tooLong := over(draft, r.Now)
	switch {
	case tooLong:
		return bot.Toast("AnnounceTooOld"), nil
	case !ended || len(draft.Replaces) > 0:
		return d.draftStatus(ctx, r, draft)
	}
	// Pressed twice, by one organizer or by two, it is one recall, with one report.
	last, n, err := d.lastRecall(ctx, draft)
	if err != nil {
		return nil, err
	}
	switch {
	case n > 0 && last.State == store.DraftSending:
		return d.draftStatus(ctx, r, last)
	case n > 0 && complete(last):
		reply, err := d.draftStatus(ctx, r, last)
		if err != nil {
			return nil, err
		}
		return reply.Toasting("AnnounceRecalledAlready"), nil
	case r.Arg(2) != "yes":
		return bot.Say("AnnounceRecallSure").Button("ButtonRecallYes", an(draft, "back", "yes")).
			Button("ButtonBack", an(draft, "state")), nil
	}
	if n, err = d.unusedRecall(ctx, draft, n+1); err != nil {
		return nil, err
	}
	next, err := d.recallOf(ctx, r, draft, n)
	if err == nil {
		next, err = d.store.NewDraft(ctx, next)
	}
	if err != nil {
		return nil, err
	}
	if err := d.followHere(ctx, r, next); err != nil {
		return nil, err
	}
	return d.draftStatus(ctx, r, next)
}

// recallID names the n-th recall of an announcement. It is made of that number and not of the update, so that of two organizers
// who press in one moment the second finds the recall of the first.
func recallID(draft store.Draft, n int) store.DraftID {
	return store.DraftID(fmt.Sprintf("%s-%d", draft.ID, n))
}

// unusedRecall gives the first number from n on whose job was not opened by somebody who was forgotten since, with their drafts.
func (d *Desk) unusedRecall(ctx context.Context, draft store.Draft, n int) (int, error) {
	for ; ; n++ {
		_, err := d.store.Draft(ctx, recallID(draft, n))
		if err == nil {
			return n, nil // somebody was faster
		}
		if !errors.Is(err, store.ErrNotFound) {
			return 0, err
		}
		switch _, err := d.store.JobOpened(ctx, store.AnnounceID(recallID(draft, n), 1)); {
		case errors.Is(err, store.ErrNotFound):
			return n, nil
		case err != nil:
			return 0, err
		}
	}
}

// recallOf is the n-th recall of an announcement.
func (d *Desk) recallOf(ctx context.Context, r *bot.Request, draft store.Draft, n int) (store.Draft, error) {
	next := successor(r, draft)
	next.ID, next.Recall, next.State, next.Round, next.Turn, next.Due = recallID(draft, n), true, store.DraftSending, 1, 1, r.Now.UTC()
	c := store.Counts{}
	if draft.Counts != nil {
		c = *draft.Counts
	} else if now, err := d.store.JobCounts(ctx, store.AnnounceID(draft.ID, draft.Round)); err == nil { // some of it waits
		c = now
	} else if !errors.Is(err, store.ErrNotFound) {
		return next, err
	}
	if next.N = c.Sent; draft.Before != nil {
		next.N += draft.Before.Sent
	}
	return next, nil
}

// lastRecall gives the latest recall of an announcement, and how many there were.
func (d *Desk) lastRecall(ctx context.Context, draft store.Draft) (last store.Draft, n int, err error) {
	before, err := d.store.Successors(ctx, draft.ID)
	for _, b := range before {
		if b.Recall {
			last, n = b, n+1
		}
	}
	return last, n, err
}

// complete tells that a recall left nothing to try again: it was not stopped, and no message is known or feared to be there still.
// In a chat that is closed to the bot nothing can be deleted.
func complete(recall store.Draft) bool {
	c := recall.Counts
	return recall.State == store.DraftDone && c != nil && c.Rejected+c.Unknown == 0
}

// recalled tells whether an announcement is being deleted, or was: then there is nothing to correct.
func (d *Desk) recalled(ctx context.Context, draft store.Draft) (bool, error) {
	last, n, err := d.lastRecall(ctx, draft)
	return n > 0 && (last.State == store.DraftSending || complete(last)), err
}

// aim gives the jobs whose messages a correction changes, as they are now: its announcement may have been sent again since it was
// begun. why is what to say when it was recalled meanwhile, or is on its way once more, in the old words; "" = it may leave. Of
// other drafts all stays as it is.
func (d *Desk) aim(ctx context.Context, draft store.Draft) (replaces []store.JobID, why string, err error) {
	if len(draft.Replaces) == 0 || draft.Recall {
		return draft.Replaces, "", nil
	}
	if recalled, err := d.recalled(ctx, original(draft)); recalled || err != nil {
		return nil, "AnnounceRecalledNoFix", err
	}
	first, err := d.store.Draft(ctx, original(draft).ID)
	switch {
	case errors.Is(err, store.ErrNotFound): // its author was forgotten
		return draft.Replaces, "", nil
	case err != nil:
		return nil, "", err
	case first.State == store.DraftSending:
		return nil, "AnnounceFirstSending", nil
	}
	return rounds(first), "", nil
}

// original names the announcement that a draft corrects or recalls.
func original(draft store.Draft) store.Draft {
	return store.Draft{ID: store.Job{ID: draft.Replaces[0]}.Draft()}
}

// followHere makes the message whose button was pressed the one that follows an announcement, before anything of that leaves
// without a minute's wait: a report to few people is written sooner than the answer to the press has arrived.
func (d *Desk) followHere(ctx context.Context, r *bot.Request, draft store.Draft) error {
	if r.Message == 0 {
		return nil
	}
	return d.store.SaveLive(ctx, r.Chat, liveName(draft), r.Message)
}
