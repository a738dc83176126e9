package telegram

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// wrongClock is Telegram as a machine sees it whose clock is ahead: its answers tell the right time.
type wrongClock struct {
	ahead time.Duration
	there time.Duration // how long the request takes
	back  time.Duration // and the answer
	body  string
	mute  bool // the answer tells no time
}

func (f wrongClock) Do(*http.Request) (*http.Response, error) {
	time.Sleep(f.there)
	header := http.Header{}
	if !f.mute {
		header.Set("Date", time.Now().Add(-f.ahead).UTC().Format(http.TimeFormat))
	}
	time.Sleep(f.back)
	if f.body == "" {
		return nil, errors.New("no answer")
	}
	return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(strings.NewReader(f.body))}, nil
}

// TestSkew: an answer that was slow, on either way, makes no right clock wrong, and a wrong one is not taken for right.
func TestSkew(t *testing.T) {
	t.Parallel()
	const (
		limit = 30 * time.Second
		mine  = `{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"REC","username":"RecBot"}}`
		no    = `{"ok":false,"error_code":401,"description":"Unauthorized"}`
	)
	for _, tc := range []struct {
		name         string
		from         wrongClock
		known        bool
		wrong, right bool
	}{
		{"a right clock", wrongClock{body: mine, back: 200 * time.Millisecond}, true, false, true},
		{"one that is off by a little", wrongClock{ahead: 25 * time.Second, body: mine}, true, false, true},
		{"one that is ahead", wrongClock{ahead: 40 * time.Second, body: mine, there: 300 * time.Millisecond}, true, true, false},
		{"one that is behind", wrongClock{ahead: -40 * time.Second, body: mine, back: 300 * time.Millisecond}, true, true, false},
		{"within a second of the limit nobody knows", wrongClock{ahead: limit + 100*time.Millisecond, body: mine}, true, false, false},
		{"a right clock, and a request that takes long", wrongClock{body: mine, there: 55 * time.Second}, true, false, false},
		{"a right clock, and an answer that takes long", wrongClock{body: mine, back: 55 * time.Second}, true, false, false},
		{"a clock hours ahead, and an answer that takes long", wrongClock{ahead: 5 * time.Hour, body: mine, back: 20 * time.Second}, true, true, false},
		{"a refusal tells the time as well", wrongClock{ahead: time.Hour, body: no}, true, true, false},
		{"an answer that tells no time", wrongClock{ahead: time.Hour, body: mine, mute: true}, false, false, false},
		{"an answer of somebody else", wrongClock{ahead: time.Hour, body: "<html>"}, false, false, false},
		{"no answer", wrongClock{ahead: time.Hour}, false, false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(400 * time.Millisecond) // seconds are not whole
				c, err := New(Options{Token: testToken, HTTP: tc.from})
				if err != nil {
					t.Fatal(err)
				}
				_ = c.Ping(t.Context()) // some of these fail
				skew, known := c.Skew()
				if known != tc.known || known && (skew.Wrong(limit) != tc.wrong || skew.Right(limit) != tc.right) {
					t.Errorf("between %s and %s, known %v; wrong %v, right %v", skew.Low, skew.High, known, skew.Wrong(limit), skew.Right(limit))
				}
				if off := (skew.Middle() - tc.from.ahead).Abs(); known && tc.from.there+tc.from.back < time.Second && off > time.Second {
					t.Errorf("the guess is off by %s", off)
				}
			})
		})
	}
}
