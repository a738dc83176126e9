package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Cause is the update to which an effect is due. The batch that makes the effect writes it down for 25 h, so that the
// same update makes the same step's effect once. The zero Cause writes nothing down.
type Cause struct {
	Update UpdateID
	Step   string // short name of the effect, a-z
}

// once is a document that is written along with an effect and keeps the effect from being made again.
type once struct {
	key string
	ttl time.Duration
}

// once gives what keeps the cause from making its effect again; nothing for the zero Cause.
func (c Cause) once() []once {
	if c.Update == 0 {
		return nil
	}
	return []once{{"cause:" + strconv.FormatInt(int64(c.Update), 10) + ":" + c.Step, causeTTL}}
}

// personKey names the document of a person in their shard.
func personKey(id PersonID) string { return "person:" + id.member() }

// shard is that of their private chat, which has the same number: what a chat keeps and what a person keeps lie together.
func (id PersonID) shard() Shard { return ShardOf(ChatID(id)) }

// Person reads a record. ErrNotFound when they have never spoken to the bot.
func (s *Store) Person(ctx context.Context, id PersonID) (Person, error) {
	docs, err := s.b.Get(ctx, id.shard(), personKey(id))
	if err == nil {
		return readPerson(docs[0])
	}
	return Person{}, fmt.Errorf("person %d: %w", id, err)
}

// readPerson reads a record from its document; ErrNotFound for a missing one.
func readPerson(d Doc) (Person, error) {
	if d.Rev == 0 {
		return Person{}, fmt.Errorf("%s: %w", d.Key, ErrNotFound)
	}
	quiet := DefaultQuiet
	stored := personRecord{Quiet: &quiet}
	err := decodeInto(d, &stored)
	p := stored.Person
	p.Rev, p.Quiet = d.Rev, quiet
	return p, err
}

// personRecord is a person as stored. A record that says nothing of quiet hours means the default ones: nearly everybody has
// them, and Redis holds each byte of a record in memory.
type personRecord struct {
	Person
	Quiet *Quiet `json:"quiet,omitempty"` // in the place of the one in Person
}

// encodePerson writes what readPerson reads.
func encodePerson(p Person) []byte {
	record := personRecord{Person: p}
	if p.Quiet != DefaultQuiet {
		record.Quiet = &p.Quiet
	}
	return encode(record)
}

// PeopleOf reads records of one shard, in one round trip; who is not there is left out.
func (s *Store) PeopleOf(ctx context.Context, shard Shard, ids ...PersonID) (map[PersonID]Person, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = personKey(id)
	}
	docs, err := s.b.Get(ctx, shard, keys...)
	if err != nil {
		return nil, fmt.Errorf("%d persons of shard %d: %w", len(ids), shard, err)
	}
	people := make(map[PersonID]Person, len(ids))
	for i, d := range docs {
		p, err := readPerson(d)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		people[ids[i]] = p
	}
	return people, nil
}

// Greet stores a newcomer; if they are there already their record is given.
func (s *Store) Greet(ctx context.Context, p Person) (Person, error) {
	if err := p.tidy(); err != nil {
		return Person{}, fmt.Errorf("greet person %d: %w", p.ID, err)
	}
	if err := s.announce(ctx, p); err != nil {
		return Person{}, fmt.Errorf("greet person %d: %w", p.ID, err)
	}
	rev, err := s.writePerson(ctx, Person{ID: p.ID}, p, nil)
	if errors.Is(err, ErrConflict) {
		return s.Person(ctx, p.ID)
	}
	if err != nil {
		return Person{}, fmt.Errorf("greet person %d: %w", p.ID, err)
	}
	p.Rev = rev
	return p, nil
}

// ChangePerson applies change to a person's record and moves their index entries, in one batch. It repeats on a conflict.
//
// When the cause made this effect before, nothing changes and the present record is given. change may be called several
// times; an error from it is returned as it is and nothing is stored. More than [MaxLeads] leads, [MaxMeetingTopics]
// single meetings or [MaxWishes] wishes are refused with [ErrTooMany]. A person not yet stored is created by [Store.Greet]; here they are
// ErrNotFound.
func (s *Store) ChangePerson(ctx context.Context, id PersonID, by Cause, change func(*Person) error) (Person, error) {
	return s.changePerson(ctx, id, by.once(), change)
}

// changePerson is ChangePerson with any documents that keep the effect from being made twice.
func (s *Store) changePerson(ctx context.Context, id PersonID, only []once, change func(*Person) error) (p Person, err error) {
	keys := []string{personKey(id)}
	for _, o := range only {
		keys = append(keys, o.key)
	}
	err = attempt(ctx, func() error {
		docs, err := s.b.Get(ctx, id.shard(), keys...)
		if err != nil {
			return fmt.Errorf("change person %d: %w", id, err)
		}
		if p, err = readPerson(docs[0]); err != nil {
			return err
		}
		// One of the marks there means that this very effect was made, perhaps before a crash: the record is as it should be.
		if slices.ContainsFunc(docs[1:], func(d Doc) bool { return d.Rev != 0 }) {
			return nil
		}
		old := p.clone()
		if err := change(&p); err != nil {
			p = old
			return err
		}
		p, err = s.replacePerson(ctx, old, p, only)
		return err
	})
	return p, err
}

// replacePerson writes the changed record of somebody who is stored, unless nothing is different.
func (s *Store) replacePerson(ctx context.Context, old, p Person, only []once) (Person, error) {
	p.ID, p.Rev = old.ID, old.Rev
	if err := p.tidy(); err != nil {
		return old, fmt.Errorf("change person %d: %w", p.ID, err)
	}
	// What has a cause is written also when nothing is different: the same update must not find it different later.
	if len(only) == 0 && bytes.Equal(encode(old), encode(p)) {
		return old, nil
	}
	if err := s.announce(ctx, p); err != nil {
		return old, fmt.Errorf("change person %d: %w", p.ID, err)
	}
	rev, err := s.writePerson(ctx, old, p, only)
	if err != nil {
		return old, fmt.Errorf("change person %d: %w", p.ID, err)
	}
	p.Rev = rev
	return p, nil
}

// writePerson makes the one batch that changes a person: record, index entries and what keeps it from happening twice. The
// record's revision guards all of them, for none is ever written without it. old has revision 0 when they are new.
func (s *Store) writePerson(ctx context.Context, old, p Person, only []once) (Rev, error) {
	var stood []string
	if old.Rev != 0 {
		stood = indexesOf(old)
	}
	b := Batch{
		If: []Condition{RevIs(personKey(p.ID), old.Rev)},
		Do: append(moveIndexes(p.ID, stood, indexesOf(p)), Put(personKey(p.ID), encodePerson(p), 0)),
	}
	b.Do = append(b.Do, moveGone(old, p)...)
	for _, o := range only {
		b.Do = append(b.Do, Put(o.key, []byte{'1'}, o.ttl))
	}
	result, err := s.apply(ctx, p.ID.shard(), b)
	return result.Rev, err
}

// announce enters into the global shard what others must know before the person's own batch is made: a lead or a
// digest that nobody had so far, an owner. Entered in vain it does no harm.
func (s *Store) announce(ctx context.Context, p Person) error {
	if err := s.enterLeads(ctx, p.Leads); err != nil {
		return err
	}
	if err := s.enterDigests(ctx, p.digests()); err != nil {
		return err
	}
	if p.Role == Owner {
		return s.enterOwner(ctx, p.ID)
	}
	return nil
}

// clone copies the record with everything it points to, so that a change that is refused or repeated starts from what is
// stored.
func (p Person) clone() Person {
	p.MemberOf, p.Coordinates = slices.Clone(p.MemberOf), slices.Clone(p.Coordinates)
	p.Topics, p.MutedOnes, p.Leads = slices.Clone(p.Topics), slices.Clone(p.MutedOnes), slices.Clone(p.Leads)
	p.Digests, p.Wished = slices.Clone(p.Digests), slices.Clone(p.Wished)
	return p
}
