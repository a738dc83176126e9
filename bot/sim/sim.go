// Package sim is a strict Bot API in memory with people in it.
//
// The bot's side is HTTP: [Server.ServeHTTP] over real sockets, or [Server.Do] in the same process, where every wait is
// on channels and timers so that it blocks durably in a testing/synctest bubble. It answers as the Bot API server does,
// in its words, and refuses what Telegram refuses; where Telegram silently repairs what is surely a mistake of the bot
// (an unescaped & or >), sim refuses too. It knows the methods recbot uses and answers 404 to others.
//
// The people's side are methods of [Server]: they write, press, block and read their chats. Tests also read what was
// called and delivered ([Server.Calls], [Server.Deliveries]) and make calls fail ([Server.OnCall]). Flood limits are
// not simulated: a 429 comes only when a test asks for it.
package sim

import (
	"sync"
	"time"

	"recbot/bot"
	"recbot/store"
)

// Token is the token of the bot that every Server hosts.
const Token = "7000000001:simulated-telegram-knows-only-this"

// Username is the bot's name, without @.
const Username = "recbot_sim_bot"

// BotID is the bot's own user id.
const BotID = 7000000001

// Server is a simulated Telegram with one bot. All its methods may be called at once from many goroutines.
type Server struct {
	now func() time.Time

	mu      sync.Mutex
	revoked bool // the token is not valid any more
	webhook webhook

	people map[store.PersonID]*person
	order  []store.PersonID // of people, as they joined
	chats  map[store.ChatID]*chat
	files  map[string]bot.File

	messages int // the last message id; one counter for all chats, as in reality
	names    int // the last id of a file or a query
	queries  map[string]*query

	inbox   inbox
	profile profile

	calls      []*Call
	deliveries []Delivery
	onCall     func(Call) *Fault
	inFlight   int // calls other than getUpdates that have not been answered
	watchers   map[chan bot.ChatEvent]bool
}

// person is somebody with a Telegram account.
type person struct {
	Person
	blocked bool
	started bool // has written to the bot, so that it may write back
	gone    bool // the account was deleted
}

// chat is a private chat or a group, with everything that was written there.
type chat struct {
	id      store.ChatID
	title   string // of a group
	out     bool   // the group has removed the bot
	botLast bool   // the bot wrote last: a plain command is then meant for it
	moved   store.ChatID
	members []store.PersonID
	log     []*message
}

// message is what stands in a chat.
type message struct {
	id      int
	from    store.PersonID // 0 = the bot
	text    string
	nodes   []bot.Node
	html    string // as the bot sent it
	rows    [][]bot.Key
	offered map[string]bool // data of all buttons it ever had: a client may show an older state
	file    *bot.Attachment
	replies int // the message it replies to; 0 = none
	sent    time.Time
	edited  bool
	silent  bool
	deleted bool
}

// query is a press that the bot has to answer.
type query struct {
	who      store.PersonID
	chat     store.ChatID
	message  int
	at       time.Time
	answered bool
}

// New makes a Telegram without people. now dates messages and ages updates and queries; nil means time.Now. Long polls
// wait by the clock of the runtime (the bubble's in a bubble).
func New(now func() time.Time) *Server {
	if now == nil {
		now = time.Now
	}
	return &Server{
		now:      now,
		people:   map[store.PersonID]*person{},
		chats:    map[store.ChatID]*chat{},
		files:    map[string]bot.File{},
		queries:  map[string]*query{},
		watchers: map[chan bot.ChatEvent]bool{},
		inbox:    inbox{last: 100_000, wake: make(chan struct{})},
		profile:  newProfile(),
		messages: 100,
	}
}

// Revoke makes the token invalid: every later call is answered 401.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = true
}

// Idle tells whether the bot has confirmed every update and no call of its waits for an answer.
func (s *Server) Idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inFlight == 0 && len(s.inbox.waiting) == 0
}

// Pending counts the updates that the bot has not confirmed.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.inbox.waiting)
}
