package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"
)

// webhook is where updates are brought to; none is set while it has no url. Polling is refused while one is.
type webhook struct {
	url         string
	secret      string
	connections int // how many updates may be brought at once
	trouble     string
	troubled    time.Time
}

// secretToken is what a secret may look like.
var secretToken = regexp.MustCompile(`^[A-Za-z0-9_-]{0,256}$`)

const (
	usualConnections = 40
	mostConnections  = 100
	// webhookTime is how long the bot may take to answer; Telegram does not publish its figure.
	webhookTime = time.Minute
)

// SetWebhook makes it look as if somebody had set a webhook; an empty url takes it away.
func (s *Server) SetWebhook(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.webhook = webhook{url: url, connections: usualConnections}
	s.inbox.stir()
}

// setWebhook ends polling: what waits, and what comes, is brought to the address. Nothing is asked of it yet.
func (s *Server) setWebhook(c *Call) (any, *refusal) {
	to, err := url.Parse(c.Params["url"])
	switch secret := c.Params["secret_token"]; {
	case c.Params["url"] == "":
		return s.deleteWebhook(c)
	case err != nil || to.Scheme != "https" || to.Host == "":
		return nil, bad("bad webhook: An HTTPS URL must be provided for webhook")
	case len(secret) > 256:
		return nil, bad("secret token is too long")
	case !secretToken.MatchString(secret):
		return nil, bad("secret token contains unallowed characters")
	}
	if raw, given := c.Params["allowed_updates"]; given {
		if json.Unmarshal([]byte(raw), &s.inbox.allowed) != nil {
			return nil, bad("can't parse allowed updates JSON array")
		}
	}
	if c.yes("drop_pending_updates") {
		s.inbox.waiting = nil
	}
	connections := min(max(1, c.int("max_connections", usualConnections)), mostConnections)
	s.webhook = webhook{url: c.Params["url"], secret: c.Params["secret_token"], connections: connections}
	s.inbox.stir()
	return true, nil
}

// deleteWebhook makes polling possible again. Without drop_pending_updates nothing is lost.
func (s *Server) deleteWebhook(c *Call) (any, *refusal) {
	s.webhook = webhook{}
	if c.yes("drop_pending_updates") {
		s.inbox.waiting = nil
	}
	return true, nil
}

// getWebhookInfo is also how one learns from outside which kinds of updates the bot asked for. It does not show the secret.
func (s *Server) getWebhookInfo(*Call) (any, *refusal) {
	w := s.webhook
	info := object{"url": w.url, "has_custom_certificate": false, "pending_update_count": len(s.inbox.waiting)}
	if w.url != "" {
		info["max_connections"] = w.connections
	}
	if w.trouble != "" {
		info["last_error_date"], info["last_error_message"] = w.troubled.Unix(), w.trouble
	}
	if len(s.inbox.allowed) > 0 {
		info["allowed_updates"] = s.inbox.allowed
	}
	return info, nil
}

// Courier says how updates are brought to a webhook.
type Courier struct {
	HTTP interface {
		Do(*http.Request) (*http.Response, error)
	}
	// Pause is how long an update waits after the bot did not answer 2xx. It doubles up to Longest, which bounds also what
	// the answer's Retry-After asks for.
	Pause, Longest time.Duration
}

// Deliver brings updates to the webhook that the bot has set, until ctx ends and nothing is on its way. Of one kind and
// one chat it brings one at a time, in order, and the next only when the bot answered 2xx; a message and a press of a
// button in the same chat may overtake each other, as with Telegram.
func (s *Server) Deliver(ctx context.Context, c Courier) {
	r := rounds{Server: s, Courier: c, busy: map[string]bool{}}
	var under sync.WaitGroup
	defer under.Wait()
	for {
		ready, wake := r.next()
		for _, u := range ready {
			under.Go(func() { r.bring(ctx, u) })
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return
		}
	}
}

// rounds is what one Deliver knows. Server.mu guards busy.
type rounds struct {
	*Server
	Courier
	busy map[string]bool // queues of which an update is on its way
}

// parcel is an update on its way.
type parcel struct {
	update
	queue string
}

// next gives the updates that may leave now, and what tells when there are more.
func (r *rounds) next() (ready []parcel, wake chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := &r.inbox
	b.expire(r.now())
	for _, u := range b.waiting {
		if len(r.busy) >= r.webhook.connections { // none without a webhook
			break
		}
		if queue := queueOf(u.raw); !r.busy[queue] {
			r.busy[queue] = true
			ready = append(ready, parcel{u, queue})
		}
	}
	return ready, b.wake
}

// queueOf names the queue of an update: its kind, with its chat or, where it has none of its own, its person.
func queueOf(raw json.RawMessage) string {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(raw, &fields) // it was made here
	for kind, body := range fields {
		if kind == "update_id" {
			continue
		}
		var about struct {
			Chat, From struct{ ID int64 }
		}
		_ = json.Unmarshal(body, &about) // poison is in a queue of its own kind
		id := about.Chat.ID
		if id == 0 {
			id = about.From.ID
		}
		return kind + " " + strconv.FormatInt(id, 10)
	}
	return ""
}

// bring carries an update until the bot has it, it is too old, or there is no webhook any more.
func (r *rounds) bring(ctx context.Context, p parcel) {
	defer r.release(p.queue)
	for wait := r.Pause; ; wait = min(2*wait, r.Longest) {
		to, wanted := r.address(p)
		if !wanted {
			return
		}
		asked, trouble := r.post(ctx, to, p)
		if trouble == "" {
			r.taken(p)
			return
		}
		if ctx.Err() != nil {
			return
		}
		r.complain(trouble)
		if pause(ctx, min(max(wait, asked), r.Longest)) != nil {
			return
		}
	}
}

// address tells where to bring an update now, and whether anybody waits for it.
func (r *rounds) address(p parcel) (webhook, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	waits := slices.ContainsFunc(r.inbox.waiting, func(u update) bool { return u.id == p.id })
	return r.webhook, waits && r.webhook.url != "" && r.now().Sub(p.at) <= keepUpdates
}

// post brings an update once. Trouble is what Telegram says of it; asked is how long the bot wants to be left alone.
func (r *rounds) post(ctx context.Context, to webhook, p parcel) (asked time.Duration, trouble string) {
	ctx, cancel := context.WithTimeout(ctx, webhookTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.url, bytes.NewReader(p.raw))
	if err != nil {
		return 0, "Invalid webhook URL"
	}
	req.Header.Set("Content-Type", "application/json")
	if to.secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", to.secret)
	}
	resp, err := r.HTTP.Do(req)
	if err != nil {
		return 0, "Connection reset by peer"
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 == 2 {
		return 0, ""
	}
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // none is 0
	return time.Duration(seconds) * time.Second, "Wrong response from the webhook: " + resp.Status
}

// taken forgets an update that the bot has.
func (r *rounds) taken(p parcel) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inbox.waiting = slices.DeleteFunc(r.inbox.waiting, func(u update) bool { return u.id == p.id })
}

// complain notes what getWebhookInfo shows.
func (r *rounds) complain(trouble string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.webhook.trouble, r.webhook.troubled = trouble, r.now()
}

// release lets the next update of a queue leave.
func (r *rounds) release(queue string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.busy, queue)
	r.inbox.stir()
}
