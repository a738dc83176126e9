package redisstore

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// listen serves connections on the loopback interface until the test ends.
func listen(t *testing.T, serve func(net.Conn)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var open []net.Conn
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			all.Go(func() {
				defer conn.Close()
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for _, conn := range open {
			_ = conn.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return l.Addr().String()
}

// fake is a server that answers what it is told to, in the protocol's own words; "" closes the connection, "..." says nothing
// any more. It shakes hands by itself.
func fake(t *testing.T, answer func(command string) string) (url string) {
	return "redis://" + listen(t, func(conn net.Conn) {
		r := bufio.NewReader(conn)
		for {
			command, err := readCommand(r)
			if err != nil {
				return
			}
			reply := "-ERR unknown command 'HELLO'"
			if command != "hello" {
				reply = answer(command)
			}
			switch reply {
			case "":
				return
			case "...":
				_, _ = io.Copy(io.Discard, r)
				return
			}
			if _, err := fmt.Fprintf(conn, "%s\r\n", reply); err != nil {
				return
			}
		}
	})
}

// readCommand reads a command and gives its first word.
func readCommand(r *bufio.Reader) (string, error) {
	n, err := readLength(r, '*')
	if err != nil {
		return "", err
	}
	first := ""
	for i := range n {
		size, err := readLength(r, '$')
		if err != nil {
			return "", err
		}
		word := make([]byte, size+2)
		if _, err := io.ReadFull(r, word); err != nil {
			return "", err
		}
		if i == 0 {
			first = strings.ToLower(string(word[:size]))
		}
	}
	return first, nil
}

func readLength(r *bufio.Reader, kind byte) (int, error) {
	line, err := r.ReadString('\n')
	if err != nil || line[0] != kind {
		return 0, errors.Join(err, fmt.Errorf("line %q", line))
	}
	return strconv.Atoi(strings.TrimSpace(line[1:]))
}

// lossy passes everything on to a real server and back, but cuts the connection instead of passing on what lose picks.
func lossy(t *testing.T, server string, lose func(reply []byte) bool) (url string) {
	return "redis://" + listen(t, func(conn net.Conn) {
		up, err := net.Dial("tcp", server)
		if err != nil {
			return
		}
		defer up.Close()
		var requests sync.WaitGroup
		requests.Go(func() {
			_, _ = io.Copy(up, conn)
			_ = up.Close()
		})
		buf := make([]byte, 64<<10)
		for {
			n, err := up.Read(buf)
			if err != nil || lose(buf[:n]) {
				break
			}
			if _, err := conn.Write(buf[:n]); err != nil {
				break
			}
		}
		_ = conn.Close()
		requests.Wait()
	})
}
