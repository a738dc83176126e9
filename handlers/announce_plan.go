package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"recbot/bot"
	"recbot/bot/answer"
	"recbot/bot/dialog"
	"recbot/store"
)

// The conversation in which the time of an announcement is typed.
const (
	planFlow = "pl"
	stepPlan = "when"
)

// farthest is how far ahead an announcement can be planned.
const farthest = 366 * 24 * time.Hour

func (d *Desk) planFlow() dialog.Flow {
	return dialog.Flow{
		Name: planFlow, Title: "FlowAnnounce",
		Steps: []dialog.Step{{Name: stepPlan, Ask: d.askPlan, Take: d.takePlan}},
	}
}

// unixText writes an instant for a button.
func unixText(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// planDraft handles an:<draft>:plan, which asks for a time, and an:<draft>:plan:<unix>:again, which sends at one although the same
// was just sent.
func (d *Desk) planDraft(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	if seconds, err := strconv.ParseInt(r.Arg(2), 10, 64); err == nil {
		return d.planAt(ctx, r, draft, time.Unix(seconds, 0), r.Arg(3) == "again")
	}
	return d.talks.Start(ctx, r, planFlow, answerDraft, string(draft.ID))
}

// askPlan offers times that are often wanted, by the person's clock, and takes any other.
func (d *Desk) askPlan(_ context.Context, t *dialog.Talk) (*bot.Reply, error) {
	zone := d.zoneOf(t.Person)
	now := timeIn(zone, t.Now)
	day := func(days, hour int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, hour, 0, 0, 0, now.Location())
	}
	monday := (8 - int(now.Weekday())) % 7
	if monday == 0 {
		monday = 7
	}
	offers := []time.Time{day(0, 18), day(1, 9)}
	if monday > 1 {
		offers = append(offers, day(monday, 9))
	}
	reply := bot.Say("AnnounceWhen", "Zone", bot.ZoneName(zone))
	for _, at := range offers {
		if at.After(t.Now.Add(undoTime)) {
			reply.Button("ButtonAt", dialog.Data(planFlow, stepPlan, unixText(at)), "At", bot.At{Time: at.UTC(), Style: bot.AtFull})
		}
	}
	return reply.Row(backToPlan()), nil
}

func backToPlan() bot.Button {
	return bot.Press("ButtonBack", dialog.Data(planFlow, stepPlan, valueBackToIt))
}

// takePlan takes a time by button or as people write one.
func (d *Desk) takePlan(ctx context.Context, t *dialog.Talk) (dialog.Move, error) {
	draft, err := d.store.Draft(ctx, store.DraftID(t.Answer(answerDraft)))
	switch {
	case !t.Person.Role.AtLeast(store.Organizer):
		reply, err := d.Unknown(ctx, t.Request)
		return dialog.End(reply), err
	case errors.Is(err, store.ErrNotFound):
		return dialog.End(bot.Say("AnnounceGone").Row(menuButton())), nil
	case err != nil:
		return dialog.Move{}, err
	case draft.State != store.DraftComposing, !t.Typed && t.Value == valueBackToIt:
		reply, err := d.draftStatus(ctx, t.Request, draft)
		return dialog.End(reply), err
	}
	at, wrong := d.instant(t)
	switch {
	case wrong == "DateUnclear":
		return dialog.Unclear(bot.Say(wrong).Row(backToPlan())), nil
	case wrong != "":
		return dialog.Stay(bot.Say(wrong).Row(backToPlan())), nil
	case at.Sub(t.Now) > farthest:
		return dialog.Stay(bot.Say("AnnounceWhenFar").Row(backToPlan())), nil
	}
	reply, err := d.planAt(ctx, t.Request, draft, at, false)
	return dialog.End(reply), err
}

// slipKeys are what is said about a moment that was typed and cannot be meant.
var slipKeys = map[answer.Slip]string{
	answer.SlipUnclear: "DateUnclear", answer.SlipNoDate: "DateNone", answer.SlipNoHour: "DateNoHour",
	answer.SlipWeekday: "DateWeekday", answer.SlipPast: "DatePast",
}

// instant reads the instant that a person typed, by their own clock, or that stands in a button. wrong is what to say when
// there is none; "" = there is.
func (d *Desk) instant(t *dialog.Talk) (at time.Time, wrong string) {
	if !t.Typed {
		seconds, err := strconv.ParseInt(t.Value, 10, 64)
		switch at = time.Unix(seconds, 0); {
		case err != nil:
			return at, "DateUnclear"
		case !at.After(t.Now):
			return at, "DatePast"
		}
		return at, ""
	}
	m, slip := d.readDate(t.Value, timeIn(d.zoneOf(t.Person), t.Now))
	switch {
	case slip != "":
		return at, slipKeys[slip]
	case !m.Clock: // a day alone
		return at, "DateWithoutHour"
	}
	return m.At, ""
}

// planAt sends a draft at a time. One that has passed meanwhile, because the button is old, asks for another.
func (d *Desk) planAt(ctx context.Context, r *bot.Request, draft store.Draft, at time.Time, again bool) (*bot.Reply, error) {
	if !at.After(r.Now) {
		return d.talks.Start(ctx, r, planFlow, answerDraft, string(draft.ID))
	}
	return d.giveIn(ctx, r, draft, at.UTC(), again)
}

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

// colleague is how organizers are told who of them did something: by the name they gave for that, else as another organizer.
func colleague(p store.Person) bot.Value {
	if p.Name == "" {
		return phrase("AnotherOrganizer")
	}
	return bot.V(bot.Raw(p.Name))
}

// plannedFor is when a planned draft leaves, with weekday and zone: those who read it may live by other clocks, and a slip of
// the day shows at the weekday.
func (d *Desk) plannedFor(draft store.Draft) bot.When {
	here := timeIn(d.zone, draft.Due)
	return bot.When{Date: here.Format(time.DateOnly), Start: here.Format("15:04"), Zone: d.zone, Style: bot.WhenReader}
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
