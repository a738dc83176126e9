package main

import (
	"slices"
	"strings"
	"sync"
	"time"

	"recbot/bot/sim"
	"recbot/store"
)

// dieAt lets one bot after the other die, and notes whose letters were under way.
func (f *fatal) dieAt(p point) {
	f.t.Helper()
	for _, m := range p {
		if m.inside() {
			f.dieInside(m)
		} else {
			f.dieOutside(m)
		}
		for who, n := range f.takeStock().sending {
			f.flights[who] = n
		}
	}
	f.OnCall(f.slowly)
}

// dieInside starts a bot that dies by itself at a step.
func (f *fatal) dieInside(m moment) {
	f.t.Helper()
	f.OnCall(f.slowly)
	f.diesOf(f.start(f.crashpoint(m)), m)
}

// crashpoint is what a test build is told of a moment inside.
func (f *fatal) crashpoint(m moment) string { return m.String() + " of " + string(f.job) }

// diesOf waits until a test build has died at its moment.
func (f *fatal) diesOf(p *process, m moment) {
	f.t.Helper()
	if p.wait(); p.cmd.ProcessState.Exited() || !strings.Contains(p.out.String(), "crashpoint: dying") {
		f.t.Fatalf("%s it did not die; it ended with code %d", m, p.cmd.ProcessState.ExitCode())
	}
}

// dieOutside starts a bot and kills it while what it says to Telegram, or hears, is on its way, or after a while.
func (f *fatal) dieOutside(m moment) {
	f.t.Helper()
	k := &killer{fatal: f, moment: m, armed: make(chan struct{}), up: make(chan struct{})}
	f.OnCall(k.called)
	if f.front != nil {
		f.front.listenIn(k.brings, k.answers)
		defer f.front.listenIn(nil, nil)
	}
	k.bot = f.start("")
	close(k.armed)
	switch m.how {
	case called:
		<-k.up
		fallthrough
	case started:
		<-time.After(time.Duration(m.n) * time.Millisecond)
		k.bot.kill()
	}
	if k.bot.wait(); k.bot.cmd.ProcessState.Exited() {
		f.t.Fatalf("the bot ended by itself with code %d", k.bot.cmd.ProcessState.ExitCode())
	}
}

// killer waits for a moment on the wire.
type killer struct {
	*fatal
	moment
	bot   *process
	armed chan struct{} // closed when bot is there
	up    chan struct{} // closed at the first call
	first sync.Once

	count sync.Mutex
	seen  int
}

// strikes counts what the moment is about, and kills the bot when its number has come.
func (k *killer) strikes() bool {
	select {
	case <-k.armed:
	default:
		return false // an update for a bot that is yet to say where it listens
	}
	k.count.Lock()
	k.seen++
	hit := k.seen == k.n
	k.count.Unlock()
	if hit {
		k.bot.kill()
	}
	return hit
}

// called is polled before each call of Telegram what shall become of it.
func (k *killer) called(c sim.Call) *sim.Fault {
	<-k.armed
	k.first.Do(func() { close(k.up) })
	mine := false
	switch k.how {
	case lost, taken:
		mine = c.Method == k.method() && (k.front != nil || k.job == "" || slices.Contains(k.to, store.PersonID(c.Chat)))
	case polled, confirmed:
		mine = c.Method == "getUpdates"
	}
	if !mine || !k.strikes() {
		return k.slowly(c)
	}
	return &sim.Fault{Lose: k.how == lost || k.how == polled, Swallow: k.how == taken || k.how == confirmed}
}

// brings is called when an update is about to be brought to the webhook.
func (k *killer) brings() {
	if k.how == brought {
		k.strikes()
	}
}

// answers tells whether an answer of the webhook gets lost.
func (k *killer) answers() bool { return k.how == answered && k.strikes() }
