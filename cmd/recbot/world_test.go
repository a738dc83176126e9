package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"recbot/bot"
	"recbot/bot/council"
	"recbot/bot/sim"
	"recbot/bot/telegram"
	"recbot/store"
	"recbot/store/boltstore"
	"recbot/store/storetest"
)

// world is everything a script needs: a clock, a Telegram with people, a store on disk, and the bot between them.
// It lives in a synctest bubble, so waiting costs nothing; or between real sockets, where it is waited for.
type world struct {
	t     *testing.T
	zone  *time.Location
	clock *clock
	sim   *sim.Server
	url   string // of the sim's socket; "" = a bubble without sockets
	path  string // of the store's file

	life     *life // of the running bot; nil after a crash
	cut      bool  // the store is out of reach
	faults   map[store.ChatID]*sim.Fault
	rate     float64              // of bulk letters; 0 = as fast as it goes
	ahead    func() time.Duration // of the machine's clock before the one that Telegram tells; nil = it tells no time
	doomed   int                  // sends left before the bot dies; -1 = it lives on
	people   map[string]store.PersonID
	meetings map[store.MeetingID]store.Meeting
	heard    int        // deliveries taken from the sim
	said     []delivery // by the bot, not yet expected by the script
}

// life is one run of the bot, from start to stop or crash.
type life struct {
	app    *app
	db     *boltstore.DB
	store  *storetest.Flaky
	dead   atomic.Bool // nothing leaves any more
	cancel context.CancelFunc
	done   chan error
}

// delivery is what somebody got, as a script writes it.
type delivery struct {
	kind  string // bot, edit, toast
	chat  store.ChatID
	lines []string
	at    time.Time
}

func newWorld(t *testing.T, start time.Time, zone *time.Location, sockets bool) *world {
	w := &world{t: t, zone: zone, clock: newClock(start, nil), path: filepath.Join(t.TempDir(), "recbot.db"), doomed: -1,
		faults: map[store.ChatID]*sim.Fault{},
		people: map[string]store.PersonID{}, meetings: map[store.MeetingID]store.Meeting{}}
	w.sim = sim.New(w.clock.Now)
	w.sim.OnCall(w.count)
	if sockets {
		w.url = listen(t, w.sim)
	}
	w.start()
	t.Cleanup(w.stop)
	return w
}

// start brings the bot up on the store as it is.
func (w *world) start() {
	w.t.Helper()
	db, err := boltstore.Open(w.path, boltstore.Options{NoSync: true})
	if err != nil {
		w.t.Fatalf("opening the store: %v", err)
	}
	l := &life{db: db, store: storetest.NewFlaky(db), done: make(chan error, 1)}
	api, way := "http://telegram.invalid", telegram.HTTP(w.sim)
	if w.url != "" {
		api, way = w.url, &http.Client{}
	}
	app, err := newApp(parts{
		Config:  Config{Token: sim.Token, API: api, Timezone: w.zone.String(), BulkRate: cmp.Or(w.rate, 1000)},
		backend: l.store, catalogue: council.Embedded(), http: mortal{way, l, w.ahead}, now: w.clock.Now, stepped: true, log: testLog(w.t),
	})
	if err != nil {
		w.t.Fatalf("wiring the bot: %v", err)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	l.app, l.cancel, w.life = app, cancel, l
	go func() { l.done <- app.run(ctx) }()
	w.settle()
}

// stop ends the bot as SIGTERM does.
func (w *world) stop() {
	l := w.life
	if l == nil {
		return
	}
	w.life = nil
	l.cancel()
	if err := <-l.done; err != nil && !l.dead.Load() {
		w.t.Errorf("the bot stopped with: %v", err)
	}
	if err := l.db.Close(); err != nil {
		w.t.Errorf("closing the store: %v", err)
	}
}

// crash ends the bot as kill -9 does: from one moment on nothing reaches Telegram or the store.
func (w *world) crash() {
	w.life.dead.Store(true)
	w.life.store.Fail(store.ErrUnavailable)
	w.stop()
	w.doomed = -1
}

// count kills the bot in front of the send that the script named.
func (w *world) count(c sim.Call) *sim.Fault {
	if c.Method != "sendMessage" && c.Method != "sendDocument" && c.Method != "sendPhoto" {
		return nil
	}
	if w.doomed < 0 {
		return w.faults[c.Chat]
	}
	if w.doomed == 0 {
		return &sim.Fault{Stall: true}
	}
	w.doomed--
	return nil
}

// mortal is the way to Telegram of one life.
type mortal struct {
	way   telegram.HTTP
	life  *life
	ahead func() time.Duration // see [world]
}

func (m mortal) Do(r *http.Request) (*http.Response, error) {
	if m.life.dead.Load() {
		return nil, &net.OpError{Op: "dial", Err: errors.New("the process is dead")}
	}
	answer, err := m.way.Do(r)
	if err == nil && m.ahead != nil {
		answer.Header.Set("Date", time.Now().Add(-m.ahead()).UTC().Format(http.TimeFormat))
	}
	return answer, err
}

// patience bounds how long the bot may be busy with one instant, in time of the bubble; soon does so outside.
const patience = 30 * time.Minute

// settle waits until the bot has nothing left to do at this instant, and takes what it said.
func (w *world) settle() {
	w.t.Helper()
	limit, begun := patience, time.Now()
	if w.url != "" {
		limit = soon
	}
	for {
		if w.url == "" {
			synctest.Wait()
		}
		if w.life == nil || w.calm() {
			break
		}
		if w.doomed == 0 && w.stalled() {
			w.crash()
			break
		}
		if time.Since(begun) > limit {
			w.t.Fatalf("the bot was still busy after %v: app idle %v, telegram idle %v", limit, w.life.app.idle(), w.sim.Idle())
		}
		<-time.After(5 * time.Millisecond)
	}
	w.listen()
}

// calm tells that nothing moves. With the store out of reach the bot can only answer; what is due waits.
func (w *world) calm() bool {
	a := w.life.app
	if w.cut {
		return a.lanes.Idle() && a.out.Idle() && w.sim.Idle()
	}
	return a.idle() && w.sim.Idle()
}

// stalled tells whether a send hangs that the bot must not survive.
func (w *world) stalled() bool {
	calls := w.sim.Calls()
	return slices.ContainsFunc(calls, func(c sim.Call) bool {
		return c.Code == 0 && !c.Refused && (c.Method == "sendMessage" || c.Method == "sendDocument")
	})
}

// listen takes what was delivered since the last time.
func (w *world) listen() {
	for _, d := range w.sim.Deliveries(w.heard) {
		w.heard = d.N
		kinds := map[bot.LetterKind]string{bot.LetterSend: "bot", bot.LetterEdit: "edit", bot.LetterToast: "toast"}
		if kind, ok := kinds[d.Kind]; ok && (d.Kind != bot.LetterToast || d.Text != "") {
			w.said = append(w.said, delivery{kind, d.Chat, w.written(d), d.At})
		}
	}
}

// written is a delivery as scripts write it: what it replies to, its lines without blank ones, a mark when silent, its file, its
// rows of buttons.
func (w *world) written(d sim.Delivery) []string {
	var lines []string
	for _, b := range w.sim.History(d.Chat) {
		if d.Replies != 0 && b.Message == d.Replies {
			first, _, _ := strings.Cut(plain(b.Text), "\n")
			lines = append(lines, "> "+first)
		}
	}
	for _, line := range strings.Split(d.Text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if d.Silent {
		lines = append(lines, "(silent)")
	}
	if d.File != nil {
		name := d.File.Name
		if d.File.Photo {
			name = "photo"
		}
		lines = append(lines, "{"+name+"}")
	}
	for _, row := range d.Rows {
		var labels []string
		for _, k := range row {
			labels = append(labels, "["+k.Label+"]")
		}
		lines = append(lines, strings.Join(labels, " "))
	}
	return lines
}

// next and visit make the world something that the clock can step.
func (w *world) next(ctx context.Context, t time.Time) (time.Time, bool, error) {
	if w.life == nil {
		return time.Time{}, false, nil
	}
	return w.life.app.next(ctx, t)
}

func (w *world) visit(ctx context.Context) error {
	if w.life == nil {
		return nil
	}
	if err := w.life.app.tick(ctx); err != nil {
		return err
	}
	w.settle()
	return nil
}

// goTo steps the clock to an instant.
func (w *world) goTo(to time.Time) error {
	if to.Before(w.clock.Now()) {
		return fmt.Errorf("the clock stands at %s already", w.clock.Now().In(w.zone).Format("Mon 2006-01-02 15:04"))
	}
	return w.clock.step(w.t.Context(), w, to, nil)
}

// join gives a person an account; the id is made from the name, so that it is the same in every run.
func (w *world) join(name, locale string, started bool) store.PersonID {
	if id, ok := w.people[name]; ok {
		return id
	}
	h := fnv.New32a()
	h.Write([]byte(name))
	id := store.PersonID(1_000_000 + h.Sum32()%1_000_000)
	w.people[name] = id
	w.sim.Join(sim.Person{ID: id, Name: strings.ToUpper(name[:1]) + name[1:], Locale: locale, Started: started})
	return id
}

// nameOf is who a chat belongs to.
func (w *world) nameOf(chat store.ChatID) string {
	for name, id := range w.people {
		if store.ChatID(id) == chat {
			return name
		}
	}
	return fmt.Sprint(chat)
}

// press presses the newest button of a person's chat that reads like label; behind @ stands a part of its message's text.
// With "twice" at the end the finger slips: the same button, as it was shown, before the bot has answered.
func (w *world) press(who store.PersonID, label string) error {
	label, twice := strings.CutSuffix(label, " twice")
	label, under, _ := strings.Cut(label, " @ ")
	label = strings.Trim(label, "[] ")
	for _, b := range slices.Backward(w.sim.History(store.ChatID(who))) {
		if b.From != 0 || under != "" && !strings.Contains(plain(b.Text), under) {
			continue
		}
		for _, k := range slices.Concat(b.Rows...) {
			if k.Data != "" && matches([]string{label}, []string{strings.TrimLeft(k.Label, "☐☑ ")}) {
				err := w.sim.Press(who, b.Message, k.Data)
				if err == nil && twice {
					err = w.sim.Press(who, b.Message, k.Data)
				}
				return err
			}
		}
	}
	return fmt.Errorf("no message has a button [%s]", label)
}

// reply answers the newest message of the bot in a person's chat that holds some words: "words) text".
func (w *world) reply(who store.PersonID, what string) error {
	words, text, _ := strings.Cut(what, ")")
	for _, b := range slices.Backward(w.sim.History(store.ChatID(who))) {
		if b.From == 0 && strings.Contains(plain(b.Text), words) {
			return w.sim.Reply(who, b.Message, strings.TrimSpace(text))
		}
	}
	return fmt.Errorf("no message of the bot has %q", words)
}

// unsay deletes a person's own newest message that holds some words.
func (w *world) unsay(who store.PersonID, words string) error {
	for _, b := range slices.Backward(w.sim.History(store.ChatID(who))) {
		if b.From == who && strings.Contains(plain(b.Text), words) {
			return w.sim.Unsay(who, b.Message)
		}
	}
	return fmt.Errorf("no message of theirs has %q", words)
}

// open lets a person open the newest link to the bot that somebody was sent, as if they had passed it on. A number behind the
// name goes back to older ones.
func (w *world) open(who store.PersonID, of string) error {
	of, older, _ := strings.Cut(of, " ")
	back, _ := strconv.Atoi(older)
	for _, b := range slices.Backward(w.sim.History(store.ChatID(w.people[of]))) {
		_, secret, found := strings.Cut(plain(b.Text), "?start=")
		if b.From != 0 || !found {
			continue
		}
		if back--; back < 0 {
			secret, _, _ = strings.Cut(secret, "\n")
			return w.sim.Say(who, "/start "+strings.TrimSpace(secret))
		}
	}
	return fmt.Errorf("%s has no such link to the bot", of)
}

func plain(nodes []bot.Node) string {
	var b strings.Builder
	for _, n := range nodes {
		b.WriteString(n.Text + plain(n.Kids))
	}
	return b.String()
}
