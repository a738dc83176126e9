package bot

import (
	"time"

	"recbot/store"
)

// Viewer is a person one can be on the demo's chat page.
type Viewer struct {
	ID      store.PersonID
	Name    string
	About   string // who this is, in a few words
	Locale  string // IETF tag of their client
	Blocked bool   // has blocked the bot
}

// Bubble is one message of a chat as the people in it see it now, with its edits applied.
type Bubble struct {
	Message int
	From    store.PersonID // 0 = the bot
	Text    []Node
	Rows    [][]Key
	File    *Attachment
	Sent    time.Time
	Edited  bool
	Silent  bool
}

// Node is a piece of formatted text. With an empty Tag it is plain Text; else it is one of b, i, u, s, tg-spoiler, code,
// pre, blockquote or a (with URL, which is http, https or tg) around its Kids. Nothing in it is escaped.
type Node struct {
	Tag  string
	Text string
	URL  string
	Kids []Node
}

// Attachment is a document under a message; ID finds its contents.
type Attachment struct {
	ID   string
	Name string
	Size int
}

// ChatEvent is a change of what people see.
type ChatEvent struct {
	Kind    EventKind
	Chat    store.ChatID
	Message int        // of message, edit, delete and toast
	Bubble  *Bubble    // of message and edit
	Toast   string     // of toast; empty = the pressed button only stops waiting
	Alert   bool       // of toast: shown until it is closed
	Menu    []MenuItem // of menu
	Blocked bool       // of blocked
}

// EventKind says what changed.
type EventKind string

// The kinds of changes.
const (
	EventMessage EventKind = "message"
	EventEdit    EventKind = "edit"
	EventDelete  EventKind = "delete"
	EventToast   EventKind = "toast"
	EventTyping  EventKind = "typing"
	EventMenu    EventKind = "menu"
	EventBlocked EventKind = "blocked"
)
