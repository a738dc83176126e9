package telegram

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"recbot/store"
)

// letterSize is what the request of most letters fits into.
const letterSize = 8 << 10

// maxAnswer bounds the body of an answer: a hundred updates of the longest messages stay far below it.
const maxAnswer = 64 << 20

// exchangeKey carries the *exchange of a call through the library to the wire.
type exchangeKey struct{}

// exchange is what was seen of one HTTP exchange. The library tells too little of it: of a proxy's error page for
// instance neither the status nor that it was one.
type exchange struct {
	traced   atomic.Bool // a transport reports on the connection
	written  atomic.Bool // bytes of the request may have left
	failure  error       // why there is no answer, without the token
	status   int         // 0: no answer
	answer   envelope
	telegram bool // the answer is Telegram's own
}

// envelope is what every answer of the Bot API looks like.
type envelope struct {
	OK          *bool           `json:"ok"`
	Result      json.RawMessage `json:"result"`
	ErrorCode   int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter int          `json:"retry_after"`
		MovedTo    store.ChatID `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// ok tells whether Telegram did what it was asked for, whatever the library made of the answer.
func (x *exchange) ok() bool { return x.telegram && *x.answer.OK }

func (x *exchange) code() int {
	if x.telegram && x.answer.ErrorCode != 0 {
		return x.answer.ErrorCode
	}
	return x.status
}

// message is the id of the message in the answer; 0 if there is none.
func (x *exchange) message() int {
	var result struct {
		ID int `json:"message_id"`
	}
	if json.Unmarshal(x.answer.Result, &result) != nil {
		return 0
	}
	return result.ID
}

// trace notes whether the request may have left. A transport that finds an idle connection closed takes another one as
// long as nothing was written, so each connection begins anew.
func (x *exchange) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:      func(string) { x.traced.Store(true); x.written.Store(false) },
		WroteHeaders: func() { x.written.Store(true) },
	}
}

// unsent tells whether an exchange that failed with err certainly did not reach Telegram.
func (x *exchange) unsent(err error) bool {
	if x.traced.Load() {
		return !x.written.Load()
	}
	// Without a trace there is no socket but a fake, which can tell only by its error.
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// wire makes the HTTP exchanges of library and poller, writes down what it sees of them, and keeps the token out of errors.
type wire struct {
	next  HTTP
	token string
	skew  atomic.Pointer[Skew] // of the last answer that told the time
}

// Do makes an exchange. The body of the answer is read to its end.
func (w *wire) Do(req *http.Request) (*http.Response, error) {
	x, _ := req.Context().Value(exchangeKey{}).(*exchange)
	if x == nil { // a call that nobody classifies
		x = &exchange{}
	}
	asked := time.Now()
	resp, body, err := w.do(req.WithContext(httptrace.WithClientTrace(req.Context(), x.trace())))
	if err != nil {
		x.failure = w.mask(err)
		return nil, x.failure
	}
	// A status without a whole body is no answer: it is set only here.
	x.status = resp.StatusCode
	x.telegram = json.Unmarshal(body, &x.answer) == nil && x.answer.OK != nil
	if x.telegram { // the clock of a proxy in between is nobody's measure
		w.compare(asked, time.Now(), resp.Header)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

func (w *wire) do(req *http.Request) (*http.Response, []byte, error) {
	if err := buffer(req); err != nil {
		return nil, nil, err
	}
	resp, err := w.next.Do(req)
	if err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if closed := resp.Body.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading the answer: %w", err)
	}
	return resp, body, nil
}

// buffer reads the body that the library streams, so that the request has a length and a transport may repeat one of
// which nothing was written. Letters are small.
func buffer(req *http.Request) error {
	if req.Body == nil || req.GetBody != nil {
		return nil
	}
	b := bytes.NewBuffer(make([]byte, 0, letterSize))
	if _, err := b.ReadFrom(req.Body); err != nil {
		return fmt.Errorf("building the request: %w", err)
	}
	body := b.Bytes()
	req.ContentLength = int64(len(body))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	var err error
	req.Body, err = req.GetBody()
	return err
}

// mask takes the address, and with it the token, out of an error.
func (w *wire) mask(err error) error {
	// The library masks its own errors by replacing the token; the cause alone is shorter and safe by construction.
	var address *url.Error
	if errors.As(err, &address) {
		err = address.Err
	}
	if strings.Contains(err.Error(), w.token) {
		return errors.New(strings.ReplaceAll(err.Error(), w.token, "***"))
	}
	return err
}

// manyConns is how many connections stay open between calls: as many as the outbox has calls under way at once.
const manyConns = 192

// newHTTPClient is set up for one host and many exchanges at once. Deadlines come with each call. It follows no
// redirects: they would carry the token elsewhere.
func newHTTPClient() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           dialer.DialContext,
			TLSHandshakeTimeout:   10 * time.Second,
			MaxIdleConns:          manyConns,
			MaxIdleConnsPerHost:   manyConns,        // fewer, and the others would be closed after each letter of a broadcast
			IdleConnTimeout:       30 * time.Second, // below what the server grants: a POST over a closed one is lost
			ExpectContinueTimeout: time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
