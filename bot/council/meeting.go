package council

import (
	"cmp"
	"encoding/json"
	"slices"

	"go.yaml.in/yaml/v3"

	"recbot/store"
)

// roomForMore is what a meeting may grow by in the store: marks of its import and of edits.
const roomForMore = 1 << 10

// meeting reads a meeting. Its visibility is required: what nobody thought of must not become public by being left out.
// The zone may come from the file, for all its meetings; the uid from the id, for files that were never exported.
func (r *reader) meeting(n *yaml.Node) store.Meeting {
	m := store.Meeting{Zone: r.zoneOfFile, Fixture: r.fixtures}
	where := r.object(n, fields{
		"id":                id(r, "meeting", &m.ID),
		"uid":               r.line(&m.UID),
		"sequence":          r.number(&m.Sequence),
		"fixture":           r.flag(&m.Fixture),
		"kind":              oneOf(r, &m.Kind, "council_meeting", "working_group_meeting", "executive_committee_meeting", "event"),
		"number":            r.number(&m.Number),
		"announced":         r.flag(&m.Announced),
		"bodies":            r.idsOf(kindBody, &m.Bodies),
		"name":              r.name(&m.Name),
		"aliases":           r.aliases(&m.Aliases),
		"summary":           r.note(&m.Summary),
		"date":              r.date(&m.Date),
		"end_date":          r.date(&m.EndDate),
		"start":             r.hour(&m.StartHour),
		"end":               r.hour(&m.EndHour),
		"timezone":          r.zone(&m.Zone),
		"attendance":        oneOf(r, &m.Attendance, store.InPerson, store.Online, store.Mixed),
		"location":          r.location(&m.Location),
		"join_url":          r.link(&m.JoinURL),
		"status":            oneOf(r, &m.Status, store.Tentative, store.Confirmed, store.Postponed, store.Cancelled),
		"status_note":       r.note(&m.StatusNote),
		"visibility":        oneOf(r, &m.Visibility, store.Public, store.Delegates, store.Restricted),
		"visible_to":        r.idsOf(kindMembers, &m.Bound),
		"organizers":        list(r, &m.Organizers, r.credit),
		"participants":      list(r, &m.Participants, r.credit),
		"attendance_figure": func(n *yaml.Node) { c := r.credit(n); m.Figure = &c },
		"speakers":          list(r, &m.Speakers, r.credit),
		"background":        list(r, &m.Background, r.credit),
		"agenda":            func(n *yaml.Node) { m.Agenda = r.agenda(n) },
		"outcomes":          list(r, &m.Outcomes, r.credit),
		"disputed":          list(r, &m.Disputed, r.dispute),
		"documents":         list(r, &m.Documents, r.document),
		"faq":               list(r, &m.FAQ, r.faq),
		"sources":           r.idsOf(kindSource, &m.Sources),
	}, "id", "kind", "bodies", "name", "date", "attendance", "status", "visibility")
	if m.UID == "" && m.ID != "" {
		m.UID = string(m.ID) + "@recbot"
	}
	r.checkMeeting(m, where)
	return m
}

// checkMeeting finds what no field alone can tell.
func (r *reader) checkMeeting(m store.Meeting, where places) {
	if first, taken := r.taken["uid "+m.UID]; taken && m.UID != "" {
		r.wrong(where.of("uid"), "the uid %q is taken already in line %d", clip(m.UID), first)
	}
	r.taken["uid "+m.UID] = where.of("uid").Line
	if len(m.Bodies) == 0 && where.fields["bodies"] != nil {
		r.wrong(where.of("bodies"), "a meeting belongs to at least one body, or to the Council (rec)")
	}
	if (m.Visibility == store.Restricted) != (len(m.Bound) > 0) && m.Visibility != "" {
		r.wrong(where.of("visibility"), "visibility: restricted and visible_to go together")
	}
	if r.fixtures && !m.Fixture {
		r.wrong(where.of("fixture"), "a meeting in a file of fixtures is a fixture")
	}
	r.checkHours(m, where)
	r.checkAgenda(m, where)
	raw, err := json.Marshal(m)
	if err != nil || len(raw) > store.MaxValue-roomForMore {
		r.wrong(where.object, "the meeting takes %d bytes; at most %d fit into the store", len(raw), store.MaxValue-roomForMore)
	}
}

// checkHours finds times that no calendar has. Fields that could not be read were told already and count as missing here,
// so that one mistake does not bring on others.
func (r *reader) checkHours(m store.Meeting, where places) {
	if m.Date == "" || m.Zone == "" {
		return // told already
	}
	switch {
	case m.EndDate != "" && m.EndDate < m.Date:
		r.wrong(where.of("end_date"), "the meeting ends before it begins")
	case m.EndHour != "" && where.fields["start"] == nil:
		r.wrong(where.of("end"), "an end without a start")
	case m.EndHour != "" && m.StartHour != "" && !m.End().After(m.Start()):
		r.wrong(where.of("end"), "the meeting ends before it begins")
	case m.StartHour != "" && m.Start().Format(hourLayout) != m.StartHour:
		r.wrong(where.of("start"), "the clocks of %s skip %s on that day", m.Zone, m.StartHour)
	}
}

// checkAgenda holds the sessions to the days of the meeting and the documents to the sessions.
func (r *reader) checkAgenda(m store.Meeting, where places) {
	last := cmp.Or(m.EndDate, m.Date)
	for i, item := range m.Agenda {
		n := nth(where.of("agenda"), i)
		if item.Date != "" && m.Date != "" && (item.Date < m.Date || item.Date > last) {
			r.wrong(n, "the session %q is on %s, the meeting is from %s to %s", item.ID, item.Date, m.Date, last)
		}
		if item.End != "" && (item.Start == "" || item.End <= item.Start) {
			r.wrong(n, "the session %q needs a start before its end", item.ID)
		}
	}
	for i, d := range m.Documents {
		known := slices.ContainsFunc(m.Agenda, func(a store.AgendaItem) bool { return a.ID == d.AgendaItem })
		if d.AgendaItem != "" && !known {
			r.wrong(nth(where.of("documents"), i), "agenda_item %q is no session of this meeting", clip(d.AgendaItem))
		}
	}
}

// nth gives an item of a list, or the list itself.
func nth(n *yaml.Node, i int) *yaml.Node {
	if n.Kind == yaml.SequenceNode && i < len(n.Content) {
		return n.Content[i]
	}
	return n
}

// location reads where a meeting is held, as far as that is known; an empty one is allowed.
func (r *reader) location(to *store.Location) func(*yaml.Node) {
	return func(n *yaml.Node) {
		r.object(n, fields{
			"online":  r.flag(&to.Online),
			"city":    r.name(&to.City),
			"country": r.name(&to.Country),
			"venue":   r.name(&to.Venue),
		})
	}
}

// credit reads who organizes, speaks or takes part, or what came of a meeting. Announced marks what no report confirms.
func (r *reader) credit(n *yaml.Node) store.Credit {
	var c store.Credit
	where := r.object(n, fields{
		"ids":          r.idsOf(kindOrganization, &c.IDs),
		"person":       r.ref(kindPerson, &c.Person),
		"text":         r.text(&c.Text),
		"contribution": r.text(&c.Contribution),
		"online":       r.flag(&c.Online),
		"announced":    r.flag(&c.Announced),
		"sources":      r.idsOf(kindSource, &c.Sources),
	})
	if n.Kind == yaml.MappingNode && where.fields["ids"] == nil && where.fields["person"] == nil && where.fields["text"] == nil {
		r.wrong(n, "an entry says something with ids, person or text")
	}
	return c
}

// agenda reads the sessions in the order in which they are shown. Hours are optional: the real agendas have none.
func (r *reader) agenda(n *yaml.Node) (items []store.AgendaItem) {
	list(r, &items, func(n *yaml.Node) store.AgendaItem {
		var a store.AgendaItem
		r.object(n, fields{
			"id":       id(r, "session", &a.ID),
			"kind":     oneOf(r, &a.Kind, "opening", "session", "breakout", "presentation", "discussion", "break", "closing"),
			"title":    r.name(&a.Title),
			"date":     r.date(&a.Date),
			"start":    r.hour(&a.Start),
			"end":      r.hour(&a.End),
			"room":     r.name(&a.Room),
			"speakers": list(r, &a.Speakers, r.credit),
			"note":     r.note(&a.Note),
			"sources":  r.idsOf(kindSource, &a.Sources),
		}, "id", "title")
		return a
	})(n)
	return items
}

// dispute reads a fact of which the sources give two versions; both are required, for both are shown.
func (r *reader) dispute(n *yaml.Node) store.Dispute {
	var d store.Dispute
	r.object(n, fields{
		"id":                 id(r, "disputed fact", &d.ID),
		"claim":              r.text(&d.Claim),
		"sources":            r.idsOf(kindSource, &d.Sources),
		"resolution":         r.text(&d.Resolution),
		"resolution_sources": r.idsOf(kindSource, &d.ResolutionSources),
	}, "id", "claim", "resolution")
	return d
}

// document reads a paper of a meeting. Without an address it is only named.
func (r *reader) document(n *yaml.Node) store.Document {
	var d store.Document
	r.object(n, fields{
		"id":          id(r, "document", &d.ID),
		"title":       r.name(&d.Title),
		"languages":   list(r, &d.Languages, func(n *yaml.Node) (l store.Lang) { oneOf(r, &l, store.Langs...)(n); return l }),
		"agenda_item": r.line(&d.AgendaItem),
		"url":         r.link(&d.URL),
	}, "id", "title")
	return d
}
