package main

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"recbot/bot/sim"
	"recbot/store"
)

// slowToSend makes Telegram take its time over each message. The channel is closed when the first one is on its way.
func (e *exchange) slowToSend(wait time.Duration) (leaving <-chan struct{}) {
	var once sync.Once
	first := make(chan struct{})
	e.OnCall(func(c sim.Call) *sim.Fault {
		if c.Method != "sendMessage" {
			return nil
		}
		once.Do(func() { close(first) })
		return &sim.Fault{Delay: wait}
	})
	return first
}

// TestSigtermLetsLettersArrive ends a bot while Telegram takes its time over a letter of a job, as it does near a limit. Cut
// off, nobody would know whether it arrived.
func TestSigtermLetsLettersArrive(t *testing.T) {
	t.Parallel()
	e, data := newExchange(t), shortDir(t)
	who := e.person(1)
	withStore(t, data, nil, func(ctx context.Context, s *store.Store) error {
		return settle(ctx, s, who, func(p *store.Person) { p.Quiet.Off = true })
	})
	leaving := e.slowToSend(4 * time.Second)
	p := e.serve(data)
	p.ready()
	publish(e, data)
	select {
	case <-leaving:
	case <-time.After(soon):
		t.Fatal("the notice of a new meeting does not leave")
	}
	p.signal()
	if code := p.wait(); code != exitGood {
		t.Errorf("after SIGTERM recbot ended with code %d", code)
	}
	if got := len(e.sent(who)); got != 1 {
		t.Errorf("%d letters arrived before the bot ended, want 1", got)
	}
}

// TestServeEndsWhenALetterMeetsARevokedToken has a letter find out first, while the poller still waits for its answer.
func TestServeEndsWhenALetterMeetsARevokedToken(t *testing.T) {
	t.Parallel()
	e, data := newExchange(t), shortDir(t)
	who := e.person(1)
	withStore(t, data, nil, func(ctx context.Context, s *store.Store) error {
		return settle(ctx, s, who, func(p *store.Person) { p.Quiet.Off = true })
	})
	e.OnCall(func(c sim.Call) *sim.Fault {
		if c.Method != "sendMessage" {
			return nil
		}
		return sim.Deny(401, "Unauthorized")
	})
	p := e.serve(data)
	p.ready()
	publish(e, data)
	if code := p.wait(); code != exitUsage {
		t.Errorf("with a revoked token recbot ended with code %d, want %d", code, exitUsage)
	}
	p.says("TELEGRAM_BOT_TOKEN: Telegram refused the token")
}

// publish imports a meeting of which everybody is told.
func publish(e *exchange, data string) {
	e.t.Helper()
	file := filepath.Join(shortDir(e.t), "meetings.yaml")
	if err := os.WriteFile(file, []byte(meetingFile("later", time.Now().Add(72*time.Hour).UTC())), 0o600); err != nil {
		e.t.Fatal(err)
	}
	if code := launch(e.t, e.env(data), "import", file).wait(); code != exitGood {
		e.t.Fatalf("import ended with code %d", code)
	}
}
