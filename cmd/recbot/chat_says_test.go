package main

import (
	"strings"

	"recbot/bot"
)

// says lets somebody write, send something else, or press a button; docs/HACKING.md lists the forms.
func (p *player) says(s *step) error {
	who := p.w.join(s.who, "en", false)
	p.last = s.who
	text := strings.Join(s.want, "\n")
	var err error
	switch {
	case text == "(sticker)":
		err = p.w.sim.Sticker(who)
	case text == "(voice)":
		err = p.w.sim.Voice(who)
	case text == "(photo)":
		err = p.w.sim.Photo(who)
	case strings.HasPrefix(text, "(html) "):
		err = p.w.sim.SayHTML(who, text[len("(html) "):])
	case strings.HasPrefix(text, "(photo) "):
		err = p.w.sim.SendFile(who, bot.File{Photo: true, Data: []byte("photo")}, text[len("(photo) "):])
	case strings.HasPrefix(text, "(document "):
		name, caption, _ := strings.Cut(text[len("(document "):], ")")
		err = p.w.sim.SendFile(who, bot.File{Name: name, Data: []byte("document")}, strings.TrimSpace(caption))
	case text == "(long)":
		err = p.w.sim.Say(who, strings.Repeat("о", 1001))
	case strings.HasPrefix(text, "(link of "):
		err = p.w.open(who, strings.TrimSuffix(strings.TrimPrefix(text, "(link of "), ")"))
	case strings.HasPrefix(text, "(reply to "):
		err = p.w.reply(who, text[len("(reply to "):])
	case strings.HasPrefix(text, "(deletes "):
		err = p.w.unsay(who, strings.TrimSuffix(text[len("(deletes "):], ")"))
	case strings.HasPrefix(text, "["):
		err = p.w.press(who, text)
	default:
		err = p.w.sim.Say(who, text)
	}
	p.w.settle()
	return err
}
