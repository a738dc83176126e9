package handlers

import (
	"recbot/bot"
	"recbot/store"
)

// Questions about when and where a meeting is.
var (
	_ = command(spec{Intents: []string{"next_meeting"}, Run: onMeeting((*Desk).tellNext)})
	_ = command(spec{Intents: []string{"meeting_when"}, Run: onMeeting((*Desk).tellWhen)})
	_ = command(spec{Intents: []string{"meeting_where"}, Run: onMeeting((*Desk).tellWhere)})
)

// Aspects of these questions.
const (
	aspectLeft  = "left"
	aspectHour  = "hour"
	aspectVenue = "venue"
)

// How date and place are said.
var (
	dateTenses   = tenses{"AnswerDate", "AnswerDateAnnounced", "AnswerDateWas", "AnswerDateWasAnnounced"}
	placeTenses  = tenses{"AnswerPlace", "AnswerPlaceAnnounced", "AnswerPlaceWas", "AnswerPlaceWasAnnounced"}
	onlineTenses = tenses{"AnswerOnline", "AnswerOnlineAnnounced", "AnswerOnlineWas", "AnswerOnlineWasAnnounced"}
)

// tellNext says which meeting is next, when and where.
func (d *Desk) tellNext(r *bot.Request, m store.Meeting) *bot.Reply {
	reply, cites := titled(m), d.citations()
	marks, named := cites.brief(r, m)
	d.sayDate(reply, r, m, marks)
	d.sayLeft(reply, r, m)
	d.sayHour(reply, r, m)
	reply.Line("CardWhere", "Place", place(m))
	cites.show(reply, append(d.disputesOf(cites, m, about(m, aboutPlace)), block{cites: named}))
	return d.ways(reply, r, m)
}

// tellWhen says on which day a meeting is, and how many days that is away.
func (d *Desk) tellWhen(r *bot.Request, m store.Meeting) *bot.Reply {
	reply, cites := titled(m), d.citations()
	marks, named := cites.brief(r, m)
	// The line that was asked for comes first.
	switch r.Ask.Aspect {
	case aspectLeft:
		d.sayLeft(reply, r, m)
		d.sayDate(reply, r, m, marks)
		d.sayHour(reply, r, m)
	case aspectHour:
		d.sayHour(reply, r, m)
		d.sayDate(reply, r, m, marks)
		d.sayLeft(reply, r, m)
	default:
		d.sayDate(reply, r, m, marks)
		d.sayLeft(reply, r, m)
		d.sayHour(reply, r, m)
	}
	cites.show(reply, append(d.disputesOf(cites, m, about(m, aboutDate)), block{cites: named}))
	d.ways(reply, r, m)
	if r.Ask.Aspect == aspectHour && m.AllDay() {
		return d.unpublished(r, reply)
	}
	return reply
}

// sayDate adds the sentence with the date.
func (d *Desk) sayDate(reply *bot.Reply, r *bot.Request, m store.Meeting, marks bot.Raw) {
	key := d.dateKey(r, m)
	reply.Line(key, "On", bot.WhenOf(m, bot.WhenOn), "Notes", marks)
	// Only who asks for the date reads from it that the meeting was held.
	if key == dateTenses.wasAnnounced && r.Ask.Intent == "meeting_when" {
		reply.Line("AnswerNotReported")
	}
	if !m.StatusNote.Empty() {
		reply.Line("CardNote", "Text", m.StatusNote)
	}
}

// dateKey names the sentence with the date. That a meeting was held is said only where somebody reported it.
func (d *Desk) dateKey(r *bot.Request, m store.Meeting) string {
	// What called a meeting off matters more than its date; that it goes on matters more than that it was announced.
	switch {
	case m.Status == store.Cancelled:
		return "AnswerDateCancelled"
	case m.Status == store.Postponed:
		return "AnswerDatePostponed"
	case m.Upcoming(r.Now) && begun(m, r.Now):
		return "AnswerDateBegun"
	case m.Upcoming(r.Now) && m.Status == store.Tentative:
		return "AnswerDateTentative"
	}
	return d.tense(r, m, dateTenses)
}

// sayLeft adds how far away a meeting is: in days of the reader's calendar, in hours once it is near and its hour is known.
func (d *Desk) sayLeft(reply *bot.Reply, r *bot.Request, m store.Meeting) {
	in, ahead := remaining(m, d.zoneOf(r.Person), r.Now)
	if !ahead {
		return
	}
	// "1 week left" would be shorter, but who asks how long wants to count days.
	if days := daysUntil(m, d.zoneOf(r.Person), r.Now); days > 1 {
		reply.Line("AnswerDaysLeft", "N", bot.Count{N: days})
		return
	}
	reply.Line("CardLeft", "In", in)
}

// sayHour adds the hours, or that they are not known. Of what is over nobody will announce them any more: it is said only
// to who asks.
func (d *Desk) sayHour(reply *bot.Reply, r *bot.Request, m store.Meeting) {
	switch {
	case !m.AllDay() && !callsOff(m):
		reply.Line("AnswerHour", "Clock", bot.WhenOf(m, bot.WhenClock))
	case m.AllDay() && m.Upcoming(r.Now):
		reply.Line("AnswerHourNotYet")
	case m.AllDay() && r.Ask.Aspect == aspectHour:
		reply.Line("AnswerHourNever")
	}
}

// tellWhere says where a meeting is held. Of a place on which the sources differ it tells both versions.
func (d *Desk) tellWhere(r *bot.Request, m store.Meeting) *bot.Reply {
	reply, cites := titled(m), d.citations()
	marks, named := cites.brief(r, m)
	// An online meeting has no building that anybody could publish: that it is online is the answer.
	unknown := r.Ask.Aspect == aspectVenue && m.Location.Venue.Empty() && m.Attendance != store.Online
	if unknown {
		reply.Line("AnswerNoVenue")
	}
	if callsOff(m) { // a place alone would read as if the meeting were held there
		d.sayDate(reply, r, m, marks)
		reply.Line("CardWhere", "Place", place(m))
	} else {
		d.sayPlace(reply, r, m, marks)
	}
	cites.show(reply, append(d.disputesOf(cites, m, about(m, aboutPlace)), block{cites: named}))
	d.ways(reply, r, m)
	if unknown || placeless(m) {
		return d.unpublished(r, reply)
	}
	return reply
}

// sayPlace adds the sentence with the place.
func (d *Desk) sayPlace(reply *bot.Reply, r *bot.Request, m store.Meeting, marks bot.Raw) {
	switch {
	case placeless(m):
		reply.Line("AnswerPlaceUnknown")
	case m.Attendance == store.Online:
		reply.Line(d.tense(r, m, onlineTenses), "Notes", marks)
	case m.Attendance == store.Mixed:
		reply.Line(d.tense(r, m, placeTenses), "Place", venue(m), "Notes", marks).Line("CardFormat", "Format", phrase("Format_mixed"))
	default:
		reply.Line(d.tense(r, m, placeTenses), "Place", venue(m), "Notes", marks)
	}
}

// placeless tells that nothing is known of where a meeting is held.
func placeless(m store.Meeting) bool {
	return m.Attendance != store.Online && len(texts(m.Location.Venue, m.Location.City, m.Location.Country)) == 0
}
