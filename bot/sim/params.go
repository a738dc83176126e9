package sim

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"recbot/bot"
	"recbot/store"
)

// maxUpload is the most that a bot may upload, 50 MB.
const maxUpload = 50 << 20

// readCall reads the parameters of a call from the query and from a body in any of the three forms the Bot API takes:
// multipart (chunked or not), urlencoded and JSON. It always reads the whole body.
func readCall(req *http.Request, method string) (*Call, *refusal) {
	c := &Call{Method: methodName(method), Params: map[string]string{}}
	c.fill(req.URL.Query())
	if req.Body == nil {
		return c, nil
	}
	defer req.Body.Close()
	body, err := io.ReadAll(io.LimitReader(req.Body, maxUpload+1<<20))
	if err != nil {
		return c, bad("can't read the request: %v", err)
	}
	if refused := c.readBody(req.Header.Get("Content-Type"), body); refused != nil {
		return c, refused
	}
	chat, err := strconv.ParseInt(c.Params["chat_id"], 10, 64)
	if err == nil {
		c.Chat = store.ChatID(chat)
	}
	return c, nil
}

// fill takes the first of several values of a name.
func (c *Call) fill(values url.Values) {
	for name := range values {
		c.Params[name] = values.Get(name)
	}
}

// readBody reads the body by its type. An empty one needs none: many calls have no parameters.
func (c *Call) readBody(contentType string, body []byte) *refusal {
	if len(body) == 0 {
		return nil
	}
	kind, options, _ := mime.ParseMediaType(contentType) // a type that cannot be read is one that is not known
	switch kind {
	case "multipart/form-data":
		return c.readMultipart(multipart.NewReader(bytes.NewReader(body), options["boundary"]))
	case "application/json":
		return c.readJSON(body)
	case "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return bad("can't parse urlencoded parameters")
		}
		c.fill(values)
		return nil
	}
	return bad("unsupported content type of the request")
}

// readJSON keeps strings as they are and everything else as JSON, which is how the other forms carry it.
func (c *Call) readJSON(body []byte) *refusal {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return bad("can't parse JSON object")
	}
	for name, raw := range fields {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		c.Params[name] = text
	}
	return nil
}

// readMultipart reads fields and the upload. A file may stand under its own field, as go-telegram sends it, or elsewhere
// with the field referring to it by attach://name; both end up the same.
func (c *Call) readMultipart(r *multipart.Reader) *refusal {
	for {
		part, err := r.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return bad("can't parse multipart parameters")
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return bad("can't parse multipart parameters")
		}
		if part.FileName() == "" {
			c.Params[part.FormName()] = string(data)
			continue
		}
		c.Params[part.FormName()] = "attach://" + part.FormName()
		c.Upload = &bot.File{Name: part.FileName(), Mime: part.Header.Get("Content-Type"), Data: data}
	}
}

// int reads a whole number; a missing or unreadable one is otherwise.
func (c *Call) int(name string, otherwise int) int {
	n, err := strconv.Atoi(c.Params[name])
	if err != nil {
		return otherwise
	}
	return n
}

// yes reads a boolean as Telegram does: "true", "yes" and "1" in any case.
func (c *Call) yes(name string) bool {
	switch strings.ToLower(c.Params[name]) {
	case "true", "yes", "1":
		return true
	}
	return false
}
