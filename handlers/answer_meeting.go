package handlers

import (
	"slices"

	"recbot/bot"
	"recbot/store"
)

// Questions about what a meeting is, who is in it, and what came of it.
var (
	_ = command(spec{Intents: []string{"meeting_about"}, Run: onMeeting((*Desk).card)})
	_ = command(spec{Intents: []string{"meeting_agenda"}, Run: onMeeting((*Desk).tellAgenda)})
	_ = command(spec{Intents: []string{"meeting_organizers"}, Run: onMeeting((*Desk).tellOrganizers)})
	_ = command(spec{Intents: []string{"meeting_participants"}, Run: onMeeting((*Desk).tellParticipants)})
	_ = command(spec{Intents: []string{"meeting_outcome"}, Run: onMeeting((*Desk).tellOutcome)})
)

// Aspects of the question who takes part.
const (
	aspectCount = "count"
	aspectNames = "names"
)

// tellAgenda shows the agenda as its button does; where there is none, it may be asked for.
func (d *Desk) tellAgenda(r *bot.Request, m store.Meeting) *bot.Reply {
	reply := d.agendaOf(r, m, "")
	switch {
	case len(m.Agenda) > 0:
		return reply
	case hasButton(reply, askButton): // the page offers it by itself
		return declined(reply)
	}
	return d.unpublished(r, reply)
}

// tellOrganizers names who organizes a meeting. Names on which the sources differ are told in both versions.
func (d *Desk) tellOrganizers(r *bot.Request, m store.Meeting) *bot.Reply {
	reply, cites := titled(m), d.citations()
	if len(m.Organizers) == 0 {
		return d.unpublished(r, d.ways(reply.Line("AnswerNoOrganizers"), r, m))
	}
	if m.Announced {
		reply.Line("CardAnnounced")
	}
	// Whatever else is disputed is the name of somebody: date, place and outcome are told where they are asked for.
	names := d.disputesOf(cites, m, func(x store.Dispute) bool {
		return !about(m, aboutPlace)(x) && !about(m, aboutDate)(x) && !disputesOutcome(m, x)
	})
	cites.show(reply, append(d.credits(cites, "CardOrganizers", m.Organizers), names...))
	return d.ways(reply, r, m)
}

// tellParticipants says who takes part: countries and bodies, for that is what is published; or how many, or whether one of
// them does.
func (d *Desk) tellParticipants(r *bot.Request, m store.Meeting) *bot.Reply {
	reply, cites := titled(m), d.citations()
	who := d.credits(cites, "DetailsParticipants", m.Participants)
	number := d.credits(cites, "DetailsFigure", figure(m))
	lacks := len(m.Participants) == 0
	// Each case answers one question: how many, who by name, whether this one, who at all. What stands beside the answer is
	// what is known in place of what is not.
	var page []block
	switch {
	case r.Ask.Aspect == aspectCount:
		if lacks = len(number) == 0; lacks {
			reply.Line("AnswerNoCount")
		}
		page = append(number, who...)
		if !lacks { // the number is the answer; who they are is on the card
			page = number
		}
	case r.Ask.Aspect == aspectNames:
		lacks = true
		reply.Line("AnswerNoNames")
		page = append(who, number...)
	case r.Ask.Org != "":
		page, lacks = d.partOf(reply, cites, r.Ask.Org, m)
	case lacks:
		reply.Line("AnswerNoParticipants")
		page = number
	default:
		page = append(who, number...)
	}
	if m.Announced && len(page) > 0 {
		reply.Line("CardAnnounced")
	}
	cites.show(reply, page)
	// The card's details hold all the rest, speakers and background too.
	if hasDetails(m) {
		reply.Button("ButtonDetails", bot.Data("mc", m.ID, 0))
	}
	d.ways(reply, r, m)
	if lacks {
		return d.unpublished(r, reply)
	}
	return reply
}

// partOf says in what capacity an organization or a country is named among the participants. That one is not named does not
// mean that it stays away.
func (d *Desk) partOf(reply *bot.Reply, cites *citations, org string, m store.Meeting) (page []block, lacks bool) {
	named := func(c store.Credit) bool { return slices.Contains(c.IDs, org) }
	own := slices.Concat(filter(m.Participants, named), filter(m.Organizers, named))
	o, _ := d.council.Organization(org)
	if len(own) == 0 {
		// "Representatives of the governments of Central Asia" may well include it: it is only not named by itself.
		reply.Line("AnswerNotNamed", "Name", o.Name)
		return d.credits(cites, "DetailsParticipants", m.Participants), true
	}
	key := "AnswerNamed"
	if m.Announced || !slices.ContainsFunc(own, func(c store.Credit) bool { return !c.Announced }) {
		key = "AnswerNamedAnnounced" // whether they came, nobody reported
	}
	reply.Line(key, "Name", o.Name)
	page = d.credits(cites, "DetailsParticipants", filter(m.Participants, named))
	return append(page, d.credits(cites, "CardOrganizers", filter(m.Organizers, named))...), false
}

// filter gives those for which yes holds.
func filter[T any](all []T, yes func(T) bool) (kept []T) {
	for _, one := range all {
		if yes(one) {
			kept = append(kept, one)
		}
	}
	return kept
}

// tellOutcome says what is reported of the results of a meeting. An announcement is no report.
func (d *Desk) tellOutcome(r *bot.Request, m store.Meeting) *bot.Reply {
	reply, cites := titled(m), d.citations()
	// Nothing is told of a meeting that lies ahead, whatever a hasty keeper of the catalogue has written down already.
	if len(m.Outcomes) == 0 || !m.Over(r.Now) {
		marks, named := cites.brief(r, m)
		key := "AnswerNoReport"
		if !m.Over(r.Now) {
			key = "AnswerNotHeldYet"
		}
		reply.Line(key)
		d.sayDate(reply, r, m, marks)
		cites.list(reply, named)
		return d.unpublished(r, d.ways(reply, r, m))
	}
	// A decision that was not carried out is told together with what happened in its place.
	cites.show(reply, d.outcomes(cites, m))
	return d.ways(reply, r, m)
}

// outcomes are the results, each with what other sources say of it.
func (d *Desk) outcomes(cites *citations, m store.Meeting) []block {
	blocks := d.credits(cites, "DetailsOutcomes", m.Outcomes)
	for i, c := range m.Outcomes {
		for _, x := range m.Disputed {
			if same(c.Text, x.Claim) {
				other := tight("DisputeOther", "Line", x.Resolution, "Notes", cites.mark(x.ResolutionSources))
				blocks[i].parts = append(blocks[i].parts, other)
				blocks[i].cites = slices.Concat(blocks[i].cites, x.ResolutionSources)
			}
		}
	}
	return blocks
}

// disputesOutcome tells whether a dispute is about one of the results: its claim is the result then.
func disputesOutcome(m store.Meeting, x store.Dispute) bool {
	return slices.ContainsFunc(m.Outcomes, func(c store.Credit) bool { return same(c.Text, x.Claim) })
}

// same tells whether two texts are one in some language.
func same(a, b store.Text) bool {
	for lang, s := range a {
		if s != "" && b[lang] == s {
			return true
		}
	}
	return false
}
