package remind

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"recbot/store"
)

// How long a digest is worth reading that could not be sent at its hour.
const (
	dailyLives  = 12 * time.Hour
	weeklyLives = 36 * time.Hour
)

// Edition is a digest at one of its hours.
type Edition struct {
	Digest   store.Digest
	Date     string    // in the zone of its readers
	Before   time.Time // when the one before it was due
	At       time.Time
	Deadline time.Time
	next     time.Time // when the one after it is due
}

// DueEditions lists the digests that fell due after from, at to or before: of each only the last, and none whose time is
// over at to. council is the zone of those who have none of their own. A zone that cannot be read has no digests.
func DueEditions(inUse []store.Digest, council string, from, to time.Time) []Edition {
	var due []Edition
	for _, d := range inUse {
		if e, ok := lastEdition(d, council, to); ok && e.At.After(from) && to.Before(e.Deadline) {
			due = append(due, e)
		}
	}
	return due
}

// NextEdition gives the earliest instant after `after` at which a digest falls due; false when there are none.
func NextEdition(inUse []store.Digest, council string, after time.Time) (next time.Time, ok bool) {
	for _, d := range inUse {
		if e, has := lastEdition(d, council, after); has && (!ok || e.next.Before(next)) {
			next, ok = e.next, true
		}
	}
	return next, ok
}

// lastEdition gives the edition of a digest that was due last at t; ok is false for a zone that cannot be read.
func lastEdition(d store.Digest, council string, t time.Time) (e Edition, ok bool) {
	loc, err := store.LoadZone(cmp.Or(d.Zone, council))
	if err != nil {
		return e, false
	}
	local := t.In(loc)
	year, month, day := local.Date()
	every, lives := 1, dailyLives
	if d.Kind == store.Weekly {
		every, lives = 7, weeklyLives
		day -= (int(local.Weekday()) + 6) % 7 // back to Monday
	}
	// Days of the calendar, so that eight stays eight when the clocks change.
	on := func(days int) time.Time { return time.Date(year, month, day+days, store.DigestHour, 0, 0, 0, loc) }
	back := 0
	if on(0).After(t) {
		back = every
	}
	at := on(-back)
	return Edition{
		Digest: d, Date: at.Format(time.DateOnly), Before: on(-back - every), At: at, Deadline: at.Add(lives), next: on(every - back),
	}, true
}

// openDigests opens the jobs of the digests that fell due in (from, now] and lists them. It costs a
// look into the news for each, which is a few times a day.
func (s *Scheduler) openDigests(ctx context.Context, from, now time.Time) (opened []store.JobID, err error) {
	inUse, err := s.store.DigestsInUse(ctx)
	if err != nil {
		return nil, err
	}
	due := DueEditions(inUse, s.o.Zone, from, now)
	for _, e := range due {
		news, err := s.store.NewsBetween(ctx, e.Before, e.At)
		if errors.Is(err, store.ErrCorrupt) { // the others, and what lies ahead, are worth a digest too
			s.o.Log.Error("some news of a digest cannot be read", "err", err)
		} else if err != nil {
			return nil, err
		}
		content, err := json.Marshal(store.DigestContent{Date: e.Date, News: news})
		if err != nil {
			return nil, fmt.Errorf("digest of %s: %w", e.Date, err)
		}
		id := store.DigestID(e.Digest, e.Date)
		err = s.store.OpenJob(ctx, store.Job{
			ID: id, Kind: store.JobDigest, Audience: store.Audience{Digest: e.Digest}, Content: content,
			Opened: now.UTC(), Due: e.At.UTC(), Deadline: e.Deadline.UTC(),
		})
		if errors.Is(err, store.ErrCorrupt) { // see open
			s.o.Log.Error("a digest cannot be opened and is left out", "job", id, "err", err)
			continue
		}
		if err != nil {
			return nil, err
		}
		opened = append(opened, id)
		s.o.Log.Info("digest opened", "job", id)
	}
	return opened, nil
}
