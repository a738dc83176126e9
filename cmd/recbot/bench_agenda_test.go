package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"recbot/bot/council"
	"recbot/bot/sim"
	"recbot/store"
	"recbot/store/redisstore"
	"recbot/store/storetest"
)

// senders is how many answers are on their way at once: as many as the outbox lets replies have.
const senders = 64

// inHand is how many questions are with the bot at once: some are read, some answered, and some noted as settled.
const inHand = 256

// BenchmarkAgendaOnRedis is how many /agenda a second the whole bot answers: dispatch, handler, texts, outbox, and the wire to a
// Telegram on the loopback, with everything it keeps in a Redis of its own. 64 questions are in hand at once, three from each
// of 20,000 people, which must be answered in their order.
//
// What to measure it against: handlers of go-telegram, 64 at once, that read the same person from the same Redis and send a
// text of the same length, in no order and with nothing noted of it.
func BenchmarkAgendaOnRedis(b *testing.B) {
	server := storetest.StartRedis(b)
	db, err := redisstore.Open(server.URL(), redisstore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	c := &crowd{clock: newClock(demoDay, nil)}
	bulk := storetest.NewBulk(db)
	c.greet(b, bulk)
	if err := bulk.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	// A far Telegram, as it is, and one that costs nothing but the processor's time.
	for _, delay := range []time.Duration{50 * time.Millisecond, 0} {
		b.Run(fmt.Sprintf("answers=%s/bot", delay), func(b *testing.B) { c.benchWhole(b, server, db, delay) })
		b.Run(fmt.Sprintf("answers=%s/against=bare-handler", delay), func(b *testing.B) { benchBareRedis(b, server, db, delay) })
	}
}

// Two agendas are asked for in turn, the next meeting's without a word and another by its id, so that an answer shows which
// question it belongs to.
var (
	agendaArgs    = []string{"", "ex-two-days"}
	meetingsAsked = []string{"ex-workshop", "ex-two-days"}
)

// far is a Telegram that answers after a time, and notes the order of what it gets.
type far struct {
	delay time.Duration

	mu    sync.Mutex
	next  map[string]int // which of meetingsAsked a chat must get next
	wrong int
}

var meetingShown = regexp.MustCompile(`mc:([a-z0-9-]+)`)

func (f *far) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	chat, markup := r.FormValue("chat_id"), r.FormValue("reply_markup")
	f.note(chat, markup)
	if f.delay > 0 {
		<-time.After(f.delay)
	}
	_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":7,"date":1796097600,"chat":{"id":`+chat+`,"type":"private"},"text":"as sent"}}`)
}

func (f *far) note(chat, markup string) {
	shown := meetingShown.FindStringSubmatch(markup)
	f.mu.Lock()
	defer f.mu.Unlock()
	want := f.next[chat]
	f.next[chat] = (want + 1) % len(meetingsAsked)
	if len(shown) != 2 || shown[1] != meetingsAsked[want] {
		f.wrong++
	}
}

// listenFar serves at a real socket.
func listenFar(b *testing.B, delay time.Duration) (*far, string) {
	f := &far{delay: delay, next: map[string]int{}}
	s := httptest.NewServer(f)
	b.Cleanup(s.Close)
	return f, s.URL
}

// startWork begins to measure updates a second, and what the processors do for each of them, in this process and in Redis: on
// a busy machine that is what can be compared.
func startWork(b *testing.B, server *storetest.Server) (stop func()) {
	began, before := time.Now(), processorTime()+redisTime(b, server)
	return func() {
		updates := float64(b.N)
		b.ReportMetric(updates/time.Since(began).Seconds(), "updates/s")
		b.ReportMetric((processorTime()+redisTime(b, server)-before).Seconds()*1e6/updates, "cpu-µs/update")
	}
}

var redisWorked = regexp.MustCompile(`used_cpu_(?:sys|user):([0-9.]+)`)

// redisTime is what the processors did for a server since its start.
func redisTime(b *testing.B, server *storetest.Server) (worked time.Duration) {
	info, _ := server.Do("info", "cpu").(string)
	for _, found := range redisWorked.FindAllStringSubmatch(info, -1) {
		seconds, err := strconv.ParseFloat(found[1], 64)
		if err != nil {
			b.Fatal(err)
		}
		worked += time.Duration(seconds * float64(time.Second))
	}
	return worked
}

// benchWhole asks the whole bot.
func (c *crowd) benchWhole(b *testing.B, server *storetest.Server, db store.Backend, delay time.Duration) {
	f, url := listenFar(b, delay)
	a, err := newApp(parts{
		Config:  Config{Token: sim.Token, API: url, Timezone: demoZone},
		backend: db, catalogue: council.Embedded(), meetings: council.ExampleMeetings(), now: c.clock.Now,
		log: slog.New(slog.NewTextHandler(benchLog{b}, nil)),
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := a.fill(b.Context()); err != nil {
		b.Fatal(err)
	}
	const inARow = 3 // of one person, as many as the outbox sends at once
	asked := map[store.ChatID]int{}
	room := make(chan struct{}, inHand)
	stop := startWork(b, server)
	for n := 0; b.Loop(); n++ {
		u := c.next(busyPace)
		u.Chat = store.ChatID(n/inARow%askers + 1)
		u.From = store.PersonID(u.Chat)
		u.Args = agendaArgs[asked[u.Chat]%len(agendaArgs)]
		asked[u.Chat]++
		room <- struct{}{}
		settled := a.lanes.Handle(b.Context(), u, nil)
		go func() { <-settled; <-room }()
	}
	for range inHand {
		room <- struct{}{}
	}
	stop()
	b.ReportMetric(float64(f.wrong), "out-of-order")
	if err := a.lanes.Close(b.Context()); err != nil {
		b.Error(err)
	}
}

// benchBareRedis has the library answer.
func benchBareRedis(b *testing.B, server *storetest.Server, db store.Backend, delay time.Duration) {
	_, url := listenFar(b, delay)
	text := strings.Repeat("<b>10:00–11:15</b> Session. ", 40)
	rows := [][]models.InlineKeyboardButton{{{Text: "Follow this meeting", CallbackData: "fo:ex-workshop:1"}}, {{Text: "About", CallbackData: "mc:ex-workshop"}}}
	answer := func(ctx context.Context, api *tg.Bot, u *models.Update) {
		id := u.Message.Chat.ID
		docs, err := db.Get(ctx, store.ShardOf(store.ChatID(id)), "person:"+strconv.FormatInt(id, 10))
		if err != nil || docs[0].Rev == 0 {
			b.Errorf("person %d: %v", id, err)
		}
		_, err = api.SendMessage(ctx, &tg.SendMessageParams{ChatID: id, Text: text, ParseMode: models.ParseModeHTML,
			ReplyMarkup: &models.InlineKeyboardMarkup{InlineKeyboard: rows}})
		if err != nil {
			b.Error(err)
		}
	}
	tuned := http.DefaultTransport.(*http.Transport).Clone()
	tuned.MaxIdleConns, tuned.MaxIdleConnsPerHost = senders, senders
	defer tuned.CloseIdleConnections()
	api, err := tg.New(sim.Token, tg.WithSkipGetMe(), tg.WithServerURL(url), tg.WithHTTPClient(time.Minute, &http.Client{Transport: tuned}),
		tg.WithNotAsyncHandlers(), tg.WithMessageTextHandler("agenda", tg.MatchTypeCommand, answer))
	if err != nil {
		b.Fatal(err)
	}
	room := make(chan struct{}, senders)
	stop := startWork(b, server)
	for n := 0; b.Loop(); n++ {
		u := &models.Update{Message: &models.Message{Chat: models.Chat{ID: int64(n%askers + 1)}, Text: "/agenda",
			Entities: []models.MessageEntity{{Type: models.MessageEntityTypeBotCommand, Length: 7}}}}
		room <- struct{}{}
		go func() {
			defer func() { <-room }()
			api.ProcessUpdate(b.Context(), u)
		}()
	}
	for range senders {
		room <- struct{}{}
	}
	stop()
}
