package store

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// sentFor is how long it is kept how many letters left in an hour: a day is asked for, and an hour may be young.
const sentFor = 26 * time.Hour

// sentKey names the counter of the letters of one hour with one fate.
func sentKey(hour int64, fate string) string {
	return "sent:" + strconv.FormatInt(hour, 10) + ":" + fate
}

// hourOf counts the hours of Unix time.
func hourOf(t time.Time) int64 { return t.Unix() / int64(time.Hour/time.Second) }

// CountSent adds to the numbers of letters that left in the hour of an instant, by fate. A fate is a word of the program.
// After [ErrUnknown] they may have been added or not.
func (s *Store) CountSent(ctx context.Context, at time.Time, fates map[string]int) error {
	b := Batch{}
	for fate, n := range fates {
		b.Do = append(b.Do, Incr(sentKey(hourOf(at), fate), int64(n), sentFor))
	}
	if len(b.Do) == 0 {
		return nil
	}
	if _, err := s.apply(ctx, Global, b); err != nil {
		return fmt.Errorf("count letters: %w", err)
	}
	return nil
}

// SentLastDay adds up what all processes counted in the 24 hours of the clock that end with the present one.
func (s *Store) SentLastDay(ctx context.Context, fates ...string) (map[string]int, error) {
	const hours = 24
	now := hourOf(s.now())
	names := make([]string, 0, hours*len(fates))
	for i := range int64(hours) {
		for _, fate := range fates {
			names = append(names, sentKey(now-i, fate))
		}
	}
	counts, err := s.b.Counters(ctx, Global, names...)
	if err != nil {
		return nil, fmt.Errorf("letters of the last day: %w", err)
	}
	sum := make(map[string]int, len(fates))
	for i, n := range counts {
		sum[fates[i%len(fates)]] += int(n)
	}
	return sum, nil
}
