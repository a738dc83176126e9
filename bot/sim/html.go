package sim

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"recbot/bot"
)

// tags are those that Telegram knows, with the name under which sim keeps them; "" keeps only what is inside.
var tags = map[string]string{
	"b": "b", "strong": "b", "i": "i", "em": "i", "u": "u", "ins": "u", "s": "s", "strike": "s", "del": "s",
	"tg-spoiler": "tg-spoiler", "span": "tg-spoiler", "a": "a", "code": "code", "pre": "pre", "blockquote": "blockquote",
	"tg-emoji": "", "tg-time": "",
}

// formatted parses a text and gives it as a tree and plain, without blanks around it. Of the parse modes sim knows none
// and HTML: the bot uses no other.
func formatted(source, mode string) ([]bot.Node, string, *refusal) {
	if !utf8.ValidString(source) {
		return nil, "", bad("strings must be encoded in UTF-8")
	}
	nodes := []bot.Node{{Text: source}}
	switch strings.ToLower(mode) {
	case "":
	case "html":
		p := parser{src: source}
		if err := p.parse(); err != "" {
			return nil, "", bad("can't parse entities: %s", err)
		}
		nodes = p.open[0].Kids
	default:
		return nil, "", bad("unsupported parse_mode")
	}
	nodes = trim(nodes)
	return nodes, plain(nodes), nil
}

// units counts UTF-16 units, by which Telegram's limits go.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// parser reads Telegram's HTML. open holds the elements that are not closed, the whole text first.
type parser struct {
	src  string
	at   int
	open []bot.Node
	tag  []string // the names of open as they were written
}

// parse gives what is wrong, in Telegram's words, or "".
func (p *parser) parse() string {
	p.open, p.tag = []bot.Node{{}}, []string{""}
	for p.at < len(p.src) {
		var wrong string
		switch {
		case strings.HasPrefix(p.src[p.at:], "</"):
			wrong = p.end()
		case p.src[p.at] == '<':
			wrong = p.start()
		default:
			wrong = p.text()
		}
		if wrong != "" {
			return wrong
		}
	}
	if n := len(p.tag); n > 1 {
		return "Can't find end tag corresponding to start tag " + strconv.Quote(p.tag[n-1])
	}
	return ""
}

// text reads up to the next tag. Telegram lets an & or > stand that is not escaped; here it is a mistake, for the text
// beside it was surely not escaped either.
func (p *parser) text() string {
	var b strings.Builder
	for p.at < len(p.src) && p.src[p.at] != '<' {
		switch p.src[p.at] {
		case '>':
			return "Unescaped \">\"" + p.where(p.at)
		case '&':
			r, length := entity(p.src[p.at:])
			if length == 0 {
				return "Unescaped \"&\"" + p.where(p.at)
			}
			b.WriteRune(r)
			p.at += length
		default:
			b.WriteByte(p.src[p.at])
			p.at++
		}
	}
	p.add(bot.Node{Text: b.String()})
	return ""
}

// add hangs a node into the innermost open element.
func (p *parser) add(n bot.Node) {
	top := &p.open[len(p.open)-1]
	top.Kids = append(top.Kids, n)
}

// where says where something is wrong. Telegram counts bytes here, though it counts UTF-16 units everywhere else.
func (p *parser) where(at int) string { return " at byte offset " + strconv.Itoa(at) }

// entity reads one of the entities that Telegram knows; length is 0 for anything else.
func entity(s string) (r rune, length int) {
	end := strings.IndexByte(s, ';')
	if end < 0 || end > 10 {
		return 0, 0
	}
	name := s[1:end]
	switch name {
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "amp":
		return '&', end + 1
	case "quot":
		return '"', end + 1
	}
	digits, ok := strings.CutPrefix(name, "#")
	base := 10
	if hex, is := strings.CutPrefix(digits, "x"); is {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if !ok || err != nil || n == 0 || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return 0, 0
	}
	return rune(n), end + 1
}

// start reads a start tag with its attributes.
func (p *parser) start() string {
	begin := p.at
	p.at++
	name := strings.ToLower(p.until(" \t\r\n>"))
	if p.at >= len(p.src) {
		return "Unclosed start tag" + p.where(begin)
	}
	kind, known := tags[name]
	if !known {
		return "Unsupported start tag " + strconv.Quote(name) + p.where(begin)
	}
	attributes, wrong := p.attributes(name, begin)
	if wrong != "" {
		return wrong
	}
	if name == "span" && attributes["class"] != "tg-spoiler" {
		return `Tag "span" must have class "tg-spoiler"` + p.where(begin)
	}
	p.open = append(p.open, bot.Node{Tag: kind, URL: attributes["href"]})
	p.tag = append(p.tag, name)
	return ""
}

// attributes reads name=value up to and with the closing bracket.
func (p *parser) attributes(tag string, begin int) (map[string]string, string) {
	found := map[string]string{}
	for {
		p.blanks()
		if p.at >= len(p.src) {
			return nil, "Unclosed start tag" + p.where(begin)
		}
		if p.src[p.at] == '>' {
			p.at++
			return found, ""
		}
		name := strings.ToLower(p.until(" \t\r\n=>"))
		if name == "" {
			return nil, "Empty attribute name in the tag " + strconv.Quote(tag) + p.where(begin)
		}
		p.blanks()
		if p.at >= len(p.src) || p.src[p.at] != '=' {
			if name == "expandable" {
				continue
			}
			return nil, "Expected equal sign in declaration of an attribute of the tag " + strconv.Quote(tag) + p.where(begin)
		}
		p.at++
		value, ok := p.value()
		if !ok {
			return nil, "Unclosed start tag" + p.where(begin)
		}
		found[name] = value
	}
}

// value reads an attribute's value, in quotes of either kind or bare.
func (p *parser) value() (string, bool) {
	p.blanks()
	if p.at >= len(p.src) {
		return "", false
	}
	quote := p.src[p.at]
	if quote != '"' && quote != '\'' {
		return unescape(p.until(" \t\r\n>")), true
	}
	p.at++
	v := p.until(string(quote))
	if p.at >= len(p.src) {
		return "", false
	}
	p.at++
	return unescape(v), true
}

// unescape decodes an attribute's value.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '&' {
			b.WriteByte(s[i])
			continue
		}
		r, length := entity(s[i:])
		if length == 0 {
			b.WriteByte('&') // an address may hold a bare one
			continue
		}
		b.WriteRune(r)
		i += length - 1
	}
	return b.String()
}

// end reads an end tag and closes the element that it belongs to.
func (p *parser) end() string {
	begin := p.at
	p.at += 2
	name := strings.ToLower(p.until(" \t\r\n>"))
	p.blanks()
	n := len(p.open)
	switch {
	case p.at >= len(p.src) || p.src[p.at] != '>':
		return "Unclosed end tag" + p.where(begin)
	case n == 1:
		return "Unexpected end tag" + p.where(begin)
	case name != "" && name != p.tag[n-1]:
		return "Unmatched end tag" + p.where(begin) + `, expected "</` + p.tag[n-1] + `>", found "</` + name + `>"`
	}
	p.at++
	done := p.open[n-1]
	p.open, p.tag = p.open[:n-1], p.tag[:n-1]
	p.close(done)
	return ""
}

// close hangs an element into the one around it. What shows nothing of its own leaves only its contents.
func (p *parser) close(n bot.Node) {
	if n.Tag == "a" {
		n.URL = leadsTo(n)
		if n.URL == "" {
			n.Tag = "" // Telegram drops a link that leads nowhere and keeps its text
		}
	}
	if n.Tag != "" {
		p.add(n)
		return
	}
	for _, kid := range n.Kids {
		p.add(kid)
	}
}

// leadsTo is where a link leads: its href or, without one, its own text.
func leadsTo(n bot.Node) string {
	u := n.URL
	if u == "" {
		u = plain(n.Kids)
	}
	if wrongURL(u) == "" {
		return u
	}
	if wrongURL("http://"+u) == "" && strings.Contains(u, ".") && !strings.ContainsAny(u, " :") {
		return "http://" + u
	}
	return ""
}

// until moves to the first of stops, or to the end, and gives what lies before.
func (p *parser) until(stops string) string {
	rest := p.src[p.at:]
	n := strings.IndexAny(rest, stops)
	if n < 0 {
		n = len(rest)
	}
	p.at += n
	return rest[:n]
}

// blanks skips the blanks between attributes.
func (p *parser) blanks() {
	for p.at < len(p.src) && strings.IndexByte(" \t\r\n", p.src[p.at]) >= 0 {
		p.at++
	}
}

// plain is the text without its formatting.
func plain(nodes []bot.Node) string {
	var b strings.Builder
	for _, n := range nodes {
		b.WriteString(n.Text)
		b.WriteString(plain(n.Kids))
	}
	return b.String()
}

// trim takes the blanks at both ends and elements that hold nothing.
func trim(nodes []bot.Node) []bot.Node {
	var leaves []*bot.Node
	collect(nodes, &leaves)
	for _, l := range leaves {
		if l.Text = strings.TrimLeftFunc(l.Text, unicode.IsSpace); l.Text != "" {
			break
		}
	}
	for i := len(leaves) - 1; i >= 0; i-- {
		if leaves[i].Text = strings.TrimRightFunc(leaves[i].Text, unicode.IsSpace); leaves[i].Text != "" {
			break
		}
	}
	return prune(nodes)
}

// collect lists the texts of a tree from left to right.
func collect(nodes []bot.Node, leaves *[]*bot.Node) {
	for i := range nodes {
		if nodes[i].Tag == "" {
			*leaves = append(*leaves, &nodes[i])
		}
		collect(nodes[i].Kids, leaves)
	}
}

// prune drops what is empty and joins neighbouring texts.
func prune(nodes []bot.Node) []bot.Node {
	var out []bot.Node
	for _, n := range nodes {
		n.Kids = prune(n.Kids)
		switch {
		case n.Text == "" && len(n.Kids) == 0:
		case n.Tag == "" && len(out) > 0 && out[len(out)-1].Tag == "":
			out[len(out)-1].Text += n.Text
		default:
			out = append(out, n)
		}
	}
	return out
}
