package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// intentQueue holds, in each chat's shard, the updates whose handlers run long.
const intentQueue = "intents"

// settledKey names the mark of a settled update. It says nothing of who sent it.
func settledKey(u UpdateID) string { return "settled:" + strconv.FormatInt(int64(u), 10) }

// intentID names an intent in its queue; the chat stands first, so that a chat's intents can be found.
func intentID(chat ChatID, u UpdateID) string {
	return chat.String() + ":" + strconv.FormatInt(int64(u), 10)
}

// readIntentID reads what intentID wrote; ok is false for anything else.
func readIntentID(id string) (chat ChatID, u UpdateID, ok bool) {
	of, number, _ := strings.Cut(id, ":")
	c, err := strconv.ParseInt(of, 10, 64)
	n, err2 := strconv.ParseInt(number, 10, 64)
	return ChatID(c), UpdateID(n), err == nil && err2 == nil
}

func intentKey(id string) string { return "intent:" + id }

// keptKey names a private chat's note that some of its updates may be kept: without it none is. See [Store.SettleAhead].
func keptKey(chat ChatID) string { return "kept:" + chat.String() }

// overtakenKey names the note that the chat has gone on since, see [Store.SettleAhead].
func overtakenKey(id string) string { return "overtaken:" + id }

// Settled tells whether an update was settled in the last 25 h.
func (s *Store) Settled(ctx context.Context, chat ChatID, u UpdateID) (bool, error) {
	docs, err := s.b.Get(ctx, ShardOf(chat), settledKey(u))
	if err != nil {
		return false, fmt.Errorf("look for update %d: %w", u, err)
	}
	return docs[0].Rev != 0, nil
}

// Arrival is what stands in the store when an update comes in from somebody's private chat.
type Arrival struct {
	Settled bool // the update was settled in the last 25 h
	person  Doc
}

// Arrive tells whether an update was settled, and who wrote it, in one read: every update begins with these two questions, and
// both answers lie in the shard of the private chat.
func (s *Store) Arrive(ctx context.Context, who PersonID, u UpdateID) (Arrival, error) {
	docs, err := s.b.Get(ctx, who.shard(), settledKey(u), personKey(who))
	if err != nil {
		return Arrival{}, fmt.Errorf("look for update %d and person %d: %w", u, who, err)
	}
	return Arrival{Settled: docs[0].Rev != 0, person: docs[1]}, nil
}

// Person is their record as it was then. ErrNotFound when they had never spoken to the bot, ErrCorrupt when it cannot be read,
// which does not keep from knowing whether the update was settled.
func (a Arrival) Person() (Person, error) { return readPerson(a.person) }

// SettleUpdate marks an update as settled and drops its intent.
func (s *Store) SettleUpdate(ctx context.Context, chat ChatID, u UpdateID) error {
	if _, err := s.apply(ctx, ShardOf(chat), Batch{Do: settling(chat, u)}); err != nil {
		return fmt.Errorf("settle update %d: %w", u, err)
	}
	return nil
}

// settling lists what marks an update as settled and drops its intent.
func settling(chat ChatID, u UpdateID) []Mutation {
	return append(dropIntent(intentID(chat, u)), settled(u))
}

// settled is the mark alone, for an update that is not kept.
func settled(u UpdateID) Mutation { return Put(settledKey(u), []byte{'1'}, causeTTL) }

// SettleAhead is [Store.SettleUpdate] for what was done in a private chat as it came in: of the chat's older updates that are
// kept it notes before that this one was dealt with ahead of them. Done later, they might undo what the person did since.
//
// There nearly never is one, so nobody looks: the batch that marks the update asks that the chat has no note of kept ones.
// That holds at the instant of the mark, whoever keeps one meanwhile. The price is paid where there is such a note.
func (s *Store) SettleAhead(ctx context.Context, chat ChatID, u UpdateID) error {
	// Made twice it does the same and meets no conflict with itself, so it needs no operation id. Without the note this update is
	// not kept either.
	_, err := s.insist(ctx, ShardOf(chat), Batch{If: []Condition{RevIs(keptKey(chat), 0)}, Do: []Mutation{settled(u)}})
	if errors.Is(err, ErrConflict) {
		err = attempt(ctx, func() error { return s.settleAhead(ctx, chat, u) })
	}
	if err != nil {
		return fmt.Errorf("settle update %d ahead of others: %w", u, err)
	}
	return nil
}

// settleAhead is SettleAhead where updates of the chat may be kept. ErrConflict means that another one was meanwhile.
func (s *Store) settleAhead(ctx context.Context, chat ChatID, by UpdateID) error {
	// The note is read before the queue is: what is kept from here on changes it.
	docs, err := s.b.Get(ctx, ShardOf(chat), keptKey(chat))
	if err != nil {
		return err
	}
	ids, err := s.intentsOf(ctx, chat)
	if err != nil {
		return err
	}
	var notes []Mutation
	last := true
	for _, id := range ids {
		_, u, ok := readIntentID(id)
		last = last && u == by
		if ok && u < by {
			notes = append(notes, Put(overtakenKey(id), []byte{'1'}, causeTTL))
		}
	}
	// Before the mark: killed in between, the update comes again and does so again.
	if err := s.applyAll(ctx, ShardOf(chat), notes); err != nil {
		return err
	}
	b := Batch{If: []Condition{RevIs(keptKey(chat), docs[0].Rev)}, Do: settling(chat, by)}
	if last {
		b.Do = append(b.Do, Delete(keptKey(chat)))
	}
	_, err = s.insist(ctx, ShardOf(chat), b)
	return err
}

// SaveIntent keeps an update whose handler runs long, so that it is done after a crash; raw is the update as the wire got
// it. It comes up in [Store.DueIntents] at due, unless it is settled before.
func (s *Store) SaveIntent(ctx context.Context, chat ChatID, u UpdateID, raw json.RawMessage, due time.Time) error {
	id := intentID(chat, u)
	keep := []Mutation{Put(intentKey(id), raw, 0), Schedule(intentQueue, id, due)}
	// The note goes when one is settled ahead and finds no other kept. A group is many people, who overtake nobody there.
	if chat > 0 {
		keep = append(keep, Put(keptKey(chat), []byte{'1'}, 0))
	}
	if _, err := s.apply(ctx, ShardOf(chat), Batch{Do: keep}); err != nil {
		return fmt.Errorf("save intent of update %d: %w", u, err)
	}
	return nil
}

// Intent is an update that is kept.
type Intent struct {
	Chat   ChatID
	Update UpdateID
	Raw    json.RawMessage // as the wire got it

	at time.Time
}

// DueIntents lists kept updates that nobody finished by now, oldest first, at most limit of each shard. They stay until
// they are settled.
func (s *Store) DueIntents(ctx context.Context, now time.Time, limit int) ([]Intent, error) {
	entries, err := s.b.Due(ctx, intentQueue, now, limit, personShards()...)
	if err != nil {
		return nil, fmt.Errorf("due intents: %w", err)
	}
	due := make([]Intent, 0, len(entries))
	for _, e := range entries {
		chat, u, ok := readIntentID(e.ID)
		if !ok { // nobody's
			if err := s.unschedule(ctx, e.Shard, intentQueue, e.ID); err != nil {
				return nil, fmt.Errorf("due intents: %w", err)
			}
			continue
		}
		docs, err := s.b.Get(ctx, e.Shard, intentKey(e.ID))
		if err != nil {
			return nil, fmt.Errorf("due intents: %w", err)
		}
		// It may have been settled between the two reads.
		if docs[0].Rev != 0 {
			due = append(due, Intent{chat, u, docs[0].Value, e.At})
		}
	}
	slices.SortFunc(due, func(a, b Intent) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.Update, b.Update), cmp.Compare(a.Chat, b.Chat))
	})
	return due, nil
}

// Overtaken tells whether a newer update of the chat was dealt with before one that is kept.
func (s *Store) Overtaken(ctx context.Context, chat ChatID, u UpdateID) (bool, error) {
	docs, err := s.b.Get(ctx, ShardOf(chat), overtakenKey(intentID(chat, u)))
	if err != nil {
		return false, fmt.Errorf("what overtook update %d: %w", u, err)
	}
	return docs[0].Rev != 0, nil
}

// intentsOf lists the ids of a chat's intents. Intents are few, so the shard's are looked through.
func (s *Store) intentsOf(ctx context.Context, chat ChatID) ([]string, error) {
	entries, err := s.b.Due(ctx, intentQueue, lastDue, maxIntents, ShardOf(chat))
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range entries {
		if strings.HasPrefix(e.ID, chat.String()+":") {
			ids = append(ids, e.ID)
		}
	}
	return ids, nil
}

// dropIntent lists what ends an intent, done or forgotten.
func dropIntent(id string) []Mutation {
	return []Mutation{Delete(intentKey(id)), Delete(overtakenKey(id)), Unschedule(intentQueue, id)}
}

// maxIntents is more than stand in one shard at any time: an intent lives for as long as its handler runs.
const maxIntents = 10_000
