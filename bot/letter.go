package bot

import (
	"time"

	"recbot/store"
)

// Letter is a message ready to leave: rendered HTML for one chat. It is also an edit, an answer to a pressed button, a
// deletion, or a chat's command menu.
type Letter struct {
	Chat   store.ChatID
	Kind   LetterKind
	Text   string // HTML as the Bot API reads it, 1-4096 UTF-16 units after parsing (a caption 1024, a toast 200)
	Rows   [][]Key
	Target int // the message of an edit or a deletion
	Quote  int // the message that a new one replies to, as long as that is there; 0 = none
	// InPlace tells of an edit that it is of this message or of none; with a File only the caption changes.
	InPlace bool
	Query   string // of an answer to a pressed button
	Silent  bool
	File    *File
	Menu    []MenuItem // of LetterMenu

	Class    store.Class
	Deadline time.Time // it does not leave after this; zero = none
}

// LetterKind says what a letter does.
type LetterKind uint8

// The kinds of letters.
const (
	LetterSend  LetterKind = iota
	LetterEdit             // where it cannot be edited, a new one is sent
	LetterToast            // answers a pressed button, with or without a text
	LetterMenu             // sets the chat's commands
	LetterDelete
)

// Key is a rendered button.
type Key struct {
	Label string // plain text
	Data  string
	URL   string
}

// MenuItem is a line of the command menu.
type MenuItem struct {
	Command     string
	Description string // plain text, 1-256 characters
}

// Fate is what became of a letter.
type Fate uint8

// The fates. Later means: not executed, try again after Receipt.After. Unknown means: it may have been delivered.
const (
	FateSent Fate = iota + 1
	FateLater
	FateGone     // the chat is dead until the person returns
	FateRejected // Telegram will never take this letter
	FateUnknown
	FateUnauthorized // the token is not valid (any more)
)

func (f Fate) String() string {
	return [...]string{"none", "sent", "later", "gone", "rejected", "unknown", "unauthorized"}[f]
}

// Receipt tells the fate of a letter.
type Receipt struct {
	Fate    Fate
	Message int           // the id Telegram gave it
	After   time.Duration // of Later
	// Flood tells that Telegram asked to slow down (429), not that something broke.
	Flood bool
	// Failed tells of Later that Telegram took the letter and failed at it (500, 503). Whoever keeps a ledger gives up in
	// the end; a connection that did not come about, or a 429, is tried until the letter's deadline.
	Failed  bool
	Reason  string       // a few plain words for the log and the ledger; never text of the letter
	MovedTo store.ChatID // of a group that became a supergroup: Fate is Later
}

// MayHaveArrived tells that the letter arrived, or that nobody knows whether it did.
func (r Receipt) MayHaveArrived() bool { return r.Fate == FateSent || r.Fate == FateUnknown }
