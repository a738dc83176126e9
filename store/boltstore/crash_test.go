package boltstore

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"recbot/store/storetest"
)

// These tell the test binary to be a child: one that writes until it is killed, or one that runs out of disk.
const (
	childFile = "BOLTSTORE_TEST_CHILD"
	childDisk = "BOLTSTORE_TEST_DISK"
)

func TestMain(m *testing.M) {
	var err error
	switch {
	case os.Getenv(childFile) != "":
		err = writeForEver(os.Getenv(childFile), os.Stdout)
	case os.Getenv(childDisk) != "":
		err = fillDisk(os.Getenv(childDisk))
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// writeForEver prints a line for each batch that was acknowledged.
func writeForEver(path string, out io.Writer) error {
	d, err := Open(path, Options{})
	if err != nil {
		return err
	}
	var mu sync.Mutex
	return storetest.Write(context.Background(), d, 16, func(writer, n int) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(out, writer, n)
	})
}

func TestNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "recbot.db")
	random := rand.New(rand.NewPCG(9, 9))
	acked := map[int]int{}
	for range 8 {
		runAndKill(t, path, 50+random.IntN(600), acked)
		d, err := Open(path, Options{})
		if err != nil {
			t.Fatalf("after kill -9: %v", err)
		}
		storetest.CheckWritten(t, d, acked)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// runAndKill runs a child until it has acknowledged so many batches, kills it, and enters what it printed to the very last.
func runAndKill(t *testing.T, path string, batches int, acked map[int]int) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childFile+"="+path)
	var complaints strings.Builder
	child.Stderr = &complaints
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := 0
	for scanner := bufio.NewScanner(out); scanner.Scan(); {
		var writer, n int
		if _, err := fmt.Sscan(scanner.Text(), &writer, &n); err != nil {
			continue // the line in which it died
		}
		acked[writer] = n
		if lines++; lines == batches {
			if err := child.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	_ = child.Wait() // it was killed, so it ends badly
	if lines < batches {
		t.Fatalf("the child ended by itself after %d batches: %s", lines, complaints.String())
	}
}
