package main

import (
	"context"
	"fmt"
	"time"

	"recbot/store"
)

// explain says line by line, in English, why a text of this person is understood as it is.
func (a *app) explain(ctx context.Context, text string, p store.Person, now time.Time) ([]string, error) {
	// The same eyes as those of the reading that is explained.
	book, eyes, err := a.reader.eyes(ctx, p, now)
	if err != nil {
		return nil, fmt.Errorf("explaining a text: %w", err)
	}
	lines := a.reader.reader.Explain(text, book, eyes)
	if vague(text, a.reader.reader.Read(text, book, eyes)) {
		lines = append(lines, "so short and so little known that it is not answered: other words are asked for")
	}
	return lines, nil
}
