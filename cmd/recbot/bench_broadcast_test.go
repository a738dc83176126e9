package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"recbot/bot/council"
	"recbot/bot/sim"
	"recbot/store"
	"recbot/store/boltstore"
	"recbot/store/redisstore"
	"recbot/store/storetest"
)

const (
	hearers = 20_000 // recipients of one broadcast
	atOnce  = 64     // of the bare loop, each with one letter at a time
	noLimit = 1e9    // letters a second
)

// BenchmarkBroadcast is an announcement to 20,000 chats without a limit, as the whole bot sends it, with its ledger: each
// recipient is written down before the letter leaves and settled behind it. What to measure it against is the least that
// anybody could do: a loop of 64 atOnce around go-telegram's SendMessage, with a transport set up for it, that sends the same
// text to the same chats on the same server over real sockets and remembers nothing.
//
// Both take turns in one run. letters/s and bare/s are what they reach, ratio is the first by the second, and the µs are
// the processor's time for a letter, that of the server included.
func BenchmarkBroadcast(b *testing.B) {
	for _, answer := range []time.Duration{0, 20 * time.Millisecond} {
		b.Run(fmt.Sprintf("store=embedded/answers=%s", answer), func(b *testing.B) {
			benchBroadcast(b, answer, func(b *testing.B) store.Backend {
				db, err := boltstore.Open(filepath.Join(b.TempDir(), storeFile), boltstore.Options{})
				if err != nil {
					b.Fatal(err)
				}
				return db
			})
		})
		b.Run(fmt.Sprintf("store=redis/answers=%s", answer), func(b *testing.B) {
			benchBroadcast(b, answer, func(b *testing.B) store.Backend {
				db, err := redisstore.Open(storetest.Redis(b), redisstore.Options{})
				if err != nil {
					b.Fatal(err)
				}
				return db
			})
		})
	}
}

func benchBroadcast(b *testing.B, answer time.Duration, open func(*testing.B) store.Backend) {
	api := newBenchAPI(b, answer)
	backend := open(b)
	b.Cleanup(func() { _ = backend.Close() })
	sender := newCrier(b, api, backend, noLimit)
	bare := newBareLoop(b, api)
	sender.announce(b, hearers/20) // connections are open, and the pages of the store in memory
	var ours, theirs effort
	for b.Loop() {
		theirs.add(func() { bare.send(b, hearers/2) })
		ours.add(func() { sender.announce(b, hearers) })
		theirs.add(func() { bare.send(b, hearers/2) })
	}
	letters := float64(hearers * b.N)
	b.ReportMetric(letters/ours.took.Seconds(), "letters/s")
	b.ReportMetric(letters/theirs.took.Seconds(), "bare/s")
	b.ReportMetric(float64(theirs.took)/float64(ours.took), "ratio")
	b.ReportMetric(ours.worked.Seconds()*1e6/letters, "cpu-µs/letter")
	b.ReportMetric(theirs.worked.Seconds()*1e6/letters, "bare-cpu-µs/letter")
}

// effort is time spent, and what the processors did in it for this process.
type effort struct{ took, worked time.Duration }

func (e *effort) add(do func()) {
	begun, before := time.Now(), processorTime()
	do()
	e.took += time.Since(begun)
	e.worked += processorTime() - before
}

func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// benchAPI is a Bot API on a real socket that does next to nothing, so that what is measured is the bot.
type benchAPI struct {
	url    string
	answer time.Duration // that each letter takes
	taken  atomic.Int64  // letters
}

func newBenchAPI(b *testing.B, answer time.Duration) *benchAPI {
	api := &benchAPI{answer: answer}
	server := httptest.NewServer(api)
	b.Cleanup(server.Close)
	api.url = server.URL
	return api
}

func (a *benchAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if !strings.HasSuffix(r.URL.Path, "/sendMessage") {
		_, _ = io.WriteString(w, `{"ok":true,"result":true}`)
		return
	}
	if a.answer > 0 {
		time.Sleep(a.answer)
	}
	n := a.taken.Add(1)
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"ok":true,"result":{"message_id":%d,"date":1796097600,"chat":{"id":7,"type":"private"},"text":"as sent"}}`, n)
}

// announcedText is what is sent: an announcement of some five hundred characters, about as long as they are.
var announcedText = strings.Repeat("The hall of the <b>third meeting</b> is another one: please come to the second floor. ", 6)

// crier is the bot as it serves, with a crowd in its store, that sends announcements.
type crier struct {
	*app
	api *benchAPI
	n   int // announcements so far
}

func newCrier(b *testing.B, api *benchAPI, backend store.Backend, rate float64) *crier {
	a := &crier{api: api}
	clock := newClock(noon, time.Now) // nobody sleeps
	var err error
	a.app, err = newApp(parts{
		Config: Config{Token: sim.Token, API: api.url, Timezone: "UTC", BulkRate: rate}, backend: backend, catalogue: council.Embedded(),
		now: clock.Now, log: slog.New(slog.NewTextHandler(benchLog{b}, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err == nil {
		err = a.store.Open(b.Context())
	}
	if err == nil {
		err = a.fill(b.Context())
	}
	if err != nil {
		b.Fatal(err)
	}
	a.greet(b)
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- a.runner.Run(ctx, 1) }()
	b.Cleanup(func() {
		end()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	})
	return a
}

// crowds are who gets an announcement: followers of a topic that is as large as its name says.
func crowdOf(n int) store.Topic { return store.Topic(fmt.Sprintf("crowd-%d", n)) }

// greet makes the recipients known to the store.
func (a *crier) greet(b *testing.B) {
	var wg sync.WaitGroup
	for first := range atOnce {
		wg.Go(func() {
			for n := first; n < hearers; n += atOnce {
				p := askerOf(n)
				p.Since = noon
				p.Topics = []store.Topic{crowdOf(hearers)}
				if n < hearers/20 {
					p.Topics = append(p.Topics, crowdOf(hearers/20))
				}
				if _, err := a.store.Greet(b.Context(), p); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	boss := store.Newcomer(organizer, store.English, noon)
	boss.Topics, boss.Role = nil, store.Owner
	if _, err := a.store.Greet(b.Context(), boss); err != nil {
		b.Fatal(err)
	}
}

// announce sends an announcement to so many and returns when the fate of each letter stands in the store.
func (a *crier) announce(b *testing.B, to int) {
	a.n++
	draft, err := a.store.NewDraft(b.Context(), store.Draft{ID: store.DraftID(fmt.Sprint("bench", a.n)), By: organizer, Texts: store.Text{store.English: announcedText}, Note: true,
		Audience: store.Audience{Topics: []store.Topic{crowdOf(to)}}, State: store.DraftSending, Due: a.now(), N: to, Round: 1})
	if err != nil {
		b.Fatal(err)
	}
	content, err := json.Marshal(map[string]any{"texts": draft.Texts, "note": draft.Note})
	if err != nil {
		b.Fatal(err)
	}
	job := store.Job{ID: store.AnnounceID(draft.ID, draft.Round), Kind: store.JobAnnounce, Audience: draft.Audience, Opened: draft.Due, Due: draft.Due,
		Content: content}
	if err := a.store.OpenJob(b.Context(), job); err != nil {
		b.Fatal(err)
	}
	a.runner.Wake()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for begun := time.Now(); !a.runner.Idle(); <-look.C {
		if time.Since(begun) > 5*time.Minute {
			b.Fatal("the announcement does not come to an end")
		}
	}
	counts, err := a.store.JobCounts(b.Context(), job.ID)
	if err != nil || counts.Sent != to {
		b.Fatalf("%+v, %v; want %d sent", counts, err, to)
	}
}

// bareLoop is go-telegram and nothing else.
type bareLoop struct {
	api *tg.Bot
}

func newBareLoop(b *testing.B, api *benchAPI) *bareLoop {
	transport := &http.Transport{MaxIdleConns: 2 * atOnce, MaxIdleConnsPerHost: 2 * atOnce}
	b.Cleanup(transport.CloseIdleConnections)
	client, err := tg.New(sim.Token, tg.WithSkipGetMe(), tg.WithServerURL(api.url),
		tg.WithHTTPClient(time.Minute, &http.Client{Transport: transport, Timeout: time.Minute}))
	if err != nil {
		b.Fatal(err)
	}
	return &bareLoop{api: client}
}

func (l *bareLoop) send(b *testing.B, letters int) {
	var wg sync.WaitGroup
	for first := range atOnce {
		wg.Go(func() {
			for n := first; n < letters; n += atOnce {
				_, err := l.api.SendMessage(b.Context(), &tg.SendMessageParams{ChatID: int64(n + 1), Text: announcedText, ParseMode: models.ParseModeHTML,
					LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: tg.True()}})
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
