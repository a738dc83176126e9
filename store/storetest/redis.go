package storetest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Redis starts a server for one test alone and gives its address. See [StartRedis].
func Redis(tb testing.TB) (url string) {
	tb.Helper()
	return StartRedis(tb).URL()
}

// Server is a Redis server of one test: on a free port of the loopback interface, with its data and append-only file in a
// folder of the test. It ends with the test.
type Server struct {
	tb   testing.TB
	args []string
	port int
	cmd  *exec.Cmd
	out  bytes.Buffer
	done chan struct{} // closed when the process has ended
}

// StartRedis starts a server and waits until it answers. args are more arguments of redis-server. Without the program the
// test fails and says how to get it.
func StartRedis(tb testing.TB, args ...string) *Server {
	tb.Helper()
	dir := tb.TempDir()
	return start(tb, func() []string { return slices.Concat(dataArgs(dir), args) })
}

// dataArgs are the arguments of a server that keeps data.
func dataArgs(dir string) []string {
	return []string{
		"--bind", "127.0.0.1", "--dir", dir, "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--daemonize", "no",
	}
}

// start starts a server on a free port. It asks for the arguments anew for each port that it tries, so that they can hold
// another port.
func start(tb testing.TB, args func() []string) *Server {
	tb.Helper()
	if testing.Short() {
		tb.Skip("NOT RUN with -short: tests on a real redis-server")
	}
	if _, err := exec.LookPath("redis-server"); err != nil {
		tb.Fatal("redis-server is missing, and this test needs a real one: apt-get install redis-server")
	}
	s := &Server{tb: tb}
	tb.Cleanup(s.Kill)
	for range 20 {
		s.args, s.port = args(), freePort(tb)
		if s.Start(); s.ready() {
			return s
		}
		// Somebody was faster to take the port.
	}
	tb.Fatalf("redis-server does not start:\n%s", s.out.String())
	return nil
}

// freePort gives a port that was free a moment ago.
func freePort(tb testing.TB) int {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("looking for a free port: %v", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Addr is host and port.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL is the address in the form that programs are configured with.
func (s *Server) URL() string { return "redis://" + s.Addr() + "/0" }

// Start starts the process, also again after [Server.Kill], on the same port and data. It does not wait: see [Server.Ready].
func (s *Server) Start() {
	s.tb.Helper()
	s.out.Reset()
	s.cmd = exec.Command("redis-server", slices.Concat(s.args, []string{"--port", strconv.Itoa(s.port)})...)
	s.cmd.Stdout, s.cmd.Stderr = &s.out, &s.out
	if err := s.cmd.Start(); err != nil {
		s.tb.Fatalf("starting redis-server: %v", err)
	}
	s.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) {
		_ = cmd.Wait() // it is killed, so it always ends badly
		close(done)
	}(s.cmd, s.done)
}

// Ready waits until the server answers.
func (s *Server) Ready() {
	s.tb.Helper()
	if !s.ready() {
		s.tb.Fatalf("redis-server does not answer:\n%s", s.out.String())
	}
}

// ready asks until the server that answers is ours, or has ended, or patience is over.
func (s *Server) ready() bool {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	own := fmt.Sprintf("process_id:%d\r\n", s.cmd.Process.Pid)
	for {
		if info, err := s.Try("INFO", "server"); err == nil && strings.Contains(fmt.Sprint(info), own) {
			return true
		}
		select {
		case <-tick.C:
		case <-s.done:
			return false
		case <-deadline.C:
			return false
		}
	}
}

// Port is the port as it stands in commands.
func (s *Server) Port() string { return strconv.Itoa(s.port) }

// await waits until the answer to a command has a line, or its end.
func (s *Server) await(what, line string, command ...string) {
	s.tb.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		reply, err := s.Try(command...)
		if err == nil && strings.Contains(fmt.Sprint(reply), line+"\r\n") {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			s.tb.Fatalf("not after %s: %s: no %q in\n%v, %v", patience, what, line, reply, err)
		}
	}
}

// Kill ends the process at once, as a crash would, and waits until it is gone. A server that is not running is left so.
func (s *Server) Kill() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Kill() // it may have ended by itself
	<-s.done
}

// Do runs a command as the default user, on a connection of its own, and fails the test when the server refuses it.
func (s *Server) Do(args ...string) any {
	s.tb.Helper()
	reply, err := s.Try(args...)
	if err != nil {
		s.tb.Fatalf("redis: %s: %v", args[0], err)
	}
	return reply
}

// Try runs a command as Do does, and gives the error. Replies are string, int64, nil or []any of them.
func (s *Server) Try(args ...string) (any, error) {
	conn, err := net.DialTimeout("tcp", s.Addr(), patience)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	var request bytes.Buffer
	fmt.Fprintf(&request, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&request, "$%d\r\n%s\r\n", len(a), a)
	}
	if _, err := conn.Write(request.Bytes()); err != nil {
		return nil, err
	}
	return readReply(bufio.NewReader(conn))
}

// readReply reads one value of the protocol, version 2.
func readReply(r *bufio.Reader) (any, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return nil, err
	}
	kind, rest := line[0], strings.TrimRight(line[1:], "\r\n")
	n, _ := strconv.ParseInt(rest, 10, 64) // not all kinds have a number there
	switch {
	case kind == '+':
		return rest, nil
	case kind == '-':
		return nil, errors.New(rest)
	case kind == ':':
		return n, nil
	case n < 0:
		return nil, nil
	case kind == '$':
		bulk := make([]byte, n+2)
		_, err := io.ReadFull(r, bulk)
		return string(bulk[:n]), err
	}
	all := make([]any, n)
	for i := range all {
		if all[i], err = readReply(r); err != nil {
			return nil, err
		}
	}
	return all, nil
}
