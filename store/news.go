package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// newsLog is a log of the global shard: what followers were told. A job shrinks to its counts when it is done, so who could
// not be reached meanwhile is told from here.
const newsLog = "news"

const (
	// NewsKept is how long it can be told what somebody missed.
	NewsKept = 60 * 24 * time.Hour

	newsPage = 256 // records of the log that are read at once
	newsMost = 16  // pages: far more than is told in NewsKept
)

// News is something that an audience was told.
type News struct {
	Job      JobID           `json:"job"`
	Kind     JobKind         `json:"kind"`
	Meeting  MeetingID       `json:"meeting,omitempty"`
	Audience Audience        `json:"audience"`
	Due      time.Time       `json:"due"`
	Content  json.RawMessage `json:"content,omitempty"`  // of the job; that of an announcement stands in its draft
	Replaces []JobID         `json:"replaces,omitempty"` // of a correction or a recall: the jobs of what it changes
	Later    []JobID         `json:"-"`                  // corrections and recalls of it, the newest first
}

// told tells whether jobs of the kind are news that somebody may want to hear of afterwards. A reminder is not: its time is
// over.
func (k JobKind) told() bool { return k == JobChange || k == JobNew || k == JobAnnounce }

// logNews lists the mutation that writes a job for an audience into the log of news; none for other jobs.
func logNews(j Job) []Mutation {
	// What goes to those of an earlier announcement whom it did not reach is no other news.
	if !j.Kind.told() || j.Audience.Person != 0 || j.Audience.Of != "" && len(j.Replaces) == 0 {
		return nil
	}
	n := News{Job: j.ID, Kind: j.Kind, Meeting: j.Meeting, Audience: j.Audience, Due: j.Due, Content: j.Content, Replaces: j.Replaces}
	if j.Kind == JobAnnounce {
		n.Content = nil
	}
	return []Mutation{Append(newsLog, encode(n))}
}

// Missed lists the news since an instant that would have reached a person as they are now, oldest first, each once.
// News that their ledger says they got are left out, and what failed because their chat was dead is there although it
// is older. What they may see is for the caller to ask. It costs what was told in [NewsKept], not who is stored.
func (s *Store) Missed(ctx context.Context, p Person, since time.Time) ([]News, error) {
	// What cannot be read keeps nobody from coming back. It is complained of where the next digest is made.
	all, _, err := s.news(ctx)
	if err != nil {
		return nil, fmt.Errorf("news missed by person %d: %w", p.ID, err)
	}
	letters, err := s.LettersOf(ctx, p.ID)
	if err != nil {
		return nil, fmt.Errorf("news missed by person %d: %w", p.ID, err)
	}
	state := make(map[JobID]State, len(letters))
	for _, l := range letters {
		state[l.Job] = l.State
	}
	later := map[JobID][]JobID{}
	for _, n := range slices.Backward(all) {
		for _, id := range n.Replaces {
			later[id] = append(later[id], n.Job)
		}
	}
	for i := range all {
		all[i].Later = later[all[i].Job]
	}
	now, seen := s.now(), map[JobID]bool{}
	missed := slices.DeleteFunc(all, func(n News) bool {
		late := n.Due.Before(since) && state[n.Job] != Gone
		// What is still to come, or under way, is told to them like to everybody.
		coming := n.Due.After(now) || state[n.Job].waiting() || state[n.Job] == Sent
		drop := late || coming || seen[n.Job] || len(n.Replaces) > 0 || !n.concerns(p)
		seen[n.Job] = true
		return drop
	})
	return s.withoutComing(ctx, p, missed)
}

// withoutComing leaves out announcements that are on their way and still have to come to a person's shard: they get those like
// everybody. Once the walk of the shard has begun it may have passed them by, and what is told twice is better than what is not.
func (s *Store) withoutComing(ctx context.Context, p Person, missed []News) (kept []News, err error) {
	for _, n := range missed {
		if n.Kind == JobAnnounce {
			job, err := s.readJob(ctx, Global, n.Job)
			if err != nil {
				return nil, fmt.Errorf("announcements missed by person %d: %w", p.ID, err)
			}
			at, err := s.readWalk(ctx, p.ID.shard(), job)
			if err != nil {
				return nil, fmt.Errorf("announcements missed by person %d: %w", p.ID, err)
			}
			if job.rev != 0 && job.State == jobOpen && at.fresh() {
				continue
			}
		}
		kept = append(kept, n)
	}
	return kept, nil
}

// concerns tells whether a person is among those who were told. Who muted the bot still hears of changes, and of nothing
// else.
func (n News) concerns(p Person) bool {
	if n.Kind == JobAnnounce {
		return n.Audience.Skip(p) == ""
	}
	return slices.ContainsFunc(n.Audience.Topics, p.Follows)
}

// news reads the log from end to end. odd tells what of it cannot be read and is left out.
func (s *Store) news(ctx context.Context) (all []News, odd, err error) {
	var after Rev
	for range newsMost {
		records, err := s.b.Read(ctx, Global, newsLog, after, newsPage)
		if err != nil {
			return nil, nil, err
		}
		for _, r := range records {
			after = r.Rev
			if n, unread := decode[News](Doc{Key: newsLog, Rev: r.Rev, Value: r.Value}); unread != nil {
				odd = errors.Join(odd, unread)
			} else {
				all = append(all, n)
			}
		}
		if len(records) < newsPage {
			break
		}
	}
	return all, odd, nil
}

// trimNews drops what is older than can be told. It is called when news come in, so the log grows no further than that;
// it looks at the oldest page only.
func (s *Store) trimNews(ctx context.Context) error {
	records, err := s.b.Read(ctx, Global, newsLog, 0, newsPage)
	if err != nil {
		return fmt.Errorf("trim news: %w", err)
	}
	limit := s.now().Add(-NewsKept)
	var before Rev
	for _, r := range records {
		// What cannot be read goes with the next that is old, and holds up nobody's news until then.
		n, unread := decode[News](Doc{Key: newsLog, Rev: r.Rev, Value: r.Value})
		if unread != nil {
			continue
		}
		if !n.Due.Before(limit) {
			break
		}
		before = r.Rev + 1
	}
	if before == 0 {
		return nil
	}
	if _, err := s.apply(ctx, Global, Batch{Do: []Mutation{Trim(newsLog, before)}}); err != nil {
		return fmt.Errorf("trim news: %w", err)
	}
	return nil
}
