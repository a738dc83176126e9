package store

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"
)

// What the global shard keeps of invites beside their documents.
const (
	openInvites = "invites" // index of those that wait, by id

	// The counters that say how many invites were made and how many were used.
	invitesMade = "invites made"
	invitesUsed = "invites used"
)

// MaxInvites is how many invites of one person may wait at a time.
const MaxInvites = 30

// Invite is a right that waits for whoever presses its link first.
type Invite struct {
	ID      string    `json:"-"` // names it for [Store.WithdrawInvite]; says nothing of the secret
	Role    Role      `json:"role"`
	Bodies  []string  `json:"bodies,omitempty"` // the taker becomes a member; a coordinator coordinates them
	By      PersonID  `json:"by,omitempty"`     // who made it; 0 = whoever runs the bot
	Expires time.Time `json:"expires"`
}

// invite is the document of an Invite. The secret itself is not kept, nor who took it: only what it takes to recognise both.
// Of one that was taken it stays for 25 h, so that the same update gets the same answer.
type invite struct {
	Invite
	Update  UpdateID `json:"update,omitempty"` // that made it
	Taker   string   `json:"taker,omitempty"`  // whoever pressed first
	Granted bool     `json:"granted,omitempty"`
	rev     Rev
}

// MakeInvite makes a one-use secret that gives a role, and membership of bodies. It is 26 letters and digits, and so fits the
// start parameter of a t.me link. The invite gets its ID here.
//
// The secret of an update that comes again is another one, for it is kept nowhere, and the first one is good no more.
// [ErrTooMany] when [MaxInvites] of the same person wait. Whether they may give the role is for the caller to ask, and
// is asked again when the invite is used.
func (s *Store) MakeInvite(ctx context.Context, i Invite, by UpdateID) (secret string, err error) {
	secret = rand.Text()
	i.ID, i.Expires = recognise(secret), i.Expires.UTC()
	open, err := s.waiting(ctx)
	if err != nil {
		return "", fmt.Errorf("make invite: %w", err)
	}
	// Nobody counts the invites of whoever runs the bot, who has none of an update either.
	own := slices.DeleteFunc(open, func(other invite) bool { return i.By == 0 || other.By != i.By })
	same := slices.IndexFunc(own, func(other invite) bool { return by != 0 && other.Update == by })
	if same < 0 && len(own) >= MaxInvites {
		return "", fmt.Errorf("make invite: %d of person %d are open: %w", len(own), i.By, ErrTooMany)
	}
	b := Batch{
		If: []Condition{Absent(inviteKey(i.ID))},
		Do: []Mutation{
			Put(inviteKey(i.ID), encode(invite{Invite: i, Update: by}), s.inviteTTL(i.Expires)),
			Add(openInvites, i.ID),
			Incr(invitesMade, 1, 0),
		},
	}
	if same >= 0 {
		b.Do = append(b.Do, own[same].drop()...)
	}
	if _, err = s.apply(ctx, Global, b); err != nil {
		return "", fmt.Errorf("make invite: %w", err)
	}
	return secret, nil
}

// OpenInvites lists the invites that wait for somebody, the first to expire first.
func (s *Store) OpenInvites(ctx context.Context) ([]Invite, error) {
	open, err := s.waiting(ctx)
	if err != nil {
		return nil, fmt.Errorf("open invites: %w", err)
	}
	list := make([]Invite, len(open))
	for n, i := range open {
		list[n] = i.Invite
	}
	slices.SortFunc(list, func(a, b Invite) int { return cmp.Or(a.Expires.Compare(b.Expires), cmp.Compare(a.ID, b.ID)) })
	return list, nil
}

// waiting reads the invites that wait, and takes those that are over off the list, which nothing else does.
func (s *Store) waiting(ctx context.Context) (open []invite, err error) {
	var over []Mutation
	for after := Cursor(""); ; {
		var ids []string
		if ids, after, err = s.b.Members(ctx, Global, openInvites, after, pageOfInvites); err != nil {
			return nil, err
		}
		keys := make([]string, len(ids))
		for n, id := range ids {
			keys[n] = inviteKey(id)
		}
		docs, err := s.b.Get(ctx, Global, keys...)
		if err != nil {
			return nil, err
		}
		for n, d := range docs {
			i, err := readInvite(ids[n], d)
			switch {
			case err != nil:
				return nil, err
			case i.free(s.now()):
				open = append(open, i)
			default:
				over = append(over, Remove(openInvites, ids[n]))
			}
		}
		if after == "" {
			return open, s.applyAll(ctx, Global, over)
		}
	}
}

// pageOfInvites is how many invites are read at once.
const pageOfInvites = 100

// WithdrawInvite ends an invite before its time. ErrNotFound when there is no such invite that waits, or when by is not 0
// and somebody else made it.
func (s *Store) WithdrawInvite(ctx context.Context, id string, by PersonID) error {
	err := attempt(ctx, func() error {
		i, err := s.readInvite(ctx, id)
		if err != nil {
			return err
		}
		if !i.free(s.now()) || by != 0 && i.By != by {
			return ErrNotFound
		}
		_, err = s.apply(ctx, Global, Batch{If: []Condition{RevIs(inviteKey(id), i.rev)}, Do: i.drop()})
		return err
	})
	if err != nil {
		return fmt.Errorf("withdraw invite: %w", err)
	}
	return nil
}

// WithdrawInvites ends all invites of a person: their right to give them is gone.
func (s *Store) WithdrawInvites(ctx context.Context, by PersonID) error {
	open, err := s.waiting(ctx)
	if err != nil {
		return fmt.Errorf("withdraw invites of person %d: %w", by, err)
	}
	for _, i := range open {
		if i.By != by {
			continue
		}
		if err := s.WithdrawInvite(ctx, i.ID, by); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return nil
}

// UseInvite takes an invite and gives the person its role, at most once. ErrNotFound when it is unknown, withdrawn, used by
// somebody else or expired, when whoever made it may not give that role any more, or when the person is not stored.
// ErrExists when it would give nothing that the person has not got, or when they made it themselves: it stays open for
// whom it is meant. A higher role than the invite's stays.
//
// Invite and person live in different shards, so this goes in three steps, and each can be repeated: the invite is claimed
// for the person (of two who press at once one is first), the person gets the role together with a mark that they did, the
// invite is settled. Killed in between, the same person's next press goes on from there.
func (s *Store) UseInvite(ctx context.Context, secret string, who PersonID, by Cause) (Person, Invite, error) {
	id, taker := recognise(secret), recognise(secret+" "+who.member())
	p, err := s.Person(ctx, who)
	if err != nil {
		return Person{}, Invite{}, fmt.Errorf("use invite: %w", err)
	}
	inv, err := s.claimInvite(ctx, id, taker, p)
	if err != nil || inv.Granted {
		// Granted: the same person pressed again. They are told nothing else than the first time.
		return p, inv.Invite, err
	}
	// The mark has no end: as long as a claimed invite may stand there, it keeps the role from being given a second time, to
	// somebody from whom it was taken since.
	mark := once{key: "granted:" + id, ttl: 0}
	p, err = s.changePerson(ctx, who, append(by.once(), mark), inv.grant)
	if err != nil {
		return p, inv.Invite, fmt.Errorf("use invite: %w", err)
	}
	return p, inv.Invite, s.settleInvite(ctx, inviteKey(id), who, mark)
}

// claimInvite makes a person the one who takes the invite, if nobody else is and if it may be taken.
func (s *Store) claimInvite(ctx context.Context, id, taker string, p Person) (i invite, err error) {
	err = attempt(ctx, func() error {
		if i, err = s.readInvite(ctx, id); err != nil || i.Taker == taker {
			return err
		}
		if err := s.mayTake(ctx, p, i); err != nil {
			return err
		}
		i.Taker = taker
		_, err = s.apply(ctx, Global, Batch{
			If: []Condition{RevIs(inviteKey(id), i.rev)},
			Do: []Mutation{Put(inviteKey(id), encode(i), 0), Remove(openInvites, id)},
		})
		return err
	})
	if err != nil {
		return i, fmt.Errorf("claim invite: %w", err)
	}
	return i, nil
}

// mayTake tells why a person may not take an invite.
func (s *Store) mayTake(ctx context.Context, p Person, i invite) error {
	switch {
	case !i.free(s.now()):
		return ErrNotFound
	case i.By == p.ID:
		return ErrExists
	case i.By != 0:
		// A right that was taken from its giver is not passed on by a link that was made before.
		giver, err := s.Person(ctx, i.By)
		if err != nil {
			return err
		}
		if !giver.Role.MayGive(i.Role) {
			return ErrNotFound
		}
	}
	after := p.clone()
	_ = i.grant(&after) // gives no error
	if err := after.tidy(); err != nil {
		return err
	}
	if bytes.Equal(encode(p), encode(after)) {
		return ErrExists
	}
	return nil
}

// settleInvite notes in the invite that the role was given, counts it, and then drops the mark that kept the role from being
// given twice.
func (s *Store) settleInvite(ctx context.Context, key string, who PersonID, mark once) error {
	err := attempt(ctx, func() error {
		inv, rev, err := readDoc[invite](ctx, s, Global, key)
		if err != nil || rev == 0 || inv.Granted {
			return err
		}
		// The count goes with the note, so that it is right after any crash.
		inv.Granted = true
		_, err = s.apply(ctx, Global, Batch{
			If: []Condition{RevIs(key, rev)},
			Do: []Mutation{Put(key, encode(inv), causeTTL), Incr(invitesUsed, 1, 0)},
		})
		return err
	})
	if err == nil {
		_, err = s.apply(ctx, who.shard(), Batch{Do: []Mutation{Delete(mark.key)}})
	}
	if err != nil {
		return fmt.Errorf("settle invite: %w", err)
	}
	return nil
}

// readInvite reads an invite; the zero one, which is not free, when it is missing.
func (s *Store) readInvite(ctx context.Context, id string) (invite, error) {
	docs, err := s.b.Get(ctx, Global, inviteKey(id))
	if err != nil {
		return invite{}, err
	}
	return readInvite(id, docs[0])
}

func readInvite(id string, d Doc) (i invite, err error) {
	if d.Rev != 0 {
		i, err = decode[invite](d)
	}
	i.ID, i.rev = id, d.Rev
	return i, err
}

// free tells that the invite is there and waits for somebody.
func (i invite) free(now time.Time) bool {
	return i.rev != 0 && i.Taker == "" && now.Before(i.Expires)
}

// drop lists the mutations that erase an invite.
func (i invite) drop() []Mutation {
	return []Mutation{Delete(inviteKey(i.ID)), Remove(openInvites, i.ID)}
}

// grant gives a person what the invite is for.
func (i invite) grant(p *Person) error {
	if !p.Role.AtLeast(i.Role) {
		p.Role = i.Role
	}
	p.MemberOf = slices.Concat(p.MemberOf, i.Bodies)
	if i.Role == Coordinator {
		p.Coordinates = slices.Concat(p.Coordinates, i.Bodies)
	}
	return nil
}

// inviteTTL lets an invite that nobody used go some time after it expired. A claimed one stays until it is settled.
func (s *Store) inviteTTL(expires time.Time) time.Duration {
	return max(0, expires.Sub(s.now())) + causeTTL
}

// inviteKey names the document of an invite. Its id comes from [recognise], so who reads the store, or a backup of it, cannot
// use what stands there.
func inviteKey(id string) string { return "invite:" + id }

// recognise gives what a secret can be recognised by: 128 bits, short enough for the data of a button.
func recognise(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:16])
}
