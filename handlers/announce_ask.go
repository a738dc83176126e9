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

// approvers are the other organizers, of whom one has to approve what everybody is to be told; none for a smaller audience.
func (d *Desk) approvers(ctx context.Context, draft store.Draft) ([]store.Person, error) {
	if !draft.Audience.Everybody && !draft.Wide {
		return nil, nil
	}
	all, err := d.store.PeopleWith(ctx, store.Organizer, store.Owner)
	if err != nil {
		return nil, err
	}
	var others []store.Person
	for _, p := range all {
		if p.ID != draft.By {
			others = append(others, p)
		}
	}
	return others, nil
}

// askApproval shows the announcement to the other organizers, once. The button names the state that they saw: after a change it
// approves nothing.
func (d *Desk) askApproval(ctx context.Context, draft store.Draft) error {
	others, err := d.approvers(ctx, draft)
	if err != nil {
		return err
	}
	reply, err := d.approval(ctx, draft)
	if err != nil {
		return err
	}
	for _, p := range others {
		id := fmt.Sprintf("letter:an:%s:ask:%s:%d", draft.ID, version(draft), p.ID)
		if err := d.sendLetter(ctx, p.ID, id, reply); err != nil {
			return err
		}
	}
	return nil
}

// An unanswered question is asked once more after an hour, by day; of what is planned for later than a day ahead, a day before.
const (
	askAgainAfter = time.Hour
	askAgainAhead = 24 * time.Hour
)

// askOnceMore sees to a question that nobody has answered: the other organizers are reminded, and the author hears of it, and again
// when the planned time has passed.
func (d *Desk) askOnceMore(ctx context.Context, draft store.Draft) error {
	var step, key string
	switch now := d.now(); {
	case draft.Planned && !now.Before(draft.Due):
		step, key = "passed", "AnnounceAskedPassed"
	case !draft.Asked.IsZero() && !now.Before(d.askedAgainAt(draft)):
		step, key = "again", "AnnounceAskedAgain"
	default:
		return nil
	}
	// The author's word is the last one of a step; to count whom everybody is, for the question, takes its time.
	if said, err := d.store.Opened(ctx, lateWord(draft, step), draft.By); said || err != nil {
		return err
	}
	if may, err := d.mayLeave(ctx, draft); err != nil || !may {
		return err
	}
	others, err := d.approvers(ctx, draft)
	switch {
	case err != nil:
		return err
	case len(others) == 0:
		return d.tellAsker(ctx, draft, "alone", "AnnounceAskedNobody")
	}
	if err := d.remindApprovers(ctx, draft, others); err != nil {
		return err
	}
	return d.tellAsker(ctx, draft, step, key)
}

// mayLeave tells whether a draft that waits for agreement would leave then: its author is an organizer still, and what it corrects was not
// recalled.
func (d *Desk) mayLeave(ctx context.Context, draft store.Draft) (bool, error) {
	if may, err := d.mayAnnounce(ctx, draft.By); err != nil || !may {
		return false, err
	}
	_, why, err := d.aim(ctx, draft)
	return why != "AnnounceRecalledNoFix", err
}

// remindApprovers asks other organizers once more, each once.
func (d *Desk) remindApprovers(ctx context.Context, draft store.Draft, others []store.Person) error {
	question, err := d.approval(ctx, draft)
	if err != nil {
		return err
	}
	for _, p := range others {
		id := fmt.Sprintf("letter:an:%s:again:%s:%d", draft.ID, version(draft), p.ID)
		if err := d.sendLetter(ctx, p.ID, id, bot.Say("AnnounceApproveStill").Then(question)); err != nil {
			return err
		}
	}
	return nil
}

// askedAgainAt is when a question that nobody has answered is asked once more. Of what is planned that is before its time, at night too
// when it cannot wait for the morning.
func (d *Desk) askedAgainAt(draft store.Draft) time.Time {
	wait := askAgainAfter
	if draft.Planned {
		wait = min(wait, draft.Due.Sub(draft.Asked)/2)
	}
	at := draft.Asked.Add(wait)
	if ahead := draft.Due.Add(-askAgainAhead); draft.Planned && ahead.After(at) {
		at = ahead
	}
	if morning := d.nextMorning(at); !draft.Planned || morning.Before(draft.Due) {
		return morning
	}
	return at
}

// nextMorning is the end of the quiet hours that most people have, by the council's clock, when an instant lies in them; else the
// instant.
func (d *Desk) nextMorning(at time.Time) time.Time {
	if !d.atNight(at) {
		return at
	}
	here := timeIn(d.zone, at)
	morning := time.Date(here.Year(), here.Month(), here.Day(), 0, store.DefaultQuiet.To, 0, 0, here.Location())
	if morning.Before(at) {
		morning = morning.AddDate(0, 0, 1)
	}
	return morning
}

// NextTend gives when [Desk.Tend] has something to do next that was foreseen: a question is asked once more, or its time passes. ok is
// false when nothing is.
func (d *Desk) NextTend(ctx context.Context, after time.Time) (at time.Time, ok bool, err error) {
	all, err := d.store.Drafts(ctx)
	for _, draft := range all {
		if draft.State != store.DraftAsking || draft.Asked.IsZero() {
			continue
		}
		foreseen := []time.Time{d.askedAgainAt(draft)}
		if draft.Planned {
			foreseen = append(foreseen, draft.Due)
		}
		for _, next := range foreseen {
			if next.After(after) && (!ok || next.Before(at)) {
				at, ok = next, true
			}
		}
	}
	return at, ok, err
}

// tellAsker tells the author of a draft how a question about it stands, once.
func (d *Desk) tellAsker(ctx context.Context, draft store.Draft, step, key string) error {
	return d.sendLetter(ctx, draft.By, string(lateWord(draft, step)), bot.Say(key, "Text", beginning(draft)).Button("ButtonWithdraw", an(draft, "undo")))
}

// lateWord is the id of what an author is told about a question, as it stands.
func lateWord(draft store.Draft, step string) store.JobID {
	return store.JobID("letter:an:" + string(draft.ID) + ":" + step + ":" + version(draft))
}

// version names a state of a draft in the buttons that approve it.
func version(draft store.Draft) string { return strconv.FormatInt(int64(draft.Rev), 36) }

// approval is what another organizer is asked to approve: every text as it was written, in whatever language, for whoever agrees
// agrees to all of them; then by whom it is, to how many it goes, and when.
func (d *Desk) approval(ctx context.Context, draft store.Draft) (*bot.Reply, error) {
	by, err := d.store.Person(ctx, draft.By)
	if err != nil && !errors.Is(err, store.ErrNotFound) { // an author who has gone is nameless, and the draft will not leave
		return nil, fmt.Errorf("author of draft %q: %w", draft.ID, err)
	}
	heads, err := d.countDraft(ctx, draft)
	if err != nil {
		return nil, err
	}
	names, err := d.audienceNames(ctx, draft)
	if err != nil {
		return nil, err
	}
	ask, agree := "AnnounceApprove", "ButtonApprove"
	if len(draft.Replaces) > 0 {
		ask, agree = "AnnounceApproveCorrection", "ButtonApproveCorrection"
	}
	question := bot.Say(ask, "By", colleague(by)).Line("AnnounceAudience", "To", names)
	sayHeads(question, heads)
	if lack := lacking(draft, heads); len(lack) > 0 && len(draft.Replaces) == 0 {
		sayLack(question, draft, heads, lack)
	}
	if draft.Planned { // it is not sent at once
		agree = "ButtonApprovePlan"
		question.Line("AnnounceApproveAt", "When", d.plannedFor(draft))
	}
	if draft.Urgent {
		question.Line("AnnounceUrgent")
	}
	question.Button(agree, an(draft, "ok", version(draft))).Button("ButtonDecline", an(draft, "no", version(draft)))
	c := contentOf(draft)
	for _, lang := range slices.Backward(store.Langs) {
		if c.Texts[lang] != "" {
			shown := c.reply()
			shown.Lang = lang
			question = shown.Then(question)
		}
	}
	return question, nil
}

// approveDraft handles an:<draft>:ok:<version>.
func (d *Desk) approveDraft(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	if !asked(r, draft) {
		return d.draftStatus(ctx, r, draft)
	}
	replaces, why, err := d.aim(ctx, draft)
	if why != "" || err != nil {
		return bot.Toast(why), err
	}
	draft, err = d.changeDraft(ctx, draft.ID, store.DraftAsking, func(draft *store.Draft) {
		draft.State, draft.Approved, draft.Replaces = store.DraftSending, r.Person.ID, replaces
		draft.Turn++
		if soon := r.Now.Add(undoTime).UTC(); draft.Due.Before(soon) {
			draft.Due, draft.Planned = soon, false
		}
	})
	if err != nil {
		return nil, err
	}
	reply, err := d.draftStatus(ctx, r, draft)
	if err != nil {
		return nil, err
	}
	told := d.waiting(draft)
	told.Parts = append(bot.Say("AnnounceAgreed", "By", colleague(r.Person)).Parts, told.Parts...)
	return reply, d.tellLater(ctx, draft, "approved:"+version(draft), told)
}

// declineDraft handles an:<draft>:no:<version>: the draft goes back to who composes it.
func (d *Desk) declineDraft(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	if !asked(r, draft) {
		return d.draftStatus(ctx, r, draft)
	}
	draft, err := d.changeDraft(ctx, draft.ID, store.DraftAsking, func(draft *store.Draft) {
		draft.State, draft.Due, draft.Planned = store.DraftComposing, time.Time{}, false
	})
	if err != nil {
		return nil, err
	}
	if err := d.store.Unsay(ctx, draft); err != nil {
		return nil, err
	}
	told := bot.Say("AnnounceDeclined", "By", colleague(r.Person)).Button("ButtonShowDraft", an(draft, "state"))
	return bot.Say("AnnounceDeclinedIt").Row(menuButton()), d.tellLater(ctx, draft, "declined:"+r.Arg(2), told)
}

// asked tells whether a press answers the question as it stands now, by somebody else than who asked it.
func asked(r *bot.Request, draft store.Draft) bool {
	return draft.State == store.DraftAsking && draft.By != r.Person.ID && r.Arg(2) == version(draft)
}
