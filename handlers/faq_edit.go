package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"recbot/bot"
	"recbot/store"
)

// fe: an answer for everybody is made of a question, changed and removed, by organizers. Buttons are fe:<entry>:<verb>.
var _ = command(spec{For: store.Organizer, Order: 136, Buttons: []string{entryButton}, Press: (*Desk).pressEntry})

const entryButton = "fe"

// entryData is the data of a button of an entry.
func entryData(id string, args ...any) string {
	return bot.Data(entryButton, append([]any{id}, args...)...)
}

// faqOfQuestion handles qb:<n>:faq. An answered question becomes an entry at once; of another one the answer comes first, and
// goes to who asked as well.
func (d *Desk) faqOfQuestion(ctx context.Context, r *bot.Request, q store.Question) (*bot.Reply, error) {
	switch {
	case !r.Person.Role.AtLeast(store.Organizer):
		return bot.Toast("ToastOldList"), nil
	case len(q.Answers) == 0:
		return d.writeAnswer(ctx, r, q, false, answerEntry, "1")
	}
	return d.makeEntry(ctx, r, q.N)
}

// makeEntry makes an answered question an entry, once, and shows it as its organizers see it. Nobody sees it who could not
// have asked: who may is chosen by who asked, and widened by a button.
func (d *Desk) makeEntry(ctx context.Context, r *bot.Request, n int) (*bot.Reply, error) {
	f, err := d.store.EntryOf(ctx, n)
	if err == nil {
		return d.editEntry(ctx, f)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	q, err := d.store.Question(ctx, n)
	if errors.Is(err, store.ErrNotFound) || err == nil && len(q.Answers) == 0 {
		return bot.Say("QuestionGone").Row(menuButton()), nil
	}
	if err != nil {
		return nil, err
	}
	asker, err := d.store.Person(ctx, q.From)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("entry of question No. %d: %w", n, err)
	}
	f, err = d.store.SaveEntry(ctx, d.entryOf(q, asker, err == nil))
	if errors.Is(err, store.ErrConflict) { // a colleague pressed in the same moment
		f, err = d.store.EntryOf(ctx, n)
	}
	if err != nil {
		return nil, err
	}
	return d.editEntry(ctx, f)
}

// entryOf writes an entry from a question.
func (d *Desk) entryOf(q store.Question, asker store.Person, known bool) store.FAQ {
	f := store.FAQ{
		ID: fmt.Sprintf("q%d", q.N), From: q.N, Intent: q.Intent, Topic: "other", Meeting: q.Meeting, Body: q.Body,
		Question: store.Text{q.Lang: q.Text}, Formatted: true, Visibility: store.Delegates, At: q.Answers[0].At,
	}
	if q.Intent == "meeting_practical" && q.Topic != "" {
		f.Topic = q.Topic
	}
	if known && !asker.Role.AtLeast(store.Delegate) && len(asker.MemberOf) == 0 {
		f.Visibility = store.Public
	}
	var answers []string
	for _, g := range q.Answers {
		answers = append(answers, g.HTML)
	}
	f.Answer = store.Text{answeredIn(q): strings.Join(answers, "\n\n")}
	return f
}

// answeredIn is the language of the answers to a question, which need not be its own: who reads them elsewhere is told that
// they are an original. Answers in several languages stay together under the question's, for none of them is the whole.
func answeredIn(q store.Question) store.Lang {
	lang := cmp.Or(q.Answers[0].Lang, q.Lang)
	for _, g := range q.Answers[1:] {
		if cmp.Or(g.Lang, q.Lang) != lang {
			return q.Lang
		}
	}
	return lang
}

// editEntry shows an entry with what can be changed of it.
func (d *Desk) editEntry(ctx context.Context, f store.FAQ) (*bot.Reply, error) {
	reply := bot.Say("FaqEditHeading")
	for _, lang := range store.Langs {
		if f.Question[lang] != "" || f.Answer[lang] != "" {
			// Each language is shown as it is, and none in the words of another.
			reply.Say("FaqEditText", "Language", ownName(lang), "Question", bot.Raw(f.Question[lang]), "Text", inLang(f, lang))
		}
	}
	if lacking := d.lacking(f); len(lacking) > 0 {
		reply.Say("FaqEditLacks", "Languages", lacking)
	}
	reply.Say("FaqEditSeen", "Who", d.seenBy(f))
	if err := d.sayEntryMeeting(ctx, reply, f); err != nil {
		return nil, err
	}
	for langs := range slices.Chunk(store.Langs, 2) {
		var row []bot.Button
		for _, lang := range langs {
			row = append(row, bot.Press("ButtonFaqLanguage", entryData(f.ID, "lang", lang), "Language", ownName(lang)))
		}
		reply.Row(row...)
	}
	reply.Row(
		bot.Box("ButtonSeenPublic", entryData(f.ID, "vis", string(store.Public)), f.Visibility == store.Public),
		bot.Box("ButtonSeenDelegates", entryData(f.ID, "vis", string(store.Delegates)), f.Visibility == store.Delegates),
	)
	var groups []bot.Button
	for _, b := range d.council.Bodies {
		name, _ := d.bodyName(b.ID)
		bound := f.Visibility == store.Restricted && slices.Contains(f.Bound, b.ID)
		groups = append(groups, bot.Box("ButtonSeenBody", entryData(f.ID, "body", b.ID, !bound), bound, "Body", name))
	}
	for row := range slices.Chunk(groups, 2) {
		reply.Row(row...)
	}
	if f.Meeting != "" {
		reply.Button("ButtonFaqNoMeeting", entryData(f.ID, "met"))
	}
	return reply.Row(bot.Press("ButtonFaqRemove", entryData(f.ID, "rm")), bot.Press("ButtonFaqBack", faqButton)), nil
}

// inLang is the answer of an entry in one language.
func inLang(f store.FAQ, lang store.Lang) any {
	if f.Formatted {
		return asIs(f.Answer[lang])
	}
	return bot.Raw(f.Answer[lang])
}

// lacking lists the languages that an entry has no text in. Uzbek in Cyrillic letters is made of Uzbek.
func (d *Desk) lacking(f store.FAQ) (names []bot.Value) {
	for _, lang := range store.Langs {
		if lang != store.UzbekCyrl && (f.Answer[lang] == "" || f.Question[lang] == "") {
			names = append(names, bot.V(ownName(lang)))
		}
	}
	return names
}

// seenBy says who may see an entry.
func (d *Desk) seenBy(f store.FAQ) bot.Value {
	switch f.Visibility {
	case store.Public:
		return phrase("SeenPublic")
	case store.Delegates:
		return phrase("SeenDelegates")
	}
	if len(f.Bound) == 0 {
		return phrase("SeenNobody")
	}
	return phrase("SeenBodies", "Bodies", d.bodies(f.Bound))
}

// sayEntryMeeting says of which meeting an entry is: who may not see that does not see the entry.
func (d *Desk) sayEntryMeeting(ctx context.Context, reply *bot.Reply, f store.FAQ) error {
	// Organizers see every meeting.
	m, err := d.store.Meeting(ctx, f.Meeting, store.Person{Role: store.Organizer})
	if err == nil {
		reply.Line("FaqEditMeeting", "Title", m.Name)
	} else if !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("meeting of entry %q: %w", f.ID, err)
	}
	return nil
}

// pressEntry handles fe:<entry> and fe:<entry>:<verb>. What is no entry (any more) leads to the list.
func (d *Desk) pressEntry(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	f, err := d.entry(ctx, r.Arg(0), r.Person)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if err != nil || f.Rev == 0 { // what stands in the catalogue is changed there
		reply, err := editing(d.faqList(ctx, r, 0))
		return toasted(reply, "ToastOldList"), err
	}
	switch r.Arg(1) {
	case "lang":
		return d.talks.Start(ctx, r, entryFlow, entryID, f.ID, entryLang, r.Arg(2))
	case "rm":
		return d.removeEntry(ctx, r, f)
	case "":
		return editing(d.editEntry(ctx, f))
	}
	f, err = d.store.ChangeEntry(ctx, f.ID, func(f *store.FAQ) error {
		setEntry(f, r)
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return editing(d.faqList(ctx, r, 0))
	}
	if err != nil {
		return nil, err
	}
	return editing(d.editEntry(ctx, f))
}

// setEntry does what a button says about who sees an entry. Each button carries the wanted state.
func setEntry(f *store.FAQ, r *bot.Request) {
	switch v := store.Visibility(r.Arg(2)); r.Arg(1) {
	case "vis":
		if v == store.Public || v == store.Delegates {
			f.Visibility, f.Bound = v, nil
		}
	case "met":
		f.Meeting = ""
	case "body":
		bodies := slices.DeleteFunc(slices.Clone(f.Bound), func(b string) bool { return b == r.Arg(2) })
		if r.Arg(3) == "1" {
			bodies = append(bodies, r.Arg(2))
		}
		slices.Sort(bodies)
		// Without any body nobody but organizers sees it: that is the safe side of a tap too many.
		f.Visibility, f.Bound = store.Restricted, bodies
	}
}

// removeEntry handles fe:<entry>:rm, which asks, and fe:<entry>:rm:yes.
func (d *Desk) removeEntry(ctx context.Context, r *bot.Request, f store.FAQ) (*bot.Reply, error) {
	if r.Arg(2) != "yes" {
		return bot.Say("FaqRemoveQuestion", "Question", f.Question).
			Button("ButtonFaqRemoveYes", entryData(f.ID, "rm", "yes")).Button("ButtonBack", entryData(f.ID)).Editing(), nil
	}
	if err := d.store.DropEntry(ctx, f.ID); err != nil {
		return nil, err
	}
	reply, err := editing(d.faqList(ctx, r, 0))
	return toasted(reply, "ToastFaqRemoved"), err
}
