package store_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

func (w *world) invite(t testing.TB, role store.Role, bodies ...string) string {
	t.Helper()
	secret, err := w.MakeInvite(t.Context(), store.Invite{Role: role, Bodies: bodies, Expires: w.Now().Add(15 * time.Minute)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// use takes an invite without an update.
func (w *world) use(secret string, who store.PersonID) error {
	_, _, err := w.UseInvite(context.Background(), secret, who, store.Cause{})
	return err
}

// used reads how many invites were made and used.
func (w *world) used(t testing.TB) [2]int64 {
	t.Helper()
	n, err := w.Backend().Counters(t.Context(), store.Global, "invites made", "invites used")
	if err != nil {
		t.Fatal(err)
	}
	return [2]int64{n[0], n[1]}
}

func TestInvite(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		has    func(*store.Person)
		role   store.Role
		bodies []string
		want   store.Person
	}{
		{"A guest becomes a delegate", nil, store.Delegate, []string{"wg-a"}, store.Person{Role: store.Delegate, MemberOf: []string{"wg-a"}}},
		{"A guest becomes the owner", nil, store.Owner, nil, store.Person{Role: store.Owner}},
		{"A coordinator is a member of what they coordinate", nil, store.Coordinator, []string{"wg-b"},
			store.Person{Role: store.Coordinator, MemberOf: []string{"wg-b"}, Coordinates: []string{"wg-b"}}},
		{"A higher role stays, membership grows", func(p *store.Person) { p.Role, p.MemberOf = store.Organizer, []string{"exec"} }, store.Delegate, []string{"wg-a"},
			store.Person{Role: store.Organizer, MemberOf: []string{"exec", "wg-a"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.greet(t, 7, tc.has)
			secret := w.invite(t, tc.role, tc.bodies...)
			if !regexp.MustCompile(`^[A-Z0-9]{26}$`).MatchString(secret) {
				t.Errorf("secret %q does not fit a start parameter", secret)
			}
			p, _, err := w.UseInvite(t.Context(), secret, 7, store.Cause{Update: 1, Step: "invite"})
			if err != nil {
				t.Fatal(err)
			}
			got := store.Person{Role: p.Role, MemberOf: p.MemberOf, Coordinates: p.Coordinates}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("person (-want +got):\n%s", diff)
			}
			if got, want := w.used(t), [2]int64{1, 1}; got != want {
				t.Errorf("made and used: %v, want %v", got, want)
			}
		})
	}
}

func TestInviteRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		do   func(w *world, secret string) error
	}{
		{"An unknown one", func(w *world, secret string) error { return w.use(secret+"X", 7) }},
		{"One without letters", func(w *world, _ string) error { return w.use("", 7) }},
		{"One that is expired", func(w *world, secret string) error {
			w.at("2026-12-01 09:15")
			return w.use(secret, 7)
		}},
		{"One that somebody else used", func(w *world, secret string) error {
			if err := w.use(secret, 8); err != nil {
				return err
			}
			return w.use(secret, 7)
		}},
		{"By somebody who never spoke to the bot", func(w *world, secret string) error { return w.use(secret, 9) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.greet(t, 7, nil)
			w.greet(t, 8, nil)
			secret := w.invite(t, store.Owner)
			if err := tc.do(w, secret); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("got %v, want ErrNotFound", err)
			}
			if p, err := w.Person(t.Context(), 7); err != nil || p.Role != "" {
				t.Errorf("role %q, %v; want none", p.Role, err)
			}
		})
	}
}

// TestInviteTogether lets many press one link at once: one of them gets the role.
func TestInviteTogether(t *testing.T) {
	t.Parallel()
	inviteTogether(t, newWorld(t))
}

func inviteTogether(t *testing.T, w *world) {
	const people = 8
	for id := range people {
		w.greet(t, store.PersonID(id+1), nil)
	}
	secret := w.invite(t, store.Owner)
	var wg sync.WaitGroup
	for id := range people {
		wg.Go(func() {
			_, _, err := w.UseInvite(context.Background(), secret, store.PersonID(id+1), store.Cause{Update: store.UpdateID(id + 1), Step: "invite"})
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				t.Errorf("person %d: %v", id+1, err)
			}
		})
	}
	wg.Wait()
	owners := 0
	for id := range people {
		p, err := w.Person(t.Context(), store.PersonID(id+1))
		if err != nil {
			t.Fatal(err)
		}
		if p.Role == store.Owner {
			owners++
		}
	}
	if got, want := w.used(t), [2]int64{1, 1}; owners != 1 || got != want {
		t.Errorf("%d owners, made and used %v; want 1 and %v", owners, got, want)
	}
}

// TestInviteKilled dies behind each batch in turn. The same update comes again, or the person presses once more: they have
// the role then, they do not get it anew after it was taken from them, and nobody else can use the link.
func TestInviteKilled(t *testing.T) {
	t.Parallel()
	for dies := range 6 {
		for _, late := range []bool{false, true} {
			t.Run(fmt.Sprintf("after %d batches, pressed again after it expired: %t", dies, late), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				ctx := t.Context()
				w.greet(t, 7, nil)
				w.greet(t, 8, nil)
				secret := w.invite(t, store.Delegate, "wg-a")
				w.b.fail(dieAfter(dies))
				_, _, _ = w.UseInvite(ctx, secret, 7, store.Cause{Update: 1, Step: "invite"})
				w.b.fail(nil)
				if late {
					w.at("2026-12-01 12:00")
				}
				p, _, err := w.UseInvite(ctx, secret, 7, store.Cause{Update: 1, Step: "invite"})
				if late && dies == 0 {
					if !errors.Is(err, store.ErrNotFound) {
						t.Errorf("nothing was claimed in time: got %v, want ErrNotFound", err)
					}
					return
				}
				if err != nil || p.Role != store.Delegate || !p.Is("wg-a") {
					t.Fatalf("role %q of %v, %v", p.Role, p.MemberOf, err)
				}
				if _, err := w.ChangePerson(ctx, 7, store.Cause{}, func(p *store.Person) error { p.Role, p.MemberOf = "", nil; return nil }); err != nil {
					t.Fatal(err)
				}
				if p, _, err := w.UseInvite(ctx, secret, 7, store.Cause{Update: 2, Step: "invite"}); err != nil || p.Role != "" {
					t.Errorf("given twice: role %q, %v", p.Role, err)
				}
				if _, _, err := w.UseInvite(ctx, secret, 8, store.Cause{Update: 3, Step: "invite"}); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("by somebody else: got %v, want ErrNotFound", err)
				}
				if got, want := w.used(t), [2]int64{1, 1}; got != want {
					t.Errorf("made and used: %v, want %v", got, want)
				}
			})
		}
	}
}

// TestInviteRevokedBetween takes the role away between a crash and the next press: it is not given anew.
func TestInviteRevokedBetween(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.greet(t, 7, nil)
	secret := w.invite(t, store.Delegate)
	w.b.fail(dieAfter(2)) // claimed and given, not yet settled
	if _, _, err := w.UseInvite(ctx, secret, 7, store.Cause{Update: 1, Step: "invite"}); !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("got %v, want ErrUnavailable", err)
	}
	w.b.fail(nil)
	if p, err := w.Person(ctx, 7); err != nil || p.Role != store.Delegate {
		t.Fatalf("role %q, %v", p.Role, err)
	}
	if _, err := w.ChangePerson(ctx, 7, store.Cause{}, func(p *store.Person) error { p.Role = ""; return nil }); err != nil {
		t.Fatal(err)
	}
	if p, _, err := w.UseInvite(ctx, secret, 7, store.Cause{Update: 2, Step: "invite"}); err != nil || p.Role != "" {
		t.Errorf("given twice: role %q, %v", p.Role, err)
	}
}

// TestMayGive holds who may invite whom.
func TestMayGive(t *testing.T) {
	t.Parallel()
	roles := []store.Role{"", store.Guest, store.Delegate, store.Coordinator, store.Organizer, store.Owner}
	for _, tc := range []struct {
		name  string
		giver store.Role
		gives []store.Role
	}{
		{"Owners give every role below their own", store.Owner, roles[:5]},
		{"Organizers make delegates, and nobody of their own level or just below", store.Organizer, roles[:3]},
		{"Coordinators invite nobody", store.Coordinator, nil},
		{"Delegates invite nobody", store.Delegate, nil},
		{"Guests invite nobody", "", nil},
	} {
		var got []store.Role
		for _, r := range roles {
			if tc.giver.MayGive(r) {
				got = append(got, r)
			}
		}
		if diff := cmp.Diff(tc.gives, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

// TestForgetTakesInvitesAlong leaves nothing on the list that names a person who had themselves forgotten.
func TestForgetTakesInvitesAlong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.greet(t, 2, func(p *store.Person) { p.Role = store.Owner })
	w.offer(t, 2, store.Delegate)
	w.offer(t, 3, store.Delegate)
	if err := w.Forget(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if open, _ := w.waiting(t); len(open) != 1 || open[0] != "3 delegate []" {
		t.Errorf("open: %v", open)
	}
}

// TestInviteOfOneUpdate makes an invite for an update that comes again: the first secret was perhaps never shown.
func TestInviteOfOneUpdate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.greet(t, 2, func(p *store.Person) { p.Role = store.Organizer })
	w.greet(t, 7, nil)
	i := store.Invite{Role: store.Delegate, By: 2, Expires: w.Now().Add(time.Hour)}
	var secrets []string
	for range 2 {
		secret, err := w.MakeInvite(t.Context(), i, 77)
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, secret)
	}
	if open, _ := w.waiting(t); len(open) != 1 {
		t.Errorf("open: %v; want one", open)
	}
	if err := w.use(secrets[0], 7); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the first secret: got %v, want ErrNotFound", err)
	}
	if err := w.use(secrets[1], 7); err != nil {
		t.Errorf("the second secret: %v", err)
	}
}

// TestTooManyInvites counts those of one person; whoever runs the bot has no limit.
func TestTooManyInvites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range store.MaxInvites {
		w.offer(t, 2, store.Delegate)
		w.offer(t, 0, store.Owner)
	}
	i := store.Invite{Role: store.Delegate, By: 2, Expires: w.Now().Add(time.Hour)}
	if _, err := w.MakeInvite(t.Context(), i, 0); !errors.Is(err, store.ErrTooMany) {
		t.Errorf("got %v, want ErrTooMany", err)
	}
	w.offer(t, 3, store.Delegate)
	w.offer(t, 0, store.Owner)
}
