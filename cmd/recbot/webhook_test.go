package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recbot/bot/sim"
	"recbot/bot/telegram"
	"recbot/store"
	"recbot/store/boltstore"
	"recbot/store/storetest"
)

// front is what stands between Telegram and the bots: https outside, the bots in turns inside.
type front struct {
	*httptest.Server
	mu    sync.Mutex
	turn  int
	to    []string // the bots' addresses
	codes map[int]int
	// lose tells whether an answer of a bot gets lost on its way; nil = none does.
	lose func() bool
	// arrives is called when an update is about to be passed on; nil = nothing is.
	arrives func()
}

// newFront makes a front, and lets the Telegram bring updates through it.
func newFront(t *testing.T, e *exchange) *front {
	t.Helper()
	f := &front{codes: map[int]int{}}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", f.next()
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
		ModifyResponse: func(r *http.Response) error {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.codes[r.StatusCode]++
			if f.lose != nil && f.lose() {
				return http.ErrAbortHandler
			}
			return nil
		},
	}
	f.Server = httptest.NewTLSServer(proxy)
	t.Cleanup(f.Close)
	var bringing sync.WaitGroup
	bringing.Go(func() {
		e.Deliver(t.Context(), sim.Courier{HTTP: f.Client(), Pause: 20 * time.Millisecond, Longest: 100 * time.Millisecond})
	})
	t.Cleanup(bringing.Wait)
	return f
}

// next gives the address of the bot whose turn it is. There may be none.
func (f *front) next() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.arrives != nil {
		f.arrives()
	}
	if len(f.to) == 0 {
		return "127.0.0.1:1"
	}
	f.turn++
	return f.to[f.turn%len(f.to)]
}

// leads says between which bots the front chooses from now on.
func (f *front) leads(to ...*process) {
	var addresses []string
	for _, p := range to {
		addresses = append(addresses, p.says(`msg=listening address=(\S+)`))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.to = addresses
}

// listenIn sets what is called when an update is about to be passed on, and what tells whether its answer gets lost. They may end
// the bot; nil = nothing and none.
func (f *front) listenIn(arrives func(), lose func() bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.arrives, f.lose = arrives, lose
}

// answered counts the answers of a status.
func (f *front) answered(status int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.codes[status]
}

// env are the settings of a bot behind the front.
func (f *front) env(more ...string) []string {
	return append([]string{"RECBOT_WEBHOOK=true", "RECBOT_PUBLIC_URL=" + f.URL}, more...)
}

// TestWebhookOfReplicas lets people write while two bots on one Redis take the updates in turns, some answers to Telegram
// get lost, and one bot is replaced. Everybody gets every answer once, in order.
func TestWebhookOfReplicas(t *testing.T) {
	t.Parallel()
	e := newExchange(t)
	f, redis := newFront(t, e), storetest.Redis(t)
	chance := rand.New(rand.NewPCG(1, 2))
	f.lose = func() bool { return chance.IntN(4) == 0 }
	start := func() *process { return e.serve(shortDir(t), f.env("REDIS_URL="+redis)...) }
	bots := []*process{start(), start()}
	bots[0].ready()
	bots[1].ready()
	f.leads(bots...)

	const people, rounds = 6, 6
	for n := range rounds {
		for who := range store.PersonID(people) {
			e.say(e.person(who+1), []string{"/help", "/about"}[n%2])
		}
		if n == rounds/2 {
			bots[0].signal()
			third := start()
			third.ready()
			f.leads(bots[1], third)
			bots = append(bots, third)
		}
	}
	eventually(t, soon, "everything is taken", e.Idle)
	for who := range store.PersonID(people) {
		got := e.sent(who + 1)
		if len(got) != rounds || got[0] == got[1] {
			t.Fatalf("person %d wrote %d times and got %d answers: %q", who+1, rounds, len(got), got)
		}
		for i := range got {
			if got[i] != got[i%2] {
				t.Errorf("person %d got the answers out of order: %q", who+1, got)
			}
		}
	}
	if code := bots[0].wait(); code != exitGood {
		t.Errorf("after SIGTERM the replaced bot ended with code %d", code)
	}
	for _, p := range bots[1:] {
		p.stop()
	}
	for _, p := range bots {
		for _, secret := range []string{sim.Token, telegram.WebhookSecret(sim.Token), "/telegram/"} {
			if strings.Contains(p.out.String(), secret) {
				t.Errorf("the log holds %q:\n%s", secret, p.out.String())
			}
		}
	}
}

// TestWebhookTurnsStrangersAway asks a running bot as others than Telegram would.
func TestWebhookTurnsStrangersAway(t *testing.T) {
	t.Parallel()
	e := newExchange(t)
	f := newFront(t, e)
	p := e.serve(shortDir(t), f.env("RECBOT_WEBHOOK_SECRET=a-secret-of-ours")...)
	p.ready()
	f.leads(p)
	path := telegram.WebhookPath(sim.Token, "a-secret-of-ours")
	for _, tc := range []struct {
		name, path, secret string
		want               int
	}{
		{"the path alone is not enough", path, "", http.StatusForbidden},
		{"nor with the secret that would be derived", path, telegram.WebhookSecret(sim.Token), http.StatusForbidden},
		{"the secret at another path", "/telegram/", "a-secret-of-ours", http.StatusNotFound},
		{"both are", path, "a-secret-of-ours", http.StatusOK},
	} {
		body := `{"update_id":5,"message":{"message_id":1,"date":1,"text":"/help","chat":{"id":1,"type":"private"},"from":{"id":1}}}`
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.URL+tc.path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", tc.secret)
		resp, err := f.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != tc.want {
			t.Errorf("%s: answered %d, want %d", tc.name, resp.StatusCode, tc.want)
		}
	}
	p.stop()
}

// TestWebhookAnswersBeforeItEnds ends a bot that has an update in hand. Telegram hears that it is settled, not that it has to
// come again.
func TestWebhookAnswersBeforeItEnds(t *testing.T) {
	t.Parallel()
	e := newExchange(t)
	f := newFront(t, e)
	leaving := e.slowToSend(3 * time.Second)
	p, who := e.serve(shortDir(t), f.env()...), e.person(1)
	p.ready()
	f.leads(p)
	e.say(who, "/help")
	select {
	case <-leaving:
	case <-time.After(soon):
		t.Fatal("the answer does not leave")
	}
	p.stop()
	if got := len(e.sent(who)); got != 1 || f.answered(http.StatusOK) != 1 || f.answered(http.StatusServiceUnavailable) != 0 {
		t.Errorf("the person got %d answers, Telegram %v", got, f.codes)
	}
	eventually(t, soon, "the update is taken", e.Idle)
}

// TestWebhookWaitsForTheStore takes the store away for a moment. Updates wait for it at Telegram, and nobody is bothered.
func TestWebhookWaitsForTheStore(t *testing.T) {
	t.Parallel()
	e := newExchange(t)
	f, redis := newFront(t, e), storetest.StartRedis(t)
	p, who := e.serve(shortDir(t), f.env("REDIS_URL="+redis.URL())...), e.person(1)
	p.ready()
	f.leads(p)
	redis.Kill()
	eventually(t, soon, "/readyz says that nothing is taken in", func() bool {
		_, body := p.get("/readyz")
		return strings.Contains(body, "webhook: no updates are taken in")
	})
	e.say(who, "/help")
	eventually(t, soon, "the update is refused", func() bool { return f.answered(http.StatusServiceUnavailable) > 0 })
	redis.Start()
	e.gets(who, 0, "/meetings")
	if got := e.sent(who); len(got) != 1 {
		t.Errorf("the person got %q, want one answer", got)
	}
	p.stop()
}

// TestBetweenPollingAndWebhook goes over from one to the other and back. What people write in between is answered.
func TestBetweenPollingAndWebhook(t *testing.T) {
	t.Parallel()
	e, data := newExchange(t), shortDir(t)
	f, who := newFront(t, e), e.person(1)
	for n, env := range [][]string{nil, f.env(), nil, f.env()} {
		e.say(who, "/help")
		p := e.serve(data, env...)
		f.leads(p)
		p.ready()
		e.say(who, "/help")
		eventually(t, soon, "both are answered", func() bool { return len(e.sent(who)) == 2*(n+1) && e.Idle() })
		p.stop()
	}
}

func TestCheckSaysHowUpdatesCome(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		config Config
		want   string
	}{
		{"an address alone is no webhook", Config{PublicURL: "https://bot.example"}, "; polling"},
		{"with a webhook neither secret nor path is shown", Config{Token: sim.Token, Webhook: true, PublicURL: "https://bot.example"},
			"; updates come to https://bot.example"},
	} {
		got, err := (&invocation{Config: tc.config}).checkConfiguration(t.Context())
		if err != nil || !strings.HasSuffix(got, tc.want) {
			t.Errorf("%s: got %q, %v, want it to end with %q", tc.name, got, err, tc.want)
		}
	}
}

// TestWebhookWithoutAStoreTakesAgain holds how long updates are left at Telegram while the store is out of reach.
func TestWebhookWithoutAStoreTakesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db, err := boltstore.Open(fmt.Sprintf("%s/recbot.db", t.TempDir()), boltstore.Options{NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		flaky := storetest.NewFlaky(db)
		a := &app{parts: parts{backend: flaky}}
		a.state.opened.Store(true)
		for _, step := range []struct {
			name string
			fail error
			wait time.Duration
			want bool
		}{
			{"the store is there", nil, 0, true},
			{"it is gone", store.ErrUnavailable, 0, false},
			{"it is gone for a while", store.ErrUnavailable, outagePatience - time.Second, false},
			{"for longer than anybody waits in silence", store.ErrUnavailable, time.Second, true},
			{"it is back", nil, 0, true},
			{"it is gone again", store.ErrUnavailable, time.Hour, false},
		} {
			flaky.Fail(step.fail)
			time.Sleep(step.wait)
			if got := a.shouldTake(t.Context()); got != step.want {
				t.Errorf("%s: updates are taken in: %v, want %v", step.name, got, step.want)
			}
		}
	})
}
