package handlers_test

import (
	"strings"
	"testing"
	"time"

	"recbot/store"
)

// TestAskedOnceMore leaves a request to agree without an answer for three days, and looks in every ten minutes.
func TestAskedOnceMore(t *testing.T) {
	t.Parallel()
	const nine = 9 * time.Hour // o'clock in Tashkent, when the stage begins
	for name, tc := range map[string]struct {
		asked   time.Duration // after midnight in Tashkent
		planned time.Duration // after it was asked; 0 = at once
		change  func(*store.Draft)
		author  store.Role
		other   store.Role
		again   time.Duration // after it was asked; 0 = never
		hears   []string
	}{
		"at once, by day":                   {nine, 0, nil, store.Organizer, store.Organizer, time.Hour, []string{"Nobody has agreed to “Hello” yet"}},
		"at once, in the evening":           {21*time.Hour + 30*time.Minute, 0, nil, store.Organizer, store.Organizer, 9*time.Hour + 30*time.Minute, []string{"Nobody has agreed"}},
		"for the day after tomorrow":        {nine, 48 * time.Hour, nil, store.Organizer, store.Organizer, 24 * time.Hour, []string{"Nobody has agreed", "The time planned for “Hello” has passed"}},
		"for forty minutes later":           {nine, 40 * time.Minute, nil, store.Organizer, store.Organizer, 20 * time.Minute, []string{"Nobody has agreed", "has passed"}},
		"in the evening, for early morning": {21*time.Hour + 30*time.Minute, nine, nil, store.Organizer, store.Organizer, time.Hour, []string{"Nobody has agreed", "has passed"}},
		"in the evening, for ten o'clock":   {21*time.Hour + 30*time.Minute, 12*time.Hour + 30*time.Minute, nil, store.Organizer, store.Organizer, 9*time.Hour + 30*time.Minute, []string{"Nobody has agreed", "has passed"}},
		"nobody is left to agree":           {nine, 40 * time.Minute, nil, store.Organizer, store.Delegate, 0, []string{"No other organizer is left"}},
		"its author may not announce":       {nine, 40 * time.Minute, nil, store.Delegate, store.Organizer, 0, nil},
		"it does not go to everybody":       {nine, 0, func(d *store.Draft) { d.State = store.DraftComposing }, store.Organizer, store.Organizer, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.now = s.now.Add(tc.asked - nine)
			s.member(1)
			author, other := s.colleague(7, tc.author), s.colleague(8, tc.other)
			s.draft(7, func(d *store.Draft) {
				d.Audience = store.Audience{Everybody: true}
				d.State, d.Round, d.N, d.Asked, d.Due, d.Planned = store.DraftAsking, 1, 3, s.now, s.now.Add(tc.planned), tc.planned > 0
				if tc.change != nil {
					tc.change(d)
				}
			})
			asked := s.now
			var again time.Duration
			for s.now.Before(asked.Add(72 * time.Hour)) {
				if err := s.desk.Tend(t.Context()); err != nil {
					t.Fatal(err)
				}
				if again == 0 && len(s.letters(other.record())) > 0 {
					again = s.now.Sub(asked)
				}
				s.now = s.now.Add(10 * time.Minute)
			}
			if again != tc.again {
				t.Errorf("the other organizer is asked once more after %s, want %s", again, tc.again)
			}
			if n := len(s.letters(other.record())); n > 1 {
				t.Errorf("the other organizer is asked %d times more", n)
			}
			told := s.letters(author.record())
			if len(told) != len(tc.hears) {
				t.Fatalf("the author is told %q, want %q", told, tc.hears)
			}
			for i, want := range tc.hears {
				if !strings.Contains(told[i], want) {
					t.Errorf("the author is told %q, want %q", told[i], want)
				}
			}
		})
	}
}
