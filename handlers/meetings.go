package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"recbot/bot"
	"recbot/store"
)

var _ = command(spec{Name: "meetings", Order: 20, Buttons: []string{"mt"},
	Run: (*Desk).meetings, Press: (*Desk).pressMeetings})

// perPage is how many meetings a page of a list holds.
const perPage = 5

// The lists of meetings, as they stand in buttons.
const (
	upcoming = "up"   // mt:up:<page>
	past     = "past" // mt:past:<page>; also typed behind /meetings
	ofBody   = "of"   // mt:of:<body>:<page>
	byBody   = "by"   // mt:by
)

// typedUpcoming is the word behind /meetings for what it shows anyway.
const typedUpcoming = "upcoming"

// meetings lists what lies ahead, or what the words behind the command asked for.
func (d *Desk) meetings(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	said := behind(r)
	body, named := d.bodyNamed(said)
	switch {
	case said == past:
		return d.pastMeetings(ctx, r, "")
	case named:
		return d.meetingsOf(ctx, r, body, "")
	}
	reply, err := d.upcomingMeetings(ctx, r, "")
	if err == nil && said != "" && said != typedUpcoming {
		unclear(reply, d.bodyWords(typedUpcoming, past))
	}
	return reply, err
}

// pressMeetings turns the pages of the lists and changes between them.
func (d *Desk) pressMeetings(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	switch r.Arg(0) {
	case past:
		return editing(d.pastMeetings(ctx, r, r.Arg(1)))
	case ofBody:
		return editing(d.meetingsOf(ctx, r, r.Arg(1), r.Arg(2)))
	case byBody:
		return d.chooseBody().Editing(), nil
	}
	return editing(d.upcomingMeetings(ctx, r, r.Arg(1)))
}

// upcomingMeetings lists what is not over yet. Cancelled and postponed meetings are among them, marked as such: people
// look for them.
func (d *Desk) upcomingMeetings(ctx context.Context, r *bot.Request, page string) (*bot.Reply, error) {
	all, err := d.store.VisibleMeetings(ctx, r.Person)
	if err != nil {
		return nil, fmt.Errorf("upcoming meetings: %w", err)
	}
	ahead := keep(all, func(m store.Meeting) bool { return !m.Over(r.Now) })
	reply := bot.Say("MeetingsUpcoming")
	// A list of nothing but cancelled meetings does not answer what comes next; that is said above it.
	if !slices.ContainsFunc(ahead, func(m store.Meeting) bool { return m.Upcoming(r.Now) }) {
		reply = d.nothing(r, all)
	}
	d.shelf(reply, r, ahead, page, func(page int) string { return bot.Data("mt", upcoming, page) })
	return reply.Row(bot.Press("ButtonPast", bot.Data("mt", past, 0)), bot.Press("ButtonByBody", bot.Data("mt", byBody))), nil
}

// pastMeetings lists what is over, the latest first.
func (d *Desk) pastMeetings(ctx context.Context, r *bot.Request, page string) (*bot.Reply, error) {
	all, err := d.store.VisibleMeetings(ctx, r.Person)
	if err != nil {
		return nil, fmt.Errorf("past meetings: %w", err)
	}
	over := keep(all, func(m store.Meeting) bool { return m.Over(r.Now) })
	slices.Reverse(over)
	reply := bot.Say("MeetingsPast")
	if len(over) == 0 {
		reply = bot.Say("MeetingsPastNone")
	}
	d.shelf(reply, r, over, page, func(page int) string { return bot.Data("mt", past, page) })
	return reply.Row(bot.Press("ButtonUpcoming", bot.Data("mt", upcoming, 0)), bot.Press("ButtonByBody", bot.Data("mt", byBody))), nil
}

// meetingsOf lists the meetings of a body or of the Council: those ahead, then those past, the latest first.
func (d *Desk) meetingsOf(ctx context.Context, r *bot.Request, body, page string) (*bot.Reply, error) {
	name, ok := d.bodyName(body)
	if !ok {
		return bot.Say("BodyNone").Button("ButtonGroups", bot.Data("gr")), nil
	}
	all, err := d.store.VisibleMeetings(ctx, r.Person)
	if err != nil {
		return nil, fmt.Errorf("meetings of %q: %w", body, err)
	}
	own := keep(all, func(m store.Meeting) bool { return slices.Contains(m.Bodies, body) })
	ahead := keep(own, func(m store.Meeting) bool { return !m.Over(r.Now) })
	over := keep(own, func(m store.Meeting) bool { return m.Over(r.Now) })
	slices.Reverse(over)

	reply := bot.Say("MeetingsOf", "Body", name)
	if !slices.ContainsFunc(ahead, func(m store.Meeting) bool { return m.Upcoming(r.Now) }) {
		reply.Say("MeetingsOfNone")
	}
	d.shelf(reply, r, append(ahead, over...), page, func(page int) string { return bot.Data("mt", ofBody, body, page) })
	// To unfollow is for the card of the body: nobody opens a list in order to leave.
	if !r.Person.Covers(store.Topic(body)) {
		reply.Button("ButtonFollowBody", bot.Data("fo", body, true))
	}
	return reply.Row(bot.Press("ButtonUpcoming", bot.Data("mt", upcoming, 0)), bot.Press("ButtonByBody", bot.Data("mt", byBody))), nil
}

// chooseBody asks whose meetings are wanted.
func (d *Desk) chooseBody() *bot.Reply {
	reply := bot.Say("MeetingsByBody").Button("ButtonBody", bot.Data("mt", ofBody, store.TopicCouncil, 0), "Body", d.council.Council.ShortName)
	for _, b := range d.council.Bodies {
		reply.Row(d.bodyButton(b, bot.Data("mt", ofBody, b.ID, 0)))
	}
	return reply.Button("ButtonUpcoming", bot.Data("mt", upcoming, 0))
}

// shelf adds a page of meetings to a list: a paragraph and a button with its number each, and the pager. The only meeting of
// a list needs no number: its button bears its name.
func (d *Desk) shelf(reply *bot.Reply, r *bot.Request, all []store.Meeting, arg string, to func(page int) string) {
	if len(all) == 1 {
		reply.Say("MeetingsOne", "Title", all[0].Name, "Facts", facts(all[0], r.Now)).Button("ButtonMeeting", bot.Data("mc", all[0].ID), "Title", all[0].Name)
		return
	}
	pages := (len(all) + perPage - 1) / perPage
	page := pageOf(arg, pages)
	first := max(0, page) * perPage
	var numbers []bot.Button
	for i, m := range all[first:min(first+perPage, len(all))] {
		n := bot.Raw(strconv.Itoa(first + i + 1))
		reply.Say("MeetingsItem", "N", n, "Title", m.Name, "Facts", facts(m, r.Now))
		numbers = append(numbers, bot.Press("ButtonNumber", bot.Data("mc", m.ID), "N", n))
	}
	reply.Row(numbers...).Row(pager(page, pages, to)...)
}

// facts are date, place and whatever is special about a meeting, in a few words.
func facts(m store.Meeting, now time.Time) []bot.Value {
	words := []bot.Value{bot.V(bot.WhenOf(m, bot.WhenShort)), town(m)}
	// What is plain from the list it stands in is not repeated on every line.
	if key := statusKey(m, now); key != "StatusConfirmed" && key != "StatusOver" {
		words = append(words, phrase(key))
	}
	if m.Fixture {
		words = append(words, phrase("LabelExample"))
	}
	return words
}

// bodyAsked gives the body, or the Council, that a command or a question names; "" if it names none that is known.
func (d *Desk) bodyAsked(r *bot.Request) string {
	if id, ok := d.bodyNamed(behind(r)); ok {
		return id
	}
	return r.Ask.Body
}

// noCandidate answers when [Desk.candidates] found none. That a body has none does not mean that nothing lies ahead, so its
// card says it; and a name that no meeting has, for this person, is answered like every other such meeting.
func (d *Desk) noCandidate(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	body := d.bodyAsked(r)
	if _, ok := d.council.Body(body); ok {
		return d.groupCard(ctx, r, body)
	}
	if body == "" && strings.TrimSpace(r.Args) != "" {
		return meetingNone(), nil
	}
	return d.nothingAhead(ctx, r)
}

// nothingAhead is the whole answer to somebody who asks for the next meeting when there is none.
func (d *Desk) nothingAhead(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	all, err := d.store.VisibleMeetings(ctx, r.Person)
	if err != nil {
		return nil, fmt.Errorf("last meeting: %w", err)
	}
	return d.nothing(r, all).Button("ButtonMeetings", bot.Data("mt", upcoming, 0)), nil
}

// nothing says that no meeting lies ahead: which one was the last, and that the bot will write when there is one, or how
// to have it write.
func (d *Desk) nothing(r *bot.Request, visible []store.Meeting) *bot.Reply {
	reply := bot.Say("MeetingsNone")
	if last, ok := lastMeeting(visible, r.Now); ok {
		reply.Say("MeetingsLast", "Title", last.Name, "When", bot.WhenOf(last, bot.WhenDate), "Place", town(last))
		reply.Button("ButtonLastMeeting", bot.Data("mc", last.ID))
	}
	if len(r.Person.Topics) > 0 && !r.Person.Stopped {
		return reply.Say("MeetingsNoneFollowing")
	}
	return reply.Say("MeetingsNoneFollow").Button("ButtonFollowChoose", bot.Data("fo"))
}

// lastMeeting gives the last of the meetings that are over and were not called off.
func lastMeeting(all []store.Meeting, now time.Time) (last store.Meeting, ok bool) {
	for _, m := range all {
		if m.Over(now) && m.Status != store.Cancelled && m.Status != store.Postponed {
			last, ok = m, true
		}
	}
	return last, ok
}

// oneMeeting shows the meeting that a command or a question is about. Of several the person chooses one, by buttons of a
// prefix.
func (d *Desk) oneMeeting(ctx context.Context, r *bot.Request, prefix string, show func(store.Meeting) *bot.Reply) (*bot.Reply, error) {
	found, err := d.candidates(ctx, r)
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return d.noCandidate(ctx, r)
	case len(found) > 1:
		return whichMeeting(found, prefix), nil
	}
	return show(found[0]), nil
}

// candidates finds the meeting that a command or a question is about. It is the one that was named; else the next one, of
// the body that was named if there was one. Several that begin at the same instant are all given, and the person chooses.
// Of a body with nothing ahead it is the last one. None means that there is nothing to show; see [Desk.noCandidate].
func (d *Desk) candidates(ctx context.Context, r *bot.Request) ([]store.Meeting, error) {
	named := strings.ToLower(strings.TrimSpace(r.Args))
	if id := cmp.Or(r.Ask.Meeting, store.MeetingID(named)); id != "" {
		m, err := d.store.Meeting(ctx, id, r.Person)
		if err == nil {
			return []store.Meeting{m}, nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return nil, fmt.Errorf("meeting %q: %w", id, err)
		}
	}
	all, err := d.store.VisibleMeetings(ctx, r.Person)
	if err != nil {
		return nil, fmt.Errorf("next meeting: %w", err)
	}
	body := d.bodyAsked(r)
	if named != "" && body == "" {
		return nil, nil // another meeting than the one that was named is no answer
	}
	if body != "" {
		all = keep(all, func(m store.Meeting) bool { return slices.Contains(m.Bodies, body) })
	}
	ahead := keep(all, func(m store.Meeting) bool { return m.Upcoming(r.Now) })
	if len(ahead) > 0 {
		return keep(ahead, func(m store.Meeting) bool { return m.Start().Equal(ahead[0].Start()) }), nil
	}
	if last, ok := lastMeeting(all, r.Now); ok && body != "" {
		return []store.Meeting{last}, nil
	}
	return nil, nil
}

// whichMeeting asks which of several meetings is meant; prefix is that of the button which shows it.
func whichMeeting(found []store.Meeting, prefix string) *bot.Reply {
	reply := bot.Say("WhichMeeting")
	for _, m := range found[:min(perPage, len(found))] {
		reply.Button("ButtonMeeting", bot.Data(prefix, m.ID), "Title", m.Name)
	}
	return reply
}

// keep gives those meetings for which yes holds.
func keep(all []store.Meeting, yes func(store.Meeting) bool) (kept []store.Meeting) {
	for _, m := range all {
		if yes(m) {
			kept = append(kept, m)
		}
	}
	return kept
}
