package dispatch

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
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

// TestPassedOverButtonsTakeOnePlace presses many buttons behind a full lane while Telegram takes long to accept a word over the
// chat: one such word is on its way and no update waits for it, or one chat would take everybody's room.
func TestPassedOverButtonsTakeOnePlace(t *testing.T) {
	t.Parallel()
	const takes = 20 * time.Second
	words := make(chan struct{}, maxInHand)
	inBubble(t, func(o *Options) {
		o.Fallback, o.PerMinute = slow(time.Minute, "Slow"), 1000
		send := o.Send
		o.Send = func(ctx context.Context, l *bot.Letter) bot.Receipt {
			if l.Kind == bot.LetterToast {
				words <- struct{}{}
				time.Sleep(takes)
			}
			return send(ctx, l)
		}
	}, func(b *bench) {
		for range laneDepth + 1 {
			b.handle(b.from(5, "a"))
		}
		for _, round := range []string{"the first presses", "presses after the word arrived"} {
			for range 100 {
				if done := b.handle(b.from(5, "[fo]")); !settledNow(done) {
					t.Fatalf("%s: a button behind a full lane is not settled", round)
				}
			}
			if got := len(words); got != 1 {
				t.Errorf("%s: %d words are on their way, want 1", round, got)
			}
			if got := len(b.room); got != laneDepth+1 {
				t.Errorf("%s: %d places are taken, want one for each of the %d on the lane", round, got, laneDepth+1)
			}
			time.Sleep(takes + time.Second)
			<-words
		}
		b.heard()
	})
}

// TestClosingWaitsForWordsAside closes while a passed-over button is being told so, behind a lane that is gone by then: the word
// is waited for, but for no longer than Close may take, and is no error.
func TestClosingWaitsForWordsAside(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		patience time.Duration
		said     bool
	}{
		{"it arrives in time", time.Minute, true},
		{"it takes too long", 10 * time.Second, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var said atomic.Bool
			inBubble(t, func(o *Options) {
				o.Fallback, o.PerMinute = slow(10*time.Millisecond, "Quick"), 1000
				o.Send = func(_ context.Context, l *bot.Letter) bot.Receipt {
					if l.Kind == bot.LetterToast {
						time.Sleep(30 * time.Second)
						said.Store(true)
					}
					return bot.Receipt{Fate: bot.FateSent}
				}
			}, func(b *bench) {
				for range laneDepth + 1 {
					b.handle(b.from(5, "a"))
				}
				b.handle(b.from(5, "[fo]"))
				time.Sleep(5 * time.Second)
				b.Dispatcher.mu.Lock()
				hand, lanes := len(b.hand), len(b.lanes)
				b.Dispatcher.mu.Unlock()
				if hand != 0 || lanes != 0 || b.Idle() {
					t.Errorf("%d in hand, %d lanes, idle %t: want only the word to be left", hand, lanes, b.Idle())
				}
				ctx, cancel := context.WithTimeout(b.t.Context(), tc.patience)
				defer cancel()
				if err := b.Close(ctx); err != nil || said.Load() != tc.said {
					t.Errorf("closing: %v, said %t, want %t", err, said.Load(), tc.said)
				}
				time.Sleep(time.Minute)
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
