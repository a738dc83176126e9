package redisstore

import (
	"slices"
	"testing"
)

func TestRoom(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name        string
		limit, used string
		free        int64
		tight       bool
	}{
		{"no limit but the machine's", "0", "5000000", 0, false},
		{"not told", unknown, unknown, 0, false},
		{"half of it is free", "104857600", "52428800", 52428800, false},
		{"a twentieth is free", "104857600", "99614720", 5242880, true},
		{"more is used than may be", "104857600", "104857601", 0, true},
	} {
		f := facts{"maxmemory": tc.limit, "used_memory": tc.used, "redis_version": "7.4.0"}
		free, tight := f.room()
		warned := slices.ContainsFunc(f.warnings(), func(w string) bool { return w[:min(len(w), 8)] == "there is" })
		if free != tc.free || tight != tc.tight || warned != tc.tight {
			t.Errorf("%s: %d free, tight %t, warned %t; want %d and %t", tc.name, free, tight, warned, tc.free, tc.tight)
		}
	}
}
