package broadcast

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// An outage is met by every letter in hand, and told now and then.
func TestAnOutageFillsNoLog(t *testing.T) {
	t.Parallel()
	// away is what a person's letter meets.
	away := func(person int) error { return fmt.Errorf("settle person %d: %w", person, store.ErrUnavailable) }
	for _, tc := range []struct {
		name string
		act  func(complain func(doing string, err error))
		want []string
	}{
		{"a hundred letters a second for a minute and a bit, and each has another error", func(complain func(string, error)) {
			for n := range 6100 {
				complain("settle", away(n))
				time.Sleep(10 * time.Millisecond)
			}
		}, []string{"doing=settle", "doing=settle held=2999", "doing=settle held=2999"}},
		{"an outage is one, whatever meets it", func(complain func(string, error)) {
			complain("window", away(1))
			complain("look", away(2))
		}, []string{"doing=window"}},
		{"a full disk is another", func(complain func(string, error)) {
			complain("window", away(1))
			complain("window", store.ErrFull)
		}, []string{"doing=window", "doing=window"}},
		{"other trouble is told for each step", func(complain func(string, error)) {
			complain("begin", errors.New("odd"))
			complain("finish", errors.New("odd"))
			complain("finish", errors.New("odder"))
		}, []string{"doing=begin", "doing=finish"}},
		{"an outage after a quiet hour is told at once, and that nothing was held back meanwhile", func(complain func(string, error)) {
			complain("look", away(1))
			time.Sleep(time.Hour)
			complain("look", away(1))
		}, []string{"doing=look", "doing=look"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
					if a.Key == "doing" || a.Key == "held" {
						return a
					}
					return slog.Attr{}
				}}))
				tm := &term{Runner: New(nil, nil, Options{Log: log}), depose: func(error) { t.Error("the term was ended") }}
				tc.act(func(doing string, err error) { tm.complain(t.Context(), doing, err) })
				got := strings.Split(strings.TrimSpace(out.String()), "\n")
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("lines (-want +got):\n%s", diff)
				}
				over, end := context.WithCancel(t.Context())
				end()
				out.Reset()
				tm.complain(over, "after the end", errors.New("odd"))
				if out.Len() > 0 {
					t.Errorf("after the end of the term: %s", &out)
				}
			})
		})
	}
}
