package telegram

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-telegram/bot/models"

	"recbot/bot"
)

// sendText sends a letter that is text alone, which is what broadcasts are made of and nearly all answers.
//
// The library could do it, and makes the same form. But it finds the fields by reflection, streams them from a goroutine of
// its own in as many writes as there are lines, and decodes the whole message that Telegram sends back, of which we need
// the number: more than half of what a letter costs the processor, and all that a broadcast needs for its ledger.
func (c *Client) sendText(ctx context.Context, l *bot.Letter, mode models.ParseMode) error {
	f := newForm(len(l.Text))
	f.field("chat_id", strconv.FormatInt(int64(l.Chat), 10))
	f.field("text", l.Text)
	if mode != "" {
		f.field("parse_mode", string(mode))
	}
	f.field("link_preview_options", `{"is_disabled":true}`)
	if l.Silent {
		f.field("disable_notification", "true")
	}
	var err error
	if to := quote(l); to != nil {
		err = f.object("reply_parameters", to)
	}
	if keys := keyboard(l.Rows); keys != nil && err == nil {
		err = f.object("reply_markup", keys)
	}
	if err != nil {
		return fmt.Errorf("sendMessage: %w", err)
	}
	return c.post(ctx, "sendMessage", f.kind(), f.end())
}

// form is the body of a call in multipart/form-data, the one encoding that every Bot API server reads for sure: it is what
// the library speaks.
type form struct{ bytes.Buffer }

// boundary parts the fields. It is drawn by lot at the start, so that no text can contain it on purpose.
var boundary = rand.Text() + rand.Text()

// newForm makes a form with room for a text of a length in bytes, and for what goes with it.
func newForm(text int) *form {
	f := &form{}
	f.Grow(text + 1024)
	return f
}

// field adds a field. Its name is one of the Bot API, and needs no quoting.
func (f *form) field(name, value string) {
	f.WriteString("--")
	f.WriteString(boundary)
	f.WriteString("\r\nContent-Disposition: form-data; name=\"")
	f.WriteString(name)
	f.WriteString("\"\r\n\r\n")
	f.WriteString(value)
	f.WriteString("\r\n")
}

// object adds a field that is JSON.
func (f *form) object(name string, value any) error {
	data, err := json.Marshal(value)
	if err == nil {
		f.field(name, string(data))
	}
	return err
}

// kind is the content type.
func (f *form) kind() string { return "multipart/form-data; boundary=" + boundary }

// end gives the whole body.
func (f *form) end() []byte {
	f.WriteString("--")
	f.WriteString(boundary)
	f.WriteString("--\r\n")
	return f.Bytes()
}

// post makes a call past the library. What came of it stands in the exchange of ctx, see [classify]; the error is only about
// calls that brought no answer.
func (c *Client) post(ctx context.Context, method, kind string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+method, bytes.NewReader(body))
	if err != nil {
		return c.wire.mask(err)
	}
	req.Header.Set("Content-Type", kind)
	resp, err := c.wire.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
