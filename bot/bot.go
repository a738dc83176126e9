// Package bot is the vocabulary of a conversation: what comes in (Request), what is said (Reply, made of message keys and
// typed values), what leaves (Letter), and what a part of the bot offers (Command). It has no I/O, no words and no Telegram.
package bot

import (
	"context"
	"fmt"
	"time"

	"recbot/store"
)

// Update is something that a person did, as the wire understood it.
type Update struct {
	ID      store.UpdateID
	Chat    store.ChatID // where the answer goes; a private chat has the person's number
	Private bool
	From    store.PersonID
	Name    string // first name, for the greeting only; never stored, never logged
	Locale  string // IETF tag of the person's client, possibly empty

	Kind    UpdateKind
	Text    string // of a message
	HTML    string // the same text with its formatting, as Telegram's HTML; everything else in it is escaped
	File    *File  // a photo or a document that came along, by its ID
	Command string // lower case without slash and bot name; "" if the text is no command
	Args    string // what stands behind the command, or the start parameter
	Message int    // the message it came in, or the one whose button was pressed
	// ReplyTo is the bot's own message that a text replies to, 0 = none; ReplyData the data of the first button under that.
	ReplyTo   int
	ReplyData string
	Button    string // data of a pressed button
	Query     string // id of a pressed button's query, to be answered
	Member    Membership
	MovedTo   store.ChatID // of UpdateMigrated
}

// UpdateKind says what a person did.
type UpdateKind uint8

// The kinds of updates.
const (
	UpdateText     UpdateKind = iota + 1 // a text, or a command
	UpdateButton                         // pressed a button
	UpdateOther                          // a sticker, voice, photo: something the bot does not read
	UpdateMember                         // blocked the bot, unblocked it, or moved it in or out of a group
	UpdateMigrated                       // a group became a supergroup
)

// Membership is the bot's standing in a chat after an UpdateMember.
type Membership uint8

// The standings.
const (
	MemberUnknown Membership = iota
	MemberIn
	MemberOut
)

// Request is an update together with who sent it and when it is.
type Request struct {
	Update
	Person store.Person
	New    bool // the person had never spoken to the bot before this update
	// Away is since when nothing could reach the person until this update came; zero = something could.
	Away time.Time
	Now  time.Time
	// Rest is what stands behind the prefix of the pressed button: of fo:wg-b:1 handled under fo, wg-b and 1.
	Rest []string
	// Ask is what a question was understood as; empty for anything else.
	Ask Question
}

// Cause names one effect of this request, so that the same update makes it only once.
func (r *Request) Cause(step string) store.Cause { return store.Cause{Update: r.ID, Step: step} }

// Arg gives the i-th part behind the button's prefix, or "".
func (r *Request) Arg(i int) string {
	if i < len(r.Rest) {
		return r.Rest[i]
	}
	return ""
}

// Question is a text that was understood: an intent with its slots. What a slot names exists and the person may see it.
type Question struct {
	Intent string
	// Aspect says more exactly what is asked about: "hour" of meeting_when, "venue" of meeting_where, "count" of
	// meeting_participants. "" is the plain intent.
	Aspect string
	// Meeting is the one asked about; Named tells that the text names it. If none is named it is the next one, and
	// "" when nothing lies ahead.
	Meeting store.MeetingID
	Named   bool
	// Body is the id of the group, committee or council that the text names.
	Body string
	// Topic is upcoming, past or all of list_meetings, or the month, year or place as typed; of meeting_practical it is
	// what the question is about: visa, meals and so on.
	Topic string
	// Fits are the meetings of list_meetings that fit the topic, the earliest first.
	Fits []store.MeetingID
	// Person and Org are ids of the catalogue.
	Person string
	Org    string
	// Lead is how long before a meeting a reminder is wanted; zero if the text names none.
	Lead store.Lead
	// Switch is the language that the person wants to be spoken to.
	Switch store.Lang
	// Entry is the id of an answered question that means the same; see store.
	Entry string
	Lang  store.Lang // the language of the text, "" when not sure
	// Sure tells that hardly anything else can be meant: enough to leave an open conversation of several steps for it.
	Sure bool
	// Or is another reading that is as likely. The person is asked which one is meant.
	Or *Question
}

// Handler answers a request. A nil Reply with a nil error says nothing. An error that is a [Refusal] becomes its own
// message, any other one an apology with an incident number.
type Handler func(ctx context.Context, r *Request) (*Reply, error)

// Command is something the bot does. Menu, /help, the role gate and the routing of questions follow from the table of
// commands.
type Command struct {
	Name    string     // "agenda"; "" for what has buttons only
	Aliases []string   // other names, not shown
	For     store.Role // the least role; others get the answer to an unknown command. "" = everybody
	Hidden  bool       // not in the menu and /help
	Order   int        // place in the menu, small first
	Buttons []string   // prefixes of button data it answers, e.g. "ag" for ag:rec-1:2
	Intents []string   // intents of questions it answers
	Run     Handler
	Press   Handler // for Buttons; nil = Run
}

// MenuKey is the message key of the command's line in the menu.
func (c Command) MenuKey() string { return "Menu_" + c.Name }

// Wait is an error that means "not yet": a letter must not leave before another one has come to its end.
type Wait struct {
	Until  time.Time // when it is worth asking again
	Reason string    // a few plain words for the ledger
}

func (w *Wait) Error() string { return w.Reason }

// Refusal is an error that is an answer: it says in the person's language why something was not done.
type Refusal struct {
	Reply *Reply
}

// Refuse makes a refusal that says key.
func Refuse(key string, pairs ...any) *Refusal { return &Refusal{Say(key, pairs...)} }

func (r *Refusal) Error() string {
	if r.Reply == nil || len(r.Reply.Parts) == 0 {
		return "refused"
	}
	return fmt.Sprintf("refused: %s", r.Reply.Parts[0].Key)
}
