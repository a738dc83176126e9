package handlers

import (
	"context"
	"fmt"
	"strings"
	"time"

	"recbot/bot"
	"recbot/bot/answer"
	"recbot/bot/dialog"
	"recbot/store"
)

// /timezone and tz: where the person's clock is. Meetings keep the zone of their host; this one is shown beside it, and quiet
// hours and days are counted by it.
var _ = command(spec{Name: "timezone", Order: 75, Buttons: []string{"tz"}, Run: (*Desk).timezone, Press: (*Desk).pressTimezone})

// The steps that ask for a time zone, in the start flow and in one of their own.
const (
	zoneFlow    = "zone"
	stepZone    = "zone"
	stepConfirm = "sure"
	valueOther  = "other"
	valueYes    = "yes"
	valueNo     = "no"
)

// nearCities are offered by button: the capitals of the region, one for each clock and name that people look for.
var nearCities = []string{"Tashkent", "Bishkek", "Astana"}

// timezone asks for the zone; "/timezone Dushanbe" answers at once.
func (d *Desk) timezone(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	reply, err := d.talks.Start(ctx, r, zoneFlow)
	if err != nil || r.Args == "" {
		return reply, err
	}
	// What stands behind the command counts as typed at the question: there is one way to read a place.
	typed := *r
	typed.Kind, typed.Text = bot.UpdateText, r.Args
	answered, _, err := d.talks.Step(ctx, &typed)
	r.Person = typed.Person
	return answered, err
}

// pressTimezone handles tz from the menu.
func (d *Desk) pressTimezone(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	return editing(d.talks.Start(ctx, r, zoneFlow))
}

// zoneFlow is the conversation of /timezone. Its buttons work for ever: a city under an old question is as good as under a
// new one.
func (d *Desk) zoneFlow() dialog.Flow {
	return dialog.Flow{
		Name: zoneFlow, Title: "FlowZone", Reopens: true,
		Cancelled: func(context.Context, *bot.Request) (*bot.Reply, error) {
			return bot.Say("FlowCancelled").Row(menuButton()), nil
		},
		Steps: d.zoneSteps(zoneFlow, func(_ context.Context, t *dialog.Talk) (dialog.Move, error) {
			return dialog.End(bot.Say("ZoneSet", "Zone", bot.ZoneName(t.Person.Zone), "Clock", clockIn(t.Person.Zone, t.Now)).Row(menuButton())), nil
		}),
	}
}

// zoneSteps are the two questions that lead to a zone: which, and, of a typed one, whether it was understood. done is
// called with the new zone in the person's record.
func (d *Desk) zoneSteps(flow string, done func(context.Context, *dialog.Talk) (dialog.Move, error)) []dialog.Step {
	z := zoneTalk{d, flow, done}
	return []dialog.Step{
		{Name: stepZone, Ask: z.ask, Take: z.take},
		{Name: stepConfirm, Ask: z.confirm, Take: z.confirmed},
	}
}

// zoneTalk is the two questions inside one flow.
type zoneTalk struct {
	*Desk
	flow string
	done func(context.Context, *dialog.Talk) (dialog.Move, error)
}

// ask shows the clock, which people know better than the name of their zone.
func (z zoneTalk) ask(_ context.Context, t *dialog.Talk) (*bot.Reply, error) {
	key := "ZoneQuestion"
	if t.Person.Zone != "" {
		key = "ZoneQuestionAgain"
	}
	zone := z.zoneOf(t.Person)
	reply := bot.Say(key, "Zone", bot.ZoneName(zone), "Clock", clockIn(zone, t.Now))
	reply.Rows = z.choices(t)
	return reply, nil
}

// take takes a typed place, the wish to type one, or the zone of a button.
func (z zoneTalk) take(ctx context.Context, t *dialog.Talk) (dialog.Move, error) {
	switch {
	case t.Typed:
		return z.typed(t), nil
	case t.Value == valueOther:
		reply := bot.Say("ZoneType")
		reply.Rows = z.choices(t)
		return dialog.Stay(reply), nil
	}
	return z.set(ctx, t, t.Value)
}

// typed reads a place. What is not sure to be one may be a question to the bot.
func (z zoneTalk) typed(t *dialog.Talk) dialog.Move {
	found := z.findPlace(t.Value)
	switch {
	case len(found.Places) == 0:
		reply := bot.Say("ZoneUnknown")
		reply.Rows = z.choices(t)
		return dialog.Unclear(reply)
	case found.Sure:
		t.Keep("place", t.Value)
		return dialog.To(stepConfirm)
	}
	reply := bot.Say("ZoneDidYouMean", "Place", placeName(found.Places[0]))
	if len(found.Places) > 1 {
		reply = bot.Say("ZoneWhich")
	}
	for _, p := range found.Places {
		reply.Row(z.placeButton(t, p))
	}
	return dialog.Unclear(reply.Button("ButtonOther", dialog.Data(z.flow, stepZone, valueOther)))
}

// confirm repeats what was understood, with the clock there.
func (z zoneTalk) confirm(ctx context.Context, t *dialog.Talk) (*bot.Reply, error) {
	found := z.findPlace(t.Answer("place"))
	if len(found.Places) == 0 {
		return z.ask(ctx, t)
	}
	p := found.Places[0]
	reply := bot.Say("ZoneConfirm", "Place", placeName(p), "Offset", offsetIn(p.Zone, t.Now, true), "Clock", clockIn(p.Zone, t.Now))
	// An offset is its own name and need not be said twice.
	if isOffset(p.Zone) {
		reply = bot.Say("ZoneConfirmOffset", "Place", placeName(p), "Clock", clockIn(p.Zone, t.Now))
	}
	return reply.Row(
		bot.Press("ButtonYes", dialog.Data(z.flow, stepConfirm, valueYes)),
		bot.Press("ButtonChange", dialog.Data(z.flow, stepConfirm, valueNo)),
	), nil
}

// confirmed takes yes, no, or another place. A button whose question is closed has nothing to confirm: it asks anew.
func (z zoneTalk) confirmed(ctx context.Context, t *dialog.Talk) (dialog.Move, error) {
	// The text is read anew, not its result kept: so the question can be asked in any language.
	found := z.findPlace(t.Answer("place"))
	yes, said := answer.YesNo(t.Value)
	switch {
	case len(found.Places) == 0, said && !yes:
		return dialog.To(stepZone), nil
	case said:
		return z.set(ctx, t, found.Places[0].Zone)
	case !t.Typed:
		return dialog.Stay(nil), nil
	}
	return z.typed(t), nil
}

// set keeps the zone. It must be one that can be loaded: everything this person reads is shown by it.
func (z zoneTalk) set(ctx context.Context, t *dialog.Talk, zone string) (dialog.Move, error) {
	if _, err := store.LoadZone(zone); err != nil {
		return dialog.Stay(nil), nil // a button of an older version of the program
	}
	err := z.amend(ctx, t.Request, "zone", func(p *store.Person) error {
		p.Zone = zone
		return nil
	})
	if err != nil {
		return dialog.Move{}, err
	}
	return z.done(ctx, t)
}

// choices are the cities of the region and the way to any other place.
func (z zoneTalk) choices(t *dialog.Talk) [][]bot.Button {
	var cities []bot.Button
	for _, name := range nearCities {
		if found := z.findPlace(name); len(found.Places) > 0 {
			cities = append(cities, z.placeButton(t, found.Places[0]))
		}
	}
	others := []bot.Button{bot.Press("ButtonOther", dialog.Data(z.flow, stepZone, valueOther))}
	if z.flow == zoneFlow {
		others = append(others, dialog.Cancel(z.flow))
	}
	return [][]bot.Button{cities, others}
}

// placeButton is a button such as [Tashkent +5].
func (z zoneTalk) placeButton(t *dialog.Talk, p answer.Place) bot.Button {
	data := dialog.Data(z.flow, stepZone, p.Zone)
	if p.Name.Empty() {
		return bot.Press("ButtonZone", data, "Zone", bot.ZoneName(p.Zone))
	}
	return bot.Press("ButtonCity", data, "City", p.Name, "Offset", offsetIn(p.Zone, t.Now, false))
}

// placeName is what a place is called: by its city if that is known, else as it was typed.
func placeName(p answer.Place) bot.Value {
	switch {
	case !p.Name.Empty():
		return bot.V(p.Name)
	case isOffset(p.Zone):
		return bot.V(bot.Raw("UTC" + p.Zone))
	}
	return bot.V(bot.Raw(p.Zone))
}

// isOffset tells a zone that is nothing but an offset from one with a name; see [store.LoadZone].
func isOffset(zone string) bool { return strings.HasPrefix(zone, "+") || strings.HasPrefix(zone, "-") }

// clockIn is what a clock shows there now. All our languages write it alike.
func clockIn(zone string, now time.Time) bot.Raw { return bot.Raw(timeIn(zone, now).Format("15:04")) }

// offsetIn writes the present offset of a zone from UTC: +5 or +5:30, in full +05:00.
func offsetIn(zone string, now time.Time, full bool) bot.Raw {
	offset := timeIn(zone, now).Format("-07:00")
	if full {
		return bot.Raw(offset)
	}
	hours, minutes, _ := strings.Cut(offset[1:], ":")
	short := offset[:1] + strings.TrimPrefix(hours, "0")
	if minutes != "00" {
		short = fmt.Sprintf("%s:%s", short, minutes)
	}
	return bot.Raw(short)
}

// timeIn gives the time in a zone, or as it is if there is no such zone.
func timeIn(zone string, now time.Time) time.Time {
	if loc, err := store.LoadZone(zone); err == nil {
		return now.In(loc)
	}
	return now
}
