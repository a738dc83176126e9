package handlers

import (
	"slices"
	"strings"

	"recbot/bot"
	"recbot/bot/script"
	"recbot/store"
)

// What stands behind a command, /groups b: taken where its meaning is clear, else what would be understood is said.

// behind is what was typed behind the command, as it is compared. The command's own words are English, like its name.
func behind(r *bot.Request) string {
	return strings.Trim(script.Fold(strings.TrimSpace(r.Args)), "() ")
}

// bodyNamed finds the body, or the Council, of a folded text: by its id, its letter, or what people call it in any language.
func (d *Desk) bodyNamed(text string) (id string, ok bool) {
	if text == "" { // most commands stand alone, and the aliases are many
		return "", false
	}
	if _, ok := d.bodyName(text); ok {
		return text, true
	}
	for _, b := range d.council.Bodies {
		if b.Letter == text {
			return b.ID, true
		}
	}
	for _, b := range d.council.Bodies {
		for lang, aliases := range b.Aliases {
			if slices.ContainsFunc(aliases, func(a string) bool { return calls(a, lang, text) }) {
				return b.ID, true
			}
		}
	}
	return "", false
}

// calls tells whether an alias of a language is the text. Of "группа б" the letter alone will do: behind a command there is
// nothing else that it could mean.
func calls(alias string, lang store.Lang, text string) bool {
	spellings := []string{alias}
	if lang == store.Uzbek {
		spellings = append(spellings, script.ToCyrillic(alias))
	}
	return slices.ContainsFunc(spellings, func(s string) bool {
		s = script.Fold(s)
		return s == text || len([]rune(text)) == 1 && slices.Contains(strings.Fields(s), text)
	})
}

// bodyWords are the words by which a body can be named behind a command, the shortest of each; first come others.
func (d *Desk) bodyWords(others ...string) []bot.Value {
	var words []bot.Value
	for _, w := range others {
		words = append(words, bot.V(bot.Raw(w)))
	}
	words = append(words, bot.V(bot.Raw(store.TopicCouncil)))
	for _, b := range d.council.Bodies {
		word := b.Letter
		if word == "" {
			word = b.ID
		}
		words = append(words, bot.V(bot.Raw(word)))
	}
	return words
}

// unclear puts above a screen what could have stood behind the command. The screen is shown all the same: it is what the
// command does, and has a button for most of what may have been meant.
func unclear(reply *bot.Reply, words []bot.Value) *bot.Reply {
	return above(reply, bot.NewPart("WordsUnclear", "Words", words))
}

// above puts something at the head of a reply, where the eye is after typing.
func above(reply *bot.Reply, first ...bot.Part) *bot.Reply {
	reply.Parts = append(first, reply.Parts...)
	return reply
}
