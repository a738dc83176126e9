package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"recbot/bot"
	"recbot/store"
)

var (
	_ = command(spec{Buttons: []string{"mc"}, Press: (*Desk).pressCard})
	_ = command(spec{Buttons: []string{"mu"}, Press: (*Desk).muteMeeting})
)

// meetingCard shows a meeting. For one that the person may not see it says the same as for one that does not exist.
func (d *Desk) meetingCard(ctx context.Context, r *bot.Request, id store.MeetingID) (*bot.Reply, error) {
	m, err := d.store.Meeting(ctx, id, r.Person)
	if errors.Is(err, store.ErrNotFound) {
		return meetingNone(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("card of meeting %q: %w", id, err)
	}
	return d.card(r, m), nil
}

// meetingNone is the one answer to whoever asks for a meeting that is not there for them.
func meetingNone() *bot.Reply {
	return bot.Say("MeetingNone").Button("ButtonMeetings", bot.Data("mt", upcoming, 0))
}

// pressCard handles mc:<id>, mc:<id>:n and mc:<id>:<page of the details>.
func (d *Desk) pressCard(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	id := store.MeetingID(r.Arg(0))
	switch r.Arg(1) {
	case fresh: // under a notice, which is to stay readable as it was sent
		return d.meetingCard(ctx, r, id)
	case "":
		return editing(d.meetingCard(ctx, r, id))
	}
	m, err := d.store.Meeting(ctx, id, r.Person)
	if errors.Is(err, store.ErrNotFound) {
		return meetingNone().Editing(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("details of meeting %q: %w", id, err)
	}
	return d.details(m, r.Arg(1)).Editing(), nil
}

// editing makes a reply replace the message whose button was pressed.
func editing(reply *bot.Reply, err error) (*bot.Reply, error) {
	if reply != nil {
		reply.Editing()
	}
	return reply, err
}

// muteMeeting handles mu:<id>:<1|0> and mu:<id>:<1|0>:n: the reminders of a single meeting stop, or come again. Changes
// come in any case.
func (d *Desk) muteMeeting(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	id, on := store.MeetingID(r.Arg(0)), r.Arg(1) == "1"
	m, err := d.store.Meeting(ctx, id, r.Person)
	if errors.Is(err, store.ErrNotFound) {
		return meetingNone().Editing(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("mute meeting %q: %w", id, err)
	}
	// Whether the meeting is followed does not matter: who unfollows and comes back finds it as they left it.
	p, err := d.store.ChangePerson(ctx, r.Person.ID, r.Cause("mute"), func(p *store.Person) error {
		p.MuteMeeting(id, on)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("mute meeting %q: %w", id, err)
	}
	r.Person = p
	said := "MeetingUnmuted"
	if on {
		said = "MeetingMuted"
	}
	if r.Arg(2) == fresh {
		// In a chat with several notices the name says which one was meant, and the button takes it back.
		return titled(m).Say(said).Button(muteKey(!on), bot.Data("mu", id, !on, fresh)), nil
	}
	return d.card(r, m).Editing().Toasting(said), nil
}

// muteKey names the button that silences a meeting, or brings its reminders back.
func muteKey(on bool) string {
	if on {
		return "ButtonMuteMeeting"
	}
	return "ButtonUnmuteMeeting"
}

// card is the first page of a meeting: all one needs to come to it.
func (d *Desk) card(r *bot.Request, m store.Meeting) *bot.Reply {
	reply, cites := d.cardHead(r, m), d.citations()
	if !m.Summary.Empty() {
		reply.Say("CardSummary", "Text", m.Summary)
	}
	if m.Announced {
		reply.Say("CardAnnounced")
	}
	sections := slices.Concat(d.credits(cites, "CardOrganizers", m.Organizers), d.disputes(cites, m), documents(m))
	cites.mark(m.Sources) // those too that no line names
	cites.show(reply, append(sections, block{cites: m.Sources}))
	reply.Rows = d.cardButtons(r, m)
	return reply
}

// cardHead is what stands above everything else: name, state, time and place.
func (d *Desk) cardHead(r *bot.Request, m store.Meeting) *bot.Reply {
	reply := titled(m)
	// A meeting that is simply on needs no word about it: what people look for are the day and the place.
	status := statusKey(m, r.Now)
	if status != "StatusConfirmed" {
		reply.Say("CardStatus", "Status", phrase(status))
	}
	switch {
	case m.StatusNote.Empty():
	case status == "StatusConfirmed":
		reply.Say("CardNote", "Text", m.StatusNote)
	default:
		reply.Line("CardNote", "Text", m.StatusNote)
	}
	when := "CardWhen"
	if callsOff(m) {
		when = "CardWasPlanned"
	}
	reply.Say(when, "When", whenOf(m, bot.WhenFull))
	if in, ok := d.countdown(r, m); ok {
		reply.Line("CardLeft", "In", in)
	}
	if m.Attendance != store.Online { // else the format says it
		reply.Line("CardWhere", "Place", venue(m))
	}
	reply.Line("CardFormat", "Format", phrase("Format_"+string(m.Attendance)))
	if names := d.bodies(m.Bodies); len(names) > 0 {
		reply.Line("CardBodies", "Bodies", names)
	}
	return reply
}

// titled begins a message about a meeting with its name. Invented meetings are labelled wherever they are named at length.
func titled(m store.Meeting) *bot.Reply {
	reply := &bot.Reply{}
	if m.Fixture {
		reply.Say("CardExample")
	}
	return reply.Say("CardTitle", "Title", m.Name)
}

// countdown is the time left, once it is short enough to be worth a line.
func (d *Desk) countdown(r *bot.Request, m store.Meeting) (in bot.Value, ok bool) {
	if m.Start().Sub(r.Now) > near {
		return in, false
	}
	return remaining(m, d.zoneOf(r.Person), r.Now)
}

// documents lists the papers of a meeting, each with the languages it is there in.
func documents(m store.Meeting) []block {
	if len(m.Documents) == 0 {
		return nil
	}
	var parts []bot.Part
	for _, doc := range m.Documents {
		title := bot.V(doc.Title)
		if doc.URL != "" {
			title = bot.V(bot.Link{URL: doc.URL, Text: doc.Title})
		}
		line := tight("DocumentLine", "Title", title)
		if len(doc.Languages) > 0 {
			line = tight("DocumentLineIn", "Title", title, "Languages", bot.Raw(codes(doc.Languages)))
		}
		parts = append(parts, line)
	}
	return []block{{heading: bot.NewPart("CardDocuments"), parts: parts}}
}

// codes writes languages as they stand on documents: EN, RU.
func codes(langs []store.Lang) string {
	all := make([]string, len(langs))
	for i, l := range langs {
		all[i] = strings.ToUpper(string(l))
	}
	return strings.Join(all, ", ")
}

// tight is a part on a line of its own inside a paragraph.
func tight(key string, pairs ...any) bot.Part {
	p := bot.NewPart(key, pairs...)
	p.Tight = true
	return p
}

// cardButtons offers what one can do with a meeting: join it, be told of it, read more. Who may see a meeting may join it,
// so the link needs no gate of its own.
func (d *Desk) cardButtons(r *bot.Request, m store.Meeting) (rows [][]bot.Button) {
	add := func(buttons ...bot.Button) {
		if len(buttons) > 0 {
			rows = append(rows, buttons)
		}
	}
	if join, ok := joinButton(m, r); ok {
		add(join)
	}
	for _, tell := range tellButtons(r, m) {
		add(tell)
	}
	about := []bot.Button{}
	// Before a meeting people look for its agenda, and shall read that there is none yet; afterwards only one that is there.
	if len(m.Agenda) > 0 || m.Upcoming(r.Now) {
		about = append(about, bot.Press("ButtonAgenda", bot.Data("ag", m.ID, 0)))
	}
	if hasDetails(m) {
		about = append(about, bot.Press("ButtonDetails", bot.Data("mc", m.ID, 0)))
	}
	add(about...)
	add(bot.Press("ButtonMeetings", bot.Data("mt", upcoming, 0)))
	return rows
}

// joinButton is the link to a meeting that is held online, as long as it leads somewhere.
func joinButton(m store.Meeting, r *bot.Request) (b bot.Button, ok bool) {
	if m.JoinURL == "" || !m.Upcoming(r.Now) {
		return b, false
	}
	return bot.Open("ButtonJoin", m.JoinURL), true
}

// tellButtons choose whether one is told of a meeting. Who follows one of its bodies is told already and can only silence
// its reminders. A meeting that was called off has no reminders to silence, and a cancelled one is not offered to newcomers;
// one that was postponed is, for its new date will be news.
func tellButtons(r *bot.Request, m store.Meeting) (buttons []bot.Button) {
	topic := store.TopicOf(m.ID)
	if m.Over(r.Now) {
		return nil
	}
	switch {
	case r.Person.Follows(topic):
		buttons = append(buttons, bot.Press("ButtonUnfollowMeeting", bot.Data("fo", topic, false)))
	case !r.Person.FollowsMeeting(m) && m.Status != store.Cancelled:
		return []bot.Button{bot.Press("ButtonFollowMeeting", bot.Data("fo", topic, true))}
	}
	if r.Person.FollowsMeeting(m) && !callsOff(m) {
		buttons = append(buttons, muteButton(r.Person, m))
	}
	return buttons
}

// muteButton offers the state that the person does not have.
func muteButton(p store.Person, m store.Meeting) bot.Button {
	on := !slices.Contains(p.MutedOnes, m.ID)
	return bot.Press(muteKey(on), bot.Data("mu", m.ID, on))
}
