package storetest

import (
	"os"
	"runtime"
	"syscall"
	"testing"
)

// AsNobody runs something without the rights of root, which may write everywhere. The thread is not given back, so that
// no other goroutine gets it.
func AsNobody(t testing.TB, run func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if err := syscall.Setfsuid(65534); os.Geteuid() == 0 && err != nil {
			t.Errorf("becoming nobody: %v", err)
			return
		}
		run()
	}()
	<-done
}
