package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"unicode/utf16"

	"recbot/bot"
	"recbot/bot/dialog"
	"recbot/store"
)

// The conversation in which the text of an announcement is written.
const (
	announceFlow  = "an"
	stepText      = "text"
	answerDraft   = "draft"
	answerLang    = "lang"
	valueBackToIt = "back"
)

// Limits of a text in UTF-16 units. They stay below those of Telegram, so that a note on the language fits too.
const (
	maxAnnounce = 4000
	maxCaption  = 980
	// maxContent is how much all texts together may take as the store keeps them, in bytes.
	maxContent = 40 << 10
)

func (d *Desk) textFlow() dialog.Flow {
	return dialog.Flow{
		Name: announceFlow, Title: "FlowAnnounce",
		Steps: []dialog.Step{{Name: stepText, Ask: d.askText, Take: d.takeText, Any: true}},
	}
}

// writeText handles an:<draft>:text and an:<draft>:text:<language>. Unless a language is named it asks for the person's own, or
// for another one if nobody reads that.
func (d *Desk) writeText(ctx context.Context, r *bot.Request, draft store.Draft) (*bot.Reply, error) {
	lang := store.Lang(r.Arg(2))
	if !slices.Contains(store.Langs, lang) {
		heads, err := d.countDraft(ctx, draft)
		if err != nil {
			return nil, err
		}
		lang = r.Person.Language
		if i := slices.IndexFunc(store.Langs, func(l store.Lang) bool { return heads.ByLang[l] > 0 }); i >= 0 && heads.ByLang[lang] == 0 {
			lang = store.Langs[i]
		}
	}
	return d.talks.Start(ctx, r, announceFlow, answerDraft, string(draft.ID), answerLang, string(lang))
}

// askText asks for the text in a language, and offers the others.
func (d *Desk) askText(ctx context.Context, t *dialog.Talk) (*bot.Reply, error) {
	draft, err := d.store.Draft(ctx, store.DraftID(t.Answer(answerDraft)))
	if err != nil && !errors.Is(err, store.ErrNotFound) { // that it is gone is said when the text comes
		return nil, err
	}
	lang, key := store.Lang(t.Answer(answerLang)), "AnnounceWrite"
	if len(draft.Replaces) > 0 { // a file cannot be changed any more
		key = "AnnounceWriteCorrection"
	}
	reply := bot.Say(key, "Language", ownName(lang))
	var others []bot.Button
	for _, other := range store.Langs {
		if other != lang {
			others = append(others, bot.Press("ButtonLanguageName", dialog.Data(announceFlow, stepText, string(other)), "Language", ownName(other)))
		}
	}
	return reply.Row(others...).Row(backToDraft()), nil
}

func backToDraft() bot.Button {
	return bot.Press("ButtonBack", dialog.Data(announceFlow, stepText, valueBackToIt))
}

// takeText takes the text as it was sent, another language, or the way back. What cannot be sent on is explained at once.
func (d *Desk) takeText(ctx context.Context, t *dialog.Talk) (dialog.Move, error) {
	draft, err := d.store.Draft(ctx, store.DraftID(t.Answer(answerDraft)))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return dialog.Move{}, err
	}
	switch {
	case !t.Person.Role.AtLeast(store.Organizer):
		reply, err := d.Unknown(ctx, t.Request)
		return dialog.End(reply), err
	case err != nil:
		return dialog.End(bot.Say("AnnounceGone").Row(menuButton())), nil
	case draft.State != store.DraftComposing, !t.Typed && t.Value == valueBackToIt:
		reply, err := d.draftStatus(ctx, t.Request, draft)
		return dialog.End(reply), err
	case !t.Typed:
		if slices.Contains(store.Langs, store.Lang(t.Value)) {
			t.Keep(answerLang, t.Value)
		}
		return dialog.To(stepText), nil
	}
	lang := store.Lang(t.Answer(answerLang))
	if refusal := unfit(draft, lang, t.Request); refusal != nil {
		return dialog.Stay(refusal.Row(backToDraft())), nil
	}
	draft, err = d.changeDraft(ctx, draft.ID, store.DraftComposing, func(draft *store.Draft) { enterText(draft, lang, t.Request) })
	if err != nil {
		return dialog.Move{}, fmt.Errorf("text of draft: %w", err)
	}
	reply, err := d.previewDraft(ctx, t.Request, draft)
	return dialog.End(reply), err
}

// unfit says why a message cannot be the text of an announcement in a language; nil = it can.
func unfit(draft store.Draft, lang store.Lang, r *bot.Request) *bot.Reply {
	enterText(&draft, lang, r)
	switch {
	case r.File != nil && len(draft.Replaces) > 0:
		return bot.Say("AnnounceFileFixed")
	case r.File == nil && r.Text == "":
		return bot.Say("AnnounceUnreadable")
	case r.Text == "":
		return bot.Say("AnnounceNoCaption")
	}
	limit := maxAnnounce
	if draft.File != nil {
		limit = maxCaption
	}
	for _, l := range store.Langs {
		if n := draft.Units[l]; n > limit {
			key := "AnnounceTooLong"
			if draft.File != nil {
				key = "AnnounceCaptionTooLong"
			}
			return bot.Say(key, "Language", ownName(l), "N", n, "Most", limit)
		}
	}
	if content, err := json.Marshal(contentOf(draft)); err != nil || len(content) > maxContent {
		return bot.Say("AnnounceTooMuch")
	}
	return nil
}

// enterText puts a message into a draft as its text in a language. The maps are copied: the draft may be shared.
func enterText(draft *store.Draft, lang store.Lang, r *bot.Request) {
	texts, units := store.Text{lang: r.HTML}, map[store.Lang]int{lang: len(utf16.Encode([]rune(r.Text)))}
	for l, text := range draft.Texts {
		if l != lang {
			texts[l], units[l] = text, draft.Units[l]
		}
	}
	draft.Texts, draft.Units = texts, units
	draft.Note, draft.LeaveOut = len(draft.Replaces) > 0, false // whoever got a text reads its correction
	if r.File != nil {
		draft.File = &store.DraftFile{ID: r.File.ID, Photo: r.File.Photo, Name: r.File.Name}
	}
}

// announced is the content of an announcement's job: all that Compose needs.
type announced struct {
	Texts store.Text `json:"texts"`
	File  *bot.File  `json:"file,omitempty"`
	Note  bool       `json:"note,omitempty"`
}

// announcing is the announcement that was read last: it is the same for thousands of people one after the other, and to read
// its texts costs as much as to send it to one of them. Two that are under way together are read a little more often.
type announcing struct{ last atomic.Pointer[readAnnounced] }

type readAnnounced struct {
	raw json.RawMessage
	announced
}

// read gives the content of an announcement's job. It is shared: nobody changes it.
func (a *announcing) read(raw json.RawMessage) (announced, error) {
	if last := a.last.Load(); last != nil && bytes.Equal(last.raw, raw) {
		return last.announced, nil
	}
	next := &readAnnounced{raw: bytes.Clone(raw)}
	if err := json.Unmarshal(raw, &next.announced); err != nil {
		return announced{}, err
	}
	a.last.Store(next)
	return next.announced, nil
}

func contentOf(draft store.Draft) announced {
	c := announced{Texts: draft.Texts, Note: draft.Note}
	if f := draft.File; f != nil {
		c.File = &bot.File{ID: f.ID, Photo: f.Photo, Name: f.Name}
	}
	return c
}

// speaks tells whether there is a text for readers of a language. The two scripts of Uzbek stand in for each other.
func (c announced) speaks(lang store.Lang) bool {
	switch lang {
	case store.Uzbek, store.UzbekCyrl:
		return c.Texts[store.Uzbek] != "" || c.Texts[store.UzbekCyrl] != ""
	}
	return c.Texts[lang] != ""
}

// shown is the language in which it is shown to somebody: their own, or one that there is.
func (c announced) shown(to store.Lang) store.Lang {
	if i := slices.IndexFunc(store.Langs, c.speaks); !c.speaks(to) && i >= 0 {
		return store.Langs[i]
	}
	return to
}

// reply is the announcement as it is sent: the organizers' own words and nothing else.
func (c announced) reply() *bot.Reply {
	reply := bot.Say("AnnounceText", "Text", bot.HTML(c.Texts))
	reply.File = c.File
	return reply
}

// announcement says what an announcement tells a person. A correction and a recall reach whoever has the message.
func (d *Desk) announcement(ctx context.Context, job store.Job, p store.Person) (*bot.Reply, string, error) {
	c, err := d.announcing.read(job.Content)
	if err != nil {
		return nil, "", err
	}
	if len(job.Replaces) > 0 {
		return c.reply(), "announce", nil
	}
	if why := job.Audience.Skip(p); why != "" {
		return nil, why, nil
	}
	if job.Audience.Of != "" {
		if why, err := d.reached(ctx, job.Audience.Of, p.ID); err != nil || why != "" {
			return nil, why, err
		}
	}
	if !c.speaks(p.Language) && !c.Note {
		return nil, "no text in their language", nil
	}
	return c.reply(), "announce", nil
}
