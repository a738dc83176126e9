package dispatch

import (
	"testing"
	"time"

	"recbot/bot"
	"recbot/store"
)

// Killed before Telegram was told that they are settled, both updates come again, and in their order.
func TestBlockedAndBackTwice(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		b.types(5, "a", "5 Fallback/ru")
		out, in := member(b, 5, bot.MemberOut), member(b, 5, bot.MemberIn)
		for range 2 {
			b.handle(out)
			b.handle(in)
			b.heard()
		}
		if p := b.person(5); p.Unreachable != "" {
			t.Errorf("who came back is %q", p.Unreachable)
		}
	})
}

// What breaks behind the handler breaks for one update: the intake has to go on behind it.
func TestPanicsBehindTheHandler(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		breaks func(*Options)
		want   []string
	}{
		{"a reply cannot be rendered", func(o *Options) {
			o.Render = func(r *bot.Reply, to store.Person, now time.Time) (*bot.Letter, error) {
				if r.Parts[0].Key == "Fallback" {
					panic("no such page")
				}
				return render(r, to, now)
			}
		}, []string{"5 Apology 000101/ru"}},
		{"nothing can be rendered", func(o *Options) {
			o.Render = func(*bot.Reply, store.Person, time.Time) (*bot.Letter, error) { panic("no such page") }
		}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inBubble(t, tc.breaks, func(b *bench) {
				u := b.from(5, "a")
				done := b.handle(u)
				b.want(tc.want...)
				if !settledNow(done) || !b.marked(u) {
					t.Errorf("settled %t, marked %t", settledNow(done), b.marked(u))
				}
			})
		})
	}
}

// What nobody would be answered for is not answered without a store either: in a group the bot may hear every word.
func TestStoreOutOfReachSilence(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		if err := b.backend.Close(); err != nil {
			t.Fatal(err)
		}
		for _, u := range []*bot.Update{
			inGroup(b.from(5, "words among people")), member(b, 5, bot.MemberOut), member(b, 5, bot.MemberIn),
		} {
			if done := b.handle(u); !settledNow(done) {
				t.Errorf("update %d is not settled", u.ID)
			}
			b.want()
		}
		b.handle(inGroup(b.from(5, "/agenda")))
		b.want("-7 TryAgainSoon/ru")
	})
}
