package locales

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

var (
	openTag  = regexp.MustCompile(`^<(b|strong|i|em|u|ins|s|strike|del|code|pre|blockquote|tg-spoiler|a href="[^"<>]+")>$`)
	closeTag = regexp.MustCompile(`^</([a-z-]+)>$`)
)

// validHTML is how the Bot API reads HTML: its own tags only, properly nested, and no bare < > &.
func validHTML(s string) error {
	if !utf8.ValidString(s) {
		return fmt.Errorf("not UTF-8: %q", s)
	}
	var open []string
	for rest := s; rest != ""; {
		token := nextToken(rest)
		rest = rest[len(token):]
		switch {
		case token == ">":
			return fmt.Errorf("bare > in %q", s)
		case token[0] == '&' && !slices.Contains([]string{"&amp;", "&lt;", "&gt;", "&quot;"}, token):
			return fmt.Errorf("bare & or unknown entity %q in %q", token, s)
		case token[0] != '<':
		case openTag.MatchString(token):
			name, _, _ := strings.Cut(strings.Trim(token, "<>"), " ")
			open = append(open, name)
		default:
			m := closeTag.FindStringSubmatch(token)
			if m == nil || len(open) == 0 || open[len(open)-1] != m[1] {
				return fmt.Errorf("tag %q in %q", token, s)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("<%s> is not closed in %q", open[0], s)
	}
	return nil
}

// telegramLength is the length of HTML as Telegram counts it, computed another way than the code under test.
func telegramLength(html string) int {
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(html, "")
	text = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&amp;", "&").Replace(text)
	return len(utf16.Encode([]rune(text)))
}

func TestValidHTML(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"a < b", "a > b", "a & b", "&nbsp;", "<p>x</p>", "<b>x", "<b><i>x</b></i>", "x</b>", "<br/>", `<a href="x>y</a>`, "<b", "\xff"} {
		if validHTML(s) == nil {
			t.Errorf("%q counts as valid", s)
		}
	}
	if err := validHTML(`<b>x &lt; <a href="https://example.org/?a=1&amp;b=2">y</a></b> &amp; "z"`); err != nil {
		t.Error(err)
	}
}

func TestEscape(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, in, want string }{
		{"the four characters", `<b>"a" & 'b'</b>`, `&lt;b&gt;&quot;a&quot; &amp; 'b'&lt;/b&gt;`},
		{"entities are escaped again", "&amp;", "&amp;amp;"},
		{"what controls a terminal", "a\x00b\x1b[31mc\r\nd\te", "ab[31mc\nd\te"},
		{"what is no UTF-8", "a\xffb", "ab"},
		{"what turns the direction around", "abc\u202edef\u2066", "abcdef"},
		{"an emoji of several characters", "👩‍👩‍👧", "👩‍👩‍👧"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := escape(tc.in); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	if got, want := plainText(`<b>a</b> &lt;b&gt; &amp;amp; <a href="x">&quot;c&quot;</a>`), `a <b> &amp; "c"`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, html, want string }{
		{"tags go, entities are read", "<b>A &amp; B</b>\n<i>&lt;c&gt;</i>", "A & B\n<c>"},
		{"an address stands behind its words", `see <a href="https://example.org/?a=1&amp;b=2">the <b>papers</b></a>, please`, "see the papers (https://example.org/?a=1&b=2), please"},
		{"but not behind itself", `<a href="https://example.org">https://example.org</a>`, "https://example.org"},
		{"a blank that keeps words together is a blank", "27\u00a0ноября", "27 ноября"},
		{"a bare sign is left", "1 < 2", "1 < 2"},
		{"nothing", "", ""},
	} {
		if got := Plain(tc.html); got != tc.want {
			t.Errorf("%s: Plain(%q) = %q, want %q", tc.name, tc.html, got, tc.want)
		}
	}
}

func TestCutPlain(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in string
		limit    int
		want     string
	}{
		{"fits", "Done", 4, "Done"},
		{"between words", "Working groups meet again", 20, "Working groups meet…"},
		{"inside a long word at the end", "(b) Abcdef, ghijklmnopq", 18, "(b) Abcdef…"},
		{"inside a long word", "Abcdefghijklmno", 6, "Abcde…"},
		{"no comma before the …", "Working groups, meeting", 18, "Working groups…"},
		{"never inside a pair", "ab👩👩👩", 5, "ab👩…"},
		{"one unit", "👩👩", 1, "…"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := cutPlain(tc.in, tc.limit)
			if got != tc.want || len(utf16.Encode([]rune(got))) > tc.limit {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestCutHTML(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in string
		limit    int
		want     string
	}{
		{"fits", "<b>abc</b>", 3, "<b>abc</b>"},
		{"closes what is open", `<b>a <a href="x">bcdef</a></b>`, 4, `<b>a <a href="x">bc</a></b>`},
		{"an entity is one character", "a&lt;&lt;&lt;b", 3, "a&lt;&lt;"},
		{"never inside an entity", "&amp;&amp;", 1, "&amp;"},
		{"at the end of a line", "abcdef\ng hijk", 8, "abcdef"},
		{"at the end of a word", "abcdef ghi jkl", 12, "abcdef ghi"},
		{"between two words", "abc def", 3, "abc"},
		{"not far back", "a\nbcdefghijkl", 10, "a\nbcdefghi"},
		{"nothing fits", "<i>👩</i>", 1, "<i></i>"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := cutHTML(tc.in, tc.limit)
			if got != tc.want || telegramLength(got) > tc.limit {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
