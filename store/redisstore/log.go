package redisstore

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// logEvery is how often a seldom may speak. The client would say a line for each connection that fails, hundreds in an outage.
const logEvery = 10 * time.Second

// seldom is a logger that says one thing now and then. It counts what it holds back.
type seldom struct {
	log *slog.Logger
	now func() time.Time

	mu   sync.Mutex
	last time.Time
	held int
}

// newSeldom makes a logger that is silent without one.
func newSeldom(log *slog.Logger) *seldom {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &seldom{log: log, now: time.Now}
}

// say warns, unless it did so a moment ago. what is always the same words; err is what differs.
func (l *seldom) say(ctx context.Context, what, err string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if !l.last.IsZero() && now.Sub(l.last) < logEvery {
		l.held++
		return
	}
	if l.held > 0 {
		err += fmt.Sprintf(" (and %d lines before)", l.held)
	}
	l.log.WarnContext(ctx, what, "err", err)
	l.last, l.held = now, 0
}

// logger hands what go-redis prints to slog.
type logger struct{ *seldom }

// progress are the beginnings of what it says when all goes well: which sentinel it found, and which master.
var progress = []string{"sentinel: selected", "sentinel: discovered", "sentinel: new master"}

// Printf is called by go-redis.
func (l logger) Printf(ctx context.Context, format string, v ...any) {
	if begins(format, progress) {
		l.log.DebugContext(ctx, "redis client", "err", fmt.Sprintf(format, v...))
		return
	}
	l.say(ctx, "redis client", fmt.Sprintf(format, v...))
}
