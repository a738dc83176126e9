package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// DigestKind is a summary of meetings that a person may choose to get. Nobody gets one who did not choose it.
type DigestKind string

// The kinds of digests. They come at [DigestHour] by the reader's clock, when there is something to tell.
const (
	Daily  DigestKind = "daily"
	Weekly DigestKind = "weekly" // on Mondays
)

// DigestKinds are all of them, the more frequent first.
var DigestKinds = []DigestKind{Daily, Weekly}

// DigestHour is the hour of digests, by the clock of those who get them.
const DigestHour = 8

// Digest is what all get at one time who chose a kind and live in one zone.
type Digest struct {
	Kind DigestKind `json:"kind"`
	Zone string     `json:"zone,omitempty"` // as in [Person]: "" = the council's
}

// DigestIndex names the index of those who get a digest.
func DigestIndex(d Digest) string { return "digest:" + string(d.Kind) + ":" + d.Zone }

// DigestID is the id of the job that carries a digest on a date, 2006-01-02. [DigestsOn] gives what it begins with in all
// zones.
func DigestID(d Digest, date string) JobID { return JobID(DigestsOn(d.Kind, date) + d.Zone) }

// DigestsOn is what the ids of all jobs begin with that carry a kind of digest on a date.
func DigestsOn(kind DigestKind, date string) string {
	return "digest:" + string(kind) + ":" + date + ":"
}

// Wants tells whether the person chose a digest.
func (p Person) Wants(kind DigestKind) bool { return slices.Contains(p.Digests, kind) }

// SetDigest chooses a digest, or ends it. A kind that does not exist is an error.
func (p *Person) SetDigest(kind DigestKind, on bool) error {
	if !slices.Contains(DigestKinds, kind) {
		return fmt.Errorf("digest %q: no such kind", kind)
	}
	p.Digests = set(p.Digests, kind, on)
	return nil
}

// digests lists what the person gets: nothing while they take no messages, or muted all but changes.
func (p Person) digests() (all []Digest) {
	if p.Stopped || p.Muted || p.Unreachable != "" {
		return nil
	}
	for _, kind := range p.Digests {
		all = append(all, Digest{kind, p.Zone})
	}
	return all
}

// digestsKey is a document of the global shard: the digests that somebody gets, or got. Like a lead, one is entered before
// the first person gets it.
const digestsKey = "digests"

// DigestsInUse lists every digest that somebody gets, by kind and zone. It may list one that nobody gets any more.
func (s *Store) DigestsInUse(ctx context.Context) ([]Digest, error) {
	all, _, err := readDoc[[]Digest](ctx, s, Global, digestsKey)
	if err != nil {
		return nil, fmt.Errorf("digests in use: %w", err)
	}
	return all, nil
}

// enterDigests makes sure that digests stand among those in use; see enterLeads.
func (s *Store) enterDigests(ctx context.Context, digests []Digest) error {
	if s.knowsDigests(digests) {
		return nil
	}
	var inUse []Digest
	err := changeDoc(ctx, s, Global, digestsKey, 0, func(all *[]Digest) bool {
		before := len(*all)
		*all = append(*all, digests...)
		slices.SortFunc(*all, func(a, b Digest) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Zone, b.Zone)) })
		*all = slices.Compact(*all)
		inUse = *all
		return len(*all) > before
	})
	if err != nil {
		return fmt.Errorf("enter digests: %w", err)
	}
	s.mu.Lock()
	s.digests = inUse
	s.mu.Unlock()
	return nil
}

// knowsDigests tells whether all of these are known to be among those in use.
func (s *Store) knowsDigests(digests []Digest) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !slices.ContainsFunc(digests, func(d Digest) bool { return !slices.Contains(s.digests, d) })
}

// DigestContent is the content of a job that carries a digest.
type DigestContent struct {
	Date string `json:"date"` // in the zone of its readers
	News []News `json:"news,omitempty"`
}

// digestRoom is how many bytes of news the job of a digest holds; beyond that the oldest are left out.
const digestRoom = maxJobContent - 1<<10

// NewsBetween lists the news that fell due in (from, to], oldest first, as many of the newest as the job of a digest holds.
//
// With [ErrCorrupt] the list is good all the same: what could not be read is left out of it.
func (s *Store) NewsBetween(ctx context.Context, from, to time.Time) ([]News, error) {
	all, odd, err := s.news(ctx)
	if err != nil {
		return nil, fmt.Errorf("news of a digest: %w", err)
	}
	all = slices.DeleteFunc(all, func(n News) bool {
		return n.Kind == JobAnnounce || !n.Due.After(from) || n.Due.After(to) // a digest tells of meetings
	})
	for len(all) > 0 && len(encode(all)) > digestRoom {
		all = all[1:]
	}
	if odd != nil {
		return all, fmt.Errorf("news of a digest: %w", odd)
	}
	return all, nil
}
