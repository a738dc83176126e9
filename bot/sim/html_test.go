package sim

import (
	"html"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
)

func TestFormatted(t *testing.T) {
	t.Parallel()
	text := func(s string) bot.Node { return bot.Node{Text: s} }
	tag := func(name string, kids ...bot.Node) bot.Node { return bot.Node{Tag: name, Kids: kids} }
	for _, tc := range []struct {
		name, html string
		want       []bot.Node
	}{
		{"plain text stays", "a  b", []bot.Node{text("a  b")}},
		{"synonyms become one tag", "<strong>a</strong><em>b</em><ins>c</ins><del>d</del><strike>e</strike>",
			[]bot.Node{tag("b", text("a")), tag("i", text("b")), tag("u", text("c")), tag("s", text("d")), tag("s", text("e"))}},
		{"elements nest", "<b>a<i>b</i></b>", []bot.Node{tag("b", text("a"), tag("i", text("b")))}},
		{"an empty end tag closes the last", "<b>a</>", []bot.Node{tag("b", text("a"))}},
		{"entities are characters", "&lt;&gt;&amp;&quot;&#39;&#x27;&#128077;", []bot.Node{text("<>&\"''👍")}},
		{"spoilers in both ways", `<span class="tg-spoiler">a</span><tg-spoiler>b</tg-spoiler>`,
			[]bot.Node{tag("tg-spoiler", text("a")), tag("tg-spoiler", text("b"))}},
		{"a link keeps its address", `<a href="https://example.org/?a=1&amp;b=2">x</a>`,
			[]bot.Node{{Tag: "a", URL: "https://example.org/?a=1&b=2", Kids: []bot.Node{text("x")}}}},
		{"a link without address is its own", `<a>example.org</a>`,
			[]bot.Node{{Tag: "a", URL: "http://example.org", Kids: []bot.Node{text("example.org")}}}},
		{"a link to a script is dropped, its text stays", `<a href="javascript:alert(1)">x</a> y`, []bot.Node{text("x y")}},
		{"tg-time shows what is inside", `<tg-time unix="1" format="r">10:00</tg-time>!`, []bot.Node{text("10:00!")}},
		{"a quote may be expandable", "<blockquote expandable>a</blockquote>", []bot.Node{tag("blockquote", text("a"))}},
		{"blanks at the ends and empty elements go", " \n<b> </b><i> a </i>\n", []bot.Node{tag("i", text("a"))}},
		{"attributes may be bare or in single quotes", "<a href='https://a.b'>x</a><code class=x>y</code>",
			[]bot.Node{{Tag: "a", URL: "https://a.b", Kids: []bot.Node{text("x")}}, tag("code", text("y"))}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, _, refused := formatted(tc.html, "HTML")
			if refused != nil {
				t.Fatal(refused.reason)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.html, diff)
			}
		})
	}
}

func TestFormattedRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, html, want string }{
		{"an unknown tag", "<script>alert(1)</script>", `Unsupported start tag "script" at byte offset 0`},
		{"a paragraph, which browsers know and Telegram does not", "ў<p>x</p>", `Unsupported start tag "p" at byte offset 2`},
		{"a comment", "<!-- x -->", `Unsupported start tag "!--" at byte offset 0`},
		{"a < of its own", "1 < 2", `Unsupported start tag "" at byte offset 2`},
		{"a tag without end", "x <b", "Unclosed start tag at byte offset 2"},
		{"an end without end", "<b>x</b", "Unclosed end tag at byte offset 4"},
		{"an element without end", "<b><i>x</i>", `Can't find end tag corresponding to start tag "b"`},
		{"crossed elements", "<b><i>test</b></i>", `Unmatched end tag at byte offset 10, expected "</i>", found "</b>"`},
		{"an end without start", "x</b>", "Unexpected end tag at byte offset 1"},
		{"a span that is no spoiler", `<span class="x">a</span>`, `Tag "span" must have class "tg-spoiler" at byte offset 0`},
		{"an attribute without value", `<a href>x</a>`, `Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0`},
		{"a value without name", `<a ="x">x</a>`, `Empty attribute name in the tag "a" at byte offset 0`},
		{"a value without end", `<a href="x>x</a>`, "Unclosed start tag at byte offset 0"},
		{"an & that is not escaped", "R&D", `Unescaped "&" at byte offset 1`},
		{"an entity that Telegram does not know", "a&nbsp;b", `Unescaped "&" at byte offset 1`},
		{"a number that is no character", "&#xD800;", `Unescaped "&" at byte offset 0`},
		{"a > that is not escaped", "a -> b", `Unescaped ">" at byte offset 3`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, _, refused := formatted(tc.html, "HTML")
			if refused == nil {
				t.Fatalf("%s was taken", tc.html)
			}
			if diff := cmp.Diff("Bad Request: can't parse entities: "+tc.want, refused.reason); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.html, diff)
			}
		})
	}
}

// FuzzFormatted checks that whatever is taken can be written down again and then reads the same.
func FuzzFormatted(f *testing.F) {
	for _, s := range []string{"a", "<b>a<i>b</i></b>", `<a href="https://a.b/?x=1&y">x</a>`, "&#128077;&lt;", "<pre><code class='x'>y</code></pre>", "<", "</", "&"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		nodes, text, refused := formatted(source, "HTML")
		if refused != nil {
			return
		}
		again, text2, refused := formatted(written(nodes), "html")
		if refused != nil {
			t.Fatalf("%q became %q, which is refused: %s", source, written(nodes), refused.reason)
		}
		if !same(nodes, again) || text != text2 {
			t.Fatalf("%q reads %q, and written down again %q", source, text, text2)
		}
	})
}

func written(nodes []bot.Node) string {
	var b strings.Builder
	for _, n := range nodes {
		switch n.Tag {
		case "":
			b.WriteString(html.EscapeString(n.Text))
		case "a":
			b.WriteString(`<a href="` + html.EscapeString(n.URL) + `">` + written(n.Kids) + "</a>")
		default:
			b.WriteString("<" + n.Tag + ">" + written(n.Kids) + "</" + n.Tag + ">")
		}
	}
	return b.String()
}
