package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"recbot/store"
	"recbot/store/redisstore"
	"recbot/store/storetest"
)

// million is how many people a bot could have that reached everybody in the Council's five countries who might care, and more.
const million = 1_000_000

// BenchmarkMillion fills a Redis with a million people, as the bot itself stores them: four follows, the leads that everybody
// begins with, a zone for two of three, and ids as long as Telegram gives now. It takes some minutes, and half a gigabyte. It tells
//
//   - how much memory of Redis a person takes;
//   - how long it takes to open a job for all of them;
//   - how much memory the real binary takes at most, while it opens a reminder for them and has brought it to the first twenty
//     thousand, as fast as it may.
func BenchmarkMillion(b *testing.B) {
	server := storetest.StartRedis(b, "--appendonly", "no")
	empty := usedMemory(b, server)
	db, err := redisstore.Open(server.URL(), redisstore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	settleMillion(b, db)
	// The ids of the batches that filled it are kept for a minute, and are nobody's memory. So they count until they are gone.
	full := usedMemory(b, server) - empty

	b.Run("open", func(b *testing.B) {
		s := store.New(db, time.Now)
		for n := 0; b.Loop(); n++ {
			err := s.OpenJob(b.Context(), store.Job{ID: store.JobID(fmt.Sprint("announce:bench-", n)), Kind: store.JobAnnounce,
				Audience: store.Audience{Topics: []store.Topic{"wg-b"}}, Opened: time.Now(), Due: time.Now().AddDate(1, 0, 0)})
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(full)/million, "redis-B/person")
	})
	b.Run("walk", func(b *testing.B) {
		for b.Loop() {
			walkMillion(b, server, db)
		}
	})
}

// settleMillion stores the people.
func settleMillion(b *testing.B, db store.Backend) {
	b.Helper()
	bulk := storetest.NewBulk(db)
	s := store.New(bulk, time.Now)
	if err := s.Open(b.Context()); err != nil {
		b.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Second)
	const atOnce = 16
	var wg sync.WaitGroup
	for first := range atOnce {
		wg.Go(func() {
			for n := first; n < million; n += atOnce {
				p := store.Newcomer(store.PersonID(6_000_000_000+977*n), store.Langs[n%len(store.Langs)], now)
				p.Topics = []store.Topic{store.TopicCouncil, "wg-a", "wg-b", "wg-c"}
				p.Zone = []string{"", "Asia/Bishkek", "Europe/Vienna"}[n%3]
				p.Welcomed, p.LastLook = true, now
				if _, err := s.Greet(b.Context(), p); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := bulk.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// walkMillion serves on the server until the reminder has reached enough people.
func walkMillion(b *testing.B, server *storetest.Server, db store.Backend) {
	b.Helper()
	const enough = 20_000
	if err := planReminder(b.Context(), store.New(db, ago(2*time.Hour))); err != nil {
		b.Fatal(err)
	}
	var sent atomic.Int64
	reached := make(chan struct{})
	telegram := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answerBriefly(w, r) && sent.Add(1) == enough {
			close(reached)
		}
	}))
	defer telegram.Close()
	defer telegram.CloseClientConnections() // a long poll may still hang
	s := &served{binary: released(b), telegram: telegram.URL, more: []string{"REDIS_URL=" + server.URL(), "RECBOT_BULK_RATE=1000"}}
	s.start(b, b.TempDir())
	begun := time.Now()
	select {
	case <-reached:
	case <-time.After(3 * time.Minute):
		b.Errorf("after three minutes only %d people were reached:\n%s", sent.Load(), s.out)
	}
	b.ReportMetric(enough/time.Since(begun).Seconds(), "letters/s")
	b.ReportMetric(s.resident(b, "VmHWM"), "most-resident-MB")
	s.stop(b)
}

// planReminder leaves the store of a bot that was last up an hour ago, and a meeting whose reminder of an hour before fell due
// a minute ago. The store has to believe that it is earlier: nobody is reminded for a lead that was over when the meeting came in.
func planReminder(ctx context.Context, s *store.Store) error {
	start := time.Now().Add(59 * time.Minute).UTC().Truncate(time.Minute)
	id := store.MeetingID("bench-" + strconv.FormatInt(start.Unix(), 10))
	m := store.Meeting{ID: id, UID: string(id) + "@recbot", Kind: "working_group_meeting", Bodies: []string{"wg-b"},
		Date: start.Format(time.DateOnly), StartHour: start.Format("15:04"), Zone: "UTC",
		Attendance: store.InPerson, Status: store.Confirmed, Visibility: store.Public, Name: store.Text{"en": "Third meeting"},
		Location: store.Location{City: store.Text{"en": "Tashkent"}}}
	if _, err := s.Import(ctx, []store.Meeting{m}, store.ImportOptions{Silent: "a benchmark"}); err != nil {
		return err
	}
	return s.SaveTick(ctx, time.Now().Add(-time.Hour))
}

// answerBriefly is a Telegram that nobody writes to. It tells whether a message was sent.
func answerBriefly(w http.ResponseWriter, r *http.Request) bool {
	method := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	result := "true"
	switch method {
	case "getMe":
		result = `{"id":1,"is_bot":true,"first_name":"recbot","username":"recbot_bench_bot"}`
	case "getUpdates":
		result = "[]"
		select {
		case <-time.After(time.Second):
		case <-r.Context().Done():
		}
	case "getWebhookInfo":
		result = `{"url":"","has_custom_certificate":false,"pending_update_count":0}`
	case "sendMessage":
		result = `{"message_id":7,"date":1796097600,"chat":{"id":` + r.FormValue("chat_id") + `,"type":"private"},"text":"as sent"}`
	}
	_, _ = fmt.Fprintf(w, `{"ok":true,"result":%s}`, result)
	return method == "sendMessage"
}

// usedMemory is what Redis says it uses, in bytes.
func usedMemory(b *testing.B, s *storetest.Server) int {
	b.Helper()
	info, _ := s.Do("INFO", "memory").(string)
	for line := range strings.Lines(info) {
		if digits, ok := strings.CutPrefix(strings.TrimSpace(line), "used_memory:"); ok {
			n, err := strconv.Atoi(digits)
			if err != nil {
				b.Fatal(err)
			}
			return n
		}
	}
	b.Fatal("the server does not tell its memory")
	return 0
}
