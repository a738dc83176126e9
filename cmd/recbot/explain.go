package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"recbot/bot/answer"
	"recbot/store"
)

// explain says line by line, in English, why a text of this person is understood as it is.
func (a *app) explain(ctx context.Context, text string, p store.Person, now time.Time) ([]string, error) {
	q := a.reader
	book, visible, err := q.present(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("explaining a text: %w", err)
	}
	// The same eyes as those of the reading that is explained.
	sees := func(id store.MeetingID) bool {
		return slices.ContainsFunc(visible, func(m store.Meeting) bool { return m.ID == id })
	}
	return q.reader.Explain(text, book, answer.Asker{Now: now.In(q.zone), Lang: p.Language, Sees: sees}), nil
}
