package bot

import (
	"strconv"
	"strings"

	"recbot/store"
)

// MaxData is the most bytes a button's data may have (Bot API, InlineKeyboardButton.callback_data).
const MaxData = 64

// Reply is what the bot wants to say, before language, script and zone are known. It is plain data and survives the store.
type Reply struct {
	Parts []Part     `json:"parts,omitempty"`
	Rows  [][]Button `json:"rows,omitempty"`
	// Edit replaces the message whose button was pressed; where there is none, a new one is sent.
	Edit bool `json:"edit,omitempty"`
	// Toast is shown for a moment over the chat when a button was pressed.
	Toast *Part `json:"toast,omitempty"`
	// Live names a message that is edited as work goes on: a later reply of that name in the chat replaces it. One that is made
	// by a button in another message, and edits that, makes that message the live one.
	Live string `json:"live,omitempty"`
	// Passing tells that what a live reply says holds for the moment. The last word about the same work may be sent while this
	// one is under way and be overtaken by it, so whoever sent it looks whether there is one by now.
	Passing bool `json:"passing,omitempty"`
	// File goes along with the text.
	File *File `json:"file,omitempty"`
	// Quote is the message of the reader's that this one replies to; 0 = none. Where it is gone the reply goes alone.
	Quote int `json:"quote,omitempty"`
	// Silent makes no sound.
	Silent bool `json:"silent,omitempty"`
	// Menu sets the chat's command menu anew, because language or role changed.
	Menu bool `json:"menu,omitempty"`
	// Lang overrides the reader's language: an answer in the language of the question.
	Lang store.Lang `json:"lang,omitempty"`
	// Lacks tells that the reply does not have what was asked: it says so, or declines. It is not shown.
	Lacks bool `json:"lacks,omitempty"`
	// Sequence of the meeting as the reply tells it, for the ledger, which knows by it what news somebody has already; 0 = it
	// tells of none.
	Sequence int `json:"sequence,omitempty"`
	// Follow is sent after this reply as a message of its own. What Telegram puts off comes later, in order; what a crash comes
	// between is lost, so what must arrive for certain is not said here.
	Follow *Reply `json:"follow,omitempty"`
}

// Part is a paragraph: a message key with the values it needs.
type Part struct {
	Key    string `json:"key"`
	Values Values `json:"values,omitempty"`
	// Tight puts it on the next line of the paragraph before instead of behind a blank line.
	Tight bool `json:"tight,omitempty"`
}

// Button is a button under a message. Exactly one of Data and URL is set.
type Button struct {
	Key    string `json:"key"`
	Values Values `json:"values,omitempty"`
	Data   string `json:"data,omitempty"`
	URL    string `json:"url,omitempty"`
	// Tick shows a box before the label: 1 empty, 2 ticked.
	Tick int `json:"tick,omitempty"`
}

// File is a document that the wire carries as it is, or one that Telegram has already, by its ID.
type File struct {
	Name  string `json:"name,omitempty"`
	Mime  string `json:"mime,omitempty"`
	Data  []byte `json:"data,omitempty"`
	ID    string `json:"id,omitempty"` // Telegram's file_id, in place of Data
	Photo bool   `json:"photo,omitempty"`
}

// Say starts a reply with a paragraph. Pairs are a name and its value in turn, see [V].
func Say(key string, pairs ...any) *Reply { return (&Reply{}).Say(key, pairs...) }

// Say adds a paragraph behind a blank line.
func (r *Reply) Say(key string, pairs ...any) *Reply {
	r.Parts = append(r.Parts, NewPart(key, pairs...))
	return r
}

// Line adds a line to the paragraph before.
func (r *Reply) Line(key string, pairs ...any) *Reply {
	p := NewPart(key, pairs...)
	p.Tight = true
	r.Parts = append(r.Parts, p)
	return r
}

// Button adds a row with one button.
func (r *Reply) Button(key, data string, pairs ...any) *Reply {
	return r.Row(Press(key, data, pairs...))
}

// Row adds a row of buttons; none adds nothing.
func (r *Reply) Row(buttons ...Button) *Reply {
	if len(buttons) > 0 {
		r.Rows = append(r.Rows, buttons)
	}
	return r
}

// Editing makes the reply replace the message whose button was pressed.
func (r *Reply) Editing() *Reply {
	r.Edit = true
	return r
}

// Toasting shows a short word over the chat beside the reply.
func (r *Reply) Toasting(key string, pairs ...any) *Reply {
	p := NewPart(key, pairs...)
	r.Toast = &p
	return r
}

// Then sends another reply after this one.
func (r *Reply) Then(next *Reply) *Reply {
	r.Follow = next
	return r
}

// Toast says a short word over the chat and nothing else.
func Toast(key string, pairs ...any) *Reply { return (&Reply{}).Toasting(key, pairs...) }

// Press makes a button with data.
func Press(key, data string, pairs ...any) Button {
	return Button{Key: key, Data: data, Values: values(pairs)}
}

// Open makes a button that opens a link.
func Open(key, url string, pairs ...any) Button {
	return Button{Key: key, URL: url, Values: values(pairs)}
}

// Box makes a button with a box that is ticked or not.
func Box(key, data string, ticked bool, pairs ...any) Button {
	b := Press(key, data, pairs...)
	b.Tick = 1
	if ticked {
		b.Tick = 2
	}
	return b
}

// NewPart makes a paragraph.
func NewPart(key string, pairs ...any) Part { return Part{Key: key, Values: values(pairs)} }

// Data joins a prefix and its parts to button data: Data("fo", "wg-b", 1) is fo:wg-b:1.
func Data(prefix string, parts ...any) string {
	var b strings.Builder
	b.WriteString(prefix)
	for _, p := range parts {
		b.WriteByte(':')
		switch p := p.(type) {
		case string:
			b.WriteString(p)
		case int:
			b.WriteString(strconv.Itoa(p))
		case bool:
			b.WriteString(map[bool]string{true: "1", false: "0"}[p])
		case store.MeetingID:
			b.WriteString(string(p))
		case store.Topic:
			b.WriteString(string(p))
		case store.Lang:
			b.WriteString(string(p))
		case store.Lead:
			b.WriteString(strconv.Itoa(int(p)))
		default:
			panic("button data: a part of a type that cannot be read back")
		}
	}
	return b.String()
}
