package sim

import (
	"fmt"
	"maps"
	"time"

	"recbot/bot"
	"recbot/store"
)

// Call is a call of the Bot API.
type Call struct {
	N       int // from 1
	Method  string
	Chat    store.ChatID // 0 where the method has none
	Params  map[string]string
	Upload  *bot.File
	At      time.Time
	Refused bool   // sim answered with an error of its own or of a test's
	Code    int    // HTTP status of the answer; 0 = not (yet) answered
	Reason  string // of an error, as in the answer
}

// Fault is a failure that a test wants. The zero Fault lets the call through.
type Fault struct {
	// Code answers with this HTTP status instead of making the call.
	Code int
	// Body is the answer's body as it is (an HTML page, say). Empty: Telegram's JSON with Reason and RetryAfter.
	Body       string
	Reason     string
	RetryAfter int // seconds, of 429
	// Delay holds the call back before anything else.
	Delay time.Duration
	// Refuse breaks the call as a failed connect does: nothing was written. Over real sockets it is like Lose.
	Refuse bool
	// Lose breaks the connection before the call is made, after it was written.
	Lose bool
	// Swallow makes the call and breaks the connection instead of answering.
	Swallow bool
	// Hang makes the call and never answers: the caller waits until its context ends.
	Hang bool
	// Stall is like Hang, but the call is not made.
	Stall bool
}

// Flood asks to slow down: 429 with retry_after in seconds.
func Flood(seconds int) *Fault {
	return &Fault{Code: 429, RetryAfter: seconds, Reason: fmt.Sprintf("Too Many Requests: retry after %d", seconds)}
}

// BadGateway is nginx's answer when Telegram is in trouble: 502 with an HTML page.
func BadGateway() *Fault {
	const page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n" +
		"<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
	return &Fault{Code: 502, Body: page}
}

// Internal is Telegram's own 500, in JSON.
func Internal() *Fault { return &Fault{Code: 500, Reason: "Internal Server Error"} }

// Deny answers with an error of Telegram, e.g. Deny(403, "Forbidden: user is deactivated").
func Deny(code int, reason string) *Fault { return &Fault{Code: code, Reason: reason} }

// OnCall sets a function that is asked before each call what shall go wrong; nil means nothing. It runs without locks,
// may block, and may be called by many goroutines at once.
func (s *Server) OnCall(ask func(Call) *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onCall = ask
}

// Calls lists what the bot called, oldest first, getUpdates left out.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls []Call
	for _, c := range s.calls {
		calls = append(calls, c.copy())
	}
	return calls
}

// Refusals lists the calls that sim itself refused, that is, the bot's mistakes and dead chats.
func (s *Server) Refusals() []Call {
	var refused []Call
	for _, c := range s.Calls() {
		if c.Refused {
			refused = append(refused, c)
		}
	}
	return refused
}

// copy lets tests read a call while it is still being made.
func (c *Call) copy() Call {
	d := *c
	d.Params = maps.Clone(c.Params)
	return d
}

// Delivery is something that reached a person or their client.
type Delivery struct {
	N       int // from 1
	Kind    bot.LetterKind
	Chat    store.ChatID
	Message int    // also of the message whose button was answered
	Text    string // plain, as it is read
	HTML    string // as the bot sent it
	Rows    [][]bot.Key
	File    *bot.File
	Menu    []bot.MenuItem
	Replies int // the message that it replies to; 0 = none
	Silent  bool
	Alert   bool // of a toast that must be closed
	At      time.Time
}

// Deliveries lists what was delivered after number n, oldest first. 0 gives everything.
func (s *Server) Deliveries(n int) []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n >= len(s.deliveries) {
		return nil
	}
	return append([]Delivery(nil), s.deliveries[n:]...)
}

// deliver notes a delivery and tells the watchers. The caller holds the lock.
func (s *Server) deliver(d Delivery, e bot.ChatEvent) {
	d.N, d.At = len(s.deliveries)+1, s.now()
	s.deliveries = append(s.deliveries, d)
	e.Chat, e.Message = d.Chat, d.Message
	s.tell(e)
}

// Watch tells what changes from now on, see the interface of the chat page.
func (s *Server) Watch() (<-chan bot.ChatEvent, func()) {
	c := make(chan bot.ChatEvent, 256)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers[c] = true
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.drop(c)
	}
}

// tell never waits for a reader: one who is 256 changes behind is dropped. The caller holds the lock.
func (s *Server) tell(e bot.ChatEvent) {
	for c := range s.watchers {
		select {
		case c <- e:
		default:
			s.drop(c)
		}
	}
}

// drop ends a watcher; it may have ended already. The caller holds the lock.
func (s *Server) drop(c chan bot.ChatEvent) {
	if s.watchers[c] {
		delete(s.watchers, c)
		close(c)
	}
}
