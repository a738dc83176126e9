package store

import (
	"context"
	"encoding/json"
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

// News is something that everybody was told who follows certain topics.
type News struct {
	Job     JobID           `json:"job"`
	Kind    JobKind         `json:"kind"`
	Meeting MeetingID       `json:"meeting,omitempty"`
	Topics  []Topic         `json:"topics"`
	Due     time.Time       `json:"due"`
	Content json.RawMessage `json:"content,omitempty"` // of the job
}

// told tells whether jobs of the kind are news that somebody may want to hear of afterwards. A reminder is not: its time is
// over.
func (k JobKind) told() bool { return k == JobChange || k == JobNew }

// logNews lists the mutation that writes a job for an audience into the log of news; none for other jobs.
func logNews(j Job) []Mutation {
	if !j.Kind.told() || j.Audience.Person != 0 {
		return nil
	}
	return []Mutation{Append(newsLog, encode(News{j.ID, j.Kind, j.Meeting, j.Audience.Topics, j.Due, j.Content}))}
}

// Missed lists the news since an instant that would have reached a person by what they follow now, oldest first, each
// once. News that their ledger says they got are left out, and what failed because their chat was dead is there although it
// is older. What they may see is for the caller to ask. It costs what was told in [NewsKept], not who is stored.
func (s *Store) Missed(ctx context.Context, p Person, since time.Time) ([]News, error) {
	all, err := s.news(ctx)
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
	now, seen := s.now(), map[JobID]bool{}
	return slices.DeleteFunc(all, func(n News) bool {
		late := n.Due.Before(since) && state[n.Job] != Gone
		// What is still to come, or under way, is told to them like to everybody.
		coming := n.Due.After(now) || state[n.Job].waiting() || state[n.Job] == Sent
		drop := late || coming || seen[n.Job] || !slices.ContainsFunc(n.Topics, p.Follows)
		seen[n.Job] = true
		return drop
	}), nil
}

// news reads the log from end to end.
func (s *Store) news(ctx context.Context) ([]News, error) {
	var all []News
	var after Rev
	for range newsMost {
		records, err := s.b.Read(ctx, Global, newsLog, after, newsPage)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			n, err := decode[News](Doc{Key: newsLog, Rev: r.Rev, Value: r.Value})
			if err != nil {
				return nil, err
			}
			all, after = append(all, n), r.Rev
		}
		if len(records) < newsPage {
			break
		}
	}
	return all, nil
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
		n, err := decode[News](Doc{Key: newsLog, Rev: r.Rev, Value: r.Value})
		if err != nil {
			return fmt.Errorf("trim news: %w", err)
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
