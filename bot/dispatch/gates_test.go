package dispatch

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/store"
)

func TestNewcomersAreGreeted(t *testing.T) {
	t.Parallel()
	var isNew []bool
	inBubble(t, func(o *Options) {
		o.Fallback = func(_ context.Context, r *bot.Request) (*bot.Reply, error) {
			isNew = append(isNew, r.New)
			return bot.Say("Hello"), nil
		}
	}, func(b *bench) {
		b.types(5, "a", "5 Hello/ru")
		b.types(5, "b", "5 Hello/ru")
		want := store.Newcomer(5, store.Russian, start)
		want.LastLook = start
		got := b.person(5)
		got.Rev = 0
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("record (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]bool{true, false}, isNew); diff != "" {
			t.Errorf("new (-want +got):\n%s", diff)
		}
	})
}

func TestOwnersOfTheConfiguration(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		if _, err := b.store.Greet(b.t.Context(), store.Newcomer(1, store.Uzbek, start)); err != nil {
			t.Fatal(err)
		}
		b.types(1, "/announce", "1 Announce/uz")
		if got := b.person(1).Role; got != store.Owner {
			t.Errorf("role %q", got)
		}
	})
}

func TestLastLookIsKeptByTheHour(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		for _, tc := range []struct{ after, want time.Duration }{
			{0, 0}, {59 * time.Minute, 0}, {time.Hour, time.Hour}, {90 * time.Minute, time.Hour}, {2 * time.Hour, 2 * time.Hour},
		} {
			b.now = start.Add(tc.after)
			b.types(5, "a", "5 Fallback/ru")
			if got := b.person(5).LastLook.Sub(start); got != tc.want {
				t.Errorf("after %s the last look is at %s, want %s", tc.after, got, tc.want)
			}
		}
	})
}

func member(b *bench, who store.PersonID, m bot.Membership) *bot.Update {
	u := b.from(who, "")
	u.Kind, u.Member = bot.UpdateMember, m
	return u
}

func TestBlockedAndBack(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		b.types(5, "a", "5 Fallback/ru")
		b.handle(member(b, 5, bot.MemberOut))
		b.want()
		if p := b.person(5); p.Unreachable == "" || !p.GoneSince.Equal(start) || !p.Follows(store.TopicCouncil) {
			t.Errorf("after blocking: %+v", p)
		}
		b.handle(member(b, 5, bot.MemberIn))
		b.want("5 WelcomeBack/ru")
		if p := b.person(5); p.Unreachable != "" || !p.GoneSince.IsZero() || !p.Back.Equal(start) {
			t.Errorf("after unblocking: %+v", p)
		}
		b.now = start.Add(time.Hour)
		b.handle(member(b, 5, bot.MemberIn)) // was not away
		b.handle(member(b, 6, bot.MemberIn)) // has never been here
		b.want()
		if p := b.person(5); !p.Back.Equal(start) {
			t.Errorf("back since %s although nothing was said, want %s", p.Back, start)
		}
	})
}

func TestTheAnswerComesBeforeTheNoteOfTheLook(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		b.types(5, "a", "5 Fallback/ru")
		b.now = start.Add(2 * time.Hour)
		var known time.Time
		b.answer = func(*bot.Letter) (bot.Receipt, bool) { known = b.person(5).LastLook; return bot.Receipt{}, false }
		b.types(5, "a", "5 Fallback/ru")
		if after := b.person(5).LastLook; !known.Equal(start) || !after.Equal(b.now) {
			t.Errorf("when the answer left the last look was at %s, then at %s; want %s, then %s", known, after, start, b.now)
		}
	})
}

func TestWhoWritesIsReachable(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		b.types(5, "a", "5 Fallback/ru")
		b.handle(member(b, 5, bot.MemberOut))
		b.types(5, "/agenda", "5 Agenda/ru")
		if p := b.person(5); p.Unreachable != "" {
			t.Errorf("still unreachable: %q", p.Unreachable)
		}
	})
}

func inGroup(u *bot.Update) *bot.Update {
	u.Chat, u.Private = -7, false
	return u
}

func TestGroupsGetTheWayToThePrivateChat(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		const way = "-7 GroupPrivateOnly https://t.me/RecBot/"
		b.handle(inGroup(b.from(5, "/agenda")))
		b.want(way + "ru")
		b.handle(inGroup(b.from(5, "/nonsense")))
		b.want(way + "ru")
		b.handle(inGroup(b.from(5, "hello")))
		b.handle(inGroup(member(b, 5, bot.MemberIn)))
		b.want()
		b.handle(inGroup(b.from(5, "[ag:1]")))
		b.want("toast")
		if _, err := b.store.Person(b.t.Context(), 5); err == nil {
			t.Error("who only wrote in a group is stored")
		}
		if _, err := b.store.Greet(b.t.Context(), store.Newcomer(5, store.Uzbek, start)); err != nil {
			t.Fatal(err)
		}
		b.handle(inGroup(b.from(5, "/agenda")))
		b.want(way + "uz")
	})
}

func TestTooMuchInAMinute(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		for range 30 {
			b.types(5, "a", "5 Fallback/ru")
		}
		b.types(5, "a", "5 SlowDown/ru")
		for range 3 {
			b.types(5, "a")
		}
		b.types(5, "[ag:1]", "toast SlowDown/ru")
		b.types(6, "a", "6 Fallback/ru")
		b.now = start.Add(time.Minute)
		b.types(5, "a", "5 Fallback/ru")
		for range 40 {
			b.handle(inGroup(b.from(5, "/a")))
		}
		if n := len(b.heard()); n != 30 {
			t.Errorf("%d answers to 40 commands in a group", n)
		}
	})
}

func TestThrottleForgets(t *testing.T) {
	t.Parallel()
	th := throttle{limit: 1}
	for i := range 2 * fewTallies {
		th.over(store.ChatID(i), start.Add(time.Duration(i)*time.Second))
	}
	if n := len(th.chats); n > fewTallies {
		t.Errorf("%d chats are remembered", n)
	}
	if over := th.over(2*fewTallies-1, start.Add(2*fewTallies*time.Second)); over != 1 {
		t.Errorf("a chat of this minute is forgotten: %d over", over)
	}
}

func TestThrottleOfManyBusyChats(t *testing.T) {
	t.Parallel()
	th := throttle{limit: 1}
	for i := range 3 * fewTallies {
		th.over(store.ChatID(i), start)
	}
	// With room only for those who are there, each update would look through all of them.
	if n := len(th.chats); n != 3*fewTallies || th.room < n+fewTallies {
		t.Errorf("room for %d chats, %d are remembered of %d", th.room, n, 3*fewTallies)
	}
}

func TestKnownForgets(t *testing.T) {
	t.Parallel()
	var k known
	for i := range 10 * generation {
		k.put(store.ChatID(i), store.Person{Language: store.Uzbek, Zone: fmt.Sprint(i)})
	}
	if n := len(k.young) + len(k.old); n > 2*generation {
		t.Errorf("%d chats are remembered", n)
	}
	for _, chat := range []store.ChatID{10*generation - 1, 9*generation + 1} {
		if v, ok := k.get(chat); !ok || v.zone != chat.String() {
			t.Errorf("chat %d is not known: %+v", chat, v)
		}
	}
	if _, ok := k.get(1); ok {
		t.Error("the oldest is still known")
	}
}
