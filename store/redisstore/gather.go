package redisstore

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/redis/go-redis/v9"
)

const (
	// flights is how many pipelines of a gathering are under way at most. A second one lets the client prepare commands while the
	// server answers others; with many more each would carry one request, as if nothing was gathered.
	flights = 2
	// mostGathered is how many commands a read may have that goes together with others. One that reads a page of people or of an
	// index takes its time, and would let the others wait for it.
	mostGathered = 4
	// mostTouched is how many keys a batch may touch that goes together with others: enough for what settles an update or a
	// letter. One that begins a window of a job touches hundreds.
	mostTouched = 16
	// mostTogether is how many requests go with one pipeline: the answers of all have to come within the time that the client
	// waits for one, also from a server that is slow.
	mostTogether = 128
)

// gathering lets small requests that come while others are under way wait, and go together then: to ask the server ten things at
// once costs both sides little more than to ask it one. Nobody waits for company: while there is nothing under way a request
// goes at once, alone. Reads and batches have one each: to wait for a disk, say, is not for who only reads.
//
// It is for one server. On a cluster a request to a server that is gone would hold up those to the others.
type gathering struct {
	client *redis.Client

	mu      sync.Mutex
	flying  int // pipelines under way
	waiting []*gathered
}

// gathered is the commands of one request. Until done is closed they are not for whoever asks to look at.
type gathered struct {
	cmds []redis.Cmder
	done chan struct{}
}

// do runs commands and gives the first error that one of them met; to find nothing is none. It returns when ctx ends: the
// commands, which may be under way then, must not be looked at after an error. left tells whether they may have left; what was
// given up before never leaves.
func (g *gathering) do(ctx context.Context, cmds ...redis.Cmder) (left bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	mine := &gathered{cmds, make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, mine)
	depart := g.flying < flights
	if depart {
		g.flying++
	}
	g.mu.Unlock()
	if depart {
		// Not in the goroutine of whoever asks: it may give up, and the others' requests must not end with its patience.
		go g.fly()
	}
	select {
	case <-mine.done:
		return true, firstError(cmds)
	case <-ctx.Done():
		return !g.withdraw(mine), ctx.Err()
	}
}

// withdraw takes a request back. It gives false when the request has left.
func (g *gathering) withdraw(mine *gathered) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, mine)
	if i < 0 {
		return false
	}
	g.waiting = slices.Delete(g.waiting, i, i+1)
	return true
}

// fly takes along who waits, again and again until nobody does.
func (g *gathering) fly() {
	for {
		g.mu.Lock()
		all := g.waiting[:min(len(g.waiting), mostTogether)]
		g.waiting = g.waiting[len(all):]
		if len(all) == 0 {
			g.flying--
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
		g.ask(all)
		for _, one := range all {
			close(one.done)
		}
	}
}

// ask runs the commands of some requests. Each command holds its own answer or error behind it. The client's limits for dialling,
// writing and reading end it.
func (g *gathering) ask(all []*gathered) {
	ctx := context.Background()
	if len(all) == 1 && len(all[0].cmds) == 1 { // needs no pipeline made for it
		_ = g.client.Process(ctx, all[0].cmds[0])
		return
	}
	pipe := g.client.Pipeline()
	for _, one := range all {
		for _, cmd := range one.cmds {
			_ = pipe.Process(ctx, cmd) // only puts it into the pipeline
		}
	}
	_, _ = pipe.Exec(ctx)
}

// firstError is what went wrong with the first command with which anything did; to find nothing is no failure.
func firstError(cmds []redis.Cmder) error {
	for _, cmd := range cmds {
		if err := cmd.Err(); err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
	}
	return nil
}
