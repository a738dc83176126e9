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
	return a.reader.reader.Explain(text, book, eyes), nil
}
