package handlers

import (
	"context"
	"slices"

	"recbot/bot"
	"recbot/store"
)

// /language and la: the language of everything, the chat's command menu included.
var _ = command(spec{Name: "language", Order: 70, Buttons: []string{"la"}, Run: (*Desk).language, Press: (*Desk).pressLanguage})

// ownName is what a language calls itself, whatever the reader's language is: whoever got the wrong one must recognise
// their own.
func ownName(l store.Lang) bot.Part {
	return bot.NewPart("Language_" + string(l))
}

// language shows the languages; "/language русский" sets one at once.
func (d *Desk) language(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	if lang, ok := d.findLang(r.Args); ok {
		return d.setLanguage(ctx, r, lang)
	}
	reply := bot.Say("LanguageChoose", "Name", ownName(r.Person.Language))
	reply.Rows = languageRows(func(l store.Lang) string { return bot.Data("la", l) })
	return reply, nil
}

// pressLanguage handles la:<language>, and la alone from the menu.
func (d *Desk) pressLanguage(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	lang := store.Lang(r.Arg(0))
	if !slices.Contains(store.Langs, lang) {
		r.Args = ""
		return editing(d.language(ctx, r))
	}
	return editing(d.setLanguage(ctx, r, lang))
}

// setLanguage changes language and menu. In the middle of a conversation its question is asked again, in the new language.
func (d *Desk) setLanguage(ctx context.Context, r *bot.Request, lang store.Lang) (*bot.Reply, error) {
	if err := d.speak(ctx, r, lang); err != nil {
		return nil, err
	}
	// Telegram shows the commands in the language of the client; the chat's own menu overrides that.
	reply := bot.Say("LanguageSet").Row(menuButton())
	reply.Menu = true
	question, err := d.talks.Again(ctx, r)
	if err != nil {
		return nil, err
	}
	return reply.Then(question), nil
}

// speak changes the language alone.
func (d *Desk) speak(ctx context.Context, r *bot.Request, lang store.Lang) error {
	return d.amend(ctx, r, "language", func(p *store.Person) error {
		p.Language = lang
		return nil
	})
}

// languageRows are the buttons of all languages, two in a row.
func languageRows(data func(store.Lang) string) [][]bot.Button {
	var buttons []bot.Button
	for _, l := range store.Langs {
		buttons = append(buttons, bot.Press("ButtonLanguage", data(l), "Name", ownName(l)))
	}
	return slices.Collect(slices.Chunk(buttons, 2))
}
