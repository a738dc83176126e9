//go:build linux || darwin

package boltstore

import "syscall"

// freeOnDisk gives the bytes that are free for us on the disk of a folder.
func freeOnDisk(folder string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
