package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Forget erases everything about a person: record, indexes, open flow, live messages, kept updates, invites of theirs that
// wait, questions to the organizers, and what jobs have noted or queued for them. Forgetting somebody who is not there is no
// error, so that it can be repeated after a crash.
func (s *Store) Forget(ctx context.Context, id PersonID) error {
	// The record goes first: whatever walks an index at this moment then finds nobody there. What jobs still hold goes after
	// it, so that nothing new is taken for them in between.
	steps := []func(context.Context, PersonID) error{
		s.forgetRecord, s.forgetIntents, s.forgetLetters, s.leaveOwner, s.WithdrawInvites, s.forgetDrafts, s.forgetAskings, s.forgetQuestions,
	}
	for _, step := range steps {
		if err := step(ctx, id); err != nil {
			return fmt.Errorf("forget person %d: %w", id, err)
		}
	}
	return nil
}

// forgetRecord erases record, index entries, flow and live messages in one batch: from then on nobody finds them.
func (s *Store) forgetRecord(ctx context.Context, id PersonID) error {
	return attempt(ctx, func() error {
		p, err := s.Person(ctx, id)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		return s.eraseRecord(ctx, id, p)
	})
}

// eraseRecord is forgetRecord for a record that was read. Somebody who is not there has revision 0: the condition then asks that
// they do not come back meanwhile.
func (s *Store) eraseRecord(ctx context.Context, id PersonID, p Person) error {
	var stood []string
	if p.Rev != 0 {
		stood = indexesOf(p)
	}
	chat := ChatID(id)
	_, err := s.apply(ctx, id.shard(), Batch{
		If: []Condition{RevIs(personKey(id), p.Rev)},
		Do: append(moveIndexes(id, stood, nil), Delete(personKey(id)), Delete(flowKey(chat)), Delete(liveKey(chat))),
	})
	return err
}

// forgetIntents drops updates of theirs that a long handler has not finished. Group chats are not theirs to forget.
func (s *Store) forgetIntents(ctx context.Context, id PersonID) error {
	ids, err := s.intentsOf(ctx, ChatID(id))
	if err != nil {
		return err
	}
	var drop []Mutation
	for _, intent := range ids {
		drop = append(drop, dropIntent(intent)...)
	}
	drop = append(drop, Delete(keptKey(ChatID(id)))) // last: while one is kept, the note of it stands
	return s.applyAll(ctx, id.shard(), drop)
}

// applyAll makes mutations that need not be made together, in as many batches as they take.
func (s *Store) applyAll(ctx context.Context, shard Shard, all []Mutation) error {
	for some := range slices.Chunk(all, MaxOperations) {
		if _, err := s.apply(ctx, shard, Batch{Do: some}); err != nil {
			return err
		}
	}
	return nil
}
