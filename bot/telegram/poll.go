package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"recbot/bot"
)

const (
	// pollTimeout is how long Telegram waits for an update before it answers that there is none; it grants no more.
	pollTimeout = 50 * time.Second
	// pollSlack is what the wire may take on top of that.
	pollSlack = 15 * time.Second
	// maxHeld bounds the updates that are not settled. It is also the most Telegram gives at once, so one answer always
	// reaches from the lowest unsettled update to the newest one that may be taken.
	maxHeld = 100
	// askEvery is the pause before asking again while something is unsettled.
	askEvery = 200 * time.Millisecond
	// rivalPause is how long to wait while somebody else polls with the same token.
	rivalPause = 5 * time.Second
)

// Handle takes an update and gives a channel that is closed when the update is settled. It may block, until ctx ends;
// nil means that it did not take the update, which then comes again. Raw is the update as Telegram sent it, see [Decode].
type Handle func(ctx context.Context, u *bot.Update, raw json.RawMessage) <-chan struct{}

// ErrRival means that somebody else polls with the same token, and that this poller gave way.
var ErrRival = errors.New("another poller is active with the same token (409)")

// Poll takes updates until ctx ends, which is no error. It returns [ErrUnauthorized] when Telegram does not know the token,
// and [ErrRival] when there is a second poller and yields says to give way to it; nil never does. It outlasts everything
// else: a webhook that was set, an outage.
//
// An update is confirmed only when it and all before it are settled. When Poll returns, updates may still be in hand: once
// they are settled, [Client.Confirm] tells Telegram so.
func (c *Client) Poll(ctx context.Context, handle Handle, yields func() bool) error {
	p := poller{Client: c, handle: handle, yields: yields, pause: newBackoff()}
	err := p.prepare(ctx)
	for err == nil && ctx.Err() == nil {
		err = p.safely(ctx)
	}
	if ctx.Err() != nil && !errors.Is(err, ErrUnauthorized) {
		return nil // whatever else went wrong, it did because of the end
	}
	return err
}

// Confirm tells Telegram what was settled after [Client.Poll] returned, so that nothing of it comes again. It is worth a
// try at the end, and no loss where it fails.
func (c *Client) Confirm(ctx context.Context) error {
	offset := c.held.offset()
	if offset == 0 {
		return nil
	}
	var ignored []json.RawMessage
	// Telegram answers with what is not settled; it is not taken any more.
	return c.call(ctx, callTimeout, "getUpdates", ask{Offset: offset, Limit: 1, Allowed: allowed}, &ignored)
}

// allowed are the kinds of updates that Telegram is asked for: the fewer, the less there is to stumble over.
var allowed = []string{"message", "callback_query", "my_chat_member"}

// ask are the parameters of getUpdates.
type ask struct {
	Offset  int64    `json:"offset,omitempty"`
	Limit   int      `json:"limit"`
	Timeout int      `json:"timeout"` // seconds
	Allowed []string `json:"allowed_updates"`
}

type poller struct {
	*Client
	handle Handle
	yields func() bool // whether to give way to a second poller; nil = never
	pause  *backoff
	said   string // the trouble that was logged last
}

// prepare learns the bot's name, which commands may carry, and ends a webhook, which would keep updates away.
func (p *poller) prepare(ctx context.Context) error {
	if _, err := p.Me(ctx); err != nil {
		return err
	}
	return p.dropWebhook(ctx)
}

func (p *poller) dropWebhook(ctx context.Context) error {
	keep := map[string]bool{"drop_pending_updates": false}
	for {
		var done bool
		err := p.call(ctx, callTimeout, "deleteWebhook", keep, &done)
		if err == nil {
			return nil
		}
		if err := p.outlast(ctx, err); err != nil {
			return err
		}
	}
}

// safely does one round. A panic in it is a trouble like any other, not the end of the bot.
func (p *poller) safely(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = p.outlast(ctx, fmt.Errorf("getUpdates: panic: %v\n%s", v, debug.Stack()))
		}
	}()
	return p.round(ctx)
}

// round asks once, hands over what is new, and waits until it is worth asking again.
func (p *poller) round(ctx context.Context) error {
	// The offset confirms what is settled. While something is not, Telegram would answer at once with it, so there is no
	// long poll then; the window sets the pace.
	params := ask{Offset: p.held.offset(), Limit: maxHeld, Allowed: allowed}
	timeout := callTimeout
	if len(p.held.open) == 0 {
		params.Timeout = int(pollTimeout.Seconds())
		timeout = pollTimeout + pollSlack
	}
	var updates []json.RawMessage
	if err := p.call(ctx, timeout, "getUpdates", params, &updates); err != nil {
		return p.outlast(ctx, err)
	}
	var odd error // is waited out, but only after the updates around it were taken
	for _, raw := range updates {
		err := p.take(ctx, raw)
		if errors.Is(err, errNotTaken) { // what is newer would confirm it
			return sleep(ctx, askEvery)
		}
		odd = cmp.Or(odd, err)
	}
	if odd != nil {
		return p.outlast(ctx, odd)
	}
	p.pause, p.said = newBackoff(), ""
	p.held.wait(ctx)
	return nil
}

// errNotTaken is an update that there was no room for. It comes again.
var errNotTaken = errors.New("getUpdates: an update was not taken")

// errNumberless is an update that can be neither taken nor confirmed. Newer ones end it; until then it comes again.
var errNumberless = errors.New("getUpdates: an update without a number")

// take hands an update over unless it is in hand already.
func (p *poller) take(ctx context.Context, raw json.RawMessage) error {
	var head struct {
		ID int64 `json:"update_id"`
	}
	if err := json.Unmarshal(raw, &head); err != nil || head.ID == 0 {
		return errNumberless
	}
	if p.held.has(head.ID) || len(p.held.open) >= maxHeld || ctx.Err() != nil {
		return nil
	}
	defer p.recovered(head.ID, raw, func() { p.held.add(head.ID, settled) })
	u, err := Decode(raw, p.me.Load().Username)
	if err != nil {
		p.passOver(head.ID, raw)
	}
	// What cannot be read, or is nobody's to answer, is settled as it is.
	done := settled
	if u != nil {
		if done = p.handle(ctx, u, raw); done == nil {
			return errNotTaken
		}
	}
	p.held.add(head.ID, done)
	return nil
}

// outlast waits out a trouble of getUpdates; it returns only errors that end the polling.
func (p *poller) outlast(ctx context.Context, err error) error {
	if errors.Is(err, ErrUnauthorized) || ctx.Err() != nil {
		return err
	}
	// 409 has two meanings that only its text tells apart.
	var refused *callError
	rival := errors.As(err, &refused) && refused.Code == http.StatusConflict
	message, wait := "cannot get updates, trying again", rivalPause
	switch {
	case rival && strings.Contains(refused.Receipt.Reason, "webhook"):
		p.log.Warn("a webhook was set while polling, removing it")
		if err := sleep(ctx, rivalPause); err != nil {
			return err
		}
		return p.dropWebhook(ctx)
	case rival && p.yields != nil && p.yields():
		return ErrRival
	case rival:
		message = ErrRival.Error() + ", waiting for it to stop"
	case refused != nil:
		wait = p.pause.next(refused.Receipt)
	default:
		wait = p.pause.next(bot.Receipt{})
	}
	if p.said != err.Error() { // once for each trouble, not for each try
		p.said = err.Error()
		p.log.Warn(message, "err", err)
	}
	return sleep(ctx, wait)
}

// kindOf names the kind of an update for the log: the name of its field, nothing of its content.
func kindOf(raw json.RawMessage) string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return "unreadable"
	}
	for _, kind := range allowed {
		if _, ok := fields[kind]; ok {
			return kind
		}
	}
	return fmt.Sprintf("other, %d fields", len(fields))
}
