package store

import (
	"fmt"
	"slices"
	"strconv"
)

// The indexes of persons beside [TopicIndex] and [LeadIndex]; in each a person stands in their own shard.
const everybodyIndex = "everybody"

// RoleIndex names the index of everybody who has a role.
func RoleIndex(r Role) string { return "role:" + string(r) }

// MemberIndex names the index of a body's members.
func MemberIndex(body string) string { return "member:" + body }

// member is a person's name in indexes.
func (id PersonID) member() string { return strconv.FormatInt(int64(id), 10) }

// personOf reads what member wrote.
func personOf(member string) (PersonID, error) {
	n, err := strconv.ParseInt(member, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("member %q of an index of persons: %w", member, ErrCorrupt)
	}
	return PersonID(n), nil
}

// indexesOf lists the indexes in which a person stands, sorted. It depends on the record alone: that is what lets a
// change of the record move the entries along with it. Whoever takes no messages stands in none that jobs walk by topic or wish.
func indexesOf(p Person) []string {
	role := p.Role
	if role == "" {
		role = Guest
	}
	names := []string{everybodyIndex, RoleIndex(role)}
	for _, body := range p.MemberOf {
		names = append(names, MemberIndex(body))
	}
	if !p.Stopped && p.Unreachable == "" {
		for _, t := range p.Topics {
			names = append(names, TopicIndex(t))
			for _, l := range p.Leads {
				names = append(names, LeadIndex(t, l))
			}
		}
		for _, m := range p.Wished {
			names = append(names, WishIndex(m))
		}
	}
	for _, d := range p.digests() {
		names = append(names, DigestIndex(d))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// moveIndexes lists the mutations that lead from one set of indexes to another, both sorted. What stays is not touched: a
// changed language costs one document.
func moveIndexes(id PersonID, from, to []string) []Mutation {
	var moves []Mutation
	for _, name := range from {
		if _, stays := slices.BinarySearch(to, name); !stays {
			moves = append(moves, Remove(name, id.member()))
		}
	}
	for _, name := range to {
		if _, stood := slices.BinarySearch(from, name); !stood {
			moves = append(moves, Add(name, id.member()))
		}
	}
	return moves
}
