package store

import (
	"cmp"
	"fmt"
	"slices"
)

// Follow ticks or unticks a topic. bodies are the ids of all bodies there are, with or without the Council itself.
//
// All is a topic of its own: while it is ticked every body counts as ticked, those added later too, and ticking one
// changes nothing. Unticking one body under All replaces All by the others. Following a single meeting ends its being
// muted; the 16th single meeting is refused with [ErrTooMany]. Following twice is following once.
func (p *Person) Follow(t Topic, on bool, bodies []string) error {
	id, single := t.Meeting()
	switch {
	case on && single:
		if !p.Follows(t) && p.singles() >= MaxMeetingTopics {
			return fmt.Errorf("follow %q: %w", t, ErrTooMany)
		}
		p.MuteMeeting(id, false)
	case on && p.Covers(t):
		// Also a body under All: to enter it beside All would make it stay when All is unticked.
		return nil
	case !on && !single && t != TopicAll && p.Follows(TopicAll):
		p.spellOut(bodies)
	}
	p.Topics = set(p.Topics, t, on)
	return nil
}

// spellOut replaces All by what it stands for at present.
func (p *Person) spellOut(bodies []string) {
	p.Topics = set(set(p.Topics, TopicAll, false), TopicCouncil, true)
	for _, body := range bodies {
		p.Topics = set(p.Topics, Topic(body), true)
	}
}

// Covers tells whether what the person follows includes a topic: itself, or a body's through All.
func (p Person) Covers(t Topic) bool {
	_, single := t.Meeting()
	return p.Follows(t) || !single && p.Follows(TopicAll)
}

// FollowsMeeting tells whether one of the topics the person follows reaches a meeting.
func (p Person) FollowsMeeting(m Meeting) bool { return slices.ContainsFunc(m.Topics(), p.Follows) }

// MuteMeeting silences a single meeting's reminders, or lets them come again.
func (p *Person) MuteMeeting(m MeetingID, on bool) { p.MutedOnes = set(p.MutedOnes, m, on) }

// SetLead adds a lead or takes it away. A fifth one is refused with [ErrTooMany], one that is not [Lead.Valid] with
// another error. The leads stay sorted, longest first.
func (p *Person) SetLead(l Lead, on bool) error {
	// The change is tried on a copy, so that a refusal leaves the person as they were.
	next := *p
	next.Leads = set(p.Leads, l, on)
	if err := next.tidy(); err != nil {
		return err
	}
	p.Leads = next.Leads
	return nil
}

// singles counts the single meetings the person follows.
func (p Person) singles() (n int) {
	for _, t := range p.Topics {
		if _, single := t.Meeting(); single {
			n++
		}
	}
	return n
}

// tidy brings the record into the order in which it is kept, and refuses what may not stand there.
//
// Every record passes here before it is written, whoever changed it: equal settings are equal records, and a batch that moves
// all of a person's index entries stays well below MaxOperations.
func (p *Person) tidy() error {
	p.Topics = sorted(p.Topics)
	p.MemberOf, p.Coordinates = sorted(p.MemberOf), sorted(p.Coordinates)
	p.Digests, p.Wished = sorted(p.Digests), sorted(p.Wished)
	p.Leads = sorted(p.Leads)
	slices.Reverse(p.Leads)
	for _, l := range p.Leads {
		if !l.Valid() {
			return fmt.Errorf("lead of %d minutes: not one of 5-45 minutes, 1-23 hours, 1-30 days", l)
		}
	}
	if len(p.Leads) > MaxLeads {
		return fmt.Errorf("%d leads: %w", len(p.Leads), ErrTooMany)
	}
	if n := p.singles(); n > MaxMeetingTopics {
		return fmt.Errorf("%d single meetings: %w", n, ErrTooMany)
	}
	if n := len(p.Wished); n > MaxWishes {
		return fmt.Errorf("%d wishes: %w", n, ErrTooMany)
	}
	return nil
}

// set gives a copy of list with v in it once, or without v.
func set[T comparable](list []T, v T, in bool) []T {
	rest := slices.DeleteFunc(slices.Clone(list), func(x T) bool { return x == v })
	if in {
		return append(rest, v)
	}
	return rest
}

// sorted gives a sorted copy without repetitions.
func sorted[T cmp.Ordered](list []T) []T {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
