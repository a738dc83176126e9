package dispatch

import (
	"testing"

	"recbot/bot"
	"recbot/store"
)

// TestGroupsMoveAndGo follows a group that becomes a supergroup, of which the bot hears by an update or by a refused letter,
// and from which it is put out, of which it hears in the same two ways. Nothing is said twice, and nothing where it is out.
func TestGroupsMoveAndGo(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		in := func(chat store.ChatID, u *bot.Update) {
			t.Helper()
			u.Chat, u.Private = chat, false
			b.handle(u)
		}
		command := func(chat store.ChatID, want ...string) {
			t.Helper()
			in(chat, b.from(5, "/agenda"))
			b.want(want...)
		}
		fate := func(r bot.Receipt) { b.answer = func(*bot.Letter) (bot.Receipt, bool) { return r, true } }
		const way = " GroupPrivateOnly https://t.me/RecBot/ru"

		command(-7, "-7"+way)
		in(-7, &bot.Update{ID: 700, Kind: bot.UpdateMigrated, MovedTo: -1007})
		in(-7, &bot.Update{ID: 700, Kind: bot.UpdateMigrated, MovedTo: -1007}) // it comes again after a crash
		b.want()
		command(-7, "-1007"+way) // said before it moved, read behind that
		command(-1007, "-1007"+way)

		fate(bot.Receipt{Fate: bot.FateSent, Message: 1, MovedTo: -2007}) // the outbox has followed it
		command(-8, "-8"+way)
		b.answer = nil
		command(-8, "-2007"+way)

		fate(bot.Receipt{Fate: bot.FateGone, Reason: "bot was kicked"})
		command(-8, "-2007"+way)
		b.answer = nil
		command(-8)
		command(-2007)
		in(-2007, member(b, 5, bot.MemberIn))
		b.want()
		command(-2007, "-2007"+way)
		in(-2007, member(b, 5, bot.MemberOut))
		command(-2007)
	})
}
