package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"recbot/bot"
	"recbot/store"
)

// BenchmarkPace is an announcement where Telegram takes 30 letters a second, three of them at once, and refuses each one over that, and one at
// 1000 a second without such a limit; the bot was told the same rate. Answers take 50 ms. In real time and over real sockets: efficiency is the time that the rate allows, by the time from
// the opening of the job until the last letter has come, and refused/1000 is how many calls of a thousand were answered 429.
// bare-efficiency is a loop around go-telegram that takes its turns from a ticker of that rate and tries again what is refused.
func BenchmarkPace(b *testing.B) {
	for _, tc := range []struct {
		name    string
		rate    int
		letters int
		closes  time.Duration
	}{
		{"rate=30", 30, 900, 0},
		{"rate=30/closes=3s", 30, 900, 3 * time.Second},
		{"rate=1000/no-limit", 1000, 20_000, 0},
	} {
		b.Run(tc.name, func(b *testing.B) {
			api := newBenchAPI(b, 50*time.Millisecond)
			sender := newCrier(b, api, openEmbedded(b), float64(tc.rate), tc.letters)
			bare := newBareLoop(b, api)
			var ours, theirs time.Duration
			var refused, calls int
			for b.Loop() {
				api.door = newDoor(tc.rate, tc.closes)
				begun := time.Now()
				sender.announce(b, tc.letters)
				ours += api.door.seen.Sub(begun)
				refused, calls = refused+api.door.refused, calls+api.door.calls
				api.door = newDoor(tc.rate, tc.closes)
				begun = time.Now()
				bare.pace(b, tc.letters, tc.rate)
				theirs += api.door.seen.Sub(begun)
			}
			ideal := time.Duration(b.N*tc.letters) * time.Second / time.Duration(tc.rate)
			b.ReportMetric(float64(ideal)/float64(ours), "efficiency")
			b.ReportMetric(float64(ideal)/float64(theirs), "bare-efficiency")
			b.ReportMetric(1000*float64(refused)/float64(calls), "refused/1000")
		})
	}
}

// door lets so many in each second, and a tenth of that at once. For each one that it refuses it is closed for a while, to
// everybody.
type door struct {
	rate   float64
	closes time.Duration

	mu             sync.Mutex
	room           float64   // for as many at once
	seen, shut     time.Time // when the last letter came, and until when it is closed
	calls, refused int
}

// newDoor makes a door. At high rates it only counts: whether a letter comes a moment too early is up to the machine then.
func newDoor(rate int, closes time.Duration) *door {
	d := &door{rate: float64(rate), closes: closes}
	if rate > 100 {
		d.rate = noLimit
	}
	return d
}

// knock gives for how many seconds to stay away; 0 = come in.
func (d *door) knock(now time.Time) (wait int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls++
	d.room = min(d.rate/10, d.room+d.rate*now.Sub(d.seen).Seconds())
	d.seen = now
	if now.Before(d.shut) || d.room < 1 {
		d.refused++
		if d.closes > 0 && !now.Before(d.shut) {
			d.shut = now.Add(d.closes)
		}
		return int(math.Ceil(max(d.shut.Sub(now), time.Second).Seconds()))
	}
	d.room--
	return 0
}

// pace sends letters to as many chats, each sender when a ticker of the rate lets it.
func (l *bareLoop) pace(b *testing.B, letters, rate int) {
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	var wg sync.WaitGroup
	for first := range atOnce {
		wg.Go(func() {
			for n := first; n < letters; n += atOnce {
				for <-tick.C; ; <-tick.C {
					wait, err := l.letter(b, n)
					if err != nil {
						b.Error(err)
					}
					if wait == 0 {
						break
					}
					time.Sleep(wait)
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkAgendaInBroadcast is how long somebody waits who asks for the agenda while an announcement is under way: from the
// decoded update until the answer has come to Telegram, over real sockets. ms/p99 is at that rate of the announcement,
// ms/idle-p99 without one, both in the same run by turns, and ratio the first by the second.
func BenchmarkAgendaInBroadcast(b *testing.B) {
	for _, rate := range []int{25, 1000} {
		b.Run(fmt.Sprintf("rate=%d", rate), func(b *testing.B) {
			const turns, asked = 3, 400
			crowd := 6 * rate // so that a turn of four seconds does not outlast the announcement
			a := &curious{b: b, waiting: map[string]chan time.Time{}}
			api := newBenchAPI(b, 20*time.Millisecond)
			api.seen = a.arrived
			a.crier = newCrier(b, api, openEmbedded(b), float64(rate), crowd)
			a.ask(asked) // everybody was here today
			var idle, busy []time.Duration
			for b.Loop() {
				for range turns {
					idle = append(idle, a.ask(asked)...)
					var told sync.WaitGroup
					told.Go(func() { a.announce(b, crowd) })
					<-time.After(200 * time.Millisecond) // it is under way
					busy = append(busy, a.ask(asked)...)
					told.Wait()
				}
			}
			b.ReportMetric(p99(busy).Seconds()*1000, "ms/p99")
			b.ReportMetric(p99(idle).Seconds()*1000, "ms/idle-p99")
			b.ReportMetric(float64(p99(busy))/float64(p99(idle)), "ratio")
		})
	}
}

func p99(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)*99/100]
}

// curious is people who ask for the agenda, one after the other.
type curious struct {
	*crier
	b     *testing.B
	asked int

	mu      sync.Mutex
	waiting map[string]chan time.Time // by chat: when the answer has come
}

// arrived is told of each letter that comes to Telegram.
func (a *curious) arrived(chat string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.waiting[chat]; c != nil {
		c <- time.Now()
		delete(a.waiting, chat)
	}
}

// ask gives how long each of n people waits, who ask at an even pace of a hundred a second. They do not get announcements.
func (a *curious) ask(n int) []time.Duration {
	all := make([]time.Duration, 0, n)
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	for i := range n {
		<-every.C
		id := int64(i + 1_000_001)
		a.asked++
		came := make(chan time.Time, 1)
		a.mu.Lock()
		a.waiting[strconv.FormatInt(id, 10)] = came
		a.mu.Unlock()
		begun := time.Now()
		a.lanes.Handle(a.b.Context(), &bot.Update{
			ID: store.UpdateID(a.asked), Kind: bot.UpdateText, Chat: store.ChatID(id), Private: true, From: store.PersonID(id),
			Name: "Asker", Locale: "ru", Message: a.asked, Text: "/agenda", Command: "agenda",
		}, nil)
		select {
		case at := <-came:
			all = append(all, at.Sub(begun))
		case <-time.After(time.Minute):
			a.b.Fatal("no answer within a minute")
		}
	}
	return all
}
