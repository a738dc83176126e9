package boltstore

import (
	"fmt"
	"os"
	"path/filepath"

	"recbot/store"
)

// leastRoom is the least that should be free on the disk.
const leastRoom = 64 << 20

// tellRoom enters how much the file may still grow. A nightly copy needs as much as the file, so less than that is little.
// What the system does not tell stays unknown.
func (d *DB) tellRoom(info *store.Info) {
	stat, err := os.Stat(d.path)
	if err != nil {
		return
	}
	free, err := freeOnDisk(filepath.Dir(d.path))
	if err != nil {
		return
	}
	info.Tight = free < max(leastRoom, stat.Size())
	if limit := d.opt.MaxSize; limit > 0 && limit-stat.Size() < free {
		free = max(0, limit-stat.Size())
		info.Tight = info.Tight || free <= limit/10
	}
	info.Free = free
	if info.Tight {
		info.Warnings = append(info.Warnings, fmt.Sprintf("there is little room: %d MiB are free", free>>20))
	}
}
