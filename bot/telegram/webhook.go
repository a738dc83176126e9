package telegram

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"recbot/bot"
)

const (
	// secretHeader carries what only Telegram and this bot know.
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
	// maxUpdate bounds the body of an update, in bytes; the longest there are stay far below it.
	maxUpdate = 1 << 20
	// maxConnections is how many updates Telegram may bring at once; it is Telegram's own default.
	maxConnections = 40
	// roomPatience is how long an update may wait for room. Telegram keeps it better than an open connection does.
	roomPatience = 2 * time.Second
	// settlePatience is how long an update may take to be settled. What takes long, handler or sending, is kept in the store
	// after 10 s and so settled; only while that is out of reach, or what went wrong altogether, reaches this. It has to be
	// shorter than Telegram and the proxy wait, about a minute: after that they hang up, and nobody hears the answer.
	settlePatience = 30 * time.Second
	// comeAgain is when Telegram may bring an update again that was not taken. Left alone it would wait up to two minutes.
	comeAgain = 2 * time.Second
	// bodyPatience is how long the body of a request may take; the address is open to everybody.
	bodyPatience = 10 * time.Second
	// webhookLook is how often it is looked whether the webhook still stands.
	webhookLook = time.Minute
	// webhookAgain is when to look again at one that was not as it should be: a poller that is about to end may take it away.
	webhookAgain = 10 * time.Second
)

// Webhook is where Telegram brings updates to, and how it shows that it is Telegram.
type Webhook struct {
	URL    string // the whole address, https
	Secret string // 1-256 of A-Z a-z 0-9 _ -, see [WebhookSecret]
}

// WebhookSecret derives a secret from a token, so that all who have the token agree on it. It tells nothing of the token.
func WebhookSecret(token string) string { return derive(token, "recbot webhook secret") }

// WebhookPath is the path of the webhook's address: one that cannot be guessed, always the same for a token and a secret.
// Another secret has another path, for Telegram shows the address that is set and not the secret.
func WebhookPath(token, secret string) string {
	return "/telegram/" + derive(token, "recbot webhook path "+secret)[:22]
}

func derive(token, label string) string {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte(label))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// KeepWebhook sets the webhook unless it is as it should be, and again whenever it is not, until ctx ends, which is no
// error. It outlasts outages and refusals; the error is [ErrUnauthorized]. Standing is told whenever it was looked.
func (c *Client) KeepWebhook(ctx context.Context, h Webhook, standing func(set bool)) error {
	trouble := 0 // the last one of Telegram's that was logged, by its time
	for {
		info, err := c.setWebhook(ctx, h)
		switch {
		case errors.Is(err, ErrUnauthorized):
			return err
		case ctx.Err() != nil:
			return nil
		case err != nil:
			c.log.Error("the webhook is not set, trying again", "err", err)
		case info.URL == h.URL && info.LastErrorDate > trouble:
			trouble = info.LastErrorDate
			c.log.Warn("telegram could not bring an update, it tries again", "err", info.LastErrorMessage)
		}
		standing(err == nil)
		next := webhookLook
		if err != nil || info.URL != h.URL {
			next = webhookAgain
		}
		if sleep(ctx, next) != nil {
			return nil
		}
	}
}

// setWebhook sets the webhook unless it is right already, and gives what was found before.
func (c *Client) setWebhook(ctx context.Context, h Webhook) (found models.WebhookInfo, err error) {
	var refused error
	err = c.settle(ctx, "setWebhook",
		func(ctx context.Context) (bool, error) {
			info, err := c.api.GetWebhookInfo(ctx)
			if err != nil {
				return false, err
			}
			found = *info
			right := info.URL == h.URL && info.MaxConnections == maxConnections && sameKinds(info.AllowedUpdates, allowed)
			return right, nil
		},
		func(ctx context.Context) error {
			if found.URL != "" && found.URL != h.URL {
				c.log.Warn("telegram brought updates to another address, setting the webhook anew")
			}
			_, refused = c.api.SetWebhook(ctx, &tg.SetWebhookParams{
				URL: h.URL, SecretToken: h.Secret, AllowedUpdates: allowed, MaxConnections: maxConnections,
			})
			return refused
		})
	// A receipt shortens what Telegram said, for it may quote a letter. Here it says what is wrong with the address.
	if err != nil && refused != nil && !errors.Is(err, ErrUnauthorized) {
		err = c.wire.mask(refused)
	}
	return found, err
}

// sameKinds compares two lists in any order.
func sameKinds(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// WebhookHandler takes the updates that Telegram brings, and answers 200 only when they are settled: until then, and
// whenever handle does not take one, Telegram keeps it and brings it again. What cannot be decoded is counted and passed
// over. Whoever does not know the secret gets nothing but 403. [Client.Me] has to be known before anything is taken.
func (c *Client) WebhookHandler(secret string, handle Handle) http.Handler {
	want := sha256.Sum256([]byte(secret)) // of one length, so that comparing takes the same time for every guess
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Also a stranger's body is read to its end, although nobody looks at it. The limit ends with the body; without a
		// connection, which is the only error, there is nothing to wait for.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyPatience))
		got := sha256.Sum256([]byte(r.Header.Get(secretHeader)))
		status := http.StatusForbidden
		switch {
		case r.Method != http.MethodPost:
			w.Header().Set("Allow", http.MethodPost)
			status = http.StatusMethodNotAllowed
		case subtle.ConstantTimeCompare(got[:], want[:]) == 1:
			status = c.receive(w, r, handle)
		}
		if status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", strconv.Itoa(int(comeAgain.Seconds())))
		}
		w.WriteHeader(status)
	})
}

// receive reads one update, hands it over and waits until it is settled. It gives the status that tells Telegram so.
func (c *Client) receive(w http.ResponseWriter, r *http.Request, handle Handle) (status int) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpdate))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		c.log.Error("an update is larger than any can be, refused")
		return http.StatusRequestEntityTooLarge
	case err != nil:
		return http.StatusBadRequest // cut off: it comes again
	}
	c.hear()
	me := c.me.Load()
	if me == nil {
		return http.StatusServiceUnavailable
	}
	var head struct {
		ID int64 `json:"update_id"`
	}
	// One without a number could not be told from others; what is not even JSON has none.
	if json.Unmarshal(raw, &head) != nil || head.ID == 0 {
		c.passOver(head.ID, raw)
		return http.StatusOK
	}
	defer c.recovered(head.ID, raw, func() { status = http.StatusOK })
	u, err := Decode(raw, me.Username)
	if err != nil {
		c.passOver(head.ID, raw)
	}
	if u == nil {
		return http.StatusOK
	}
	return await(r.Context(), u, raw, handle)
}

// await hands an update over and waits until it is settled.
func await(ctx context.Context, u *bot.Update, raw json.RawMessage, handle Handle) int {
	ctx, cancel := context.WithTimeout(ctx, settlePatience)
	defer cancel()
	room, enough := context.WithTimeout(ctx, roomPatience)
	defer enough()
	done := handle(room, u, raw)
	if done == nil {
		return http.StatusServiceUnavailable
	}
	select {
	case <-done:
		return http.StatusOK
	case <-ctx.Done():
		return http.StatusServiceUnavailable
	}
}

// passOver notes an update that cannot be decoded. It counts as settled, for it would never get better.
func (c *Client) passOver(id int64, raw json.RawMessage) {
	c.log.Error("update cannot be decoded, passed over", "update", id, "kind", kindOf(raw))
	c.metrics.Poisoned()
}

// recovered is deferred where an update is taken. One that makes the bot panic is passed over like one that cannot be
// decoded: it would do so again each time it comes, and hold up those behind it.
func (c *Client) recovered(id int64, raw json.RawMessage, settle func()) {
	if p := recover(); p != nil {
		c.log.Error("taking an update panicked", "update", id, "err", fmt.Sprintf("panic: %v\n%s", p, debug.Stack()))
		c.passOver(id, raw)
		settle()
	}
}
