package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recbot/store"
)

// TestKillAroundTheIntake kills the real binary with kill -9 at every step between an update's coming and its confirmation
// to Telegram, by polling and by the webhook, and starts it again. Every update is dealt with, in order, and of each chat at
// most the one in flight is answered twice; what it does it does once.
func TestKillAroundTheIntake(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		webhook bool
		own     []point
	}{
		{"polling", false, []point{{{polled, "", 1}}, {{polled, "", 2}}, {{confirmed, "", 1}}, {{confirmed, "", 2}}}},
		{"webhook", true, []point{{{brought, "", 1}}, {{brought, "", 9}}, {{answered, "", 1}}, {{answered, "", 9}}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			scene{
				named: slices.Concat(tc.own, around("effect", 1), around("effect", followers*2), around("mark", 1), around("mark", written),
					[]point{{{lost, "", 1}}, {{lost, "", written}}, {{taken, "", 1}}, {{taken, "", written}}}),
				redis: []point{{{after, "effect", 3}}, {{taken, "", 5}}},
				draw:  func(luck *rand.Rand) point { return drawnOfIntake(luck, tc.own) },
				play: func(t *testing.T, p point, seed uint64, redis string) {
					f := newFatal(t, seed, redis)
					if tc.webhook {
						f.front = newFront(t, f.exchange)
					}
					f.work(nil, f.greet)
					f.write()
					f.dieAt(p)
					f.listen()
					f.judgeAnswers()
				},
			}.eachPoint(t)
		})
	}
}

const (
	followers = 4                   // who write; the organizer does too
	written   = 3 * (followers + 1) // updates: more in a second, and a chat has to wait
)

// drawnOfIntake draws a point around the intake by lot.
func drawnOfIntake(luck *rand.Rand, own []point) point {
	n := 1 + luck.IntN(written)
	switch luck.IntN(6) {
	case 0:
		return point{{lost, "", n}}
	case 1:
		return point{{taken, "", n}}
	case 2:
		return point{{called, "", luck.IntN(150)}}
	case 3:
		return own[luck.IntN(len(own))]
	case 4:
		return around("effect", 1+luck.IntN(followers*2))[luck.IntN(2)]
	}
	return around("mark", n)[luck.IntN(2)]
}

// line is something that somebody writes, and a part of its answer that no other one has.
type line struct{ says, hears string }

var (
	// Following is kept as an effect of its update, a draft is not, but made of it.
	byFollower  = []line{{"/follow b", "You follow now: Working Group (b)"}, {"/help", "/meetings"}, {"/follow d", "You follow now: Working Group (d)"}}
	byOrganizer = []line{{"/announce", "New announcement"}, {"/help", "/meetings"}, {"/announce", "New announcement"}}
)

// writers gives what everybody writes, in this order.
func writers() map[store.PersonID][]line {
	all := map[store.PersonID][]line{announcer: byOrganizer}
	for _, who := range invitees[:followers] {
		all[who] = byFollower
	}
	return all
}

// greet leaves the store of a bot that knows who will write.
func (f *fatal) greet(ctx context.Context, s *store.Store) error {
	for who := range writers() {
		err := settle(ctx, s, f.person(who), func(p *store.Person) {
			if who == announcer {
				p.Role = store.Organizer
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// write lets everybody write all they have to, by turns, before any bot runs.
func (f *fatal) write() {
	f.t.Helper()
	for n := range byFollower {
		for who, lines := range writers() {
			f.say(who, lines[n].says)
		}
	}
}

// listen lets a bot live until everything is dealt with.
func (f *fatal) listen() {
	f.t.Helper()
	p := f.start("")
	p.ready() // there may be nothing left to deal with
	eventually(f.t, soon, "every update is dealt with", f.Idle)
	p.stop()
}

// judgeAnswers looks at what everybody heard, and at what came of what they wrote.
func (f *fatal) judgeAnswers() {
	f.t.Helper()
	for who, lines := range writers() {
		if wrong := outOfOrder(f.sent(who), lines); wrong != "" {
			f.t.Errorf("person %d: %s: %q", who, wrong, f.sent(who))
		}
	}
	f.work(nil, func(ctx context.Context, s *store.Store) error {
		for _, who := range invitees[:followers] {
			p, err := s.Person(ctx, who)
			if err != nil {
				return err
			}
			if diff := cmp.Diff([]store.Topic{"rec", "wg-b", "wg-d"}, p.Topics); diff != "" {
				f.t.Errorf("what person %d follows (-want +got):\n%s", who, diff)
			}
		}
		drafts, err := s.Drafts(ctx)
		if len(drafts) != 2 {
			f.t.Errorf("of two announcements that were begun there are %d drafts", len(drafts))
		}
		return err
	})
}

// outOfOrder tells what is wrong with the answers to some lines: each has one, in order, and at most one of them has two.
func outOfOrder(answers []string, lines []line) string {
	next, doubled := 0, 0
	for _, a := range answers {
		switch {
		case next < len(lines) && strings.Contains(a, lines[next].hears):
			next++
		case next > 0 && strings.Contains(a, lines[next-1].hears):
			doubled++
		default:
			return fmt.Sprintf("%q is no answer after %d lines", a, next)
		}
	}
	switch {
	case next < len(lines):
		return fmt.Sprintf("%d of %d lines are answered", next, len(lines))
	case doubled > 1:
		return fmt.Sprintf("%d answers came twice", doubled)
	}
	return ""
}
