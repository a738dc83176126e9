package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

// The counters of the global shard that say how many invites were made and how many were used.
const (
	invitesMade = "invites made"
	invitesUsed = "invites used"
)

// invite is a right that waits for whoever presses its link first. The secret itself is not kept, nor who took it: only
// what it takes to recognise both.
type invite struct {
	Role    Role      `json:"role"`
	Bodies  []string  `json:"bodies,omitempty"`
	Expires time.Time `json:"expires"`
	Taker   string    `json:"taker,omitempty"` // whoever pressed first
	Granted bool      `json:"granted,omitempty"`
}

// Invite makes a one-use secret that gives a role, and membership of bodies. It is 26 letters and digits, and so fits the
// start parameter of a t.me link.
func (s *Store) Invite(ctx context.Context, role Role, bodies []string, expires time.Time) (secret string, err error) {
	secret = rand.Text()
	key := inviteKey(secret)
	_, err = s.apply(ctx, Global, Batch{
		If: []Condition{Absent(key)},
		Do: []Mutation{
			Put(key, encode(invite{Role: role, Bodies: bodies, Expires: expires.UTC()}), s.inviteTTL(expires)),
			Incr(invitesMade, 1, 0),
		},
	})
	if err != nil {
		return "", fmt.Errorf("make invite: %w", err)
	}
	return secret, nil
}

// UseInvite takes an invite and gives the person its role, at most once. ErrNotFound when it is unknown, used by somebody
// else or expired, or when the person is not stored. A higher role than the invite's stays.
//
// Invite and person live in different shards, so this goes in three steps, and each can be repeated: the invite is claimed
// for the person (of two who press at once one is first), the person gets the role together with a mark that they did, the
// invite is settled. Killed in between, the same person's next press goes on from there.
func (s *Store) UseInvite(ctx context.Context, secret string, who PersonID, by Cause) (Person, error) {
	key, taker := inviteKey(secret), recognise(secret+" "+who.member())
	p, err := s.Person(ctx, who)
	if err != nil {
		return Person{}, fmt.Errorf("use invite: %w", err)
	}
	inv, err := s.claimInvite(ctx, key, taker)
	if err != nil || inv.Granted {
		// Granted: the same person pressed again. They are told nothing else than the first time.
		return p, err
	}
	// The mark has no end: as long as a claimed invite may stand there, it keeps the role from being given a second time, to
	// somebody from whom it was taken since.
	mark := once{key: "granted:" + key, ttl: 0}
	p, err = s.changePerson(ctx, who, append(by.once(), mark), inv.grant)
	if err != nil {
		return p, fmt.Errorf("use invite: %w", err)
	}
	return p, s.settleInvite(ctx, key, who, mark)
}

// claimInvite makes a person the one who takes the invite, if nobody else is.
func (s *Store) claimInvite(ctx context.Context, key, taker string) (inv invite, err error) {
	err = changeDoc(ctx, s, Global, key, 0, func(i *invite) bool {
		free := i.Taker == "" && s.now().Before(i.Expires)
		if free {
			i.Taker = taker
		}
		inv = *i
		return free
	})
	if err == nil && inv.Taker != taker {
		err = ErrNotFound
	}
	if err != nil {
		return inv, fmt.Errorf("claim invite: %w", err)
	}
	return inv, nil
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

// inviteKey names the document of an invite. Who reads the store, or a backup of it, cannot use what stands there.
func inviteKey(secret string) string { return "invite:" + recognise(secret) }

// recognise gives what a secret can be recognised by.
func recognise(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
