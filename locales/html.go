package locales

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

var unescaper = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&quot;", `"`)

// escape makes HTML of foreign text: the four characters that mean something are written as entities, and what is no
// character, controls the terminal or turns the direction of the text around is left out.
func escape(s string) string {
	if strings.IndexFunc(s, unwanted) >= 0 || !utf8.ValidString(s) {
		s = strings.Map(func(r rune) rune {
			if unwanted(r) {
				return -1
			}
			return r
		}, strings.ToValidUTF8(s, ""))
	}
	return escaper.Replace(s)
}

func unwanted(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069: // directional overrides and isolates
		return true
	}
	return unicode.IsControl(r)
}

// plainText gives what a reader sees of HTML. Labels, toasts and menus are rendered as messages are and lose their tags
// here, so that a value is escaped and read back in one place only.
func plainText(html string) string {
	if !strings.ContainsAny(html, "<&") {
		return html
	}
	var b strings.Builder
	for rest := html; rest != ""; {
		token := nextToken(rest)
		if token[0] != '<' {
			b.WriteString(unescaper.Replace(token))
		}
		rest = rest[len(token):]
	}
	return b.String()
}

// Plain gives what a reader sees of the text of a letter, for where there is no Telegram to show it: without tags, an
// address behind the words that lead to it, and with plain blanks for those that keep a line from breaking.
func Plain(html string) string {
	var b, label strings.Builder
	address := ""
	for rest := html; rest != ""; {
		token := nextToken(rest)
		rest = rest[len(token):]
		switch {
		case strings.HasPrefix(token, "<a href="):
			address = unescaper.Replace(strings.Trim(token[len("<a href="):len(token)-1], `"`))
			label.Reset()
		case token == "</a>":
			if address != "" && address != label.String() {
				b.WriteString(" (" + address + ")")
			}
			address = ""
		case len(token) > 1 && token[0] == '<':
		default:
			b.WriteString(unescaper.Replace(token))
			label.WriteString(unescaper.Replace(token))
		}
	}
	return strings.ReplaceAll(b.String(), nbsp, " ")
}

// nextToken gives the tag, the entity or the character that s begins with. It knows the HTML that we write, which has no
// bare < and &; should one be there all the same, it counts as a character.
func nextToken(s string) string {
	end := -1
	switch s[0] {
	case '<':
		end = strings.IndexByte(s, '>')
	case '&':
		end = strings.IndexByte(s, ';')
	}
	if end >= 0 {
		return s[:end+1]
	}
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}

// units counts the UTF-16 units that a token takes up in a message: none for a tag, one for an entity.
func units(token string) int {
	if token[0] == '<' && len(token) > 1 {
		return 0
	}
	if r, size := utf8.DecodeRuneInString(token); size == len(token) && r > 0xFFFF {
		return 2
	}
	return 1
}

// length counts the UTF-16 units of HTML as Telegram does, after reading it. Between tags and entities it need not look for
// tokens, and most of a message lies there.
func length(html string) (n int) {
	for html != "" {
		end := strings.IndexAny(html, "<&")
		if end < 0 {
			end = len(html)
		}
		for _, r := range html[:end] {
			if r > 0xFFFF {
				n++
			}
			n++
		}
		if html = html[end:]; html != "" {
			token := nextToken(html)
			n += units(token)
			html = html[len(token):]
		}
	}
	return n
}

// cutPlain shortens plain text to limit UTF-16 units, the closing … included, between two words if there is a gap in the
// second half: a button or a toast with half a word at its end looks broken.
func cutPlain(s string, limit int) string {
	n, fits := 0, 0 // fits: bytes that leave room for the …
	for i, r := range s {
		if n <= limit-1 {
			fits = i
		}
		// Telegram counts UTF-16 units, of which an emoji has two.
		if r > 0xFFFF {
			n++
		}
		n++
	}
	if n <= limit {
		return s
	}
	whole := strings.IndexByte(" \n", s[fits]) >= 0 // the cut falls between two words anyhow
	s = s[:fits]
	if gap := strings.LastIndexAny(s, " \n"); !whole && gap > len(s)/2 {
		s = s[:gap]
	}
	return strings.TrimRight(s, " \n,;:–—-") + ellipsis
}

// cutHTML shortens HTML to limit UTF-16 units without splitting a tag or an entity, closes what is open, and prefers the
// end of a line, then of a word, in the last third.
func cutHTML(html string, limit int) string {
	var open []string
	n, end, line, word := 0, 0, -1, -1
	for end < len(html) {
		token := nextToken(html[end:])
		if n += units(token); n > limit {
			break
		}
		switch token {
		case "\n":
			line = end
		case " ":
			word = end
		}
		end += len(token)
	}
	if end == len(html) {
		return html
	}
	// Better a little less text than half a line or half a word, as long as most of it is there.
	switch floor := end * 2 / 3; {
	case html[end] == '\n':
	case line > floor:
		end = line
	case html[end] == ' ':
	case word > floor:
		end = word
	}
	html = html[:end]
	for rest := html; rest != ""; {
		token := nextToken(rest)
		rest = rest[len(token):]
		if token[0] == '<' && len(token) > 2 {
			open = follow(open, token)
		}
	}
	for i := len(open) - 1; i >= 0; i-- {
		html += "</" + open[i] + ">"
	}
	return html
}

// follow keeps the names of the tags that are open after one more tag. Texts are balanced (a test holds them to it), so a
// closing tag closes the last one.
func follow(open []string, tag string) []string {
	name := strings.Trim(tag, "<>")
	if strings.HasPrefix(name, "/") {
		if len(open) > 0 {
			open = open[:len(open)-1]
		}
		return open
	}
	name, _, _ = strings.Cut(name, " ")
	return append(open, name)
}
