package handlers

import (
	"context"

	"recbot/bot"
	"recbot/bot/council"
)

var _ = command(spec{Name: "about", Order: 90, Buttons: []string{"ab"},
	Run: (*Desk).about, Press: (*Desk).pressAbout})

// chapter is a page of /about; ab:<name> leads to it. The first one has no name.
type chapter struct {
	name    string
	heading string // message key
	button  string // message key
	blocks  func(d *Desk, cites *citations) []block
}

var chapters = []chapter{
	{"", "AboutTitle", "ButtonAbout", (*Desk).aboutText},
	{"structure", "AboutStructure", "ButtonAboutStructure", (*Desk).structure},
	{"partners", "AboutPartners", "ButtonAboutPartners", (*Desk).partners},
	{"history", "AboutHistory", "ButtonAboutHistory", (*Desk).history},
	{"figures", "AboutFigures", "ButtonAboutFigures", (*Desk).figures},
}

// about says what the Council is.
func (d *Desk) about(context.Context, *bot.Request) (*bot.Reply, error) {
	return d.aboutChapter(""), nil
}

// pressAbout turns to a chapter; what is none leads to the first one.
func (d *Desk) pressAbout(_ context.Context, r *bot.Request) (*bot.Reply, error) {
	return d.aboutChapter(r.Arg(0)).Editing(), nil
}

// aboutChapter shows a chapter with buttons to the others. One that the catalogue says nothing of is not offered.
func (d *Desk) aboutChapter(name string) *bot.Reply {
	shown := chapters[0]
	var row []bot.Button
	var rows [][]bot.Button
	for _, c := range chapters {
		cites := d.citations()
		if len(c.blocks(d, cites)) == 0 {
			continue // the catalogue says nothing of it
		}
		if c.name == name {
			shown = c
		} else if row = append(row, bot.Press(c.button, bot.Data("ab", c.name))); len(row) == 2 {
			rows, row = append(rows, row), nil
		}
	}
	// Numbers of sources begin anew on each page, for a page is read alone.
	reply := bot.Say(shown.heading, "Council", d.council.Council.Name)
	cites := d.citations()
	cites.show(reply, shown.blocks(d, cites))
	reply.Rows = rows
	return reply.Row(row...).Button("ButtonGroups", bot.Data("gr"))
}

// aboutText says what the Council is for.
func (d *Desk) aboutText(cites *citations) []block {
	return d.facts(cites, d.council.Council.About)
}

// structure says of what the Council consists and how it decides.
func (d *Desk) structure(cites *citations) []block {
	return d.facts(cites, d.council.Council.Structure, d.council.Council.DecisionRule)
}

// partners is a statement and the organizations that it introduces.
func (d *Desk) partners(cites *citations) []block {
	blocks := d.facts(cites, d.council.Council.Partners)
	for i := range blocks {
		for _, name := range d.organizations(d.council.Council.Partners.IDs) {
			blocks[i].parts = append(blocks[i].parts, tight("AboutItem", "Name", name))
		}
	}
	return blocks
}

// history tells the events in the order of the catalogue.
func (d *Desk) history(cites *citations) (blocks []block) {
	for _, m := range d.council.Council.History {
		parts := []bot.Part{bot.NewPart("AboutMilestone", "Date", d.vague(m.Date), "Text", m.Text, "Notes", cites.mark(m.Sources))}
		blocks = append(blocks, block{parts: parts, cites: m.Sources})
	}
	return blocks
}

// figures are said in the catalogue's own sentences: a bare number would lose who counted what since when.
func (d *Desk) figures(cites *citations) []block {
	var all []council.Fact
	for _, f := range d.council.Figures {
		all = append(all, council.Fact{Text: f.Text, Sources: f.Sources})
	}
	return d.facts(cites, all...)
}

// facts makes a block of each statement; those that the catalogue leaves out are left out here.
func (d *Desk) facts(cites *citations, all ...council.Fact) (blocks []block) {
	for _, f := range all {
		if !f.Text.Empty() {
			parts := []bot.Part{bot.NewPart("AboutText", "Text", f.Text, "Notes", cites.mark(f.Sources))}
			blocks = append(blocks, block{parts: parts, cites: f.Sources})
		}
	}
	return blocks
}

// vague is a date that may be a month or a year only.
func (d *Desk) vague(date string) bot.Value {
	switch len(date) {
	case len("2006"):
		return bot.V(bot.Raw(date))
	case len("2006-01"):
		return bot.V(bot.When{Date: date + "-01", Zone: d.zone, Style: bot.WhenMonth})
	}
	return bot.V(bot.When{Date: date, Zone: d.zone, Style: bot.WhenDate})
}
