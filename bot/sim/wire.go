package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"recbot/store"
)

// refusal is an error as the Bot API words it.
type refusal struct {
	code    int
	reason  string
	retry   int          // seconds
	migrate store.ChatID // where a group went
}

// bad is Telegram's answer to a call that makes no sense.
func bad(format string, args ...any) *refusal {
	return &refusal{code: 400, reason: "Bad Request: " + fmt.Sprintf(format, args...)}
}

// forbidden is Telegram's answer when somebody does not want the bot.
func forbidden(why string) *refusal { return &refusal{code: 403, reason: "Forbidden: " + why} }

// answer is what goes back over the wire.
type answer struct {
	code int
	body []byte
	html bool
	wait int // Retry-After, seconds
}

// Connection-level failures, as a client of real sockets sees them.
var (
	errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	errReset   = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
)

// Do makes a call without sockets, as an http.Client does: failures are *url.Error, and the hooks of httptrace are
// called, so that a caller can tell what was written from what was not.
func (s *Server) Do(req *http.Request) (*http.Response, error) {
	trace := httptrace.ContextClientTrace(req.Context())
	a, err := s.exchange(req)
	if !errors.Is(err, errRefused) {
		wrote(trace)
	}
	if err != nil {
		method := req.Method[:1] + strings.ToLower(req.Method[1:])
		return nil, &url.Error{Op: method, URL: req.URL.String(), Err: err}
	}
	if trace != nil && trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", a.code, http.StatusText(a.code)), StatusCode: a.code,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req, Header: a.header(),
		Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)),
	}, nil
}

// wrote tells the hooks that the request has left. Who classifies failures goes by them: what was not written was surely
// not done.
func wrote(trace *httptrace.ClientTrace) {
	if trace == nil {
		return
	}
	if trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	if trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}
	if trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
}

// ServeHTTP makes a call that came over a real socket.
func (s *Server) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	a, err := s.exchange(req)
	if err != nil {
		panic(http.ErrAbortHandler) // net/http closes the connection and says nothing
	}
	for k, v := range a.header() {
		w.Header()[k] = v
	}
	w.WriteHeader(a.code)
	_, _ = w.Write(a.body) // the caller has gone away: nobody is left to tell
}

// header names the length, so that a body cut short would be noticed.
func (a answer) header() http.Header {
	h := http.Header{"Content-Type": {"application/json"}, "Content-Length": {strconv.Itoa(len(a.body))}}
	if a.html {
		h.Set("Content-Type", "text/html")
	}
	if a.wait > 0 {
		h.Set("Retry-After", strconv.Itoa(a.wait))
	}
	return h
}

// exchange reads a call, makes it and words the answer. An error means that the connection broke.
func (s *Server) exchange(req *http.Request) (answer, error) {
	ctx := req.Context()
	token, method, ok := address(req.URL.Path)
	c, broken := readCall(req, method)
	if err := ctx.Err(); err != nil {
		return answer{}, err
	}
	switch {
	case !ok:
		return refuse(&refusal{code: 404, reason: "Not Found"}), nil
	case !s.admits(token):
		return refuse(&refusal{code: 401, reason: "Unauthorized"}), nil
	case broken != nil:
		return refuse(broken), nil
	}
	if method == "getupdates" {
		return s.attempt(ctx, c, nil)
	}
	s.begin(c)
	defer s.end()
	return s.attempt(ctx, c, methods[method])
}

// address takes /bot<token>/<method> apart. Telegram does not care for the case of the method.
func address(path string) (token, method string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/bot")
	if !ok {
		return "", "", false
	}
	token, method, ok = strings.Cut(rest, "/")
	return token, strings.ToLower(method), ok && !strings.Contains(method, "/")
}

// admits checks the token.
func (s *Server) admits(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return token == Token && !s.revoked
}

// begin logs the call and counts it as under way.
func (s *Server) begin(c *Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight++
	s.calls = append(s.calls, c)
	c.N, c.At = len(s.calls), s.now()
}

// end counts the call as done, answered or not.
func (s *Server) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight--
}

// attempt makes the call unless a test wants it to fail.
func (s *Server) attempt(ctx context.Context, c *Call, do method) (answer, error) {
	f := s.fault(c)
	if f.Delay > 0 {
		if err := pause(ctx, f.Delay); err != nil {
			return answer{}, err
		}
	}
	switch {
	case f.Refuse:
		return answer{}, errRefused
	case f.Lose:
		return answer{}, errReset
	case f.Stall:
		<-ctx.Done()
		return answer{}, ctx.Err()
	case f.Code != 0:
		return s.note(c, f.answer()), nil
	}
	a, err := s.make(ctx, c, do)
	switch {
	case err != nil:
		return answer{}, err
	case f.Swallow:
		return answer{}, errReset
	case f.Hang:
		<-ctx.Done()
		return answer{}, ctx.Err()
	}
	return a, nil
}

// fault asks the test, outside the lock: a test may want to look at the server before it decides.
func (s *Server) fault(c *Call) Fault {
	s.mu.Lock()
	ask, asked := s.onCall, c.copy()
	s.mu.Unlock()
	if ask == nil {
		return Fault{}
	}
	if f := ask(asked); f != nil {
		return *f
	}
	return Fault{}
}

// pause waits on a timer, which is how a bubble can skip it.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// make makes the call; do is nil for getUpdates and for methods that sim does not know.
func (s *Server) make(ctx context.Context, c *Call, do method) (answer, error) {
	if c.Method == "getUpdates" {
		result, refused, err := s.getUpdates(ctx, c)
		return reply(result, refused), err
	}
	if do == nil {
		return s.note(c, refuse(&refusal{code: 404, reason: "Not Found"})), nil
	}
	s.mu.Lock()
	result, refused := do(s, c)
	s.mu.Unlock()
	if refused != nil {
		s.blame(c, refused.reason)
	}
	return s.note(c, reply(result, refused)), nil
}

// blame notes that the refusal is sim's own and not a test's.
func (s *Server) blame(c *Call, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Refused, c.Reason = true, reason
}

// note logs what the caller is told.
func (s *Server) note(c *Call, a answer) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Code = a.code
	return a
}

// answer words the fault.
func (f Fault) answer() answer {
	if f.Body != "" {
		return answer{code: f.Code, body: []byte(f.Body), html: true}
	}
	return refuse(&refusal{code: f.Code, reason: f.Reason, retry: f.RetryAfter})
}

// reply words the result of a call.
func reply(result any, refused *refusal) answer {
	if refused != nil {
		return refuse(refused)
	}
	return answer{code: 200, body: encode(map[string]any{"ok": true, "result": result})}
}

// refuse words an error, with what a client needs to go on in parameters.
func refuse(r *refusal) answer {
	body := map[string]any{"ok": false, "error_code": r.code, "description": r.reason}
	parameters := map[string]any{}
	if r.retry > 0 {
		parameters["retry_after"] = r.retry
	}
	if r.migrate != 0 {
		parameters["migrate_to_chat_id"] = r.migrate
	}
	if len(parameters) > 0 {
		body["parameters"] = parameters
	}
	return answer{code: r.code, body: encode(body), wait: r.retry}
}

// encode writes JSON.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("an answer that is no JSON: %v", err)) // our own values; cannot happen
	}
	return b
}
