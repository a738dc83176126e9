package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
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
// anybody could do: a loop of 64 senders around go-telegram's SendMessage, with a transport set up for it, that sends the same
// text to the same chats on the same server over real sockets and remembers nothing.
//
// Both take turns in one run. letters/s and bare/s are what they reach, ratio is the first by the second, and the µs are
// the processor's time for a letter, that of the server included.
func BenchmarkBroadcast(b *testing.B) {
	for _, answer := range []time.Duration{0, 5 * time.Millisecond, 20 * time.Millisecond} {
		b.Run(fmt.Sprintf("store=embedded/answers=%s", answer), func(b *testing.B) { benchBroadcast(b, answer, openEmbedded) })
		b.Run(fmt.Sprintf("store=redis/answers=%s", answer), func(b *testing.B) {
			benchBroadcast(b, answer, func(b *testing.B) store.Backend {
				db, err := redisstore.Open(storetest.Redis(b), redisstore.Options{})
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(func() { _ = db.Close() })
				return db
			})
		})
	}
}

// openEmbedded opens a new store as serve does, which waits for the disk.
func openEmbedded(b *testing.B) store.Backend {
	db, err := boltstore.Open(filepath.Join(b.TempDir(), storeFile), boltstore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return db
}

func benchBroadcast(b *testing.B, answer time.Duration, open func(*testing.B) store.Backend) {
	api := newBenchAPI(b, answer)
	backend := open(b)
	sender := newCrier(b, api, backend, noLimit, hearers)
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
	door   *door         // nil = it takes as many as come
	seen   func(chat string)
}

func newBenchAPI(b *testing.B, answer time.Duration) *benchAPI {
	api := &benchAPI{answer: answer}
	server := httptest.NewServer(api)
	b.Cleanup(server.Close)
	api.url = server.URL
	return api
}

func (a *benchAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if !strings.HasSuffix(r.URL.Path, "/sendMessage") {
		_, _ = io.WriteString(w, `{"ok":true,"result":true}`)
		return
	}
	if a.seen != nil {
		a.seen(chatOf(body))
	}
	if chat := chatOf(body); a.door != nil && chat != strconv.Itoa(int(organizer)) { // whose progress is no part of the broadcast
		if wait := a.door.knock(time.Now()); wait > 0 {
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = fmt.Fprintf(w, `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after %d","parameters":{"retry_after":%d}}`, wait, wait)
			return
		}
	}
	if a.answer > 0 {
		time.Sleep(a.answer)
	}
	n := a.taken.Add(1)
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"ok":true,"result":{"message_id":%d,"date":1796097600,"chat":{"id":7,"type":"private"},"text":"as sent"}}`, n)
}

// chatOf finds the chat in the form of a letter.
func chatOf(form []byte) string {
	_, rest, _ := bytes.Cut(form, []byte("name=\"chat_id\"\r\n\r\n"))
	chat, _, _ := bytes.Cut(rest, []byte("\r\n"))
	return string(chat)
}

// announcedText is what is sent: an announcement of some five hundred characters, about as long as they are.
var announcedText = strings.Repeat("The hall of the <b>third meeting</b> is another one: please come to the second floor. ", 6)

// crier is the bot as it serves, with a crowd in its store, that sends announcements.
type crier struct {
	*app
	api *benchAPI
	n   int // announcements so far
}

// newCrier makes a bot with so many people to tell in a store that is empty. It may send at a rate and runs until b ends.
func newCrier(b *testing.B, api *benchAPI, backend store.Backend, rate float64, people int) *crier {
	a := &crier{api: api}
	clock := newClock(demoDay, time.Now)
	var err error
	a.app, err = newApp(parts{
		Config: Config{Token: sim.Token, API: api.url, Timezone: "UTC", BulkRate: rate}, backend: backend, catalogue: council.Embedded(),
		meetings: council.ExampleMeetings(), now: clock.Now, log: slog.New(slog.NewTextHandler(benchLog{b}, &slog.HandlerOptions{Level: slog.LevelError})),
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
	a.greet(b, people)
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

// crowdOf is the topic that so many people follow.
func crowdOf(n int) store.Topic { return store.Topic(fmt.Sprintf("crowd-%d", n)) }

// greet makes people known to the store, all of whom follow one topic and one of twenty another as well.
func (a *crier) greet(b *testing.B, people int) {
	var wg sync.WaitGroup
	for first := range atOnce {
		wg.Go(func() {
			for n := first; n < people; n += atOnce {
				p := askerOf(n)
				p.Quiet = store.Quiet{Off: true}
				p.Topics = []store.Topic{crowdOf(people)}
				if n < people/20 {
					p.Topics = append(p.Topics, crowdOf(people/20))
				}
				if _, err := a.store.Greet(b.Context(), p); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	boss := store.Newcomer(organizer, store.English, demoDay)
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
	a.await(b, job.ID, to)
}

// await waits until everybody was told.
func (a *crier) await(b *testing.B, job store.JobID, to int) {
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	var counts store.Counts
	for begun := time.Now(); counts.Sent < to; <-look.C {
		if time.Since(begun) > 10*time.Minute {
			b.Fatalf("the announcement does not come to an end: %+v", counts)
		}
		if !a.runner.Idle() {
			continue
		}
		var err error
		if counts, err = a.store.JobCounts(b.Context(), job); err != nil {
			b.Fatal(err)
		}
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
				if _, err := l.letter(b, n); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// letter sends one letter. When it is refused with 429 it gives how long to wait.
func (l *bareLoop) letter(b *testing.B, n int) (wait time.Duration, err error) {
	_, err = l.api.SendMessage(b.Context(), &tg.SendMessageParams{ChatID: int64(n + 1), Text: announcedText, ParseMode: models.ParseModeHTML,
		LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: tg.True()}})
	var flood *tg.TooManyRequestsError
	if errors.As(err, &flood) {
		return time.Duration(flood.RetryAfter) * time.Second, nil
	}
	return 0, err
}
