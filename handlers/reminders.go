package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"recbot/bot"
	"recbot/bot/answer"
	"recbot/bot/dialog"
	"recbot/store"
)

// /reminders, re and qu: when reminders come, and when they wait. What is set here is for all meetings alike.
var (
	_ = command(spec{Name: "reminders", Order: 60, Buttons: []string{"re"}, Run: (*Desk).remindersOrLead, Press: (*Desk).pressReminders})
	_ = command(spec{Buttons: []string{"qu"}, Press: (*Desk).pressQuiet})
)

// offered are the leads with a box of their own.
var offered = []store.Lead{store.LeadWeek, store.LeadDay, store.LeadHour, store.Lead15Min}

// ownLead opens the question for a lead that has no box: re:own.
const ownLead = "own"

// remindersOrLead answers /reminders, and "/reminders 45 min" by adding that one at once. It begins no conversation, which
// would end one that is open, the first above all.
func (d *Desk) remindersOrLead(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	lead, _ := answer.Lead(r.Args)
	if lead.Valid() {
		return d.addLead(ctx, r, lead)
	}
	reply, err := d.reminders(ctx, r)
	if err != nil || strings.TrimSpace(r.Args) == "" {
		return reply, err
	}
	return unclear(reply, []bot.Value{phrase("LeadWords")}), nil
}

// reminders shows when reminders come, the quiet hours and the reminder that comes next.
func (d *Desk) reminders(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	p := r.Person
	reply := bot.Say("RemindersHeading").Say(leadsKey(p), "Leads", leadNames(p))
	if p.Quiet.Off {
		reply.Line("QuietOffLine")
	} else {
		reply.Line("QuietLine", "From", hour(p.Quiet.From), "To", hour(p.Quiet.To))
	}
	silence(reply, p)
	if err := d.sayNextReminder(ctx, r, reply); err != nil {
		return nil, err
	}
	reply.Rows = leadBoxes(p)
	reply.Say("DigestNote", "Clock", hour(60*store.DigestHour)).Row(digestBoxes(p)...)
	return reply.Row(wakeButton(p)...).Row(bot.Press("ButtonOwnLead", bot.Data("re", ownLead)), bot.Press("ButtonQuiet", bot.Data("qu"))).
		Row(bot.Press("ButtonFollows", bot.Data("fo")), menuButton()), nil
}

// sayNextReminder adds the reminder that comes next. That none comes is said only where the person may wonder why: who
// silenced everything has been told so above.
func (d *Desk) sayNextReminder(ctx context.Context, r *bot.Request, reply *bot.Reply) error {
	m, at, ok, err := d.nextReminder(ctx, r)
	switch {
	case err != nil:
		return err
	case ok:
		reply.Say("ReminderNext", "Title", m.Name, "At", bot.At{Time: at, Style: bot.AtFull})
	case !r.Person.Stopped && !r.Person.Muted && len(r.Person.Leads) > 0:
		reply.Say("ReminderNextNone")
	}
	return nil
}

// leadBoxes are the boxes of the offered leads and of the person's own ones, longest first, two in a row.
func leadBoxes(p store.Person) [][]bot.Button {
	// An own lead loses its box when it is unticked: it is easily typed anew, and the screen stays short.
	leads := slices.Concat(offered, p.Leads)
	slices.Sort(leads)
	leads = slices.Compact(leads)
	slices.Reverse(leads)
	var boxes []bot.Button
	for _, l := range leads {
		has := slices.Contains(p.Leads, l)
		boxes = append(boxes, bot.Box("BoxLead", bot.Data("re", l, !has), has, "Lead", bot.Span{Length: l.Duration(), Style: bot.SpanPlain}))
	}
	return slices.Collect(slices.Chunk(boxes, 2))
}

// pressReminders handles re, re:own and re:<minutes>:<1|0>.
func (d *Desk) pressReminders(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	if r.Arg(0) == ownLead {
		return d.talks.Start(ctx, r, leadFlow)
	}
	// What no box ever said is left alone, and the screen shows how things are.
	minutes, err := strconv.Atoi(r.Arg(0))
	if lead := store.Lead(minutes); err == nil && lead.Valid() {
		err := d.setLead(ctx, r, lead, r.Arg(1) == "1")
		if errors.Is(err, store.ErrTooMany) {
			return bot.Toast("LeadsFull", "N", strconv.Itoa(store.MaxLeads)), nil
		}
		if err != nil {
			return nil, err
		}
	}
	return editing(d.reminders(ctx, r))
}

// setLead ticks or unticks a lead. The error is [store.ErrTooMany] for one too many.
func (d *Desk) setLead(ctx context.Context, r *bot.Request, l store.Lead, on bool) error {
	return d.amend(ctx, r, "lead", func(p *store.Person) error { return p.SetLead(l, on) })
}

// The question for a lead of one's own.
const (
	leadFlow = "lead"
	stepLead = "lead"
)

// leadFlow asks for a length of time in words. It leads back to the reminders either way.
func (d *Desk) leadFlow() dialog.Flow {
	return dialog.Flow{
		Name: leadFlow, Title: "FlowLead", Reopens: true,
		Steps: []dialog.Step{{Name: stepLead, Ask: askLead, Take: d.takeLead}},
		Cancelled: func(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
			return d.reminders(ctx, r)
		},
	}
}

// askLead gives examples of all three units: they say what can be understood.
func askLead(context.Context, *dialog.Talk) (*bot.Reply, error) {
	return bot.Say("LeadQuestion").Row(dialog.Cancel(leadFlow)), nil
}

// takeLead adds the lead. One that was understood but is not allowed is explained.
func (d *Desk) takeLead(ctx context.Context, t *dialog.Talk) (dialog.Move, error) {
	lead, understood := answer.Lead(t.Value)
	switch {
	case !understood:
		return dialog.Unclear(bot.Say("LeadUnclear").Row(dialog.Cancel(leadFlow))), nil
	case !lead.Valid():
		return dialog.Stay(bot.Say("LeadOutOfRange").Row(dialog.Cancel(leadFlow))), nil
	}
	reply, err := d.addLead(ctx, t.Request, lead)
	if err != nil {
		return dialog.Move{}, err
	}
	return dialog.End(reply), nil
}

// addLead adds a typed lead and shows the screen with it. Of four there is no room for a fifth, and the boxes to make room
// are shown.
func (d *Desk) addLead(ctx context.Context, r *bot.Request, lead store.Lead) (*bot.Reply, error) {
	first := bot.NewPart("LeadSet", "Lead", bot.Span{Length: lead.Duration(), Style: bot.SpanBefore})
	err := d.setLead(ctx, r, lead, true)
	if errors.Is(err, store.ErrTooMany) {
		first, err = bot.NewPart("LeadsFull", "N", strconv.Itoa(store.MaxLeads)), nil
	}
	if err != nil {
		return nil, err
	}
	reply, err := d.reminders(ctx, r)
	if err != nil {
		return nil, err
	}
	return above(reply, first), nil
}

// The hours that are offered for the beginning and the end of the quiet hours.
var (
	quietFrom = []int{20, 21, 22, 23}
	quietTo   = []int{6, 7, 8, 9}
)

// pressQuiet handles qu, qu:on, qu:off, qu:from:<hour> and qu:to:<hour>. Choosing an hour turns the quiet hours on.
func (d *Desk) pressQuiet(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	set, ok := quietChange(r.Arg(0), r.Arg(1))
	if !ok {
		return quietScreen(r.Person).Editing(), nil
	}
	err := d.amend(ctx, r, "quiet", func(p *store.Person) error {
		set(&p.Quiet)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return quietScreen(r.Person).Editing(), nil
}

// quietChange reads what a button of the quiet hours wants; ok is false for qu alone and for what no button ever said.
func quietChange(word, arg string) (set func(*store.Quiet), ok bool) {
	h, err := strconv.Atoi(arg)
	onTheClock := err == nil && h >= 0 && h < 24
	switch {
	case word == "off":
		return func(q *store.Quiet) { q.Off = true }, true
	case word == "on":
		return func(q *store.Quiet) { q.Off = false }, true
	case word == "from" && onTheClock:
		return func(q *store.Quiet) { q.Off, q.From = false, 60*h }, true
	case word == "to" && onTheClock:
		return func(q *store.Quiet) { q.Off, q.To = false, 60*h }, true
	}
	return nil, false
}

// quietScreen offers the hours in which most people sleep. Both ends stand in one message, so that a change of one shows
// what the other is.
func quietScreen(p store.Person) *bot.Reply {
	reply := bot.Say("QuietHeading")
	if p.Quiet.Off {
		reply.Say("QuietOffLine")
	} else {
		reply.Say("QuietLine", "From", hour(p.Quiet.From), "To", hour(p.Quiet.To))
	}
	for _, end := range [][]bot.Button{
		hourBoxes("ButtonQuietFrom", "from", quietFrom, p.Quiet.From, p.Quiet.Off),
		hourBoxes("ButtonQuietTo", "to", quietTo, p.Quiet.To, p.Quiet.Off),
	} {
		for pair := range slices.Chunk(end, 2) { // with a tick, four of them side by side are cut off on a phone
			reply.Row(pair...)
		}
	}
	toggle := bot.Press("ButtonQuietOff", bot.Data("qu", "off"))
	if p.Quiet.Off {
		toggle = bot.Press("ButtonQuietOn", bot.Data("qu", "on"))
	}
	return reply.Row(toggle).Button("ButtonBack", bot.Data("re"))
}

// hourBoxes are the hours to choose from; the chosen one is ticked while the quiet hours are on.
func hourBoxes(key, word string, hours []int, chosen int, off bool) (row []bot.Button) {
	for _, h := range hours {
		b := bot.Press(key, bot.Data("qu", word, h), "Hour", hour(60*h))
		if !off && chosen == 60*h {
			b.Tick = 2
		}
		row = append(row, b)
	}
	return row
}

// hour writes minutes after midnight as on a clock.
func hour(minutes int) bot.Raw {
	return bot.Raw(fmt.Sprintf("%02d:%02d", minutes/60, minutes%60))
}
