package council

import (
	"go.yaml.in/yaml/v3"

	"recbot/store"
)

// What a reference may point to. The words appear in messages to the operator.
const (
	kindSource       = "source"
	kindOrganization = "organization"
	kindPerson       = "person"
	kindBody         = "body" // a body in whose name one meets: the Council too
	kindMembers      = "body of members"
)

// Topics of answered questions.
var faqTopics = []string{
	"registration", "accommodation", "visa", "transport", "interpretation", "dress_code", "meals", "wifi", "badge", "other",
}

// council reads what is said of the Council as a whole. Its id is fixed: it is a topic that people follow, and stands in
// their records.
func (r *reader) council(n *yaml.Node) Council {
	var c Council
	r.object(n, fields{
		"id":            r.checked(&c.ID, "id of the Council", "rec", func(s string) bool { return s == string(store.TopicCouncil) }),
		"name":          r.name(&c.Name),
		"short_name":    r.name(&c.ShortName),
		"abbreviation":  r.name(&c.Abbreviation),
		"aliases":       r.aliases(&c.Aliases),
		"sources":       r.idsOf(kindSource, &c.Sources),
		"about":         r.fact(&c.About),
		"structure":     r.fact(&c.Structure),
		"decision_rule": r.fact(&c.DecisionRule),
		"partners":      r.fact(&c.Partners),
		"history":       list(r, &c.History, r.milestone),
	}, "id", "name", "short_name", "about")
	return c
}

// fact reads a statement. Without a source it is none: the bot says nothing that it cannot trace.
func (r *reader) fact(to *Fact) func(*yaml.Node) {
	return func(n *yaml.Node) {
		r.object(n, fields{
			"ids":     r.idsOf(kindOrganization, &to.IDs),
			"text":    r.text(&to.Text),
			"sources": r.idsOf(kindSource, &to.Sources),
		}, "text", "sources")
	}
}

// milestone reads an event of the history. Sources often know a month or a year only, and no day is made up for them.
func (r *reader) milestone(n *yaml.Node) Milestone {
	var m Milestone
	r.object(n, fields{
		"id":      id(r, "milestone", &m.ID),
		"date":    r.vague(&m.Date),
		"text":    r.text(&m.Text),
		"sources": r.idsOf(kindSource, &m.Sources),
	}, "id", "date", "text", "sources")
	return m
}

// body reads the Executive Committee or a working group. Its id is a topic, stands in invites and in the data of buttons,
// and must therefore stay what it is once people use the bot.
func (r *reader) body(n *yaml.Node) Body {
	var b Body
	where := r.object(n, fields{
		"id":         id(r, "body", &b.ID),
		"letter":     r.line(&b.Letter),
		"name":       r.name(&b.Name),
		"short_name": r.name(&b.ShortName),
		"scope":      r.text(&b.Scope),
		"aliases":    r.aliases(&b.Aliases),
		"sources":    r.idsOf(kindSource, &b.Sources),
	}, "id", "name", "short_name")
	// These two are topics that one can follow; a body of that name could not be told from them.
	if b.ID == string(store.TopicAll) || b.ID == string(store.TopicCouncil) {
		r.wrong(where.of("id"), "the id %q is not free for a body", b.ID)
	}
	return b
}

// organization reads a state, a government body or an international organization. The kind is required because answers to
// "which states" and "which partners" depend on it.
func (r *reader) organization(n *yaml.Node) Organization {
	var o Organization
	r.object(n, fields{
		"id":           id(r, "organization", &o.ID),
		"kind":         oneOf(r, &o.Kind, "state", "government", "international"),
		"name":         r.name(&o.Name),
		"short_name":   r.name(&o.ShortName),
		"abbreviation": r.name(&o.Abbreviation),
		"aliases":      r.aliases(&o.Aliases),
		"sources":      r.idsOf(kindSource, &o.Sources),
	}, "id", "kind", "name")
	return o
}

// person reads somebody whom the texts name. Offices change: as_of says on which day the title was right.
func (r *reader) person(n *yaml.Node) Person {
	var p Person
	r.object(n, fields{
		"id":           id(r, "person", &p.ID),
		"name":         r.name(&p.Name),
		"title":        r.name(&p.Title),
		"organization": r.ref(kindOrganization, &p.Organization),
		"aliases":      r.aliases(&p.Aliases),
		"as_of":        r.date(&p.AsOf),
		"sources":      r.idsOf(kindSource, &p.Sources),
	}, "id", "name")
	return p
}

// figure reads a number together with the sentence that says it, so that a qualifier such as "more than" is never lost.
func (r *reader) figure(n *yaml.Node) Figure {
	var f Figure
	r.object(n, fields{
		"id":        id(r, "figure", &f.ID),
		"value":     r.number(&f.Value),
		"qualifier": oneOf(r, &f.Qualifier, "more_than", "about"),
		"unit":      r.line(&f.Unit),
		"since":     r.vague(&f.Since),
		"text":      r.text(&f.Text),
		"sources":   r.idsOf(kindSource, &f.Sources),
	}, "id", "value", "text", "sources")
	return f
}

// source reads a text that facts come from. Publisher and date may be unknown; screens say "undated" then.
func (r *reader) source(n *yaml.Node) Source {
	var s Source
	r.object(n, fields{
		"id":        id(r, "source", &s.ID),
		"file":      r.line(&s.File),
		"kind":      oneOf(r, &s.Kind, "report", "announcement"),
		"name":      r.name(&s.Name),
		"publisher": r.line(&s.Publisher),
		"date":      r.date(&s.Date),
	}, "id", "kind", "name")
	return s
}

// faq reads a question that the organizers have answered, of the Council or of one meeting.
func (r *reader) faq(n *yaml.Node) store.FAQ {
	var f store.FAQ
	r.object(n, fields{
		"id":       id(r, "question", &f.ID),
		"topic":    oneOf(r, &f.Topic, faqTopics...),
		"question": r.name(&f.Question),
		"answer":   r.text(&f.Answer),
	}, "id", "topic", "question", "answer")
	return f
}

// contact reads a contact that the organizers published. All ways to reach it are optional; none is ever invented.
func (r *reader) contact(n *yaml.Node) Contact {
	var c Contact
	r.object(n, fields{
		"name":     r.name(&c.Name),
		"email":    r.line(&c.Email),
		"phone":    r.line(&c.Phone),
		"telegram": r.line(&c.Telegram),
		"url":      r.link(&c.URL),
	}, "name")
	return c
}
