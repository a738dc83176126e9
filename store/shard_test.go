package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// These numbers decide where everything stands. The first and the third are the first two outputs of
// Vigna's splitmix64.c for seed 0. They must never change.
func TestHashIsForEver(t *testing.T) {
	t.Parallel()
	got := map[uint64]uint64{}
	for _, n := range []uint64{0, 1, 0x9e3779b97f4a7c15, 777000, 1<<64 - 1} {
		got[n] = Hash(n)
	}
	want := map[uint64]uint64{
		0: 0xe220a8397b1dcdaf, 1: 0x910a2dec89025cc1, 0x9e3779b97f4a7c15: 0x6e789e6aa1b965f4, 777000: 0x503a2dc2f5126d03, 1<<64 - 1: 0xe4d971771b652c20,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("hashes (-want +got):\n%s", diff)
	}
}

func TestShardsAreForEver(t *testing.T) {
	t.Parallel()
	got := map[ChatID]Shard{}
	for _, chat := range []ChatID{0, 1, 2, 777000, 100000001, 5_000_000_000, -1, -1001234567890} {
		got[chat] = ShardOf(chat)
	}
	want := map[ChatID]Shard{0: 56, 1: 36, 2: 37, 777000: 20, 100000001: 25, 5_000_000_000: 18, -1: 57, -1001234567890: 12}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("shards (-want +got):\n%s", diff)
	}
}

func TestShardsAreEven(t *testing.T) {
	t.Parallel()
	const each = 1000
	var counts [Shards]int
	for chat := range ChatID(Shards * each) {
		counts[ShardOf(100_000_000+chat)]++
	}
	for s, n := range counts {
		if n < each*85/100 || n > each*115/100 {
			t.Errorf("shard %d has %d chats, the mean is %d", s, n, each)
		}
	}
}

func TestShardIsValid(t *testing.T) {
	t.Parallel()
	for s, want := range map[Shard]bool{0: true, 63: true, Global: true, Global + 1: false, 255: false} {
		if s.Valid() != want {
			t.Errorf("shard %d: got %t, want %t", s, !want, want)
		}
	}
}
