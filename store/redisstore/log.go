package redisstore

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// logEvery is how often the client may speak. It would say a line for each connection that fails, hundreds in an outage.
const logEvery = 10 * time.Second

// logger hands what go-redis prints to slog. It counts what it holds back.
type logger struct {
	log *slog.Logger
	now func() time.Time

	mu   sync.Mutex
	last time.Time
	held int
}

// progress are the beginnings of what it says when all goes well: which sentinel it found, and which master.
var progress = []string{"sentinel: selected", "sentinel: discovered", "sentinel: new master"}

// Printf is called by go-redis.
func (l *logger) Printf(ctx context.Context, format string, v ...any) {
	if begins(format, progress) {
		l.log.DebugContext(ctx, "redis client", "err", fmt.Sprintf(format, v...))
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if !l.last.IsZero() && now.Sub(l.last) < logEvery {
		l.held++
		return
	}
	text := fmt.Sprintf(format, v...)
	if l.held > 0 {
		text += fmt.Sprintf(" (and %d lines before)", l.held)
	}
	l.log.WarnContext(ctx, "redis client", "err", text)
	l.last, l.held = now, 0
}
