package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recbot/bot"
	"recbot/store"
	"recbot/store/boltstore"
	"recbot/store/storetest"
)

// oneFate is a wire on which every letter comes to the same end.
type oneFate bot.Fate

func (w oneFate) Send(context.Context, *bot.Letter) bot.Receipt {
	return bot.Receipt{Fate: bot.Fate(w)}
}

// TestFatesOfTheLastDay counts letters of two processes on one store; one of them was restarted, and the store was away.
func TestFatesOfTheLastDay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 9, 30, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	db, err := boltstore.Open(filepath.Join(t.TempDir(), "recbot.db"), boltstore.Options{Now: clock, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	flaky := storetest.NewFlaky(db)
	s := store.New(flaky, clock)
	send := func(f *fates, fate bot.Fate, kind bot.LetterKind) {
		f.Wire = oneFate(fate)
		f.Send(t.Context(), &bot.Letter{Kind: kind})
	}
	one, other := newFates(nil, clock), newFates(nil, clock)
	send(one, bot.FateSent, bot.LetterSend)
	send(one, bot.FateSent, bot.LetterToast) // no letter
	send(one, bot.FateLater, bot.LetterSend) // not at its end
	flaky.Fail(store.ErrUnavailable)
	if err := one.save(t.Context(), s); err == nil {
		t.Error("counts are saved in a store that is away")
	}
	flaky.Fail(nil)
	if err := one.save(t.Context(), s); err != nil { // and the process ends
		t.Fatal(err)
	}
	now = now.Add(20 * time.Hour)
	send(other, bot.FateGone, bot.LetterSend)
	send(other, bot.FateSent, bot.LetterEdit)
	for _, want := range []map[bot.Fate]int{
		{bot.FateSent: 2, bot.FateGone: 1, bot.FateRejected: 0, bot.FateUnknown: 0},
		{bot.FateSent: 1, bot.FateGone: 1, bot.FateRejected: 0, bot.FateUnknown: 0},
	} {
		got, err := other.lastDay(t.Context(), s)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("at %s: %v (-want +got):\n%s", now, err, diff)
		}
		now = now.Add(4 * time.Hour)
	}
}

func TestLagOfTheLatestLetters(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 12, 1, 9, 30, 0, 0, time.UTC)
	var l lags
	if _, n, _ := l.p99(); n != 0 {
		t.Errorf("%d letters before the first", n)
	}
	note := func(from, to int, late time.Duration) {
		for i := from; i < to; i++ {
			l.note(begin.Add(time.Duration(i)*time.Second), late)
		}
	}
	for _, tc := range []struct {
		name     string
		from, to int
		late     time.Duration
		want     time.Duration
		n        int
		since    int // seconds after the beginning
	}{
		{"one letter speaks for itself", 0, 1, 3 * time.Second, 3 * time.Second, 1, 0},
		{"one of two is more than one of a hundred", 1, 2, time.Second, 3 * time.Second, 2, 0},
		{"one of a hundred does not count", 2, 100, time.Second, time.Second, 100, 0},
		{"ten of a thousand do not count", 100, 991, time.Second, time.Second, 991, 0},
		{"eleven of the last thousand do", 991, 1002, time.Minute, time.Minute, 1000, 2},
		{"a thousand later they are forgotten", 1002, 2002, 2 * time.Second, 2 * time.Second, 1000, 1002},
	} {
		note(tc.from, tc.to, tc.late)
		late, n, since := l.p99()
		if late != tc.want || n != tc.n || !since.Equal(begin.Add(time.Duration(tc.since)*time.Second)) {
			t.Errorf("%s: got %s of %d since %s, want %s of %d since second %d", tc.name, late, n, since, tc.want, tc.n, tc.since)
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

// TestTroublesGrowOld asks a process for its last trouble while time passes, and after its clock was set back.
func TestTroublesGrowOld(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 12, 1, 9, 30, 0, 0, time.UTC)
	now := begin
	kept := newTroubles(nil, func() time.Time { return now })
	if got := kept.lately(); got != (store.Trouble{}) {
		t.Errorf("before the first one: %+v", got)
	}
	slog.New(kept).Error("broken")
	for _, tc := range []struct {
		name string
		now  time.Duration // after the beginning
		want store.Trouble
	}{
		{"a trouble is told", 0, store.Trouble{What: "broken", At: begin}},
		{"the clock is set back, so that it lies ahead", -2 * time.Hour, store.Trouble{What: "broken", At: begin.Add(-2 * time.Hour)}},
		{"it stays where it was put", -time.Hour, store.Trouble{What: "broken", At: begin.Add(-2 * time.Hour)}},
		{"it is told to the last", store.TroubleKept - 2*time.Hour, store.Trouble{What: "broken", At: begin.Add(-2 * time.Hour)}},
		{"it is over", store.TroubleKept - time.Hour, store.Trouble{}},
	} {
		now = begin.Add(tc.now)
		if diff := cmp.Diff(tc.want, kept.lately()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}
