package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"recbot/bot"
	"recbot/store"
)

// lookEvery is how exactly it is known when a person was here last.
const lookEvery = time.Hour

// gate lets an update pass by giving neither a reply nor an error. errDone ends its way without a word.
type gate func(ctx context.Context, r *bot.Request) (*bot.Reply, error)

// arrival is what one turn through the gates learns of an update that comes in.
type arrival struct {
	store.Arrival
	read bool // else the person was not asked for
}

// unseen stops an update that was settled before. With the same call it learns who wrote in a private chat, which nearly every
// update needs to know next.
func (d *Dispatcher) unseen(a *arrival) gate {
	return func(ctx context.Context, r *bot.Request) (_ *bot.Reply, err error) {
		// A private chat has the number of its person; what does not come from one is stopped before anybody is looked up.
		if a.read = r.Private && r.Chat == store.ChatID(r.From); a.read {
			a.Arrival, err = d.o.Store.Arrive(ctx, r.From, r.ID)
		} else {
			a.Settled, err = d.o.Store.Settled(ctx, r.Chat, r.ID)
		}
		if err == nil && a.Settled {
			err = errDone
		}
		return nil, err
	}
}

// member notes that a person blocked the bot or came back. Their follows stay as they are.
func (d *Dispatcher) member(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
	if r.Kind != bot.UpdateMember {
		return nil, nil
	}
	back := false
	p, err := d.o.Store.ChangePerson(ctx, r.From, store.Cause{}, func(p *store.Person) error {
		back = p.Unreachable != "" && r.Member == bot.MemberIn
		r.Away = p.GoneSince
		if r.Member == bot.MemberOut {
			p.Unreachable, p.GoneSince = "blocked the bot", r.Now.UTC()
		} else {
			p.Unreachable, p.GoneSince = "", time.Time{}
		}
		if back { // the /start that clients send right behind it must know that the greeting was said
			p.Back = r.Now.UTC()
		}
		return nil
	})
	if errors.Is(err, store.ErrNotFound) || (err == nil && (!back || d.o.Returned == nil)) {
		return nil, errDone
	}
	if err != nil {
		return nil, fmt.Errorf("standing of a person: %w", err)
	}
	r.Person = p
	reply, err := d.o.Returned(ctx, r)
	if reply == nil && err == nil {
		err = errDone
	}
	return reply, err
}

// who takes the person who has arrived, or stores a newcomer, and notes that they can be reached.
func (d *Dispatcher) who(a *arrival) gate {
	return func(ctx context.Context, r *bot.Request) (*bot.Reply, error) {
		known, err := a.Person()
		if !a.read {
			known, err = d.o.Store.Person(ctx, r.From)
		}
		return nil, d.meet(ctx, r, known, err)
	}
}

// meet has the request come from a person as the store knows them; err tells what else became of asking for them.
func (d *Dispatcher) meet(ctx context.Context, r *bot.Request, p store.Person, err error) error {
	owner := slices.Contains(d.o.Owners, r.From)
	arrive := func(p *store.Person) error {
		r.Away = p.GoneSince
		p.Unreachable, p.GoneSince = "", time.Time{}
		p.LastLook = r.Now.UTC()
		if owner {
			p.Role = store.Owner
		}
		return nil
	}
	r.Person = p
	switch {
	case errors.Is(err, store.ErrNotFound):
		p = store.Newcomer(r.From, d.o.Guess(r.Locale), r.Now)
		r.New = true
		_ = arrive(&p) // gives no error
		r.Person, err = d.o.Store.Greet(ctx, p)
	// Most updates change nothing of the record: writing it each time would cost more than the answer.
	case err == nil && (p.Unreachable != "" || (owner && p.Role != store.Owner)):
		r.Person, err = d.o.Store.ChangePerson(ctx, r.From, store.Cause{}, arrive)
	}
	if err != nil {
		// The failed call gave no person; the apology needs one that has a language.
		r.Person = d.stranger(&r.Update)
		return fmt.Errorf("who writes: %w", err)
	}
	d.known.put(r.Chat, r.Person)
	return nil
}

// looked notes once an hour that a person was here. It comes behind the answer, which need not wait for it.
func (d *Dispatcher) looked(ctx context.Context, r *bot.Request) {
	if r.Person.Rev == 0 || !r.Private || r.Kind == bot.UpdateMember || r.Now.Sub(r.Person.LastLook) < lookEvery {
		return
	}
	_, err := d.o.Store.ChangePerson(ctx, r.From, store.Cause{}, func(p *store.Person) error {
		p.LastLook = r.Now.UTC()
		return nil
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) { // who has just asked to be forgotten is not there
		d.o.Log.Warn("that a person was here is not noted", "chat", r.Chat, "err", err)
	}
}

// pace stops a chat that sends more than anybody reads: it is told once in a minute, then there is silence. A button always
// has a word said over it.
func (d *Dispatcher) pace(_ context.Context, r *bot.Request) (*bot.Reply, error) {
	over := d.throttle.over(r.Chat, r.Now)
	switch {
	case over <= 0:
		return nil, nil
	case r.Kind == bot.UpdateButton:
		return bot.Toast("SlowDown"), nil
	case over == 1:
		return bot.Say("SlowDown"), nil
	}
	return nil, errDone
}

// throttle counts the updates of each chat in a minute.
type throttle struct {
	limit int
	mu    sync.Mutex
	chats map[store.ChatID]*tally
	room  int // counts that are kept before the old ones are thrown away
}

type tally struct {
	since time.Time
	n     int
}

// fewTallies is up to how many counts old ones are not worth looking for.
const fewTallies = 4096

// over counts an update and tells how many there were beyond the limit in this minute.
func (t *throttle) over(chat store.ChatID, now time.Time) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.chats) >= t.room {
		t.prune(now)
	}
	// The minute begins with the first update and does not slide, so that who waits as told gets the whole of the next.
	c := t.chats[chat]
	if c == nil || now.Sub(c.since) >= time.Minute {
		c = &tally{since: now}
		t.chats[chat] = c
	}
	c.n++
	return c.n - t.limit
}

// prune throws old counts away. It makes room for as many again as it leaves, so that its cost is shared by the updates in
// between, however many chats are busy.
func (t *throttle) prune(now time.Time) {
	kept := make(map[store.ChatID]*tally)
	for chat, c := range t.chats {
		if now.Sub(c.since) < time.Minute {
			kept[chat] = c
		}
	}
	t.chats, t.room = kept, max(fewTallies, 2*len(kept))
}

// known remembers the language and zone of who was here lately, for when the store is out of reach. It forgets those who
// were not seen for the longest time, in two generations.
type known struct {
	mu         sync.Mutex
	young, old map[store.ChatID]voice
}

type voice struct {
	lang store.Lang
	zone string
}

// generation is how many chats are remembered at least.
const generation = 1000

func (k *known) put(chat store.ChatID, p store.Person) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.young == nil || len(k.young) >= generation {
		k.young, k.old = make(map[store.ChatID]voice), k.young
	}
	k.young[chat] = voice{p.Language, p.Zone}
}

func (k *known) get(chat store.ChatID) (voice, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v, ok := k.young[chat]
	if !ok {
		v, ok = k.old[chat]
	}
	return v, ok
}

// stranger is how a person is spoken to before the store was asked about them.
func (d *Dispatcher) stranger(u *bot.Update) store.Person {
	p := store.Person{ID: u.From, Language: d.o.Guess(u.Locale)}
	if v, ok := d.known.get(u.Chat); ok {
		p.Language, p.Zone = v.lang, v.zone
	}
	return p
}
