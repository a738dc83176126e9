package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recbot/bot/sim"
	"recbot/store"
	"recbot/store/storetest"
)

// These tests run the real binary against a simulated Telegram over real sockets.

// tryAgain is what people read while the store is out of reach.
const tryAgain = "Please try again in a minute"

func TestServeEndsWithAWrongToken(t *testing.T) {
	t.Parallel()
	e := newExchange(t)
	e.Revoke()
	p := e.serve(shortDir(t))
	if code := p.wait(); code != exitUsage {
		t.Errorf("exit code %d, want %d", code, exitUsage)
	}
	var plain []string
	for line := range strings.Lines(p.out.String()) {
		if strings.HasPrefix(line, "recbot: ") {
			plain = append(plain, strings.TrimSpace(line))
		}
	}
	want := "recbot: TELEGRAM_BOT_TOKEN: Telegram refused the token (401); @BotFather shows the right one"
	if len(plain) != 1 || plain[0] != want {
		t.Errorf("got %q, want %q alone", plain, want)
	}
	if got := p.out.String(); strings.Contains(got, "out of reach") {
		t.Errorf("the log holds a trouble that was none:\n%s", got)
	}
}

func TestServeWaitsForTelegram(t *testing.T) {
	t.Parallel()
	e := newExchange(t)
	e.down.Store(true)
	p, who := e.serve(shortDir(t)), e.person(1)
	eventually(t, soon, "/readyz names Telegram", func() bool {
		status, body := p.get("/readyz")
		return status == http.StatusServiceUnavailable && strings.Contains(body, "telegram")
	})
	if status, body := p.get("/healthz"); status != http.StatusOK {
		t.Errorf("/healthz answers %d: %s", status, body)
	}
	e.say(who, "/help")
	e.down.Store(false)
	e.gets(who, 0, "/meetings")
	p.ready()
	p.stop()
}

func TestOwnerLinkWorksOnce(t *testing.T) {
	t.Parallel()
	e, data := newExchange(t), shortDir(t)
	p := e.serve(data)
	secret := p.says(`https://t\.me/` + sim.Username + `\?start=(\w+)`)
	for _, who := range []store.PersonID{e.person(1), e.person(2)} {
		if err := e.Start(who, secret); err != nil {
			t.Fatal(err)
		}
		eventually(t, soon, "an answer to the link", func() bool { return len(e.sent(who)) > 0 && e.Idle() })
	}
	p.stop()
	roles := map[store.PersonID]store.Role{}
	withStore(t, data, nil, func(ctx context.Context, s *store.Store) error {
		for id := range store.PersonID(3) {
			if one, err := s.Person(ctx, id); err == nil {
				roles[id] = one.Role
			}
		}
		return nil
	})
	if roles[1] != store.Owner || roles[2].AtLeast(store.Organizer) {
		t.Errorf("after the link was opened by 1 and then by 2 the roles are %v", roles)
	}
	again := e.serve(data)
	again.ready()
	again.stop()
	if strings.Contains(again.out.String(), "start=") {
		t.Error("a bot that has an owner offers ownership")
	}
}

func TestSecondPollerIsTold(t *testing.T) {
	t.Parallel()
	e := newExchange(t)
	first := e.serve(shortDir(t))
	first.ready()
	second := e.serve(shortDir(t))
	second.ready()
	// They oust each other in turns; what matters is that both say why, live on, and people are answered.
	eventually(t, soon, "somebody is told of the conflict", func() bool {
		return first.hasRival() || second.hasRival()
	})
	who := e.person(1)
	e.say(who, "/help")
	e.gets(who, 0, "/meetings")
	second.stop()
	e.say(who, "/about")
	eventually(t, soon, "the first one answers alone", func() bool { return len(e.sent(who)) >= 2 && e.Idle() })
	first.stop()
}

// TestSigtermWhileWaiting ends bots that have not got anywhere yet.
func TestSigtermWhileWaiting(t *testing.T) {
	t.Parallel()
	t.Run("for Telegram", func(t *testing.T) {
		t.Parallel()
		e := newExchange(t)
		e.down.Store(true)
		p := e.serve(shortDir(t))
		p.says("telegram does not answer, asking again")
		p.stop()
	})
	t.Run("for Redis", func(t *testing.T) {
		t.Parallel()
		e := newExchange(t)
		redis := storetest.StartRedis(t)
		redis.Kill()
		p := e.serve(shortDir(t), "REDIS_URL="+redis.URL())
		p.says("the store is out of reach; waiting for it")
		p.stop()
	})
}

// TestSigtermLosesNothing writes to the bot before, around and after SIGTERM. Every message has one answer in the end.
func TestSigtermLosesNothing(t *testing.T) {
	t.Parallel()
	e, data := newExchange(t), shortDir(t)
	e.OnCall(func(c sim.Call) *sim.Fault {
		if c.Method == "sendMessage" {
			return &sim.Fault{Delay: 20 * time.Millisecond}
		}
		return nil
	})
	const people, rounds = 8, 6
	p := e.serve(data)
	p.ready()
	for n := range rounds {
		for who := range store.PersonID(people) {
			e.say(e.person(who+1), "/help")
		}
		if n == rounds/2 {
			p.signal()
		}
	}
	if code := p.wait(); code != exitGood {
		t.Errorf("after SIGTERM recbot ended with code %d", code)
	}
	for who := range store.PersonID(people) {
		e.say(who+1, "/help")
	}
	again := e.serve(data)
	again.ready()
	eventually(t, soon, "all updates are confirmed", func() bool { return e.Pending() == 0 })
	again.stop()
	for who := range store.PersonID(people) {
		if got := len(e.sent(who + 1)); got != rounds+1 {
			t.Errorf("person %d wrote %d times and got %d answers", who+1, rounds+1, got)
		}
	}
}

func TestPoisonIsPassedOverAndCounted(t *testing.T) {
	t.Parallel()
	e := newExchange(t)
	p, who := e.serve(shortDir(t)), e.person(1)
	p.ready()
	e.Inject(`{"message": {"message_id": "no number", "chat": 5}}`)
	e.Inject(`{"callback_query": []}`)
	e.say(who, "/help")
	e.gets(who, 0, "/meetings")
	if _, body := p.get("/metrics"); !strings.Contains(body, "recbot_poisoned_updates_total 2\n") {
		t.Errorf("two poison updates are not counted:\n%s", grep(body, "poison"))
	}
	p.stop()
}

// grep keeps the lines that hold a word.
func grep(text, word string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if strings.Contains(line, word) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

func TestRedisIsDownAtStart(t *testing.T) {
	t.Parallel()
	e := newExchange(t)
	redis := storetest.StartRedis(t)
	redis.Kill()
	p, who := e.serve(shortDir(t), "REDIS_URL="+redis.URL()), e.person(1)
	p.says("the store is out of reach; waiting for it")
	storeAway(t, e, p, who)
	redis.Start()
	storeBack(t, e, p, who)
	p.stop()
}

// storeAway checks that people are told, and machines too, while the store is away.
func storeAway(t *testing.T, e *exchange, p *process, who store.PersonID) {
	t.Helper()
	n := len(e.sent(who))
	e.say(who, "/meetings")
	e.gets(who, n, tryAgain)
	eventually(t, soon, "/readyz names the store", func() bool {
		status, body := p.get("/readyz")
		return status == http.StatusServiceUnavailable && strings.Contains(body, "store")
	})
}

// storeBack checks that all is well again without help.
func storeBack(t *testing.T, e *exchange, p *process, who store.PersonID) {
	t.Helper()
	p.ready()
	n := len(e.sent(who))
	e.say(who, "/help")
	e.gets(who, n, "/meetings")
	if got := strings.Join(e.sent(who)[n:], "\n"); strings.Contains(got, tryAgain) {
		t.Errorf("the store is back, and the answer is:\n%s", got)
	}
}

func TestDataFolderIsHeld(t *testing.T) {
	t.Parallel()
	e, data := newExchange(t), shortDir(t)
	first := e.serve(data)
	first.ready()
	second := e.serve(data)
	if code := second.wait(); code != exitFailed {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	if got := second.out.String(); !strings.Contains(got, "held by another recbot; stop the other recbot, or give this one its own RECBOT_DATA") {
		t.Errorf("the second bot said:\n%s", got)
	}
	if _, err := os.Stat(filepath.Join(data, "recbot.sock")); err != nil {
		t.Errorf("the first bot's control socket: %v", err)
	}
	first.stop()
}

// TestReminderOfARunningBot imports a meeting into a bot that runs, by the control socket, and waits for the minute in
// which its reminder falls due.
func TestReminderOfARunningBot(t *testing.T) {
	t.Parallel()
	e, data := newExchange(t), shortDir(t)
	who := e.person(1)
	withStore(t, data, nil, func(ctx context.Context, s *store.Store) error {
		return settle(ctx, s, who, func(p *store.Person) { p.Leads = []store.Lead{store.Lead15Min} })
	})
	p := e.serve(data)
	p.ready()
	due := time.Now().Add(5 * time.Second).Truncate(time.Minute).Add(time.Minute)
	start := due.Add(15 * time.Minute).UTC()
	file := filepath.Join(shortDir(t), "meetings.yaml")
	if err := os.WriteFile(file, []byte(meetingFile("soon", start)), 0o600); err != nil {
		t.Fatal(err)
	}
	in := launch(t, e.env(data), "import", file)
	if code := in.wait(); code != exitGood {
		t.Fatalf("import ended with code %d:\n%s", code, in.out.String())
	}
	e.gets(who, 0, "A new meeting is announced")
	eventually(t, 2*time.Minute, "the reminder", func() bool { return strings.Contains(strings.Join(e.sent(who), "\n"), "Reminder: ") })
	p.stop()
}

// meetingFile is a file with one meeting of the Council, in UTC.
func meetingFile(id string, start time.Time) string {
	lines := []string{"schema: 1", "timezone: Asia/Tashkent", "meetings:", "  - id: " + id}
	for _, line := range []string{"uid: " + id + "@recbot", "sequence: 0", "kind: council_meeting", "bodies: [rec]",
		"name: {en: Meeting, ru: Заседание, uz: Yigʻilish}", "date: " + start.Format(`"2006-01-02"`), "start: " + start.Format(`"15:04"`),
		"timezone: UTC", "attendance: in_person", "location: {city: {en: Tashkent, ru: Ташкент, uz: Toshkent}}",
		"status: confirmed", "visibility: public"} {
		lines = append(lines, "    "+line)
	}
	return strings.Join(lines, "\n") + "\n"
}
