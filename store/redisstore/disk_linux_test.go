package redisstore

import (
	"errors"
	"fmt"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"recbot/store"
	"recbot/store/storetest"
)

// The system refuses to let the server's file grow, as it would on a full disk, and then allows it again. Batches are refused
// whole, reads go on, and everything that was acknowledged is there, also after the server read its file anew.
func TestDiskFillsUp(t *testing.T) {
	t.Parallel()
	signal.Ignore(syscall.SIGXFSZ) // the server inherits that; it would end it otherwise
	server := storetest.StartRedis(t)
	d := opened(t, server.URL(), Options{})
	value := strings.Repeat("x", store.MaxValue)
	write := func(n int) error {
		_, err := d.Apply(t.Context(), 1, store.Batch{Do: []store.Mutation{
			store.Put(fmt.Sprint("d", n), []byte(value), 0), store.Add("i", fmt.Sprint(n)),
		}})
		return err
	}
	acked := 0
	limitFiles(t, server, 4*store.MaxValue)
	eventually(t, func() error {
		err := write(acked)
		if err == nil {
			acked++
			return fmt.Errorf("%d batches were taken", acked)
		}
		if !errors.Is(err, store.ErrFull) {
			t.Fatalf("got %v, want ErrFull", err)
		}
		return nil
	})
	docs, err := d.Get(t.Context(), 1, fmt.Sprint("d", acked), "d0")
	if err != nil || docs[0].Rev != 0 || docs[1].Rev == 0 {
		t.Errorf("what was refused is there: %t, what was taken: %t, %v", docs[0].Rev != 0, docs[1].Rev != 0, err)
	}
	limitFiles(t, server, 1<<40)
	eventually(t, func() error { return write(acked) })
	acked++
	server.Kill()
	server.Start()
	server.Ready()
	eventually(t, func() error {
		members, _, err := d.Members(t.Context(), 1, "i", "", 1000)
		if err == nil && len(members) != acked {
			t.Fatalf("%d batches are there, want %d", len(members), acked)
		}
		return err
	})
}

// limitFiles sets how large a file of the server may become, in bytes.
func limitFiles(t *testing.T, server *storetest.Server, most uint64) {
	t.Helper()
	limit := syscall.Rlimit{Cur: most, Max: 1 << 40}
	info := fmt.Sprint(server.Do("INFO", "server"))
	_, rest, _ := strings.Cut(info, "process_id:")
	pid, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(rest, "\r\n", 2)[0]))
	if err != nil {
		t.Fatal(err)
	}
	_, _, failed := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), syscall.RLIMIT_FSIZE, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if failed != 0 {
		t.Fatalf("limiting the files of the server: %v", failed)
	}
}
