package main

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
)

// oneFate is a wire on which every letter comes to the same end.
type oneFate bot.Fate

func (w oneFate) Send(context.Context, *bot.Letter) bot.Receipt {
	return bot.Receipt{Fate: bot.Fate(w)}
}

func TestFatesOfTheLastDay(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 12, 1, 9, 30, 0, 0, time.UTC)
	now := begin
	f := newFates(nil, func() time.Time { return now })
	send := func(fate bot.Fate, kind bot.LetterKind) {
		f.Wire = oneFate(fate)
		f.Send(t.Context(), &bot.Letter{Kind: kind})
	}
	send(bot.FateSent, bot.LetterSend)
	send(bot.FateSent, bot.LetterToast) // no letter
	now = begin.Add(20 * time.Hour)
	send(bot.FateGone, bot.LetterSend)
	send(bot.FateSent, bot.LetterEdit)
	for _, tc := range []struct {
		name  string
		after time.Duration
		since string
		want  map[bot.Fate]int
	}{
		{"on the first day all there is", 20 * time.Hour, "2026-12-01 09:30", map[bot.Fate]int{bot.FateSent: 2, bot.FateGone: 1}},
		{"later whole hours", 23*time.Hour + 40*time.Minute, "2026-12-01 10:00", map[bot.Fate]int{bot.FateSent: 1, bot.FateGone: 1}},
		{"two days later nothing", 48 * time.Hour, "2026-12-02 10:00", map[bot.Fate]int{}},
	} {
		now = begin.Add(tc.after)
		since, got := f.lastDay()
		if diff := cmp.Diff(tc.want, got); diff != "" || since.UTC().Format("2006-01-02 15:04") != tc.since {
			t.Errorf("%s: since %s, want %s (-want +got):\n%s", tc.name, since.UTC(), tc.since, diff)
		}
	}
}

func TestTheLastTroubleIsRemembered(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 9, 30, 0, 0, time.UTC)
	var out strings.Builder
	kept := newTroubles(slog.New(slog.NewTextHandler(&out, nil)), func() time.Time { return now })
	log := slog.New(kept)
	log.Warn("only a warning")
	if kept.last.Load() != nil {
		t.Error("a warning counts as an error")
	}
	log.With("job", "x").WithGroup("g").Error("first", "chat", 4711)
	log.Error("second", "err", "secret")
	if got := kept.last.Load(); got == nil || got.what != "second" || !got.at.Equal(now) {
		t.Errorf("remembered: %+v", got)
	}
	for _, want := range []string{"only a warning", "job=x g.chat=4711", "err=secret"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, &out)
		}
	}
	silent := newTroubles(nil, func() time.Time { return now })
	slog.New(silent).Error("nobody reads this")
	if got := silent.last.Load(); got == nil || got.what != "nobody reads this" {
		t.Errorf("without a log: %+v", got)
	}
}
