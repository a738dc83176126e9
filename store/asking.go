package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Asking is a question that nothing was found for, kept in case its author wants the organizers to have it. Nobody else sees
// it before that.
type Asking struct {
	Update  UpdateID  `json:"update"`  // of the message that asks; it names the question
	Message int       `json:"message"` // the message, to which the answer replies
	Text    string    `json:"text"`
	Lang    Lang      `json:"lang,omitempty"`   // of the text; "" = not sure
	Intent  string    `json:"intent,omitempty"` // what it was understood as
	Topic   string    `json:"topic,omitempty"`
	Meeting MeetingID `json:"meeting,omitempty"`
	Body    string    `json:"body,omitempty"`
	At      time.Time `json:"at"`
	// Reply is what was said under the question, so that it can be said again without the offer.
	Reply json.RawMessage `json:"reply,omitempty"`
}

const (
	// askingKept is how long the organizers can be sent a question after it was asked.
	askingKept = 7 * 24 * time.Hour
	// maxAsking is how many of one person are kept, the newest.
	maxAsking = 20
	// maxAskingReply is how much of a document the words under a question may take, in bytes.
	maxAskingReply = 16 << 10
)

// Documents and index stand in the person's shard: to keep a question touches nothing that others wait for.
func askingKey(id PersonID, u UpdateID) string { return askingIndex(id) + ":" + updateText(u) }

func askingIndex(id PersonID) string { return "asking:" + id.member() }

func updateText(u UpdateID) string { return strconv.FormatInt(int64(u), 10) }

// KeepAsking keeps a question of a person for a week, once for each update. Of more than 20 the oldest go.
func (s *Store) KeepAsking(ctx context.Context, id PersonID, a Asking) error {
	if len(a.Reply) > maxAskingReply {
		a.Reply = nil
	}
	_, err := s.apply(ctx, id.shard(), Batch{Do: []Mutation{
		Put(askingKey(id, a.Update), encode(a), askingKept), Add(askingIndex(id), updateText(a.Update)),
	}})
	if err == nil {
		err = s.trimAskings(ctx, id)
	}
	if err != nil {
		return fmt.Errorf("keep a question of person %d: %w", id, err)
	}
	return nil
}

// trimAskings drops the oldest of too many questions. Those that have run out are among them in the end, so the index stays
// as small as what it leads to.
func (s *Store) trimAskings(ctx context.Context, id PersonID) error {
	updates, err := s.askings(ctx, id)
	if err != nil || len(updates) <= maxAsking {
		return err
	}
	slices.Sort(updates)
	return s.applyAll(ctx, id.shard(), dropAskings(id, updates[:len(updates)-maxAsking]...))
}

// askings lists by which updates there may be questions of a person.
func (s *Store) askings(ctx context.Context, id PersonID) ([]UpdateID, error) {
	names, _, err := s.b.Members(ctx, id.shard(), askingIndex(id), "", MaxOperations)
	if err != nil {
		return nil, err
	}
	updates := make([]UpdateID, 0, len(names))
	for _, name := range names {
		n, err := strconv.ParseInt(name, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("member %q of an index of updates: %w", name, ErrCorrupt)
		}
		updates = append(updates, UpdateID(n))
	}
	return updates, nil
}

func dropAskings(id PersonID, updates ...UpdateID) []Mutation {
	drop := make([]Mutation, 0, 2*len(updates))
	for _, u := range updates {
		drop = append(drop, Delete(askingKey(id, u)), Remove(askingIndex(id), updateText(u)))
	}
	return drop
}

// Asking gives a question of a person by its update; ErrNotFound when it was dropped, or asked more than a week ago.
func (s *Store) Asking(ctx context.Context, id PersonID, u UpdateID) (Asking, error) {
	a, rev, err := readDoc[Asking](ctx, s, id.shard(), askingKey(id, u))
	if err == nil && (rev == 0 || s.now().Sub(a.At) > askingKept) {
		err = ErrNotFound
	}
	if err != nil {
		return Asking{}, fmt.Errorf("question of person %d: %w", id, err)
	}
	return a, nil
}

// Askings lists the questions of a person that are kept and were not sent, the oldest first.
func (s *Store) Askings(ctx context.Context, id PersonID) ([]Asking, error) {
	updates, err := s.askings(ctx, id)
	if err != nil || len(updates) == 0 {
		return nil, err
	}
	keys := make([]string, len(updates))
	for i, u := range updates {
		keys[i] = askingKey(id, u)
	}
	docs, err := s.b.Get(ctx, id.shard(), keys...)
	if err != nil {
		return nil, fmt.Errorf("questions of person %d: %w", id, err)
	}
	var all []Asking
	for _, d := range docs {
		if d.Rev == 0 {
			continue
		}
		a, err := decode[Asking](d)
		if err != nil {
			return nil, fmt.Errorf("questions of person %d: %w", id, err)
		}
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b Asking) int { return cmp.Compare(a.Update, b.Update) })
	return all, nil
}

// DropAsking forgets a question that is not to be sent, or was sent. One that is not there is no error.
func (s *Store) DropAsking(ctx context.Context, id PersonID, u UpdateID) error {
	if _, err := s.apply(ctx, id.shard(), Batch{Do: dropAskings(id, u)}); err != nil {
		return fmt.Errorf("drop a question of person %d: %w", id, err)
	}
	return nil
}

// forgetAskings erases the questions of a person that were not sent.
func (s *Store) forgetAskings(ctx context.Context, id PersonID) error {
	updates, err := s.askings(ctx, id)
	if err != nil {
		return err
	}
	return s.applyAll(ctx, id.shard(), dropAskings(id, updates...))
}
