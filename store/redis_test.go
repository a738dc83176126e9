package store_test

import (
	"testing"

	"recbot/store/storetest"
)

// TestOnRedis plays on a real server what other tests play on the embedded store: what depends most on a backend that keeps
// its promises.
func TestOnRedis(t *testing.T) {
	t.Parallel()
	url := storetest.Redis(t)
	for name, play := range map[string]func(*testing.T, *world){
		"many change one person":      changeTogether,
		"leads are entered first":     leadsInUse,
		"digests are entered first":   digestsInUse,
		"many press one link":         inviteTogether,
		"invites are withdrawn":       invitesListed,
		"who runs things":             holders,
		"two import one file":         importTwiceAtOnce,
		"one button is pressed twice": snoozeOnce,
		"a meeting moves":             importMoves,
		"updates that take long":      intents,
		"what overtakes them":         settleAhead,
		"messages that are edited":    live,
		"the scheduler's last moment": tick,
		"who finds which answers":     entriesSeen,
		"answers are changed":         entriesChange,
		"many ask at once":            askTogether,
		"a question is answered":      answering,
		"questions wait":              remindQuestions,
		"questions are kept":          askings,
		"groups move and go":          groups,
		"owners demote each other":    demoteTogether,
		"letters of the last day":     sentLastDay,
		"an agenda is told once":      wishToldOnce,
		"wishes come true together":   wishesTogether,
		"a wish goes with the person": wishSilenced,
		"wishes are limited":          wishLimits,
		"who is gone is erased":       sweepGone,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, worldOn(t, openRedis(t, url)))
		})
	}
}
