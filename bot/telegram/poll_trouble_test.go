package telegram

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTroubleWhilePolling(t *testing.T) {
	t.Parallel()
	rival := no(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
	const flood = `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 40","parameters":{"retry_after":40}}`
	for _, tc := range []struct {
		name     string
		failures []string
		took     time.Duration
		log      string // once
	}{
		{"a second poller is waited out, and told once", []string{rival, rival, rival}, 15 * time.Second, "another poller is active with the same token (409)"},
		{"the wait that Telegram asks for is kept", []string{flood}, 40 * time.Second, "too many requests"},
		{"a page of a proxy makes the pauses longer", []string{"<html>", "<html>", "<html>", "<html>"}, 15 * time.Second, "status 502, not from the Bot API"},
		{"an error of Telegram's", []string{no(500, "Internal Server Error")}, time.Second, "Internal Server Error"},
		{"a webhook is removed", []string{no(409, "Conflict: can't use getUpdates method while webhook is active")}, 5 * time.Second, "a webhook was set while polling"},
		{"pauses do not grow for ever", []string{"", "", "", "", "", "", "", ""}, (1 + 2 + 4 + 8 + 16 + 30 + 30 + 30) * time.Second, "502"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				api, d := newAPI(text(1)), &desk{settles: true}
				api.failures = tc.failures
				c := newClient(t, api)
				c.log = slog.New(slog.NewTextHandler(&log, nil))
				stop := polling(t, c, d.handle)
				time.Sleep(tc.took - time.Millisecond)
				if n := len(d.taken()); n != 0 {
					t.Errorf("taken before %s", tc.took)
				}
				time.Sleep(2 * time.Millisecond)
				if n := len(d.taken()); n != 1 {
					t.Errorf("not taken after %s", tc.took)
				}
				_ = stop()
				if strings.Count(log.String(), tc.log) != 1 {
					t.Errorf("log, want %q once:\n%s", tc.log, &log)
				}
			})
		})
	}
}

func TestGivesWayToASecondPoller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rival := no(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
		api, yields := newAPI(), []bool{false, true}
		api.failures = []string{rival, rival}
		err := newClient(t, api).Poll(t.Context(), (&desk{}).handle, func() (yes bool) {
			yes, yields = yields[0], yields[1:]
			return yes
		})
		if !errors.Is(err, ErrRival) || len(yields) != 0 {
			t.Errorf("Poll gives %v, not asked %d times", err, len(yields))
		}
	})
}

func TestWrongTokenEndsEverything(t *testing.T) {
	t.Parallel()
	for _, code := range []int{401, 404} {
		c := newClient(t, refusing(code, "Unauthorized"))
		if _, err := c.Me(t.Context()); !errors.Is(err, ErrUnauthorized) {
			t.Errorf("%d: Me gives %v", code, err)
		}
		if err := c.Poll(t.Context(), (&desk{}).handle, nil); !errors.Is(err, ErrUnauthorized) {
			t.Errorf("%d: Poll gives %v", code, err)
		}
	}
	api := newAPI()
	api.failures = []string{no(401, "Unauthorized")}
	if err := newClient(t, api).Poll(t.Context(), (&desk{}).handle, nil); !errors.Is(err, ErrUnauthorized) {
		t.Errorf("a token that is revoked later: Poll gives %v", err)
	}
}
