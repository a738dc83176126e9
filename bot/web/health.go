// Package web is what recbot shows over HTTP: health for machines, the demo's chat page for people, and a control socket
// through which subcommands reach a bot that holds the embedded store. It knows neither store nor simulated Telegram;
// what it needs of them is handed over.
package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// checkTime is how long all checks together may take.
const checkTime = 5 * time.Second

// Check is one thing that must be right before the bot is of use.
type Check struct {
	Name string
	Run  func(ctx context.Context) error // nil = right; its error is shown to whoever can reach the address
}

// Options says what the health addresses show.
type Options struct {
	Checks  []Check
	Metrics http.Handler            // for /metrics; nil = no such page
	Others  map[string]http.Handler // by path
}

// New makes the handler of /healthz (the process answers), /readyz (all checks are right; else 503 and a plain line
// for each that is not), /metrics, and whatever else was handed over.
func New(o Options) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		lines(w, http.StatusOK, []string{"ok"})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if wrong := o.wrong(r.Context()); len(wrong) > 0 {
			lines(w, http.StatusServiceUnavailable, wrong)
			return
		}
		lines(w, http.StatusOK, []string{"ready"})
	})
	if o.Metrics != nil {
		mux.Handle("GET /metrics", o.Metrics)
	}
	for path, h := range o.Others {
		mux.Handle(path, h)
	}
	return mux
}

// wrong runs the checks side by side, so that the slowest alone decides how long the answer takes.
func (o Options) wrong(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	results := make([]chan error, len(o.Checks))
	for i, c := range o.Checks {
		results[i] = make(chan error, 1)
		go func() { results[i] <- c.run(ctx) }()
	}
	var found []string
	for i, c := range o.Checks {
		if err := await(ctx, results[i]); err != nil {
			found = append(found, fmt.Sprintf("%s: %v", c.Name, err))
		}
	}
	return found
}

// await gives the result of a check. One that is there counts although the time is over: another check used it up.
func await(ctx context.Context, result <-chan error) error {
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-result:
		return err
	default:
		return ctx.Err()
	}
}

// run turns a panic of the check into its result: a broken check must not look like a healthy bot.
func (c Check) run(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the check panicked: %v", p)
		}
	}()
	return c.Run(ctx)
}

// lines answers with plain text that nobody may keep.
func lines(w http.ResponseWriter, code int, text []string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(strings.Join(text, "\n") + "\n")) // whoever asked has gone: nobody to tell
}
