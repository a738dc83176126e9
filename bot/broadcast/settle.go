package broadcast

import (
	"context"
	"sync"
	"time"

	"recbot/store"
)

// settleGrace is how often a letter is tried to be settled after the term has ended, a second apart.
const settleGrace = 5

// ledger lets outcomes of one shard that come while another is being written wait, and go together then: in a broadcast the
// store, and not Telegram, would be what limits it. Nobody waits for company: the first one goes at once, alone.
type ledger struct {
	mu      sync.Mutex
	writing map[store.Shard][]*unsettled // those who wait, of each shard that somebody writes to
}

// unsettled is a letter whose outcome is to be written.
type unsettled struct {
	store.Settlement
	next chan turn // what its goroutine does next; has room for one
}

// turn is what somebody who waits for a shard is told.
type turn uint8

const (
	settled turn = iota // somebody else wrote it
	write               // it is yours to write, and what else waits
	alone               // it was not written with the others: try by yourself
)

// join puts a letter behind those that wait for its shard, and tells it at once to write when nobody else does.
func (l *ledger) join(one store.Settlement) *unsettled {
	u := &unsettled{one, make(chan turn, 1)}
	shard := shardOf(one)
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting, busy := l.writing[shard]
	if !busy {
		u.next <- write
	}
	if l.writing == nil {
		l.writing = map[store.Shard][]*unsettled{}
	}
	l.writing[shard] = append(waiting, u)
	return u
}

// take gives whoever waits for a shard, as many as one batch holds. The one who writes is the first of them.
func (l *ledger) take(shard store.Shard) []*unsettled {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := l.writing[shard]
	n := min(len(waiting), store.MaxSettlements)
	l.writing[shard] = append([]*unsettled{}, waiting[n:]...)
	return waiting[:n]
}

// pass hands the shard on to the first of those who have come meanwhile, if any has.
func (l *ledger) pass(shard store.Shard) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if waiting := l.writing[shard]; len(waiting) > 0 {
		waiting[0].next <- write
		return
	}
	delete(l.writing, shard)
}

func shardOf(one store.Settlement) store.Shard {
	return store.ShardOf(store.ChatID(one.Letter.Person))
}

// settle notes what came of a letter. It returns when that stands in the store, or cannot be brought there.
func (t *term) settle(ctx context.Context, one store.Settlement) {
	mine := t.ledger.join(one)
	switch <-mine.next {
	case write:
		t.settleAll(ctx, mine)
	case alone:
		t.settleAlone(ctx, one)
	}
}

// settleAll settles whoever waits for a shard: mine, and others.
func (t *term) settleAll(ctx context.Context, mine *unsettled) {
	shard := shardOf(mine.Settlement)
	all := t.ledger.take(shard)
	together := make([]store.Settlement, len(all))
	for i, u := range all {
		together[i] = u.Settlement
	}
	if !t.writeTogether(ctx, shard, all, together) {
		t.settleAlone(ctx, mine.Settlement)
	}
}

// writeTogether makes one try to settle some letters in one batch, and tells the others of them what came of it.
func (t *term) writeTogether(ctx context.Context, shard store.Shard, all []*unsettled, together []store.Settlement) (done bool) {
	// Deferred, because a panic must leave nobody waiting. After an error one person's trouble must not be that of the
	// others: each is tried by itself then, as often as it takes.
	defer func() {
		t.ledger.pass(shard)
		then := alone
		if done {
			then = settled
		}
		for _, u := range all[1:] { // the first one is whose goroutine this is
			u.next <- then
		}
	}()
	return t.writeDown(ctx, together...) == nil
}

// settleAlone settles one letter, as often as it takes: what is known must not become unknown because the store is away.
// After the term has ended it gives up in the end, and the next leader finds the letter without a word of it.
func (t *term) settleAlone(ctx context.Context, one store.Settlement) {
	for late := 0; late < settleGrace; {
		err := t.writeDown(ctx, one)
		if err == nil {
			return
		}
		t.complain(ctx, "settle", err)
		if ctx.Err() != nil {
			late++
		}
		time.Sleep(lookEvery)
	}
}

// writeDown makes one try to settle.
func (t *term) writeDown(ctx context.Context, letters ...store.Settlement) error {
	call, done := whole(ctx)
	defer done()
	_, err := t.store.SettleLetters(call, letters...)
	return err
}
