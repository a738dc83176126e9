package telegram

import (
	"testing"

	"github.com/go-telegram/bot/models"
)

func TestMarkup(t *testing.T) {
	t.Parallel()
	mark := func(kind string, offset, length int) models.MessageEntity {
		return models.MessageEntity{Type: models.MessageEntityType(kind), Offset: offset, Length: length}
	}
	link := func(url string, offset, length int) models.MessageEntity {
		e := mark("text_link", offset, length)
		e.URL = url
		return e
	}
	for _, tc := range []struct {
		name  string
		text  string
		marks []models.MessageEntity
		want  string
	}{
		{"a text without formatting is escaped", `a < b & c > "d"`, nil, `a &lt; b &amp; c &gt; "d"`},
		{"a bold word", "one two", []models.MessageEntity{mark("bold", 4, 3)}, "one <b>two</b>"},
		{"a character of two units lies before", "\U0001F4C5 дата", []models.MessageEntity{mark("italic", 3, 4)}, "\U0001F4C5 <i>дата</i>"},
		{"one inside the other, given in any order", "abc", []models.MessageEntity{mark("italic", 1, 1), mark("bold", 0, 3)}, "<b>a<i>b</i>c</b>"},
		{"two that begin together", "abc", []models.MessageEntity{mark("italic", 0, 1), mark("bold", 0, 3)}, "<b><i>a</i>bc</b>"},
		{"two that overlap are nested", "abcd", []models.MessageEntity{mark("bold", 0, 2), mark("italic", 1, 3)}, "<b>a<i>b</i></b>cd"},
		{"one that ends behind the text", "ab", []models.MessageEntity{mark("underline", 1, 9)}, "a<u>b</u>"},
		{"one that lies behind the text", "ab", []models.MessageEntity{mark("underline", 5, 9)}, "ab"},
		{"one of no length", "ab", []models.MessageEntity{mark("bold", 1, 0)}, "ab"},
		{"a link", "see here", []models.MessageEntity{link(`https://a.uz/?x=1&y="2"`, 4, 4)}, `see <a href="https://a.uz/?x=1&amp;y=&quot;2&quot;">here</a>`},
		{"a link that leads nowhere safe", "see", []models.MessageEntity{link("javascript:alert(1)", 0, 3)}, "see"},
		{"what names itself needs no tag", "@a #b https://c.uz", []models.MessageEntity{mark("mention", 0, 2), mark("url", 6, 12)}, "@a #b https://c.uz"},
		{"a quotation that opens out", "ab", []models.MessageEntity{mark("expandable_blockquote", 0, 2)}, "<blockquote expandable>ab</blockquote>"},
		{"formatted code is escaped too", "if a<b", []models.MessageEntity{mark("pre", 0, 6)}, "<pre>if a&lt;b</pre>"},
		{"what turns the text around is left out", "a\u202eb", []models.MessageEntity{mark("bold", 2, 1)}, "a<b>b</b>"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := markup(tc.text, tc.marks); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}
