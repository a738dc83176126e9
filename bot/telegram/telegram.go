// Package telegram is the wire: updates come in by a poller of its own or by a webhook, letters go out, and Telegram's
// failures are turned into fates that the rest of the bot understands.
//
// What it promises. An update is confirmed to Telegram only when whoever handles it says that it is settled; one that cannot
// be decoded is counted and passed over, and never holds up those behind it. A letter is tried once: what became of it is
// told by its receipt, and a receipt says that a letter did not arrive only where that is certain. Neither the token nor
// the text of a letter stands in an error or in the log.
//
// What it does not promise: pacing and repeating are the outbox's work, order and doing an update only once that of
// dispatch and the store.
package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	tg "github.com/go-telegram/bot"

	"recbot/bot"
	"recbot/bot/metrics"
)

// DefaultURL is the address of Telegram's own Bot API server.
const DefaultURL = "https://api.telegram.org"

// ErrUnauthorized means that Telegram does not know the token, or not any more. Nothing works until it is replaced.
var ErrUnauthorized = errors.New("telegram refused the token")

// HTTP makes HTTP exchanges; an *http.Client is one. An implementation without sockets can tell that nothing has left by
// giving an error that wraps a *net.OpError of "dial"; any other error counts as one after the request was written.
type HTTP interface {
	Do(*http.Request) (*http.Response, error)
}

// Options say how to reach Telegram.
type Options struct {
	Token   string
	URL     string // of the Bot API server, without the token; "" = [DefaultURL]
	HTTP    HTTP   // nil = a client of its own
	Log     *slog.Logger
	Metrics *metrics.Metrics // nil = none
}

// Client speaks to Telegram. Send may be called from several goroutines; Poll and Confirm, or KeepWebhook, by one at a time.
type Client struct {
	api     *tg.Bot
	wire    *wire
	base    string // address with the token: never to be logged
	log     *slog.Logger
	metrics *metrics.Metrics
	me      atomic.Pointer[Me]
	heard   atomic.Pointer[time.Time]
	held    window
}

// New returns a client. It does not speak to Telegram yet. The error tells what is wrong with the options.
func New(o Options) (*Client, error) {
	if o.Token == "" || strings.ContainsFunc(o.Token, badInToken) {
		return nil, errors.New("telegram: the token is empty or has characters that no token has")
	}
	base, err := serverURL(o.URL)
	if err != nil {
		return nil, err
	}
	if o.HTTP == nil {
		o.HTTP = newHTTPClient()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{wire: &wire{next: o.HTTP, token: o.Token}, base: base + "/bot" + o.Token + "/", log: o.Log, metrics: o.Metrics}
	// The library reports here only what it could not close; all else comes back as the error of a call.
	unclosed := func(err error) { c.log.Debug("exchange not closed", "err", c.wire.mask(err)) }
	c.api, err = tg.New(o.Token, tg.WithSkipGetMe(), tg.WithServerURL(base), tg.WithHTTPClient(pollTimeout, c.wire), tg.WithErrorsHandler(unclosed))
	if err != nil {
		return nil, fmt.Errorf("telegram: %w", c.wire.mask(err))
	}
	return c, nil
}

// badInToken finds what would change the meaning of the address that the token becomes a part of.
func badInToken(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("/?#%", r) }

func serverURL(s string) (string, error) {
	if s == "" {
		return DefaultURL, nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", errors.New("telegram: the address of the Bot API server is not like " + DefaultURL)
	}
	return strings.TrimRight(s, "/"), nil
}

// Me is who the bot is.
type Me struct {
	ID       int64
	Username string // without @
}

// Me asks who the bot is and remembers it. While Telegram is out of reach it asks again until ctx ends; a token that
// Telegram does not know is [ErrUnauthorized] at once.
func (c *Client) Me(ctx context.Context) (Me, error) {
	if me := c.me.Load(); me != nil {
		return *me, nil
	}
	var me Me
	err := c.retry(ctx, "getMe", func(ctx context.Context) error {
		user, err := c.api.GetMe(ctx)
		if err == nil {
			me = Me{ID: user.ID, Username: user.Username}
		}
		return err
	})
	if err != nil {
		return Me{}, err
	}
	c.me.Store(&me)
	return me, nil
}

// callTimeout bounds calls that nobody waits for: at start, and when the poller asks without waiting.
const callTimeout = 30 * time.Second

// retry makes a call that may be made twice until it is done or refused, or ctx ends.
func (c *Client) retry(ctx context.Context, method string, call func(context.Context) error) error {
	pause := newBackoff()
	trouble := "no answer"
	for {
		receipt := c.try(ctx, callTimeout, call)
		switch receipt.Fate {
		case bot.FateSent:
			return nil
		case bot.FateUnauthorized:
			return fmt.Errorf("%s: %w", method, ErrUnauthorized)
		case bot.FateGone, bot.FateRejected:
			return fmt.Errorf("%s: telegram refused: %s", method, receipt.Reason)
		}
		// Unknown is as good as Later here: what is retried may be done twice.
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("%s: %s: %w", method, trouble, err)
		}
		trouble = receipt.Reason // of a call that was not cut off by the end of ctx: it says what the matter is
		c.log.Warn("telegram does not answer, asking again", "err", method+": "+trouble)
		if err := sleep(ctx, pause.next(receipt)); err != nil {
			return fmt.Errorf("%s: %s: %w", method, trouble, err)
		}
	}
}

// try makes one call of the library and classifies what became of it.
func (c *Client) try(ctx context.Context, timeout time.Duration, call func(context.Context) error) bot.Receipt {
	receipt, _ := c.exchange(ctx, timeout, call)
	return receipt
}

func (c *Client) exchange(ctx context.Context, timeout time.Duration, call func(context.Context) error) (bot.Receipt, *exchange) {
	x := &exchange{}
	if ctx.Err() != nil {
		return bot.Receipt{Fate: bot.FateLater, After: time.Second, Reason: "not tried: stopping"}, x
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	// The library passes the context on to the wire, which writes down there what it sees.
	err := call(context.WithValue(ctx, exchangeKey{}, x))
	if x.ok() {
		c.hear()
	}
	return classify(err, x), x
}

// hear notes that Telegram is there.
func (c *Client) hear() {
	now := time.Now()
	c.heard.Store(&now)
}

// Heard tells when Telegram last did what it was asked for, or brought an update: by the clock of the machine, because it is
// about the connection. The zero time means not yet.
func (c *Client) Heard() time.Time {
	if at := c.heard.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

// Ping asks Telegram once whether it is there and knows the token; see [Client.Heard].
func (c *Client) Ping(ctx context.Context) error {
	receipt := c.try(ctx, callTimeout, func(ctx context.Context) error {
		_, err := c.api.GetMe(ctx)
		return err
	})
	switch receipt.Fate {
	case bot.FateSent:
		return nil
	case bot.FateUnauthorized:
		return fmt.Errorf("getMe: %w", ErrUnauthorized)
	}
	return fmt.Errorf("getMe: %s", receipt.Reason)
}

// call makes a call that the library does not offer. Its error says what Telegram said, see [callError].
func (c *Client) call(ctx context.Context, timeout time.Duration, method string, params, result any) error {
	body, err := json.Marshal(params)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	receipt, x := c.exchange(ctx, timeout, func(ctx context.Context) error {
		return c.post(ctx, method, "application/json", body)
	})
	if receipt.Fate == bot.FateUnauthorized {
		return fmt.Errorf("%s: %w", method, ErrUnauthorized)
	}
	if receipt.Fate != bot.FateSent {
		return &callError{Method: method, Code: x.code(), Receipt: receipt}
	}
	if err := json.Unmarshal(x.answer.Result, result); err != nil {
		return fmt.Errorf("%s: reading the result: %w", method, err)
	}
	return nil
}

// callError is a call that came to nothing.
type callError struct {
	Method  string
	Code    int // Telegram's, or the HTTP status; 0 without an answer
	Receipt bot.Receipt
}

func (e *callError) Error() string { return e.Method + ": " + e.Receipt.Reason }

// backoff is how long to wait before asking again: what Telegram asks for, else 1 s, doubled up to 30 s.
type backoff struct{ wait time.Duration }

func newBackoff() *backoff { return &backoff{wait: time.Second} }

func (b *backoff) next(r bot.Receipt) time.Duration {
	if r.Flood {
		return r.After
	}
	wait := b.wait
	b.wait = min(2*b.wait, 30*time.Second)
	return wait
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
