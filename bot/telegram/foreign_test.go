package telegram

import (
	"testing"

	"recbot/bot"
)

// Whatever is not the Bot API's own answer leaves it open whether a letter was passed on: taken for "later", an announcement
// would be sent twice.
func TestForeignAnswers(t *testing.T) {
	t.Parallel()
	for _, status := range []int{500, 502, 503, 504, 520} {
		if r := foreign(status); r.Fate != bot.FateUnknown {
			t.Errorf("status %d, not from the Bot API: %s", status, r.Fate)
		}
	}
}
