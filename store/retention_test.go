package store_test

import (
	"strings"
	"testing"

	"recbot/store"
)

// What was settled more than 48 hours ago leaves the letterbox's document with the next letter, and is not only hidden.
func TestOldLettersLeaveTheDocument(t *testing.T) {
	w := newWorld(t)
	w.greet(t, 1, nil)
	for _, at := range []string{"2026-12-01 09:00", "2026-12-02 21:00", "2026-12-04 09:00"} {
		w.at(at)
		id := store.LetterID(strings.ReplaceAll(at, " ", "T"))
		j := store.Job{ID: id, Kind: store.JobLetter, Opened: w.Now(), Due: w.Now(), Audience: store.Audience{Person: 1}}
		must(t, w.OpenJob(t.Context(), j))
		for _, r := range w.walk(t, j, first, 10) {
			w.settle(t, j, r, store.Outcome{State: store.Sent, Message: 1})
		}
	}
	docs, err := w.Backend().Get(t.Context(), store.ShardOf(1), "letters:1")
	must(t, err)
	if text := string(docs[0].Value); strings.Contains(text, "2026-12-01T09:00") && strings.Contains(text, "letter:2026-12-01") {
		t.Errorf("72 hours later the letterbox still holds the first letter: %s", text)
	}
}

// Whom an announcement went to is forgotten once, and not looked for again each hour for ever.
func TestSweptAnnouncementsLeaveTheQueue(t *testing.T) {
	w := newWorld(t)
	w.follow(t, 4)
	j := w.opened(t, "announce:j", store.JobAnnounce)
	for _, r := range w.walk(t, j, first, 10) {
		w.settle(t, j, r, store.Outcome{State: store.Sent, Message: 7})
	}
	_, err := w.FinishJob(t.Context(), j)
	must(t, err)
	w.at("2026-12-09 09:00")
	must(t, w.SweepTold(t.Context()))
	due, err := w.Backend().Due(t.Context(), "told", w.Now(), 10, store.Global)
	must(t, err)
	if len(due) > 0 {
		t.Errorf("still to be swept: %v", due)
	}
}
