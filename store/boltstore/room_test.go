package boltstore

import (
	"slices"
	"testing"
)

func TestInfoTellsOfLittleRoom(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		limit int64
		tight bool
	}{
		{"a file that may grow for long", 1 << 40, false},
		{"a file that may hardly grow", 1, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := opened(t, Options{})
			d.opt.MaxSize = tc.limit
			info, err := d.Info(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if free, err := freeOnDisk(t.TempDir()); err != nil || free < 2*leastRoom {
				t.Skipf("LOUD: the disk has %d bytes left (%v), so this cannot be tested here", free, err)
			}
			warned := slices.Contains(info.Warnings, "there is little room: 0 MiB are free")
			if info.Tight != tc.tight || warned != tc.tight || info.Free <= 0 != tc.tight {
				t.Errorf("%+v, want it tight: %t", info, tc.tight)
			}
		})
	}
}
