package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"recbot/bot/sim"
)

// idleFor is how long the bot has nothing to do before its memory is looked at.
const idleFor = 30 * time.Second

var listensAt = regexp.MustCompile(`msg=listening address=(\S+)`)

// BenchmarkServe is the real binary, built as it is released, against a Telegram on the loopback: the time from its start
// until /readyz says 200, on a new folder and on one that was served before, and its resident memory when it has been
// idle for half a minute. A bare start of the binary, which prints its version, is what to measure the start against.
func BenchmarkServe(b *testing.B) {
	binary := released(b)
	telegram := httptest.NewServer(sim.New(nil))
	defer telegram.Close()
	defer telegram.CloseClientConnections() // a long poll may still hang
	s := &served{binary: binary, telegram: telegram.URL}

	b.Run("ready", func(b *testing.B) {
		for b.Loop() {
			s.start(b, b.TempDir())
			s.stop(b)
		}
		s.report(b)
		reportSize(b, binary)
	})
	b.Run("ready-again", func(b *testing.B) {
		data := b.TempDir()
		s.start(b, data)
		s.stop(b)
		for b.Loop() {
			s.start(b, data)
			s.stop(b)
		}
		s.report(b)
	})
	b.Run("idle", func(b *testing.B) {
		for b.Loop() { // half a minute is long enough for one round to be all
			s.start(b, b.TempDir())
			<-time.After(idleFor)
			b.ReportMetric(s.resident(b, "VmRSS"), "resident-MB")
			b.ReportMetric(s.resident(b, "RssAnon"), "anonymous-MB")
			s.stop(b)
		}
	})
	b.Run("against=version", func(b *testing.B) {
		for b.Loop() {
			if err := exec.Command(binary, "version").Run(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// released builds recbot as it is released, and gives its path.
func released(b *testing.B) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), "recbot")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("building: %v\n%s", err, out)
	}
	return binary
}

func reportSize(b *testing.B, path string) {
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/1e6, "binary-MB")
}

// served is a bot that is started and stopped again and again.
type served struct {
	binary, telegram string
	more             []string // lines of its environment
	cmd              *exec.Cmd
	out              *transcript
	starts           int
	took             time.Duration // of all starts until now
}

// start starts the bot and waits until it is ready.
func (s *served) start(b *testing.B, data string) {
	b.Helper()
	s.out = &transcript{}
	s.cmd = exec.Command(s.binary, "serve")
	s.cmd.Stderr, s.cmd.Dir = s.out, data
	s.cmd.Env = []string{"TELEGRAM_BOT_TOKEN=" + sim.Token, "TELEGRAM_API_URL=" + s.telegram, "RECBOT_DATA=" + data, "RECBOT_LISTEN=127.0.0.1:0"}
	s.cmd.Env = append(s.cmd.Env, s.more...)
	begun := time.Now()
	if err := s.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for ; !s.ready(); <-look.C {
		if time.Since(begun) > time.Minute {
			_ = s.cmd.Process.Kill()
			b.Fatalf("not ready after a minute:\n%s", s.out)
		}
	}
	s.took += time.Since(begun)
	s.starts++
}

func (s *served) ready() bool {
	found := listensAt.FindStringSubmatch(s.out.String())
	if found == nil {
		return false
	}
	resp, err := http.Get("http://" + found[1] + "/readyz")
	if err != nil {
		return false
	}
	return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
}

func (s *served) stop(b *testing.B) {
	b.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		b.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		b.Fatalf("the bot ended with %v:\n%s", err, s.out)
	}
}

// report gives the time of a start, without the stop.
func (s *served) report(b *testing.B) {
	b.ReportMetric(float64(s.took.Microseconds())/float64(s.starts)/1000, "ms/ready")
	s.starts, s.took = 0, 0
}

// resident reads a figure of the kernel about the bot's memory.
func (s *served) resident(b *testing.B, field string) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		b.Skip("NOT MEASURED: the memory, for the kernel does not tell it in /proc")
	}
	_, rest, _ := strings.Cut(string(status), field+":")
	kB, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kB * 1024 / 1e6
}
