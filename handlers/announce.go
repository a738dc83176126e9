package handlers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"recbot/bot"
	"recbot/store"
)

// /announce and an: an announcement from whom it is for to its report. What is composed is a [store.Draft], and every screen
// is made of it: an old button finds the draft as it is now. Buttons are an:<draft>:<verb> with what the verb needs.
var _ = command(spec{Name: "announce", For: store.Organizer, Order: 140, Buttons: []string{"an"}, Run: (*Desk).announce, Press: (*Desk).pressAnnounce})

// drafting is what a verb does to a draft.
type drafting func(d *Desk, ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error)

// announceVerb is what a button of an announcement does, and when.
type announceVerb struct {
	do        drafting
	composing bool // only while it is composed, and only for who composes it
}

var announceVerbs = map[string]announceVerb{
	"to":    {(*Desk).askAudience, true},
	"pick":  {(*Desk).pickAudience, true},
	"tick":  {(*Desk).tickAudience, true},
	"met":   {(*Desk).tickMeeting, true},
	"text":  {(*Desk).writeText, true},
	"view":  {(*Desk).previewDraft, true},
	"lack":  {(*Desk).decideLack, true},
	"urg":   {(*Desk).setUrgent, true},
	"test":  {(*Desk).testDraft, true},
	"send":  {(*Desk).sendDraft, true},
	"plan":  {(*Desk).planDraft, true},
	"bare":  {(*Desk).dropFile, true},
	"drop":  {(*Desk).dropDraft, true},
	"undo":  {(*Desk).undoDraft, false},
	"stop":  {(*Desk).stopDraft, false},
	"go":    {(*Desk).goOnDraft, false},
	"csv":   {(*Desk).draftTable, false},
	"retry": {(*Desk).retryDraft, false},
	"fix":   {(*Desk).correctDraft, false},
	"back":  {(*Desk).recallDraft, false},
	"ok":    {(*Desk).approveDraft, false},
	"no":    {(*Desk).declineDraft, false},
	"state": {(*Desk).draftStatus, false},
}

// announce begins a draft. Its number is that of the update, so that the same message begins one draft.
func (d *Desk) announce(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	id := store.DraftID(strconv.FormatInt(int64(r.ID), 36))
	draft, err := d.store.NewDraft(ctx, store.Draft{ID: id, By: r.Person.ID})
	if err != nil {
		return nil, fmt.Errorf("announce: %w", err)
	}
	return d.askAudience(ctx, r, draft)
}

// pressAnnounce handles an:<draft>:<verb>. What does not fit the state of the draft shows how it stands.
func (d *Desk) pressAnnounce(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	draft, err := d.store.Draft(ctx, store.DraftID(r.Arg(0)))
	if errors.Is(err, store.ErrNotFound) {
		return bot.Say("AnnounceGone").Row(menuButton()).Editing(), nil
	}
	if err != nil {
		return nil, err
	}
	verb, known := announceVerbs[r.Arg(1)]
	if !known || verb.composing && draft.State != store.DraftComposing {
		return editing(d.draftStatus(ctx, r, draft))
	}
	if verb.composing && draft.By != r.Person.ID {
		return bot.Toast("AnnounceNotYours"), nil
	}
	reply, err := verb.do(d, ctx, r, draft)
	if errors.Is(err, errState) || errors.Is(err, store.ErrNotFound) { // somebody was faster
		if draft, err = d.store.Draft(ctx, draft.ID); err != nil {
			return bot.Say("AnnounceGone").Row(menuButton()).Editing(), nil
		}
		reply, err = d.draftStatus(ctx, r, draft)
	}
	if r.Arg(2) == fromQueue && err == nil {
		last := reply // below the texts that are to be approved
		for last.Follow != nil {
			last = last.Follow
		}
		last.Row(bot.Press("ButtonQueue", bot.Data("qe")))
	}
	switch r.Arg(1) {
	case "test", "csv", "fix": // what is to be seen beside the message that was pressed
		return reply, err
	}
	return editing(reply, err)
}

// an is the data of a button of a draft.
func an(draft store.Draft, verb string, args ...any) string {
	return bot.Data("an", append([]any{string(draft.ID), verb}, args...)...)
}

// errState tells that a draft is not in the state for what somebody wants of it.
var errState = errors.New("the draft is in another state")

// changeDraft changes a draft that is in a state. When somebody was faster, the error is errState.
func (d *Desk) changeDraft(ctx context.Context, id store.DraftID, state store.DraftState, change func(*store.Draft)) (store.Draft, error) {
	return d.store.ChangeDraft(ctx, id, func(draft *store.Draft) error {
		if draft.State != state {
			return errState
		}
		change(draft)
		return nil
	})
}

// askAudience shows whom a draft is for and offers the kinds of audiences.
func (d *Desk) askAudience(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	reply := bot.Say("AnnounceTo")
	if err := d.sayAudience(ctx, reply, draft); err != nil {
		return nil, err
	}
	a := draft.Audience
	reply.Row(bot.Box("AudienceEverybody", an(draft, "tick", "all", "", !a.Everybody), a.Everybody)).
		Row(bot.Box("ButtonToMembers", an(draft, "pick", "mem"), len(a.Members) > 0)).
		Row(bot.Box("ButtonToFollowers", an(draft, "pick", "fol"), len(a.Topics) > 0)).
		Row(bot.Box("ButtonToMeeting", an(draft, "pick", "met"), draft.Meeting != "")).
		Row(bot.Box("ButtonToRole", an(draft, "pick", "rol"), len(a.Roles) > 0), bot.Box("ButtonToLanguage", an(draft, "pick", "lan"), len(a.Languages) > 0))
	return audienceEnd(reply, draft), nil
}

// audienceEnd adds the ways on from the choice of an audience.
func audienceEnd(reply *bot.Reply, draft store.Draft) *bot.Reply {
	if chosen(draft) {
		next := bot.Press("ButtonToText", an(draft, "text"))
		if len(draft.Texts) > 0 {
			next = bot.Press("ButtonPreview", an(draft, "view"))
		}
		reply.Row(next)
	}
	return reply.Button("ButtonDiscard", an(draft, "drop"))
}

// chosen tells whether a draft has an audience.
func chosen(draft store.Draft) bool {
	return draft.Meeting != "" || len(draft.Audience.Indexes()) > 0
}

// sayAudience says whom a draft is for and how many that are at the moment, by language.
func (d *Desk) sayAudience(ctx context.Context, reply *bot.Reply, draft store.Draft) error {
	if !chosen(draft) {
		return nil
	}
	names, err := d.audienceNames(ctx, draft)
	if err != nil {
		return err
	}
	heads, err := d.countDraft(ctx, draft)
	if err != nil {
		return err
	}
	reply.Say("AnnounceAudience", "To", names)
	sayHeads(reply, heads)
	return nil
}

// sayHeads says how many people an audience has.
func sayHeads(reply *bot.Reply, heads store.Headcount) {
	var by []bot.Value
	for _, lang := range store.Langs {
		if n := heads.ByLang[lang]; n > 0 {
			by = append(by, bot.V(bot.NewPart("AnnounceReaders", "Language", ownName(lang), "N", n)))
		}
	}
	switch {
	case heads.More:
		reply.Line("AnnounceCountMore", "N", heads.N)
	case heads.N == 0:
		reply.Line("AnnounceCountNone")
	default:
		reply.Line("AnnounceCount", "Who", bot.Count{N: heads.N, Of: "CountRecipients"}, "By", by)
	}
}

// audienceNames lists whom a draft is for, in words.
func (d *Desk) audienceNames(ctx context.Context, draft store.Draft) (names []bot.Value, err error) {
	a := draft.Audience
	switch {
	case draft.Recall:
		names = append(names, phrase("AudienceRecall"))
	case len(draft.Replaces) > 0:
		names = append(names, phrase("AudienceCorrection"))
	case a.Everybody:
		names = append(names, phrase("AudienceEverybody"))
	}
	for _, body := range a.Members {
		name, _ := d.bodyName(body)
		names = append(names, bot.V(bot.NewPart("AudienceMembers", "Body", name)))
	}
	for _, t := range a.Topics {
		name, _ := d.bodyName(string(t))
		names = append(names, bot.V(bot.NewPart("AudienceFollowers", "Body", name)))
	}
	if draft.Meeting != "" {
		m, found, err := d.draftMeeting(ctx, draft)
		if err != nil {
			return nil, err
		}
		if found {
			names = append(names, bot.V(bot.NewPart("AudienceMeeting", "Title", m.Name)))
		}
	}
	for _, role := range a.Roles {
		names = append(names, phrase("Role_"+string(role)))
	}
	if len(a.Languages) > 0 {
		var langs []bot.Value
		for _, l := range a.Languages {
			langs = append(langs, bot.V(ownName(l)))
		}
		names = append(names, bot.V(bot.NewPart("AudienceLanguages", "Languages", langs)))
	}
	return names, nil
}

// draftMeeting gives the meeting whose followers a draft is for. Its author may see it, or it would not stand there.
func (d *Desk) draftMeeting(ctx context.Context, draft store.Draft) (m store.Meeting, found bool, err error) {
	if draft.Meeting == "" {
		return m, false, nil
	}
	all, err := d.store.Meetings(ctx)
	if err != nil {
		return m, false, fmt.Errorf("meeting of draft %q: %w", draft.ID, err)
	}
	i := slices.IndexFunc(all, func(m store.Meeting) bool { return m.ID == draft.Meeting })
	if i < 0 {
		return m, false, nil
	}
	return all[i], true, nil
}

// audienceOf gives the indexes in which a draft's audience stands, and who of them may be told.
func (d *Desk) audienceOf(ctx context.Context, draft store.Draft) (store.Audience, func(store.Person) bool, error) {
	a := draft.Audience
	if len(a.Topics) > 0 { // All covers every body
		a.Topics = append(slices.Clone(a.Topics), store.TopicAll)
	}
	m, found, err := d.draftMeeting(ctx, draft)
	if err != nil || !found {
		return a, nil, err
	}
	if a.Of == "" { // who has the message that is corrected has it, whatever they follow now
		a.Topics = m.Topics()
	}
	return a, m.VisibleTo, nil
}

// countDraft counts whom a draft would reach now.
func (d *Desk) countDraft(ctx context.Context, draft store.Draft) (store.Headcount, error) {
	a, sees, err := d.audienceOf(ctx, draft)
	if err != nil {
		return store.Headcount{}, err
	}
	if len(draft.Replaces) > 0 {
		return d.store.CountHolders(ctx, draft.Replaces, sees)
	}
	return d.store.CountAudience(ctx, a, sees)
}

// dropDraft handles an:<draft>:drop and an:<draft>:drop:sure. Somebody's words are deleted only after a question: the button
// stands where a thumb slips, and nothing brings them back.
func (d *Desk) dropDraft(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	ask := len(draft.Texts) > 0 && r.Arg(2) != "sure"
	if ask && len(draft.Replaces) > 0 {
		same, err := d.untouched(ctx, draft)
		if err != nil {
			return nil, err
		}
		ask = !same
	}
	if ask {
		return bot.Say("AnnounceDiscardSure").Button("ButtonDiscardYes", an(draft, "drop", "sure")).Button("ButtonBack", an(draft, "state")), nil
	}
	if err := d.store.DropDraft(ctx, draft.ID); err != nil {
		return nil, err
	}
	return bot.Say("AnnounceDiscarded").Row(menuButton()), nil
}

// untouched tells whether a correction still says what the message says: to discard it loses nobody's words.
func (d *Desk) untouched(ctx context.Context, draft store.Draft) (bool, error) {
	sent, err := d.store.Draft(ctx, original(draft).ID)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err == nil {
		err = d.asCorrected(ctx, sent, &sent)
	}
	return err == nil && maps.Equal(draft.Texts, sent.Texts), err
}

// changesNothing tells whether a draft is a correction that would leave every message as it is. After one that was stopped some
// people have other words, and to say the same as before brings theirs back.
func (d *Desk) changesNothing(ctx context.Context, draft store.Draft) (bool, error) {
	if len(draft.Replaces) == 0 || draft.Recall {
		return false, nil
	}
	before, err := d.store.Successors(ctx, original(draft).ID)
	if err != nil || slices.ContainsFunc(before, func(b store.Draft) bool { return b.State == store.DraftStopped }) {
		return false, err
	}
	return d.untouched(ctx, draft)
}
