package telegram

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/go-telegram/bot/models"

	"recbot/bot"
)

// What is escaped in texts and in the values of attributes.
var (
	escapeText  = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	escapeValue = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
)

// markup writes a text and its entities as the HTML that Telegram would make the same of. Entities that only name what
// stands there (addresses, mentions, commands) need no tags: Telegram finds them again.
func markup(text string, entities []models.MessageEntity) string {
	marks := slices.DeleteFunc(slices.Clone(entities), func(e models.MessageEntity) bool {
		open, _ := tagsOf(e)
		return open == "" || e.Length <= 0
	})
	slices.SortStableFunc(marks, func(a, b models.MessageEntity) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(b.Length, a.Length))
	})
	var b strings.Builder
	b.Grow(len(text) + 16*len(marks))
	var ends []int // of what is open, the innermost last
	var closing []string
	at := 0 // in UTF-16 units, in which entities are counted
	shut := func() {
		for n := len(ends); n > 0 && ends[n-1] <= at; n-- {
			b.WriteString(closing[n-1])
			ends, closing = ends[:n-1], closing[:n-1]
		}
	}
	for _, r := range text {
		shut()
		for len(marks) > 0 && marks[0].Offset <= at {
			open, end := tagsOf(marks[0])
			until := marks[0].Offset + marks[0].Length
			if n := len(ends); n > 0 { // never beyond what it stands in: HTML can only nest
				until = min(until, ends[n-1])
			}
			if until > at {
				b.WriteString(open)
				ends, closing = append(ends, until), append(closing, end)
			}
			marks = marks[1:]
		}
		if !unwanted(r) {
			b.WriteString(escapeText.Replace(string(r)))
		}
		at += max(1, utf16.RuneLen(r))
	}
	at = int(^uint(0) >> 1)
	shut()
	return b.String()
}

// unwanted are characters that would do something to the text of somebody else: they turn its direction around, or are no
// characters at all.
func unwanted(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == unicode.ReplacementChar || unicode.IsControl(r) && r != '\n' && r != '\t'
}

// simple are the kinds of formatting whose tags say everything.
var simple = map[models.MessageEntityType]string{
	models.MessageEntityTypeBold: "b", models.MessageEntityTypeItalic: "i", models.MessageEntityTypeUnderline: "u",
	models.MessageEntityTypeStrikethrough: "s", models.MessageEntityTypeSpoiler: "tg-spoiler", models.MessageEntityTypeCode: "code",
	models.MessageEntityTypePre: "pre", models.MessageEntityTypeBlockquote: "blockquote",
}

// tagsOf gives the tags around an entity; "" for one that needs none. A link that leads nowhere safe keeps its text only.
func tagsOf(e models.MessageEntity) (open, end string) {
	if tag := simple[e.Type]; tag != "" {
		return "<" + tag + ">", "</" + tag + ">"
	}
	switch {
	case e.Type == models.MessageEntityTypeExpandableBlockquote:
		return "<blockquote expandable>", "</blockquote>"
	case e.Type == models.MessageEntityTypeTextLink && leads(e.URL):
		return `<a href="` + escapeValue.Replace(e.URL) + `">`, "</a>"
	}
	return "", ""
}

// leads tells whether an address is one of the web, of mail or of Telegram.
func leads(url string) bool {
	scheme, _, ok := strings.Cut(strings.ToLower(url), ":")
	return ok && slices.Contains([]string{"http", "https", "tg", "mailto"}, scheme) && strings.IndexFunc(url, unwanted) < 0
}

// fileOf gives the photo or document of a message; nil without one. Of a photo the largest size stands for all.
func fileOf(m *models.Message) *bot.File {
	switch n := len(m.Photo); {
	case m.Document != nil:
		return &bot.File{ID: m.Document.FileID, Name: m.Document.FileName, Mime: m.Document.MimeType}
	case n > 0:
		return &bot.File{ID: m.Photo[n-1].FileID, Photo: true}
	}
	return nil
}
