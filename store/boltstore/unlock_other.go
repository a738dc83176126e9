//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package boltstore

import "os"

// closeFile closes a file that bolt still has mapped into memory. Here the lock may last until the process ends.
func closeFile(f *os.File) error { return f.Close() }
