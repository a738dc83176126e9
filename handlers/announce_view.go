package handlers

import (
	"context"

	"recbot/bot"
	"recbot/store"
)

// previewDraft handles an:<draft>:view: it shows the announcement once for each language in which somebody will read it,
// exactly as they will, and below that what can be done with it.
func (d *Desk) previewDraft(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	heads, err := d.countDraft(ctx, draft)
	if err != nil {
		return nil, err
	}
	control, err := d.control(ctx, draft, heads)
	if err != nil {
		return nil, err
	}
	c := contentOf(draft)
	var first, last *bot.Reply
	for _, lang := range store.Langs {
		reads := heads.ByLang[lang] > 0 && (c.speaks(lang) || c.Note)
		if len(c.Texts) == 0 || !reads && c.Texts[lang] == "" {
			continue
		}
		shown := c.reply()
		shown.Lang = lang
		if first == nil {
			first = shown
		} else {
			last.Then(shown)
		}
		last = shown
	}
	if first == nil {
		return control, nil
	}
	last.Then(control)
	return first, nil
}

// lacking lists the languages of readers for whom there is no text, and nothing was decided.
func lacking(draft store.Draft, heads store.Headcount) (langs []store.Lang) {
	c := contentOf(draft)
	for _, lang := range store.Langs {
		if heads.ByLang[lang] > 0 && !c.speaks(lang) {
			langs = append(langs, lang)
		}
	}
	return langs
}

// ready tells whether a draft can be given in: it has a text and readers, and no language is left open.
func ready(draft store.Draft, heads store.Headcount) bool {
	return len(draft.Texts) > 0 && readers(draft, heads) > 0 && (draft.Note || draft.LeaveOut || len(lacking(draft, heads)) == 0)
}

// readers is how many people get the announcement: without a note, those who read no text of it do not.
func readers(draft store.Draft, heads store.Headcount) int {
	n := heads.N
	if !draft.Note {
		for _, lang := range lacking(draft, heads) {
			n -= heads.ByLang[lang]
		}
	}
	return n
}

// control says how a draft stands while it is composed, with all that can be done with it.
func (d *Desk) control(ctx context.Context, draft store.Draft, heads store.Headcount) (*bot.Reply, error) {
	if len(draft.Replaces) > 0 {
		idle, err := d.changesNothing(ctx, draft)
		return d.correctionControl(draft, heads, idle), err
	}
	reply := bot.Say("AnnounceDraft")
	names, err := d.audienceNames(ctx, draft)
	if err != nil {
		return nil, err
	}
	if chosen(draft) {
		reply.Line("AnnounceAudience", "To", names)
		sayHeads(reply, heads)
	}
	lack := lacking(draft, heads)
	switch {
	case len(draft.Texts) == 0:
		reply.Line("AnnounceNoText")
	case len(lack) > 0:
		sayLack(reply, draft, heads, lack)
	}
	if draft.Urgent {
		reply.Line("AnnounceUrgent")
	}
	d.sayDoubts(reply, draft)
	if ready(draft, heads) {
		urgent := bot.Box("ButtonUrgent", an(draft, "urg", !draft.Urgent), draft.Urgent)
		reply.Row(bot.Press("ButtonSend", an(draft, "send"), "N", readers(draft, heads))).
			Row(bot.Press("ButtonTest", an(draft, "test")), bot.Press("ButtonPlan", an(draft, "plan"))).
			Row(urgent)
	}
	if len(draft.Texts) > 0 {
		lackButtons(reply, draft, lack)
	}
	text := bot.Press("ButtonText", an(draft, "text"))
	if len(draft.Texts) == 0 {
		text = bot.Press("ButtonToText", an(draft, "text"))
	}
	reply.Row(text, bot.Press("ButtonTo", an(draft, "to")))
	if len(draft.Texts) > 0 {
		reply.Row(bot.Press("ButtonPreview", an(draft, "view")))
	}
	if draft.File != nil {
		reply.Row(bot.Press("ButtonNoFile", an(draft, "bare")))
	}
	return reply.Button("ButtonDiscard", an(draft, "drop")), nil
}

// sayLack says in which languages readers have no text, and what was decided about them.
func sayLack(reply *bot.Reply, draft store.Draft, heads store.Headcount, lack []store.Lang) {
	var by []bot.Value
	for _, lang := range lack {
		by = append(by, bot.V(bot.NewPart("AnnounceReaders", "Language", ownName(lang), "N", heads.ByLang[lang])))
	}
	key := "AnnounceLack"
	switch {
	case draft.Note:
		key = "AnnounceLackNote"
	case draft.LeaveOut:
		key = "AnnounceLackOut"
	}
	reply.Say(key, "By", by)
}

// lackButtons offer what can be done about missing texts, also after it was decided.
func lackButtons(reply *bot.Reply, draft store.Draft, lack []store.Lang) {
	if len(lack) == 0 {
		return
	}
	for _, lang := range lack {
		reply.Row(bot.Press("ButtonWriteIn", an(draft, "text", lang), "Language", ownName(lang)))
	}
	reply.Row(bot.Box("ButtonLackNote", an(draft, "lack", "note"), draft.Note)).
		Row(bot.Box("ButtonLackOut", an(draft, "lack", "out"), draft.LeaveOut))
}

// decideLack handles an:<draft>:lack:<note|out>.
func (d *Desk) decideLack(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	note := r.Arg(2) == "note"
	draft, err := d.changeDraft(ctx, draft.ID, store.DraftComposing, func(draft *store.Draft) { draft.Note, draft.LeaveOut = note, !note })
	if err != nil {
		return nil, err
	}
	if note {
		return d.previewDraft(ctx, r, draft)
	}
	return d.draftStatus(ctx, r, draft)
}

// setUrgent handles an:<draft>:urg:<1|0>.
func (d *Desk) setUrgent(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	on := r.Arg(2) == "1"
	draft, err := d.changeDraft(ctx, draft.ID, store.DraftComposing, func(draft *store.Draft) { draft.Urgent = on })
	if err != nil {
		return nil, err
	}
	return d.draftStatus(ctx, r, draft)
}

// dropFile handles an:<draft>:bare: the text goes without its photo or document.
func (d *Desk) dropFile(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	draft, err := d.changeDraft(ctx, draft.ID, store.DraftComposing, func(draft *store.Draft) { draft.File = nil })
	if err != nil {
		return nil, err
	}
	return d.draftStatus(ctx, r, draft)
}

// testDraft handles an:<draft>:test: the announcement comes as a message of its own, as it will come to others.
func (d *Desk) testDraft(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	heads, err := d.countDraft(ctx, draft)
	if err != nil {
		return nil, err
	}
	control, err := d.control(ctx, draft, heads)
	if err != nil {
		return nil, err
	}
	c := contentOf(draft)
	shown := c.reply()
	shown.Lang = c.shown(r.Person.Language)
	return shown.Then(control), nil
}
