package dispatch

import (
	"context"
	"io"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"recbot/bot"
	"recbot/bot/metrics"
)

// A reply that is sent again because the first may not have arrived is counted.
func TestADirectReplyThatIsSentAgainIsCounted(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	var sends atomic.Int32
	inBubble(t, func(o *Options) {
		o.Metrics = m
		o.Send = func(context.Context, *bot.Letter) bot.Receipt {
			if sends.Add(1) == 1 {
				return bot.Receipt{Fate: bot.FateUnknown}
			}
			return bot.Receipt{Fate: bot.FateSent, Message: 1}
		}
	}, func(b *bench) { b.handle(b.from(5, "a")) })
	page := httptest.NewRecorder()
	m.Handler().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	text, _ := io.ReadAll(page.Body)
	if n := sends.Load(); n != 2 || !strings.Contains(string(text), `recbot_letters_resent_total{class="reply"} 1`) {
		t.Errorf("sent %d times, and no recbot_letters_resent_total{class=\"reply\"} 1", n)
	}
}
