package dispatch

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/bot/metrics"
	"recbot/store"
)

// Somebody who writes faster than they can be answered gets no more answers. Nobody else has to wait for that.
func TestAFullLaneHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	inBubble(t, func(o *Options) {
		o.Fallback, o.PerMinute = slow(time.Second, "Slow"), 1000
	}, func(b *bench) {
		for range laneDepth + 1 {
			b.handle(b.from(5, "a"))
			time.Sleep(time.Millisecond)
		}
		ctx, cancel := context.WithTimeout(b.t.Context(), time.Millisecond)
		defer cancel()
		if done := b.Handle(ctx, b.from(5, "a"), nil); done == nil || !settledNow(done) {
			t.Error("an update behind a full lane is not settled at once")
		}
		done := b.handle(b.from(6, "a"))
		time.Sleep(2 * time.Second)
		if !settledNow(done) {
			t.Error("another chat waits for one whose lane is full")
		}
		time.Sleep(5 * time.Minute)
		if got := len(b.heard()); got < laneDepth+2 {
			t.Errorf("%d answers, want one for each of %d updates", got, laneDepth+2)
		}
	})
}

// What is passed over is counted, and a button stops waiting; what Telegram tells of a person once only is dealt with.
func TestBehindAFullLane(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		update func(b *bench) *bot.Update
		passed int
		said   []string // at once
		gone   bool     // in the end
	}{
		{"a text gets no answer", func(b *bench) *bot.Update { return b.from(5, "a") }, 1, nil, false},
		{"a button stops waiting", func(b *bench) *bot.Update { return b.from(5, "[fo]") }, 1, []string{"toast SlowDown/ru"}, false},
		{"who blocks the bot is gone", func(b *bench) *bot.Update { return member(b, 5, bot.MemberOut) }, 0, nil, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			m := metrics.New()
			inBubble(t, func(o *Options) {
				o.Fallback, o.PerMinute, o.Metrics = slow(time.Second, "Slow"), 1000, m
			}, func(b *bench) {
				for range laneDepth + 1 {
					b.handle(b.from(5, "a"))
				}
				done := b.handle(tc.update(b))
				if diff := cmp.Diff(tc.said, b.heard()); diff != "" || settledNow(done) != (tc.passed > 0) {
					t.Errorf("settled %t, said (-want +got):\n%s", settledNow(done), diff)
				}
				page := httptest.NewRecorder()
				m.Handler().ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
				if line := fmt.Sprintf("recbot_passed_over_updates_total %d\n", tc.passed); !strings.Contains(page.Body.String(), line) {
					t.Errorf("the metrics have no line %q", line)
				}
				time.Sleep(5 * time.Minute)
				said := b.heard()
				if n := len(slices.DeleteFunc(said, func(s string) bool { return s != "5 Slow/ru" })); n != laneDepth+1 {
					t.Errorf("%d answers, want one for each of the %d that were there before", n, laneDepth+1)
				}
				if gone := b.person(5).Unreachable != ""; gone != tc.gone || !settledNow(done) || !b.Idle() {
					t.Errorf("gone %t, settled %t, idle %t", gone, settledNow(done), b.Idle())
				}
			})
		})
	}
}

func TestNoRoom(t *testing.T) {
	t.Parallel()
	inBubble(t, func(o *Options) { o.Fallback = slow(time.Second, "Slow") }, func(b *bench) {
		for who := range store.PersonID(maxInHand) {
			b.handle(b.from(10+who, "a"))
		}
		ctx, cancel := context.WithTimeout(b.t.Context(), time.Millisecond)
		defer cancel()
		if b.Handle(ctx, b.from(5, "a"), nil) != nil {
			t.Error("an update was taken although there is no room")
		}
		done := b.handle(b.from(5, "a")) // waits for room
		time.Sleep(5 * time.Minute)
		if !settledNow(done) {
			t.Error("the update that waited for room is not settled")
		}
		b.heard()
	})
}
