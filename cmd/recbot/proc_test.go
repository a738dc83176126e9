package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"recbot/bot"
	"recbot/bot/sim"
	"recbot/bot/telegram"
	"recbot/store"
	"recbot/store/boltstore"
	"recbot/store/redisstore"
)

// soon is how long a real process may take to do what it is waited for; the machine may be busy with other tests.
const soon = 60 * time.Second

// eventually waits until a condition is true.
func eventually(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !ok() {
		select {
		case <-look.C:
		case <-deadline.C:
			t.Fatalf("it did not happen within %v: %s", limit, what)
		}
	}
}

// programs are the binaries that tests run, each built once.
var programs struct {
	mu     sync.Mutex
	folder string
	built  map[string]error // by build tag
}

func TestMain(m *testing.M) {
	code := m.Run()
	if programs.folder != "" {
		_ = os.RemoveAll(programs.folder) // a leftover in the temporary folder fails nobody
	}
	os.Exit(code)
}

// binary builds recbot as it is released, once for all tests, and gives its path.
func binary(t *testing.T) string {
	t.Helper()
	return program(t, "")
}

// crashing builds a recbot that dies where a test says, see crashpoints.go.
func crashing(t *testing.T) string {
	t.Helper()
	return program(t, "crashpoints")
}

// program builds recbot with a build tag, once for all tests; "" = with none.
func program(t *testing.T, tag string) (path string) {
	t.Helper()
	if testing.Short() {
		t.Skip("NOT RUN with -short: the real binary")
	}
	p := &programs
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.folder == "" {
		folder, err := os.MkdirTemp("", "recbot-test-")
		if err != nil {
			t.Fatal(err)
		}
		p.folder, p.built = folder, map[string]error{}
	}
	path = filepath.Join(p.folder, "recbot"+tag)
	err, known := p.built[tag]
	if !known {
		var out []byte
		if out, err = exec.Command("go", "build", "-tags", tag, "-o", path, ".").CombinedOutput(); err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
		p.built[tag] = err
	}
	if err != nil {
		t.Fatalf("building recbot with tag %q: %v", tag, err)
	}
	return path
}

// shortDir is a folder of the test whose path is short enough for a socket in it.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "rb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// process is a recbot that runs by itself.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	out  transcript // stderr
	done chan struct{}
}

// launch starts the real binary. It sees nothing of this process's environment but what env gives.
func launch(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	return launchThe(t, binary(t), env, args...)
}

// launchThe starts a binary.
func launchThe(t *testing.T, path string, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(path, args...), done: make(chan struct{})}
	p.cmd.Env, p.cmd.Stderr, p.cmd.Stdout = env, &p.out, io.Discard
	p.cmd.Dir = shortDir(t) // a default folder for data is not this package's
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("starting recbot: %v", err)
	}
	go func() {
		_ = p.cmd.Wait() // its state says how it ended
		close(p.done)
	}()
	t.Cleanup(func() {
		p.kill()
		for _, secret := range []string{sim.Token, "hunter2"} {
			if strings.Contains(p.out.String(), secret) {
				t.Errorf("recbot %s wrote a secret", strings.Join(args, " "))
			}
		}
		if t.Failed() {
			t.Logf("what recbot %s wrote:\n%s", strings.Join(args, " "), p.out.String())
		}
	})
	return p
}

// hasRival tells that it has met another poller. The number alone may be part of a port or of a time.
func (p *process) hasRival() bool {
	return strings.Contains(p.out.String(), telegram.ErrRival.Error())
}

// kill ends the process as a power cut would, and waits until it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.done
}

// stop ends the process as an operator does, and fails the test unless it ends well.
func (p *process) stop() {
	p.t.Helper()
	p.signal()
	if code := p.wait(); code != exitGood {
		p.t.Fatalf("after SIGTERM recbot ended with code %d", code)
	}
}

func (p *process) signal() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatalf("SIGTERM: %v", err)
	}
}

// wait gives the exit code.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(soon):
		p.t.Fatalf("recbot did not end within %v", soon)
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// says waits until stderr has a text that fits a pattern, and gives what its parentheses hold, or all of it.
func (p *process) says(pattern string) string {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	var found []string
	eventually(p.t, soon, "on stderr: "+pattern, func() bool {
		found = re.FindStringSubmatch(p.out.String())
		return found != nil || !p.running()
	})
	if found = re.FindStringSubmatch(p.out.String()); found == nil {
		p.t.Fatalf("recbot ended without a word of %s", pattern)
	}
	return found[len(found)-1]
}

// get asks one of the process's HTTP addresses. Before it listens the status is 0.
func (p *process) get(path string) (status int, body string) {
	p.t.Helper()
	at := p.says(`msg=listening address=(\S+)`)
	resp, err := http.Get("http://" + at + path)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(b)
}

// ready waits until /readyz says so.
func (p *process) ready() {
	p.t.Helper()
	eventually(p.t, soon, "/readyz answers 200", func() bool {
		status, _ := p.get("/readyz")
		return status == http.StatusOK
	})
}

// transcript collects what a process writes; it may be read meanwhile.
type transcript struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (tr *transcript) Write(b []byte) (int, error) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.buf.Write(b)
}

func (tr *transcript) String() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.buf.String()
}

// exchange is a simulated Telegram behind a real socket.
type exchange struct {
	*sim.Server
	t    *testing.T
	url  string
	down atomic.Bool // every connection breaks
}

func newExchange(t *testing.T) *exchange {
	t.Helper()
	e := &exchange{Server: sim.New(nil), t: t}
	e.url = listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e.down.Load() {
			panic(http.ErrAbortHandler) // breaks the connection
		}
		e.ServeHTTP(w, r)
	}))
	return e
}

// listen serves at a real socket and gives its address.
func listen(t *testing.T, h http.Handler) (url string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		s.CloseClientConnections() // a long poll may still hang
		s.Close()
	})
	return s.URL
}

// env is the environment of a recbot that talks to this Telegram, with more lines or others.
func (e *exchange) env(data string, more ...string) []string {
	return append([]string{
		"TELEGRAM_BOT_TOKEN=" + sim.Token, "TELEGRAM_API_URL=" + e.url, "RECBOT_DATA=" + data,
		"RECBOT_LISTEN=127.0.0.1:0", "RECBOT_BULK_RATE=1000", "HOME=" + data,
	}, more...)
}

// serve starts a recbot that talks to this Telegram.
func (e *exchange) serve(data string, more ...string) *process {
	e.t.Helper()
	return launch(e.t, e.env(data, more...), "serve")
}

// person gives somebody with an English client an account.
func (e *exchange) person(id store.PersonID) store.PersonID {
	e.Join(sim.Person{ID: id, Name: fmt.Sprintf("Person %d", id), Locale: "en", Started: true})
	return id
}

func (e *exchange) say(who store.PersonID, text string) {
	e.t.Helper()
	if err := e.Say(who, text); err != nil {
		e.t.Fatalf("saying %q: %v", text, err)
	}
}

// sent lists the messages that a person got, oldest first.
func (e *exchange) sent(who store.PersonID) []string {
	var texts []string
	for _, d := range e.Deliveries(0) {
		if d.Chat == store.ChatID(who) && d.Kind == bot.LetterSend {
			texts = append(texts, d.Text)
		}
	}
	return texts
}

// gets waits until a person got a message that holds a text, after the first n ones.
func (e *exchange) gets(who store.PersonID, n int, text string) {
	e.t.Helper()
	eventually(e.t, soon, fmt.Sprintf("person %d gets %q", who, text), func() bool {
		got := e.sent(who)
		return strings.Contains(strings.Join(got[min(n, len(got)):], "\n"), text)
	})
}

// withStore lets a test work on the embedded store of a folder while no bot has it. now is the time that the store
// believes it is; nil = the real one.
func withStore(t *testing.T, data string, now func() time.Time, do func(ctx context.Context, s *store.Store) error) {
	t.Helper()
	db, err := boltstore.Open(filepath.Join(data, storeFile), boltstore.Options{Now: now})
	if err != nil {
		t.Fatalf("opening the store: %v", err)
	}
	work(t, db, now, do)
}

// withRedis is withStore on Redis, where a bot may be at work at the same time.
func withRedis(t *testing.T, url string, now func() time.Time, do func(ctx context.Context, s *store.Store) error) {
	t.Helper()
	db, err := redisstore.Open(url, redisstore.Options{})
	if err != nil {
		t.Fatalf("opening the store: %v", err)
	}
	work(t, db, now, do)
}

func work(t *testing.T, b store.Backend, now func() time.Time, do func(ctx context.Context, s *store.Store) error) {
	t.Helper()
	if now == nil {
		now = time.Now
	}
	s := store.New(b, now)
	err := s.Open(t.Context())
	if err == nil {
		err = do(t.Context(), s)
	}
	if err := errors.Join(err, b.Close()); err != nil {
		t.Fatalf("in the store: %v", err)
	}
}

// settle stores a person who has been through the first start, as change leaves them. They keep no quiet hours, for these
// tests run at any hour.
func settle(ctx context.Context, s *store.Store, id store.PersonID, change func(*store.Person)) error {
	if _, err := s.Greet(ctx, store.Newcomer(id, store.English, time.Now())); err != nil {
		return err
	}
	_, err := s.ChangePerson(ctx, id, store.Cause{}, func(p *store.Person) error {
		p.Welcomed, p.Quiet.Off = true, true
		change(p)
		return nil
	})
	return err
}
