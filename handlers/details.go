package handlers

import (
	"slices"

	"recbot/bot"
	"recbot/store"
)

// hasDetails tells whether there is more about a meeting than its card holds.
func hasDetails(m store.Meeting) bool {
	return len(m.Participants)+len(m.Speakers)+len(m.Background)+len(m.Outcomes) > 0 || m.Figure != nil
}

// details shows who came and spoke and what came of it, in pages.
func (d *Desk) details(m store.Meeting, arg string) *bot.Reply {
	cites := d.citations()
	var blocks []block
	for _, section := range []struct {
		heading string
		credits []store.Credit
	}{
		{"DetailsParticipants", m.Participants},
		{"DetailsFigure", figure(m)},
		{"DetailsSpeakers", m.Speakers},
		{"DetailsBackground", m.Background},
		{"DetailsOutcomes", m.Outcomes},
	} {
		blocks = append(blocks, d.credits(cites, section.heading, section.credits)...)
	}
	// The announcement's remark stands on every page: a page may be forwarded alone.
	pages := paged(blocks)
	page := pageOf(arg, len(pages))
	reply := titled(m)
	if m.Announced {
		reply.Say("CardAnnounced")
	}
	cites.show(reply, pages[page])
	to := func(page int) string { return bot.Data("mc", m.ID, page) }
	return reply.Row(pager(page, len(pages), to)...).Button("ButtonCard", bot.Data("mc", m.ID))
}

// figure makes the attendance a section like the others.
func figure(m store.Meeting) []store.Credit {
	if m.Figure == nil {
		return nil
	}
	return []store.Credit{*m.Figure}
}

// credits makes a section of what the catalogue says of a meeting, a line each, with marks of the sources.
func (d *Desk) credits(cites *citations, heading string, all []store.Credit) (blocks []block) {
	for _, c := range all {
		key := "CreditLine"
		if c.Announced {
			key = "CreditLineAnnounced"
		}
		line := tight(key, "Line", d.credit(c), "Notes", cites.mark(c.Sources))
		blocks = append(blocks, block{bot.NewPart(heading), []bot.Part{line}, c.Sources})
	}
	return blocks
}

// credit says who, or what, a credit is about.
func (d *Desk) credit(c store.Credit) bot.Value {
	who := d.organizations(c.IDs)
	if p, ok := d.council.Person(c.Person); ok {
		who = append(who, bot.V(texts(p.Name, p.Title)))
	}
	// A catalogue has a name, a text, or a text that introduces names; each reads differently.
	line := bot.V(who)
	switch {
	case len(who) == 0:
		line = bot.V(c.Text)
	case !c.Text.Empty():
		line = phrase("CreditWith", "Text", c.Text, "Who", who)
	}
	if c.Online {
		line = phrase("CreditOnline", "Who", line)
	}
	if !c.Contribution.Empty() {
		line = phrase("CreditSaid", "Who", line, "Text", c.Contribution)
	}
	return line
}

// organizations names organizations in full. Abbreviations differ between languages and would need a legend.
func (d *Desk) organizations(ids []string) (names []bot.Value) {
	for _, id := range ids {
		if o, ok := d.council.Organization(id); ok {
			names = append(names, bot.V(o.Name))
		}
	}
	return names
}

// disputes tells the facts of which the sources give two versions, both of them, each with its source.
func (d *Desk) disputes(cites *citations, m store.Meeting) (blocks []block) {
	for _, dispute := range m.Disputed {
		both := []bot.Part{
			tight("CreditLine", "Line", dispute.Claim, "Notes", cites.mark(dispute.Sources)),
			tight("DisputeOther", "Line", dispute.Resolution, "Notes", cites.mark(dispute.ResolutionSources)),
		}
		blocks = append(blocks, block{bot.NewPart("CardDisputed"), both, slices.Concat(dispute.Sources, dispute.ResolutionSources)})
	}
	return blocks
}
