package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// offer makes an invite of somebody.
func (w *world) offer(t testing.TB, by store.PersonID, role store.Role, bodies ...string) string {
	t.Helper()
	secret, err := w.MakeInvite(t.Context(), store.Invite{Role: role, Bodies: bodies, By: by, Expires: w.Now().Add(time.Hour)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// waiting lists who made the open invites and what they give, and their ids.
func (w *world) waiting(t testing.TB) (open, ids []string) {
	t.Helper()
	list, err := w.OpenInvites(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		open, ids = append(open, fmt.Sprintf("%d %s %s", i.By, i.Role, i.Bodies)), append(ids, i.ID)
	}
	return open, ids
}

func TestInvitesAreListedAndWithdrawn(t *testing.T) {
	t.Parallel()
	invitesListed(t, newWorld(t))
}

func invitesListed(t *testing.T, w *world) {
	w.greet(t, 1, func(p *store.Person) { p.Role = store.Owner })
	w.greet(t, 2, func(p *store.Person) { p.Role = store.Organizer })
	w.greet(t, 7, nil)
	w.greet(t, 8, nil)
	expect := func(when string, want ...string) (ids []string) {
		t.Helper()
		open, ids := w.waiting(t)
		if diff := cmp.Diff(want, open); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
		return ids
	}
	w.offer(t, 1, store.Organizer)
	w.at("2026-12-01 09:10")
	taken := w.offer(t, 2, store.Delegate, "wg-b")
	w.at("2026-12-01 09:20")
	w.offer(t, 2, store.Delegate)
	ids := expect("three were made", "1 organizer []", "2 delegate [wg-b]", "2 delegate []")
	if err := w.WithdrawInvite(t.Context(), ids[0], 2); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("one of somebody else: got %v, want ErrNotFound", err)
	}
	if err := w.use(taken, 7); err != nil {
		t.Fatal(err)
	}
	if err := w.WithdrawInvite(t.Context(), ids[1], 2); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("one that was taken: got %v, want ErrNotFound", err)
	}
	expect("one was taken", "1 organizer []", "2 delegate []")
	withdrawn := w.offer(t, 2, store.Delegate, "wg-a")
	if err := w.WithdrawInvites(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	expect("those of one person are withdrawn", "1 organizer []")
	if err := w.use(withdrawn, 8); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a withdrawn one: got %v, want ErrNotFound", err)
	}
	late := w.offer(t, 1, store.Coordinator, "wg-b")
	if err := w.WithdrawInvite(t.Context(), ids[0], 0); err != nil {
		t.Fatal(err)
	}
	expect("whoever may withdraw all withdrew one", "1 coordinator [wg-b]")
	w.at("2026-12-01 10:20")
	expect("the last one expired")
	if members, _, err := w.Backend().Members(t.Context(), store.Global, "invites", "", 10); err != nil || len(members) > 0 {
		t.Errorf("left on the list: %v, %v", members, err)
	}
	if err := w.use(late, 8); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an expired one: got %v, want ErrNotFound", err)
	}
}

// TestInviteOfSomebody asks again, when an invite is used, whether who made it may give what it gives.
func TestInviteOfSomebody(t *testing.T) {
	t.Parallel()
	demote := func(role store.Role) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			_, err := w.ChangePerson(t.Context(), 2, store.Cause{}, func(p *store.Person) error { p.Role = role; return nil })
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tc := range []struct {
		name string
		role store.Role
		then func(*testing.T, *world)
		has  func(*store.Person) // of who presses
		want error
	}{
		{"Nothing happened in between", store.Delegate, func(*testing.T, *world) {}, nil, nil},
		{"The giver lost the role", store.Delegate, demote(store.Delegate), nil, store.ErrNotFound},
		{"The giver still has a role, which does not suffice", store.Coordinator, demote(store.Organizer), nil, store.ErrNotFound},
		{"The giver had themselves forgotten", store.Delegate, func(t *testing.T, w *world) {
			if err := w.Forget(t.Context(), 2); err != nil {
				t.Fatal(err)
			}
		}, nil, store.ErrNotFound},
		{"Who presses has more already", store.Delegate, func(*testing.T, *world) {},
			func(p *store.Person) { p.Role, p.MemberOf = store.Coordinator, []string{"wg-a", "wg-b"} }, store.ErrExists},
		{"Who presses has the role and not the membership", store.Delegate, func(*testing.T, *world) {},
			func(p *store.Person) { p.Role, p.MemberOf = store.Organizer, []string{"wg-a"} }, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.greet(t, 2, func(p *store.Person) { p.Role = store.Owner })
			w.greet(t, 7, tc.has)
			w.greet(t, 8, nil)
			secret := w.offer(t, 2, tc.role, "wg-b")
			if err := w.use(secret, 2); !errors.Is(err, store.ErrExists) {
				t.Errorf("their own link: got %v, want ErrExists", err)
			}
			tc.then(t, w)
			if err := w.use(secret, 7); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
			// What gave nothing stays open for whom it was meant.
			free := tc.want == store.ErrExists
			if err := w.use(secret, 8); (err == nil) != free {
				t.Errorf("the next who presses: %v; want it free: %t", err, free)
			}
		})
	}
}
