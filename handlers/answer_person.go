package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"recbot/bot"
	"recbot/bot/council"
	"recbot/store"
)

// Questions about people: who somebody is, who holds an office, who spoke at a meeting. What is known of people is what the
// catalogue says of them, and the offices are those of a day that is told.
var _ = command(spec{Intents: []string{"person"}, Run: (*Desk).tellPerson})

// Aspects of questions about people.
const (
	aspectRole   = "role"
	aspectSpoke  = "spoke"
	aspectOpened = "opened"
	aspectClosed = "closed"
	aspectOnline = "online"
)

// tellPerson answers by what was named: a person, an office of an organization, or a meeting at which somebody spoke.
func (d *Desk) tellPerson(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	speaking := slices.Contains([]string{aspectSpoke, aspectOpened, aspectClosed, aspectOnline}, r.Ask.Aspect)
	p, known := d.council.Person(r.Ask.Person)
	switch {
	case known:
		return d.whoIs(ctx, r, p)
	case speaking:
		return onMeeting((*Desk).tellSpeakers)(d, ctx, r)
	case r.Ask.Org != "":
		return d.whoHolds(r), nil
	}
	return d.unpublished(r, bot.Say("AnswerPersonUnknown").Button("ButtonAbout", bot.Data("ab"))), nil
}

// whoIs gives somebody's office, and what the catalogue says they did at meetings that the asker may see.
func (d *Desk) whoIs(ctx context.Context, r *bot.Request, p council.Person) (*bot.Reply, error) {
	all, err := d.store.VisibleMeetings(ctx, r.Person)
	if err != nil {
		return nil, fmt.Errorf("meetings of person %q: %w", p.ID, err)
	}
	reply, cites := &bot.Reply{}, d.citations()
	page := []block{d.office(cites, p)}
	// Only of meetings that the asker may see: a name must not tell of others.
	for _, m := range all {
		for _, c := range m.Speakers {
			if c.Person == p.ID {
				page = append(page, d.appearance(cites, r, m, c))
			}
		}
	}
	cites.show(reply, page)
	return reply.Button("ButtonAbout", bot.Data("ab")), nil
}

// office says who somebody is, as of the day for which that is known.
func (d *Desk) office(cites *citations, p council.Person) block {
	p.Sources = p.Sources[:min(enough, len(p.Sources))]
	parts := []bot.Part{bot.NewPart("PersonIs", "Name", p.Name, "Title", p.Title, "Notes", cites.mark(p.Sources))}
	if p.Title.Empty() {
		parts = []bot.Part{bot.NewPart("PersonNamed", "Name", p.Name, "Notes", cites.mark(p.Sources))}
	}
	if o, ok := d.council.Organization(p.Organization); ok && o.Kind != "state" && !contains(p.Title, o.Name) {
		parts = append(parts, tight("PersonOf", "Name", o.Name))
	}
	if p.AsOf != "" {
		parts = append(parts, tight("PersonAsOf", "Date", bot.When{Date: p.AsOf, Zone: d.zone, Style: bot.WhenShort}))
	}
	return block{parts: parts, cites: p.Sources}
}

// contains tells whether a text has another one in it, in some language.
func contains(text, part store.Text) bool {
	for lang, s := range part {
		if s != "" && strings.Contains(text[lang], s) {
			return true
		}
	}
	return false
}

// appearance says what somebody did at a meeting, or that their speaking there was announced.
func (d *Desk) appearance(cites *citations, r *bot.Request, m store.Meeting, c store.Credit) block {
	key := "PersonSpoke"
	if c.Announced || m.Announced || !m.Over(r.Now) {
		key, c.Contribution = "PersonSpokeAnnounced", nil
	}
	c.Sources = c.Sources[:min(enough, len(c.Sources))]
	line := bot.NewPart(key, "Title", m.Name, "On", bot.WhenOf(m, bot.WhenShort), "Notes", cites.mark(c.Sources))
	parts := []bot.Part{line}
	if !c.Contribution.Empty() {
		parts = append(parts, tight("PersonSaid", "Text", c.Contribution))
	}
	return block{parts: parts, cites: c.Sources}
}

// whoHolds names those whom the catalogue knows in an organization, with their offices.
func (d *Desk) whoHolds(r *bot.Request) *bot.Reply {
	reply, cites := &bot.Reply{}, d.citations()
	var page []block
	for _, p := range d.council.People {
		if p.Organization == r.Ask.Org {
			page = append(page, d.office(cites, p))
		}
	}
	if len(page) == 0 {
		o, _ := d.council.Organization(r.Ask.Org)
		// Who holds an office today is not guessed from who is known elsewhere.
		return d.unpublished(r, bot.Say("AnswerRoleUnknown", "Name", o.Name).Button("ButtonAbout", bot.Data("ab")))
	}
	cites.show(reply, page)
	return reply.Button("ButtonAbout", bot.Data("ab"))
}

// tellSpeakers names who speaks at a meeting: all, who opened or closed it, or who spoke from elsewhere. Who was only
// announced is told as announced.
func (d *Desk) tellSpeakers(r *bot.Request, m store.Meeting) *bot.Reply {
	reply, cites := titled(m), d.citations()
	speakers := d.speakersOf(r, m, r.Ask.Aspect)
	if len(speakers) == 0 {
		return d.unpublished(r, d.ways(reply.Line("AnswerNoSpeakers"), r, m))
	}
	if m.Announced {
		reply.Line("CardAnnounced")
	}
	cites.show(reply, d.credits(cites, "Speakers_"+heading(r.Ask.Aspect), speakers))
	return d.ways(reply, r, m)
}

// heading is the aspect as the heading above the speakers names it.
func heading(aspect string) string {
	if slices.Contains([]string{aspectOpened, aspectClosed, aspectOnline}, aspect) {
		return aspect
	}
	return aspectSpoke
}

// speakersOf chooses speakers; those who did speak come before those who were announced. Of who opened or closed a meeting
// the agenda knows; what they said stands with the meeting's speakers.
func (d *Desk) speakersOf(r *bot.Request, m store.Meeting, aspect string) (chosen []store.Credit) {
	switch aspect {
	case aspectOnline:
		chosen = filter(m.Speakers, func(c store.Credit) bool { return c.Online })
	case aspectOpened:
		chosen = sessionSpeakers(m, "opening")
	case aspectClosed:
		chosen = sessionSpeakers(m, "closing")
	default:
		chosen = m.Speakers
	}
	if !m.Over(r.Now) { // what somebody said is not known before they said it
		chosen = slices.Clone(chosen)
		for i := range chosen {
			chosen[i].Contribution = nil
		}
	}
	reported := filter(chosen, func(c store.Credit) bool { return !c.Announced })
	return append(reported, filter(chosen, func(c store.Credit) bool { return c.Announced })...)
}

// sessionSpeakers are the speakers of the sessions of a kind.
func sessionSpeakers(m store.Meeting, kind string) (all []store.Credit) {
	for _, item := range m.Agenda {
		if item.Kind != kind {
			continue
		}
		for _, c := range item.Speakers {
			if len(c.Sources) == 0 {
				c.Sources = item.Sources
			}
			// The meeting knows more of them than the agenda does: what they said, and whether they came.
			i := slices.IndexFunc(m.Speakers, func(s store.Credit) bool { return s.Person != "" && s.Person == c.Person })
			if i >= 0 {
				c = m.Speakers[i]
			}
			all = append(all, c)
		}
	}
	return all
}
