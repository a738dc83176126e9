package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"recbot/bot"
	"recbot/bot/council"
	"recbot/bot/sim"
	"recbot/store"
	"recbot/store/boltstore"
)

// askers are so many that a chat's turn comes again only when the outbox lets it have the next letter at once.
const askers = 20_000

// The bot's clock moves on with each question. At the first pace everybody's turn comes within minutes; at the second nobody
// was here for an hour, and that they are is written down too.
const (
	busyPace = 10 * time.Millisecond
	hourPace = 21 * time.Hour / 20 / askers
)

// way is how a benchmark goes: what the store does for a batch, and how fast the clock moves.
type way struct {
	unmarked bool // the mark of the settled update is not written: what is left is the way to the request
	noSync   bool // the mark is written, and nobody waits for the disk
	pace     time.Duration
	counts   bool // of allocations instead of times: to count exactly stops the world
}

// BenchmarkAgenda is the way of /agenda from the decoded update to the outgoing request, with the real catalogue, the
// invented meetings, and readers of four languages in three zones. ns/request and allocs/request end where the request
// leaves. ns/op and allocs/op go on until the update is settled: Telegram's answer was read, and the mark is in the store.
//
// What to measure it against: a bare handler of go-telegram that sends a fixed text, and a bare fsync of the same disk.
func BenchmarkAgenda(b *testing.B) {
	c := &crowd{path: filepath.Join(b.TempDir(), storeFile), clock: newClock(demoDay, nil)}
	c.gather(b)
	b.Run("allocations", func(b *testing.B) { c.bench(b, way{noSync: true, pace: busyPace, counts: true}) })
	b.Run("unmarked", func(b *testing.B) { c.bench(b, way{unmarked: true, noSync: true, pace: busyPace}) })
	b.Run("nosync", func(b *testing.B) { c.bench(b, way{noSync: true, pace: busyPace}) })
	b.Run("fsync", func(b *testing.B) { c.bench(b, way{pace: busyPace}) })
	b.Run("nosync-first-in-an-hour", func(b *testing.B) { c.bench(b, way{noSync: true, pace: hourPace}) })
	b.Run("fsync-first-in-an-hour", func(b *testing.B) { c.bench(b, way{pace: hourPace}) })
	b.Run("against=bare-handler", benchBareHandler)
	b.Run("against=bare-fsync", benchBareFsync)
}

// crowd is the askers, in a store that several benchmarks use one after another.
type crowd struct {
	path  string
	clock *clock
	asked int
}

// gather makes the store in which the askers are known.
func (c *crowd) gather(b *testing.B) {
	b.Helper()
	db, err := boltstore.Open(c.path, boltstore.Options{NoSync: true})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	c.greet(b, db)
}

// greet stores the askers.
func (c *crowd) greet(b *testing.B, backend store.Backend) {
	b.Helper()
	s := store.New(backend, c.clock.Now)
	if err := s.Open(b.Context()); err != nil {
		b.Fatal(err)
	}
	const atOnce = 64 // so that their batches share a commit
	var wg sync.WaitGroup
	for first := range atOnce {
		wg.Go(func() {
			for n := first; n < askers; n += atOnce {
				if _, err := s.Greet(b.Context(), askerOf(n)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func askerOf(n int) store.Person {
	p := store.Newcomer(store.PersonID(n+1), store.Langs[n%len(store.Langs)], demoDay)
	p.Zone, p.LastLook = []string{"Asia/Tashkent", "Asia/Bishkek", "Europe/Vienna"}[n%3], demoDay
	return p
}

// next is the question of the next asker, as it comes from the decoder.
func (c *crowd) next(pace time.Duration) *bot.Update {
	id := int64(c.asked%askers + 1)
	c.asked++
	c.clock.set(c.clock.Now().Add(pace))
	return &bot.Update{
		ID: store.UpdateID(c.asked), Kind: bot.UpdateText, Chat: store.ChatID(id), Private: true, From: store.PersonID(id),
		Name: "Asker", Locale: "ru", Message: c.asked, Text: "/agenda", Command: "agenda",
	}
}

// bench asks for the agenda, somebody else each time.
func (c *crowd) bench(b *testing.B, w way) {
	if w.pace == hourPace {
		c.clock.set(c.clock.Now().Add(time.Hour))
	}
	db, err := boltstore.Open(c.path, boltstore.Options{NoSync: w.noSync})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	left := &departures{ch: make(chan instant, 1), counts: w.counts}
	a, err := newApp(parts{
		Config:  Config{Token: sim.Token, API: "http://telegram.invalid", Timezone: demoZone},
		backend: benchStore{db, w.unmarked}, catalogue: council.Embedded(), meetings: council.ExampleMeetings(), http: left, now: c.clock.Now,
		log: slog.New(slog.NewTextHandler(benchLog{b}, nil)),
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := a.fill(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		u := c.next(w.pace)
		left.begin()
		settled := a.lanes.Handle(b.Context(), u, nil)
		left.wait()
		<-settled
	}
	left.report(b)
	if err := a.lanes.Close(b.Context()); err != nil {
		b.Error(err)
	}
}

// benchStore is a store that may forget to mark settled updates.
type benchStore struct {
	store.Backend
	unmarked bool
}

func (s benchStore) Apply(ctx context.Context, shard store.Shard, b store.Batch) (store.Result, error) {
	if s.unmarked && slices.ContainsFunc(b.Do, func(m store.Mutation) bool { return strings.HasPrefix(m.Key, "settled:") }) {
		return store.Result{Rev: 1}, nil
	}
	return s.Backend.Apply(ctx, shard, b)
}

// departures is a Telegram without delay: it notes when a request left, and answers at once.
type departures struct {
	ch     chan instant
	counts bool
	begun  instant
	taken  time.Duration
	made   uint64
}

// instant is a time, or how much had been allocated by then.
type instant struct {
	at     time.Time
	allocs uint64
}

func (d *departures) now() instant {
	if !d.counts {
		return instant{at: time.Now()}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return instant{allocs: m.Mallocs}
}

func (d *departures) begin() { d.begun = d.now() }

func (d *departures) wait() {
	left := <-d.ch
	d.taken += left.at.Sub(d.begun.at)
	d.made += left.allocs - d.begun.allocs
}

func (d *departures) report(b *testing.B) {
	if d.counts {
		b.ReportMetric(float64(d.made)/float64(b.N), "allocs/request")
		return
	}
	b.ReportMetric(float64(d.taken.Nanoseconds())/float64(b.N), "ns/request")
}

// Do takes a request. The library streams its body, so the request has left when that was read.
func (d *departures) Do(r *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	d.ch <- d.now()
	const sent = `{"ok":true,"result":{"message_id":7,"date":1796097600,"chat":{"id":7,"type":"private"},"text":"as sent"}}`
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(sent))}, nil
}

// benchLog makes what the bot complains of a failure: an apology is no agenda.
type benchLog struct{ b *testing.B }

func (l benchLog) Write(line []byte) (int, error) {
	l.b.Errorf("the bot logged: %s", line)
	return len(line), nil
}

// benchBareHandler sends a fixed text, as long as an agenda and with as many buttons, from a handler of the library.
func benchBareHandler(b *testing.B) {
	text := strings.Repeat("<b>10:00–11:15</b> Session. ", 40)
	rows := [][]models.InlineKeyboardButton{{{Text: "Follow this meeting", CallbackData: "fo:ex-workshop:1"}}, {{Text: "About", CallbackData: "mc:ex-workshop"}}}
	left := &departures{ch: make(chan instant, 1)}
	answer := func(ctx context.Context, api *tg.Bot, u *models.Update) {
		_, err := api.SendMessage(ctx, &tg.SendMessageParams{ChatID: u.Message.Chat.ID, Text: text, ParseMode: models.ParseModeHTML,
			ReplyMarkup: &models.InlineKeyboardMarkup{InlineKeyboard: rows}})
		if err != nil {
			b.Error(err)
		}
	}
	api, err := tg.New(sim.Token, tg.WithSkipGetMe(), tg.WithServerURL("http://telegram.invalid"), tg.WithHTTPClient(time.Minute, left),
		tg.WithNotAsyncHandlers(), tg.WithMessageTextHandler("agenda", tg.MatchTypeCommand, answer))
	if err != nil {
		b.Fatal(err)
	}
	update := &models.Update{Message: &models.Message{Chat: models.Chat{ID: 7}, Text: "/agenda",
		Entities: []models.MessageEntity{{Type: models.MessageEntityTypeBotCommand, Length: 7}}}}
	b.ReportAllocs()
	for b.Loop() {
		left.begin()
		api.ProcessUpdate(b.Context(), update)
		left.wait()
	}
	left.report(b)
}

// benchBareFsync writes four pages of a file in place and waits for the disk, which is the least that a commit can cost.
func benchBareFsync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "page"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	pages := make([]byte, 4*4096)
	for b.Loop() {
		if _, err := f.WriteAt(pages, 0); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
}
