package handlers

import (
	"context"
	"errors"
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
