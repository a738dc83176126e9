package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
)

// Audience says whom a job reaches: one person, or everybody who stands in one of the indexes. Whoever stands in two
// is reached once. What a person may see and wants is checked again at the moment of sending.
type Audience struct {
	Person    PersonID  `json:"person,omitempty"`
	Topics    []Topic   `json:"topics,omitempty"` // followers of any of them
	Lead      Lead      `json:"lead,omitempty"`   // with Topics: only those who have this lead
	Everybody bool      `json:"everybody,omitempty"`
	Roles     []Role    `json:"roles,omitempty"`
	Members   []string  `json:"members,omitempty"`   // of any of these bodies
	Of        JobID     `json:"of,omitempty"`        // who was taken by an announcement that ended at most 48 h ago
	Digest    Digest    `json:"digest,omitzero"`     // who gets this digest
	Wish      MeetingID `json:"wish,omitempty"`      // who waits for the agenda of this meeting
	Languages []Lang    `json:"languages,omitempty"` // of all these, only readers of one of them; none = of any
}

// Indexes lists the indexes in which the audience stands; none for one person.
func (a Audience) Indexes() []string {
	if a.Person != 0 {
		return nil
	}
	names := make([]string, 0, len(a.Topics)+len(a.Roles)+len(a.Members)+3)
	for _, t := range a.Topics {
		if a.Lead != 0 {
			names = append(names, LeadIndex(t, a.Lead))
		} else {
			names = append(names, TopicIndex(t))
		}
	}
	if a.Everybody {
		names = append(names, everybodyIndex)
	}
	for _, r := range a.Roles {
		names = append(names, RoleIndex(r))
	}
	for _, body := range a.Members {
		names = append(names, MemberIndex(body))
	}
	if a.Digest != (Digest{}) {
		names = append(names, DigestIndex(a.Digest))
	}
	if a.Of != "" {
		names = append(names, OfIndex(a.Of))
	}
	if a.Wish != "" {
		names = append(names, WishIndex(a.Wish))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// OfIndex names the index of whom an announcement was taken to.
func OfIndex(id JobID) string { return "of:" + string(id) }

// Skip tells why an announcement to this audience does not go to a person, as they are now; "" = it does. Who left the
// audience before their turn is not told.
func (a Audience) Skip(p Person) string {
	switch {
	case p.Stopped:
		return "stopped"
	case p.Unreachable != "":
		return "unreachable"
	case p.Muted:
		return "muted"
	case len(a.Languages) > 0 && !slices.Contains(a.Languages, p.Language):
		return "another language"
	case !a.includes(p):
		return "not in the audience any more"
	}
	return ""
}

func (a Audience) includes(p Person) bool {
	role := p.Role
	if role == "" {
		role = Guest
	}
	return a.Everybody || a.Of != "" || a.Person == p.ID && p.ID != 0 || slices.Contains(a.Roles, role) ||
		slices.ContainsFunc(a.Members, p.Is) || slices.ContainsFunc(a.Topics, p.Follows) ||
		a.Wish != "" && p.Wishes(a.Wish)
}

// Headcount is how many people an announcement would reach.
type Headcount struct {
	N      int
	ByLang map[Lang]int
	More   bool // there are more than were counted
}

// maxCounted bounds a count: whoever writes to so many need not know the number to a person.
const maxCounted = 20_000

// CountAudience counts whom an announcement would reach at this moment, each person once; sees leaves out further
// people (nil = nobody). It reads the audience's records, at most 20,000 of them.
func (s *Store) CountAudience(ctx context.Context, a Audience, sees func(Person) bool) (Headcount, error) {
	all := func(_ context.Context, _ Shard, ids []PersonID) ([]PersonID, error) { return ids, nil }
	heads, err := s.count(ctx, a.Indexes(), all, func(p Person) bool { return a.Skip(p) == "" && (sees == nil || sees(p)) })
	if err != nil {
		return heads, fmt.Errorf("count audience: %w", err)
	}
	return heads, nil
}

// CountHolders counts who has the message of an announcement, and so would get its correction: of whom the ledger knows a
// message of one of its rounds, whatever they follow or have silenced since. sees and the limit are as in
// [Store.CountAudience].
func (s *Store) CountHolders(ctx context.Context, rounds []JobID, sees func(Person) bool) (Headcount, error) {
	var indexes []string
	for _, id := range rounds {
		indexes = append(indexes, OfIndex(id))
	}
	holders := func(ctx context.Context, shard Shard, ids []PersonID) ([]PersonID, error) {
		boxes, err := s.letterboxes(ctx, shard, ids)
		var have []PersonID
		for _, box := range boxes {
			if slices.ContainsFunc(box.Letters, func(r Recipient) bool { return r.Message != 0 && slices.Contains(rounds, r.Job) }) {
				have = append(have, box.person)
			}
		}
		return have, err
	}
	heads, err := s.count(ctx, indexes, holders, func(p Person) bool { return p.Unreachable == "" && (sees == nil || sees(p)) })
	if err != nil {
		return heads, fmt.Errorf("count who has the message: %w", err)
	}
	return heads, nil
}

// count counts those who stand in one of the indexes, are among some of these, and of whom counts says so.
func (s *Store) count(ctx context.Context, indexes []string, some func(context.Context, Shard, []PersonID) ([]PersonID, error), counts func(Person) bool) (Headcount, error) {
	sum := Headcount{ByLang: make(map[Lang]int)}
	looked := 0
	for _, shard := range personShards() {
		ids, err := s.membersOf(ctx, shard, indexes)
		if err != nil {
			return sum, err
		}
		if looked += len(ids); looked > maxCounted {
			sum.More = true
			break
		}
		for chunk := range slices.Chunk(ids, MaxOperations) {
			if chunk, err = some(ctx, shard, chunk); err != nil {
				return sum, err
			}
			people, err := s.PeopleOf(ctx, shard, chunk...)
			if err != nil {
				return sum, err
			}
			for _, p := range people {
				if counts(p) {
					sum.N++
					sum.ByLang[p.Language]++
				}
			}
		}
	}
	return sum, nil
}

// membersOf lists who stands in any of the indexes of a shard, each once, in order.
func (s *Store) membersOf(ctx context.Context, shard Shard, indexes []string) ([]PersonID, error) {
	found := make(map[PersonID]bool)
	for _, index := range indexes {
		for after := Cursor(""); ; {
			names, next, err := s.b.Members(ctx, shard, index, after, MaxOperations)
			if err != nil {
				return nil, err
			}
			for _, name := range names {
				id, err := personOf(name)
				if err != nil {
					return nil, err
				}
				found[id] = true
			}
			if after = next; next == "" || len(found) > maxCounted {
				break
			}
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// PeopleWith lists everybody who can be written to and has one of the roles. It is meant for the few who organize.
func (s *Store) PeopleWith(ctx context.Context, roles ...Role) ([]Person, error) {
	var all []Person
	for _, shard := range personShards() {
		ids, err := s.membersOf(ctx, shard, Audience{Roles: roles}.Indexes())
		if err != nil {
			return nil, fmt.Errorf("people with a role: %w", err)
		}
		people, err := s.PeopleOf(ctx, shard, ids...)
		if err != nil {
			return nil, fmt.Errorf("people with a role: %w", err)
		}
		for _, id := range ids {
			if p, ok := people[id]; ok && !p.Stopped && p.Unreachable == "" {
				all = append(all, p)
			}
		}
	}
	return all, nil
}

// Told lists what became of the letters of an announcement, by person and in their order: of everybody whom one of its jobs, the
// earliest first, was taken to, until 48 h after it ended. A later round passes over who has the letter; that says less than the
// round before and does not count.
//
// It stops at the shard with which limit persons are reached, and tells that there may be more.
func (s *Store) Told(ctx context.Context, ids []JobID, limit int) (all []Recipient, more bool, err error) {
	indexes := make([]string, len(ids))
	for i, id := range ids {
		indexes[i] = OfIndex(id)
	}
	for _, shard := range personShards() {
		if more = len(all) >= limit; more {
			break
		}
		people, err := s.membersOf(ctx, shard, indexes)
		if err != nil {
			return nil, false, fmt.Errorf("told by jobs %q: %w", ids, err)
		}
		for some := range slices.Chunk(people, MaxOperations) {
			boxes, err := s.letterboxes(ctx, shard, some)
			if err != nil {
				return nil, false, fmt.Errorf("told by jobs %q: %w", ids, err)
			}
			for i := range boxes {
				if r, ok := boxes[i].lastOf(ids); ok {
					all = append(all, r)
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b Recipient) int { return cmp.Compare(a.Person, b.Person) })
	return all, more, nil
}
