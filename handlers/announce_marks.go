package handlers

import (
	"html"
	"regexp"
	"strings"

	"recbot/bot"
	"recbot/store"
)

// Formatting is what Telegram's clients make of it; whoever types the signs of HTML or Markdown gets these signs. That is seen
// in the preview, but easily overlooked in a long text, so it is said as well, with the place.

// oddMark matches signs that were probably meant as formatting: tags, **bold**, *bold* as other messengers take it, __italic__,
// ~~struck~~, `code`, [a link](https://...). A single star has to touch a word on its inner side: 2 * 3 * 4 is no formatting.
var oddMark = regexp.MustCompile("</?[a-zA-Z][a-zA-Z0-9]*(?: [^<>\n]*)?>|\\*\\*[^*\n]+\\*\\*|(?:^|[\\s(«“\"])\\*[^*\\s](?:[^*\n]*[^*\\s])?\\*|~~[^~\n]+~~|__[^_\n]+__|`[^`\n]+`|\\[[^\\]\n]+\\]\\([^)\n]+\\)")

// aroundMark is how many characters of a text are shown on either side of such signs.
const aroundMark = 20

// oddPlace gives the first place of a text, which is HTML, where signs stand that were probably meant as formatting; "" = there
// is none.
func oddPlace(text string) string {
	plain := html.UnescapeString(tag.ReplaceAllString(text, ""))
	at := oddMark.FindStringIndex(plain)
	if at == nil {
		return ""
	}
	before, mark, after := []rune(plain[:at[0]]), []rune(plain[at[0]:at[1]]), []rune(plain[at[1]:])
	if len(before) > aroundMark {
		before = append([]rune{'…'}, before[len(before)-aroundMark:]...)
	}
	if len(mark) > 2*aroundMark {
		mark, after = append(mark[:2*aroundMark], '…'), nil
	}
	if len(after) > aroundMark {
		after = append(after[:aroundMark], '…')
	}
	return strings.Join(strings.Fields(string(before)+string(mark)+string(after)), " ")
}

// fewWords is how many words a text must have for its language to be told: of a name and an hour nobody can tell.
const fewWords = 3

var longWord = regexp.MustCompile(`\pL{3,}`)

// sayDoubts says of each text of a draft where its formatting will not be what was meant, and whether it reads like another
// language than the one it was given in for.
func (d *Desk) sayDoubts(reply *bot.Reply, draft store.Draft) {
	for _, lang := range store.Langs {
		text := draft.Texts[lang]
		if place := oddPlace(text); place != "" {
			reply.Say("AnnounceMarks", "Language", ownName(lang), "Place", bot.Raw(place))
		}
		if len(longWord.FindAllString(formatting.ReplaceAllString(text, " "), fewWords)) < fewWords {
			continue
		}
		if other := d.tongueOf(text); other != "" && other != lang {
			reply.Say("AnnounceOtherTongue", "Language", ownName(lang), "Other", ownName(other))
		}
	}
}
